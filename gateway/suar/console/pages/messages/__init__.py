"""The pages about messages: reading and answering, writing, releasing, delivery, recalling.

Imports registry, where pages are declared, and what every page imports.
"""

from suar.console.pages.messages import (
    approve,
    draft,
    export,
    inbox,
    message,
    proposals,
    recall,
    review,
    sent,
    table,
    write,
)

__all__ = ["approve", "draft", "export", "inbox", "message", "proposals", "recall", "review", "sent", "table", "write"]

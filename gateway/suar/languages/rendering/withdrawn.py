"""The text that a gateway writes into a recall, in the reader's language: it is the same for every message.

A text of a person is shown as it was written.
"""

from collections.abc import Mapping
from typing import Any, Final

from suar.languages.catalogue import Catalogue
from suar.protocol.authoring.withdrawal import is_own_text

DEADLINE: Final = frozenset({"ack_within"})
REQUEST: Final = frozenset({"request"})


def of_withdrawal(message: Mapping[str, Any] | None, catalogue: Catalogue) -> tuple[str, str] | None:
    """Return title and summary of a recall that has only the gateway's text; None for any other message."""
    texts = (message or {}).get("text")
    if message is None or message.get("action") != "cancel" or not isinstance(texts, list) or len(texts) != 1:
        return None
    text, id_ = texts[0], str(message.get("id", ""))
    if not isinstance(text, Mapping) or not is_own_text(text.get("lang"), text.get("title"), text.get("summary"), id_):
        return None
    return catalogue.phrase("withdrawn-title", id=id_), catalogue.phrase("withdrawn-summary")


def kept_for_form(message: Mapping[str, Any]) -> frozenset[str]:
    """Return the fields of a recall that only keep the form of the message: it is to be answered by nobody, so it has
    no time for an answer, and what the gateway writes as its request asks for nothing.
    """
    if message.get("action") != "cancel":
        return frozenset()
    texts = message.get("text")
    first = texts[0] if isinstance(texts, list) and len(texts) == 1 else None
    is_own = isinstance(first, Mapping) and is_own_text(
        first.get("lang"), first.get("title"), first.get("summary"), str(message.get("id", ""))
    )
    return DEADLINE | REQUEST if is_own else DEADLINE


def has_figures(message: Mapping[str, Any]) -> bool:
    """Whether the observations of a message are figures; those of a recall only keep the form of the message."""
    cells = message.get("obs")
    if message.get("action") != "cancel" or not isinstance(cells, list):
        return True
    return any(isinstance(cell, Mapping) and cell.get("value") is not None for cell in cells)

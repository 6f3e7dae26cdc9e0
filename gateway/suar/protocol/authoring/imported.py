"""The mark of a draft that was made from a file of others.

`suar import cap` and `suar import stix` write `"imported": "cap"` (or `"stix"`) into the draft. It is a field of drafts
alone: it is taken off before the message is made, so no message has it and the standard does not change. Whichever way
the draft is handed in, its message then waits for a second person (privacy/imported.py).
"""

from typing import Any, Final

from msgspec import UNSET

from suar.protocol.base.reasons import Reason
from suar.protocol.base.sentences import sentence

FIELD: Final = "imported"
FORMATS: Final = ("cap", "stix")
PATH: Final = f"$.{FIELD}"


def pop_mark(tree: dict[str, Any]) -> tuple[str, Reason | None]:
    """The format that a draft was imported from ("": none), taken off it; a reason when its mark is no format.

    A draft with a mark counts as imported whatever the mark says.
    """
    mark = tree.pop(FIELD, UNSET)
    if mark is UNSET:
        return "", None
    if mark in FORMATS:
        return str(mark), None
    text, hint = sentence("the mark of an import is not a format"), sentence("leave it as the import wrote it")
    return FORMATS[0], Reason.of("E-MESSAGE-CODE", None, PATH, text, hint)

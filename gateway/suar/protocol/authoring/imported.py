"""The mark of a draft that was imported from a file in another format.

`suar import cap` and `suar import stix` write `"imported": "cap"` (or `"stix"`) into the draft. The field exists in
drafts only: it is removed before the message is completed, so it is not part of the standard. The message is then held
for a second person, whichever command or call submitted the draft (privacy/imported.py).
"""

from typing import Any, Final

from msgspec import UNSET

from suar.protocol.base.reasons import Reason
from suar.protocol.base.sentences import sentence

FIELD: Final = "imported"
FORMATS: Final = ("cap", "stix")
PATH: Final = f"$.{FIELD}"


def pop_mark(tree: dict[str, Any]) -> tuple[str, Reason | None]:
    """Remove the mark and return the draft's import format ("" if none), with a reason if the mark is not a known
    format.

    A draft with any mark counts as imported.
    """
    mark = tree.pop(FIELD, UNSET)
    if mark is UNSET:
        return "", None
    if mark in FORMATS:
        return str(mark), None
    text, hint = sentence("the mark of an import is not a format"), sentence("leave it as the import wrote it")
    return FORMATS[0], Reason.of("E-MESSAGE-CODE", None, PATH, text, hint)

"""Stored messages as JSON values: whole, and as a list shows them.

What a list shows of a message is read once and kept in memory for the next list. It depends on the row alone, and never
on the reader. The policy decides for each reader, each time.
"""

import json
from operator import attrgetter
from typing import Any, Final, NamedTuple

from msgspec.structs import replace
from sqlalchemy import Connection

from suar.protocol.authoring.english import rendered
from suar.protocol.base.errors import Fault
from suar.protocol.message import messages as standard
from suar.protocol.message.marking import Marking, head, marking_of_tree
from suar.protocol.policy.decision import decide
from suar.protocol.policy.restrictions import Reader
from suar.service.core.altered_rows import is_destroyed, open_row
from suar.service.core.core import Core
from suar.store.messages import markings
from suar.store.messages.rows import BOUND, AlteredRow

_WRITTEN: Final = attrgetter("n", "id", "rev", *(column.name for column in BOUND), "body_key", "body")
"""What decides the text of a row: everything that its body is bound to, the salt of its key, and the sealed body."""
_LISTED: Final = ("action", "sent", "ack_within")


class ListedText(NamedTuple):
    """What lists show of a text: `tree` has the members `action`, `sent`, `ack_within` and `text`, of that the titles.

    `marking`: what the policy is asked about.
    """

    tree: dict[str, Any]
    marking: Marking | None


class ListReader:
    """The policy's decisions for one reader of one list: each marking is decided once."""

    def __init__(self, reader: Reader) -> None:
        self._reader, self._known = reader, dict[Marking | None, bool]()

    def may_see(self, row: Any, text: ListedText | None) -> bool:
        """Return whether the reader may see a stored message; `text` is None if it was destroyed."""
        marking = head(row.kind, row.origin, row.realm) if text is None else text.marking
        known = self._known.get(marking)
        if known is None:
            known = self._known[marking] = decide(marking, self._reader).is_allowed
        return known


def stored_marking(core: Core, connection: Connection, row: Any) -> Marking | None:
    """The marking of a row with its body, also of a destroyed one; None where it is not known."""
    try:
        data = None if row.body is None else open_row(core, row)
    except AlteredRow:  # the next check reports it
        data = None
    if data is not None:
        return marking_in(data)
    try:
        return markings.find(connection, core.vault, row.id, row.rev)
    except Fault:  # altered; the check of the protected tables reports it
        return None


def could_read_recalled(core: Core, connection: Connection, reader: Reader, cancel: Any) -> bool | None:
    """Whether the reader could read, when it came, the newest revision that a cancel recalls; None if that is not
    known.

    What the publisher wrote as the reason is about that revision, and the cancel itself is for everybody who may hold
    one of them. Of our focal point always True.
    """
    if reader.is_focal_point:
        return True
    recalled = markings.recalled(connection, cancel.id, cancel.rev)
    marking = None if recalled is None else stored_marking(core, connection, recalled)
    if recalled is None or marking is None:
        return None
    return decide(marking, replace(reader, now=recalled.at)).is_allowed


def may_see_reason(core: Core, connection: Connection, reader: Reader, row: Any) -> bool:
    """Whether a reader who may read the row may be shown the reason in it, if it is a cancel."""
    return row.action != "cancel" or could_read_recalled(core, connection, reader, row) is True


def listed_text(core: Core, row: Any, turn: int) -> ListedText | None:
    """Return what lists show of a stored message, for any thread; None if its text is destroyed. Raises AlteredRow, and
    Unreadable where this version cannot read it.

    `turn` is that of `core.listed_texts` from before the view of the store that is read.
    """
    if row.body is None or is_destroyed(core, row):
        return None
    key = _WRITTEN(row)
    known: ListedText | None = core.listed_texts.find(key)
    if known is None:
        data = open_row(core, row)
        if data is None:
            return None
        known = _listed(tree_of(data))
        core.listed_texts.keep(key, known, len(row.body) + len(data), turn)
    return known


def _listed(tree: dict[str, Any]) -> ListedText:
    shown = {name: tree[name] for name in _LISTED if name in tree}
    titles = [{"lang": each["lang"], "title": each["title"]} for each in tree["text"]]
    return ListedText(shown | {"text": titles}, marking_of_tree(tree))


def tree_of(data: bytes) -> dict[str, Any]:
    """Return a message as JSON values for display; texts marked as generated are generated again from the codes.

    Fields of a later minor version are not shown, but stay in the store (messages.md section 5). Raises Unreadable for
    a message of either sort that this version cannot read.
    """
    tree: dict[str, Any] = json.loads(data)
    is_newer = standard.is_higher_minor(tree["schema"])
    if not is_newer and not any("generated" in text for text in tree.get("text", ())):
        return tree
    message = standard.read_stored(data)
    own = message if isinstance(message, standard.Receipt) else rendered(message)
    shown: dict[str, Any] = json.loads(standard.encode(own))
    return shown if is_newer else tree | {"text": shown["text"]}


def marking_in(data: bytes) -> Marking | None:
    """Return the marking of a message, also of one that this version cannot read."""
    try:
        return marking_of_tree(tree_of(data))
    except standard.Unreadable:
        return marking_of_tree(json.loads(data))

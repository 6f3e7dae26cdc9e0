"""What counts of a file of a log that somebody wrote into: the lines up to the last head by a key that counts.

Rows behind that head, and heads by other keys, can be written by anybody who passes the file on. So only what counts
can contradict the log; the rest is a fault of the file, which is named as such.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from suar.protocol.base.errors import Fault

if TYPE_CHECKING:
    from suar.protocol.files.auditlog import BrokenLog, LogSummary, SignedHead, Title

    Counting = Callable[[Title, Sequence[SignedHead]], Collection[str]]
    """Returns the keys (kids in hex) among those of some heads whose heads count."""

HEADS_MAX: Final = 10_000
"""Heads of a file that is not as a gateway writes it whose signatures are verified, from its end: about a second."""
_HEAD: Final = b'{"head"'
_ANOTHER: Final = "ask the member for another export, and compare the two"


def file_fault(broken: "BrokenLog", lines: Iterable[bytes], counting: "Counting") -> Fault:
    """Return the error for a file that is not as a gateway writes it: what counts may be as it was signed."""
    part = signed_part(list(lines), counting)
    if part is None:
        text = f"this file is not as it was written: {broken.text}; whoever passed it on may have changed it"
        return Fault(text, "compare it with an earlier export")
    text = f"lines 1 to {part.signed} of this file are as a key that counts signed them; another part of it is not as a"
    return Fault(f"{text} gateway writes it, which says nothing of the log: {rest_text(broken)}", _ANOTHER)


def rest_text(broken: "BrokenLog") -> str:
    """Return what is wrong with the rows of a file that do not count."""
    return f"{broken.text} (no head that counts signs this: anybody may have written it)"


def signed_part(lines: Sequence[bytes], counting: "Counting") -> "LogSummary | None":
    """Return the log up to the last head that counts, without the heads that do not; None if there is none that counts,
    or if this part is not as it was signed.
    """
    from suar.protocol.files import auditlog

    rows = [row for row in lines if row.strip()]
    try:
        title = auditlog.decode(1, rows[0] if rows else b"")
        if not isinstance(title, auditlog.Title):
            return None
        heads = _valid_heads(title, rows)
        kids = counting(title, list(heads.values()))
        counted = {at: head for at, head in heads.items() if head.kid in kids}
        if not counted:
            return None
        last = max(counted, key=lambda at: (counted[at].head, -at))
        kept = [row for at, row in enumerate(rows[: last + 1]) if at in counted or not row.startswith(_HEAD)]
        return auditlog.verify(auditlog.records(kept))
    except (auditlog.BrokenLog, Fault):
        return None


def _valid_heads(title: "Title", rows: Sequence[bytes]) -> "dict[int, SignedHead]":
    """Return the last HEADS_MAX heads whose key signed them, by the position of their row: the first of equal rows."""
    from suar.protocol.files import auditlog

    first = {row: at for at, row in reversed(list(enumerate(rows))) if row.startswith(_HEAD)}
    found = dict[int, auditlog.SignedHead]()
    for row, at in sorted(first.items(), key=itemgetter(1))[-HEADS_MAX:]:
        with suppress(auditlog.BrokenLog):
            head = auditlog.decode(at + 1, row)
            if isinstance(head, auditlog.SignedHead):
                auditlog.check_signature(title, head, None)
                found[at] = head
    return found


def lines_before(rows: Sequence[bytes], count: int) -> Sequence[bytes]:
    """Return the title and the first lines of a log, so many, without its heads."""
    return [row for row in rows if row.strip() and not row.startswith(_HEAD)][: count + 1]

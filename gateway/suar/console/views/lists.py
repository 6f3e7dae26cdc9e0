"""Rows of the inbox and of sent messages, in the order in which they are shown."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from markupsafe import escape
from msgspec import Struct

from suar.languages.rendering.unseen import visible_text
from suar.protocol.authoring.blank import is_blank
from suar.protocol.authoring.withdrawal import CANCELLED
from suar.protocol.base.exercise import is_exercise
from suar.protocol.base.instants import milliseconds
from suar.protocol.base.stages import BY_PERSON

ALERT: Final = "alert"
LIST_BYTES: Final = 135_000
"""Bytes of the rows of a list, as HTML."""
_ROW_BYTES: Final = 800
_MARKED_BYTES: Final = 400


class Row(Struct, frozen=True):
    """One message of a list; times in ms. `answer`: our latest stage. `is_open`: an answer is expected."""

    id: str
    rev: int
    kind: str
    origin: str
    title: str
    lang: str
    urgency: str
    state: str
    tlp: str
    received: int
    answer: str
    by: str
    acknowledge_by: int | None
    is_open: bool
    is_late: bool
    is_exercise: bool = False


class Group(Struct, frozen=True):
    """Rows under the key of a heading."""

    key: str
    rows: tuple[Row, ...]


class Deadline(NamedTuple):
    """Until when an answer is expected (ms), None for never; whether it still is, and is late."""

    until: int | None
    is_open: bool
    is_late: bool


def deadline(found: Mapping[str, Any], now: int) -> Deadline:
    """Return the deadline of a row of the facade."""
    by = found["acknowledge_by"]
    if by is None:
        return Deadline(None, is_open=False, is_late=False)
    until = milliseconds(by)
    is_open = found["state"] == "current" and (found["answer"] or {}).get("stage") not in BY_PERSON
    return Deadline(until, is_open, is_open and until < now)


def row(found: Mapping[str, Any], now: int) -> Row:
    """Return the row of a row of the facade."""
    answer, due = found["answer"] or {}, deadline(found, now)
    return Row(
        found["id"], found["rev"], found["kind"], found["origin"], _title(found),
        found["title_lang"] or "en", found["urgency"] or "", found["state"], found["tlp"],
        milliseconds(found["received"]), answer.get("stage", ""), answer.get("by", ""), due.until,
        due.is_open, due.is_late, is_exercise(found["status"]),
    )  # fmt: skip


def groups(rows: Sequence[Row], over: Sequence[Row]) -> tuple[Group, ...]:
    """Return late answers, expected answers, other alerts, other kinds, and messages no longer in force; without empty
    groups.
    """
    late = [each for each in rows if each.is_late]
    waits = [each for each in rows if each.is_open and not each.is_late]
    rest = [each for each in rows if not each.is_open]
    found = (
        ("list-late", late), ("list-waits", waits),
        ("list-alerts", [each for each in rest if each.kind == ALERT]),
        ("list-others", [each for each in reversed(rest) if each.kind != ALERT]),
        ("list-over", list(reversed(over))),
    )  # fmt: skip
    return tuple(Group(key, tuple(each)) for key, each in found if each)


def fitting(found: Sequence[Group]) -> tuple[tuple[Group, ...], int]:
    """Return the first rows that fit into a page, and how many are left out."""
    made, left, left_out = list[Group](), LIST_BYTES, 0
    for group in found:
        rows = list[Row]()
        for each in group.rows:
            left -= _weight(each) if left > 0 else 0
            if left > 0:
                rows.append(each)
        left_out += len(group.rows) - len(rows)
        made += [Group(group.key, tuple(rows))] if rows else []
    return tuple(made), left_out


def _weight(row: Row) -> int:
    """Return an upper limit of the bytes of HTML, in every language."""
    is_marked = row.is_open or row.urgency == "immediate"
    return _ROW_BYTES + (_MARKED_BYTES if is_marked else 0) + len(escape(row.title or row.id).encode())


def unmuted(rows: Iterable[Row], mutes: Collection[tuple[str, str]]) -> list[Row]:
    """Return rows without those of a muted (kind, member); immediate ones and those with a late answer always stay."""
    return [
        each for each in rows if (each.kind, each.origin) not in mutes or each.urgency == "immediate" or each.is_late
    ]


def search(rows: Iterable[Row], text: str) -> list[Row]:
    """Return rows whose id or title has every word of the text."""
    words = text.casefold().split()
    return [each for each in rows if all(word in f"{each.id} {each.title}".casefold() for word in words)]


class SentRow(Struct, frozen=True):
    """A message of ours; times in ms. `counts`: see service/status/sent.py."""

    id: str
    rev: int
    kind: str
    title: str
    lang: str
    urgency: str
    state: str
    tlp: str
    sent: int
    n: int
    acknowledge_by: int | None
    counts: dict[str, int]


def sent_row(found: Mapping[str, Any]) -> SentRow:
    """Return the row of a row of the facade."""
    by = found["acknowledge_by"]
    return SentRow(
        found["id"], found["rev"], found["kind"], _title(found), found["title_lang"] or "en",
        found["urgency"] or "", found["state"], found["tlp"], milliseconds(found["sent"]), found["n"],
        None if by is None else milliseconds(by), found["counts"],
    )  # fmt: skip


def _title(found: Mapping[str, Any]) -> str:
    """Return the title of a message; "" if nothing of it may be shown: its id replaces it, also of a recall.

    What the gateway writes as the title of a recall is English, and says no more than the state beside it.
    """
    title = found["title"] or ""
    title = "" if title == f"{CANCELLED}: {found['id']}" else title
    return "" if is_blank(title) else visible_text(title)

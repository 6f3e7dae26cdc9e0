"""The periods in which figures of a released table may change, so that the date of a change discloses nothing.

A revision on the day when a case is closed would disclose the case. Revisions are therefore sent in the first two weeks
of a quarter, whether in an update or in a new message that gives another number than a table in force shows. At other
times a message can be cancelled and published again.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Final

from suar.protocol.base.reasons import Reason
from suar.protocol.base.sentences import Sentence, sentence
from suar.protocol.message.kinds import Trend
from suar.protocol.privacy import limits
from suar.protocol.privacy.proof.cells import Cell, Sheet, cell_of, sheet_of
from suar.protocol.privacy.proof.ledger import SHOWN, Released
from suar.protocol.privacy.tables.implied import known_to_readers, moves

CODE: Final = "E-PRIVACY-REVISION"
NAMED: Final = 5  # maximum number of messages that a reason names
Changes = tuple[tuple[int, tuple[str, ...]], ...]
"""The indexes of the observations that change a shown count, each with the ids of the messages that show it."""
MONTHS: Final = (1, 4, 7, 10)
LAST_DAY: Final = 14


def _day(now: int) -> date:
    return datetime.fromtimestamp(now / 1000, UTC).date()


def is_open(now: int) -> bool:
    """Whether revisions of figures may be sent at this time (ms)."""
    today = _day(now)
    return today.month in MONTHS and today.day <= LAST_DAY


def next_open(now: int) -> tuple[date, date]:
    """Return the first and last day of the next period in which revisions may be sent."""
    today = _day(now)
    month = next((month for month in MONTHS if month > today.month), None)
    first = date(today.year, month, 1) if month else date(today.year + 1, MONTHS[0], 1)
    return first, first.replace(day=LAST_DAY)


def changed(trend: Trend, released: Released) -> Iterator[int]:
    """Yield the indexes of observations that change the last shown value of a count.

    They name the count, its parts, or a sum that contains it (implied.py). What is no change if `other` is an ordinary
    code is none here.
    """
    by_name = {at for known in known_to_readers(trend, released) for at, _ in _changed_by_name(trend, known)}
    yield from sorted(by_name.union(*(move.at for move in moves(trend, released) if not move.may_be_code)))


def changes_in_force(trend: Trend, tables: Sequence[Trend]) -> Changes:
    """Return what a trend changes of the counts that tables in force, oldest first, show as they were sent.

    Of several that show a cell to one of the trend's readers the newest counts; all that show another value are named.
    """
    found: dict[int, tuple[str, ...]] = dict(_changes(trend, tables))
    if limits.is_open(trend.tlp):
        found |= dict(_changes(trend, [table for table in tables if limits.is_open(table.tlp)]))
    return tuple(sorted(found.items()))


def _changes(trend: Trend, tables: Sequence[Trend]) -> Iterator[tuple[int, tuple[str, ...]]]:
    shown: dict[tuple[Sheet, Cell], dict[str, int]] = {}
    for table in tables:
        for item in table.obs:
            if item.value is not None:
                values = shown.setdefault((sheet_of(table, item), cell_of(item)), {})
                values[table.id] = item.value
    for at, item in enumerate(trend.obs):
        values = shown.get((sheet_of(trend, item), cell_of(item)), {})
        if item.value is not None and values and [*values.values()][-1] != item.value:
            yield at, tuple(id_ for id_, value in values.items() if value != item.value)


def reasons(trend: Trend, released: Released, changes: Changes, now: int, k: int) -> Iterator[Reason]:
    """Yield the reasons against the figures of a trend outside the fixed dates.

    `released`: what an update is compared with. `changes`: those of a new message (`changes_in_force`).
    """
    if trend.action == "new":
        for at, messages in changes:
            yield Reason.of(CODE, None, f"$.obs[{at}].value", *_texts_of_new(messages[-NAMED:], now, k))
    elif trend.action == "update":
        for at, text, hint in texts_of_changes(trend, released, now, k):
            yield Reason.of(CODE, None, f"$.obs[{at}].value", text, hint)


def _texts_of_new(messages: Sequence[str], now: int, k: int) -> tuple[Sentence, Sentence]:
    first, last = map(str, next_open(now))
    named = ", ".join(messages)
    text = sentence("another number was shown in {messages}, and today is not one of the fixed dates", messages=named)
    hint = sentence(
        "hand it in from {first} to {last}; or cancel {messages} and publish this instead. A number that differs "
        "from the released one by fewer than {k} leaves hidden in both",
        first=first, last=last, messages=named, k=k,
    )  # fmt: skip
    return text, hint


def texts_of_changes(trend: Trend, released: Released, now: int, k: int) -> Iterator[tuple[int, Sentence, Sentence]]:
    """Yield (index, message, hint) of each observation that `changed` names, for an update outside the fixed dates.

    A number that differs from the one shown by less than k leaves hidden on these dates too, and in a new message.
    """
    first, last = map(str, next_open(now))
    text = sentence("a revision changes a count that was shown, and is not of one of the fixed dates")
    hint = sentence(
        "hand it in from {first} to {last}; or cancel the message and publish it anew", first=first, last=last
    )
    hidden = sentence(
        "leave it out, which takes the released number back at once; the right number leaves hidden, in an update from "
        "{first} to {last} as in a message published anew, while it differs from the released one by fewer than {k}",
        first=first, last=last, k=k,
    )  # fmt: skip
    known_to_each = known_to_readers(trend, released)
    little = {at for known in known_to_each for at, by in _changed_by_name(trend, known) if abs(by) < k}
    for at in changed(trend, released):
        yield at, text, hidden if at in little else hint


def _changed_by_name(trend: Trend, released: Released) -> Iterator[tuple[int, int]]:
    """Yield the index of each observation that changes a shown value, and by how much."""
    last: dict[tuple[Sheet, Cell], int | None] = {}
    for sheet, releases in released.items():
        for fact in (fact for release in releases for fact in release.facts if fact.mark == SHOWN):
            last[sheet, fact.cell] = fact.value
    for at, item in enumerate(trend.obs):
        before = last.get((sheet_of(trend, item), cell_of(item)), item.value)
        if item.value is not None and before is not None and item.value != before:
            yield at, item.value - before

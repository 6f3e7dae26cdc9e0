"""The inbox as a list, read by the index `message_inbox`: first the next row numbers, then their rows without frames.

The index has one run of row numbers for each existing realm, origin, kind and lane, one or two hundred. A page merges
the first numbers of the requested runs, so it costs the same in a store of a thousand messages and of a million,
whoever sent them.
"""

import heapq
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Integer, Row, and_, bindparam, or_, select, update

from suar.store import tables as t
from suar.store.engine.prepared import Lookup, Prepared
from suar.store.messages.rows import LEAN
from suar.store.messages.urgency import Selection
from suar.store.tables.columns import octets

BYTES: Final = 4 * 1024 * 1024  # of bodies in memory at once

m = t.message


class Run(NamedTuple):
    """One run of the index."""

    realm: str
    origin: str
    kind: str
    lane: int


_RUN: Final = (m.c.realm, m.c.origin, m.c.kind, m.c.lane)
_NAMES: Final = Run._fields
_IN_RUN: Final = and_(*(column == bindparam(name) for column, name in zip(_RUN, _NAMES, strict=True)))
_IN_FORCE: Final = and_(m.c.expires > bindparam("now"), m.c.action != "cancel")
_STEPS: Final = tuple(
    Prepared(
        select(*_RUN)
        .where(*(_RUN[at] == bindparam(_NAMES[at]) for at in range(last)), _RUN[last] > bindparam(_NAMES[last]))
        .order_by(*_RUN)
        .limit(1)
    )
    for last in reversed(range(len(_RUN)))
)
"""Return the next lane of a kind, else the next kind of an origin, and so on, in one step each.

A comparison of all four columns would read every row of a realm.
"""


def _numbers(*conditions: Any, newest: bool = False) -> Prepared:
    order = m.c.n.desc() if newest else m.c.n
    return Prepared(select(m.c.n).where(_IN_RUN, *conditions).order_by(order).limit(bindparam("limit")))


_HAS_NUMBER: Final = m.c.n.between(1, bindparam("last"))
_NEWEST: Final = {
    None: _numbers(_HAS_NUMBER, newest=True),
    True: _numbers(_HAS_NUMBER, _IN_FORCE, newest=True),
    False: _numbers(_HAS_NUMBER, ~_IN_FORCE, newest=True),
}
_IS_AFTER: Final = and_(m.c.n > bindparam("after"), m.c.n <= bindparam("last"))
_AFTER: Final = {
    None: _numbers(_IS_AFTER),
    True: _numbers(_IS_AFTER, _IN_FORCE),
    False: _numbers(_IS_AFTER, ~_IN_FORCE),
}
"""Conditions by whether a message is in force: None for either."""


def received(
    connection: Connection, selection: Selection, after: int | None, limit: int, in_force: bool | None, now: int,
    last: int,
) -> list[int]:  # fmt: skip
    """Return row numbers up to `last` in the order of arrival, after `after`; the newest `limit` when it is None."""
    found = []
    for run in runs(connection, selection):
        values = {**run._asdict(), "limit": limit, "last": last} | ({} if in_force is None else {"now": now})
        if after is None:
            rows = _NEWEST[in_force].rows(connection, **values)
        else:
            rows = _AFTER[in_force].rows(connection, **values, after=after)
        found += [row.n for row in rows]
    return sorted(heapq.nlargest(limit, found) if after is None else heapq.nsmallest(limit, found))


def newest_before(connection: Connection, selection: Selection, limit: int, last: int) -> list[int]:
    """Return the newest `limit` row numbers up to `last`, the newest first."""
    found: list[int] = []
    for run in runs(connection, selection):
        found += [row.n for row in _NEWEST[None].rows(connection, **run._asdict(), limit=limit, last=last)]
    return heapq.nlargest(limit, found)


def by_urgency(
    connection: Connection, selection: Selection, after: tuple[int, int], limit: int, in_force: bool | None, now: int,
    last: int,
) -> list[int]:  # fmt: skip
    """Return row numbers up to `last` from the most urgent lane on, after a position (lane, row number)."""
    lanes: dict[int, list[int]] = {}
    for run in runs(connection, selection):
        if run.lane < after[0]:
            continue
        values = {**run._asdict(), "limit": limit, "last": last} | ({} if in_force is None else {"now": now})
        after_row = after[1] if run.lane == after[0] else 0
        rows = _AFTER[in_force].rows(connection, **values, after=after_row)
        lanes.setdefault(run.lane, []).extend(row.n for row in rows)
    return list(islice((n for lane in sorted(lanes) for n in sorted(lanes[lane])), limit))


def runs(connection: Connection, selection: Selection) -> Iterator[Run]:
    """Return the existing runs that are requested, each found by one step in the index."""
    run = _next_run(connection, Run("", "", "", -1))
    while run is not None:
        if _is_wanted(selection, run):
            yield run
        run = _next_run(connection, run)


def _next_run(connection: Connection, run: Run) -> Run | None:
    for step in _STEPS:
        if rows := step.rows(connection, **run._asdict()):
            return Run(*rows[0])
    return None


def _is_wanted(selection: Selection, run: Run) -> bool:
    named = ((selection.kind, run.kind), (selection.origin, run.origin), (selection.realm, run.realm))
    return all(wanted in (None, value) for wanted, value in named) and run.origin != selection.not_origin


_NEXT: Final = Prepared(select(m.c.n).where(m.c.n > bindparam("after")).order_by(m.c.n).limit(bindparam("limit")))
VALUE_MAX: Final = 8 * 1024 * 1024  # bytes of a value in a row; those of messages are below 2 MiB
_IS_LARGE: Final = or_(*(octets(column) > VALUE_MAX for column in m.c if not isinstance(column.type, Integer)))
_SIZES: Final = Lookup(m.c.n, octets(m.c.body).label("size"), _IS_LARGE.label("is_large"))
_ID_MAX: Final = 48  # characters
_LARGE: Final = Prepared(select(m.c.n).where(_IS_LARGE).limit(64))
_ROWS: Final = Lookup(m.c.n, *(column for column in LEAN if column.name != "n"))


def next_numbers(connection: Connection, after: int, limit: int) -> list[int]:
    """Return the next row numbers of all messages after `after`."""
    return [row.n for row in _NEXT.rows(connection, after=after, limit=limit)]


def large(connection: Connection, numbers: Sequence[int]) -> list[int]:
    """Return those of these rows that have a value above VALUE_MAX, which no message has and SQLite may not return."""
    return [row.n for row in _SIZES.rows(connection, numbers) if row.is_large]


def any_large(connection: Connection) -> list[int]:
    """Return some of the rows with such a value; reads all rows: only where reading failed."""
    return [row.n for row in _LARGE.rows(connection)]


def name_at(connection: Connection, n: int) -> str:
    """Return the id and revision of the row of that number, which somebody else wrote; its number if that is none."""
    row = connection.execute(select(m.c.id, m.c.rev).where(m.c.n == n)).first()
    return f"{row.id} {row.rev}" if row is not None and isinstance(row.id, str) and len(row.id) <= _ID_MAX else str(n)


def empty(connection: Connection, n: int) -> None:
    """Remove the values of a row of ours that this gateway did not write, and which make its readers fail."""
    connection.execute(update(m).where(m.c.n == n).values(body=None, frame=None, readers=""))


def pages(connection: Connection, numbers: Sequence[int]) -> Iterator[list[Row[Any]]]:
    """Yield the rows of these numbers in their order, without kept frames and without rows that are `large`; about
    BYTES of bodies at once, one row or more.
    """
    for part in _parts(connection, numbers):
        rows = _ROWS.find(connection, part)
        yield [rows[n] for n in part if n in rows]


def _parts(connection: Connection, numbers: Sequence[int]) -> Iterator[list[int]]:
    """Return the numbers up to BYTES of bodies."""
    for first in range(0, len(numbers), 500):
        some = numbers[first : first + 500]
        sizes = {row.n: row.size for row in _SIZES.rows(connection, some) if not row.is_large}
        part: list[int] = []
        total = 0
        for n in (n for n in some if n in sizes):
            if part and total + sizes[n] > BYTES:
                yield part
                part, total = [], 0
            part.append(n)
            total += sizes[n]
        if part:
            yield part

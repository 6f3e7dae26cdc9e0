"""Comparison with tables of other members: a table whose suppressed count another member shows is held.

The newest tables in force of each member that count the same are compared; those in force are found by an index, and
what each counts is read on a worker thread, once. When there are more than the bounds allow, the table is held too.
"""

import hashlib
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import msgspec
from sqlalchemy import Connection

from suar.protocol.base.reasons import Reason
from suar.protocol.base.sentences import Sentence, advice, sentence
from suar.protocol.message.fields import Privacy
from suar.protocol.message.kinds import Trend
from suar.protocol.message.messages import readable
from suar.protocol.privacy.memo import CELLS, Memo, Unprepared
from suar.protocol.privacy.proof.cells import body_of
from suar.protocol.privacy.proof.ledger import SHOWN, SUPPRESSED, Released
from suar.protocol.privacy.tables.others import Opened, ShownNumber, Subject, opened, shown_numbers, subjects
from suar.service.access.authentication import rows as tokens
from suar.service.access.standing import standing
from suar.service.access.tokens import LOCAL
from suar.service.core.altered_rows import open_row
from suar.service.core.core import Core
from suar.service.settings import scopes
from suar.store import tables as t
from suar.store.engine.prepared import Lookup
from suar.store.messages import inbox
from suar.store.messages.rows import AlteredRow
from suar.store.messages.urgency import Selection
from suar.store.people.access import OPERATOR
from suar.store.tables.columns import blob

TABLES: Final = 300
"""Tables of one member that count the same as ours and are compared, the newest ones in force."""
NUMBERS_EXAMINED: Final = 1_500
"""Tables of one member, the newest ones in force, of which it is looked up what they count."""
NUMBERS: Final = 20_000
"""Most numbers of all members that count the same as a table of ours."""
NAMED_MAX: Final = 20
"""Cells that a verdict names."""
_ROW: Final = Lookup(t.message.c.n, t.message.c.id, t.message.c.origin, t.message.c.digest, t.message.c.body_key)
_subjects: Final[Memo[frozenset[Subject]]] = Memo(16_384)
_numbers: Final[Memo["NeighbourCounts"]] = Memo(4 * CELLS)
_found: Final[Memo[tuple[Opened, ...]]] = Memo(256)


class NeighbourCounts(NamedTuple):
    """Counts of other members for the same cells as ours; `cut`: members with more tables than are compared, or than
    are looked through.
    """

    shown: tuple[ShownNumber, ...] = ()
    cut: tuple[str, ...] = ()


NOTHING: Final = NeighbourCounts()


def neighbour_counts(core: Core, connection: Connection, trend: Trend, *, only_known: bool) -> NeighbourCounts:
    """Return the numbers of others that count the same as this trend.

    Raises Unprepared if they would have to be read.
    """
    numbers, cut = _in_force(core, connection, trend.status)
    if not numbers:
        return NeighbourCounts()
    of = subjects(trend)
    newest = max(numbers)
    key = (sorted(of), numbers, bytes(_ROW.find(connection, [newest])[newest].digest), cut)
    name = hashlib.blake2b(msgspec.msgpack.encode(key), digest_size=16).digest()
    kept = _numbers.find(name)
    if kept is not None:
        return kept
    if only_known:
        raise Unprepared
    return _numbers.keep(name, *_read(core, connection, numbers, of, cut))


def _in_force(core: Core, connection: Connection, realm: str) -> tuple[list[int], tuple[str, ...]]:
    """Return the row numbers of the newest tables of every other member, and the members with more."""
    selection = Selection(kind="trend", realm=realm, not_origin=core.member)
    members = dict.fromkeys(run.origin for run in inbox.runs(connection, selection))
    found, cut, last = list[int](), list[str](), core.vault.numbers.last
    for code in members:
        own = selection._replace(origin=code)
        numbers = inbox.received(connection, own, None, NUMBERS_EXAMINED + 1, True, core.clock(), last)
        found += numbers[-NUMBERS_EXAMINED:]
        cut += [code] if len(numbers) > NUMBERS_EXAMINED else []
    return found, tuple(cut)


def _read(
    core: Core, connection: Connection, numbers: Sequence[int], of: frozenset[Subject], cut: tuple[str, ...]
) -> tuple[NeighbourCounts, int]:
    found: list[ShownNumber] = []
    missing = set(cut)
    for code, related in _related(core, connection, numbers, of).items():
        missing |= {code} if related.count > TABLES else set()
        unread = [n for n, trend in related.newest if trend is None]
        tables = {n: trend for n, trend in related.newest if trend is not None}
        for _, trend in sorted((tables | dict(read_tables(core, connection, unread))).items()):
            found += shown_numbers(trend, of)
            if len(found) > NUMBERS:
                missing.add(code)
                return NeighbourCounts(tuple(found[:NUMBERS]), tuple(sorted(missing))), len(found) + 1
    return NeighbourCounts(tuple(found), tuple(sorted(missing))), len(found) + 1


class _Related:
    """The tables of one member that count the same as ours: how many, and the newest, those that were read with it."""

    def __init__(self) -> None:
        self.count = 0
        self.newest: deque[tuple[int, Trend | None]] = deque(maxlen=TABLES)

    def add(self, n: int, trend: Trend | None) -> None:
        self.count += 1
        self.newest.append((n, trend))


def _related(core: Core, connection: Connection, numbers: Sequence[int], of: frozenset[Subject]) -> dict[str, _Related]:
    """Return by member the tables that count something of `of`.

    What a table counts is cached, so that tables of others are read once.
    """
    rows = _ROW.find(connection, numbers)
    there = [n for n in numbers if rows[n].body_key is not None]
    known = {n: _subjects.find(blob(rows[n].digest)) for n in there}
    found: dict[str, _Related] = {}
    for n, counts in known.items():
        if counts is not None and counts & of:
            found.setdefault(rows[n].origin, _Related()).add(n, None)
    for n, trend in read_tables(core, connection, [n for n in there if known[n] is None]):
        if _subjects.keep(blob(rows[n].digest), subjects(trend)) & of:
            found.setdefault(rows[n].origin, _Related()).add(n, trend)
    return found


def read_tables(core: Core, connection: Connection, numbers: Sequence[int]) -> Iterator[tuple[int, Trend]]:
    """Yield the tables with these row numbers that can be read, each with its number."""
    for page in inbox.pages(connection, numbers):
        for row in page:
            try:
                body = open_row(core, row)
            except AlteredRow:
                continue
            trend = _trend(body) if body is not None else None
            if trend is not None:
                yield row.n, trend


def _trend(body: bytes) -> Trend | None:
    message = readable(body)
    return message if isinstance(message, Trend) else None


# -- the author's findings


def find_disclosures(
    trend: Trend, leaving: Trend, before: Released, others: NeighbourCounts, *, may_read: bool, only_known: bool = False
) -> list[Reason]:
    """Return the findings against a table; `leaving`: as it would be sent; `may_read`: the author may read others.

    An author without that right learns only which member's table it is, and nothing that depends on its values. Raises
    Unprepared if it has to be computed and only known results are wanted.
    """
    marks = {SHOWN if item.value is not None else item.status for item in leaving.obs}
    if not {SHOWN, SUPPRESSED} <= marks:  # nothing is hidden, or, as in a recall, nothing is shown
        return []
    found = _known(trend, leaving, before, others, by_value=may_read, only_known=only_known) if others.shown else ()
    reasons = [_reason(each) for each in found[:NAMED_MAX]] if may_read else _anonymous_reason(found)
    return [*reasons, *map(_too_many, others.cut)]


def _known(
    trend: Trend, leaving: Trend, before: Released, others: NeighbourCounts, *, by_value: bool, only_known: bool
) -> tuple[Opened, ...]:
    k = leaving.privacy.k if isinstance(leaving.privacy, Privacy) and isinstance(leaving.privacy.k, int) else 0
    of = (
        sorted(subjects(trend)),
        body_of(trend),
        trend.obs,
        leaving.obs,
        k,
        list(before.items()),
        others.shown,
        by_value,
    )
    name = hashlib.blake2b(msgspec.msgpack.encode(of), digest_size=16).digest()
    if only_known and not _found.is_known(name):
        raise Unprepared
    return _found.get(name, lambda: tuple(opened(trend, leaving, before, others.shown, k, by_value=by_value)))


def _anonymous_reason(found: Sequence[Opened]) -> list[Reason]:
    """Return one reason for all, which names no cell."""
    members = ", ".join(sorted({one.member for each in found for one in each.by}))
    text = sentence("a table of {members} counts the same people and may show what this one hides", members=members)
    return [Reason.of("E-PRIVACY-NEIGHBOUR", None, "$.obs", text, advice("E-PRIVACY-NEIGHBOUR"))] if found else []


def _reason(each: Opened) -> Reason:
    members = ", ".join(dict.fromkeys(one.member for one in each.by))
    text = sentence("this cell is hidden, and a table of {members} shows what gives it away", members=members)
    named = [Sentence("{id}: {cell}", {"id": one.id, "cell": one.cell.as_value()}) for one in each.by[:NAMED_MAX]]
    hint = advice("E-PRIVACY-NEIGHBOUR")
    return Reason.of("E-PRIVACY-NEIGHBOUR", None, f"$.obs[{each.at}].value", text, hint, named)


def _too_many(member: str) -> Reason:
    text = sentence("{member} has more tables in force than are compared with this one", member=member)
    hint = sentence("compare with the older ones before it is released")
    return Reason.of("E-PRIVACY-NEIGHBOUR", None, "$.obs", text, hint)


def may_read(connection: Connection, who: str) -> bool:
    """Return whether the holder of this token may read other members' messages; False without a token."""
    if who in (LOCAL, OPERATOR):
        return True
    row = next((row for row in tokens(connection) if row.name == who and row.revoked_at is None), None)
    return row is not None and "read" in row.info.scopes


def may_read_ours(connection: Connection, who: str, now: int) -> bool:
    """Whether the author reads our own messages: the token has the scope read, or the person a role with it."""
    roles = standing(connection, now).roles.get(who, ())
    return may_read(connection, who) or "read" in scopes.allowed(roles)

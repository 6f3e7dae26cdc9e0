"""The true counts with which a text is compared: those of its table and those of the same sheets in the ledger.

The ledger is needed because a table resubmitted as published has S instead of the count, and because a new message can
omit a hidden cell whose count its text states.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final, NamedTuple

from msgspec import UNSET

from suar.protocol.message.kinds import Observation, Trend
from suar.protocol.privacy.counts.everything import FEW, OVER_ALL, Counted, Key, Layouts, cells_of
from suar.protocol.privacy.counts.wider import wider_cells
from suar.protocol.privacy.limits import OPEN
from suar.protocol.privacy.proof.cells import Sheet, cell_of
from suar.protocol.privacy.proof.ledger import DENOMINATOR, SHOWN, Release, Released
from suar.protocol.privacy.tables.protecting import sheets

EDITIONS_MAX: Final = 16
"""Maximum number of earlier editions that are compared, newest first: of those with a hidden count that has changed,
and of those of one sheet whose totals and changes are used.
"""


class Numbers(NamedTuple):
    """The cells of one edition, and its denominators."""

    cells: tuple[Counted, ...]
    denominators: tuple[int, ...] = ()


class Comparison(NamedTuple):
    """The numbers with which a text is compared.

    `table`: the table, completed with the newest count of every cell without a value. `earlier`: earlier editions with
    a hidden count that differs from the current one. `elsewhere`: the cells of messages about other cells of the same
    sheets. `totals`: the totals that earlier messages show. `editions`: the cells of the earlier editions, newest
    first.
    """

    table: Numbers
    earlier: tuple[Numbers, ...] = ()
    elsewhere: tuple[Counted, ...] = ()
    totals: frozenset[int] = frozenset()
    editions: tuple[tuple[Counted, ...], ...] = ()


def sheets_before(trend: Trend) -> list[Sheet]:
    """Return the sheets of a trend in the year before each of its years, without its own: what a trend is told by."""
    own = sheets(trend)
    before = dict.fromkeys(sheet._replace(year=str(int(sheet.year) - 1)) for sheet in own)
    return [sheet for sheet in before if sheet not in own]


def known_numbers(trend: Trend, leaving: Sequence[Observation], released: Released) -> Comparison:
    """Return the table with the related numbers of the ledger.

    `leaving`: the observations as sent. `released`: the earlier releases of the same people, those of the year before
    included. The newest count of each cell of the year before is compared as one of another message.
    """
    now = {each.key: each for each in cells_of(trend.obs, leaving)}
    named = {(item.place.role, item.place.country, cell_of(item)) for item in trend.obs}
    denominators = {trend.denominator} if trend.denominator is not UNSET else set()
    elsewhere: dict[Key, Counted] = {}
    related: list[Numbers] = []
    before = [list(_editions(trend, sheet, released.get(sheet, ()))) for sheet in sheets(trend)]
    newest = [edition for own in before for edition in own[:EDITIONS_MAX]]
    layouts = Layouts(wider_cells)
    totals = frozenset(total for edition in newest for total in _totals(edition, layouts))
    for edition in chain.from_iterable(before):
        is_related = trend.action == "update" or any(each.key in named for each in edition.cells)
        for each in edition.cells:
            (now if is_related else elsewhere).setdefault(each.key, each)
        if is_related:
            related.append(edition)
            denominators.update(edition.denominators)
    for sheet in sheets_before(trend):
        for edition in _editions(trend, sheet, released.get(sheet, ())):
            for each in edition.cells:
                elsewhere.setdefault(each.key, each)
    table = Numbers(tuple(now.values()), tuple(sorted(denominators)))
    others = tuple(each for key, each in elsewhere.items() if key not in now)
    return Comparison(table, _otherwise(related, table), others, totals, tuple(each.cells for each in newest))


def _editions(trend: Trend, sheet: Sheet, releases: Iterable[Release]) -> Iterator[Numbers]:
    """Yield the numbers that each message released of a sheet, newest first.

    If the trend is open, counts shown only in restricted messages are treated as hidden.
    """
    role = sheet.series.rpartition("|")[2]
    for release in sorted(releases, key=lambda each: each.n, reverse=True):
        is_seen = release.is_open or trend.tlp not in OPEN
        valued = [(fact, fact.value) for fact in release.facts if fact.value is not None]
        yield Numbers(
            tuple(
                Counted((role, sheet.country, fact.cell), value, fact.mark == SHOWN and is_seen)
                for fact, value in valued
                if fact.mark != DENOMINATOR
            ),
            tuple(value for fact, value in valued if fact.mark == DENOMINATOR),
        )


def _totals(edition: Numbers, layouts: Layouts) -> Iterator[int]:
    """Yield the totals that a message shows: its denominators, the sums over all cells, and the widest cells.

    If there are more than FEW widest cells, such as twelve months, these are not treated as totals.
    """
    yield from edition.denominators
    sums = layouts.wholes(edition.cells)
    yield from (each.value for each in sums if each.over == OVER_ALL and not each.is_hidden)
    keys = {each.key for each in edition.cells}
    widest = [each for each in edition.cells if not each.key[2].dims and keys.isdisjoint(layouts.wider(each.key))]
    if len(widest) <= FEW:
        yield from (each.value for each in widest if each.is_shown)


def _otherwise(editions: Iterable[Numbers], current: Numbers) -> tuple[Numbers, ...]:
    values = {each.key: each.value for each in current.cells}
    differing = [
        edition
        for edition in editions
        if any(not each.is_shown and each.value != values[each.key] for each in edition.cells)
    ]
    return tuple(dict.fromkeys(differing))[:EDITIONS_MAX]

"""The true counts with which a text is compared: those of its table, and those that the ledger has of the same sheets.

A table that is handed in as it was published has S where the ledger has the count, and a new message may leave a hidden
cell out; the text beside it may tell that count all the same.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from msgspec import UNSET

from suar.protocol.message.kinds import Observation, Trend
from suar.protocol.privacy.counts.everything import Counted, cells_of
from suar.protocol.privacy.limits import OPEN
from suar.protocol.privacy.proof.cells import Sheet
from suar.protocol.privacy.proof.ledger import DENOMINATOR, SHOWN, Release, Released
from suar.protocol.privacy.tables.protecting import sheets

EDITIONS_MAX: Final = 16
"""Most earlier messages whose hidden counts of then are compared: the newest of those with another count now."""


class Numbers(NamedTuple):
    """Cells that one reader sees together, and the denominators beside them."""

    cells: tuple[Counted, ...]
    denominators: tuple[int, ...] = ()


def known_numbers(trend: Trend, leaving: Sequence[Observation], released: Released) -> list[Numbers]:
    """Return the table as it stands, completed by the newest count of every cell that it gives no number for, and each
    earlier message that hid a count which is another one now.
    """
    now = {each.key: each for each in cells_of(trend.obs, leaving)}
    denominators = {trend.denominator} if trend.denominator is not UNSET else set()
    editions = [edition for sheet in sheets(trend) for edition in _editions(trend, sheet, released.get(sheet, ()))]
    for edition in editions:
        for each in edition.cells:
            now.setdefault(each.key, each)
        denominators.update(edition.denominators)
    current = Numbers(tuple(now.values()), tuple(sorted(denominators)))
    return [current, *_otherwise(editions, current)]


def _editions(trend: Trend, sheet: Sheet, releases: Iterable[Release]) -> Iterator[Numbers]:
    """Yield what each message released of a sheet, the newest first.

    A count that was shown to few is hidden for the readers of an open message.
    """
    role = sheet.series.rpartition("|")[2]
    for release in sorted(releases, key=lambda each: each.n, reverse=True):
        is_seen = release.open or trend.tlp not in OPEN
        given = [(fact, fact.value) for fact in release.facts if fact.value is not None]
        yield Numbers(
            tuple(
                Counted((role, sheet.country, fact.cell), value, fact.mark == SHOWN and is_seen)
                for fact, value in given
                if fact.mark != DENOMINATOR
            ),
            tuple(value for fact, value in given if fact.mark == DENOMINATOR),
        )


def _otherwise(editions: Iterable[Numbers], current: Numbers) -> list[Numbers]:
    values = {each.key: each.value for each in current.cells}
    differing = [
        edition
        for edition in editions
        if any(not each.shown and each.value != values[each.key] for each in edition.cells)
    ]
    return list(dict.fromkeys(differing))[:EDITIONS_MAX]

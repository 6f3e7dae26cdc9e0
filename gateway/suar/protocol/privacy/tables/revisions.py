"""When the figures of a released table may change: at fixed dates, so that the day of a change says nothing.

A revision that comes when one case is closed tells whose case it was. Revisions come together, in the first two weeks
of a quarter; before that a message may be cancelled and published anew.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Final

from suar.protocol.message.kinds import Trend
from suar.protocol.privacy.proof.cells import Cell, Sheet, cell_of, sheet_of
from suar.protocol.privacy.proof.ledger import SHOWN, Released

MONTHS: Final = (1, 4, 7, 10)
LAST_DAY: Final = 14


def _day(now: int) -> date:
    return datetime.fromtimestamp(now / 1000, UTC).date()


def is_open(now: int) -> bool:
    """Whether revisions of figures may leave at this time (ms)."""
    today = _day(now)
    return today.month in MONTHS and today.day <= LAST_DAY


def next_open(now: int) -> tuple[date, date]:
    """The first and the last day on which they may, of the next time after this one."""
    today = _day(now)
    month = next((month for month in MONTHS if month > today.month), None)
    first = date(today.year, month, 1) if month else date(today.year + 1, MONTHS[0], 1)
    return first, first.replace(day=LAST_DAY)


def changed(trend: Trend, released: Released) -> Iterator[int]:
    """The places of observations that give a shown cell another value; what it was shown as last counts."""
    last: dict[tuple[Sheet, Cell], int | None] = {}
    for sheet, releases in released.items():
        for fact in (fact for release in releases for fact in release.facts if fact.mark == SHOWN):
            last[sheet, fact.cell] = fact.value
    for at, item in enumerate(trend.obs):
        before = last.get((sheet_of(trend, item), cell_of(item)), item.value)
        if item.value is not None and item.value != before:
            yield at

"""The observations of many trends in one table in long form: one row for each observation, one column per dimension.

The column of a dimension that a trend does not have is blank. A hidden figure has no value, status S and `suppressed`
true.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from suar.exchange.outgoing import sdmx
from suar.exchange.outgoing.breakdown import code_in, unknown_dimensions
from suar.exchange.outgoing.cells import csv_of, or_empty
from suar.exchange.outgoing.words import some
from suar.protocol.base.exercise import marked
from suar.protocol.message import kinds
from suar.protocol.message.kinds import Observation, Trend
from suar.protocol.message.messages import sender_of

COLUMNS: Final = (
    "member", "id", "rev", "realm", "tlp", "handling", "indicator", "unit", "date_basis", "method", "period",
    "place_role", "country", "admin1", "locode", *kinds.DIMENSIONS, "value", "status", "suppressed",
)  # fmt: skip
SUPPRESSED: Final = "S"
FORMS: Final = ("csv", "sdmx-csv")
MEDIA: Final = {
    "csv": "text/csv; header=present",
    "sdmx-csv": "application/vnd.sdmx.data+csv;version=2.0.0",
}


def header(form: str) -> bytes:
    """Return the header line of a file."""
    return csv_of([list(COLUMNS) if form == "csv" else list(sdmx.HEADER)])


def observations(trend: Trend, form: str, period: str | None = None) -> bytes:
    """Return the lines of a trend. `period`: only those of this period or within it, as 2026-Q1 is within 2026.

    Returns no lines for a trend with a dimension of a later minor version, because they could not be distinguished.
    """
    if unknown_dimensions(trend):
        return b""
    cells = [cell for cell in trend.obs if period is None or _is_within(cell.period, period)]
    return csv_of(_rows(trend, cells) if form == "csv" else sdmx.rows(trend, cells))


def _is_within(period: str, wanted: str) -> bool:
    return period == wanted or period.startswith(f"{wanted}-")


def _rows(trend: Trend, cells: Iterable[Observation]) -> Iterator[list[Any]]:
    dims = some(trend.dims)
    about = [
        sender_of(trend), marked(trend.id, trend.status), trend.rev, trend.status, trend.tlp,
        " ".join(some(trend.handling)), trend.indicator, trend.unit, trend.date_basis, trend.method,
    ]  # fmt: skip
    for cell in cells:
        place = [cell.place.role, cell.place.country, or_empty(cell.place.admin1), or_empty(cell.place.locode)]
        codes = [(code_in(cell, name) or "") if name in dims else "" for name in kinds.DIMENSIONS]
        value = "" if cell.value is None else cell.value
        yield [*about, cell.period, *place, *codes, value, cell.status, str(cell.status == SUPPRESSED).lower()]

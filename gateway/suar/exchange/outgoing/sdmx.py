"""A trend as SDMX-CSV 2.0, the data message of SDMX 3.0: one row for each observation, with every dimension.

The structure is SUAR:TREND(1.0), published as schemas/sdmx/trend.xml. A dimension that a table does not have is `_Z`
(not applicable), a total `_T`, as in the cross-domain code lists of SDMX.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Final

from suar.exchange.outgoing.breakdown import code_in, unknown_dimensions
from suar.exchange.outgoing.cells import safe
from suar.exchange.outgoing.words import some
from suar.protocol.base.errors import Fault
from suar.protocol.base.exercise import marked
from suar.protocol.message import kinds
from suar.protocol.message.kinds import Observation, Trend
from suar.protocol.message.messages import sender_of

STRUCTURE: Final = "SUAR:TREND(1.0)"
INFORMATION: Final = "I"  # information only, not an instruction to change a database
DIMENSIONS: Final = (
    "INDICATOR", "REF_AREA", "PLACE_ROLE", "PLACE", "SEX", "AGE", "CITIZENSHIP", "EXPLOITATION", "INDUSTRY", "MEANS",
    "RECRUITER", "TRANSPORT", "TIME_PERIOD",
)  # fmt: skip
MEASURE: Final = "OBS_VALUE"
ATTRIBUTES: Final = (
    "OBS_STATUS", "UNIT_MEASURE", "DATE_BASIS", "COLL_METHOD", "COVERAGE", "TLP", "HANDLING", "SOURCE_MESSAGE",
)  # fmt: skip
HEADER: Final = ("STRUCTURE", "STRUCTURE_ID", "ACTION", *DIMENSIONS, MEASURE, *ATTRIBUTES)
NOT_APPLICABLE: Final = "_Z"
SPECIAL: Final = {"total": "_T", "unknown": "_U", "other": "_O"}
OWN_CODES: Final = {
    "sex": {"female": "F", "male": "M"},
    "age": {
        "0-17": "Y0T17", "18+": "Y_GE18", "0-8": "Y0T8", "9-17": "Y9T17", "18-20": "Y18T20", "21-23": "Y21T23",
        "24-26": "Y24T26", "27-29": "Y27T29", "30-38": "Y30T38", "39-47": "Y39T47", "48+": "Y_GE48",
    },
}  # fmt: skip
"""Codes of CL_SEX and in the pattern of CL_AGE; every other dimension keeps our code."""
OBS_STATUS: Final = {"A": "A", "P": "P", "E": "E", "B": "B", "S": "Q", "M": "O"}
"""CL_OBS_STATUS: suppressed is Q, missing is O. Its S means a strike, its M a value that cannot exist.

A status of a later minor is `_O` (other): unchanged it could be read as one of these.
"""
_NEWER: Final = "update this gateway, or export it as csv"


def sdmx_csv(trend: Trend) -> bytes:
    """Return the data message in UTF-8 with CR LF line ends.

    Raises Fault for a trend with a dimension of a later minor version of the standard.
    """
    if unknown := unknown_dimensions(trend):
        raise Fault(f"the table is broken down by {', '.join(unknown)}, which this version does not know", _NEWER)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADER)
    writer.writerows(
        [safe(cell) for cell in row] for row in rows(trend, trend.obs)
    )  # a code of a later minor version may be any text
    return text.getvalue().encode()


def code_of(dimension: str, code: str) -> str:
    """Return the SDMX code of a code of the standard."""
    return OWN_CODES.get(dimension, {}).get(code) or SPECIAL.get(code, code)


def period_of(period: str) -> str:
    """Return a period in SDMX form: half-years are S1 and S2; years, quarters and months are the same."""
    return period.replace("-H", "-S")


def rows(trend: Trend, cells: Iterable[Observation]) -> Iterator[list[str]]:
    """Yield the rows of observations of a trend."""
    for cell in cells:
        value = "" if cell.value is None else str(cell.value)
        yield ["dataflow", STRUCTURE, INFORMATION, *_key(trend, cell), value, *_attributes(trend, cell)]


def _key(trend: Trend, cell: Observation) -> list[str]:
    dims = some(trend.dims)
    codes = [
        code_of(name, code_in(cell, name) or "unknown") if name in dims else NOT_APPLICABLE for name in kinds.DIMENSIONS
    ]
    finest = next(
        (part for part in (cell.place.locode, cell.place.admin1) if isinstance(part, str)), cell.place.country
    )
    return [trend.indicator, sender_of(trend), cell.place.role, finest, *codes, period_of(cell.period)]


def _attributes(trend: Trend, cell: Observation) -> list[str]:
    completeness = trend.coverage.completeness
    coverage = f"{trend.coverage.scope} {completeness}" if isinstance(completeness, int) else trend.coverage.scope
    return [
        OBS_STATUS.get(cell.status, SPECIAL["other"]), trend.unit, trend.date_basis, trend.method, coverage, trend.tlp,
        " ".join(some(trend.handling)), marked(f"{trend.id}.{trend.rev}", trend.status),
    ]  # fmt: skip

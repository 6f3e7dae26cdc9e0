"""The dimensions of a trend, including dimensions of a later minor version of the standard that are unknown here.

The codes of an unknown dimension are not read, so its rows cannot be distinguished. A format with fixed columns
therefore omits or refuses such a trend instead of writing several counts for the same cell.
"""

from typing import Final

from msgspec import UnsetType

from suar.exchange.outgoing.words import some
from suar.protocol.message.kinds import DIMENSIONS, Observation, Trend

KNOWN: Final = frozenset(DIMENSIONS)


def unknown_dimensions(trend: Trend) -> list[str]:
    """Return the dimensions of a trend that this version of the standard does not have."""
    return [name for name in some(trend.dims) if name not in KNOWN]


def code_in(cell: Observation, dimension: str) -> str | None:
    """Return the code of an observation in a dimension; None if it has none or the dimension is unknown here."""
    code = getattr(cell.dims, dimension) if dimension in KNOWN else None
    return None if isinstance(code, UnsetType) else code

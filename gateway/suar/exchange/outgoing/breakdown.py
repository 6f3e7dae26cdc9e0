"""By which dimensions a trend is broken down, also where a later minor of the standard has dimensions unknown here.

The codes of such a dimension are not read, so its rows cannot be distinguished: a format whose columns are fixed leaves
the trend out, or refuses it, instead of writing several counts of what looks like one cell.
"""

from typing import Final

from msgspec import UnsetType

from suar.exchange.outgoing.words import some
from suar.protocol.message.kinds import DIMENSIONS, Observation, Trend

KNOWN: Final = frozenset(DIMENSIONS)


def unknown_dimensions(trend: Trend) -> list[str]:
    """The dimensions of a trend that this version of the standard does not have."""
    return [name for name in some(trend.dims) if name not in KNOWN]


def code_in(cell: Observation, dimension: str) -> str | None:
    """The code of an observation in a dimension; None for one that it does not state or that is unknown here."""
    code = getattr(cell.dims, dimension) if dimension in KNOWN else None
    return None if isinstance(code, UnsetType) else code

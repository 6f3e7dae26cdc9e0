"""Warns of a table that says it covers the whole country and has figures of one part of it alone.

Such a table may be meant: a national register of which one province is published. So nothing is refused, and a reader
gets no warning.
"""

from typing import Final

from msgspec import UNSET

from suar.protocol.base.reasons import Reason
from suar.protocol.base.sentences import advice, sentence
from suar.protocol.message.kinds import Publication, Trend

COVERAGE: Final = "E-MESSAGE-COVERAGE"
_NATIONAL: Final = "national"


def warn_coverage(message: Publication) -> tuple[Reason, ...]:
    """Return a warning if the coverage is national and all figures are of the same part of a country."""
    if not isinstance(message, Trend) or message.action == "cancel" or message.coverage.scope != _NATIONAL:
        return ()
    parts = {cell.place.admin1 for cell in message.obs}
    if len(parts) != 1 or UNSET in parts:
        return ()
    text = sentence("the coverage is national, and all figures are of {part}", part=str(*parts))
    return (Reason.of(COVERAGE, None, "$.coverage.scope", text, advice(COVERAGE)),)

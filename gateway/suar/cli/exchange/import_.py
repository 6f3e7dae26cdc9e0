"""`suar import`: convert tables and messages of other standards to suar messages."""

from typing import Final

from suar.cli.base.common import group
from suar.cli.base.lazy import Table

COMMANDS: Final[Table] = {
    "trend": ("suar.cli.exchange.import_trend:trend", "convert a table of counts (.csv, .xlsx) to trend messages"),
    "cap": ("suar.cli.exchange.import_cap:cap", "convert an alert in OASIS CAP 1.2 to an alert"),
    "stix": ("suar.cli.exchange.import_stix:stix", "convert an incident in a STIX 2.1 bundle to an alert"),
}


@group("import", COMMANDS, example="suar import trend table.csv --map glotip -o drafts")
def import_() -> None:
    """Convert tables and alerts of other standards to messages. Nothing is published without --publish."""

"""`suar import`: convert tables and messages of other standards to suar messages."""

from typing import Final

from suar.cli.base.common import group
from suar.cli.base.lazy import Table

COMMANDS: Final[Table] = {
    "trend": ("suar.cli.exchange.import_trend:trend", "a table of counts (.csv, .xlsx) becomes trend messages"),
    "cap": ("suar.cli.exchange.import_cap:cap", "an alert in OASIS CAP 1.2 becomes an alert"),
    "stix": ("suar.cli.exchange.import_stix:stix", "an incident in a STIX 2.1 bundle becomes an alert"),
}


@group("import", COMMANDS, example="suar import trend table.csv --map glotip -o drafts")
def import_() -> None:
    """Make messages out of tables and alerts that were written elsewhere; nothing is published unless you say so."""

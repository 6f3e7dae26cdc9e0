"""`suar metrics rules|dashboard`: files for monitoring systems, made from the health checks and the metrics."""

from pathlib import Path
from typing import Final

import rich_click as click

from suar.cli.base.common import PathType, command, group, print_notice
from suar.cli.base.lazy import Table

COMMANDS: Final[Table] = {
    "rules": ("suar.cli.operations.metrics:rules", "write the alert rules for Prometheus"),
    "dashboard": ("suar.cli.operations.metrics:dashboard", "write the dashboard for Grafana"),
}
_output = click.option("-o", "--output", type=PathType, help="The file to write. Default: standard output.")


@group("metrics", COMMANDS, example="suar metrics rules -o suar.rules.yml")
def metrics() -> None:
    """Write files for monitoring systems. A gateway's metrics are at /metrics, a hub's at its watchdog."""


@command("rules", example="suar metrics rules -o suar.rules.yml")
@_output
def rules(output: Path | None) -> None:
    """Write alert rules: for each health check and severity, and for gateways, members and hubs that are down."""
    from suar.observe.alert_rules import written

    _write(output, written())


@command("dashboard", example="suar metrics dashboard -o suar.json")
@_output
def dashboard(output: Path | None) -> None:
    """Write a dashboard as JSON, to be imported into Grafana."""
    from suar.observe.dashboard import written

    _write(output, written())


def _write(output: Path | None, text: str) -> None:
    from suar.files import PUBLIC, atomic_write

    if output is None:
        click.echo(text, nl=False)
    else:
        atomic_write(output, text.encode(), PUBLIC)
        print_notice(f"wrote {output}")

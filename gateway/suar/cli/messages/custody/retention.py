"""`suar retention`: the schedule by which texts are purged, what it purges next, and a run of it."""

from pathlib import Path
from typing import Any, Final

import rich_click as click

from suar.cli.base import tables
from suar.cli.base.client import call
from suar.cli.base.common import command, emit, group, json_option, state_option
from suar.cli.base.lazy import Table

COMMANDS: Final[Table] = {
    "show": ("suar.cli.messages.custody.retention:show", "show the schedule, and what its next run purges"),
    "run": ("suar.cli.messages.custody.retention:run", "purge now what is due"),
}
COLUMNS: Final = ("id", "kind", "texts", "ended")


@group("retention", COMMANDS, example="suar retention show --state th")
def retention() -> None:
    """Purge texts some days after their message ended: `[retention]` in suar.toml, off by default.

    A text is kept, whatever the schedule says, under a legal hold, while something is to be sent or stated about it,
    while another message of its frame is kept, and until its evidence was stamped.
    """


@command("show", example="suar retention show --state th")
@state_option
@json_option
def show(state: Path, as_json: bool) -> None:
    """Show the days for each kind and the messages whose texts the next daily run purges. Nothing is changed."""
    found = call(state, "GET", "/v1/retention")
    if as_json:
        emit(found, as_json)
        return
    if not found["days"]:
        click.echo("every text is kept: [retention] in suar.toml has no days")
        return
    tables.show(("kind", "days"), found["days"].items())
    click.echo()
    _print(found["due"], "no text is due")
    if found["more"]:
        click.echo("and others")


@command("run", example="suar retention run --state th")
@state_option
@json_option
def run(state: Path, as_json: bool) -> None:
    """Purge what is due now instead of at the next daily run. The audit log has a line with the digests of each."""
    done: list[dict[str, Any]] = []
    while part := call(state, "POST", "/v1/retention/run"):
        done += part
    if as_json:
        emit(done, as_json)
    else:
        _print(done, "no text was due")


def _print(rows: list[dict[str, Any]], none: str) -> None:
    if rows:
        tables.show(COLUMNS, ([row[name] for name in COLUMNS] for row in rows))
    else:
        click.echo(none)

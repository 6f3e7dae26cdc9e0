"""`suar deliveries`: the delivery state of a message at each member."""

import time
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import rich_click as click

from suar.cli.base import tables
from suar.cli.base.client import call
from suar.cli.base.common import command, emit, id_argument, json_option, state_option
from suar.cli.base.reader import of_others
from suar.cli.base.terminal import json_line, visible
from suar.protocol.base.exercise import BANNER, is_exercise
from suar.protocol.base.stages import TIMED

COLUMNS: Final = ("member", "state", *TIMED, "refused")
EVERY: Final = 0.5  # seconds between two looks
ENDED: Final = ("refused", "recalled", "rejected")


@command("deliveries", example="suar deliveries TH-ALERT-2027-000042 --follow --state th")
@id_argument
@click.option(
    "--follow",
    is_flag=True,
    help="Print the state again at each change, until every member has reached the stage --until.",
)
@click.option(
    "--until",
    type=click.Choice(TIMED[1:]),
    default="stored",
    show_default=True,
    help="The stage at which --follow ends.",
)
@state_option
@json_option
def deliveries(id_: str, follow: bool, until: str, state: Path, as_json: bool) -> None:
    """Show when each member reached each stage, according to the members' signed receipts."""
    path, last = f"/v1/messages/{quote(id_, safe='')}/deliveries", None
    while True:
        found = call(state, "GET", path)
        if found != last:
            _print(found, as_json, follow)
        if not follow or all(_has_reached(member, until) for member in found["members"].values()):
            return
        last = found
        time.sleep(EVERY)


def _print(found: dict[str, Any], as_json: bool, follow: bool) -> None:
    if as_json and follow:
        click.echo(json_line(found))
    elif as_json:
        emit(found, as_json)
    else:
        if is_exercise(found.get("status")):
            click.echo(f"*** {BANNER} ***")
        members = sorted(found["members"].items())
        tables.show(COLUMNS, [_cells(code, member) for code, member in members])
        for code, member in members:
            for each in member.get("notes", ()):
                click.echo(visible(f"{code} {each['stage']}, {each['role']}, {each['at']}:"))
                click.echo(visible(of_others(each["note"])))


def _cells(code: str, member: dict[str, Any]) -> list[object]:
    refused, missing = member.get("refused"), member.get("missing")
    state = f"{member['state']}, overdue" if member.get("overdue") else member["state"]
    if missing:  # it says so itself; what we answered: sent again, sealed again, or the code of why not
        state += f", missing there ({missing['answer']})"
    return [code, state, *(member.get(name) for name in COLUMNS[2:-1]), refused["code"] if refused else None]


def _has_reached(member: dict[str, Any], until: str) -> bool:
    later = TIMED[TIMED.index(until) :]
    return member.get("state") in ENDED or any(member.get(stage) for stage in later)

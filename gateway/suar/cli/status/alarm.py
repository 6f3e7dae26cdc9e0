"""`suar alarm list|acknowledge`: alarms, whether their cause has ended, and acknowledgement by an operator."""

from pathlib import Path
from typing import Any, Final

import rich_click as click

from suar.cli.base import tables
from suar.cli.base.client import call
from suar.cli.base.common import PathType, command, emit, group, json_option, print_notice, state_option
from suar.cli.base.local_time import dated
from suar.cli.messages.held import as_whom
from suar.observe.alarms import ALARMS
from suar.protocol.base.limits import INTEGER_MAX

COLUMNS: Final = ("n", "state", "alarm", "about", "raised", "times", "what")
_OPEN_FIRST: Final = ("open", "acknowledged", "ended")


@group(
    "alarm",
    {
        "list": ("suar.cli.status.alarm:list_", "list alarms, the open ones first"),
        "acknowledge": ("suar.cli.status.alarm:acknowledge", "acknowledge an alarm; the audit log records it"),
    },
    example="suar alarm list --state th",
)
def alarm() -> None:
    """List and acknowledge alarms about other members, the hub and this gateway (see keys/playbooks/ALARMS.md)."""


@command("list", example="suar alarm list --open --state th")
@click.option(
    "--open", "is_open", is_flag=True, help="Only alarms whose cause continues and that nobody has acknowledged."
)
@state_option
@json_option
def list_(is_open: bool, state: Path, as_json: bool) -> None:
    """List alarms, the open ones first. `suar errors CODE` explains each code; --json includes codes and ranges."""
    rows: list[dict[str, Any]] = call(state, "GET", "/v1/alarms", params={"open": "true"} if is_open else None)
    if as_json:
        emit(rows, as_json)
    elif not rows:
        emit("no alarm is open" if is_open else "no alarm was ever raised", as_json)
    else:
        ordered = sorted(rows, key=lambda row: _OPEN_FIRST.index(row["state"]))
        tables.show(COLUMNS, [_cells(row) for row in ordered])


@command("acknowledge", example="suar alarm acknowledge 7 --note 'their restore of 3 May, by telephone' --state th")
@click.argument("number", metavar="N", type=click.IntRange(1, INTEGER_MAX))
@click.option(
    "--note", default="", help="What was found, in one line of at most 400 characters, recorded in the audit log."
)
@click.option(
    "--token-file", type=PathType, help="A file with your own token of scope operate. Default: SUAR_TOKEN_FILE."
)
@state_option
@json_option
def acknowledge(number: int, note: str, token_file: Path | None, state: Path, as_json: bool) -> None:
    """Acknowledge alarm N: `suar check` then ignores it. The cause of the alarm is not changed."""
    path = f"/v1/alarms/{number}/acknowledge"
    row = call(state, "POST", path, {"note": note}, headers=as_whom(token_file))
    emit(row, as_json, lambda: f"alarm {row['n']} ({row['name']}) is acknowledged by {row['acknowledged']['by']}")
    if row["state"] == "ended" and not as_json:
        print_notice(f"its cause ended at {dated(row['ended'])}")


def _cells(row: dict[str, Any]) -> list[object]:
    ack = row["acknowledged"]
    what = f"by {ack['by']}{': ' + ack['note'] if ack['note'] else ''}" if ack else ""
    if row["first"] is not None:
        what = f"frames {row['first']}-{row['last']} of {row['epoch'][:16]}{'; ' + what if what else ''}"
    kind = ALARMS.get(row["name"])
    what = what or (kind.meaning if kind else "")
    return [row["n"], row["state"], row["name"], row["member"] or "", row["at"], row["seen_again"] + 1, what]

"""`suar inbox`: list received messages."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import rich_click as click

from suar.cli.base import tables
from suar.cli.base.client import call
from suar.cli.base.common import (
    MemberCode,
    command,
    json_option,
    kind_option,
    print_notice,
    state_option,
    status_option,
)
from suar.cli.base.terminal import json_line, visible
from suar.protocol.base.exercise import BANNER, marked

PAGE: Final = 500
COLUMNS: Final = ("id", "rev", "from", "status", "urgency", "tlp", "received", "state", "title")
SECTIONS: Final = ("current", "ended")  # what is over never stands before what is in force


@command("inbox", example="suar inbox --kind alert --from SG --state th")
@kind_option
@click.option("--from", "origin", type=MemberCode(), help="Only messages of this member, which may be your own.")
@status_option("listed")
@click.option(
    "--order",
    type=click.Choice(["urgency", "received"]),
    help="By urgency with expired messages last, or in order of receipt. Default: urgency; with --json, received.",
)
@click.option("--limit", type=click.IntRange(1), help="The largest number of messages to list.")
@state_option
@json_option
def inbox(
    kind: str | None, origin: str | None, status: str, order: str | None, limit: int | None, state: Path, as_json: bool
) -> None:
    """List received messages: alerts by urgency, then other messages, then expired ones. --json prints one message per
    line.
    """
    asked = {"kind": kind, "origin": origin, "status": status}
    named = {name: value for name, value in asked.items() if value}
    is_by_urgency = order == "urgency" or (order is None and not as_json)
    rows = _by_urgency(state, named, limit) if is_by_urgency else _rows(state, named, limit)
    if not as_json:
        if status == "exercise":
            print_notice(f"*** {BANNER} ***")
        tables.show(COLUMNS, [_cells(row) for row in rows])
        progress = call(state, "GET", "/v1/progress")["text"]
        if progress:
            print_notice(progress)
        return
    for row in rows:
        click.echo(json_line(row))


def _by_urgency(state: Path, asked: dict[str, str], limit: int | None) -> Iterator[dict[str, Any]]:
    """What is in force from its most urgent on, then what is not."""
    left = limit
    for section in SECTIONS:
        for row in _rows(state, asked | {"order": "urgency", "state": section}, left):
            yield row
            left = None if left is None else left - 1


def _rows(state: Path, asked: dict[str, str], limit: int | None) -> Iterator[dict[str, Any]]:
    """Page by page, so that a long inbox is never in memory as a whole."""
    after, left = 0, limit
    while left is None or left > 0:
        size = PAGE if left is None else min(PAGE, left)
        page = call(state, "GET", "/v1/messages", params={**asked, "after": str(after), "limit": str(size)})
        yield from page
        if len(page) < size:
            return
        after, left = page[-1]["n"], None if left is None else left - size


def _cells(row: dict[str, Any]) -> list[object]:
    title = " ".join(
        visible(row["title"] or "").split()
    )  # no run of blanks, which would push the rest to a line's start
    shown = {**row, "from": row["origin"], "title": marked(title, row["status"])}
    return [shown[name] for name in COLUMNS]

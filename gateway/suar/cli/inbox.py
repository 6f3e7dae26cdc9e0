"""`suar inbox`: what came in."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import rich_click as click

from suar.cli import tables
from suar.cli.client import call
from suar.cli.common import MemberCode, command, json_option, state_option

PAGE: Final = 500
COLUMNS: Final = ("id", "rev", "from", "status", "tlp", "received", "state", "title")


@command("inbox", example="suar inbox --kind alert --from SG --state th")
@click.option("--kind", help="Only this kind: alert, trend, pattern, legislation, practice, contact.")
@click.option("--from", "origin", type=MemberCode(), help="Only this member's; our own too, when it is ours.")
@click.option("--status", type=click.Choice(["actual", "exercise"]), help="Only this realm.")
@click.option("--limit", type=click.IntRange(1), help="At most so many, the oldest first.")
@state_option
@json_option
def inbox(
    kind: str | None, origin: str | None, status: str | None, limit: int | None, state: Path, as_json: bool
) -> None:
    """What came in, oldest first; with --json a line a message."""
    asked = {"kind": kind, "origin": origin, "status": status}
    rows = _rows(state, {name: value for name, value in asked.items() if value}, limit)
    if not as_json:
        tables.show(COLUMNS, [_cells(row) for row in rows])
        return
    import msgspec

    for row in rows:
        click.echo(msgspec.json.encode(row))


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
    return [row["origin" if name == "from" else name] for name in COLUMNS]

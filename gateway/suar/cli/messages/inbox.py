"""`suar inbox`: list received messages."""

import sys
import time
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
from suar.cli.base.local_time import short
from suar.cli.base.reader import room
from suar.cli.base.terminal import json_line, visible
from suar.languages.rendering.unseen import short_code
from suar.languages.rendering.wrap import cut
from suar.protocol.authoring.blank import is_blank
from suar.protocol.base.exercise import BANNER, marked
from suar.protocol.base.instants import milliseconds
from suar.protocol.base.stages import BY_PERSON

PAGE: Final = 500
COLUMNS: Final = ("id", "ours", "until", "urgency", "state", "tlp", "received", "title")
OPTIONAL: Final = ("received", "tlp", "state", "urgency")
"""Columns that a narrow terminal omits, in that order, so that a title has TITLE_CELLS."""
TITLE_CELLS: Final = 24
SECTIONS: Final = ("current", "ended")  # expired messages come after those in force


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

    `ours` is what we have told the publisher, or have still to do: `unread` if no person has opened it, `acknowledge`
    or `late` if an answer is asked for `until` then. On a terminal a title is cut to the line; an id never is.
    """
    filters = {"kind": kind, "origin": origin, "status": status}
    named = {name: value for name, value in filters.items() if value}
    is_by_urgency = order == "urgency" or (order is None and not as_json)
    rows = _by_urgency(state, named, limit) if is_by_urgency else _rows(state, named, limit)
    if not as_json:
        if status == "exercise":
            print_notice(f"*** {BANNER} ***")
        now = time.time_ns() // 1_000_000
        shown = [_cells(row, now) for row in rows]
        if origin and not shown:
            print_notice(_nothing_from(state, origin))
        else:
            _show(shown)
        progress = call(state, "GET", "/v1/progress")["text"]
        if progress:
            print_notice(progress)
        return
    for row in rows:
        click.echo(json_line(row))


def _nothing_from(state: Path, origin: str) -> str:
    """Return why nothing of a member is listed."""
    members = [each["code"] for each in call(state, "GET", "/v1/trust")["members"]]
    if origin not in members:
        return f"{origin} is no member of the federation: {', '.join(members)}"
    return f"no message from {origin} is listed"


def _by_urgency(state: Path, filters: dict[str, str], limit: int | None) -> Iterator[dict[str, Any]]:
    """Yield messages in force from the most urgent on, then the others."""
    left = limit
    for section in SECTIONS:
        for row in _rows(state, filters | {"order": "urgency", "state": section}, left):
            yield row
            left = None if left is None else left - 1


def _rows(state: Path, filters: dict[str, str], limit: int | None) -> Iterator[dict[str, Any]]:
    """Yield rows page by page, so that a long inbox is never in memory as a whole."""
    after, left = 0, limit
    while left is None or left > 0:
        size = PAGE if left is None else min(PAGE, left)
        page = call(state, "GET", "/v1/messages", params={**filters, "after": str(after), "limit": str(size)})
        yield from page
        if len(page) < size:
            return
        after, left = page[-1]["n"], None if left is None else left - size


def _show(rows: list[dict[str, str]]) -> None:
    """Print aligned columns; on a terminal as many as fit, none of them wrapped."""
    columns = list(COLUMNS)
    if sys.stdout.isatty():
        for name in OPTIONAL:
            if _width(columns[:-1], rows) + TITLE_CELLS > room():
                columns.remove(name)
        rest = max(room() - _width(columns[:-1], rows), 0)
        rows = [{**row, "title": cut(row["title"], rest)} for row in rows]
    tables.show_plain(columns, [[row[name] for name in columns] for row in rows])


def _width(columns: list[str], rows: list[dict[str, str]]) -> int:
    """Return the width of these columns, each with its gap."""
    return sum(max(len(name), *(len(row[name]) for row in rows), 0) + len(tables.GAP) for name in columns)


def _cells(row: dict[str, Any], now: int) -> dict[str, str]:
    text = row["title"] or ""
    title = "without a title" if text and is_blank(text) else visible(text)
    title = " ".join(title.split())  # no run of blanks, which would push the rest to a line's start
    ours, until = _ours(row, now)
    return {
        "id": str(row["id"]), "ours": ours, "until": until, "urgency": short_code(row["urgency"] or ""),
        "state": row["state"],
        "tlp": row["tlp"], "received": short(row["received"]) or "", "title": marked(title, row["status"]),
    }  # fmt: skip


def _ours(row: dict[str, Any], now: int) -> tuple[str, str]:
    """Return what we stated or have to do about a message, and until when."""
    stage = (row.get("answer") or {}).get("stage")
    by = row.get("acknowledge_by") if row.get("unread") is not None else None  # else it is ours
    if by and row["state"] == "current" and stage not in BY_PERSON:
        return "late" if milliseconds(by) < now else "acknowledge", short(by) or ""
    if stage is None and row.get("unread"):
        return "unread", ""
    return stage or "", ""

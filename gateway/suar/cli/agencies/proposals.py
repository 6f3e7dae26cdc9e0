"""`suar proposals`: drafts that agencies propose to the focal point, through the running gateway."""

import json
from pathlib import Path
from typing import Any, Final

import rich_click as click

from suar.cli.base import tables
from suar.cli.base.client import call
from suar.cli.base.common import command, emit, group, json_option, print_notice, state_option
from suar.cli.base.lazy import Table
from suar.cli.base.local_time import local_zone, short
from suar.cli.base.reader import ENGLISH, of_others, room
from suar.protocol.base.errors import Fault

COMMANDS: Final[Table] = {
    "list": ("suar.cli.agencies.proposals:list_", "what agencies propose, immediate alerts first"),
    "show": ("suar.cli.agencies.proposals:show", "one proposal, with its draft"),
    "take": ("suar.cli.agencies.proposals:begin_draft", "take one into a draft of the desk"),
    "reject": ("suar.cli.agencies.proposals:reject", "reject one, with a reason for the agency"),
}
COLUMNS: Final = ("id", "urgency", "title", "state", "agency", "its state", "kind", "realm", "proposed", "message")
PAGE: Final = 1000
OWN: Final = "this member"  # a draft does not state its member
PROPOSED: Final = "proposed"
STATES: Final = (PROPOSED, "editing", "held", "published", "rejected")


@group("proposals", COMMANDS, example="suar proposals list --state th")
def proposals() -> None:
    """Drafts that agencies propose: nothing is sent before a person has taken one into a draft and published that.

    A taken proposal is a draft of the console, where it is edited and published: docs/focal-points.md.
    """


id_argument = click.argument("id_", metavar="ID")


@command("list", example="suar proposals list --state th")
@click.option(
    "--in", "in_", type=click.Choice([*STATES, "all"]), default=PROPOSED, show_default=True,
    help="Only proposals in this state.",
)  # fmt: skip
@state_option
@json_option
def list_(in_: str, state: Path, as_json: bool) -> None:
    """List the proposals of all agencies, immediate alerts first, then the oldest; by default the open ones."""
    found = _rows(state, "" if in_ == "all" else f"&state={in_}")
    rows = sorted(found, key=lambda row: row["urgency"] != "immediate")
    if as_json:
        emit(rows, as_json)
    elif not rows:
        emit("there are no such proposals", as_json)
    else:
        tables.show(COLUMNS, [_cells(row) for row in rows])


def _rows(state: Path, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        after = f"&after={found[-1]['place']}" if found else ""
        page: list[dict[str, Any]] = call(state, "GET", f"/v1/proposals?limit={PAGE}{query}{after}")
        if not page:
            return found
        found += page


def _cells(row: dict[str, Any]) -> list[object]:
    return [
        row["id"], row["urgency"] or "", row["title"] or "", row["state"], row["agency"], row["agency_state"],
        row["kind"], row["status"], row["proposed"],
        row["message"] or "",
    ]  # fmt: skip


@command("show", example="suar proposals show 3f9c2a7be1d04c58 --state th")
@id_argument
@state_option
@json_option
def show(id_: str, state: Path, as_json: bool) -> None:
    """Show one proposal: its state, and the draft as the agency wrote it, with the true counts of a table.

    A draft that cannot be shown as a message, because something of one is missing, is printed as JSON.
    """
    found = call(state, "GET", _path(id_))
    emit(found, as_json, lambda: "\n".join(_lines(found)))


def _lines(found: dict[str, Any]) -> list[str]:
    head = [f"{found['id']}  {found['state']}  {found['agency']}  {found['kind']}  {found['status']}"]
    head += [f"proposed {short(found['proposed'])}"]
    head += [of_others(found["reason"])] if found["reason"] else []
    return [*head, *_as_message(found)] if found["proposal"] else [*head, "its text is destroyed"]


def _as_message(found: dict[str, Any]) -> list[str]:
    """Return the draft as `suar show` shows a message. A draft need not be one."""
    from suar.languages.rendering import reading
    from suar.languages.tags import choose

    kind = found["kind"]
    head = {"kind": kind, "schema": f"{kind}/1.0", "id": "", "rev": 1, "status": found["status"]}
    draft = head | found["proposal"]
    try:
        shown = {"message": draft, "id": found["id"], "status": found["status"], "origin": OWN}
        return reading.shown(shown, choose(ENGLISH), room(), local_zone())
    except (KeyError, TypeError, ValueError, AttributeError):
        return [json.dumps(found["proposal"], ensure_ascii=True, indent=2)]


@command("take", example="suar proposals take 3f9c2a7be1d04c58 --state th")
@id_argument
@state_option
@json_option
def begin_draft(id_: str, state: Path, as_json: bool) -> None:
    """Take a proposal into a draft of the desk. Authors find it under Write in the console, and publish it there."""
    taken = call(state, "POST", f"{_path(id_)}/take")
    emit(taken, as_json, lambda: str(taken["draft"]))
    print_notice("an author edits and publishes the draft in the console")


@command("reject", example='suar proposals reject 3f9c2a7be1d04c58 --reason "the period is not said" --state th')
@id_argument
@click.option("--reason", required=True, metavar="TEXT", help="Why, for the agency; it names nobody.")
@state_option
@json_option
def reject(id_: str, reason: str, state: Path, as_json: bool) -> None:
    """Reject an open proposal: its text is destroyed, and the agency receives the reason."""
    emit(call(state, "POST", f"{_path(id_)}/reject", {"reason": reason}), as_json)


def _path(id_: str) -> str:
    """Return the address of a proposal. Raises Fault for an invalid id."""
    if len(id_) != 16 or not set(id_) <= set("0123456789abcdef"):
        raise Fault("that is no id of a proposal", "`suar proposals list` shows all")
    return f"/v1/proposals/{id_}"

"""`suar held`, `release`, `reject`: the second person. The publishing token cannot decide on its message."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import rich_click as click

from suar.cli.base.client import call
from suar.cli.base.common import PathType, command, emit, id_argument, json_option, state_option
from suar.cli.base.gate_table import for_a_person
from suar.cli.base.leaving import print_waiting
from suar.cli.base.local_time import short
from suar.cli.base.reader import of_others
from suar.cli.base.terminal import visible
from suar.files import read
from suar.protocol.base.errors import Fault
from suar.protocol.base.exercise import marked as of_exercise

TOKEN_VARIABLE: Final = "SUAR_TOKEN_FILE"  # noqa: S105 - the name of a variable
TOKEN_BYTES_MAX: Final = 512  # more is the wrong file

token_option = click.option(
    "--token-file",
    type=PathType,
    help=f"A file with your own token of scope approve. Default: {TOKEN_VARIABLE}, or the local token of this machine.",
)


@command("held", example="suar held --state th")
@state_option
@token_option
@json_option
def held(state: Path, token_file: Path | None, as_json: bool) -> None:
    """List the messages that wait for approval, with the reasons and the words to check; --json adds the messages."""
    rows = _rows(state, as_whom(token_file))
    if as_json:
        emit(list(rows), as_json)
        return
    count = 0
    for count, row in enumerate(rows, 1):
        click.echo(visible(("\n" if count > 1 else "") + _row(row)))
    if not count:
        click.echo("nothing waits for a second person")


def _rows(state: Path, headers: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Page by page: what waits may be large."""
    asked: dict[str, str] = {}
    while page := call(state, "GET", "/v1/held", params=asked, headers=headers):
        yield from page
        asked = {"after": page[-1]["place"]}


@command("release", example="suar release TH-ALERT-2027-000042 --token-file approver.token --state th")
@id_argument
@state_option
@token_option
@json_option
def release(id_: str, state: Path, token_file: Path | None, as_json: bool) -> None:
    """Approve and send a held message. It is checked again, and dated, at the time of approval."""
    answer = call(state, "POST", f"{_path(id_)}/release", headers=as_whom(token_file))
    emit(answer, as_json, lambda: f"{answer['id']} is released" if answer.get("waiting") else f"{answer['id']} leaves")
    if not as_json:
        print_waiting(state, answer)


@command("reject", example="suar reject TH-ALERT-2027-000042 --reason 'names a witness' --state th")
@id_argument
@click.option("--reason", required=True, help="The reason, for the publisher; at most 400 characters.")
@state_option
@token_option
@json_option
def reject(id_: str, reason: str, state: Path, token_file: Path | None, as_json: bool) -> None:
    """Reject a held message: it is never sent. Its text is destroyed; the decision and the reason are kept."""
    answer = call(state, "POST", f"{_path(id_)}/reject", {"reason": reason}, headers=as_whom(token_file))
    emit(answer, as_json, lambda: f"{answer['id']} is rejected")


def _path(id_: str) -> str:
    return f"/v1/messages/{quote(id_, safe='')}"


def as_whom(token_file: Path | None) -> dict[str, str]:
    """The header of who decides; none: this machine's own token, which also publishes."""
    named = token_file or (Path(os.environ[TOKEN_VARIABLE]) if os.environ.get(TOKEN_VARIABLE) else None)
    if named is None:
        return {}
    token = read(named, "the token file").strip()
    if not token or len(token) > TOKEN_BYTES_MAX or not token.isascii():
        raise Fault(
            f"{named} is no token file", "`suar token add NAME --scope approve` prints a token: keep it in a file"
        )
    return {"Authorization": f"Bearer {token.decode()}"}


def _row(row: dict[str, Any]) -> str:
    title = next((text["title"] for text in row["message"]["text"] if text["lang"] == "en"), "")
    title = of_exercise(title, row["status"])
    lines = [
        f"{row['id']} rev {row['rev']}  {row['tlp']}  {row['status']}  since {short(row['since'])}  by {row['by']}"
    ]
    lines.append(of_others(title))
    for reason in for_a_person(row["reasons"], row["message"]):
        lines.append(f"  {reason['path']}: {reason['message']} ({reason['code']})")
        lines += map(of_others, reason["marked"])
    return "\n".join(lines)

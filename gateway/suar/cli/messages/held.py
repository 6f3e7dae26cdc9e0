"""`suar held`, `release`, `reject`: the second person. The publishing token cannot decide on its message."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import rich_click as click

from suar.cli.base.client import TokenHeader, call
from suar.cli.base.common import PathType, command, emit, id_argument, json_option, print_notice, state_option
from suar.cli.base.confirmation import ask
from suar.cli.base.gate_table import for_a_person
from suar.cli.base.leaving import print_waiting
from suar.cli.base.local_time import local_zone, short
from suar.cli.base.reader import ENGLISH, of_others, room, sentences_for, who_did
from suar.cli.base.terminal import visible
from suar.files import read
from suar.protocol.base.errors import Fault
from suar.protocol.base.exercise import marked as of_exercise

TOKEN_VARIABLE: Final = "SUAR_TOKEN_FILE"  # noqa: S105 - the name of a variable
DIGEST: Final = re.compile("[0-9a-f]{32}")
TOKEN_BYTES_MAX: Final = 512  # more is the wrong file

token_option = click.option(
    "--token-file",
    type=PathType,
    help=f"A file with your own token of scope approve. Default: {TOKEN_VARIABLE}, or the local token of this machine.",
)


class Digest(click.ParamType[str]):
    """The digest of a held message, as `suar held --json` prints it."""

    name = "digest"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return it as typed. Raises Fault for anything else."""
        if not DIGEST.fullmatch(str(value)):
            raise Fault(f"'{value}' is no digest of a held message", "it has 32 hexadecimal digits: `suar held --json`")
        return str(value)


digest_option = click.option(
    "--digest",
    type=Digest(),
    help="The digest of the message that you read, from `suar held --json`. Default: of what is shown now.",
)


@command("held", example="suar held --state th")
@state_option
@token_option
@json_option
def held(state: Path, token_file: Path | None, as_json: bool) -> None:
    """List the messages that wait for approval, with the reasons and the words to check; --json adds the messages."""
    rows = _rows(state, as_whom(token_file), sentences_for(as_json))
    if as_json:
        emit(list(rows), as_json)
        return
    count = 0
    for count, row in enumerate(rows, 1):
        click.echo(visible(("\n" if count > 1 else "") + _row(row)))
    if not count:
        click.echo("nothing waits for a second person")


def _rows(state: Path, headers: dict[str, str], query: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Yield rows page by page: what waits may be large."""
    params = query
    while page := call(state, "GET", "/v1/held", params=params, headers=headers):
        yield from page
        params = {**query, "after": page[-1]["place"]}


@command("release", example="suar release TH-ALERT-2027-000042 --token-file approver.token --state th")
@id_argument
@digest_option
@state_option
@token_option
@json_option
def release(id_: str, digest: str | None, state: Path, token_file: Path | None, as_json: bool) -> None:
    """Approve and send a held message, as it was shown. It is checked again, and dated, at the time of approval.

    The message is printed first; at a terminal you are asked. If it changes meanwhile, nothing is done.
    """
    headers = as_whom(token_file)
    read = _as_shown(state, id_, digest, headers, "release")
    params = read | sentences_for(as_json)
    answer = call(state, "POST", f"{_path(id_)}/release", params=params, headers=headers)
    emit(answer, as_json, lambda: _released(answer, is_repeated=not read))
    if not as_json:
        print_waiting(state, answer)


@command("reject", example="suar reject TH-ALERT-2027-000042 --reason 'names a witness' --state th")
@id_argument
@click.option("--reason", required=True, help="The reason, for the publisher; at most 400 characters.")
@digest_option
@state_option
@token_option
@json_option
def reject(
    id_: str, reason: str, digest: str | None, state: Path, token_file: Path | None, as_json: bool
) -> None:  # fmt: skip
    """Reject a held message, as it was shown: it is never sent. Its text is destroyed; decision and reason are kept.

    The message is printed first; at a terminal you are asked. If it changes meanwhile, nothing is done.
    """
    headers = as_whom(token_file)
    read = _as_shown(state, id_, digest, headers, "reject")
    answer = call(state, "POST", f"{_path(id_)}/reject", {"reason": reason}, params=read, headers=headers)
    emit(answer, as_json, lambda: f"{answer['id']} is rejected")


def _as_shown(state: Path, id_: str, digest: str | None, headers: dict[str, str], act: str) -> dict[str, str]:
    """Return the digest that the decision names: the stated one, else of what is shown now. None if nothing waits."""
    if digest is not None:
        return {"digest": digest}
    row = next((row for row in _rows(state, headers, sentences_for(as_json=False)) if row["id"] == id_), None)
    if row is None:
        return {}
    print_notice(_row(row))
    print_notice(_in_full(row))
    ask(f"{act} it?")
    return {"digest": row["digest"]}


def _released(answer: dict[str, Any], *, is_repeated: bool) -> str:
    if is_repeated:
        return f"{answer['id']} was released before, and is not sent again"
    return f"{answer['id']} is released" if answer.get("waiting") else f"{answer['id']} leaves"


def _in_full(row: dict[str, Any]) -> str:
    """Return the message as `suar show` shows it."""
    from suar.languages.rendering import reading
    from suar.languages.tags import choose

    document = {"message": row["message"], "id": row["id"], "rev": row["rev"], "status": row["status"]}
    return "\n".join(reading.shown(document, choose(ENGLISH), room(), local_zone()))


def _path(id_: str) -> str:
    return f"/v1/messages/{quote(id_, safe='')}"


def as_whom(token_file: Path | None) -> dict[str, str]:
    """Return the header of the person who decides; empty for this machine's own token, which also publishes."""
    named = token_file or (Path(os.environ[TOKEN_VARIABLE]) if os.environ.get(TOKEN_VARIABLE) else None)
    if named is None:
        return {}
    token = read(named, "the token file").strip()
    if not token or len(token) > TOKEN_BYTES_MAX or not token.isascii():
        raise Fault(
            f"{named} is no token file", "`suar token add NAME --scope approve` prints a token: keep it in a file"
        )
    return TokenHeader(token.decode(), named)


def _row(row: dict[str, Any]) -> str:
    title = next((text["title"] for text in row["message"]["text"] if text["lang"] == "en"), "")
    title = of_exercise(title, row["status"])
    lines = [
        f"{row['id']} rev {row['rev']}  {row['tlp']}  {row['status']}  since {short(row['since'])}  "
        f"by {who_did(row['by'])}"
    ]
    lines.append(of_others(title))
    for reason in for_a_person(row["reasons"], row["message"]):
        lines.append(f"  {reason['path']}: {reason['message']} ({reason['code']})")
        lines += map(of_others, reason["marked"])
    if row.get("publisher_void"):
        lines.append("  its publisher may not publish any more: reject it, nobody releases it (E-PUBLISHER-VOID)")
    return "\n".join(lines)

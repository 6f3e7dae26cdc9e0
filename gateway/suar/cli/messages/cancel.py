"""`suar cancel`: cancel a message that this member published."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import rich_click as click

from suar.cli.base.client import CHECK_TIMEOUT, Problem, call, require_answer
from suar.cli.base.common import PathType, command, emit, id_argument, json_option, print_notice, state_option
from suar.cli.base.gate_table import draft_of, table_lines
from suar.cli.base.leaving import print_waiting
from suar.cli.base.progress import CHECKING, UNANSWERED, progress
from suar.cli.base.reader import ENGLISH, room, sentences_for
from suar.cli.messages.held import as_whom
from suar.cli.messages.publish import read_message
from suar.protocol.base.errors import Fault
from suar.protocol.base.exercise import marked
from suar.protocol.base.wire import UNREADABLE


@command(
    "cancel", example="suar cancel TH-ALERT-2027-000042 --reason 'wrong border post' --replace new.json --state th"
)
@id_argument
@click.option("--reason", required=True, help="The reason, for every reader; at most 400 characters.")
@click.option(
    "--replace",
    metavar="FILE",
    help="The new message that replaces it; both are accepted, or neither. The cancel is sent at once; a replacement "
    "that needs a second person waits for one.",
)
@click.option(
    "--rev", type=click.IntRange(1, 10_000),
    help="The revision that you read: nothing is done where another is the newest. Default: the newest, whichever.",
)  # fmt: skip
@click.option(
    "--token-file", type=PathType, help="A file with your own token of scope publish. Default: SUAR_TOKEN_FILE."
)
@state_option
@json_option
def cancel(
    id_: str, reason: str, replace: str | None, rev: int | None, token_file: Path | None, state: Path, as_json: bool
) -> None:
    """Cancel a message. Every receiver is asked to destroy its text, and states what it did: see `suar deliveries ID`.

    A receiver that keeps the text under a legal hold may state that instead.

    A message that still waits for a second person was never sent; it is withdrawn instead. If an update of a published
    message waits, both are taken back: the output names the revision of each.
    """
    body: dict[str, Any] = {"reason": reason}
    if replace is not None:
        body["replace"] = _message(replace)
    path = f"/v1/messages/{quote(id_, safe='')}/cancel"
    params = sentences_for(as_json) | ({} if rev is None else {"rev": str(rev)})
    require_answer(state)
    try:
        with progress(CHECKING, late=UNANSWERED):
            done = call(state, "POST", path, body, params=params, headers=as_whom(token_file), timeout=CHECK_TIMEOUT)
    except Problem as problem:
        if not as_json:
            _print_table(problem.body)
        raise
    emit(done, as_json, lambda: _text(done))
    if done["verdict"] == "held" and not as_json:
        print_notice("held for a second person, who holds another token of scope approve")
        print_notice("until then every member that has it can still read the text")
        print_notice("with a reason in which a second person has nothing to look at, the recall leaves at once")
    if not as_json:
        _print_reasons(done["replacement"], body.get("replace"))
        _print_acting(state, done)
        print_waiting(state, done)


def _print_reasons(other: dict[str, Any] | None, sent: msgspec.Raw | None) -> None:
    """Print the table of the replacement, and the gate's warnings or why it waits, as `suar publish` does."""
    if other is None or sent is None or other.get("before") or not (other.get("reasons") or other.get("table")):
        return
    from suar.languages.rendering import reading
    from suar.languages.tags import ENGLISH

    for line in reading.verdict(other, ENGLISH, room(), draft_of(bytes(sent))):
        print_notice(line)


def _print_table(body: Mapping[str, Any]) -> None:
    """Print the table of a refused replacement, and what coarser ones would hide; the error has the reasons."""
    if body.get("table"):
        for line in table_lines(body["table"], ENGLISH):
            print_notice(line)


def _print_acting(state: Path, done: dict[str, Any]) -> None:
    """Name the members that act on the text that is recalled now: a recall alone may reach them too late."""
    if done["verdict"] != "published":
        return
    try:
        members = call(state, "GET", f"/v1/messages/{quote(done['id'], safe='')}/deliveries")["members"]
    except Problem:
        return
    codes = [code for code, each in sorted(members.items()) if (each.get("before") or {}).get("acting")]
    if codes:
        verb = "acts" if len(codes) == 1 else "act"
        print_notice(f"{', '.join(codes)} {verb} on it: telephone the focal point")


def _message(file: str) -> msgspec.Raw:
    data = read_message(file)
    try:
        msgspec.json.decode(data)
    except UNREADABLE:
        raise Fault(f"{file} is no JSON", "`suar check-message` says where a message is at fault") from None
    return msgspec.Raw(data)


def _text(done: dict[str, Any]) -> str:
    text = marked(f"{done['id']} rev {done['rev']} {_outcome_text(done)}", done["realm"])
    if done.get("withdrawn") is not None:
        waited = f"the update or recall as rev {done['withdrawn']}, which waited for a second person, never left"
        text += f"\nthe published message is recalled; {waited}"
    other = done["replacement"]
    if other is None:
        return text
    return f"{text}\n{other['id']} {_replacement_text(other)}"


def _replacement_text(other: dict[str, Any]) -> str:
    if other["verdict"] == "refused":
        return f"is the same message, and does not leave again: {other['reasons'][0]['message']}"
    is_held = other["verdict"] == "held"
    if other.get("before"):
        state = "waits for a second person" if is_held else "has left"
        return f"is the same message, handed in before: it {state}, and is not sent again"
    return "waits for a second person, to take its place" if is_held else "takes its place"


def _outcome_text(done: dict[str, Any]) -> str:
    if done["verdict"] == "withdrawn":
        return "was rejected or withdrawn before: it never left" if done["before"] else "is withdrawn: it never left"
    if done["before"]:
        return "cancelled it before: the reason stays the first one"
    return "is to cancel it" if done["verdict"] == "held" else "cancels it"

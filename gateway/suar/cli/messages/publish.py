"""`suar publish`: publish a message through the running gateway."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import rich_click as click

from suar.cli.base import client
from suar.cli.base.client import Problem
from suar.cli.base.common import command, emit, json_option, print_notice, state_option
from suar.cli.base.gate_table import draft_of, table_lines
from suar.cli.base.leaving import print_outcome, print_replayed
from suar.cli.base.progress import UNPUBLISHED, checking, progress
from suar.cli.base.reader import ENGLISH, lang_option, room, sentences_for
from suar.files import read
from suar.protocol.base.errors import Fault
from suar.protocol.base.exercise import BANNER
from suar.protocol.base.limits import MESSAGE_BYTES_MAX

if TYPE_CHECKING:
    from suar.languages.tags import Language

STDIN: Final = "-"


@command("publish", example="suar publish alert.json --state th")
@click.argument("file", metavar="FILE|-")
@click.option("--exercise", is_flag=True, help="Publish in the exercise realm.")
@lang_option
@state_option
@json_option
def publish(file: str, exercise: bool, lang: "Language", state: Path, as_json: bool) -> int:
    """Check and publish a message, and print its id. A refusal lists each reason with its JSON path.

    If the message cannot be sent yet, the cause is printed; the message is stored, and is sent automatically when the
    cause is removed. Publishing the same file again within a day prints the same id and sends nothing twice.
    """
    data = read_message(file)
    params = {"lang": lang.tag, **({"exercise": "true"} if exercise else {}), **sentences_for(as_json)}
    try:
        with progress(checking(data), late=UNPUBLISHED):
            answer, is_replayed = client.publish(state, data, params=params)
    except Problem as problem:
        if "verdict" not in problem.body:
            raise
        if lang.tag == ENGLISH and not as_json:
            _print_refused_table(problem.body, lang)
            raise client.Problem(problem.status, problem.body, draft_of(data)) from None
        body = problem.body
        emit(verdict_of(body), as_json, lambda: _verdict_text(body, lang, draft_of(data)))
        return 1
    emit(answer, as_json, lambda: str(answer["id"]))
    if not as_json:
        _print_table(answer, lang)
        _print_warnings(answer)
    if exercise and not as_json:
        print_notice(f"*** {BANNER} ***")
    if is_replayed and not as_json:
        print_replayed(state, answer, lang.tag)
    elif not as_json:
        print_outcome(state, answer, lang.tag)
    return 0


def _print_refused_table(body: Any, lang: "Language") -> None:
    """Print the table as it was handed in, and what coarser ones would hide; the error follows with the reasons."""
    if body.get("table"):
        for line in table_lines(body["table"], lang.tag):
            print_notice(line)


def _verdict_text(body: Any, lang: "Language", draft: object) -> str:
    from suar.languages.rendering import reading

    return "\n".join(reading.verdict(body, lang, room(), draft))


def _print_table(answer: Any, lang: "Language") -> None:
    """Print which part of a table is sent, and the gate's warnings; on stderr, because the id is piped."""
    if answer.get("table"):
        from suar.languages.rendering import reading

        for line in reading.verdict(answer, lang, room()):
            print_notice(line)


def _print_warnings(answer: Any) -> None:
    """Print the gate's warnings that no table has shown; each with its own hint."""
    if answer["verdict"] == "published" and not answer.get("table"):
        for reason in answer.get("reasons") or ():
            print_notice(f"warning: {reason['path']}: {reason['message']} ({reason['code']})")
            print_notice(f"  hint: {reason['hint']}")


def verdict_of(body: Any) -> dict[str, Any]:
    """Return the publish shape of a problem document."""
    shape = {name: body.get(name) for name in ("id", "rev", "verdict", "reasons", "waiting")}
    return {**shape, "table": body["table"]} if "table" in body else shape


def read_message(file: str) -> bytes:
    """Return the bytes of FILE, or of standard input for `-`. Raises Fault if it is too large or too small for a
    message.
    """
    data = sys.stdin.buffer.read(MESSAGE_BYTES_MAX + 1) if file == STDIN else read(Path(file), "the message")
    if len(data) > MESSAGE_BYTES_MAX:
        raise Fault(f"the message is larger than {MESSAGE_BYTES_MAX} bytes", "publish it in parts")
    if file == STDIN and not data.strip():  # the command before it in the pipe has failed
        raise Fault("the message is empty", "`suar schemas draft NAME` writes an example")
    return data

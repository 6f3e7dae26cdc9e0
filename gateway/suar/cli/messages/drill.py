"""`suar drill`: start exercises as a drill, and report who answered when."""

import re
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import rich_click as click

from suar.cli.base.common import PathType, command, emit, group, json_option, print_notice, state_option
from suar.cli.base.lazy import Table
from suar.cli.base.local_time import short
from suar.cli.base.reader import sentences_for
from suar.cli.base.terminal import visible
from suar.protocol.base.errors import Fault
from suar.protocol.base.exercise import BANNER, REALM
from suar.protocol.base.stages import ARRIVED
from suar.protocol.base.wire import UNREADABLE

COMMANDS: Final[Table] = {
    "start": ("suar.cli.messages.drill:start", "publish exercises as one drill"),
    "report": (
        "suar.cli.messages.drill:report",
        "show who stored, opened, acknowledged and acted, and after what time",
    ),
    "list": ("suar.cli.messages.drill:list_", "list the drills that were started here"),
}
COLUMNS: Final = ("member", "state", *ARRIVED, "refused")
MESSAGES_MAX: Final = 20
_CODE: Final = re.compile("[A-Za-z]{2}")


@group("drill", COMMANDS, example="suar drill start call-out --to all --state th")
def drill() -> None:
    """Run exercises. They are signed as exercises, never listed among actual messages, and measured."""


@command(
    "start",
    example="suar drill start call-out --to SG,VN --state th\n  suar drill start scenario.json --name border-night",
)
@click.argument("what", metavar="FILE|TEMPLATE")
@click.option("--to", help="The recipients: all, or member codes separated by commas. Default: those of the file.")
@click.option("--name", help="The drill's name; an existing drill is extended. Default: the date and a number.")
@click.option("--desk", metavar="ID", help="For a template: your contact message. Default: the newest one.")
@click.option(
    "--token-file", type=PathType, help="A file with your own token of scope publish. Default: SUAR_TOKEN_FILE."
)
@state_option
@json_option
def start(
    what: str, to: str | None, name: str | None, desk: str | None, token_file: Path | None, state: Path, as_json: bool
) -> int:
    """Publish exercise messages as one drill, all or none, and print the drill's name and the ids.

    A file contains one message in the form that `suar publish` accepts, or a JSON list of them. The templates are
    call-out, mass-rescue and route-shift. A message that would need a second person's approval needs it in a drill too.
    """
    from suar.cli.base.client import Problem, call
    from suar.cli.base.leaving import print_waiting
    from suar.cli.messages.held import as_whom
    from suar.service.exercises.drill_templates import TEMPLATES

    body: dict[str, Any] = {"template": what} if what in TEMPLATES else {"messages": _drafts(what)}
    if what in TEMPLATES and to is None:
        raise click.UsageError("give --to all, or --to with member codes")
    body |= {key: value for key, value in (("to", _audience(to)), ("name", name), ("desk", desk)) if value}
    is_known = name is not None and any(row["drill"] == name for row in call(state, "GET", "/v1/drills"))
    try:
        done = call(state, "POST", "/v1/drills", body, params=sentences_for(as_json), headers=as_whom(token_file))
    except Problem as problem:
        if not (as_json and "drill" in problem.body):
            raise
        named = {key: problem.body.get(key) for key in ("drill", "messages", "reasons")}
        emit({**named, "status": REALM}, as_json)
        return 1
    if not as_json:
        print_notice(f"*** {BANNER} ***")
        if is_known:
            print_notice(f"{name} was started before: these are added to it, and stand in one report with the others")
    emit(done, as_json, lambda: "\n".join([done["drill"], *(_started(each) for each in done["messages"])]))
    waiting = next((each for each in done["messages"] if each.get("waiting")), None)
    if waiting and not as_json:
        print_waiting(state, waiting)
    return 0


@command("report", example="suar drill report drill-2027-05-04-1 --csv drill.csv --svg drill.svg --state th")
@click.argument("which", metavar="ID|DRILL")
@click.option("--csv", "csv_file", type=PathType, help="Also write the table to this file as CSV.")
@click.option("--svg", "svg_file", type=PathType, help="Also write a chart to this file as SVG.")
@state_option
@json_option
def report(which: str, csv_file: Path | None, svg_file: Path | None, state: Path, as_json: bool) -> None:
    """Show how long each member took to reach each stage, according to the members' signed receipts."""
    from suar.cli.base.client import call, fetch
    from suar.files import PRIVATE, atomic_write

    path = f"/v1/drills/{quote(which, safe='')}"
    found = call(state, "GET", path)
    for name, file in (("csv", csv_file), ("svg", svg_file)):
        if file:
            data = fetch(state, path, params={"as": name})
            atomic_write(file, data, PRIVATE)
            print_notice(f"{file}: {len(data):,} bytes written")
    if as_json:
        emit(found, as_json)
    else:
        _print(found)


@command("list", example="suar drill list --state th")
@state_option
@json_option
def list_(state: Path, as_json: bool) -> None:
    """List the drills that were started at this gateway, the newest first."""
    from suar.cli.base import tables
    from suar.cli.base.client import call

    rows = call(state, "GET", "/v1/drills")
    if as_json:
        emit(rows, as_json)
    else:
        columns = ("drill", "started", "by", "messages")
        tables.show(columns, [[row["drill"], short(row["started"]), row["by"], row["messages"]] for row in rows])


def _audience(to: str | None) -> object:
    if to is None:
        return None
    values = [value.strip() for value in to.split(",") if value.strip()]
    codes = [value.upper() for value in values]
    if codes == ["ALL"]:
        return "all"
    wrong = [value for value in values if not _CODE.fullmatch(value)]
    if wrong:
        from suar.protocol.message.valuehints import code_of_name

        meant = [f"write {code} for {value}" for value in wrong if (code := code_of_name(value)) is not None]
        step = "; ".join([*meant, "`suar trust show` has the codes of the members"])
        raise Fault(f"--to takes all, or member codes of two letters, and not {', '.join(map(repr, wrong))}", step)
    return codes


def _drafts(file: str) -> list[Any]:
    import msgspec

    from suar.cli.messages.publish import read_message
    from suar.service.exercises.drill_templates import TEMPLATES

    if file != "-" and not Path(file).exists():
        raise Fault(f"there is no file {file}", f"name a file, or a template: {', '.join(TEMPLATES)}")
    try:
        content = msgspec.json.decode(read_message(file))
    except UNREADABLE:
        raise Fault(f"{file} is no JSON", "`suar check-message --exercise` says where a message is at fault") from None
    drafts = content if isinstance(content, list) else [content]
    if not 0 < len(drafts) <= MESSAGES_MAX or not all(isinstance(each, dict) for each in drafts):
        raise Fault(f"{file} has no messages, or more than {MESSAGES_MAX}", "one message, or a JSON list of messages")
    return drafts


def _started(verdict: dict[str, Any]) -> str:
    held = "  held for a second person: `suar held`" if verdict["verdict"] == "held" else ""
    return f"{verdict['id']}{held}"


def _print(found: dict[str, Any]) -> None:
    from suar.cli.base import tables
    from suar.cli.base.reader import of_others
    from suar.service.exercises.drill_render import cells, summary

    click.echo(f"*** {BANNER} ***")
    for message in found["messages"]:
        click.echo(visible(f"{message['id']}  sent {short(message['sent']) or 'not yet'}"))
        click.echo(visible(of_others(message["title"])))
        tables.show(COLUMNS, [cells(code, member) for code, member in sorted(message["members"].items())])
        for line in summary(message):
            click.echo(visible(line))

"""`suar errors`: the meaning of an error code, who is at fault, the next step; it also generates docs/errors.md."""

from typing import Final

import rich_click as click

from suar.api.http.codes import HTTP_CODES
from suar.cli.base import tables
from suar.cli.base.common import command, emit, json_option
from suar.observe.alarms import CODES as ALARM_CODES
from suar.protocol.base.errors import CODES, ErrorEntry, Fault

WHO: Final = {
    "peer": "the member that sent it",
    "publisher": "who wrote the message",
    "ours": "this gateway or its operator",
    "hub": "the hub, or a link to it",
    "none": "nobody by itself",
    "caller": "the program that called",
}
HEAD: Final = """\
# Error codes

Made by `suar errors --markdown`; a test keeps it so. The list is closed: a code that is not here does not exist.

"""


@command("errors", example="suar errors E-FRAME-REPLAY")
@click.argument("code", required=False)
@click.option("--markdown", is_flag=True, help="Print all codes in the form of docs/errors.md.")
@json_option
def errors(code: str | None, markdown: bool, as_json: bool) -> None:
    """Explain an error code: its meaning, who is at fault and the next step. Without CODE, list all codes."""
    if markdown:
        click.echo(document(), nl=False)
    elif code:
        found = described(code.upper())
        emit(found, as_json, lambda: "\n".join(f"{name:9}{value}" for name, value in found.items() if value))
    elif as_json:
        emit([described(name) for name in every()], as_json)
    else:
        tables.show(
            ("code", "rule", "meaning"), [(name, entry.rules, entry.meaning) for name, entry in every().items()]
        )


def every() -> dict[str, ErrorEntry]:
    """Return all codes: the protocol's, then the HTTP API's, then the alarms'."""
    return CODES | HTTP_CODES | ALARM_CODES


def described(code: str) -> dict[str, str]:
    """Return one code in full. Raises Fault when there is none of that name."""
    entry = every().get(code)
    if entry is None:
        near = [name for name in every() if code.removeprefix("E-").split("-")[0] in name]
        hint = f"near it: {', '.join(near[:4])}" if near else "`suar errors` lists all"
        raise Fault("there is no such code", hint)
    return {
        "code": code,
        "rule": entry.rules,
        "meaning": entry.meaning,
        "fault": WHO.get(entry.fault, entry.fault),
        "next": entry.advice,
    }


def document() -> str:
    """Return docs/errors.md."""
    lines = ["| code | rule | meaning | whose fault | next step |", "|---|---|---|---|---|"]
    for code, entry in every().items():
        cells = (f"`{code}`", entry.rules, entry.meaning, WHO.get(entry.fault, entry.fault), entry.advice)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return HEAD + "\n".join(lines) + "\n"

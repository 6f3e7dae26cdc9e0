"""`suar conformance`: run the test vectors of a folder (protocol.md section 10)."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, NotRequired, TypedDict

import msgspec
import rich_click as click

from suar.cli.base import tables
from suar.cli.base.common import PathType, command, emit, json_option
from suar.cli.base.terminal import in_words, visible
from suar.files import read
from suar.protocol.base.errors import Fault

if TYPE_CHECKING:
    from suar.protocol.files.conformance import Scenario

VERSION: Final = "VERSION"
"""The file of a folder of vectors that states the version of the set."""
_VERSION_FORM: Final = re.compile(rb"\d{1,5}(\.\d{1,5}){1,2}\n?")
_vector: Final = msgspec.json.Decoder(dict[str, Any]).decode
_Hex = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-fA-F]{64}\Z")]
_Time = Annotated[int, msgspec.Meta(ge=0, le=(1 << 63) - 1)]  # ms


class _Self(TypedDict):
    member: str
    kem_seeds: list[_Hex]


class _Object(TypedDict):
    subject: str
    bytes: bytes
    each: NotRequired[Literal["bit-flip", "truncation"] | None]
    zeros: NotRequired[int]


class _Step(TypedDict):
    now: _Time
    objects: list[_Object]
    results: list[dict[str, Any]]
    expired: NotRequired[list[tuple[str, str]] | None]
    named: NotRequired[list[tuple[int, list[str]]]]


class _Form(TypedDict):
    """What a vector has at least, so that a file without it is refused by the name of the field."""

    name: str
    rule: str
    federation: str
    self: _Self
    pin: _Hex
    steps: list[_Step]


@command("conformance", example="suar conformance schemas/vectors")
@click.argument("folder", metavar="DIR", type=PathType)
@json_option
@click.pass_context
def conformance(ctx: click.Context, folder: Path, as_json: bool) -> None:
    """Run every conformance vector of the folder DIR against this implementation; exit with 1 if one fails."""
    version = version_of(folder)
    scenarios = list(_run(folder))
    failed = [scenario for scenario in scenarios if not scenario.ok]
    if as_json:
        rows = [scenario._asdict() for scenario in scenarios]
        result = {"version": version, "passed": len(rows) - len(failed), "failed": len(failed), "scenarios": rows}
        emit(result, as_json)
    else:
        _print_result(version, scenarios, failed)
    ctx.exit(1 if failed else 0)


def version_of(folder: Path) -> str | None:
    """Return the version of the set of vectors, None where the folder has no VERSION.

    Raises Fault for another content.
    """
    path = folder / VERSION
    if not path.exists():
        return None
    found = read(path, "the version of the vectors")
    if not _VERSION_FORM.fullmatch(found):
        raise Fault(f"{path} is not a version", "write one such as 1.0.1, or remove the file")
    return found.decode().strip()


def _run(folder: Path) -> Iterator["Scenario"]:
    paths = sorted(folder.glob("*.json"))
    if not paths:
        raise Fault(f"no vectors in {folder}", "name a folder of *.json files, such as schemas/vectors")
    for path in paths:
        yield _run_one(path)


def _run_one(path: Path) -> "Scenario":
    from suar.protocol.files.conformance import run

    try:
        vector = _vector(read(path, "the vector"))
        msgspec.convert(vector, _Form)
        return run(vector)
    except (ValueError, RecursionError) as error:
        found = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise Fault(f"{path} is no vector: {found}", "protocol.md section 10 has the form") from error


def _print_result(version: str | None, scenarios: list["Scenario"], failed: list["Scenario"]) -> None:
    tables.show(("scenario", "rule", "verdict"), [(s.name, s.rule, "ok" if s.ok else "failed") for s in scenarios])
    for scenario in failed:
        want, got = _line(scenario.want), _line(scenario.got)
        click.echo(visible(f"\n{scenario.name} [{scenario.rule}]\n  want  {want}\n  got   {got}"))
    if version is not None:
        click.echo(visible(f"\nversion {version} of the vectors"))
    click.echo(f"\n{len(scenarios) - len(failed)} passed, {len(failed)} failed")


def _line(result: dict[str, Any] | None) -> str:
    """Return a result on one line, its messages by their ids; what is empty only where all of it is."""
    parts = {name: _part(name, value) for name, value in (result or {}).items()}
    shown = {name: text for name, text in parts.items() if text != in_words(None)} or parts
    return ", ".join(f"{name} {text}" for name, text in shown.items())


def _part(name: str, value: object) -> str:
    """Return one field of a result: the entries of its lists are separated by semicolons, their parts by blanks."""
    if not isinstance(value, list) or not value:
        return in_words(value, is_exact=True)
    return "; ".join(in_words(_id(part) if name == "messages" else part, is_exact=True) for part in value)


def _id(message: object) -> object:
    return message.get("id", message.get("kind")) if isinstance(message, dict) else message

"""`suar conformance`: run the test vectors of a folder (protocol.md section 10)."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
import rich_click as click

from suar.cli.base import tables
from suar.cli.base.common import PathType, command, emit, json_option
from suar.cli.base.terminal import visible
from suar.files import read
from suar.protocol.base.errors import Fault

if TYPE_CHECKING:
    from suar.protocol.files.conformance import Scenario

VERSION: Final = "VERSION"
"""The file of a folder of vectors that states the version of the set."""
_VERSION_FORM: Final = re.compile(rb"\d{1,5}(\.\d{1,5}){1,2}\n?")
_vector: Final = msgspec.json.Decoder(dict[str, Any]).decode


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
        return run(_vector(read(path, "the vector")))
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError) as error:
        found = f"{type(error).__name__}: {error}"
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
    """Return a result on one line, its messages by their ids."""
    shown = dict(result or {})
    shown["messages"] = [message.get("id", message.get("kind")) for message in shown.get("messages", ())]
    return ", ".join(f"{name} {value}" for name, value in shown.items() if value not in (None, [], ""))

"""What people and programs rely on: commands, options, codes, paths, fields and metrics of before are all there.

`tests/data/surface.json` is what they were before the modules moved into rooms; whatever is added
later may be added there, and what is taken away needs a note in the changelog.
"""

import json
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from suar.cli.base.lazy import LazyGroup
from suar.cli.main import cli

pytestmark = pytest.mark.asyncio(loop_scope="module")

KEPT = Path(__file__).parents[1] / "data" / "surface.json"


def commands(command: click.Command, name: str = "suar") -> dict[str, list[str]]:
    """Each command with its arguments and options."""
    found = {name: sorted(option for each in command.params for option in (*each.opts, *each.secondary_opts))}
    if isinstance(command, click.Group):
        for each in command.list_commands(click.Context(command)):
            below = command.load(each) if isinstance(command, LazyGroup) else command.commands[each]
            found |= commands(below, f"{name} {each}")
    return found


def calls(document: dict[str, Any]) -> dict[str, list[str]]:
    """Each call of the API with its parameters and the statuses that it documents."""
    found = {}
    for path, methods in document["paths"].items():
        for method, call in methods.items():
            names = [each["name"] for each in call.get("parameters", [])]
            found[f"{method} {path}"] = sorted([*names, *call.get("responses", {})])
    return found


def fields(document: dict[str, Any]) -> dict[str, list[str]]:
    """Each shape of an answer with its fields."""
    shapes = document["components"]["schemas"]
    return {name: sorted(shape.get("properties", {})) for name, shape in shapes.items()}


async def test_what_others_rely_on_is_as_it_was(api: Any) -> None:
    document = (await api("GET", "/schema/openapi.json")).json()
    metrics = (await api("GET", "/metrics", "operate")).text
    now: dict[str, Any] = {
        "commands": commands(cli),
        "calls": calls(document),
        "fields": fields(document),
        "codes": sorted(code["code"] for code in json.loads(CliRunner().invoke(cli, ["errors", "--json"]).output)),
        "metrics": sorted({line.split()[2] for line in metrics.splitlines() if line.startswith("# TYPE")}),
    }
    kept = json.loads(KEPT.read_text("utf-8"))
    for part in ("commands", "calls", "fields"):
        gone = {name: sorted(set(has) - set(now[part].get(name, ()))) for name, has in kept[part].items()}
        assert {name: what for name, what in gone.items() if what or name not in now[part]} == {}, part
    for part in ("codes", "metrics"):
        assert set(kept[part]) <= set(now[part]), part


async def test_exit_codes_are_as_they_were() -> None:
    from suar.cli.base.lazy import EXIT_USAGE
    from suar.cli.main import EXIT_INTERRUPTED, EXIT_REFUSED

    codes = EXIT_REFUSED, EXIT_USAGE, EXIT_INTERRUPTED
    assert codes == (1, 64, 130)

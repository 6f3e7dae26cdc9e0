"""`suar schemas`: the message standard as files."""

from pathlib import Path
from typing import Final

import rich_click as click

from suar.cli.common import PathType, command, group, say
from suar.cli.lazy import Table
from suar.protocol.errors import Fault

COMMANDS: Final[Table] = {"export": ("suar.cli.schemas:export", "write the standard into a folder")}


@group("schemas", COMMANDS, example="suar schemas export -o standard")
def schemas() -> None:
    """The message standard."""


@command("export", example="suar schemas export -o standard --check")
@click.option("-o", "--output", type=PathType, required=True, help="The folder.")
@click.option("--check", is_flag=True, help="Write nothing; fail when the folder differs.")
def export(output: Path, check: bool) -> None:
    """Write schemas, code lists, examples and vectors into a folder; prints what was written."""
    from suar.schemas_export import export as write

    names = write(output, check=check)
    for name in names:
        click.echo(name)
    if check and names:
        raise Fault(
            f"{len(names)} files differ from the standard of this version", f"`suar schemas export -o {output}`"
        )
    say(f"{len(names)} files written" if names else "nothing differs")

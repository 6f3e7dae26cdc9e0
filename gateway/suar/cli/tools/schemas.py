"""`suar schemas`: the message standard as files."""

from pathlib import Path
from typing import Final

import rich_click as click

from suar.cli.base.common import PathType, command, group, print_notice
from suar.cli.base.lazy import Table
from suar.protocol.base.errors import Fault
from suar.protocol.base.sentences import several

COMMANDS: Final[Table] = {
    "export": ("suar.cli.tools.schemas:export", "export the standard to a folder"),
    "draft": ("suar.cli.tools.schemas:draft", "print a shipped example as a draft, dated today"),
}


@group("schemas", COMMANDS, example="suar schemas export -o standard")
def schemas() -> None:
    """Export the message standard, and prepare drafts from its examples."""


@command("export", example="suar schemas export -o standard --check")
@click.option("-o", "--output", type=PathType, required=True, help="The folder to write.")
@click.option("--check", is_flag=True, help="Write nothing, and fail if the folder differs.")
def export(output: Path, check: bool) -> None:
    """Export the schemas, code lists, examples and vectors to a folder, and list the files that were written."""
    from suar.standard.schemas_export import export as write

    names = write(output, check=check)
    for name in names:
        click.echo(name)
    if check and names:
        raise Fault(
            several(
                len(names),
                "file differs from the standard of this version",
                "files differ from the standard of this version",
            ),
            f"`suar schemas export -o {output}`",
        )
    print_notice(several(len(names), "file written", "files written") if names else "nothing differs")


@command("draft", example="suar schemas draft alert-new-route --member TH > mine.json")
@click.argument("name")
@click.option("--member", metavar="CC", help="The publishing member. Default: the publisher of the example.")
def draft(name: str, member: str | None) -> None:
    """Print a shipped example, dated today and without the fields that the gateway adds, for `suar publish`."""
    import json
    from datetime import UTC, datetime

    from suar.standard import shipped

    if name not in shipped.names():
        raise Fault(f"no shipped example is named {name!r}", f"one of: {', '.join(shipped.names())}")
    message = shipped.example(name)
    made = shipped.draft(message, member or message["issuer"]["member"], datetime.now(UTC))
    click.echo(json.dumps(made, indent=1, ensure_ascii=False))
    named = shipped.members_of(made)
    if named:
        print_notice(
            f"the example is for {', '.join(named)}: name other members of your federation instead (`suar trust show`)"
        )

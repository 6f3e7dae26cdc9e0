"""What every command shares: its example, the state folder, JSON output, the passphrase."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import rich_click as click

from suar.cli.lazy import Command, LazyGroup, Table
from suar.files import read
from suar.protocol.errors import Fault

if TYPE_CHECKING:
    from suar.protocol.primitives import Secret

F = TypeVar("F", bound=Callable[..., Any])
PASSPHRASE_VARIABLE: Final = "SUAR_PASSPHRASE_FILE"  # noqa: S105 - the name of a variable
PASSPHRASE_BYTES_MAX: Final = 4096  # more is the wrong file


def command(name: str, *, example: str, **settings: Any) -> Callable[[Callable[..., Any]], Command]:
    """Declare a command; every one has an example in its help."""
    return click.command(name, cls=Command, epilog=f"\b\nExample:\n  {example}", **settings)


def group(name: str, table: Table, *, example: str) -> Callable[[Callable[..., Any]], LazyGroup]:
    """Declare a group over a table of commands that are imported when they are run."""
    return click.group(name, cls=LazyGroup, table=table, epilog=f"\b\nExample:\n  {example}")


PathType: Final = click.Path(path_type=Path)

state_option = click.option(
    "--state",
    type=PathType,
    envvar="SUAR_STATE",
    default=Path("suar-state"),
    help="The gateway's state folder; else SUAR_STATE, else ./suar-state.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
passphrase_option = click.option(
    "--passphrase-file",
    type=PathType,
    help="A file with the passphrase (a systemd credential will do); else SUAR_PASSPHRASE_FILE, else a prompt.",
)


def read_passphrase(file: Path | None, *, of: str, confirm: bool = False) -> "Secret":
    """The passphrase `of` something: from `file`, else from SUAR_PASSPHRASE_FILE, else asked for on a terminal.

    `confirm` asks twice, where it will seal something new. One line end at its end is not part of it.
    """
    from suar.protocol.primitives import Secret

    named = file or _path(os.environ.get(PASSPHRASE_VARIABLE))
    if named:
        passphrase = read(named, "the passphrase file").removesuffix(b"\n").removesuffix(b"\r")
        if len(passphrase) > PASSPHRASE_BYTES_MAX:
            raise Fault(f"the passphrase file {named} is larger than {PASSPHRASE_BYTES_MAX} bytes", "name another file")
    elif sys.stdin.isatty():
        passphrase = click.prompt(
            f"passphrase of {of}", hide_input=True, confirmation_prompt=confirm, err=True
        ).encode()
    else:
        raise Fault(f"no passphrase for {of}", f"give --passphrase-file FILE, or set {PASSPHRASE_VARIABLE}")
    if not passphrase:
        raise Fault(f"the passphrase of {of} is empty", "write a passphrase of several words into the file")
    return Secret(passphrase)


def emit(value: object, as_json: bool, text: Callable[[], str] | None = None) -> None:
    """Print `value` as one JSON document, or as `text()` makes it read (without `text`: a line a field)."""
    if as_json:
        import msgspec

        click.echo(msgspec.json.format(msgspec.json.encode(value), indent=1))
    elif text:
        click.echo(text())
    elif isinstance(value, dict):
        width = max(map(len, value), default=0)
        for name, field in value.items():
            click.echo(f"{name:{width}}  {field}")
    else:
        click.echo(str(value))


def say(line: str) -> None:
    """A line for the person at the terminal, out of the way of what is piped."""
    click.echo(line, err=True)


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None

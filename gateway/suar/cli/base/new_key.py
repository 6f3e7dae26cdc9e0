"""Common parts of the commands that create the key of one person: `root keygen`, `evidence key new`."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

import rich_click as click

from suar.cli.base.common import (
    F,
    PathType,
    now_ms,
    passphrase_option,
    print_notice,
    profile_option,
    read_passphrase,
)
from suar.profiles import Cost

Public_co = TypeVar("Public_co", covariant=True)


class Create(Protocol[Public_co]):
    """Writes the encrypted key and its public part, which it returns."""

    def __call__(self, path: Path, passphrase: bytes, /, *, holder: str, now: int, cost: Cost) -> Public_co:
        """Create the files. Raises Fault when one of the two exists."""


def new_key_options(holder: str) -> Callable[[F], F]:
    """Return the options of such a command; `holder` is the help of --holder."""
    options = (
        click.option("--holder", required=True, help=holder),
        click.option(
            "-o", "--output", type=PathType, required=True,
            help="The file for the encrypted key; its public part is written to FILE.pub.",
        ),
        passphrase_option,
        profile_option,
    )  # fmt: skip

    def with_options(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return with_options


def create_key(
    create: Create[Public_co], of: str, *, holder: str, output: Path, passphrase_file: Path | None, profile: str
) -> Public_co:
    """Create a key, `of` in words, under a passphrase that is read; print its path, and return its public part."""
    from suar.service.settings.sealed import cost

    costs = cost(profile)
    passphrase = read_passphrase(passphrase_file, of=f"the new {of}", confirm=True)
    public = create(output, passphrase, holder=holder, now=now_ms(), cost=costs)
    print_notice(f"wrote {output} (keep it in a safe) and {output}.pub")
    return public

"""`suar pair`: copy the keyring and the settings of the first gateway of a pair to the second."""

import os
from pathlib import Path
from typing import Final

import rich_click as click

from suar.cli.base.common import (
    PathType,
    command,
    emit,
    group,
    json_option,
    keyring_passphrase,
    passphrase_option,
    print_notice,
    read_passphrase,
    state_option,
)
from suar.cli.base.lazy import Table

COMMANDS: Final[Table] = {
    "export": ("suar.cli.operations.pair:export", "write keyring and settings to one encrypted file"),
    "import": ("suar.cli.operations.pair:import_", "make the state folder of the second gateway, or update its keys"),
}


@group("pair", COMMANDS, example="suar pair export -o th.pair --state th")
def pair() -> None:
    """Two gateways of one member on one store in PostgreSQL, of which one leads: docs/operators.md."""


@command("export", example="suar pair export -o th.pair --state th")
@click.option("-o", "--output", type=PathType, required=True, help="The file to write; it must not exist.")
@state_option
@passphrase_option
@json_option
def export(output: Path, state: Path, passphrase_file: Path | None, as_json: bool) -> None:
    """Write keyring and settings to one encrypted file, for the second gateway; the gateway may be running.

    Only the passphrase of the keyring opens the file. Export again after a new identity key: the standby does not lead
    with an older keyring.
    """
    from suar.service.setup import pair as pairing

    passphrase = keyring_passphrase(state, passphrase_file)
    member = pairing.export_file(state, passphrase, output, os.environ)
    emit({"file": str(output), "member": member, "bytes": output.stat().st_size}, as_json)
    print_notice(f"wrote {output}; keep it apart from its passphrase, and remove it once it was imported")


@command("import", example="suar pair import th.pair --state th")
@click.argument("file", type=PathType, metavar="FILE")
@state_option
@passphrase_option
@json_option
def import_(file: Path, state: Path, passphrase_file: Path | None, as_json: bool) -> None:
    """Make the state folder of the second gateway from FILE, or update the keyring there.

    Existing settings of the folder are not changed. No gateway may run on it.
    """
    from suar.service.setup import pair as pairing

    done = pairing.import_file(file, state.absolute(), read_passphrase(passphrase_file, of=str(file)))
    facts = {
        "state": str(state), "member": done.member, "identities": done.identities, "is_changed": done.is_changed,
        "has_own_settings": done.has_own_settings,
    }  # fmt: skip
    emit(facts, as_json)
    kept = "its settings were left as they are; " if done.has_own_settings else "adapt suar.toml to this machine; "
    print_notice(f"{kept}then start the gateway: it waits as the standby")

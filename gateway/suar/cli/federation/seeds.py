"""The seeds with which commands sign in to NATS servers: from files, or from a member's keyring."""

from pathlib import Path

import rich_click as click
from click.core import ParameterSource

from suar.cli.base.common import read_passphrase
from suar.files import read
from suar.protocol.base.errors import Fault


def seed_of(file: Path | None, option: str) -> bytes:
    """Return an nkey seed from a file; never from an argument, which every user of the machine could read."""
    if file is None:
        raise Fault(f"no {option} given", f"name the file that holds the seed: {option} FILE")
    seed = read(file, "the seed file").strip()
    if len(seed) != 58 or not seed.startswith(b"SU"):
        raise Fault(f"the seed file {file} holds no nkey seed of a user (SU...)", "name another file")
    return seed


def is_on_command_line(option: str) -> bool:
    """Whether an option is on the command line: SUAR_NATS_SEED_FILE may be set for the hub's commands."""
    context = click.get_current_context(silent=True)
    return context is not None and context.get_parameter_source(option) is ParameterSource.COMMANDLINE


def watch_seeds(
    seed_file: Path | None, admin_file: Path | None, state: Path | None, passphrase_file: Path | None
) -> tuple[bytes, bytes | None]:
    """Return the seeds of the watchdog and, if there is one, of the administrator: from a file, or from the keyring."""
    if state is None or is_on_command_line("seed_file"):
        admin = seed_of(admin_file, "--admin-seed-file") if admin_file is not None else None
        return seed_of(seed_file, "--seed-file"), admin
    watch, admin = keyring_seeds(state, passphrase_file, "watch", "admin")
    return watch, admin


def keyring_seeds(state: Path, passphrase_file: Path | None, *roles: str) -> list[bytes]:
    """Return the seeds of these users from a member's keyring."""
    from suar.service.settings.keyring import Keyring

    path = state / "keyring.suar"
    keyring = Keyring.open(path, bytes(read_passphrase(passphrase_file, of=f"the keyring {path}")))
    return [bytes(keyring.nkey_seed(role)) for role in roles]

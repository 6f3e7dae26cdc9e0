"""`suar archive`: a gateway's messages before a date in sealed segments, verified offline."""

from pathlib import Path
from typing import Any, Final

import rich_click as click

from suar.cli.base.common import (
    Hash,
    Moment,
    PathType,
    emit,
    json_option,
    keyring_passphrase,
    passphrase_option,
    print_notice,
    read_passphrase,
    state_option,
)
from suar.cli.base.lazy import Command, LazyGroup, Table

COMMANDS: Final[Table] = {
    "verify": ("suar.cli.operations.archive:verify", "judge an archive, without a state folder and without a network"),
}
EXAMPLE: Final = (
    "suar archive -o th-2026 --before 2027-01-01T00:00:00Z --state copy\n  suar archive verify th-2026 --pin HASH"
)


@click.group("archive", cls=LazyGroup, table=COMMANDS, invoke_without_command=True, epilog=f"\b\nExample:\n  {EXAMPLE}")
@click.option("-o", "--output", type=PathType, help="A new folder for the segments.")
@click.option("--before", type=Moment(), help="Only messages that came here before this time (RFC 3339, UTC).")
@state_option
@passphrase_option
@json_option
@click.pass_context
def archive(
    ctx: click.Context,
    output: Path | None,
    before: int | None,
    state: Path,
    passphrase_file: Path | None,
    as_json: bool,
) -> None:
    """Archive messages with their evidence, the trust lists and Revokes, and the audit, in sealed segments.

    No gateway may run on the state folder: restore a backup elsewhere, and archive that. Only the passphrase of the
    keyring opens the archive. It contains texts that a later cancel does not reach: keep it as you keep backups. Of a
    text that is destroyed already, or that the policy withholds, it has id, revision and digest alone.
    """
    if ctx.invoked_subcommand is not None:
        return
    if output is None or before is None:
        raise click.UsageError("missing option '-o' or '--before'")
    from suar.service.process import offline

    files = offline.archive(state, keyring_passphrase(state, passphrase_file), output, before)
    facts = {"folder": str(output), "segments": len(files), "bytes": sum(each.stat().st_size for each in files)}
    emit(facts, as_json)
    print_notice(f"verify it now, and after every copy: suar archive verify {output} --pin HASH")


@click.command("verify", cls=Command, epilog=f"\b\nExample:\n  {EXAMPLE.splitlines()[-1].strip()}")
@click.argument("folder", type=PathType)
@click.option(
    "--pin", type=Hash(), required=True, help="The pin: the hash of a trust list, from the federation itself."
)
@passphrase_option
@json_option
def verify(folder: Path, pin: bytes, passphrase_file: Path | None, as_json: bool) -> None:
    """Verify every segment: that none is missing or altered, each message by its evidence, lists, Revokes and audit."""
    from suar.service.recovery import archive_file

    found = archive_file.verify(folder, read_passphrase(passphrase_file, of=f"the archive {folder}"), pin)
    emit(_shape(found), as_json)


def _shape(found: Any) -> dict[str, Any]:
    import msgspec

    from suar.protocol.base.instants import instant

    shape: dict[str, Any] = msgspec.to_builtins(found)
    return {"sound": True, **shape, "before": instant(shape["before"])}

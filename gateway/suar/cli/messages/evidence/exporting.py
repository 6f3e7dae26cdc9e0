"""`suar evidence export`: writes the proof of a message as a file."""

from pathlib import Path
from urllib.parse import quote

import rich_click as click

from suar.cli.base.common import (
    PathType,
    command,
    id_argument,
    keyring_passphrase,
    passphrase_option,
    print_notice,
    state_option,
)
from suar.files import PRIVATE, atomic_write
from suar.protocol.base.errors import Fault


@command("export", example="suar evidence export TH-ALERT-2027-000042 -o alert.evidence --state th")
@id_argument
@click.option("--rev", type=click.IntRange(1), help="The revision. Default: the latest.")
@click.option(
    "--container",
    is_flag=True,
    help="Write an ASiC-E container with a time stamp of the authority configured in suar.toml.",
)
@click.option(
    "--sealed",
    is_flag=True,
    help="Write the file that the holders of the evidence keys unseal, where a recall destroyed the frame.",
)
@click.option("-o", "--output", type=PathType, required=True, help="The file to write.")
@state_option
@passphrase_option
def export(
    id_: str, rev: int | None, *, container: bool, sealed: bool, output: Path, state: Path, passphrase_file: Path | None
) -> None:
    """Export a sent or received message with its proof: frame, epoch, trust lists and the members' receipts.

    The file contains this message in clear text, so its marking binds whoever receives the file. It discloses no other
    message of the frame. If `evidence.keep` is off, export within a month, because the keys that the proof needs are
    then erased. The evidence is verified before it is written. A container holds the evidence with every trust list and
    Revoke, for decades of storage.
    """
    from suar.cli.base.client import fetch, running

    if container and sealed:
        raise click.UsageError("a sealed file has no container: leave one of them out")
    if running(state):
        chosen = {"container": container, "sealed": sealed}
        params = ({"rev": str(rev)} if rev else {}) | {name: "true" for name, is_set in chosen.items() if is_set}
        data = fetch(state, f"/v1/messages/{quote(id_, safe='')}/evidence", params=params)
    else:
        made = _made(state, passphrase_file, id_, rev, container=container, sealed=sealed)
        if made is None:
            raise Fault(f"there is no message {id_} that may be shown here", f"`suar inbox --state {state}` lists them")
        data = made
    atomic_write(output, data, PRIVATE)
    print_notice(f"{len(data):,} bytes written")


def _made(
    state: Path, passphrase_file: Path | None, id_: str, rev: int | None, *, container: bool, sealed: bool
) -> bytes | None:  # fmt: skip
    """Return the file, from the store of a gateway that does not run."""
    from suar.service.process.offline import export_container, export_evidence

    passphrase = keyring_passphrase(state, passphrase_file)
    if container:
        return export_container(state, passphrase, id_, rev)
    found = export_evidence(state, passphrase, id_, rev, is_sealed=sealed)
    return found.data if found is not None else None

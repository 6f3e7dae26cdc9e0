"""`suar evidence export`: what proves a message, as a file."""

from pathlib import Path
from urllib.parse import quote

import rich_click as click

from suar.cli.base.common import (
    PathType,
    command,
    id_argument,
    passphrase_option,
    print_notice,
    read_passphrase,
    state_option,
)
from suar.files import PRIVATE, atomic_write
from suar.protocol.base.errors import Fault


@command("export", example="suar evidence export TH-ALERT-2027-000042 -o alert.evidence --state th")
@id_argument
@click.option("--rev", type=click.IntRange(1), help="This revision; else the latest.")
@click.option("--container", is_flag=True, help="As an ASiC-E container, stamped by the authority of suar.toml.")
@click.option("-o", "--output", type=PathType, required=True, help="The file.")
@state_option
@passphrase_option
def export(
    id_: str, rev: int | None, *, container: bool, output: Path, state: Path, passphrase_file: Path | None
) -> None:
    """Write a message of ours or to us with all that proves it: frame, epoch, trust lists, the others' receipts.

    The file shows this message in clear, so its marking binds whoever gets it. No other message of the frame can be
    read with it. Where `evidence.keep` is off, export within a month: then the keys of the proof are erased. What is
    written was judged first; a container keeps the file with every trust list and Revoke, for decades.
    """
    from suar.cli.base.client import fetch, running

    if running(state):
        params = ({"rev": str(rev)} if rev else {}) | ({"container": "true"} if container else {})
        data = fetch(state, f"/v1/messages/{quote(id_, safe='')}/evidence", params=params)
    else:
        made = _made(state, passphrase_file, id_, rev, container=container)
        if made is None:
            raise Fault(f"there is no message {id_} that may be shown here", f"`suar inbox --state {state}` lists them")
        data = made
    atomic_write(output, data, PRIVATE)
    print_notice(f"{len(data):,} bytes written")


def _made(state: Path, passphrase_file: Path | None, id_: str, rev: int | None, *, container: bool) -> bytes | None:
    """The file, by the store of a gateway that does not run."""
    from suar.service.process.offline import export_container, export_evidence

    passphrase = read_passphrase(passphrase_file, of=f"the keyring in {state}")
    if container:
        return export_container(state, passphrase, id_, rev)
    found = export_evidence(state, passphrase, id_, rev)
    return found.data if found is not None else None

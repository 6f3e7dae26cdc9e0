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
@click.option("-o", "--output", type=PathType, required=True, help="The file.")
@state_option
@passphrase_option
def export(id_: str, rev: int | None, output: Path, state: Path, passphrase_file: Path | None) -> None:
    """Write a message of ours or to us with all that proves it: frame, epoch, trust lists, the others' receipts.

    The file shows this message in clear, so its marking binds whoever gets it. No other message of the frame can be
    read with it. Export within a month: then the keys that the proof is made with are erased.
    """
    from suar.cli.base.client import fetch, running

    if running(state):
        params = {"rev": str(rev)} if rev else None
        data = fetch(state, f"/v1/messages/{quote(id_, safe='')}/evidence", params=params)
    else:
        from suar.service.process.offline import export_evidence

        found = export_evidence(state, read_passphrase(passphrase_file, of=f"the keyring in {state}"), id_, rev)
        if found is None:
            raise Fault(f"there is no message {id_} that may be shown here", f"`suar inbox --state {state}` lists them")
        data = found.data
    atomic_write(output, data, PRIVATE)
    print_notice(f"{len(data):,} bytes written")

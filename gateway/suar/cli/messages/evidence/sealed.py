"""`suar evidence key`, `suar evidence unseal`: evidence whose frame is sealed to the offline keys of two persons."""

from pathlib import Path
from typing import Any

import rich_click as click

from suar.cli.base.common import (
    PathType,
    command,
    emit,
    group,
    json_option,
    passphrase_option,
    print_notice,
    read_passphrase,
)
from suar.cli.base.new_key import create_key, new_key_options
from suar.cli.base.terminal import one_line
from suar.files import PRIVATE, atomic_write, read
from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import kid


@group(
    "key",
    {
        "new": ("suar.cli.messages.evidence.sealed:new", "create an evidence key"),
        "show": ("suar.cli.messages.evidence.sealed:show", "show whose an evidence key is, and its kid"),
    },
    example="suar evidence key new --holder 'Registrar, High Court' -o registrar-evidence",
)
def key() -> None:
    """Create the offline keys of the two persons to whom the frames of recalled messages are sealed."""


@command("new", example="suar evidence key new --holder 'Registrar, High Court' -o registrar-evidence")
@new_key_options("Who keeps the key; it is stored in the file.")
def new(**options: Any) -> None:
    """Create an evidence key, encrypted with a passphrase, and print its public part.

    Run this on a machine without a network, and keep FILE on a removable medium in a safe. The public parts of two
    persons go into suar.toml, as `sealed_to` of `[evidence]`.
    """
    from suar.federation.summary import fingerprint
    from suar.service.settings.evidence_key import create

    public = create_key(create, "evidence key", **options)
    print_notice(
        f"its kid is {fingerprint(kid(public))}: `suar evidence unseal` names by it which key opens the next layer"
    )
    click.echo(public.hex())


@command("show", example="suar evidence key show registrar-evidence")
@click.argument("file", type=PathType)
@passphrase_option
@json_option
def show(file: Path, passphrase_file: Path | None, as_json: bool) -> None:
    """Show whose an evidence key is, its public part, and the kid by which sealed files name it. FILE: the key."""
    from suar.federation.summary import grouped
    from suar.protocol.base.sealing import public_of
    from suar.service.settings.evidence_key import open_key

    holder, seed = open_key(file, read_passphrase(passphrase_file, of=f"the evidence key {file}"))
    public = public_of(seed)
    shown = {"holder": holder, "kid": kid(public).hex(), "public": public.hex()}
    emit(shown, as_json, lambda: f"holder {one_line(holder)}\nkid {grouped(shown['kid'])}\npublic {shown['public']}")


@command("unseal", example="suar evidence unseal alert.sealed --key registrar-evidence -o alert.half")
@click.argument("file", type=PathType)
@click.option("--key", "key_file", type=PathType, required=True, help="The evidence key, a file of `evidence key new`.")
@click.option("-o", "--output", type=PathType, required=True, help="The new file to write; none is replaced.")
@passphrase_option
def unseal(file: Path, key_file: Path, output: Path, passphrase_file: Path | None) -> None:
    """Take one layer off a file of `suar evidence export --sealed`. Each of the two persons does it once.

    Run this on a machine without a network. After the second layer the file is evidence: `suar evidence verify`.
    """
    from suar.federation.summary import grouped
    from suar.service.custody.unsealing import unseal as take_off_layer
    from suar.service.settings.evidence_key import open_key

    sealed = read(file, "the sealed file")
    _, seed = open_key(key_file, read_passphrase(passphrase_file, of=f"the evidence key {key_file}"))
    data, next_key = take_off_layer(sealed, seed)
    atomic_write(output, data, PRIVATE, replace=False)
    what = (
        f"it is sealed to the key {grouped(next_key)} still" if next_key else "no layer is left: suar evidence verify"
    )
    print_notice(f"{len(data):,} bytes written; {what}")


def require_unsealed(file: Path, data: bytes) -> None:
    """Raise Fault for a file that is to be unsealed before it is evidence."""
    from suar.service.custody.unsealing import is_sealed

    if is_sealed(data):
        raise Fault(f"{file} is sealed to evidence keys", "their holders open it first: `suar evidence unseal`")

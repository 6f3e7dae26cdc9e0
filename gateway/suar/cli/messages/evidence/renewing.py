"""`suar evidence renew`: add a new time stamp to an evidence container."""

from pathlib import Path

import rich_click as click

from suar.cli.base.common import PathType, command, print_notice, state_option
from suar.cli.messages.evidence.sealed import require_unsealed
from suar.files import PRIVATE, atomic_write, read
from suar.protocol.base.errors import Fault

HASHES = {"sha256": 1, "sha512": 2}


@command("renew", example="suar evidence renew alert.asice -o alert-2.asice --hash sha512 --state th")
@click.argument("file", type=PathType)
@click.option("-o", "--output", type=PathType, required=True, help="The file for the renewed container.")
@click.option(
    "--hash",
    "name",
    type=click.Choice(list(HASHES)),
    default="sha256",
    show_default=True,
    help="The hash function of the archive manifest.",
)
@state_option
def renew(file: Path, output: Path, name: str, state: Path) -> None:
    """Renew a container: add an archive manifest over its whole content, with a new time stamp.

    Renew it before the certificate of its last time stamp expires, or when its hash function is no longer trusted. The
    time stamp comes from the authority configured in suar.toml. The command needs the settings of a state folder and no
    key, so anyone who keeps the container can renew it.
    """
    from suar.protocol.files.container import check_tokens
    from suar.protocol.files.container import read as read_container
    from suar.protocol.files.evidence import Unproved
    from suar.service.process.offline import renew_container

    data = read(file, "the container")
    try:
        container = read_container(data)
        check_tokens(container)  # a renewal would stamp the alteration
    except Unproved as found:
        require_unsealed(file, data)
        raise Fault(
            f"{file} is not a container of evidence: {found.part}: {found.text} [{found.step}]",
            "ask for it again, from who keeps it",
        ) from None
    renewed = renew_container(state, container, HASHES[name])
    atomic_write(output, renewed, PRIVATE)
    print_notice(f"{len(renewed):,} bytes written")

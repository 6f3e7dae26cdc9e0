"""`suar root`: commands of a key holder of the federation."""

from pathlib import Path

import rich_click as click

from suar.cli.base.common import (
    PathType,
    command,
    group,
    now_ms,
    passphrase_option,
    print_notice,
    profile_option,
    read_passphrase,
)


@group(
    "root",
    {"keygen": ("suar.cli.federation.root:keygen", "make a root key")},
    example="suar root keygen --holder 'Attorney General, Thailand' -o th-root",
)
def root() -> None:
    """Keys of the federation's key holders, who sign its trust lists."""


@command("keygen", example="suar root keygen --holder 'Attorney General, Thailand' -o th-root")
@click.option("--holder", required=True, help="The key holder, as the trust list will name them.")
@click.option("-o", "--output", type=PathType, required=True, help="The sealed key; FILE.pub is its public part.")
@passphrase_option
@profile_option
def keygen(holder: str, output: Path, passphrase_file: Path | None, profile: str) -> None:
    """Make a root key, sealed with a passphrase, and FILE.pub, which is for everybody.

    Do this on a machine without a network, and keep FILE on a medium that lies in a safe.
    """
    from suar.federation.summary import fingerprint
    from suar.service.settings.root_key import create
    from suar.service.settings.sealed import cost

    costs = cost(profile)
    passphrase = read_passphrase(passphrase_file, of="the new root key", confirm=True)
    public = create(output, passphrase, holder=holder, now=now_ms(), cost=costs)
    print_notice(f"wrote {output} (keep it in a safe) and {output}.pub")
    click.echo(fingerprint(bytes.fromhex(public.kid)))

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
    {"keygen": ("suar.cli.federation.root:keygen", "create a root key")},
    example="suar root keygen --holder 'Attorney General, Thailand' -o th-root",
)
def root() -> None:
    """Manage the root keys of the key holders, who sign the trust lists of the federation."""


@command("keygen", example="suar root keygen --holder 'Attorney General, Thailand' -o th-root")
@click.option("--holder", required=True, help="The key holder's name, as it will be in the trust list.")
@click.option(
    "-o",
    "--output",
    type=PathType,
    required=True,
    help="The file for the encrypted key; its public part is written to FILE.pub.",
)
@passphrase_option
@profile_option
def keygen(holder: str, output: Path, passphrase_file: Path | None, profile: str) -> None:
    """Create a root key, encrypted with a passphrase, and its public part FILE.pub.

    Run this on a machine without a network, and keep FILE on a removable medium in a safe. FILE.pub is not secret.
    """
    from suar.federation.summary import fingerprint
    from suar.service.settings.root_key import create
    from suar.service.settings.sealed import cost

    costs = cost(profile)
    passphrase = read_passphrase(passphrase_file, of="the new root key", confirm=True)
    public = create(output, passphrase, holder=holder, now=now_ms(), cost=costs)
    print_notice(f"wrote {output} (keep it in a safe) and {output}.pub")
    click.echo(fingerprint(bytes.fromhex(public.kid)))

"""`suar root`: commands of a key holder of the federation."""

from typing import Any

import rich_click as click

from suar.cli.base.common import command, group
from suar.cli.base.new_key import create_key, new_key_options


@group(
    "root",
    {"keygen": ("suar.cli.federation.root:keygen", "create a root key")},
    example="suar root keygen --holder 'Attorney General, Thailand' -o th-root",
)
def root() -> None:
    """Manage the root keys of the key holders, who sign the trust lists of the federation."""


@command("keygen", example="suar root keygen --holder 'Attorney General, Thailand' -o th-root")
@new_key_options("The key holder's name, as it will be in the trust list.")
def keygen(**options: Any) -> None:
    """Create a root key, encrypted with a passphrase, and its public part FILE.pub.

    Run this on a machine without a network, and keep FILE on a removable medium in a safe. FILE.pub is not secret.
    """
    from suar.federation.summary import fingerprint
    from suar.service.settings.root_key import create

    public = create_key(create, "root key", **options)
    click.echo(fingerprint(bytes.fromhex(public.kid)))

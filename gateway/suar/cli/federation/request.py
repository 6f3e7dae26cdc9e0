"""`suar federation request`: write a member's request again."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import rich_click as click

from suar.cli.base.common import command, now_ms, passphrase_option, print_notice, read_passphrase, state_option
from suar.protocol.base.errors import Fault

if TYPE_CHECKING:
    from suar.service.settings.hardware_key import Module

AFTER_LINK: Final = (
    "put it where your NATS server reads it, and start that again once the hub has the new key: "
    "keys/playbooks/COMPROMISE.md, The NATS users"
)


@command("request", example="suar federation request --rotate --state th")
@click.option("--rotate", is_flag=True, help="Add a new identity key, endorsed by the current one.")
@click.option("--new-link", is_flag=True, help="Make a new key of the link to the hub: LINK_SEED in nats.env.")
@click.option("--name", help="The member's new name, if it changes.")
@state_option
@passphrase_option
def request(rotate: bool, new_link: bool, name: str | None, state: Path, passphrase_file: Path | None) -> None:
    """Write the member's request (MEMBER.request.json) again.

    With --rotate, the keyring gets a new identity key, which is made in the hardware module if suar.toml names one
    under [hsm]. The current key continues to sign until a trust list contains the new one; a running gateway starts to
    use the new key with that list.

    With --new-link, the link to the hub gets a new key, for when somebody has a copy of nats.env. The hub's operator
    puts it into the plan, and your NATS server reads nats.env when it starts again. Identity and users stay.
    """
    from suar.federation.summary import fingerprint
    from suar.service.settings.state import NATS_ENVIRONMENT, rewrite_request

    passphrase = read_passphrase(passphrase_file, of="the keyring")
    module = _module(state, is_needed=rotate)
    at = now_ms() if rotate else None
    made = rewrite_request(state, passphrase, name=name, rotate_at=at, module=module, new_link=new_link)
    print_notice(f"wrote {state / made.request.member}.request.json; hand it to the federation")
    if new_link:
        print_notice(f"wrote {state / NATS_ENVIRONMENT}; {AFTER_LINK}")
    click.echo(fingerprint(made.request.kid))


def _module(state: Path, *, is_needed: bool) -> "Module | None":
    """Return the hardware module that suar.toml names. Raises Fault for wrong settings if a key is made."""
    from suar.service.settings import config
    from suar.service.settings.hardware_key import Module

    try:
        settings = config.load(state, os.environ)
    except Fault:
        if is_needed:
            raise
        return None
    return Module.of(settings.hsm, settings.folder)

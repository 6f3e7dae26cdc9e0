"""`suar federation request`: write a member's request again."""

from pathlib import Path

import rich_click as click

from suar.cli.base.common import command, now_ms, passphrase_option, print_notice, read_passphrase, state_option


@command("request", example="suar federation request --rotate --state th")
@click.option("--rotate", is_flag=True, help="With a fresh identity key, endorsed by the one in use.")
@click.option("--name", help="The member's name, where it changes.")
@state_option
@passphrase_option
def request(rotate: bool, name: str | None, state: Path, passphrase_file: Path | None) -> None:
    """Write MEMBER.request.json again.

    With --rotate the keyring gets a fresh identity key beside the old one, which signs on until a trust list has the
    new one. A running gateway takes it up with that list.
    """
    from suar.federation.summary import fingerprint
    from suar.service.settings.state import rewrite_request

    passphrase = read_passphrase(passphrase_file, of="the keyring")
    made = rewrite_request(state, passphrase, name=name, rotate_at=now_ms() if rotate else None)
    print_notice(f"wrote {state / made.request.member}.request.json; hand it to the federation")
    click.echo(fingerprint(made.request.kid))

"""`suar init`: a member's state folder."""

from pathlib import Path

import rich_click as click

from suar.cli.base.common import (
    MemberCode,
    command,
    emit,
    json_option,
    now_ms,
    passphrase_option,
    print_notice,
    profile_option,
    read_passphrase,
    state_option,
)


@command("init", example="suar init --member TH --name Thailand --federation asean --state th")
@click.option(
    "--member",
    type=MemberCode(),
    required=True,
    help="The member's code: two letters of ISO 3166-1, or XA for the Secretariat.",
)
@click.option("--name", required=True, help="The member's name, as it will be in the trust list.")
@click.option("--federation", default="", help="The federation's name, if it is already known.")
@state_option
@passphrase_option
@profile_option
@json_option
def init(
    member: str, name: str, federation: str, state: Path, passphrase_file: Path | None, profile: str, as_json: bool
) -> None:
    """Create a member's state folder: its keys, its settings, and its request to join the federation.

    MEMBER.request.json in the state folder contains no secret. Send it to whoever drafts the trust list, and compare
    its fingerprint with them by telephone.
    """
    from suar.federation.summary import fingerprint, request_summary
    from suar.service.settings.sealed import cost
    from suar.service.settings.state import create_state

    costs = cost(profile)
    passphrase = read_passphrase(passphrase_file, of="the new keyring", confirm=True)
    request = create_state(state, passphrase, member=member, name=name, federation=federation, now=now_ms(), cost=costs)
    print_notice(
        f"made {state}; hand {state / member}.request.json to the federation and compare its fingerprint by telephone"
    )
    emit(request_summary(request), as_json, lambda: fingerprint(request.request.kid))

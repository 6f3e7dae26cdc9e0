"""`suar compromised KID`: handle a compromised key of this gateway."""

from pathlib import Path
from typing import Any, Final

import rich_click as click

from suar.cli.base import tables
from suar.cli.base.client import call, running
from suar.cli.base.common import (
    Kid,
    command,
    emit,
    json_option,
    keyring_passphrase,
    passphrase_option,
    print_notice,
    state_option,
)
from suar.cli.base.confirmation import ask_person, yes_option
from suar.cli.base.local_time import dated
from suar.federation.request import read_request
from suar.federation.summary import fingerprint, grouped
from suar.files import read
from suar.protocol.base.errors import Fault
from suar.protocol.base.sentences import several

COLUMNS: Final = ("id", "rev", "origin", "kind", "status", "tlp", "at")
TIMEOUT: Final = 120.0  # seconds: the passphrase is checked, and everything that was published is searched
_ROTATE: Final = "`suar keys rotate`"
_ASK: Final = "revoke or erase the key {} for ever, and make another one?"


@command("compromised", example="suar compromised 5f0c2a91d3e84b7796aa01c2d3e4f506 --state th")
@click.argument("kid", type=Kid())
@yes_option
@state_option
@passphrase_option
@json_option
def compromised(kid: str, yes: bool, state: Path, passphrase_file: Path | None, as_json: bool) -> None:
    """Revoke or erase a compromised key, replace it, and list exactly what was exposed.

    For an identity key, a Revoke is signed with the key itself and published, and a new key and its request are
    created. Until a trust list contains the new key, this gateway encrypts nothing. For a key bundle, a new one is
    published immediately and the old secret key is erased. A running gateway does this at once; otherwise it is
    written, and published at the next start. Revoking an identity key always requires the passphrase of the keyring.
    """
    ask_person(_ASK.format(grouped(kid)), yes=yes)
    if running(state):
        answer = call(
            state, "POST", "/v1/keys/compromised", _request_body(state, kid, passphrase_file), timeout=TIMEOUT
        )
    else:
        from suar.service.process.offline import compromised as offline_compromised

        passphrase = keyring_passphrase(state, passphrase_file)
        answer = offline_compromised(state, passphrase, bytes.fromhex(kid))
    if as_json:
        emit(answer, as_json)
    else:
        tables.show(COLUMNS, [[line.get(name) for name in COLUMNS] for line in answer["messages"]])
    for line in _result_text(answer):
        print_notice(line)


def _request_body(state: Path, kid: str, passphrase_file: Path | None) -> dict[str, str]:
    """Return the request to a running gateway: for an identity key, which is revoked permanently, with the
    passphrase.
    """
    keys = call(state, "GET", "/v1/keys")
    if not any(key["kid"] == kid and key["key"] == "identity" for key in keys):
        return {"kid": kid}
    passphrase = keyring_passphrase(state, passphrase_file)
    try:
        return {"kid": kid, "passphrase": bytes(passphrase).decode()}
    except UnicodeDecodeError:
        raise Fault("the passphrase is not UTF-8", "stop the gateway, then run the command again") from None


def _result_text(answer: dict[str, Any]) -> list[str]:
    if answer["key"] == "bundle":
        return _of_bundle(answer)
    sealing = answer["sealing"]
    lines = [
        f"identity key {grouped(answer['kid'])} is revoked",
        f"{several(len(answer['messages']), 'message was', 'messages were')} published with it; others could be forged"
        f" since {dated(answer['forgeable_since'])}, in"
        f" {several(len(answer['live_epochs']), 'epoch that was', 'epochs that were')} still alive or in new ones",
    ]
    if answer["request"]:
        lines.append(
            f"hand {answer['request']} to the federation and compare its fingerprint by telephone"
            f"{_fingerprint_of(Path(answer['request']))}"
        )
    if not sealing["goes_on"]:
        lines.append(f"nothing is sealed until a trust list has the new key: {sealing['text']} ({sealing['code']})")
    if answer["queued_again"]:
        waiting = several(answer["queued_again"], "delivery that was", "deliveries that were")
        wait = "waits" if answer["queued_again"] == 1 else "wait"
        lines.append(f"{waiting} not confirmed {wait} to be sealed with the new key")
    return lines


def _fingerprint_of(request: Path) -> str:
    """Return the fingerprint in groups, to follow a line of text; empty where the request cannot be read from here."""
    try:
        return f": {fingerprint(read_request(read(request, 'the request'), str(request)).request.kid)}"
    except Fault:
        return ""


def _of_bundle(answer: dict[str, Any]) -> list[str]:
    lines = [
        f"the seed of key bundle {grouped(answer['kid'])} is erased;"
        f" {several(len(answer['messages']), 'message was', 'messages were')} sealed to it"
    ]
    if answer["refused_messages"]:
        lines.append(f"{answer['refused_messages']} more, which were refused, stand in quarantine")
    if answer["rotated"]:
        return [*lines, f"the new bundle is {grouped(answer['new_kid'])}", answer["warning"]]
    return [*lines, answer["warning"], *_without_new_bundle(answer)]


def _without_new_bundle(answer: dict[str, Any]) -> list[str]:
    """Return that no new bundle was made, and the next step: after a clock that ran ahead, none can be made yet."""
    if answer["new_kid"] is None:
        return [
            "no new bundle was made, and no other one is valid now: nothing can be sealed to this member",
            f"see the clock and the identity key in `suar doctor`; once both are right: {_ROTATE}",
        ]
    until = dated(answer["sealed_until"])
    return [
        f"no new bundle was made: {grouped(answer['new_kid'])} is in use",
        f"if {until} is still to come, others may seal to the erased key until then: see `suar doctor`, then {_ROTATE}",
    ]

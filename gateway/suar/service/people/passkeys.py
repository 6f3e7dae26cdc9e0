"""Passkeys (WebAuthn): instead of the authenticator's code, never of the password.

A challenge is a hash of the sealed note that the page contains, so nothing is stored for a stranger, and it is bound to
one purpose, session and time. A passkey accepts the notes of its sign-ins in their order, as TOTP its steps: a note
that was used, or made before the last one used, is refused. Needs the extra `passkeys`; without it there are codes
alone.
"""

import base64
import binascii
from functools import cache
from importlib.util import find_spec
from ipaddress import ip_address
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import msgspec
from msgspec import structs

from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import hash_, is_equal
from suar.service.people.records import Passkey

PASSKEYS_MAX: Final = 10  # of a person
CREDENTIAL_MAX: Final = 8_192  # characters of what a browser sends of one
LABEL_MAX: Final = 40
_ALGORITHMS: Final = (-8, -7, -257)  # EdDSA, ECDSA with P-256, RSA
_TIMEOUT: Final = 60_000  # ms that the browser waits for the person


class Site(NamedTuple):
    """What passkeys are bound to: the console's host and its origin, as the browser calls it."""

    host: str
    origin: str


class Offered(NamedTuple):
    """What a browser sent instead of a code, and from where."""

    site: Site
    credential: str


@cache
def is_available() -> bool:
    """Whether the library is installed."""
    return find_spec("webauthn") is not None


def site(origin: str) -> Site | None:
    """The site of an origin; None where there are no passkeys: without the library, or at a number for a name."""
    host = urlsplit(origin).hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return Site(host, origin) if host and is_available() else None
    return None


def challenge(purpose: str, note: str) -> bytes:
    """What the authenticator signs, for the note of a page."""
    return hash_("passkey", f"{purpose} {note}".encode())


def options_to_use(where: Site, purpose: str, note: str) -> str:
    """Return the request to the browser; it is the same for everybody, so it discloses nothing about a user."""
    options = {
        "challenge": _text(challenge(purpose, note)), "rpId": where.host, "userVerification": "required",
        "timeout": _TIMEOUT,
    }  # fmt: skip
    return msgspec.json.encode(options).decode()


def options_to_add(where: Site, purpose: str, note: str, user: str, member: str, known: tuple[Passkey, ...]) -> str:
    """Return the request to create a passkey: discoverable, and with the person verified by the device."""
    handle = hash_("pk-user", f"{member} {user}".encode())
    options = {
        "challenge": _text(challenge(purpose, note)), "rp": {"id": where.host, "name": f"suar {member}"},
        "user": {"id": _text(handle), "name": f"{member} {user}", "displayName": f"{member} {user}"},
        "pubKeyCredParams": [{"type": "public-key", "alg": each} for each in _ALGORITHMS],
        "authenticatorSelection": {
            "residentKey": "required", "requireResidentKey": True, "userVerification": "required",
        },
        "excludeCredentials": [{"type": "public-key", "id": _text(each.id)} for each in known],
        "attestation": "none", "timeout": _TIMEOUT,
    }  # fmt: skip
    return msgspec.json.encode(options).decode()


def added(offered: Offered, purpose: str, note: str, label: str, now: int) -> Passkey | None:
    """The passkey that a browser made for the note; None for anything else."""
    from webauthn import verify_registration_response

    try:
        made = verify_registration_response(
            credential=_bounded(offered.credential), expected_challenge=challenge(purpose, note),
            expected_rp_id=offered.site.host, expected_origin=offered.site.origin, require_user_verification=True,
        )  # fmt: skip
    except _refusals():
        return None
    name = " ".join(label.split())[:LABEL_MAX]
    return Passkey(made.credential_id, made.credential_public_key, made.sign_count, name, now)


def used(
    offered: Offered, purpose: str, note: str, issued_at: int, known: tuple[Passkey, ...]
) -> Passkey | None:  # fmt: skip
    """The passkey of `known` that signed the note of `issued_at`, as it is kept from now on; None for anything else."""
    from webauthn import verify_authentication_response

    found = next((each for each in known if is_equal(each.id, _id_of(offered.credential))), None)
    if found is None or issued_at <= found.used_at:
        return None
    try:
        verified = verify_authentication_response(
            credential=_bounded(offered.credential), expected_challenge=challenge(purpose, note),
            expected_rp_id=offered.site.host, expected_origin=offered.site.origin, credential_public_key=found.key,
            credential_current_sign_count=found.count, require_user_verification=True,
        )  # fmt: skip
    except _refusals():
        return None
    return structs.replace(found, count=verified.new_sign_count, used_at=issued_at)


def taken_over(kept: tuple[Passkey, ...], used_now: Passkey) -> tuple[Passkey, ...] | None:
    """The passkeys with one that was used; None when it was used otherwise meanwhile, or removed."""
    before = next((each for each in kept if each.id == used_now.id), None)
    if before is None or used_now.used_at <= before.used_at:
        return None
    if (used_now.count or before.count) and used_now.count <= before.count:
        return None
    return tuple(used_now if each.id == used_now.id else each for each in kept)


def with_added(kept: tuple[Passkey, ...], new: Passkey) -> tuple[Passkey, ...]:
    """The passkeys with one more. Fault when there are too many, or it is there."""
    if len(kept) >= PASSKEYS_MAX:
        raise Fault(f"there are {PASSKEYS_MAX} passkeys already", "remove one first")
    if any(each.id == new.id for each in kept):
        raise Fault("the passkey is there already", "nothing is to be done")
    return (*kept, new)


def name_of(passkey: Passkey) -> str:
    """How a page names a passkey."""
    return _text(passkey.id)


def _id_of(credential: str) -> bytes:
    try:
        fields: Any = msgspec.json.decode(_bounded(credential))
        return _bytes(fields["rawId"])
    except (msgspec.MsgspecError, Fault, ValueError, KeyError, TypeError, RecursionError):
        return b""


def _bounded(credential: str) -> str:
    if len(credential) > CREDENTIAL_MAX:
        raise Fault("the passkey's answer is too long", "use another device")
    return credential


def _refusals() -> tuple[type[Exception], ...]:
    """What the library and the numbers in it raise for an answer that is none."""
    from webauthn.helpers.exceptions import WebAuthnException

    return (WebAuthnException, Fault, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
    except (binascii.Error, UnicodeEncodeError, AttributeError):
        return b""

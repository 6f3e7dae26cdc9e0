"""Passkeys: what a page requests from the browser, and the person's own passkeys."""

from typing import Any

from litestar import Response
from msgspec import Struct

from suar.console.guard import PREFIX, Call, Denied, Visitor, form_of, gateway_of, own_origin
from suar.console.pages.registry import page
from suar.console.rendering import go
from suar.console.session import secret_of
from suar.protocol.base.errors import Fault
from suar.service.people import passkeys
from suar.service.people.passkeys import CREDENTIAL_MAX, LABEL_MAX, Offered
from suar.service.people.sessions import SessionInfo
from suar.service.people.sign_in import SEALED_MAX


class PasskeyRequest(Struct, frozen=True):
    """What a form requests from the browser: `act` is get or create; `note` is returned with the answer."""

    act: str
    options: str
    note: str


class PasskeyLine(Struct, frozen=True):
    """One of a person's passkeys; times in ms, `used_at` 0: never."""

    which: str
    label: str
    added_at: int
    used_at: int


def to_use(request: Call, purpose: str, note: str) -> PasskeyRequest | None:
    """Return the request to sign the note with a passkey; None if there are no passkeys."""
    site = passkeys.site(own_origin(request))
    return None if site is None else PasskeyRequest("get", passkeys.options_to_use(site, purpose, note), note)


def to_add(request: Call, purpose: str, note: str, user: str) -> PasskeyRequest | None:
    """Return the request to create a passkey; None if passkeys are not available."""
    site, gateway = passkeys.site(own_origin(request)), gateway_of(request)
    if site is None:
        return None
    known = gateway.people.passkeys.of(user)
    return PasskeyRequest("create", passkeys.options_to_add(site, purpose, note, user, gateway.member, known), note)


def offered(request: Call) -> Offered | None:
    """Return the answer of the browser in a form; None if it has none."""
    credential, site = form_of(request).one("credential", CREDENTIAL_MAX + 1), passkeys.site(own_origin(request))
    return Offered(site, credential) if credential and site is not None else None


def lines(request: Call, visitor: Visitor) -> list[PasskeyLine]:
    """Return the visitor's own passkeys."""
    return [
        PasskeyLine(passkeys.name_of(each), each.label, each.added_at, each.used_at)
        for each in gateway_of(request).people.passkeys.of(visitor.person)
    ]


def session_of(request: Call) -> SessionInfo:
    """Return the session of a page. Raises Denied if it ended in the meantime."""
    gateway = gateway_of(request)
    info = gateway.people.identify(secret_of(request, gateway.config) or "")
    if info is None:
        raise Denied(401, "sign-in-needed", to=f"{PREFIX}/sign-in")
    return info


@page("POST", "/me/passkeys")
async def add(request: Call, _: Visitor) -> Response[Any]:
    """Store a passkey that the browser created."""
    people, form, credential = gateway_of(request).people, form_of(request), offered(request)
    note, label = form.one("note", SEALED_MAX), form.one("label", LABEL_MAX)
    try:
        done = credential is not None and await people.passkeys.add(session_of(request), note, credential, label)
    except Fault:
        done = False
    if not done:
        raise Denied(422, "passkey")
    return go(f"{PREFIX}/me")


@page("POST", "/me/passkeys/remove")
async def remove(request: Call, _: Visitor) -> Response[Any]:
    """Delete one."""
    try:
        await gateway_of(request).people.passkeys.remove(session_of(request), form_of(request).one("which", 2_048))
    except Fault:
        raise Denied(422, "passkey-kept") from None
    return go(f"{PREFIX}/me")

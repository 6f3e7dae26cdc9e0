"""Signing in: user and password, then a code; signing out; a factor again. Every failure has the same sentence."""

from typing import Any

from litestar import Response
from msgspec import Struct

from suar.console.guard import PREFIX, Call, Denied, Visitor, form_of, gateway_of, safe_next
from suar.console.pages.passkeys import PasskeyRequest, offered, to_use
from suar.console.pages.registry import page
from suar.console.rendering import go, render
from suar.console.session import cookie, network, secret_of
from suar.service.people.sign_in import SEALED_MAX, MustWait

PASSWORD_MAX = 1_100  # characters of a field; the hash refuses more


class SignInPage(Struct, frozen=True):
    """`note`: of the first step, in the second one. `has_failed`: show the sentence above the form."""

    next: str
    user: str = ""
    note: str = ""
    has_failed: bool = False
    passkey: PasskeyRequest | None = None


@page("GET", "/sign-in")
async def sign_in(request: Call, visitor: Visitor | None) -> Response[Any]:
    """Show the form for user and password."""
    wanted = safe_next(request.query_params.get("next", ""))
    return go(wanted) if visitor is not None else render(request, None, "sign-in.html", SignInPage(wanted))


@page("POST", "/sign-in")
async def signed_in(request: Call, _: Visitor | None) -> Response[Any]:
    """Process the first or second step; the answer does not disclose which of them was wrong."""
    gateway, form = gateway_of(request), form_of(request)
    wanted, where = safe_next(form.one("next")), network(request, gateway.config)
    note = form.one("note", SEALED_MAX)
    try:
        if not note:
            user = form.one("user", 64).strip().lower()
            note = await gateway.people.sign_in_first(user, form.one("password", PASSWORD_MAX), where)
            view = SignInPage(wanted, user, note, passkey=to_use(request, "sign-in", note))
            return render(request, None, "sign-in-code.html", view)
        before = secret_of(request, gateway.config)
        credential = offered(request)
        secret = await gateway.people.sign_in_second(note, form.one("code", 64), where, before, credential)
    except MustWait as wait:
        raise Denied(429, "wait", seconds=wait.seconds) from None
    if secret is None:
        return render(request, None, "sign-in.html", SignInPage(wanted, has_failed=True), status=403)
    return go(wanted, [cookie(gateway.config, secret)])


@page("POST", "/sign-out")
async def sign_out(request: Call, _: Visitor) -> Response[Any]:
    """End the session."""
    gateway = gateway_of(request)
    info = gateway.people.identify(secret_of(request, gateway.config) or "")
    if info is not None:
        await gateway.people.sign_out(info)
    return go(f"{PREFIX}/sign-in", [cookie(gateway.config, "")])


@page("GET", "/again")
async def again(request: Call, visitor: Visitor) -> Response[Any]:
    """Request a code or a passkey, before a page that needs it."""
    return _again(request, visitor, safe_next(request.query_params.get("next", "")))


@page("POST", "/again")
async def confirm_again(request: Call, visitor: Visitor) -> Response[Any]:
    """Process the factor, which is valid for ten minutes."""
    gateway, form = gateway_of(request), form_of(request)
    wanted = safe_next(form.one("next"))
    info = gateway.people.identify(secret_of(request, gateway.config) or "")
    try:
        done = info is not None and await gateway.people.confirm_again(
            info, form.one("code", 64), form.one("note", SEALED_MAX), offered(request)
        )
    except MustWait as wait:
        raise Denied(429, "wait", seconds=wait.seconds) from None
    if not done:
        return _again(request, visitor, wanted, failed=True)
    return go(wanted)


def _again(request: Call, visitor: Visitor, wanted: str, *, failed: bool = False) -> Response[Any]:
    people = gateway_of(request).people
    passkey = None
    if people.passkeys.of(visitor.person):
        passkey = to_use(request, "again", people.passkeys.note("again", visitor.session))
    view = SignInPage(wanted, has_failed=failed, passkey=passkey)
    return render(request, visitor, "again.html", view, status=403 if failed else 200)

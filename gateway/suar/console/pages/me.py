"""The person's own page: language, time zone, password, passkeys, recovery codes, open sessions."""

from difflib import get_close_matches
from typing import Any, Final
from zoneinfo import available_timezones

from litestar import Response
from msgspec import Struct

from suar.console.guard import PREFIX, READERS, Call, Denied, Visitor, form_of, gateway_of, typed_of
from suar.console.pages.home import RECOVERED
from suar.console.pages.join import Codes
from suar.console.pages.messages.draft import members_of
from suar.console.pages.passkeys import PasskeyLine, PasskeyRequest, to_add
from suar.console.pages.passkeys import lines as passkey_lines
from suar.console.pages.registry import page
from suar.console.pages.sign_in import PASSWORD_MAX
from suar.console.rendering import go, render
from suar.console.session import secret_of
from suar.protocol.base.errors import Fault
from suar.protocol.message.kinds import PUBLISHED
from suar.service.people.credentials import PASSWORD_MIN, WeakPassword
from suar.service.people.facade import StoreFault
from suar.service.people.passkeys import LABEL_MAX
from suar.service.people.sign_in import MustWait

ZONES_NAMED: Final = 3
"""Time zones that are named where one was written that does not exist."""


class SessionLine(Struct, frozen=True):
    """An open session; times in ms."""

    created_at: int
    seen_at: int
    is_this: bool


class MuteLine(Struct, frozen=True):
    """A kind of messages from a member, muted until then (ms)."""

    kind: str
    origin: str
    until: int


class Me(Struct, frozen=True):
    """`problem`: the key of a sentence about the submitted form. `recovered_at` (ms): only if recently; else 0.

    `near`: time zones that may be meant. `passkey`: only after `/again`. `label`: the typed name of a passkey.
    """

    user: str
    roles: list[str]
    recovery_left: int
    sessions: list[SessionLine]
    recovered_at: int
    mutes: tuple[MuteLine, ...]
    kinds: tuple[str, ...]
    members: tuple[str, ...]
    problem: str = ""
    least: int = PASSWORD_MIN
    passkeys: list[PasskeyLine] = []
    passkey: PasskeyRequest | None = None
    has_passkeys: bool = False
    label_most: int = LABEL_MAX
    label: str = ""
    near: str = ""


@page("GET", "/me")
async def me(request: Call, visitor: Visitor) -> Response[Any]:
    """Show the person's own settings."""
    return await _page(request, visitor)


@page("POST", "/me")
async def set_preferences(request: Call, visitor: Visitor) -> Response[Any]:
    """Set language and time zone."""
    form = form_of(request)
    try:
        await gateway_of(request).people.set_preferences(visitor.person, form.one("lang", 16), form.one("timezone", 64))
    except Fault:
        return await _page(request, visitor, "timezone-unknown", _near_zones(form.one("timezone", 64)))
    return go(f"{PREFIX}/me")


@page("POST", "/me/mutes")
async def mute(request: Call, visitor: Visitor) -> Response[Any]:
    """Mute messages of a kind from a member for some days, at most thirty; or end that."""
    form = form_of(request)
    about, days = form.one("end", 24) or f"{form.one('kind', 16)} {form.one('origin', 2)}", form.one("days", 4)
    kind, _, origin = about.partition(" ")
    wanted = 0 if form.one("end", 24) else int(days) if days.isascii() and days.isdigit() else -1
    if kind not in PUBLISHED or origin not in await members_of(request, visitor.lang):
        raise Denied(400, "bad-request")
    try:
        await gateway_of(request).people.mute(visitor.person, kind, origin, wanted)
    except StoreFault:
        raise
    except Fault:
        return await _page(request, visitor, "mute-days")
    return go(f"{PREFIX}/me")


@page("POST", "/me/sessions")
async def end_others(request: Call, visitor: Visitor) -> Response[Any]:
    """End every other session of this person."""
    await gateway_of(request).people.sign_out_others(visitor.session, visitor.person)
    return go(f"{PREFIX}/me")


@page("POST", "/me/password")
async def set_password(request: Call, visitor: Visitor) -> Response[Any]:
    """Replace the password, after checking the present one; the other sessions end."""
    form, gateway = form_of(request), gateway_of(request)
    people, password = gateway.people, form.one("password", PASSWORD_MAX)
    info = people.identify(secret_of(request, gateway.config) or "")
    if password != form.one("repeated", PASSWORD_MAX):
        return await _page(request, visitor, "passwords-differ")
    try:
        is_done = info is not None and await people.set_password(info, form.one("present", PASSWORD_MAX), password)
    except MustWait as wait:
        raise Denied(429, "wait", seconds=wait.seconds) from None
    except WeakPassword:
        return await _page(request, visitor, "password-weak")
    except Fault:
        return await _page(request, visitor, "password-short")
    return go(f"{PREFIX}/me") if is_done else await _page(request, visitor, "password-wrong")


@page("POST", "/me/recovery-codes")
async def new_codes(request: Call, visitor: Visitor) -> Response[Any]:
    """Replace the recovery codes by ten new ones."""
    codes = await gateway_of(request).people.new_recovery_codes(visitor.person)
    return render(request, visitor, "recovery-codes.html", Codes(codes, has_joined=False))


def _near_zones(text: str) -> str:
    """Return the time zones whose city is that of a text, or one written like it; "" if there is none."""
    wanted = "_".join(text.rpartition("/")[2].split()).casefold()
    cities = {name.rpartition("/")[2].casefold(): name for name in sorted(available_timezones())}
    found = [wanted] if wanted in cities else get_close_matches(wanted, cities, ZONES_NAMED, 0.75)
    return ", ".join(cities[city] for city in found)


async def _page(request: Call, visitor: Visitor, problem: str = "", near: str = "") -> Response[Any]:
    people = gateway_of(request).people
    mine = people.person(visitor.person) or {}
    lines = [
        SessionLine(each["created_at"], each["seen_at"], each["hash"] == visitor.session)
        for each in people.sessions_of(visitor.person)
    ]
    passkey = to_add(request, "add", people.passkeys.note("add", visitor.session), visitor.person)
    recovered, reads = int(mine.get("recovered_at", 0)), bool(visitor.roles & READERS)
    is_recent = gateway_of(request).core.clock() - recovered < RECOVERED
    typed = typed_of(request, visitor)
    view = Me(
        visitor.person, list(mine.get("roles", [])), int(mine.get("recovery_left", 0)), lines,
        recovered if is_recent else 0,
        tuple(MuteLine(each.kind, each.origin, each.until) for each in people.mutes_of(visitor.person)),
        PUBLISHED if reads else (), await members_of(request, visitor.lang) if reads else (), problem,
        passkeys=passkey_lines(request, visitor),
        passkey=passkey if visitor.is_fresh else None, has_passkeys=passkey is not None,
        label=typed.one("label", LABEL_MAX) if typed else "", near=near,
    )  # fmt: skip
    return render(request, visitor, "me.html", view, status=422 if problem else 200)

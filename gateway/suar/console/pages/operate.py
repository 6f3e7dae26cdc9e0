"""For the operator of the gateway: health, the other members, tokens, keys; for auditors the log."""

import time
from typing import Any, Final

from litestar import Response
from msgspec import Struct

from suar.console.guard import PREFIX, Call, Denied, Visitor, form_of, gateway_of, typed_of
from suar.console.pages.refusals import Problem
from suar.console.pages.refusals import problem as problem_of
from suar.console.pages.registry import page
from suar.console.rendering import go, render
from suar.console.views import operate as views
from suar.observe.checks import every as checks
from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.service.access.tokens import check
from suar.service.people.facade import StoreFault

LINES: Final = 200  # lines of the audit on one page
OFFERED: Final = ("monitor", "operate")
"""An operator reads and publishes nothing, and therefore cannot create such a token: `suar token add` on the machine
can.
"""


class Peers(Struct, frozen=True):
    """The other members; `at` in ms."""

    at: int
    peers: list[views.Peer]


class Tokens(Struct, frozen=True):
    """All tokens, and the scopes of a new one. `made`: of a new one its name and one-time code, shown once.

    `entered`, `chosen`: the entered name and scopes.
    """

    tokens: list[views.TokenLine]
    scopes: list[str]
    made: str = ""
    code: str = ""
    problem: Problem | None = None
    entered: str = ""
    chosen: tuple[str, ...] = ()


class Keys(Struct, frozen=True):
    """This gateway's keys."""

    keys: list[views.KeyLine]
    has_rotated: bool = False


@page("GET", "/health")
async def health(request: Call, visitor: Visitor) -> Response[Any]:
    """Show what is wrong, the cause first."""
    is_part = request.headers.get("x-fragment") is not None
    return render(request, visitor, "health-part.html" if is_part else "health.html", await findings(request))


async def findings(request: Call) -> views.Health:
    """Return the checks at this moment."""
    gateway = gateway_of(request)
    numbers = await gateway.snapshot()
    found = checks.run(numbers, round(gateway.config.bus.heartbeat_seconds * limits.SECOND))
    return views.health(found, numbers.now)


@page("GET", "/peers")
async def peers(request: Call, visitor: Visitor) -> Response[Any]:
    """Show the other members."""
    lines = await gateway_of(request).peers()
    shown = sorted(map(views.peer, lines), key=lambda each: (each.is_up, each.is_complete, each.code))
    return render(request, visitor, "peers.html", Peers(_now(), shown))


@page("GET", "/peers/{code:str}")
async def peer(request: Call, visitor: Visitor) -> Response[Any]:
    """Show one member, with the ranges that are missing."""
    return await _peer(request, visitor)


@page("POST", "/peers/{code:str}/resend")
async def resend(request: Call, visitor: Visitor) -> Response[Any]:
    """Request everything that is missing from the member."""
    answer = await gateway_of(request).resend(str(request.path_params["code"]), visitor.person)
    if answer is None:
        raise Denied(404, "not-found")
    return await _peer(request, visitor, len(answer["asked"]))


async def _peer(request: Call, visitor: Visitor, requested: int | None = None) -> Response[Any]:
    code = str(request.path_params["code"])
    found = [line for line in await gateway_of(request).peers() if line["member"] == code]
    if not found:
        raise Denied(404, "not-found")
    return render(request, visitor, "peer.html", views.peer_in_full(found[0], requested))


@page("GET", "/tokens")
async def tokens(request: Call, visitor: Visitor) -> Response[Any]:
    """Show all tokens."""
    return await _tokens(request, visitor)


@page("POST", "/tokens")
async def add_token(request: Call, visitor: Visitor) -> Response[Any]:
    """Create a token; its holder gets the one-time code, and the operator never sees the final secret."""
    form = form_of(request)
    scopes = form.all("scope")[:16]
    if not set(scopes) <= set(OFFERED):
        raise Denied(400, "bad-request")
    try:
        token = check(form.one("name", 80).strip(), scopes)
        made = await gateway_of(request).tokens_add(token, visitor.person)
    except StoreFault:
        raise
    except Fault as fault:
        return await _tokens(request, visitor, problem=problem_of(fault))
    return await _tokens(request, visitor, made=str(made["name"]), code=str(made["claim"]))


@page("POST", "/tokens/revoke")
async def revoke_token(request: Call, visitor: Visitor) -> Response[Any]:
    """Revoke a token immediately."""
    if not await gateway_of(request).tokens_revoke(form_of(request).one("name", 80), visitor.person):
        raise Denied(404, "not-found")
    return go(f"{PREFIX}/tokens")


async def _tokens(
    request: Call, visitor: Visitor, *, made: str = "", code: str = "", problem: Problem | None = None
) -> Response[Any]:
    rows = await gateway_of(request).tokens_list()
    order = {"active": 0, "expired": 1, "revoked": 2}
    shown = sorted(map(views.token, rows), key=lambda each: (order.get(each.state, 3), each.name))
    typed = form_of(request) if problem else typed_of(request, visitor)
    name, chosen = (typed.one("name", 80), tuple(typed.all("scope")[:16])) if typed else ("", ())
    view = Tokens(shown, list(OFFERED), made, code, problem, name, chosen)
    return render(request, visitor, "tokens.html", view, status=422 if problem else 200)


@page("GET", "/keys")
async def keys(request: Call, visitor: Visitor) -> Response[Any]:
    """Show this gateway's keys."""
    return await _keys(request, visitor)


@page("POST", "/keys/rotate")
async def rotate(request: Call, visitor: Visitor) -> Response[Any]:
    """Create a new key bundle now."""
    await gateway_of(request).rotate_keys(visitor.person)
    return await _keys(request, visitor, rotated=True)


async def _keys(request: Call, visitor: Visitor, *, rotated: bool = False) -> Response[Any]:
    found = [views.key(row) for row in await gateway_of(request).keys()]
    return render(request, visitor, "keys.html", Keys(found, rotated))


@page("GET", "/audit")
async def audit(request: Call, visitor: Visitor) -> Response[Any]:
    """Show the log, the newest lines first."""
    gateway = gateway_of(request)
    last = await gateway.audit_length()
    text = request.query_params.get("after", "")
    after = min(int(text), last) if text.isascii() and text.isdigit() and len(text) < 16 else max(0, last - LINES)
    await gateway.audit(0, 1, visitor.person)  # reading it adds a line, and all of it is signed
    found = (
        await gateway.audit(after, LINES, visitor.person) if after else await gateway.audit(0, LINES, visitor.person)
    )
    people = {each["id"]: each["name"] for each in gateway.people.everybody()}
    return render(request, visitor, "audit.html", views.audit(found, after, last, LINES, people))


def _now() -> int:
    return time.time_ns() // 1_000_000

"""The inbox: what is late, what waits for an answer, other alerts by urgency, other kinds, and what is over.

A list tells no publisher that somebody opened a message.
"""

from typing import Any, Final

from litestar import Response
from msgspec import Struct

from suar.console.guard import READERS, Call, Denied, Visitor, gateway_of, is_exercise
from suar.console.pages.registry import page
from suar.console.rendering import go, render
from suar.console.views.lists import Group, groups, row, search
from suar.protocol.message.kinds import PUBLISHED

SHOWN: Final = 200
OVER: Final = 30
SEARCHED: Final = 1_000
QUERY_MAX: Final = 100


class Inbox(Struct, frozen=True):
    """Groups of rows. `asked`: what is searched for; `kind`: the only kind that is shown, "" for all."""

    groups: tuple[Group, ...]
    kinds: tuple[str, ...]
    kind: str
    asked: str
    at: int


@page("GET", "/inbox")
async def inbox(request: Call, visitor: Visitor) -> Response[Any]:
    """What came in."""
    gateway, now = gateway_of(request), gateway_of(request).core.clock()
    realm = realm_of(request)
    asked = request.query_params.get("q", "")[:QUERY_MAX].strip()
    kind = request.query_params.get("kind", "")
    if kind and kind not in PUBLISHED:
        raise Denied(404, "not-found")
    if asked:
        found = await gateway.messages(status=realm, limit=SEARCHED, lang=visitor.lang)
        hits = search(reversed([row(each, now) for each in found]), asked)
        made: tuple[Group, ...] = (Group("list-found", tuple(hits)),) if hits else ()
    else:
        of_kind = kind or None
        current = await gateway.messages(
            status=realm, kind=of_kind, limit=SHOWN, order="urgency", state="current", lang=visitor.lang
        )
        over = await gateway.messages(status=realm, kind=of_kind, limit=OVER, state="ended", lang=visitor.lang)
        made = groups([row(each, now) for each in current], [row(each, now) for each in over])
    return render(request, visitor, "inbox.html", Inbox(made, PUBLISHED, kind, asked, now))


async def waiting(request: Call, visitor: Visitor) -> list[tuple[str, int, str]]:
    """What waits for this person among messages: the key of a sentence, how many, and the page where it is done."""
    gateway, realm, found = gateway_of(request), realm_of(request), list[tuple[str, int, str]]()
    if visitor.roles & READERS:
        rows = await gateway.messages(status=realm, limit=SHOWN, order="urgency", state="current")
        lines = [row(each, gateway.core.clock()) for each in rows]
        found += [
            ("home-late", sum(each.is_late for each in lines), "/inbox"),
            ("home-waits", sum(each.is_open and not each.is_late for each in lines), "/inbox"),
            ("home-new", sum(not each.answer for each in lines), "/inbox"),
        ]
    if "approver" in visitor.roles:
        held = [each["id"] for each in await gateway.held(visitor.person) if each["status"] == realm]
        mine = [await gateway.desk.may_decide(each, visitor.person) for each in held]
        found.insert(1, ("home-approve", sum(mine), "/approve"))
    return [each for each in found if each[1]]


def realm_of(request: Call) -> str:
    """The realm of a page, by its address."""
    return "exercise" if is_exercise(request) else "actual"


def check_realm(request: Call, realm: str) -> Response[Any] | None:
    """The way to the same page of the other realm, where a message belongs to that one: none is shown unmarked."""
    if realm == realm_of(request):
        return None
    path, here = request.url.path, "/console/x" if is_exercise(request) else "/console"
    return go(("/console/x" if realm == "exercise" else "/console") + path.removeprefix(here))

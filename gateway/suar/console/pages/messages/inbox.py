"""The inbox: late answers, expected answers, other alerts by urgency, other kinds, and messages no longer in force.

Showing a list does not inform publishers that a message was opened.
"""

from typing import Any, Final

from litestar import Response
from markupsafe import Markup
from msgspec import Struct

from suar.console.guard import READERS, Call, Denied, Visitor, gateway_of, is_exercise, kept_query
from suar.console.pages.registry import page
from suar.console.reading import reader_of
from suar.console.rendering import go, render, rendered_rows
from suar.console.views.lists import Group, Row, deadline, fitting, groups, row, search, unmuted
from suar.protocol.base import limits
from suar.protocol.base.exercise import REALM
from suar.protocol.message.kinds import PUBLISHED
from suar.protocol.policy.restrictions import Reader

SHOWN: Final = 200
OVER: Final = 30
RECALLED: Final = 7 * limits.DAY
"""Time (ms) for which alerts that were recalled while this member was acting remain at the top of the inbox."""
SEARCHED: Final = 1_000
QUERY_MAX: Final = 100


class ShownGroup(Struct, frozen=True):
    """Rows, as HTML, under the key of a heading."""

    key: str
    lines: tuple[Markup, ...]


class Inbox(Struct, frozen=True):
    """Groups of rows. `query`: the searched text; `kind`: the only kind that is shown, "" for all.

    `muted`: how many are left out because this person muted them; `left_out`: because the page would be too large.
    """

    groups: tuple[ShownGroup, ...]
    kinds: tuple[str, ...]
    kind: str
    query: str
    at: int
    muted: int = 0
    left_out: int = 0


@page("GET", "/inbox")
async def inbox(request: Call, visitor: Visitor) -> Response[Any]:
    """Show received messages."""
    gateway, now = gateway_of(request), gateway_of(request).core.clock()
    realm, muted, reader, turn = realm_of(request), 0, reader_of(request, visitor), gateway.core.listed_texts.turn
    query = request.query_params.get("q", "")[:QUERY_MAX].strip()
    kind = request.query_params.get("kind", "")
    if kind and kind not in PUBLISHED:
        raise Denied(404, "not-found")
    if query:
        found = await gateway.messages(status=realm, limit=SEARCHED, reader=reader, lang=visitor.lang)
        hits = search(reversed([row(each, now) for each in found]), query)
        made: tuple[Group, ...] = (Group("list-found", tuple(hits)),) if hits else ()
    else:
        of_kind = kind or None
        current = await gateway.messages(
            status=realm, kind=of_kind, limit=SHOWN, order="urgency", state="current", reader=reader, lang=visitor.lang
        )
        over = await gateway.messages(
            status=realm, kind=of_kind, limit=OVER, state="ended", reader=reader, lang=visitor.lang
        )
        mutes = {(each.kind, each.origin) for each in gateway.people.mutes_of(visitor.person)}
        lines = [row(each, now) for each in current]
        shown = lines if request.query_params.get("muted") else unmuted(lines, mutes)
        acted, ended = await recalled(request, over), [row(each, now) for each in over]
        rest = [each for each in ended if each not in acted]
        made = (*((Group("list-recalled", acted),) if acted else ()), *groups(shown, rest))
        muted = len(lines) - len(shown)
    made, left_out = fitting(made)
    seen = [(each.id, each.rev) for group in made for each in group.rows]
    await gateway.note_shown(visitor.person, "search" if query else "list", seen)
    as_html = tuple(
        ShownGroup(
            each.key,
            rendered_rows(request, visitor, "inbox-row.html", each.rows, turn, is_of_agency=bool(visitor.agency)),
        )
        for each in made
    )
    return render(request, visitor, "inbox.html", Inbox(as_html, PUBLISHED, kind, query, now, muted, left_out))


class Task(Struct, frozen=True):
    """One task: the key of its sentence with a number, and its page."""

    key: str
    number: int
    path: str


async def in_force(
    request: Call, lang: str | None = None, reader: Reader | None = None
) -> list[dict[str, Any]]:  # fmt: skip
    """Return the messages in force of this realm that `reader`, else our focal point, may read, the most
    urgent first.
    """
    return await gateway_of(request).messages(
        status=realm_of(request), limit=SHOWN, order="urgency", state="current", reader=reader, lang=lang
    )


async def recalled(request: Call, over: list[dict[str, Any]]) -> tuple[Row, ...]:
    """Return the alerts in `over` that were recalled recently while this member was acting on them, the
    newest first.
    """
    gateway, now = gateway_of(request), gateway_of(request).core.clock()
    rows = [row(each, now) for each in over if each["state"] == "cancelled" and each["origin"] != gateway.member]
    late = [each for each in rows if now - each.received < RECALLED]
    acted = await gateway.desk.acted_on([each.id for each in late]) if late else frozenset[str]()
    return tuple(each for each in reversed(late) if each.id in acted)


async def waiting(request: Call, visitor: Visitor, rows: list[dict[str, Any]] | None = None) -> list[Task]:
    """Return what waits for this person among messages. `rows`: those in force, if they are known."""
    gateway, realm, found = gateway_of(request), realm_of(request), list[Task]()
    if visitor.agency:
        rows = await in_force(request, reader=reader_of(request, visitor)) if rows is None else rows
        found.append(Task("home-readable", len(rows), "/inbox"))
    if visitor.roles & READERS:
        rows = await in_force(request) if rows is None else rows
        now = gateway.core.clock()
        due = [deadline(each, now) for each in rows]
        found += [
            Task("home-late", sum(each.is_late for each in due), "/inbox"),
            Task("home-waits", sum(each.is_open and not each.is_late for each in due), "/inbox"),
            Task("home-new", sum(not each["answer"] for each in rows), "/inbox"),
        ]
        over = await gateway.messages(status=realm, limit=OVER, state="ended")
        acted = [each for each in await recalled(request, over) if not each.answer]
        found.insert(0, Task("home-recalled", len(acted), "/inbox"))
    if "approver" in visitor.roles:
        found.insert(1, Task("home-approve", await gateway.desk.held_for(visitor.person, realm), "/approve"))
        other = 0 if realm == REALM else await gateway.desk.held_for(visitor.person, REALM)
        found.insert(2, Task("home-approve-exercises", other, "/x/approve"))
    if "author" in visitor.roles:
        rejected = await gateway.desk.rejected(visitor.person, realm)
        found.insert(0, Task("home-rejected", len(rejected), "/write"))
        found.append(Task("home-proposals", await gateway.contributions.count(realm), "/proposals"))
    return [each for each in found if each.number]


def realm_of(request: Call) -> str:
    """Return the realm of a page, by its address."""
    return "exercise" if is_exercise(request) else "actual"


def check_realm(request: Call, realm: str) -> Response[Any] | None:
    """Return a redirect to the same address in the message's own realm, so that none is shown unmarked."""
    if realm == realm_of(request):
        return None
    path, here = request.url.path, "/console/x" if is_exercise(request) else "/console"
    address = ("/console/x" if realm == "exercise" else "/console") + path.removeprefix(here)
    return go(address + kept_query(request))

"""One message: its text in the reader's language, its codes, changes, revisions, and our answer.

Opening the page opens the message, and its publisher is informed once. A browser's prefetch gets nothing, and a
navigation from another site gets a link.
"""

import re
from typing import Any, Final

from litestar import Response
from msgspec import Struct
from msgspec.structs import replace

from suar.console.form_body import Form
from suar.console.guard import ANSWERERS, Call, Denied, Visitor, form_of, gateway_of, typed_of
from suar.console.pages.messages.inbox import check_realm
from suar.console.pages.messages.related import Links, links_of
from suar.console.pages.messages.waiting import Pending, waiting_of
from suar.console.pages.registry import page
from suar.console.pictures.chart import chart
from suar.console.pictures.place_map import PlaceMap, place_map
from suar.console.pictures.svg import Picture
from suar.console.reading import name_of, reader_of
from suar.console.rendering import go, names_of, render
from suar.console.views.texts import ReasonText, Shown, changes, reason, shown
from suar.languages.rendering.unseen import visible_text
from suar.protocol.base.errors import Refused
from suar.protocol.base.instants import milliseconds
from suar.protocol.base.reasons import Invalid
from suar.protocol.base.stages import BY_PERSON
from suar.service.access.as_shown import CHANGED
from suar.service.settings.scopes import ROLES

FOCAL_POINT: Final = "focal-point"
NOTE_MAX: Final = 200
_REVISION: Final = re.compile(r"[1-9][0-9]*")
REV_DIGITS: Final = 4
CHANGED_MEANWHILE: Final = f"refused-{CHANGED}"
_AHEAD: Final = frozenset({"prefetch", "prerender", "preview"})
_BY_PERSON: Final = {
    "sec-fetch-mode": ("", "navigate"), "sec-fetch-dest": ("", "document"),
    "sec-fetch-site": ("", "same-origin", "same-site", "none"),
}  # fmt: skip
"""Headers of a browser for a page that a person navigates to; a browser without them is accepted."""


class Opening(Struct, frozen=True):
    """A message that another site links to, or a program fetches: this page has a link that opens it."""

    id: str


class Link(Struct, frozen=True):
    """A revision; its time in ms."""

    rev: int
    action: str
    at: int


class Statement(Struct, frozen=True):
    """One of our statements to the publisher; its time in ms."""

    stage: str
    role: str
    by: str
    at: int


class MessagePage(Struct, frozen=True):
    """A message. `may_answer`: it is another member's and in force. `problem`: why an answer was refused."""

    id: str
    rev: int
    origin: str
    kind: str
    tlp: str
    urgency: str
    state: str
    shown: Shown
    changes: tuple[tuple[str, str, str], ...]
    chain: tuple[Link, ...]
    statements: tuple[Statement, ...]
    acknowledge_by: int | None
    is_late: bool
    recalled: str
    is_ours: bool
    may_answer: bool
    may_write: bool
    may_recall: bool
    roles: tuple[str, ...] = (FOCAL_POINT,)
    entered: tuple[str, str, str] = ("", "", "")
    problem: tuple[ReasonText, ...] = ()
    refused: str = ""
    chart: Picture | None = None
    map: PlaceMap | None = None
    waiting: Pending | None = None
    links: Links = Links()


@page("GET", "/m/{id:str}")
async def message(request: Call, visitor: Visitor) -> Response[Any]:
    """Show the message to this person."""
    if is_ahead(request):
        return Response(b"", status_code=204, media_type="text/html")
    if not is_by_person(request):
        return render(request, visitor, "open.html", Opening(id_of(request)))
    typed = typed_of(request, visitor)
    return await _page(request, visitor, filled=_entered(typed) if typed else ("", "", ""))


def _entered(form: Form) -> tuple[str, str, str]:
    """Return stage, role and note of an answer as they were entered."""
    return form.one("stage", 32), form.one("role", 32), form.one("note", 1_000).strip()


def is_ahead(request: Call) -> bool:
    """Whether a browser fetches the page before the person requests it."""
    headers = request.headers
    purposes = (headers.get("purpose", ""), headers.get("x-purpose", ""), headers.get("x-moz", ""))
    return bool(headers.get("sec-purpose")) or any(each.strip().lower() in _AHEAD for each in purposes)


def is_by_person(request: Call) -> bool:
    """Whether a person navigates to the page, from one of ours or by its address, as far as the browser states it."""
    return all(request.headers.get(name, "").strip().lower() in known for name, known in _BY_PERSON.items())


@page("POST", "/m/{id:str}")
async def answer(request: Call, visitor: Visitor) -> Response[Any]:
    """Inform its publisher that it was acknowledged, or that somebody acts."""
    form, id_ = form_of(request), id_of(request)
    stage, role, note = _entered(form)
    rev = number(form.one("read", 8))
    if stage not in BY_PERSON or role not in roles_of(visitor):
        return await _page(request, visitor, filled=(stage, role, note), refused="answer-incomplete")
    if len(note) > NOTE_MAX:
        return await _page(request, visitor, filled=(stage, role, note), refused="note-long")
    try:
        done = await gateway_of(request).record_receipt(id_, visitor.person, stage, role, note=note or None, rev=rev)
    except Invalid as invalid:
        known = names_of(visitor)
        reasons = tuple(reason(each.shape(with_sentences=True), known) for each in invalid.reasons)
        return await _page(request, visitor, filled=(stage, role, note), problem=reasons)
    except Refused as refused:
        return await _page(request, visitor, filled=(stage, role, note), refused=f"refused-{refused.code}")
    if done is None:
        raise Denied(404, "not-found")
    return go(request.url.path)


def roles_of(visitor: Visitor) -> tuple[str, ...]:
    """Return the roles in which the person answers: as the focal point, and by their own roles."""
    return (FOCAL_POINT, *(role for role in ROLES if role in visitor.roles))


def number(text: str) -> int:
    """Return a revision or version in a form; 0 for an invalid one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= REV_DIGITS else 0


def revision_of(request: Call) -> int | None:
    """Return the revision that the address names, None for the newest. Raises Denied if it names none or several."""
    named = request.query_params.getall("rev", [])
    if not named:
        return None
    if len(named) > 1 or not _REVISION.fullmatch(named[0]):
        raise Denied(400, "bad-request")
    if len(named[0]) > REV_DIGITS:
        raise Denied(404, "not-found")
    return int(named[0])


def id_of(request: Call) -> str:
    """Return the id in the address."""
    return str(request.path_params["id"])


async def _page(
    request: Call, visitor: Visitor, *, filled: tuple[str, str, str] = ("", "", ""),
    problem: tuple[ReasonText, ...] = (), refused: str = "",
) -> Response[Any]:  # fmt: skip
    gateway, id_ = gateway_of(request), id_of(request)
    reader = reader_of(request, visitor)
    rev = revision_of(request) if reader is None else None  # an agency reads only the newest, as in its feed
    found = await gateway.message(id_, rev=rev, reader=reader)
    if found is None:
        raise Denied(404, "not-found")
    other = check_realm(request, found["status"])
    if other is not None:
        return other
    await gateway.agency_texts.note(visitor.agency, [(found["id"], found["rev"])] if found["message"] else [])
    is_person = bool(ANSWERERS & visitor.roles)  # after the checks, so that no redirect opens it
    found = (
        await gateway.message(
            id_, rev=found["rev"], opened_by=visitor.person, is_person=is_person, reader=reader
        ) or found
    )  # fmt: skip
    earlier = await gateway.message(id_, rev=found["rev"] - 1, reader=reader) if found["rev"] > 1 else None
    view = _view(request, visitor, found, earlier)
    status = 409 if refused == CHANGED_MEANWHILE else 422 if problem or refused else 200
    waits = await waiting_of(request, visitor, id_) if view.is_ours else None
    view = replace(view, roles=roles_of(visitor), entered=filled, problem=problem, refused=refused, waiting=waits)
    view = replace(view, links=await links_of(request, visitor, found))
    return render(request, visitor, "message.html", view, status=status)


def _view(request: Call, visitor: Visitor, found: dict[str, Any], earlier: dict[str, Any] | None) -> MessagePage:
    member, now = gateway_of(request).member, gateway_of(request).core.clock()
    known, body = names_of(visitor), found["message"] or {}
    made, is_ours = shown({**found, "chain": []}, known), found["origin"] == member  # the page lists it itself
    chain = [each for each in found["chain"] if each["rev"] == found["rev"] or not visitor.agency]
    old = shown(earlier, known).after if earlier is not None and earlier["message"] and body else ()
    by = found["acknowledge_by"]
    until = None if by is None else milliseconds(by)
    answered = (found["answer"] or {}).get("stage") in BY_PERSON
    in_force = found["state"] in ("current", "expired") and bool(body)
    return MessagePage(
        found["id"], found["rev"], found["origin"], body.get("kind", found["id"].split("-")[1].lower()),
        body.get("tlp", ""), body.get("urgency", ""), found["state"], made, changes(old, made.after) if old else (),
        tuple(Link(each["rev"], each["action"], milliseconds(each["received"])) for each in chain),
        tuple(_statement(request, each) for each in found["said"]),
        until, until is not None and not is_ours and not answered and until < now,
        visible_text(str((found["tombstone"] or {}).get("reason", ""))), is_ours,
        not is_ours and in_force and bool(ANSWERERS & visitor.roles),
        is_ours and in_force and "author" in visitor.roles,
        is_ours and found["state"] != "cancelled" and bool({"author", "approver"} & visitor.roles),
        chart=chart(body, known), map=place_map(body, known, known.words.console("map")),
    )  # fmt: skip


def _statement(request: Call, found: dict[str, Any]) -> Statement:
    return Statement(found["stage"], found["role"], name_of(request, found["by"]), milliseconds(found["at"]))

"""Messages of ours, their recipients, and why a member does not have one."""

from typing import Any, Final

from litestar import Response
from msgspec import Struct

from suar.console.guard import Call, Denied, Visitor, gateway_of, kept_query
from suar.console.pages.messages.inbox import check_realm, realm_of
from suar.console.pages.messages.message import id_of, revision_of
from suar.console.pages.messages.waiting import Pending, Together, together_of, waiting_of
from suar.console.pages.registry import page
from suar.console.reading import name_of
from suar.console.rendering import go, names_of, render, zone_of
from suar.console.views.lists import SentRow, sent_row
from suar.console.views.matrix import STAGES, Matrix, as_taken_back, matrix
from suar.console.views.texts import Text, text_of
from suar.languages.causes import render_cause
from suar.languages.rendering.unseen import visible_text
from suar.languages.tags import LANGUAGES
from suar.observe.causes import CAUSES
from suar.service.process.desk import counts

PAGE: Final = 50
CONTACTS: Final = 3
REJECTED_HERE: Final = "rejected-here"
AT_MEMBER: Final = frozenset(
    {"remind", "stop", "authority", "older", "operator", "way", "their-clock", "their-disk", "their-list", "asked"}
)
"""The next steps (observe/causes.py) that somebody at the member can take."""


class HeldLine(Struct, frozen=True):
    """A message of ours that waits for a second person."""

    id: str
    title: str
    lang: str
    by: str


class SentPage(Struct, frozen=True):
    """Rows; `older`: the address of the next page, "" on the last one."""

    rows: tuple[SentRow, ...]
    waiting: tuple[HeldLine, ...]
    older: str


class Who(Struct, frozen=True):
    """The matrix, with the parts that depend on a person's role. `revisions`: those that have a matrix of their own.

    `is_taken_back`: its author took it back before it left. `has_rejected_update`: something waited and was rejected
    with the recall. `calls`: whom to call at each member that acted on a recalled text and has not acknowledged the
    recall.
    """

    matrix: Matrix
    text: Text | None
    kind: str
    tlp: str
    urgency: str
    state: str
    sent: str
    stages: tuple[str, ...]
    may_write: bool
    may_recall: bool
    now: int
    waiting: Pending | None
    revisions: tuple[int, ...]
    is_latest: bool
    is_taken_back: bool
    has_rejected_update: bool
    calls: dict[str, "tuple[Contact, ...]"]
    together: Together = Together()


class Contact(Struct, frozen=True):
    """A person at the member who can be called."""

    title: str
    lang: str
    numbers: tuple[str, ...]


class Why(Struct, frozen=True):
    """The cause, the next step, and whom to call. `authority`: who ordered a legal hold, as the member names it.

    `at`: when it was so, in ms; the cause changes with every receipt and heartbeat, and the page does not.
    `may_mend`: the next step is one of that member; else nobody there is to be called.
    """

    id: str
    member: str
    cause: str
    step: str
    contacts: tuple[Contact, ...]
    authority: str
    may_mend: bool
    at: int


@page("GET", "/sent")
async def sent(request: Call, visitor: Visitor) -> Response[Any]:
    """Show our messages, the newest first."""
    gateway, realm = gateway_of(request), realm_of(request)
    after = request.query_params.get("before", "")
    before = int(after) if after.isascii() and after.isdigit() and len(after) < 16 else None
    found = await gateway.desk.sent(realm=realm, before=before, limit=PAGE, lang=visitor.lang)
    may_see = before is None and bool({"author", "approver"} & visitor.roles)
    held = [each for each in await gateway.held(visitor.person) if each["status"] == realm] if may_see else []
    older = str(found[-1]["n"]) if len(found) == PAGE else ""
    view = SentPage(tuple(map(sent_row, found)), tuple(_waiting(request, each, visitor.lang) for each in held), older)
    return render(request, visitor, "sent.html", view)


def _waiting(request: Call, found: dict[str, Any], tag: str) -> HeldLine:
    text = text_of(found["message"], tag)
    return HeldLine(found["id"], text.title if text else "", text.lang if text else "en", name_of(request, found["by"]))


@page("GET", "/m/{id:str}/who")
async def who(request: Call, visitor: Visitor) -> Response[Any]:
    """Show the matrix, or the part of the page that is fetched again."""
    gateway, id_ = gateway_of(request), id_of(request)
    named, waits = revision_of(request), await waiting_of(request, visitor, id_)
    rev = named
    if rev is None and waits is not None and waits.rev > 1:
        rev = waits.rev - 1  # what the members have
    found = await gateway.deliveries(id_, rev)
    if found is None:
        return await _page_of_other(request, id_)
    other = check_realm(request, found["status"])
    if other is not None:
        return other
    now = gateway.core.clock()
    for name in ("released_alone", "rejected"):
        if found.get(name):
            found[name] |= {"by": name_of(request, found[name]["by"])}
    decided = await gateway.desk.decision(id_) or {}
    is_taken_back = bool(found.get("rejected")) and decided.get("state") == "withdrawn"
    made = matrix(as_taken_back(found) if is_taken_back else found, counts(found["members"].values()), now)
    is_part = request.headers.get("x-fragment") is not None
    shown = None if is_part else await gateway.message(id_, rev=found["rev"])
    body = (shown or {}).get("message") or {}
    state = str((shown or {}).get("state", ""))
    view = Who(
        made, text_of(body, visitor.lang), body.get("kind", id_.split("-")[1].lower()), body.get("tlp", ""),
        body.get("urgency", ""), state, body.get("sent", ""), STAGES,
        bool(body) and state in ("current", "expired") and "author" in visitor.roles,
        bool(body) and state != "cancelled" and bool({"author", "approver"} & visitor.roles), now, waits,
        await _revisions(request, id_, shown, waits), named is None,
        is_taken_back, state == "cancelled" and bool(decided.get("with_cancel")),
        {} if is_part else await _calls(request, visitor, made),
        Together() if is_part else await together_of(request, visitor, id_),
    )  # fmt: skip
    return render(request, visitor, "who-table.html" if is_part else "who.html", view)


async def _page_of_other(request: Call, id_: str) -> Response[Any]:
    """Return a redirect to the page of another member's message, which has no matrix here. Raises Denied for none."""
    shown = await gateway_of(request).message(id_, rev=revision_of(request))
    if shown is None or shown["origin"] == gateway_of(request).member:
        raise Denied(404, "not-found")
    own = check_realm(request, shown["status"])
    return own if own is not None else go(request.url.path.removesuffix("/who") + kept_query(request))


async def _revisions(
    request: Call, id_: str, shown: dict[str, Any] | None, waits: Pending | None
) -> tuple[int, ...]:  # fmt: skip
    """Return the revisions that left, and the update that waits."""
    chain = (shown or await gateway_of(request).message(id_) or {}).get("chain", ())
    waiting = {waits.rev} if waits is not None and waits.is_update else set()
    return tuple(sorted({each["rev"] for each in chain} | waiting))


@page("GET", "/m/{id:str}/why/{member:str}")
async def why(request: Call, visitor: Visitor) -> Response[Any]:
    """Show why a member has it, or does not have it, and whom to call there."""
    gateway, id_, member = gateway_of(request), id_of(request), str(request.path_params["member"])
    found = await gateway.why(id_, member) if len(member) == 2 and member.isascii() and member.isupper() else None
    if found is None or id_[:2] != gateway.member:
        raise Denied(404, "not-found")
    other = check_realm(request, found["status"] or realm_of(request))
    if other is not None:
        return other
    cause, step = render_cause(
        found["number"], found["values"], LANGUAGES[visitor.lang], zone_of(visitor.timezone), for_page=True
    )
    if found["cause"] == REJECTED_HERE and (await gateway.desk.decision(id_) or {}).get("state") == "withdrawn":
        words = names_of(visitor).words
        cause, step = words.console("decided-withdrawn"), words.console("withdrawn-then")
    may_mend = CAUSES[found["number"] - 1].next in AT_MEMBER
    contacts = await _contacts(request, visitor, member) if may_mend else ()
    authority = visible_text(found["values"].get("authority") or "")
    view = Why(id_, member, cause, step, contacts, authority, may_mend, gateway.core.clock())
    return render(request, visitor, "why.html", view)


async def _calls(request: Call, visitor: Visitor, made: Matrix) -> dict[str, tuple[Contact, ...]]:
    """Return whom to call at each member that acted on a recalled text and may not know that it was recalled."""
    codes = [each.code for each in made.members if each.has_to_learn]
    return {code: await _contacts(request, visitor, code) for code in codes}


async def _contacts(request: Call, visitor: Visitor, member: str) -> tuple[Contact, ...]:
    """Return who can be called, by the contact messages of that member in force; the newest first."""
    gateway, found = gateway_of(request), []
    rows = await gateway.messages(kind="contact", origin=member, status="actual", state="current", limit=20)
    for each in reversed(rows):
        read = await gateway.message(each["id"])
        body = (read or {}).get("message") or {}
        text = text_of(body, visitor.lang)
        numbers = tuple(visible_text(str(number)) for number in body.get("phone", ()))
        if text is not None and numbers:
            found.append(Contact(text.title, text.lang, numbers))
    return tuple(found[:CONTACTS])

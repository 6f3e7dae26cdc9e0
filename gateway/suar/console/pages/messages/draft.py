"""A draft: filled in, saved, checked in the meantime, and submitted; with the names of those who would open it."""

from typing import Any, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from litestar import Response
from msgspec import Struct
from msgspec.structs import replace

from suar.console.forms import coarsening
from suar.console.forms.decode import decode
from suar.console.forms.plan import Part, Setting, form, ids_of, widgets_of
from suar.console.guard import PREFIX, Call, Denied, Visitor, form_of, gateway_of, one_at_a_time, shared_of, typed_of
from suar.console.pages.messages.inbox import check_realm, realm_of
from suar.console.pages.messages.message import CHANGED_MEANWHILE, id_of
from suar.console.pages.messages.waiting import Together, approvers, together_of
from suar.console.pages.registry import page
from suar.console.reading import name_of
from suar.console.rendering import go, names_of, render, zone_of
from suar.console.views import drafting
from suar.console.views.drafting import Content, Verdict
from suar.console.views.texts import ReasonText, Shown, shown
from suar.languages.names import Names, names
from suar.languages.order import in_order
from suar.protocol.base.instants import milliseconds
from suar.protocol.privacy.limits import k_for
from suar.service.process.desk import Conflict, Locked

_ADD: Final = "add "
_REMOVE: Final = "remove "


class DraftPage(Struct, frozen=True):
    """A draft with its form; times in ms. `faults`: shown at the fields once a check was requested.

    `is_fault_list_focused`: their list gets the focus. `has_subdivision_field`: a field accepts the name of a
    subdivision. `is_unfolded`: the last part is shown. `instead_of`: the message that is recalled when this one leaves.
    """

    id: str
    version: int
    kind: str
    action: str
    about: str
    parts: tuple[Part, ...]
    verdict: Verdict
    faults: dict[str, list[ReasonText]]
    saved: int
    saved_by: str
    approvers: tuple[str, ...]
    until: int | None
    has_subdivision_field: bool
    is_unfolded: bool
    is_fault_list_focused: bool = False
    problem: str = ""
    instead_of: str = ""


class ConflictPage(Struct, frozen=True):
    """Two versions: what another person saved, and what this one wrote."""

    id: str
    version: int
    kind: str
    saved: int
    saved_by: str
    theirs: Shown
    mine: Shown
    fields: tuple[tuple[str, str], ...]


class HeldPage(Struct, frozen=True):
    """A draft that waits. Withdrawing names its `version`, a release the `digest`. `entered`: the typed reason."""

    id: str
    version: int
    message: str
    kind: str
    shown: Shown
    approvers: tuple[str, ...]
    may_alone: bool
    digest: str
    entered: str = ""
    problem: str = ""
    refusals: tuple[ReasonText, ...] = ()
    together: Together = Together()


@page("GET", "/draft/{id:str}")
async def draft(request: Call, visitor: Visitor) -> Response[Any]:
    """Show the form, or who can release it."""
    found = await draft_of(request)
    other = check_realm(request, found["realm"])
    if other is not None:
        return other
    if found["message"] is not None:
        return await held_page(request, visitor, found)
    add = request.query_params.get("add", "")[:100]
    return await draft_page(request, visitor, found, added={add: 1} if add else {})


@page("POST", "/draft/{id:str}")
async def save(request: Call, visitor: Visitor) -> Response[Any]:
    """Save; the button states the next step."""
    sent, found = form_of(request), await draft_of(request)
    gateway, act = gateway_of(request), sent.one("do", 200)
    if act == "delete" and not visitor.is_idle:
        return await _delete(request, visitor, found["id"], _number(sent.one("version", 12)))
    before = drafting.decode(found["content"])
    without = act.removeprefix(_REMOVE) if act.startswith(_REMOVE) else ""
    tree = decode(found["kind"], sent.fields, _zone(visitor), before=before.tree, without=without, action=before.action)
    is_coarsened = act.startswith(coarsening.DO) and found["kind"] == "trend"
    coarser = coarsening.coarser_tree(tree, act, _k(request, tree)) if is_coarsened else None
    tree = tree if coarser is None else coarser
    content = replace(before, tree=tree, is_checked=before.is_checked or act == "review")
    try:
        kept = await gateway.desk.draft_save(
            found["id"], visitor.person, _number(sent.one("version", 12)), drafting.encode(content)
        )
    except Conflict as conflict:
        if not visitor.is_idle:
            return _conflict(request, visitor, conflict.kept, content, sent.fields)
        kept = await gateway.desk.draft_begin(
            visitor.person, found["realm"], found["kind"], drafting.encode(content), found["editors"]
        )  # an absent person cannot choose between the two: both are kept, as with the same authors
    except Locked as locked:
        if visitor.is_idle:
            raise _signed_out(request, found) from None
        return await held_page(request, visitor, locked.kept, status=409)
    if kept is None:
        raise Denied(404, "not-found")
    if visitor.is_idle:
        raise _signed_out(request, kept)
    if is_coarsened and coarser is None:
        return await draft_page(request, visitor, kept, problem="coarser-gone")
    return await _saved(request, visitor, kept, act)


async def _saved(request: Call, visitor: Visitor, kept: dict[str, Any], act: str) -> Response[Any]:
    """Return the next step after saving, by the button. Raises Denied for a live check while another one runs."""
    if request.headers.get("x-fragment") is not None:
        busy = Denied(429, "busy", seconds=2, version=kept["version"])
        with one_at_a_time(visitor.session, shared_of(request).checking, busy):
            return await draft_page(request, visitor, kept, template="draft-verdict.html")
    if act == "review":
        return await _towards_review(request, visitor, kept)
    return go(request.url.path + (f"?add={quote(act.removeprefix(_ADD))}" if act.startswith(_ADD) else ""))


def _k(request: Call, tree: dict[str, Any]) -> int:
    """Return the smallest count that the draft's TLP shows here."""
    return k_for(str(tree.get("tlp", "")), gateway_of(request).config.gate)


async def _delete(request: Call, visitor: Visitor, id_: str, version: int) -> Response[Any]:
    try:
        await gateway_of(request).desk.draft_delete(id_, visitor.person, version)
    except Conflict as conflict:
        return await draft_page(request, visitor, conflict.kept, problem=CHANGED_MEANWHILE, status=409)
    except Locked as locked:
        return await held_page(request, visitor, locked.kept, status=409)
    return go(request.url.path.partition("/draft/")[0] + "/write")


def _signed_out(request: Call, kept: dict[str, Any]) -> Denied:
    """Keep the text, and show nothing of it before the person has signed in again."""
    to = f"{PREFIX}/sign-in?next={request.url.path.partition('/draft/')[0]}/draft/{kept['id']}"
    return Denied(401, "sign-in-needed", to=to, version=kept["version"])


async def _towards_review(request: Call, visitor: Visitor, kept: dict[str, Any]) -> Response[Any]:
    """Show the page with the whole draft; while something is wrong, the form, which lists everything wrong."""
    view = await _view(request, visitor, kept)
    return go(request.url.path + ("/review" if view.verdict.state in ("pass", "hold") else "?check=1"))


async def draft_of(request: Call) -> dict[str, Any]:
    """Return the draft in the address; a form of the other realm has none. Raises Denied."""
    found = await gateway_of(request).desk.draft(id_of(request))
    if found is None or (request.method == "POST" and found["realm"] != realm_of(request)):
        raise Denied(404, "not-found")
    return found


async def draft_page(
    request: Call, visitor: Visitor, found: dict[str, Any], *, added: dict[str, int] | None = None,
    template: str = "draft.html", problem: str = "", status: int = 422,
) -> Response[Any]:  # fmt: skip
    """Render the form of a draft. `status`: if there is a problem."""
    view = await _view(request, visitor, found, added or {})
    return render(request, visitor, template, replace(view, problem=problem), status=status if problem else 200)


async def _view(
    request: Call, visitor: Visitor, found: dict[str, Any], added: dict[str, int] | None = None
) -> DraftPage:
    content, kind, known = drafting.decode(found["content"]), found["kind"], names_of(visitor)
    setting = Setting(
        names=known, zone=_zone(visitor), members=await members_of(request, visitor.lang), action=content.action,
        choices=await _choices(request, found["realm"], known.words.console("no-desk")), added=added or {},
        labels=drafting.form_labels(known), hints=drafting.form_hints(known),
    )  # fmt: skip
    parts = form(kind, content.tree, setting)
    verdict = await verdict_of(request, visitor, found, content, parts)
    saved, until = milliseconds(found["saved"]), found["until"]
    return DraftPage(
        found["id"], found["version"], kind, content.action, content.fixed.get("id", ""), tuple(parts), verdict,
        drafting.faults(verdict) if content.is_checked else {}, saved, name_of(request, found["saved_by"]),
        await approvers(request, found["editors"] + [visitor.person]), None if until is None else milliseconds(until),
        "subdivision" in widgets_of(parts), drafting.is_unfolded(parts, content, verdict),
        bool(request.query_params.get("check")), instead_of=content.instead_of,
    )  # fmt: skip


async def verdict_of(
    request: Call, visitor: Visitor, found: dict[str, Any], content: Content, parts: list[Part]
) -> Verdict:
    """Return the verdict on publishing it, and who would open it."""
    gateway, data = gateway_of(request), drafting.message(found["kind"], content)
    editors = tuple(dict.fromkeys([*found["editors"], visitor.person]))
    checked = await gateway.check(
        data, realm=found["realm"], token=visitor.person, with_sentences=True, editors=editors
    )
    head = {"kind": found["kind"], **content.tree}
    opens = await gateway.desk.opens(head, found["realm"])
    return drafting.verdict(checked, opens, found["kind"], content, parts, ids_of(parts), names_of(visitor))


async def members_of(request: Call, lang: str) -> tuple[str, ...]:
    """Return the other members of the federation, by their names in a language."""
    gateway = gateway_of(request)
    others = [each["code"] for each in (await gateway.trust())["members"] if each["code"] != gateway.member]
    return tuple(in_order(others or [gateway.member], lang, names(lang).country))


async def _choices(request: Call, realm: str, none: str) -> dict[str, list[tuple[str, str]]]:
    """Return our contact messages in force, for the answering desk: those of this realm first; without any, `none`."""
    gateway, found = gateway_of(request), list[tuple[str, str]]()
    for each in dict.fromkeys((realm, "actual")):
        rows = await gateway.messages(kind="contact", origin=gateway.member, status=each, state="current", limit=20)
        found += [(row["id"], f"{row['title']} ({row['id']})") for row in reversed(rows)]
    return {"desk": [("", "" if found else none), *found]}


async def held_page(
    request: Call, visitor: Visitor, found: dict[str, Any], *, status: int = 200, problem: str = "",
    refusals: tuple[ReasonText, ...] = (),
) -> Response[Any]:  # fmt: skip
    """Render a draft that waits. `refusals`: what stands against the typed reason."""
    desk, id_, known = gateway_of(request).desk, str(found["message"]), names_of(visitor)
    typed = form_of(request) if problem else typed_of(request, visitor)
    view = HeldPage(
        found["id"], found["version"], id_, found["kind"], as_shown(found, known, gateway_of(request).member),
        await approvers(request, found["editors"]), await desk.may_release_alone(id_, visitor.person),
        await desk.held_digest(id_), typed.one("reason", 2_000).strip() if typed else "", problem, refusals,
        await together_of(request, visitor, id_),
    )  # fmt: skip
    return render(request, visitor, "draft-held.html", view, status=status)


def as_shown(found: dict[str, Any], known: Names, member: str) -> Shown:
    """Return a draft as its readers would see it, as far as it is valid."""
    content = drafting.decode(found["content"])
    return shown_tree(found["kind"], content, found["realm"], known, member, id_=found["message"] or "")


def shown_tree(kind: str, content: Content, realm: str, known: Names, member: str, *, id_: str = "") -> Shown:
    """Return the same for a tree that need not be a message: invalid parts are left out. `id_`: if it has one."""
    fixed = {"kind": kind, "schema": f"{kind}/1.0", "status": realm, "rev": 1}
    about = content.fixed.get("id", "") or id_
    tree = {**fixed, **({"id": about} if about else {}), **content.tree}
    try:
        return shown({"message": tree, "status": realm, "id": about, "origin": member}, known)
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError):  # the last: a word for a number
        return Shown(None, (), ())


def _conflict(
    request: Call, visitor: Visitor, kept: dict[str, Any], content: Content, fields: list[tuple[str, str]]
) -> Response[Any]:
    member = gateway_of(request).member
    mine = shown_tree(kept["kind"], content, kept["realm"], names_of(visitor), member)
    again = tuple((name, value) for name, value in fields if name not in ("csrf", "version", "do", "page"))
    view = ConflictPage(
        kept["id"], kept["version"], kept["kind"], milliseconds(kept["saved"]), name_of(request, kept["saved_by"]),
        as_shown(kept, names_of(visitor), member), mine, again,
    )  # fmt: skip
    template = "conflict-part.html" if request.headers.get("x-fragment") is not None else "conflict.html"
    return render(request, visitor, template, view, status=200 if template == "conflict-part.html" else 409)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def _zone(visitor: Visitor) -> ZoneInfo:
    zone = zone_of(visitor.timezone)
    return zone if isinstance(zone, ZoneInfo) else ZoneInfo("UTC")

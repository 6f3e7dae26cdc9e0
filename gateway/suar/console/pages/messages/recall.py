"""Recall a message: what a recall does and cannot do, the reason, and the replacement."""

from typing import Any, Final

from litestar import Response
from msgspec import Struct

from suar.console.guard import Call, Denied, Visitor, form_of, gateway_of, typed_of
from suar.console.pages.messages.inbox import check_realm
from suar.console.pages.messages.message import CHANGED_MEANWHILE, id_of, number
from suar.console.pages.messages.waiting import Pending, waiting_of
from suar.console.pages.messages.write import is_begun_by
from suar.console.pages.registry import page
from suar.console.rendering import go, names_of, render
from suar.console.views import drafting
from suar.console.views.texts import ReasonText, Text, reason, text_of
from suar.protocol.base.errors import Refused
from suar.protocol.base.instants import milliseconds
from suar.service.access.as_shown import CHANGED
from suar.service.process.desk import Conflict, Handed, Locked, UnknownDraft

REASON_MAX: Final = 400


class Choice(Struct, frozen=True):
    """A draft of this person that may replace the message, saved at `saved` (ms); one without a title is
    not offered.
    """

    id: str
    version: int
    title: str
    lang: str
    saved: int


class Recall(Struct, frozen=True):
    """The recalled message, and its revision here.

    `reached`: how many members have stored it, `opened`: at how many somebody opened it.
    """

    id: str
    rev: int
    text: Text | None
    of: int
    reached: int
    opened: int
    drafts: tuple[Choice, ...]
    may_write: bool
    entered: tuple[str, str] = ("", "")
    problem: str = ""
    reasons: tuple[ReasonText, ...] = ()
    waiting: Pending | None = None


@page("GET", "/m/{id:str}/recall")
async def recall(request: Call, visitor: Visitor) -> Response[Any]:
    """Show what a recall does, before it is done."""
    typed = typed_of(request, visitor)
    filled = (typed.one("reason", 2_000).strip(), typed.one("replacement", 80)) if typed else ("", "")
    return await _page(request, visitor, filled=filled, instead=request.query_params.get("instead", ""))


@page("POST", "/m/{id:str}/recall")
async def recall_message(request: Call, visitor: Visitor) -> Response[Any]:
    """Recall it; with a replacing draft both are accepted, or neither is."""
    form, gateway, id_ = form_of(request), gateway_of(request), id_of(request)
    why, replaced_by = form.one("reason", 2_000).strip(), form.one("replacement", 80)
    if not 0 < len(why) <= REASON_MAX:
        return await _page(request, visitor, filled=(why, replaced_by), problem="reason-needed")
    draft = await _replacement(request, visitor, id_, replaced_by)
    if replaced_by and draft is None:
        return await _page(request, visitor, filled=(why, ""), problem="draft-gone")
    content = None if draft is None else drafting.decode(draft["content"])
    data = None if draft is None or content is None else drafting.message(draft["kind"], content)
    editors = tuple(dict.fromkeys([*(draft["editors"] if draft else ()), visitor.person]))
    try:
        done = await gateway.cancel(
            id_, visitor.person, why, data, editors=editors, rev=number(form.one("read", 8)), with_sentences=True,
            handed=None if draft is None else Handed(draft["id"], draft["version"], draft["realm"]),
        )  # fmt: skip
    except (UnknownDraft, Conflict, Locked):
        return await _page(request, visitor, filled=(why, ""), problem="draft-gone")
    except Refused as refused:
        if refused.code == CHANGED:
            filled = (why, replaced_by)
            return await _page(request, visitor, filled=filled, problem=CHANGED_MEANWHILE, status=409)
        raise Denied(404, "not-found") from None
    if done is None:
        raise Denied(404, "not-found")
    if done["verdict"] == "refused":
        reasons = tuple(reason(each, names_of(visitor)) for each in done["reasons"])
        return await _page(request, visitor, filled=(why, replaced_by), problem="refused-now", reasons=reasons)
    return go(_after(request, draft, done["replacement"]))


def _after(request: Call, draft: dict[str, Any] | None, other: dict[str, Any] | None) -> str:
    """Return the page that shows the result."""
    if draft is None or other is None or other["verdict"] == "held":
        return request.url.path.removesuffix("/recall") + "/who"  # it says what has left and what waits
    return f"{request.url.path.partition('/m/')[0]}/m/{other['id']}/who"


async def _page(
    request: Call, visitor: Visitor, *, filled: tuple[str, str] = ("", ""), problem: str = "",
    reasons: tuple[ReasonText, ...] = (), status: int = 422, instead: str = "",
) -> Response[Any]:  # fmt: skip
    """Show the page. `instead`: the draft that takes its place, if the person has come from that."""
    gateway, id_ = gateway_of(request), id_of(request)
    found = await gateway.message(id_)
    if found is None or found["origin"] != gateway.member:
        raise Denied(404, "not-found")
    other = check_realm(request, found["status"])
    if other is not None:
        return other
    if found["state"] == "cancelled":
        return go(request.url.path.removesuffix("/recall") + "/who")
    delivered = await gateway.deliveries(id_, found["rev"]) or {"members": {}}
    members = list(delivered["members"].values())
    drafts = await gateway.desk.drafts() if "author" in visitor.roles else []
    own = [each for each in drafts if _is_suitable(each, found) and _is_offered(each, visitor.person, id_)]
    choices = [_choice(each, visitor.lang) for each in own]
    chosen = next((f"{each.id}.{each.version}" for each in choices if each.id == instead), filled[1])
    view = Recall(
        id_, found["rev"], text_of(found["message"], visitor.lang), len(members),
        sum(each["stored"] is not None for each in members),
        sum(each["opened"] is not None or each["acting"] is not None for each in members),
        tuple(each for each in choices if each.title), "author" in visitor.roles, (filled[0], chosen), problem, reasons,
        await waiting_of(request, visitor, id_),
    )  # fmt: skip
    return render(request, visitor, "recall.html", view, status=status if problem else 200)


def _is_offered(draft: dict[str, Any], person: str, id_: str) -> bool:
    """Whether the person began the draft, or anybody of the desk began it as the corrected text of this message."""
    instead_of = drafting.decode(draft["content"]).instead_of
    return instead_of == id_ or (not instead_of and is_begun_by(draft, person))


def _is_suitable(draft: dict[str, Any], found: dict[str, Any]) -> bool:
    is_open = draft["message"] is None and draft["realm"] == found["status"]
    is_open = is_open and draft["kind"] == found["id"].split("-")[1].lower()
    content = drafting.decode(draft["content"])
    return is_open and content.action == "new" and not drafting.example_words(draft["kind"], content)


async def _replacement(request: Call, visitor: Visitor, id_: str, wanted: str) -> dict[str, Any] | None:
    """Return the chosen draft, as the page showed it: `ID.VERSION`. None for one that does not fit, or changed."""
    number, _, version = wanted.partition(".")
    if not number or "author" not in visitor.roles:
        return None
    draft, found = await gateway_of(request).desk.draft(number), await gateway_of(request).message(id_)
    if draft is None or found is None or str(draft["version"]) != version or not _is_suitable(draft, found):
        return None
    return draft


def _choice(draft: dict[str, Any], tag: str) -> Choice:
    text = text_of(drafting.decode(draft["content"]).tree, tag)
    title, lang = (text.title, text.lang) if text else ("", "en")
    return Choice(draft["id"], draft["version"], title, lang, milliseconds(draft["saved"]))

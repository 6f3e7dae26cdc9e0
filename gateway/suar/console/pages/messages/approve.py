"""Messages that wait for a second person: the list, one of them in full, and the decision.

The service decides whether somebody may decide; the page only shows it in advance.
"""

from typing import Any, Final

from litestar import Response
from msgspec import Struct
from msgspec.structs import replace

from suar.console.form_body import Form
from suar.console.guard import Call, Denied, Visitor, form_of, gateway_of, typed_of
from suar.console.pages.messages.inbox import check_realm, realm_of
from suar.console.pages.messages.message import CHANGED_MEANWHILE, id_of
from suar.console.pages.messages.waiting import Together, together_of
from suar.console.pages.registry import page
from suar.console.reading import name_of
from suar.console.rendering import go, names_of, render
from suar.console.views.drafting import STOPS_NOTHING
from suar.console.views.texts import Reader, ReasonText, Shown, Text, readers, reason, shown, text_of
from suar.protocol.base.errors import Refused
from suar.protocol.base.instants import milliseconds
from suar.protocol.base.reasons import Invalid, Reason
from suar.service.access.as_shown import CHANGED
from suar.service.publish.two_persons import REPLACES, VOID

REASON_MAX: Final = 400
NAMES: Final = "E-PRIVACY-NAME"


class Line(Struct, frozen=True):
    """One waiting message; its time in ms."""

    id: str
    kind: str
    text: Text | None
    urgency: str
    by: str
    since: int
    may_decide: bool
    together: Together


class Approve(Struct, frozen=True):
    """Waiting messages, the oldest first."""

    lines: tuple[Line, ...]


class ApproveOne(Struct, frozen=True):
    """One waiting message; a decision names its `digest`.

    `warnings`: what its author was shown beside the reasons why it waits; they decide nothing. `present`: the other
    people who read it now. `together`: what it waits with; it is not released before the recall of the message whose
    place it takes, and where that is in force its release says `both`. `may_mend`: it can be edited, because no reason
    names a person and it has a draft. `is_publisher_void`: it can be rejected only. `entered`, `then`: the entries of
    the form.
    """

    id: str
    kind: str
    tlp: str
    urgency: str
    by: str
    editors: tuple[str, ...]
    since: int
    reasons: tuple[ReasonText, ...]
    shown: Shown
    readers: tuple[Reader, ...] | None
    may_decide: bool
    may_mend: bool
    digest: str
    present: tuple[str, ...]
    is_publisher_void: bool = False
    entered: str = ""
    then: str = ""
    problem: str = ""
    refusals: tuple[ReasonText, ...] = ()
    warnings: tuple[ReasonText, ...] = ()
    together: Together = Together()

    @property
    def is_name(self) -> bool:
        """Whether it waits because it may name a person: its draft is then destroyed when it is rejected."""
        return any(each.code == NAMES for each in self.reasons)


class Decided(Struct, frozen=True):
    """Somebody has decided in the meantime; the time in ms."""

    id: str
    state: str
    by: str
    at: int | None


@page("GET", "/approve")
async def approve(request: Call, visitor: Visitor) -> Response[Any]:
    """Show what waits in this realm."""
    gateway = gateway_of(request)
    rows = [each for each in await gateway.held(visitor.person) if each["status"] == realm_of(request)]
    lines = [await _line(request, visitor, each, _together(each, rows)) for each in rows]
    return render(request, visitor, "approve.html", Approve(tuple(lines)))


def _together(found: dict[str, Any], rows: list[dict[str, Any]]) -> Together:
    """Return which of the rows waits together with this one."""
    recalls = {each["id"] for each in rows if each["message"]["action"] == "cancel"}
    takes = {each["id"]: recalls & set(_same_as(each["message"])) - {each["id"]} for each in rows}
    instead = tuple(id_ for id_, ids in takes.items() if found["id"] in ids)
    return Together(waits=tuple(sorted(takes[found["id"]])), instead=instead)


def _same_as(message: dict[str, Any]) -> list[str]:
    related = message.get("related", ()) if message["action"] == "new" else ()
    return [each["id"] for each in related if each["rel"] == REPLACES]


async def _line(request: Call, visitor: Visitor, found: dict[str, Any], together: Together) -> Line:
    may = await gateway_of(request).desk.may_decide(found["id"], visitor.person)
    text, urgency = text_of(found["message"], visitor.lang), found["message"].get("urgency", "")
    by = name_of(request, found["by"])
    return Line(found["id"], found["kind"], text, urgency, by, milliseconds(found["since"]), may, together)


@page("GET", "/approve/{id:str}")
async def one(request: Call, visitor: Visitor) -> Response[Any]:
    """Show one of them in full, with the words to check."""
    return await _page(request, visitor, form=typed_of(request, visitor))


@page("POST", "/approve/{id:str}")
async def decide(request: Call, visitor: Visitor) -> Response[Any]:
    """Release it, or reject it with a reason."""
    form, gateway, id_ = form_of(request), gateway_of(request), id_of(request)
    act, why = form.one("act", 16), form.one("reason", 2_000).strip()
    read = form.one("read", 64)
    if act not in ("release", "reject"):
        raise Denied(400, "bad-request")
    if act == "reject" and not 0 < len(why) <= REASON_MAX:
        problem, status = "reason-needed", 422
    elif act == "release" and not form.one("both", 8) and (await together_of(request, visitor, id_)).in_force:
        problem, status = CHANGED_MEANWHILE, 409
    else:
        problem, status = "", 200
    if problem:
        return await _page(request, visitor, form=form, problem=problem, status=status)
    try:
        if act == "reject":
            to_mend = form.one("then", 16) == "mend"
            await gateway.reject(id_, visitor.person, why, is_session=True, to_mend=to_mend, read=read)
            return go(request.url.path.rpartition("/")[0])
        verdict = await gateway.release(id_, visitor.person, is_session=True, read=read)
        stated = None if verdict.verdict == "published" else verdict.reasons
    except Invalid as invalid:
        stated = invalid.reasons
    except Refused as refused:
        if refused.code == "E-NOT-HELD":
            return await _decided(request, visitor)
        status = 409 if refused.code in (CHANGED, VOID) else 403
        return await _page(request, visitor, form=form, problem=f"refused-{refused.code}", status=status)
    if stated is not None:
        return await _refused(request, visitor, form, stated)
    prefix = request.url.path.partition("/approve/")[0]
    return go(f"{prefix}/m/{id_}/who")


async def _refused(request: Call, visitor: Visitor, form: Form, stated: tuple[Reason, ...]) -> Response[Any]:
    """Return the page with what stands against the decision: the message, or the reason of a rejection."""
    refusals = tuple(reason(each.shape(with_sentences=True), names_of(visitor)) for each in stated)
    return await _page(request, visitor, form=form, problem="refused-now", status=422, refusals=refusals)


async def _page(
    request: Call, visitor: Visitor, *, form: Form | None = None, problem: str = "", status: int = 200,
    refusals: tuple[ReasonText, ...] = (),
) -> Response[Any]:  # fmt: skip
    gateway, id_, known = gateway_of(request), id_of(request), names_of(visitor)
    filled = form or Form([])
    found = await gateway.desk.held_message(id_, visitor.person)
    if found is None:
        return await _decided(request, visitor)
    other = check_realm(request, found["status"])
    if other is not None:
        return other
    body = {name: value for name, value in found["message"].items() if name != "sent"}  # it was not sent
    is_other = await gateway.desk.may_decide(id_, visitor.person)
    stated = tuple(_for_reader(reason(each, known), is_other) for each in found["reasons"])
    warnings = tuple(each for each in stated if each.code in STOPS_NOTHING)
    reasons = tuple(each for each in stated if each.code not in STOPS_NOTHING)
    opens = await gateway.desk.opens(body, found["status"])
    draft = await gateway.desk.draft_of(id_)
    view = ApproveOne(
        id_, found["kind"], found["tlp"], body.get("urgency", ""), name_of(request, found["by"]),
        tuple(name_of(request, each) for each in found["editors"]), milliseconds(found["since"]), reasons,
        shown({"message": body, "status": found["status"]}, known), readers(opens, known),
        is_other,
        draft is not None and not any(each.code == NAMES for each in reasons), found["digest"],
        tuple(name_of(request, each) for each in gateway.desk.present(id_, visitor.person)), found["publisher_void"],
        filled.one("reason", 2_000).strip(), filled.one("then", 16), problem, refusals,
        warnings, await together_of(request, visitor, id_),
    )  # fmt: skip
    return render(request, visitor, "approve-one.html", view, status=status)


def _for_reader(found: ReasonText, is_other: bool) -> ReasonText:
    """Return a reason for the person who decides, without the instructions for its author."""
    return replace(found, hint="") if is_other else found


async def _decided(request: Call, visitor: Visitor) -> Response[Any]:
    """Show who decided, because it does not wait any more."""
    found = await gateway_of(request).desk.decision(id_of(request))
    if found is None:
        raise Denied(404, "not-found")
    at = None if found["at"] is None else milliseconds(found["at"])
    view = Decided(id_of(request), found["state"], name_of(request, found["by"] or ""), at)
    return render(request, visitor, "decided.html", view, status=409)

"""Proposals of agencies: the list, one of them in full, and the decision: a draft of the desk, or a rejection."""

from typing import Any, Final

from litestar import Response
from msgspec import Struct

from suar.console.guard import Call, Denied, Visitor, form_of, gateway_of, typed_of
from suar.console.pages.messages.approve import REASON_MAX
from suar.console.pages.messages.draft import shown_tree
from suar.console.pages.messages.inbox import check_realm, realm_of
from suar.console.pages.messages.message import id_of
from suar.console.pages.registry import page
from suar.console.reading import name_of
from suar.console.rendering import go, names_of, render
from suar.console.views import agencies as views
from suar.console.views.drafting import Content
from suar.console.views.texts import ReasonText, Shown, reason
from suar.languages.rendering.unseen import visible_text
from suar.protocol.base.errors import Fault, Refused
from suar.protocol.base.instants import milliseconds
from suar.protocol.base.reasons import Invalid
from suar.service.contributing.facade import Decided
from suar.service.people.facade import StoreFault

SHOWN: Final = 200
WAITS: Final = "proposed"


class Line(Struct, frozen=True):
    """A proposal, with urgency and title until they are destroyed; its time in ms."""

    id: str
    kind: str
    urgency: str
    title: str
    lang: str
    agency: str
    agency_word: str
    at: int


class Proposals(Struct, frozen=True):
    """The most urgent first, then the oldest."""

    lines: tuple[Line, ...]


class ProposalPage(Struct, frozen=True):
    """One proposal; times in ms. `draft`: the draft into which it was taken, while that exists."""

    line: Line
    state: str
    by: str
    changed: int
    shown: Shown
    draft: str
    message: str
    reason: str
    digest: str
    entered: str = ""
    problem: str = ""
    refusals: tuple[ReasonText, ...] = ()

    @property
    def is_waiting(self) -> bool:
        """Whether nobody has taken it."""
        return self.state == WAITS


@page("GET", "/proposals")
async def proposals(request: Call, visitor: Visitor) -> Response[Any]:
    """Show the open proposals of this realm."""
    found = await gateway_of(request).contributions.waiting(visitor.person, realm_of(request), SHOWN)
    return render(request, visitor, "proposals.html", Proposals(tuple(map(_line, found))))


@page("GET", "/proposals/{id:str}")
async def one(request: Call, visitor: Visitor) -> Response[Any]:
    """Show one of them in full."""
    typed = typed_of(request, visitor)
    return await _page(request, visitor, filled=typed.one("reason", 2_000).strip() if typed else "")


@page("POST", "/proposals/{id:str}")
async def decide(request: Call, visitor: Visitor) -> Response[Any]:
    """Take it into a draft, or reject it with a reason."""
    form, contributions, id_ = form_of(request), gateway_of(request).contributions, id_of(request)
    act, why, read = form.one("act", 16), form.one("reason", 2_000).strip(), form.one("read", 64)
    if act not in ("take", "reject"):
        raise Denied(400, "bad-request")
    if act == "reject" and not 0 < len(why) <= REASON_MAX:
        return await _page(request, visitor, filled=why, problem="reason-needed", status=422)
    here = request.url.path.partition("/proposals/")[0]
    try:
        if act == "reject":
            is_done = await contributions.reject(id_, visitor.person, why, read)
            return _there(go(f"{here}/proposals") if is_done else None)
        draft = await contributions.begin_draft(id_, visitor.person, read)
        return _there(go(f"{here}/draft/{draft}") if draft is not None else None)
    except Invalid as invalid:
        refusals = tuple(reason(each.shape(with_sentences=True), names_of(visitor)) for each in invalid.reasons)
        return await _page(request, visitor, filled=why, problem="refused-now", status=422, refusals=refusals)
    except (Decided, Refused) as other:
        problem = "proposal-decided" if isinstance(other, Decided) else "refused-E-CHANGED"
        return await _page(request, visitor, filled=why, problem=problem, status=409)
    except StoreFault:
        raise
    except Fault:
        return await _page(request, visitor, problem="drafts-full", status=422)


def _there(answer: Response[Any] | None) -> Response[Any]:
    if answer is None:
        raise Denied(404, "not-found")
    return answer


def _line(found: dict[str, Any]) -> Line:
    state = views.state_word(found["agency_state"])
    title = visible_text(found["title"] or "")
    return Line(
        found["id"], found["kind"], found["urgency"] or "", title, found["lang"] or "", found["agency"], state,
        milliseconds(found["proposed"]),
    )  # fmt: skip


async def _page(
    request: Call, visitor: Visitor, *, filled: str = "", problem: str = "", status: int = 200,
    refusals: tuple[ReasonText, ...] = (),
) -> Response[Any]:  # fmt: skip
    gateway = gateway_of(request)
    found = await gateway.contributions.find(id_of(request), visitor.person)
    if found is None:
        raise Denied(404, "not-found")
    other = check_realm(request, found["status"])
    if other is not None:
        return other
    content = Content(found["proposal"] or {})
    draft = found["draft"] if found["draft"] and await gateway.desk.draft(found["draft"]) is not None else ""
    view = ProposalPage(
        _line(found), found["state"], name_of(request, found["by"]), milliseconds(found["changed"]),
        shown_tree(found["kind"], content, found["status"], names_of(visitor), gateway.member),
        draft, found["message"] or "", found["reason"] or "", found["digest"], filled, problem, refusals,
    )  # fmt: skip
    return render(request, visitor, "proposal.html", view, status=status)

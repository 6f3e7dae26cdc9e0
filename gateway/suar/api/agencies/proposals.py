"""Proposals: an agency hands a draft to the focal point's desk, which accepts it into a draft of its own or rejects it.

An agency sees the state of its own proposals; a token of the scope publish belongs to the desk, and sees all of them.
"""

from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Request, Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import PathParameter, QueryParameter, RawBody

from suar.api.calls.messages import Key, Limit, WithSentences
from suar.api.contract.kinds import DRAFT
from suar.api.http.access import charge, context_of, scope
from suar.api.http.agency_documents import (
    ProposalDocument,
    ProposalKept,
    ProposalRejected,
    ProposalRejection,
    ProposalRow,
    ProposalTaken,
)
from suar.api.http.bodies import refusal
from suar.api.http.documents import VerdictDocument, body_of
from suar.api.http.paging import page_of
from suar.api.http.problems import Problem, answer, problem
from suar.protocol.base.errors import Fault
from suar.protocol.base.reasons import Invalid
from suar.protocol.base.wire import UNREADABLE
from suar.service.access.tokens import TokenInfo
from suar.service.contributing.facade import PAGE, Contributions, Decided, NotOfRealm, ProposalsFull
from suar.service.reading.verdict import Verdict
from suar.service.reading.views import UnknownPosition
from suar.service.settings.scopes import PROPOSE
from suar.store.engine.database import StoreFault

Call = Request[TokenInfo, None, Any]
Id = Annotated[str, PathParameter(pattern=r"^[0-9a-f]{16}\Z", description="a proposal's id")]
Place = Annotated[
    str | None,
    QueryParameter(pattern=r"^[0-9]{1,16}\.[0-9a-f]{1,16}\Z", description="the `place` of the last row that is known"),
]
State = Annotated[
    Literal["proposed", "editing", "held", "published", "rejected"] | None,
    QueryParameter(name="state", description="only these"),
]
Exercise = Annotated[bool, QueryParameter(description="propose it for the exercise realm")]
RETRY: Final = {"Retry-After": "3600"}
_rejection: Final = msgspec.json.Decoder(ProposalRejection).decode


@post(
    "/v1/proposals",
    opt=scope(PROPOSE),
    operation_class=body_of("application/json", "a message of the standard", DRAFT),
    responses={
        201: ResponseSpec(ProposalKept, description="at the desk of the focal point"),
        422: ResponseSpec(VerdictDocument, description="refused, with every reason"),
    },
)
async def propose(
    request: Call, body: RawBody, key: Key = None, exercise: Exercise = False, with_sentences: WithSentences = False
) -> Response[bytes]:
    """Propose a draft to the focal point, a table with its true counts too.

    It is stored encrypted, and sent only when a person of the focal point publishes it. `issuer.sector` is the
    agency's.
    """
    user = request.user
    try:
        kept = await _contributions(request).propose(user.agency, body, is_exercise=exercise, key=key, token=user.name)
    except Invalid as invalid:
        charge(request, len(body))
        return _refused(invalid, with_sentences)
    except NotOfRealm:
        raise Problem("E-HTTP-VALUE", "the agency does not take part in the realm that exercise names") from None
    except ProposalsFull as many:
        raise Problem("E-HTTP-PROPOSALS", many.text, hint=many.hint, headers=RETRY) from None
    charge(request, len(body))
    if kept is None:
        raise Problem("E-HTTP-TOKEN")
    if kept.id is None:
        raise Problem("E-HTTP-KEY-REUSED", "the Idempotency-Key was used for another proposal: this one is not kept")
    made = answer({"id": kept.id, "state": kept.state}, 201)
    made.headers["Location"] = f"/v1/proposals/{kept.id}"
    if kept.is_replayed:
        made.headers["Idempotent-Replayed"] = "true"
    return made


@get(
    "/v1/proposals",
    opt=scope("publish", PROPOSE),
    responses={200: ResponseSpec(list[ProposalRow], description="the oldest first")},
)
async def proposals(request: Call, after: Place = None, limit: Limit = PAGE, only: State = None) -> Response[bytes]:
    """The state of this agency's proposals; with a token of the desk, proposals of all agencies with urgency and title.

    A page; the header Link tells the next one, and an empty one is the last.
    """
    agency, contributions = request.user.agency, _contributions(request)
    try:
        rows = await (
            contributions.own(agency, only, after, limit)
            if agency
            else contributions.listed(request.user.name, only, after, limit)
        )
    except UnknownPosition as fault:
        raise Problem("E-HTTP-VALUE", fault.text, hint=fault.hint) from None
    return page_of(request, "/v1/proposals", rows, "place", limit)


@get(
    "/v1/proposals/{id:str}",
    opt=scope("publish", PROPOSE),
    responses={200: ResponseSpec(ProposalDocument, description="one")},
)
async def proposal(request: Call, id: Id) -> Response[bytes]:  # noqa: A002 - the standard's word
    """The state of one proposal; for the desk with what was proposed, which the audit log notes."""
    agency, contributions = request.user.agency, _contributions(request)
    found = await (contributions.find_own(agency, id) if agency else contributions.find(id, request.user.name))
    if found is None:
        raise _unknown()
    return answer(found)


@post(
    "/v1/proposals/{id:str}/take",
    opt=scope("publish"),
    status_code=200,
    responses={200: ResponseSpec(ProposalTaken, description="it is a draft of the desk")},
)
async def begin_draft(request: Call, id: Id) -> Response[bytes]:  # noqa: A002 - the standard's word
    """Accept a proposal into a draft of the desk, which is edited, checked and published in the console."""
    try:
        draft = await _contributions(request).begin_draft(id, request.user.name)
    except Decided:
        raise Problem("E-HTTP-DECIDED") from None
    except StoreFault:
        raise
    except Fault as fault:  # there are too many drafts
        raise Problem("E-HTTP-CONFLICT", fault.text, hint=fault.hint) from None
    if draft is None:
        raise _unknown()
    return answer({"id": id, "state": "editing", "draft": draft})


@post(
    "/v1/proposals/{id:str}/reject",
    opt=scope("publish"),
    status_code=200,
    operation_class=body_of("application/json", 'why: {"reason": text of 1 to 400 characters}', ProposalRejection),
    responses={
        200: ResponseSpec(ProposalRejected, description="its text is destroyed"),
        422: ResponseSpec(VerdictDocument, description="the reason can identify a person"),
    },
)
async def reject_proposal(
    request: Call,
    id: Id,  # noqa: A002 - the standard's word
    body: RawBody,
    with_sentences: WithSentences = False,
) -> Response[bytes]:
    """Reject an open proposal; the agency receives the reason."""
    try:
        reason = _rejection(body).reason
    except UNREADABLE as error:
        raise refusal(error, ProposalRejection, "a reason of 1 to 400 characters is needed") from None
    try:
        is_done = await _contributions(request).reject(id, request.user.name, reason)
    except Invalid as invalid:
        return _refused(invalid, with_sentences)
    except Decided:
        raise Problem("E-HTTP-DECIDED") from None
    if not is_done:
        raise _unknown()
    return answer({"id": id, "state": "rejected"})


HANDLERS: Final = (propose, proposals, proposal, begin_draft, reject_proposal)


def _contributions(request: Call) -> Contributions:
    return context_of(request).gateway.contributions


def _unknown() -> Problem:
    return Problem("E-HTTP-NOT-FOUND", "no proposal has this id", hint="GET /v1/proposals lists ids")


def _refused(invalid: Invalid, with_sentences: bool) -> Response[bytes]:
    """A refusal with every reason, in the shape of a publication's."""
    first = invalid.reasons[0]
    document = Verdict(None, None, "refused", tuple(invalid.reasons)).shape(with_sentences=with_sentences)
    return problem(422, first.code, "the text is refused", first.hint, more=document)

"""Calls of the second person: list held messages, release, reject. The publishing token cannot decide."""

from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter, RawBody
from msgspec import Meta, Struct

from suar.api.calls.messages import Id, Limit
from suar.api.contract.shapes import Rejected
from suar.api.http.access import context_of, scope
from suar.api.http.bodies import refusal
from suar.api.http.documents import HeldRow, VerdictDocument, body_of
from suar.api.http.paging import next_link
from suar.api.http.problems import Problem, answer, problem
from suar.protocol.base.errors import CODES, Refused
from suar.protocol.base.wire import UNREADABLE
from suar.service.access.tokens import TokenInfo
from suar.service.publish.held import PAGE
from suar.service.reading.views import UnknownPosition

Call = Request[TokenInfo, None, Any]
Place = Annotated[
    str | None,
    QueryParameter(pattern=r"^[0-9]{1,16}\.[A-Z0-9-]{1,48}\Z", description="the `place` of the last row that is known"),
]
_STATUS: Final = {"E-SAME-PERSON": 403, "E-NOT-HELD": 409}


class Rejection(Struct, forbid_unknown_fields=True):
    """What POST /v1/messages/{id}/reject takes: why, for the publisher; it is sealed with the decision."""

    reason: Annotated[str, Meta(min_length=1, max_length=400)]


_rejection: Final = msgspec.json.Decoder(Rejection).decode


@get("/v1/held", opt=scope("approve"), responses={200: ResponseSpec(list[HeldRow], description="oldest first")})
async def held(request: Call, after: Place = None, limit: Limit = PAGE) -> Response[bytes]:
    """Messages that wait for a second person, each with the words to look at.

    A page; of large messages it has fewer rows than `limit`. The header Link tells the next one; an empty one is the
    last.
    """
    try:
        rows = await context_of(request).gateway.held(request.user.name, after, limit)
    except UnknownPosition as fault:
        raise Problem("E-HTTP-VALUE", fault.text, hint=fault.hint) from None
    page = answer(rows)
    if rows:
        page.headers.update(next_link(request, "/v1/held", after=rows[-1]["place"], limit=limit))
    return page


@post(
    "/v1/messages/{id:str}/release",
    opt=scope("approve"),
    status_code=200,
    responses={
        200: ResponseSpec(VerdictDocument, description="it leaves"),
        422: ResponseSpec(VerdictDocument, description="refused as of now, with every reason; it still waits"),
    },
)
async def release(request: Call, id: Id) -> Response[bytes]:  # noqa: A002 - the standard's word
    """Let a held message leave, as of now."""
    try:
        verdict = await context_of(request).gateway.release(id, request.user.name)
    except Refused as refused:
        return _problem(refused)
    if verdict.verdict == "published":
        return answer(verdict.shape())
    first = verdict.reasons[0]
    return problem(422, first.code, "the message is refused now, and waits on", first.hint, more=verdict.shape())


@post(
    "/v1/messages/{id:str}/reject",
    opt=scope("approve"),
    status_code=200,
    operation_class=body_of("application/json", 'why: {"reason": text of 1 to 400 characters}', Rejection),
    responses={200: ResponseSpec(Rejected, description="it never leaves")},
)
async def reject(request: Call, id: Id, body: RawBody) -> Response[bytes]:  # noqa: A002 - the standard's word
    """Never let a held message leave; its text is destroyed."""
    try:
        reason = _rejection(body).reason
    except UNREADABLE as error:
        raise refusal(error, Rejection, "a reason of 1 to 400 characters is needed") from None
    try:
        return answer(await context_of(request).gateway.reject(id, request.user.name, reason))
    except Refused as refused:
        return _problem(refused)


def _problem(refused: Refused) -> Response[bytes]:
    return problem(_STATUS[refused.code], refused.code, CODES[refused.code].meaning, refused.advice())


HANDLERS: Final = (held, release, reject)

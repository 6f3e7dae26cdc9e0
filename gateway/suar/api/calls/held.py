"""Calls of a second person: release and reject held messages; erase own texts; legal holds."""

from collections.abc import Awaitable
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Request, Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter, RawBody
from msgspec import Meta, Struct

from suar.api.calls.messages import Id, Limit, WithSentences
from suar.api.contract.shapes import Rejected
from suar.api.http.access import context_of, scope
from suar.api.http.bodies import refusal
from suar.api.http.documents import CustodyDocument, HeldRow, HoldRow, VerdictDocument, body_of
from suar.api.http.paging import page_of
from suar.api.http.problems import Problem, answer, problem
from suar.protocol.base.errors import CODES, Fault, Refused
from suar.protocol.base.instants import milliseconds
from suar.protocol.base.reasons import Invalid
from suar.protocol.base.wire import UNREADABLE
from suar.service.access.as_shown import CHANGED, DIGEST
from suar.service.access.tokens import TokenInfo
from suar.service.custody.erasing import WAITS
from suar.service.custody.hold_names import NUMBER_MAX
from suar.service.custody.holds import AUTHORITY_MAX
from suar.service.publish.held import PAGE
from suar.service.publish.two_persons import VOID
from suar.service.reading.verdict import Verdict
from suar.service.reading.views import UnknownPosition

Call = Request[TokenInfo, None, Any]
Place = Annotated[
    str | None,
    QueryParameter(pattern=r"^[0-9]{1,16}\.[A-Z0-9-]{1,48}\Z", description="the `place` of the last row that is known"),
]
Read = Annotated[
    str | None,
    QueryParameter(
        name="digest",
        pattern=rf"^[0-9a-f]{{{DIGEST}}}\Z",
        description="of what was read, from /v1/held; without it only a first revision is decided on, or what this "
        "token was shown in this hour",
    ),
]
OfHold = Annotated[
    int | None,
    QueryParameter(ge=1, le=NUMBER_MAX, description="which hold, by its `number` in /v1/holds, of several"),
]
Order = Annotated[
    str | None,
    QueryParameter(
        pattern=r"^[0-9a-f]{64}\Z",
        description="which hold was read, by its `order` in /v1/holds; E-CHANGED if it has ended",
    ),
]
_STATUS: Final = {"E-SAME-PERSON": 403, "E-HTTP-SCOPE": 403, "E-NOT-HELD": 409, CHANGED: 409, VOID: 409}
_DECIDES: Final = {"decides": True}
"""`opt` of a decision: the roles of a token's person are judged with it, after whether that person published."""


class Rejection(Struct, forbid_unknown_fields=True):
    """The body of POST /v1/messages/{id}/reject: the reason, for the publisher; it is stored encrypted with the
    decision.
    """

    reason: Annotated[str, Meta(min_length=1, max_length=400)]


_rejection: Final = msgspec.json.Decoder(Rejection).decode


@get("/v1/held", opt=scope("approve"), responses={200: ResponseSpec(list[HeldRow], description="oldest first")})
async def held(
    request: Call, after: Place = None, limit: Limit = PAGE, with_sentences: WithSentences = False
) -> Response[bytes]:
    """Messages that wait for a second person, each with the words to check.

    A page; of large messages it has fewer rows than `limit`. The header Link names the next one; an empty one is the
    last.
    """
    try:
        rows = await context_of(request).gateway.held(request.user.name, after, limit, with_sentences=with_sentences)
    except UnknownPosition as fault:
        raise Problem("E-HTTP-VALUE", fault.text, hint=fault.hint) from None
    return page_of(request, "/v1/held", rows, "place", limit)


@post(
    "/v1/messages/{id:str}/release",
    opt=scope("approve") | _DECIDES,
    status_code=200,
    responses={
        200: ResponseSpec(VerdictDocument, description="it leaves"),
        422: ResponseSpec(VerdictDocument, description="refused as of now, with every reason; it still waits"),
    },
)
async def release(
    request: Call,
    id: Id,  # noqa: A002 - the standard's word
    read: Read = None,
    with_sentences: WithSentences = False,
) -> Response[bytes]:
    """Let a held message leave, as of now."""
    try:
        verdict = await context_of(request).gateway.release(id, request.user.name, read=read)
    except Refused as refused:
        return _problem(refused)
    document = verdict.shape(with_sentences=with_sentences)
    if verdict.verdict == "published":
        return answer(document)
    first = verdict.reasons[0]
    return problem(422, first.code, "the message is refused now, and waits on", first.hint, more=document)


@post(
    "/v1/messages/{id:str}/reject",
    opt=scope("approve") | _DECIDES,
    status_code=200,
    operation_class=body_of("application/json", 'why: {"reason": text of 1 to 400 characters}', Rejection),
    responses={
        200: ResponseSpec(Rejected, description="it never leaves"),
        422: ResponseSpec(VerdictDocument, description="the reason can identify a person; the message still waits"),
    },
)
async def reject(
    request: Call,
    id: Id,  # noqa: A002 - the standard's word
    body: RawBody,
    read: Read = None,
    with_sentences: WithSentences = False,
) -> Response[bytes]:
    """Never let a held message leave; its text is destroyed."""
    try:
        reason = _rejection(body).reason
    except UNREADABLE as error:
        raise refusal(error, Rejection, "a reason of 1 to 400 characters is needed") from None
    try:
        return answer(await context_of(request).gateway.reject(id, request.user.name, reason, read=read))
    except Invalid as invalid:
        first = invalid.reasons[0]
        refused = Verdict(id, None, "refused", tuple(invalid.reasons))
        document = refused.shape(with_sentences=with_sentences)
        return problem(422, first.code, "the reason is refused, and the message waits on", first.hint, more=document)
    except Refused as refused:
        return _problem(refused)


# -- how long texts are kept: the first call waits for the same call by another person


class Hold(Struct, forbid_unknown_fields=True):
    """The body of POST /v1/holds: the message, the authority that orders it, and the end, a time in RFC 3339.

    `tell`: what its publisher may know once it recalls the message: nothing, the fact, or also the authority's name.
    """

    id: Annotated[str, Meta(pattern=r"^[A-Z]{2}-[A-Z]{1,16}-[0-9]{4}-[0-9]{6}$")]
    authority: Annotated[str, Meta(min_length=1, max_length=AUTHORITY_MAX)]
    until: Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$")]
    tell: Literal["nothing", "fact", "authority"] = "fact"


_hold: Final = msgspec.json.Decoder(Hold).decode
_BODY_OF_HOLD: Final = '{"id": of the message, "authority": who orders it, "until": a time in RFC 3339, "tell"?}'
_WAITS: Final = {
    200: ResponseSpec(CustodyDocument, description="done: two persons asked for it"),
    202: ResponseSpec(CustodyDocument, description="waits for the same call by a second person, a week at most"),
}


@post("/v1/messages/{id:str}/erase", opt=scope("approve"), status_code=200, responses=_WAITS)
async def erase(request: Call, id: Id) -> Response[bytes]:  # noqa: A002 - the standard's word
    """Erase the text of one of our messages that was cancelled or has expired. Heads and digests stay."""
    act = context_of(request).gateway.custody.erase(id, request.user.name)
    return await _custody(act, f"/v1/messages/{id}/erase", f"erase {id}")


@get("/v1/holds", opt=scope("approve"), responses={200: ResponseSpec(list[HoldRow], description="oldest first")})
async def holds(request: Call) -> Response[bytes]:
    """Legal holds with their authorities, then what waits for a second person. The audit log notes the reader."""
    return answer(await context_of(request).gateway.custody.holds(request.user.name))


@post(
    "/v1/holds",
    opt=scope("approve"),
    status_code=200,
    responses=_WAITS,
    operation_class=body_of("application/json", _BODY_OF_HOLD, Hold),
)
async def hold_add(request: Call, body: RawBody) -> Response[bytes]:
    """Keep the text of a message, hidden, also after its publisher recalls it. It does not restore a destroyed text."""
    try:
        order = _hold(body)
    except UNREADABLE as error:
        raise refusal(error, Hold, f"it takes {_BODY_OF_HOLD}") from None
    try:
        until = milliseconds(order.until)
    except ValueError:
        raise Problem("E-HTTP-VALUE", "until is no time like 2027-12-31T23:59:59Z") from None
    custody = context_of(request).gateway.custody
    act = custody.hold_add(order.id, request.user.name, order.authority, until, order.tell)
    return await _custody(act, "/v1/holds with the same body", f"hold add {order.id} --authority ... --until ...")


@post("/v1/holds/{id:str}/end", opt=scope("approve"), status_code=200, responses=_WAITS)
async def hold_end(
    request: Call,
    id: Id,  # noqa: A002 - the standard's word
    number: OfHold = None,
    order: Order = None,
) -> Response[bytes]:
    """End a legal hold. With the last one of the message a recall that came meanwhile is completed.

    Without `number` and `order` only where one is in force. One that has ended meanwhile is E-CHANGED.
    """
    act = context_of(request).gateway.custody.hold_end(id, request.user.name, number, order)
    return await _custody(act, f"/v1/holds/{id}/end?order={{order}}", f"hold end {id} --number {{number}}")


@post("/v1/holds/confirm", opt=scope("approve"), status_code=200, responses=_WAITS)
async def hold_confirm(request: Call) -> Response[bytes]:
    """After a restore, confirm that all legal holds in force are listed.

    What was recalled and is under none is destroyed then; until then nothing is.
    """
    act = context_of(request).gateway.custody.hold_confirm(request.user.name)
    return await _custody(act, "/v1/holds/confirm", "hold confirm")


@post(
    "/v1/holds/{id:str}/withdraw",
    opt=scope("approve"),
    status_code=200,
    responses={200: ResponseSpec(CustodyDocument, description="nothing that this person asked for waits any more")},
)
async def hold_withdraw(request: Call, id: Id) -> Response[bytes]:  # noqa: A002 - the standard's word
    """Withdraw one's own requests about legal holds of a message that no second person has confirmed."""
    return await _custody(context_of(request).gateway.custody.hold_withdraw(id, request.user.name))


_SECOND: Final = "a second person who makes the same call, for a week; nothing is done yet"
_READ_AGAIN: Final = "read what it is now: `suar hold list`, `suar show ID`; then call again if you still mean it"


async def _custody(act: Awaitable[dict[str, Any] | None], call: str = "", command: str = "") -> Response[bytes]:
    """Return what an act of two persons answers; while it waits, also the `call` and `command` of the second one."""
    try:
        done = await act
    except Fault as fault:
        if type(fault) is not Fault:  # the store's own
            raise
        raise Problem("E-HTTP-REFUSED", fault.text, hint=fault.hint) from None
    except Refused as refused:
        hint = _READ_AGAIN if refused.code == CHANGED else refused.advice()
        return problem(409, refused.code, CODES[refused.code].meaning, hint)
    if done is None:
        raise Problem("E-HTTP-NOT-FOUND")
    if done["verdict"] != WAITS:
        return answer(done)
    again = f"with another person's approve token: POST {call}, or `suar {command} --token-file FILE`".format(**done)
    return answer(done | {"waits_for": _SECOND, "next": again}, 202)


def _problem(refused: Refused) -> Response[bytes]:
    return problem(_STATUS[refused.code], refused.code, CODES[refused.code].meaning, refused.advice())


HANDLERS: Final = (held, release, reject, erase, holds, hold_add, hold_end, hold_confirm, hold_withdraw)

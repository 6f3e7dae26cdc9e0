"""Calls about another member's message: acknowledge it or state that you act on it."""

from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import RawBody
from msgspec import UNSET, Meta, Struct, UnsetType

from suar.api.calls.messages import Id, WithSentences, unknown_message
from suar.api.http.access import context_of, scope
from suar.api.http.bodies import refusal
from suar.api.http.documents import body_of
from suar.api.http.problems import Problem, answer, problem
from suar.protocol.base import codelists as lists
from suar.protocol.base.errors import CODES, Refused
from suar.protocol.base.reasons import Invalid
from suar.protocol.base.stages import BY_PERSON
from suar.protocol.base.wire import UNREADABLE
from suar.protocol.message import fields as f
from suar.service.access.tokens import TokenInfo
from suar.service.settings.scopes import ROLES

Call = Request[TokenInfo, None, Any]


class Statement(Struct, forbid_unknown_fields=True):
    """The body of POST /v1/messages/{id}/receipts; the note is for the message's publisher.

    `rev`: the revision that was read. Without it the current one, where this token received that within the last hour,
    or it is the only one here.
    """

    stage: lists.ReceiptStage
    role: lists.StaffRole
    sector: lists.Sector | UnsetType = UNSET
    note: f.Text200 | UnsetType = UNSET
    rev: Annotated[int, Meta(ge=1, le=10_000)] | UnsetType = UNSET


_statement: Final = msgspec.json.Decoder(Statement).decode


class Said(Struct):
    """The statement in force; `new` false: it was made before, and no second receipt is sent.

    `left_out`: what of this call is not sent then, of `sector` and `note`; the first statement remains.
    """

    id: str
    rev: int
    status: str
    stage: str
    role: str
    at: str
    new: bool
    left_out: list[str]


@post(
    "/v1/messages/{id:str}/receipts",
    opt=scope("acknowledge"),
    status_code=200,
    operation_class=body_of(
        "application/json",
        "stage acknowledged or acting, role, the rev that was read, and if you like sector and note",
        Statement,
    ),
    responses={200: ResponseSpec(Said, description="committed; it leaves sealed for the message's publisher")},
)
async def state(
    request: Call,
    body: RawBody,
    id: Id,  # noqa: A002 - the standard's word
    with_sentences: WithSentences = False,
) -> Response[bytes]:
    """Acknowledge a message, or state that you act on it, in a role of your token.

    Its publisher gets a signed receipt.
    """
    try:
        statement = _statement(body)
    except UNREADABLE as error:
        raise refusal(error, Statement, "stage and role are needed, each a code of the standard") from None
    if statement.stage not in BY_PERSON or statement.role not in ROLES:
        raise Problem("E-HTTP-VALUE", f"the stage is one of {', '.join(BY_PERSON)}, the role of {', '.join(ROLES)}")
    if statement.role not in request.user.roles:
        own = ", ".join(role for role in ROLES if role in request.user.roles) or "none"
        raise Problem("E-HTTP-SCOPE", f"this token acknowledges in other roles: {own}")
    sector, note = (None if value is UNSET else value for value in (statement.sector, statement.note))
    rev = None if statement.rev is UNSET else statement.rev
    try:
        found = await context_of(request).gateway.record_receipt(
            id, request.user.name, statement.stage, statement.role, sector=sector, note=note, rev=rev
        )
    except Refused as refused:
        return problem(409, refused.code, CODES[refused.code].meaning, refused.advice())
    except Invalid as invalid:
        first = invalid.reasons[0]
        more = {"reasons": [reason.shape(with_sentences=with_sentences) for reason in invalid.reasons]}
        return problem(422, first.code, "the note is refused", first.hint, more=more)
    if found is None:
        raise unknown_message()
    return answer(found)


HANDLERS: Final = (state,)

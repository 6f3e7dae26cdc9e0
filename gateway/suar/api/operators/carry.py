"""Calls for missing frames: request them from a member, export and import carried files."""

from typing import Annotated, Any, Final

from litestar import Request, Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import PathParameter, QueryParameter, RawBody
from litestar.response import Stream

from suar.api.contract.shapes import CarriedSegment, Requested
from suar.api.http.access import context_of, scope
from suar.api.http.documents import body_of
from suar.api.http.problems import Problem, answer
from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.service.access.tokens import TokenInfo
from suar.store.engine.database import StoreFault

MEDIA_TYPE: Final = "application/octet-stream"
_CODE: Final = r"^[A-Z]{2}\Z"
Call = Request[TokenInfo, None, Any]
Code = Annotated[str, PathParameter(pattern=_CODE, description="a member")]
To = Annotated[str | None, QueryParameter(pattern=_CODE, description="the member that the file is for; else all")]
Everything = Annotated[bool, QueryParameter(description="all that is kept, not only what they have not confirmed")]


@post(
    "/v1/peers/{code:str}/resend",
    opt=scope("operate"),
    status_code=200,
    responses={200: ResponseSpec(Requested, description="what was asked for")},
)
async def resend(request: Call, code: Code) -> Response[bytes]:
    """Request from a member every frame that is known to exist and is not here; returns the requested ranges."""
    requested = await context_of(request).gateway.resend(code, request.user.name)
    if requested is None:
        raise Problem("E-HTTP-NOT-FOUND", "no other member has that code", hint="`suar trust show` lists the members")
    return answer(requested)


@get(
    "/v1/carried",
    opt={**scope("operate"), "unlimited": True},
    responses={200: ResponseSpec(bytes, description="a carried file: docs/carried.md", media_type=MEDIA_TYPE)},
)
async def carry_out(request: Call, to: To = None, everything: Everything = False) -> Stream:
    """What we sealed, as a file for removable media: trust lists, Revokes, our bundle, epochs and frames; nothing in
    clear.
    """
    try:
        made = await context_of(request).gateway.carry_out(to, request.user.name, everything=everything)
    except StoreFault:
        raise
    except Fault as fault:
        raise Problem("E-HTTP-CONFLICT", fault.text, hint=fault.hint) from None
    return Stream(made, media_type=MEDIA_TYPE)


@post(
    "/v1/carried",
    opt={**scope("operate"), "unlimited": True},
    status_code=200,
    operation_class=body_of(MEDIA_TYPE, "one segment of a carried file, without its length and its sum"),
    responses={200: ResponseSpec(CarriedSegment, description="what became of its objects")},
)
async def carry_in(request: Call, body: RawBody) -> Response[bytes]:
    """Judge one segment of a carried file: each object in it as if the hub had delivered it."""
    if len(body) > limits.CARRIED_BYTES:
        raise Problem("E-HTTP-TOO-LARGE", f"a segment has at most {limits.CARRIED_BYTES} bytes")
    return answer(await context_of(request).gateway.carry_in(body, request.user.name))


HANDLERS: Final = (resend, carry_out, carry_in)

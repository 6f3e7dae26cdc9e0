"""The call with which an operator acknowledges an alarm."""

from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import PathParameter, RawBody

from suar.api.http.access import context_of, scope
from suar.api.http.bodies import refusal
from suar.api.http.documents import AlarmRow, NewNote, body_of
from suar.api.http.problems import Problem, answer
from suar.protocol.base.errors import Fault
from suar.protocol.base.limits import INTEGER_MAX
from suar.protocol.base.wire import UNREADABLE
from suar.service.access.tokens import TokenInfo
from suar.store.engine.database import StoreFault

Call = Request[TokenInfo, None, Any]
Number = Annotated[int, PathParameter(ge=1, le=INTEGER_MAX, description="the `n` of an alarm")]
_note: Final = msgspec.json.Decoder(NewNote).decode


@post(
    "/v1/alarms/{number:int}/acknowledge",
    opt=scope("operate"),
    status_code=200,
    operation_class=body_of(
        "application/json", 'a note for the audit, if you like: {"note": one line}', NewNote, is_required=False
    ),
    responses={200: ResponseSpec(AlarmRow, description="the alarm; who acknowledged it first stays")},
)
async def acknowledge(request: Call, number: Number, body: RawBody) -> Response[bytes]:
    """An operator knows of an alarm: who, when and the note are in the audit. Its cause may go on."""
    try:
        note = _note(body).note if body.strip() else ""
    except UNREADABLE as error:
        raise refusal(error, NewNote, 'the body is {"note": a line of at most 400 characters}') from None
    try:
        found = await context_of(request).gateway.acknowledge_alarm(number, request.user.name, note)
    except StoreFault:
        raise
    except Fault as fault:
        raise Problem("E-HTTP-VALUE", fault.text, hint=fault.hint) from None
    if found is None:
        raise Problem("E-HTTP-NOT-FOUND", "no alarm has that number", hint="`suar alarm list` shows all")
    return answer(found)


HANDLERS: Final = (acknowledge,)

"""Calls behind `suar console`: people of the console, decided on this machine. No token opens them.

They are not in the OpenAPI document, since no program may rely on them.
"""

from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, post
from litestar.params import PathParameter, RawBody
from msgspec import Meta, Struct

from suar.api.http.access import context_of, scope
from suar.api.http.bodies import refusal
from suar.api.http.problems import Problem, answer
from suar.protocol.base.errors import Fault
from suar.protocol.base.wire import UNREADABLE
from suar.service.access.tokens import TokenInfo
from suar.service.people.facade import StoreFault
from suar.service.settings.scopes import MACHINE

Call = Request[TokenInfo, None, Any]
Act = Annotated[str, PathParameter(pattern=r"^(confirm|recover)\Z")]
Id = Annotated[str, PathParameter(pattern=r"^[a-z0-9._-]{1,32}\Z")]


class NewPerson(Struct, forbid_unknown_fields=True):
    """What an invitation takes."""

    id: Annotated[str, Meta(max_length=64)]
    name: Annotated[str, Meta(max_length=200)]
    roles: Annotated[list[str], Meta(max_length=16)]
    lang: Annotated[str, Meta(max_length=35)] = "en"
    agency: Annotated[str, Meta(max_length=32)] = ""


_new: Final = msgspec.json.Decoder(NewPerson).decode


@post("/v1/console/people", opt=scope(MACHINE), include_in_schema=False)
async def invite(request: Call, body: RawBody) -> Response[bytes]:
    """Invite a person; the link is for them."""
    try:
        given = _new(body)
    except UNREADABLE as error:
        raise refusal(error, NewPerson, 'the body is {"id", "name", "roles", "lang", "agency"}') from None
    people, who = context_of(request).gateway.people, request.user.name
    try:
        link = await people.invite(given.id, given.name, tuple(given.roles), given.lang, who, given.agency)
    except StoreFault:
        raise
    except Fault as fault:
        raise Problem("E-HTTP-CONFLICT", fault.text, hint=fault.hint) from None
    return answer({"id": given.id, "link": link}, 201)


@post("/v1/console/people/{id:str}/{act:str}", opt=scope(MACHINE), status_code=200, include_in_schema=False)
async def decide(request: Call, id: Id, act: Act) -> Response[bytes]:  # noqa: A002 - the path's name
    """Confirm what a coordinator asked for, or make a link to set password and factor anew."""
    people, who = context_of(request).gateway.people, request.user.name
    try:
        link = await (people.confirm if act == "confirm" else people.recover)(id, who)
    except StoreFault:
        raise
    except Fault as fault:
        raise Problem("E-HTTP-CONFLICT", fault.text, hint=fault.hint) from None
    return answer({"id": id, "link": link})


HANDLERS: Final = (invite, decide)

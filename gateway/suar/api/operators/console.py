"""Calls behind `suar console`: people of the console, decided on this machine.

No token may use them. They are not in the OpenAPI document, because no program may rely on them.
"""

from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.params import PathParameter, QueryParameter, RawBody
from msgspec import Meta, Struct

from suar.api.http.access import context_of, scope
from suar.api.http.bodies import refusal
from suar.api.http.problems import Problem, answer, problem
from suar.protocol.base.errors import CODES, Fault, Refused
from suar.protocol.base.wire import UNREADABLE
from suar.service.access.as_shown import DIGEST
from suar.service.access.tokens import TokenInfo
from suar.service.people.facade import StoreFault
from suar.service.settings.scopes import MACHINE

Call = Request[TokenInfo, None, Any]
Act = Annotated[str, PathParameter(pattern=r"^(confirm|recover)\Z")]
Read = Annotated[str | None, QueryParameter(name="digest", pattern=rf"^[0-9a-f]{{{DIGEST}}}\Z")]
Id = Annotated[str, PathParameter(pattern=r"^[a-z0-9._-]{1,32}\Z")]


class NewPerson(Struct, forbid_unknown_fields=True):
    """The body of an invitation."""

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
        person = _new(body)
    except UNREADABLE as error:
        raise refusal(error, NewPerson, 'the body is {"id", "name", "roles", "lang", "agency"}') from None
    people, who = context_of(request).gateway.people, request.user.name
    try:
        link = await people.invite(person.id, person.name, tuple(person.roles), person.lang, who, person.agency)
    except StoreFault:
        raise
    except Fault as fault:
        raise Problem("E-HTTP-CONFLICT", fault.text, hint=fault.hint) from None
    return answer({"id": person.id, "link": link}, 201)


@get("/v1/console/people", opt=scope(MACHINE), include_in_schema=False)
async def everybody(request: Call) -> Response[bytes]:
    """All people, by their ids."""
    return answer(context_of(request).gateway.people.everybody())


@get("/v1/console/people/{id:str}", opt=scope(MACHINE), include_in_schema=False)
async def person(request: Call, id: Id) -> Response[bytes]:  # noqa: A002 - the path's name
    """One person, with the request that waits for a confirmation; a decision names its `digest`."""
    found = context_of(request).gateway.people.person(id)
    if found is None:
        raise Problem("E-HTTP-NOT-FOUND", "there is no such person", hint="`suar console list` shows all")
    return answer(found)


@post("/v1/console/people/{id:str}/{act:str}", opt=scope(MACHINE), status_code=200, include_in_schema=False)
async def decide(request: Call, id: Id, act: Act, read: Read = None) -> Response[bytes]:  # noqa: A002 - the path's name
    """Confirm what a coordinator requested, or make a link to set password and factor again.

    To confirm requires the digest of the request that was read.
    """
    people, who = context_of(request).gateway.people, request.user.name
    try:
        link = await (people.confirm(id, who, read or "") if act == "confirm" else people.recover(id, who, read))
    except StoreFault:
        raise
    except Refused as refused:
        return problem(409, refused.code, CODES[refused.code].meaning, refused.advice())
    except Fault as fault:
        raise Problem("E-HTTP-CONFLICT", fault.text, hint=fault.hint) from None
    return answer({"id": id, "link": link})


HANDLERS: Final = (invite, everybody, person, decide)

"""Calls about the registration of agencies: register, list, show, rotate, suspend, resume, revoke."""

from collections.abc import Awaitable
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import PathParameter, RawBody
from msgspec import UNSET

from suar.api.contract.shapes import NamedState
from suar.api.http.access import context_of, scope
from suar.api.http.agency_documents import (
    AgencyChange,
    AgencyDocument,
    IssuedAgency,
    NewAgency,
    NewExpiry,
    RotatedAgency,
)
from suar.api.http.bodies import refusal
from suar.api.http.documents import body_of
from suar.api.http.problems import Problem, answer
from suar.protocol.base.errors import Fault
from suar.protocol.base.instants import milliseconds, moment
from suar.protocol.base.wire import UNREADABLE
from suar.service.access.agencies import checked_nkey, register
from suar.service.access.registry import AgencyRegistry
from suar.service.access.tokens import TokenInfo
from suar.service.reading.views import UnknownPosition
from suar.service.webhooks.addresses import RefusedAddress
from suar.service.webhooks.calling import CALL_SECONDS
from suar.service.webhooks.registry import TestsFull
from suar.store.engine.database import StoreFault

Call = Request[TokenInfo, None, Any]
Name = Annotated[str, PathParameter(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}\Z", description="an agency's name")]
_new: Final = msgspec.json.Decoder(NewAgency).decode
_change: Final = msgspec.json.Decoder(AgencyChange).decode
_expiry: Final = msgspec.json.Decoder(NewExpiry).decode
_BODY: Final = (
    '{"name": text, "sector": code, "kinds": [kind], "max_tlp": TLP, "realm": "actual", "exercise" or "all", '
    '"automated": true or false, "propose": true or false, "expires": time, '
    '"webhook": address, "nkey": public nkey}'
)
RETRY: Final = {"Retry-After": f"{CALL_SECONDS:.0f}"}
"""Of a test event: a call is over by then."""
_BODY_OF_CHANGE: Final = '{"nkey": public nkey or null, "propose": true or false}, or one of the two'
_BODY_OF_EXPIRY: Final = '{"expires": time}, or nothing'


@get("/v1/agencies", opt=scope("admin"), responses={200: ResponseSpec(list[AgencyDocument], description="all")})
async def agencies(request: Call) -> Response[bytes]:
    """All agencies, revoked ones too: what each is registered for, its state, its last call."""
    return answer(await context_of(request).gateway.webhooks.agencies())


@get("/v1/agencies/{name:str}", opt=scope("admin"), responses={200: ResponseSpec(AgencyDocument, description="one")})
async def agency(request: Call, name: Name) -> Response[bytes]:
    """One agency."""
    return answer(await known(context_of(request).gateway.webhooks.agency(name)))


@post(
    "/v1/agencies",
    opt=scope("admin"),
    operation_class=body_of("application/json", _BODY, NewAgency),
    responses={201: ResponseSpec(IssuedAgency, description="its token, this once")},
)
async def register_agency(request: Call, body: RawBody) -> Response[bytes]:
    """Register an agency. Its token is shown this once; it reads the doors of agencies, and proposes drafts where it
    was registered for that. The secret of its webhook is shown this once, too."""
    try:
        entry = _new(body)
    except UNREADABLE as error:
        raise refusal(error, NewAgency, f"the body is {_BODY}") from None
    try:
        wanted = register(
            entry.name, entry.sector, entry.kinds, entry.max_tlp, entry.realm, is_automated=entry.automated,
            may_propose=entry.propose,
        )  # fmt: skip
        nkey = None if entry.nkey is None else checked_nkey(entry.nkey)
    except Fault as fault:
        raise Problem("E-HTTP-VALUE", fault.text, hint=fault.hint) from None
    made: dict[str, object] = await changed(
        context_of(request).gateway.webhooks.register(
            wanted, _time(entry.expires), request.user.name, entry.webhook, nkey
        )
    )  # fmt: skip
    done = answer(made, 201)
    done.headers["Location"] = f"/v1/agencies/{wanted.name}"
    return done


@post(
    "/v1/agencies/{name:str}",
    opt=scope("admin"),
    status_code=200,
    operation_class=body_of("application/json", _BODY_OF_CHANGE, AgencyChange),
    responses={200: ResponseSpec(AgencyDocument, description="as it is now")},
)
async def change_agency(request: Call, name: Name, body: RawBody) -> Response[bytes]:
    """Set or remove (null) the nkey of an agency; let it propose drafts, or no more.

    With another nkey it continues where it is. Nothing else of a registration is changed: register another agency.
    """
    try:
        changes = _change(body)
    except UNREADABLE as error:
        raise refusal(error, AgencyChange, f"the body is {_BODY_OF_CHANGE}") from None
    try:
        nkey = checked_nkey(changes.nkey) if isinstance(changes.nkey, str) else changes.nkey
    except Fault as fault:
        raise Problem("E-HTTP-VALUE", fault.text, hint=fault.hint) from None
    if nkey is UNSET and changes.propose is UNSET:
        raise Problem("E-HTTP-VALUE", "nothing is to be changed", hint=f"the body is {_BODY_OF_CHANGE}")
    registry = _registry(request)
    await known(changed(registry.change(name, request.user.name, nkey=nkey, propose=changes.propose)))
    return answer(await known(context_of(request).gateway.webhooks.agency(name)))


@post(
    "/v1/agencies/{name:str}/rotate",
    opt=scope("admin"),
    status_code=200,
    operation_class=body_of("application/json", _BODY_OF_EXPIRY, NewExpiry, is_required=False),
    responses={200: ResponseSpec(RotatedAgency, description="its new token, this once")},
)
async def rotate_agency(request: Call, name: Name, body: RawBody) -> Response[bytes]:
    """Create another token for an agency. The previous one is valid for 24 hours more."""
    try:
        expiry = _expiry(body) if body else NewExpiry()
    except UNREADABLE as error:
        raise refusal(error, NewExpiry, f"the body is {_BODY_OF_EXPIRY}") from None
    expires = _time(expiry.expires)
    return answer(await known(changed(_registry(request).rotate(name, expires, request.user.name))))


@post(
    "/v1/agencies/{name:str}/suspend",
    opt=scope("admin"),
    status_code=200,
    responses={200: ResponseSpec(NamedState, description="suspended, or expired")},
)
async def suspend_agency(request: Call, name: Name) -> Response[bytes]:
    """Let an agency read nothing until it is resumed. Its open feeds end at once. One that has expired stays so."""
    return answer({"name": name, "state": await known(_registry(request).suspend(name, request.user.name))})


@post(
    "/v1/agencies/{name:str}/resume",
    opt=scope("admin"),
    status_code=200,
    responses={200: ResponseSpec(NamedState, description="active")},
)
async def resume_agency(request: Call, name: Name) -> Response[bytes]:
    """Let a suspended agency read again; it continues at its position.

    One that has expired is refused (409): rotate its token first, with a later time of expiry."""
    return answer({"name": name, "state": await known(changed(_registry(request).resume(name, request.user.name)))})


@delete(
    "/v1/agencies/{name:str}",
    opt=scope("admin"),
    status_code=200,
    responses={200: ResponseSpec(NamedState, description="revoked")},
)
async def revoke_agency(request: Call, name: Name) -> Response[bytes]:
    """End the registration of an agency permanently. Its open feeds end at once, and its name is not used again."""
    return answer({"name": name, "state": await known(_registry(request).revoke(name, request.user.name))})


HANDLERS: Final = (
    agencies, agency, register_agency, change_agency, rotate_agency, suspend_agency, resume_agency, revoke_agency,
)  # fmt: skip


def _registry(request: Call) -> AgencyRegistry:
    return context_of(request).gateway.agencies


async def known(found: Awaitable[Any]) -> Any:
    """What was found or done; Problem when there is no such agency."""
    result = await found
    if result is None or result is False:
        raise Problem("E-HTTP-NOT-FOUND", "no agency of that name is registered", hint="`suar agency list` shows all")
    return result


async def changed(call: Awaitable[Any]) -> Any:
    """What was done; Problem for what cannot be done with that name or time."""
    try:
        return await call
    except StoreFault:
        raise
    except UnknownPosition as fault:
        raise Problem("E-HTTP-VALUE", fault.text, hint="give a position of this agency's feed, or beginning") from None
    except RefusedAddress as fault:
        raise Problem("E-HTTP-VALUE", fault.text, hint=fault.hint) from None
    except TestsFull as fault:
        raise Problem("E-HTTP-RATE", fault.text, hint=fault.hint, headers=RETRY) from None
    except Fault as fault:
        raise Problem("E-HTTP-CONFLICT", fault.text, hint=fault.hint) from None


def _time(text: str | None) -> int | None:
    """A time of the body in ms. Problem for what is none."""
    if text is None:
        return None
    try:
        moment(text)
        return milliseconds(text)
    except (ValueError, OverflowError):
        raise Problem("E-HTTP-VALUE", "expires has a value that is not allowed: a time in RFC 3339, UTC") from None

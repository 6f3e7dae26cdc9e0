"""Export of one message to another standard, under the same access policy as showing it."""

from functools import partial
from typing import Annotated, Final

from litestar import Response, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter

from suar.api.calls.messages import Call, Id, Revision, unknown_message
from suar.api.http.access import context_of, is_opening, scope
from suar.api.http.problems import Problem
from suar.exchange.outgoing.formats import FORMATS, convert
from suar.protocol.base.errors import Fault
from suar.protocol.base.exercise import file_name
from suar.protocol.base.reasons import Invalid
from suar.protocol.message.messages import Unreadable
from suar.store.engine.database import StoreFault

Name = Annotated[str, QueryParameter(name="as", pattern=rf"^({'|'.join(FORMATS)})\Z", description="the format")]

IsContainer = Annotated[bool, QueryParameter(description="as a stamped ASiC-E container")]
IsSealed = Annotated[
    bool,
    QueryParameter(description="the file that the holders of the evidence keys unseal, where the frame was recalled"),
]


@get(
    "/v1/messages/{id:str}/export",
    opt=scope("read"),
    responses={
        200: ResponseSpec(bytes, description="the message in that format", media_type="application/octet-stream")
    },
)
async def exported(request: Call, id: Id, format_name: Name, rev: Revision = None) -> Response[bytes]:  # noqa: A002 - the standard's word
    """One message as CAP 1.2, STIX 2.1, CSV, SDMX-CSV 2.0, or its signed bytes (json)."""
    user = request.user  # the local one is of `suar export`, by which a person gets the text as by `suar show`
    found = await context_of(request).gateway.content(id, rev=rev, opened_by=user.name, is_person=is_opening(request))
    if found is None:
        raise unknown_message()
    try:
        data = convert(found.data, format_name, found.earlier)
    except Invalid as invalid:
        raise Unreadable(invalid) from None
    except Fault as fault:  # the kind is not one that the format carries
        raise Problem("E-HTTP-VALUE", fault.text, hint=fault.hint) from None
    chosen = FORMATS[format_name]
    named = file_name(f"{found.id}.{found.rev}.{chosen.ending}", found.status)
    name = f'attachment; filename="{named}"'
    return Response(data, media_type=chosen.media_type, headers={"Content-Disposition": name})


@get(
    "/v1/messages/{id:str}/evidence",
    opt=scope("read"),
    responses={200: ResponseSpec(bytes, description="a file of evidence", media_type="application/octet-stream")},
)
async def evidence(
    request: Call,
    id: Id,  # noqa: A002 - the standard's word
    rev: Revision = None,
    container: IsContainer = False,
    sealed: IsSealed = False,
) -> Response[bytes]:
    """The proof of one message for an outsider, offline: docs/evidence.md.

    It discloses no other message of its frame.
    """
    if container and sealed:
        raise Problem("E-HTTP-VALUE", "a sealed file has no container")
    gateway = context_of(request).gateway
    export, ending = (gateway.container, "asice") if container else (gateway.evidence, "evidence")
    if sealed:
        export, ending = partial(gateway.evidence, is_sealed=True), "sealed"
    try:
        found = await export(id, rev=rev, exported_by=request.user.name, is_person=is_opening(request))
    except StoreFault:
        raise
    except Fault as fault:  # recalled, not sent yet, or too old
        raise Problem("E-HTTP-CONFLICT", fault.text, hint=fault.hint) from None
    if found is None:
        raise unknown_message()
    named = file_name(f"{found.id}.{found.rev}.{ending}", found.status)
    name = f'attachment; filename="{named}"'
    return Response(found.data, media_type="application/octet-stream", headers={"Content-Disposition": name})


HANDLERS: Final = (exported, evidence)

"""The evidence of a message as the file that `suar evidence export` writes. It has the text, so it counts as opened."""

from typing import Any, Final

from litestar import Response

from suar.console.guard import ANSWERERS, Call, Denied, Visitor, gateway_of
from suar.console.pages.messages.inbox import check_realm
from suar.console.pages.messages.message import id_of, is_ahead, is_by_person, revision_of
from suar.console.pages.registry import page
from suar.protocol.base.errors import Fault
from suar.protocol.base.exercise import file_name

_SAVED_AS: Final = {
    "sec-fetch-mode": ("navigate", "no-cors"), "sec-fetch-dest": ("document", "empty"),
    "sec-fetch-site": ("same-origin", "none"),
}  # fmt: skip
"""Headers of a browser that saves what a link of ours leads to, by its menu: no page of another site sends these."""


def is_saved_as(request: Call) -> bool:
    """Whether a person saves the file from the menu of a link on one of our pages."""
    return all(request.headers.get(name, "").strip().lower() in known for name, known in _SAVED_AS.items())


@page("GET", "/m/{id:str}/export")
async def export(request: Call, visitor: Visitor) -> Response[Any]:
    """Return the evidence file. Raises Denied for another site's request, which would open the message."""
    if is_ahead(request):
        return Response(b"", status_code=204, media_type="text/html")
    if not is_by_person(request) and not is_saved_as(request):
        raise Denied(403, "origin")
    gateway, id_ = gateway_of(request), id_of(request)
    shown = await gateway.message(id_, rev=revision_of(request))
    if shown is None:
        raise Denied(404, "not-found")
    other = check_realm(request, shown["status"])
    if other is not None:
        return other
    is_person = bool(ANSWERERS & visitor.roles)
    try:
        found = await gateway.evidence(id_, rev=shown["rev"], exported_by=visitor.person, is_person=is_person)
    except Fault as fault:  # recalled, not sent yet, or too old
        if type(fault) is not Fault:  # a store that fails is no answer about the message
            raise
        raise Denied(409, "unproved") from None
    if found is None:
        raise Denied(404, "not-found")
    named = file_name(f"{found.id}.{found.rev}.evidence", found.status)
    headers = {"Content-Disposition": f'attachment; filename="{named}"'}
    return Response(found.data, media_type="application/octet-stream", headers=headers)

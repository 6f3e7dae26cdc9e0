"""Who reads an endpoint that shows a state, and what of it: an agency by its registration, else our focal point."""

from typing import Annotated, Any, Literal

from litestar import Request
from litestar.params import QueryParameter

from suar.api.http.access import context_of
from suar.api.http.problems import Problem
from suar.protocol.base.primitives import ACTUAL
from suar.service.access.tokens import TokenInfo
from suar.service.feed.current import CurrentSelection

Call = Request[TokenInfo, None, Any]
Realm = Annotated[
    Literal["actual", "exercise"] | None,
    QueryParameter(
        name="status",
        description="the realm: actual when it is not given, of an agency that takes part in exercises alone exercise",
    ),
]


def selection_of(request: Call, kind: str, realm: str | None, origin: str | None = None) -> CurrentSelection:
    """What the caller reads of a kind. Problem when its agency may read nothing now."""
    agency = request.user.agency
    if not agency:
        return CurrentSelection(kind, realm or ACTUAL, origin)
    found = context_of(request).gateway.agencies.book.find(agency)
    if found is None:
        raise Problem("E-HTTP-TOKEN")
    return CurrentSelection(kind, realm or found.registration.realms[0], origin, agency)

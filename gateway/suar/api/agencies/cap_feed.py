"""The CAP door: an Atom feed of the alerts in force that the caller may read, and each as a CAP 1.2 document.

`ETag` and `Last-Modified` are those of the page as the caller may read it at this moment. Last-Modified is when this
process first saw the page as it is, so a recall, an expiry and another registration change it as a new alert does.
"""

from asyncio import to_thread
from collections import OrderedDict
from email.utils import formatdate, parsedate_to_datetime
from hashlib import blake2b
from typing import Annotated, Any, Final, NamedTuple

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter

from suar.api.agencies.reading import Realm, selection_of
from suar.api.calls.messages import Id
from suar.api.http.access import Context, context_of, is_opening, scope
from suar.api.http.paging import next_link
from suar.api.http.problems import Problem
from suar.exchange.outgoing import atom
from suar.protocol.base import limits
from suar.protocol.base.exercise import is_exercise
from suar.protocol.base.instants import instant
from suar.protocol.base.limits import INTEGER_MAX
from suar.service.access.tokens import TokenInfo
from suar.service.feed.current import CurrentPage, CurrentSelection
from suar.service.settings.scopes import AGENCY

Call = Request[TokenInfo, None, Any]
PATH: Final = "/v1/feeds/cap.atom"
PAGES_MAX: Final = 1024
"""Pages of which the time is known."""
_OPT: Final = {**scope("read", AGENCY), "basic": True}
After = Annotated[int, QueryParameter(ge=0, le=INTEGER_MAX, description="go on behind this page; `Link` has it")]


@get(
    PATH,
    opt=_OPT,
    media_type=atom.MEDIA_TYPE,
    responses={200: ResponseSpec(str, description="an Atom feed", media_type=atom.MEDIA_TYPE)},
)
async def cap_feed(request: Call, status: Realm = None, after: After = 0) -> Response[bytes]:
    """Alerts in force, each with its CAP 1.2 document inside; poll with If-None-Match or If-Modified-Since."""
    context = context_of(request)
    selection = selection_of(request, "alert", status)
    await context.gateway.note_current(request.user.name, selection, "cap")
    page = _there(await context.gateway.current(selection, after, shown_to=request.user.name))
    link = {} if page.after is None else dict(next_link(request, PATH, after=page.after))
    body = await to_thread(_written, context, selection, page, after)
    modified = _times(request.app.state).seen((selection, after), body, context.gateway.core.clock() // limits.SECOND)
    headers = {"Last-Modified": formatdate(modified, usegmt=True), **link}
    if _is_known(request, modified):
        return Response(b"", status_code=304, headers=headers)
    return Response(body, media_type=atom.MEDIA_TYPE, headers=headers)


@get(
    "/v1/feeds/cap/{id:str}",
    opt=_OPT,
    media_type=atom.CAP_TYPE,
    responses={200: ResponseSpec(str, description="a CAP 1.2 document", media_type=atom.CAP_TYPE)},
)
async def cap_document(request: Call, id: Id, status: Realm = None) -> Response[bytes]:  # noqa: A002 - the standard's word
    """One alert in force as a CAP 1.2 document."""
    context = context_of(request)
    selection = selection_of(request, "alert", status, id[:2])
    found = await context.gateway.current_one(selection, id, shown_to=request.user.name, is_person=is_opening(request))
    if found is None:
        raise Problem("E-HTTP-NOT-FOUND")
    body = await to_thread(atom.document, found.data, found.earlier)
    return Response(body, media_type=atom.CAP_TYPE)


HANDLERS: Final = (cap_feed, cap_document)


class _Page(NamedTuple):
    digest: bytes
    since: int  # seconds


class _Times:
    """Since when each page is as it is, to the second: two forms of it never have the same."""

    def __init__(self) -> None:
        self._known: OrderedDict[object, _Page] = OrderedDict()

    def seen(self, page: object, body: bytes, now: int) -> int:
        """Since when (s) `page` is `body`."""
        digest, known = blake2b(body, digest_size=16).digest(), self._known.pop(page, None)
        if known is None or known.digest != digest:
            known = _Page(digest, now if known is None else max(now, known.since + 1))
        self._known[page] = known
        while len(self._known) > PAGES_MAX:
            self._known.popitem(last=False)
        return known.since


def _times(state: State) -> _Times:
    if "cap_times" not in state:
        state["cap_times"] = _Times()
    found: _Times = state["cap_times"]
    return found


def _there(page: CurrentPage | None) -> CurrentPage:
    if page is None:
        raise Problem("E-HTTP-TOKEN")
    return page


def _is_known(request: Call, modified: int) -> bool:
    """Whether If-Modified-Since has this page; If-None-Match, which is exact, takes precedence (RFC 9110, 13.2.2)."""
    since = request.headers.get("if-modified-since", "")
    if not since or request.headers.get("if-none-match"):
        return False
    try:
        return parsedate_to_datetime(since).timestamp() == modified
    except (ValueError, OverflowError):
        return False


def _written(context: Context, selection: CurrentSelection, page: CurrentPage, after: int) -> bytes:
    realm = f"?status={selection.realm}" if is_exercise(selection.realm) else ""
    entries = [atom.Entry(each.data, each.earlier, f"/v1/feeds/cap/{each.id}{realm}") for each in page.messages]
    own = f"{PATH}?status={selection.realm}&after={after}"
    following = None if page.after is None else f"{PATH}?status={selection.realm}&after={page.after}"
    return atom.feed(entries, atom.Links(own, following), context.gateway.core.federation, instant(0))

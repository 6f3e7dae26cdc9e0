"""GET /v1/feed: what the caller may read as server-sent events, each a CloudEvents 1.0 document, the most urgent first.

A page is sent, then the next one is read: a reader that reads nothing costs one page. One that reads nothing for two
minutes is disconnected; it returns with the id of its last event. The token is looked up again before a page is read,
and before it is sent. What was not sent within a second of being read is read again: it may have been recalled since.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import Annotated, Any, Final, Literal

import msgspec
import structlog
from litestar import Request, Response, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter, QueryParameter
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send
from msgspec.structs import replace

from suar.api.calls.messages import Kind, Origin
from suar.api.contract.events import CloudEvent, ProgressDocument
from suar.api.http.access import Context, context_of, credential, holder_of, scope
from suar.api.http.origins import FEED
from suar.api.http.paging import BATCH_TYPE, batch_page, is_batch
from suar.api.http.problems import Problem, answer
from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import ACTUAL
from suar.service.access.tokens import TokenInfo
from suar.service.feed.pages import NOTHING, Page
from suar.service.feed.positions import FeedSelection
from suar.service.feed.subscriptions import Subscription, TooManyFeeds
from suar.service.reading.views import UnknownPosition
from suar.service.settings.scopes import AGENCY

Call = Request[TokenInfo, None, Any]

MEDIA_TYPE: Final = "text/event-stream"
KEEP_ALIVE: Final = 15.0  # seconds between two comments when there are no events
SLOW: Final = 120.0  # seconds in which a reader must read something
RETRY_MS: Final = 1_000
FRESH: Final = 1.0  # seconds after which what was read, and not sent, is read again
_BEGIN: Final = b": suar feed\nretry: %d\nid: %%s\n\n" % RETRY_MS

LastEventId = Annotated[
    str | None,
    HeaderParameter(
        name="Last-Event-ID",
        pattern=r"^[A-Za-z0-9_-]{0,512}\Z",
        description="the id of the last event: go on behind it",
    ),
]
Behind = Annotated[
    str | None, QueryParameter(name="after", pattern=r"^[A-Za-z0-9_-]{1,512}\Z", description="the same, as a parameter")
]
Beginning = Annotated[
    Literal["beginning", "now"],
    QueryParameter(name="from", description="where to begin without a place: everything that is here, or what is new"),
]
Follow = Annotated[bool, QueryParameter(description="go on with what comes; else end when everything was sent")]
Own = Annotated[
    bool | None, QueryParameter(description="also what this member published; an agency's default is true, else false")
]
Agency = Annotated[
    str | None, QueryParameter(pattern=r"^[A-Za-z0-9._-]{1,64}\Z", description="what that agency may read")
]
Realm = Annotated[
    Literal["actual", "exercise", "all"] | None,
    QueryParameter(
        name="status",
        description="the realm: actual when it is not given, of an agency that takes part in exercises alone exercise",
    ),
]
Accepted = Annotated[
    str | None, HeaderParameter(name="Accept", description=f"with `{BATCH_TYPE}` the answer is a page, not a stream")
]


@get(
    "/v1/feed",
    opt={**scope("read", AGENCY), **FEED, "cookie": True},
    media_type=MEDIA_TYPE,
    responses={200: ResponseSpec(CloudEvent, description="in the data of each event", media_type=MEDIA_TYPE)},
)
async def feed(
    request: Call,
    kind: Kind = None,
    origin: Origin = None,
    status: Realm = None,
    own: Own = None,
    agency: Agency = None,
    begin: Beginning = "beginning",
    after: Behind = None,
    last_event_id: LastEventId = None,
    follow: Follow = True,
    accept: Accepted = None,
) -> ASGIResponse:
    """Received messages that may be read, the most urgent first.

    An exercise is an event named `exercise`; it is sent only if `status` requests it. The id of an event is a position:
    a reader that returns with it misses nothing and gets nothing twice. A page in the batch format has the position of
    each event in `suarposition`, and the address of the next page in `Link`.
    """
    context = context_of(request)
    selection = _selection(request, agency, FeedSelection(status or "", kind, origin, own is True), own)
    try:
        opened = await context.gateway.open_feed(
            selection, request.user.name, last_event_id or after, from_now=begin == "now"
        )  # fmt: skip
    except UnknownPosition as fault:
        raise Problem("E-HTTP-VALUE", fault.text, hint=fault.hint) from None
    except TooManyFeeds as fault:
        raise Problem("E-HTTP-RATE", fault.text, hint=fault.hint, headers={"Retry-After": "5"}) from None
    if is_batch(accept):
        return await batch_page(request, opened)
    return FeedResponse(context, opened, partial(_caller_now, request), follow=follow)


def _selection(request: Call, agency: str | None, selection: FeedSelection, own: bool | None) -> FeedSelection:
    """Return the agency whose feed it is: an agency's own, for another token the requested one.

    Problem for another's.
    """
    mine = request.user.agency
    name = agency if agency is not None else mine
    if not name:
        return replace(selection, realm=selection.realm or ACTUAL)
    found = context_of(request).gateway.agencies.book.find(name)
    if found is None or name != (mine or name):
        raise Problem("E-HTTP-NOT-FOUND", "no agency has that name", hint="leave agency out: the token says who reads")
    realm = selection.realm or found.registration.realms[0]
    return replace(selection, realm=realm, has_own=own is not False, agency=name)


def _caller_now(request: Call) -> TokenInfo | None:
    """Who reads the feed, judged again; None once their token no longer opens it."""
    handler = request.route_handler
    info = holder_of(request, credential(request, handler))
    return info if info is not None and info.scopes.intersection(handler.opt["scope"]) else None


class FeedResponse(ASGIResponse):
    """Sends pages until the reader leaves, may read no more, or the gateway stops."""

    def __init__(
        self, context: Context, feed: Subscription, caller: Callable[[], TokenInfo | None], *, follow: bool
    ) -> None:
        super().__init__(media_type=MEDIA_TYPE, status_code=200)
        self._context, self._feed, self._caller, self._is_following = context, feed, caller, follow

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the call."""
        ends = (
            asyncio.ensure_future(_left(receive)),
            asyncio.ensure_future(self._context.stopping.wait()),
            asyncio.ensure_future(self._feed.ended.wait()),
        )
        try:
            headers = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"x-accel-buffering", b"no")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            line = _Line(send, ends)
            await self._pages(line)
            if not line.is_cut:  # else the server closes the connection
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        except OSError:
            pass  # the caller has left
        except Fault as fault:  # the reader returns with its position
            structlog.get_logger().warning("feed_failed", error=fault.text)
        finally:
            for each in ends:
                each.cancel()
            await asyncio.shield(self._feed.close())

    async def _pages(self, line: "_Line") -> None:
        is_open = await line.send(
            _BEGIN % self._feed.position().encode()
        )  # a reader that is disconnected before any event has a position too
        while is_open and self._may_read():
            page = await self._feed.next_page()
            if not self._may_read():  # revoked while the page was read
                return
            sent = await line.send_all(page)
            await self._feed.record_sent(page, line.handed_over)
            is_open = sent == len(page.entries)
            if sent and not is_open and not line.is_ended:  # too old: it is read again after what was sent
                await self._feed.rewind(page.position_after(page.entries[sent - 1]))
                is_open = True
                continue
            if is_open and page.is_last:
                if not self._is_following:
                    return
                is_open = await line.wait(self._feed.news, self._keep_alive)

    def _may_read(self) -> bool:
        """Whether the token still opens this call.

        It may be revoked, its time or that of the cookie be over, or its person have lost the role.
        """
        info = self._caller()
        return info is not None and info.name == self._feed.who and self._feed.is_open

    def _keep_alive(self) -> bytes:
        """There is nothing new; the position advances past what was left out, so that a resume does not examine it
        again.
        """
        return b": nothing new\nid: %s\n\n" % self._feed.position().encode()


class _Line:
    """Sends to one reader, until one of `ends` is set."""

    def __init__(self, send: Send, ends: tuple["asyncio.Future[Any]", ...]) -> None:
        self._send, self._ends = send, ends
        self._sending: asyncio.Timeout | None = None  # what is being sent: it ends with any of `ends`
        self.is_cut = False  # in the middle of something that the reader does not read
        self.handed_over = 0  # events of the last `send_all` that the socket has, whether the reader read them or left
        for each in ends:
            each.add_done_callback(self._cut)

    def _cut(self, _: object) -> None:
        if self._sending is not None and not self._sending.expired():
            self._sending.reschedule(asyncio.get_running_loop().time())

    @property
    def is_ended(self) -> bool:
        """Whether nothing more can be sent."""
        return self.is_cut or any(each.done() for each in self._ends)

    async def send_all(self, page: Page) -> int:
        """Send a page in pieces, because what was handed over cannot be taken back; returns how many events were sent.

        Fewer when `send` returns False, and when the page has become older than FRESH meanwhile.
        """
        sent, self.handed_over = 0, 0
        for parts, number in page.pieces:
            is_open = await self.send(page.mark.join(parts))
            self.handed_over = self.handed_over if self.is_cut else number
            if not (is_open and await self.send(NOTHING)):  # waits until the one before went
                return sent
            sent = number
            if monotonic() >= page.read_at + FRESH:
                return sent
        return sent

    async def send(self, body: bytes) -> bool:
        """Send; returns False when the reader left, reads nothing, or the gateway stops."""
        try:
            async with asyncio.timeout(SLOW) as self._sending:
                await self._send({"type": "http.response.body", "body": body, "more_body": True})
        except TimeoutError:
            self.is_cut = True
            structlog.get_logger().warning("feed_reader_stuck", seconds=SLOW)
        finally:
            self._sending = None
        return not self.is_ended

    async def wait(self, news: asyncio.Event, keep_alive: Callable[[], bytes]) -> bool:
        """Wait for news, or send a comment when there is none; returns False like `send`."""
        coming = asyncio.ensure_future(news.wait())
        try:
            waited = {coming, *self._ends}
            done, _ = await asyncio.wait(waited, timeout=KEEP_ALIVE, return_when=asyncio.FIRST_COMPLETED)
            return not any(each.done() for each in self._ends) if done else await self.send(keep_alive())
        finally:
            coming.cancel()


async def _left(receive: Receive) -> None:
    """Until the reader has left."""
    while (await receive())["type"] != "http.disconnect":
        pass


@get("/v1/progress", opt=scope("read"), responses={200: ResponseSpec(ProgressDocument, description="this moment")})
async def progress(request: Call) -> Response[bytes]:
    """The progress of a catch-up: what is in the inbox of the bus and was not judged yet, and how long that takes."""
    now = context_of(request).gateway.progress
    text = now.in_words() if now.is_catching_up else None
    return answer({**msgspec.to_builtins(now), "catching_up": now.is_catching_up, "text": text})


HANDLERS: Final = (feed, progress)

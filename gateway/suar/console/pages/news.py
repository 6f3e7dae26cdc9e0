"""The page of the bell: what waits and what is new, as a page, and as a stream for open pages."""

import asyncio
from functools import partial
from typing import Any, Final

from litestar import Response
from litestar.response import Stream
from msgspec import Struct

from suar.console import live
from suar.console.guard import READERS, WITH_AGENCIES, Call, Denied, Visitor, gateway_of, shared_of
from suar.console.pages.home import tasks
from suar.console.pages.messages.inbox import Task, in_force, realm_of
from suar.console.pages.registry import page
from suar.console.reading import reader_of
from suar.console.rendering import names_of, render, standstill_text
from suar.console.session import secret_of
from suar.console.views.lists import Row, row
from suar.protocol.base.instants import milliseconds

LATEST: Final = 20
KEPT: Final = 1.0  # seconds for which a count is cached
STATE: Final = frozenset({"state"})


class News(Struct, frozen=True):
    """What waits, the latest messages, and the time of this state (ms)."""

    waiting: list[Task]
    latest: tuple[Row, ...]
    may_read: bool
    at: int


@page("GET", "/news")
async def news(request: Call, visitor: Visitor) -> Response[Any]:
    """Show what waits, and what arrived last. This opens no message."""
    now, reads = gateway_of(request).core.clock(), bool(visitor.roles & WITH_AGENCIES)
    found = await in_force(request, visitor.lang, reader_of(request, visitor)) if reads else []
    newest = sorted(found, key=lambda each: milliseconds(each["received"]), reverse=True)[:LATEST]
    latest = [row(each, now) for each in newest]
    await gateway_of(request).note_shown(visitor.person, "list", [(each.id, each.rev) for each in latest])
    view = News(await tasks(request, visitor, found), tuple(latest), reads, now)
    return render(request, visitor, "news.html", view)


@page("GET", "/live")
async def stream(request: Call, visitor: Visitor) -> Response[Any]:
    """Stream server-sent events: how many items wait for this visitor, and what changed.

    The script of a page learns with 204 that it may open one: a browser does not tell it why a stream was closed.
    """
    if request.headers.get("x-fragment") is not None:
        return Response(b"", status_code=204, media_type="text/html")
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Denied(403, "origin")  # a page of another host would end the streams of this session
    shared, gateway = shared_of(request), gateway_of(request)
    secret = secret_of(request, gateway.config)
    ended = None if secret is None else shared.streams.open(visitor.session)
    if ended is None or secret is None:
        raise Denied(429, "too-fast", seconds=60)
    stopping: asyncio.Event | None = request.scope.get("suar.stopping")  # type: ignore[assignment] # of the server
    after = live.change_number(request.headers.get("last-event-id", ""))
    sent = live.events(
        gateway, visitor, secret, ended, stopping, after, partial(_news_event, request, visitor),
        partial(standstill_text, request, visitor), shared.streams,
    )  # fmt: skip
    return Stream(sent, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _news_event(
    request: Call, visitor: Visitor, about: frozenset[str], is_whole: bool, n: int
) -> tuple[live.LiveEvent, bool]:
    """Return an event for this visitor: ids of messages only for readers, the gateway's problems only for
    its operator.
    """
    recent, realm = shared_of(request).recent, realm_of(request)
    rows, is_current = None, True
    if visitor.roles & READERS:  # the same for all of them
        rows, is_current = await recent.get(("rows", realm), n, KEPT, lambda: in_force(request))
    found, is_own = await recent.get((visitor.person, realm), n, KEPT, lambda: tasks(request, visitor, rows))
    waiting = sum(each.number for each in found)
    may_know = (about - STATE if visitor.roles & READERS else frozenset()) | (
        about & STATE if "operator" in visitor.roles else frozenset()
    )
    named = tuple(sorted(may_know)) if is_whole and len(may_know) <= live.ABOUT_MAX else (live.ALL,)
    text = names_of(visitor).words.console("news-waits", number=names_of(visitor).number(waiting))
    return live.LiveEvent(n, waiting, named, text, standstill_text(request, visitor)), is_current and is_own

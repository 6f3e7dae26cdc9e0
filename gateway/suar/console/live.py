"""Streams of changes for open pages: numbers and ids, never a text.

A stream ends with its session or its roles, after ten minutes (the browser reconnects with its position), and when the
gateway stops (it reconnects without one). It keeps no session awake. A session has at most two streams: a third one
ends the oldest. A count for one visitor is cached briefly for all, so that a busy bus costs one count a second,
whatever the number of visitors.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from time import monotonic
from typing import Final

import msgspec
from msgspec import Struct

from suar.console.guard import Visitor
from suar.console.streams import Streams
from suar.service.process.gateway import Gateway

LONGEST: Final = 600.0  # seconds
PERIOD: Final = 1.0  # seconds between two events, and until the end of a session is noticed
KEEP_ALIVE: Final = 10.0  # seconds until an event without news; a page that gets none for twice as long asks again
RETRY_MS: Final = 3_000
ABOUT_MAX: Final = 50
ALL: Final = "*"
"""In `about`: too many changes to be named."""
ALIVE: Final = b"event: alive\ndata: {}\n\n"
END: Final = b"event: end\ndata: {}\n\n"
WITHOUT_POSITION: Final = b"id:\n\n"
"""The browser forgets its position and reconnects: another process numbers its changes from the beginning."""


class LiveEvent(Struct, frozen=True):
    """An event: the change number, the number of waiting items, what changed, and a sentence for screen readers.

    `line`: why nothing is sent by this gateway now; empty if there is no problem.
    """

    n: int
    waiting: int
    about: tuple[str, ...]
    said: str
    line: str


EventMaker = Callable[[frozenset[str], bool, int], Awaitable[tuple[LiveEvent, bool]]]
"""Makes an event, and states whether its numbers are from after the change."""


def change_number(text: str) -> int | None:
    """Return the change number in a Last-Event-ID, None if the text contains none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


async def events(
    gateway: Gateway, visitor: Visitor, secret: str, ended: asyncio.Event, stopping: asyncio.Event | None,
    after: int | None, make_event: EventMaker, line: Callable[[], str], streams: Streams,
) -> AsyncIterator[bytes]:  # fmt: skip
    """Yield the stream of a visitor: the present state, then each change, at most one a second.

    If `after` is None, the first event is about everything: the page may be older than the stream.
    """
    begun = last_sent = monotonic()
    standstill = ""
    n, is_due, is_known = gateway.desk.news(0).n if after is None else after, True, after is not None
    try:
        yield b"retry: %d\n\n" % RETRY_MS
        while monotonic() - begun < LONGEST:
            if stopping and stopping.is_set():
                yield WITHOUT_POSITION
                return
            if ended.is_set() or not is_in_force(gateway, visitor, secret):
                yield END
                return
            changes, now = gateway.desk.news(n), line()
            if is_due or changes.n != n or bool(now) != bool(standstill):
                event, is_current = await make_event(changes.about, changes.is_whole and is_known, changes.n)
                standstill = now
                n, is_due, is_known, last_sent = changes.n, not is_current, True, monotonic()
                yield _event(event)
            elif monotonic() - last_sent > KEEP_ALIVE:
                last_sent = monotonic()
                yield ALIVE
            await _pause(ended, stopping)
    finally:
        streams.close(ended)


async def _pause(ended: asyncio.Event, stopping: asyncio.Event | None) -> None:
    """Wait a second, or until the stream must end."""
    waits = [asyncio.ensure_future(each.wait()) for each in (ended, stopping) if each is not None]
    try:
        await asyncio.wait(waits, timeout=PERIOD, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waits:
            each.cancel()


def is_in_force(gateway: Gateway, visitor: Visitor, secret: str) -> bool:
    """Whether the session continues, is in use, and has the same roles."""
    info = gateway.people.identify(secret)
    return info is not None and not info.is_idle and frozenset(info.person.roles) == visitor.roles


def _event(event: LiveEvent) -> bytes:
    return b"id: %d\ndata: %s\n\n" % (event.n, msgspec.json.encode(event))

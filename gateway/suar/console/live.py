"""Streams of what changed, for pages that are open: numbers and ids, never a text.

A stream ends with its session or its roles, after ten minutes (the browser comes back with its place), and when the
gateway stops. It keeps no session awake. Of a session two go on: a third one ends the oldest. What is counted for one
visitor is kept for a moment for all, so that a busy bus costs a count a second, however many look on.
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
PERIOD: Final = 1.0  # seconds between two events, and in which the end of a session is noticed
KEEP_ALIVE: Final = 15.0  # seconds between two comments when nothing changes
RETRY_MS: Final = 3_000
ABOUT_MAX: Final = 50
ALL: Final = "*"
"""Stands in `about` where too much changed to be named."""
END: Final = b"event: end\ndata: {}\n\n"


class LiveEvent(Struct, frozen=True):
    """What an event tells: the change number, how many things wait, what changed, and a sentence for who listens.

    `line`: why nothing leaves this gateway now; empty while all is well.
    """

    n: int
    waiting: int
    about: tuple[str, ...]
    said: str
    line: str


EventMaker = Callable[[frozenset[str], bool, int], Awaitable[tuple[LiveEvent, bool]]]
"""Makes an event, and says whether its numbers are those after the change."""


def change_number(text: str) -> int | None:
    """Return the change number in a Last-Event-ID, None if the text is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


async def events(
    gateway: Gateway, visitor: Visitor, secret: str, ended: asyncio.Event, stopping: asyncio.Event | None,
    after: int | None, make_event: EventMaker, line: Callable[[], str], streams: Streams,
) -> AsyncIterator[bytes]:  # fmt: skip
    """The stream of a visitor: how things stand, then each change, at most one a second.

    If `after` is None, the first event is about everything: the page may be older than the stream.
    """
    begun = last_sent = monotonic()
    standstill = ""
    n, is_due, is_known = gateway.desk.news(0).n if after is None else after, True, after is not None
    try:
        yield b"retry: %d\n\n" % RETRY_MS
        while monotonic() - begun < LONGEST:
            if ended.is_set() or (stopping and stopping.is_set()) or not is_in_force(gateway, visitor, secret):
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
                yield b":\n\n"
            await _pause(ended, stopping)
    finally:
        streams.close(ended)


async def _pause(ended: asyncio.Event, stopping: asyncio.Event | None) -> None:
    """A second, or until the stream is to end."""
    waits = [asyncio.ensure_future(each.wait()) for each in (ended, stopping) if each is not None]
    try:
        await asyncio.wait(waits, timeout=PERIOD, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waits:
            each.cancel()


def is_in_force(gateway: Gateway, visitor: Visitor, secret: str) -> bool:
    """Whether the session goes on, is in use, and has the roles that it had."""
    info = gateway.people.identify(secret)
    return info is not None and not info.is_idle and frozenset(info.person.roles) == visitor.roles


def _event(event: LiveEvent) -> bytes:
    return b"id: %d\ndata: %s\n\n" % (event.n, msgspec.json.encode(event))

"""The limits on open connections of the HTTP server, their number and what they hold: the oldest one without a token is
closed first.

And the order of their requests: those without a token begin a few at a time.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final, Protocol, TypeAlias

from suar.service.access.tokens import TokenInfo

CONNECTIONS_MAX: Final = 640  # each is an open file, of which the bus and the store need theirs
STRANGERS_MAX: Final = 256  # of them without a token that is in force; the others are kept for tokens
CONNECTIONS_A_TOKEN: Final = 128
HELD_MAX: Final = 32 * 1024 * 1024  # bytes that everything takes which was read of all of them and is not answered
BEGUN_MAX: Final = 4  # requests of strangers in one turn of the event loop, a millisecond each
SWEEP: Final = 5.0  # seconds between two checks for answers that are not read
STUCK_SECONDS: Final = 15.0  # that a stranger's answer may remain unread
STUCK_SECONDS_KNOWN: Final = 120.0  # the same with a token, as for a feed

App: TypeAlias = Callable[..., Awaitable[None]]
"""An application of ASGI."""


class Connection(Protocol):
    """The methods that a connection must have."""

    @property
    def is_idle(self) -> bool:
        """Whether no request waits for its answer."""

    def abort(self) -> None:
        """End at once."""

    def stalled_checks(self) -> int:
        """The number of consecutive checks at which the same bytes waited to be read by the caller."""


class RequestQueue:
    """Lets requests begin BEGUN_MAX in each iteration of the event loop, in the order of arrival.

    A call with a token takes a dozen iterations, and each took as long as a request on every stranger's connection.
    """

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._is_due = False

    async def wait(self) -> None:
        """Return when the request may begin."""
        begins = asyncio.get_running_loop().create_future()
        self._waiting.append(begins)
        self._schedule()
        await begins

    def _schedule(self) -> None:
        if self._waiting and not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._begin)

    def _begin(self) -> None:
        self._is_due = False
        for _ in range(min(BEGUN_MAX, len(self._waiting))):
            begins = self._waiting.popleft()
            if not begins.done():  # else its caller has gone
                begins.set_result(None)
        self._schedule()


class Authenticate(Protocol):
    """Returns the holder of a token that came on a connection; `is_here`: whether that is of this machine."""

    def __call__(self, token: str, *, is_here: bool) -> TokenInfo | None:
        """None if the token is not valid."""


class Door:
    """The connections of one server, oldest first.

    `authenticate` returns the holder of a token, `refused` counts by reason.
    """

    def __init__(self, authenticate: Authenticate, refused: Callable[[str], None]) -> None:
        self._authenticate, self._refused = authenticate, refused
        self._strangers: dict[Connection, None] = {}
        self._known: dict[Connection, str] = {}
        self._held: dict[Connection, int] = {}
        self._weight = 0  # their sum
        self._sweep: asyncio.TimerHandle | None = None
        self._queue = RequestQueue()

    @property
    def strangers(self) -> int:
        """Connections without a token."""
        return len(self._strangers)

    @property
    def known(self) -> int:
        """Connections on which a valid token was sent."""
        return len(self._known)

    @property
    def connections(self) -> tuple[Connection, ...]:
        """All of them: those without a token first."""
        return (*self._strangers, *self._known)

    def enter(self, connection: Connection) -> None:
        """Register a connection, as a stranger's; the oldest stranger's is closed when there are too many."""
        self._strangers[connection] = None
        if self._sweep is None:
            self._sweep = asyncio.get_running_loop().call_later(SWEEP, self._close_stalled)
        if len(self._strangers) > STRANGERS_MAX:
            self._end(next(iter(self._strangers)), "strangers")
        if len(self._strangers) + len(self._known) > CONNECTIONS_MAX:
            older = (each for each in self._strangers if each is not connection)
            self._end(next(older, None) or self._idle(self._known) or connection, "connections")

    def introduce(self, connection: Connection, token: str, *, is_here: bool) -> None:
        """Record that a token was sent on it: from now on the connection belongs to that token.

        `is_here`: whether the connection is of this machine.
        """
        if connection not in self._strangers:
            return
        info = self._authenticate(token, is_here=is_here)
        if info is None:
            return
        del self._strangers[connection]
        self._known[connection] = info.name
        same = [each for each, name in self._known.items() if name == info.name]
        if len(same) > CONNECTIONS_A_TOKEN:
            self._end(self._idle(same) or connection, "token")

    def weigh(self, connection: Connection, held: int) -> None:
        """Record how many bytes a connection holds; the oldest stranger that holds some is closed when all hold too
        many, and where there is none the connection itself.
        """
        if connection not in self._strangers and connection not in self._known:
            return
        self._weight += held - self._held.get(connection, 0)
        self._held[connection] = held
        while self._weight > HELD_MAX and connection in self._held:
            self._end(next((each for each in self._strangers if self._held.get(each)), connection), "held")

    def in_turn(self, connection: Connection, app: App) -> App:
        """Return `app` as it answers the connection: with a token at once, else in rotation with other strangers."""

        async def answer(*asgi: Any) -> None:
            if connection in self._strangers:
                await self._queue.wait()
            await app(*asgi)

        return answer

    def leave(self, connection: Connection) -> None:
        """It has ended."""
        self._weight -= self._held.pop(connection, 0)
        self._strangers.pop(connection, None)
        self._known.pop(connection, None)

    def close(self) -> None:
        """Stop checking, because the server ends."""
        if self._sweep is not None:
            self._sweep.cancel()

    def _idle(self, among: Iterable[Connection]) -> Connection | None:
        return next((each for each in among if each.is_idle), None)

    def _end(self, connection: Connection, reason: str) -> None:
        """At once: what it did not read is not waited for."""
        self._refused(reason)
        self.leave(connection)
        connection.abort()

    def _close_stalled(self) -> None:
        """Close those that read nothing of their answer, also when they are closed already."""
        self._sweep = asyncio.get_running_loop().call_later(SWEEP, self._close_stalled)
        for connection in list(self._strangers):
            if connection.stalled_checks() >= round(STUCK_SECONDS / SWEEP):
                self._end(connection, "unread")
        for connection in list(self._known):
            if connection.stalled_checks() >= round(STUCK_SECONDS_KNOWN / SWEEP):
                self._end(connection, "unread")

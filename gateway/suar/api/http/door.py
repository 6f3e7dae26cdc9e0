"""The limit on open connections of the HTTP server: the oldest one without a token is closed first."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final, Protocol

from suar.service.access.tokens import TokenInfo

CONNECTIONS_MAX: Final = 512  # each is an open file, of which the bus and the store need theirs
STRANGERS_MAX: Final = 256  # of them without a token that is in force; the others are kept for tokens
CONNECTIONS_A_TOKEN: Final = 128
SWEEP: Final = 5.0  # seconds between two looks at answers that are not read
STUCK_SECONDS: Final = 15.0  # that a stranger's answer may stand where it stood
STUCK_SECONDS_KNOWN: Final = 120.0  # the same with a token, as for a feed


class Connection(Protocol):
    """What is asked of a connection."""

    @property
    def is_idle(self) -> bool:
        """Whether no request waits for its answer."""

    def abort(self) -> None:
        """End at once."""

    def stands_still(self) -> int:
        """At how many looks in a row the same bytes waited to be read by the caller."""


class Door:
    """The connections of one server, oldest first. `authenticate` says whose a token is, `refused` counts by reason."""

    def __init__(self, authenticate: Callable[[str], TokenInfo | None], refused: Callable[[str], None]) -> None:
        self._authenticate, self._refused = authenticate, refused
        self._strangers: dict[Connection, None] = {}
        self._known: dict[Connection, str] = {}
        self._sweep: asyncio.TimerHandle | None = None

    @property
    def strangers(self) -> int:
        """Connections without a token."""
        return len(self._strangers)

    @property
    def known(self) -> int:
        """Connections on which a token in force came."""
        return len(self._known)

    @property
    def connections(self) -> tuple[Connection, ...]:
        """All of them: those without a token first."""
        return (*self._strangers, *self._known)

    def enter(self, connection: Connection) -> None:
        """A connection begins, as a stranger's; the oldest stranger's goes when there are too many."""
        self._strangers[connection] = None
        if self._sweep is None:
            self._sweep = asyncio.get_running_loop().call_later(SWEEP, self._close_stalled)
        if len(self._strangers) > STRANGERS_MAX:
            self._end(next(iter(self._strangers)), "strangers")
        if len(self._strangers) + len(self._known) > CONNECTIONS_MAX:
            older = (each for each in self._strangers if each is not connection)
            self._end(next(older, None) or self._idle(self._known) or connection, "connections")

    def introduce(self, connection: Connection, token: str) -> None:
        """A token came on it: from now on the connection is that token's."""
        if connection not in self._strangers:
            return
        info = self._authenticate(token)
        if info is None:
            return
        del self._strangers[connection]
        self._known[connection] = info.name
        same = [each for each, name in self._known.items() if name == info.name]
        if len(same) > CONNECTIONS_A_TOKEN:
            self._end(self._idle(same) or connection, "token")

    def leave(self, connection: Connection) -> None:
        """It has ended."""
        self._strangers.pop(connection, None)
        self._known.pop(connection, None)

    def close(self) -> None:
        """The server ends: nobody looks any more."""
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
        """Let those go that take nothing of their answer, also when they are closed already."""
        self._sweep = asyncio.get_running_loop().call_later(SWEEP, self._close_stalled)
        for connection in list(self._strangers):
            if connection.stands_still() >= round(STUCK_SECONDS / SWEEP):
                self._end(connection, "unread")
        for connection in list(self._known):
            if connection.stands_still() >= round(STUCK_SECONDS_KNOWN / SWEEP):
                self._end(connection, "unread")

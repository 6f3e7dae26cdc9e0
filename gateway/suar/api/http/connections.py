"""Connections of the HTTP server and their resource limits.

The limits always hold: a connection has at most OUTSTANDING_MAX unanswered requests and UNREAD_BYTES that the
application has not read, and door.py admits at most CONNECTIONS_MAX, which hold at most HELD_MAX together.
"""

import asyncio
import re
from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import Any, Final

from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from suar.api.http.access import basic, bearer
from suar.api.http.door import Door
from suar.api.http.head import has_one_reading
from suar.api.http.origins import is_here

HEAD_SECONDS: Final = 15.0  # until a head is complete, and for what follows an answer that was sent early
HEADER_BYTES: Final = 32 * 1024  # of a head and its trailers; nothing of a body
FIELDS_MAX: Final = 200  # of a head and its trailers
FIELD_BYTES: Final = 160  # that a field takes in memory beside its name and value
OUTSTANDING_MAX: Final = 8  # requests of one connection that are not answered
READ_BYTES: Final = 32 * 1024  # read at once
UNREAD_BYTES: Final = 2 * READ_BYTES  # of one connection: bodies, and requests that wait behind another
_HEAD_END: Final = b"\r\n\r\n"
SESSION: Final = "session:"
"""Before the secret of a session, where a token is expected: no token begins so."""
_COOKIE: Final = re.compile(rb"(?:^|;)\s*(?:__Host-)?suar-[a-z]{2}=([A-Za-z0-9_-]{1,64})(?=;|\s|$)")
FEED: Final = "feed:"
"""Before the cookie of the feed, in the same way."""
_FEED_COOKIE: Final = re.compile(rb"(?:^|;)\s*suar_feed=([A-Za-z0-9_-]{1,512})(?=;|\s|$)")


class Wire(asyncio.BufferedProtocol):
    """Reads up to READ_BYTES at a time for a connection; by default, a transport reads 256 KiB."""

    def __init__(self, connection: "Connection", buffer: memoryview) -> None:
        self._connection, self._buffer = connection, buffer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Pass the new transport to the connection."""
        self._connection.connection_made(transport)  # type: ignore[arg-type] # of a socket: it reads and writes

    def connection_lost(self, exc: Exception | None) -> None:
        """Notify the connection that it has ended."""
        self._connection.connection_lost(exc)

    def eof_received(self) -> None:
        """Notify the connection that the caller sends no more data."""
        self._connection.eof_received()

    def pause_writing(self) -> None:
        """Pause writing, because the caller reads too slowly."""
        self._connection.pause_writing()

    def resume_writing(self) -> None:
        """Resume writing."""
        self._connection.resume_writing()

    def get_buffer(self, _: int) -> memoryview:
        """Return the buffer to read into."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Pass `nbytes` bytes of the buffer to the connection."""
        self._connection.data_received(bytes(self._buffer[:nbytes]))


class _Flow(FlowControl):
    """Resumes reading only when all earlier data is consumed."""

    def __init__(self, transport: asyncio.Transport, may_read: Callable[[], bool]) -> None:
        super().__init__(transport)
        self._may_read = may_read

    def resume_reading(self) -> None:
        if self.read_paused and self._may_read():
            super().resume_reading()


class Connection(HttpToolsProtocol):
    """One connection.

    The parser stores heads, trailers and incomplete lines, so bytes that do not complete a part of a request are
    counted. It creates a request from everything that it receives, so it receives one head at a time.
    """

    _is_further = _is_feeding = _is_in_head = False
    _fields = _field_bytes = _kept = _still = _waiting = 0
    _patience: asyncio.TimerHandle | None = None
    _refusal: str | None = None

    def __init__(self, door: Door, **settings: Any) -> None:
        super().__init__(**settings)
        self._door, self.app = door, door.in_turn(self, self.app)
        self._rest = bytearray()  # read, and not passed to the parser
        self._open: deque[RequestResponseCycle] = deque()  # requests that are not answered, oldest first
        self._heads: deque[tuple[int, int]] = deque()  # the bytes and the number of the fields of each of them

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's own
        """Start the flow control and the time limit of the first head, and register the connection with the door."""
        super().connection_made(transport)
        self.flow = _Flow(transport, self._may_read)
        self._await_head()
        self._door.enter(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Deregister the connection, and notify every unanswered request that its caller has disconnected."""
        self._end_wait()
        self._door.leave(self)
        self._rest.clear()
        super().connection_lost(exc)
        for cycle in self._open:  # uvicorn notifies the last one only
            cycle.disconnected = True
            cycle.message_event.set()

    @property
    def outstanding(self) -> int:
        """Requests that are not answered."""
        return len(self._open)

    @property
    def unread(self) -> int:
        """Return the bytes that were read and not processed yet: bodies, and what is behind an unanswered request."""
        return len(self._rest) + self._unread()

    @property
    def held(self) -> int:
        """Return the bytes of memory that everything takes which was read and is not answered."""
        heads = sum(size + FIELD_BYTES * fields for size, fields in self._heads)
        return len(self._rest) + self._kept + heads + sum(len(cycle.body) for cycle in self._open)

    # -- received data

    def data_received(self, data: bytes) -> None:
        """Buffer the bytes that were read, and parse as many as the limits allow."""
        self._rest += data
        self._feed()

    def _feed(self) -> None:
        """Pass as much to the parser as the limits allow; pause reading while data remains."""
        self._is_feeding = True
        try:
            while self._rest and self._may_parse():
                end = self._rest.find(_HEAD_END)
                piece = bytes(self._rest[: end + len(_HEAD_END)] if end >= 0 else self._rest)
                del self._rest[: len(piece)]
                self._parse(piece)
        finally:
            self._is_feeding = False
        if self._is_over:
            self._rest.clear()
        elif self._rest or self._unread() > READ_BYTES:
            self.flow.pause_reading()
        self._door.weigh(self, self.held)

    def _parse(self, piece: bytes) -> None:
        self._is_further = False
        super().data_received(piece)
        self._kept = 0 if self._is_further else self._kept + len(piece)
        if self._kept > HEADER_BYTES and not self._is_over:
            self.send_400_response("The head is too large.")
        if self.is_idle:
            self._await_head()

    def _may_parse(self) -> bool:
        return len(self._open) < OUTSTANDING_MAX and self._unread() <= READ_BYTES and not self._is_over

    def _may_read(self) -> bool:
        """Return whether reading may continue; called whenever the application has read or answered."""
        if not self._is_feeding and self._rest:
            self._feed()
        return not self._rest and self._unread() <= READ_BYTES and not self._is_over

    @property
    def _is_over(self) -> bool:
        """Whether further data is ignored."""
        return self._refusal is not None or self.transport.is_closing()

    def _unread(self) -> int:
        """Return the bytes of bodies that the application has not read, and of heads behind an unanswered request."""
        return sum(len(cycle.body) for cycle in self._open) + sum(size for size, _ in islice(self._heads, 1, None))

    # -- the parser's calls

    def on_message_begin(self) -> None:
        """Start a request: reset the size of its head."""
        self._fields, self._field_bytes, self._is_in_head = 0, 0, True
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Add a header field to the head; trailers are ignored. ValueError if the head is too large."""
        self._fields += 1
        self._field_bytes += len(name) + len(value)
        if self._fields > FIELDS_MAX or self._field_bytes > HEADER_BYTES:
            raise ValueError  # the parser makes a bad request of it
        if self._is_in_head:  # no call uses a trailer, and none may mistake it for a header (RFC 9110, 6.5.1)
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Check the head, identify its token and start the request. ValueError if the head is ambiguous."""
        self._is_further, self._is_in_head = True, False
        if not has_one_reading(self.url, self.headers, self.parser.get_http_version()):
            raise ValueError
        self._end_wait()
        self._door.introduce(self, _token(self.headers), is_here=is_here(self.client, self.server))
        before = self.cycle
        super().on_headers_complete()
        if self.cycle is not before:
            self._open.append(self.cycle)
            self._heads.append((len(self.url) + self._field_bytes, self._fields))
            if self.parser.should_upgrade():  # what follows is in no protocol of ours
                self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """Add bytes of a body to the current request."""
        self._is_further = True
        super().on_body(body)

    # -- answers

    def on_response_complete(self) -> None:
        """Remove the answered request, send a pending refusal, and resume reading."""
        self._open.popleft()
        self._heads.popleft()
        self._is_feeding = True  # the next of the pipeline first
        super().on_response_complete()
        self._is_feeding = False
        if self._refusal is not None:
            self.send_400_response(self._refusal)
        elif not self._is_over:
            self.flow.resume_reading()  # which feeds what waits
        self._door.weigh(self, self.held)

    def send_400_response(self, msg: str) -> None:
        """Refuse after all earlier requests are answered, and never within a response."""
        self._refusal = msg
        self._rest.clear()
        if any(not cycle.more_body for cycle in self._open):
            self.flow.pause_reading()
        elif any(cycle.response_started for cycle in self._open):
            self.transport.close()
        elif not self.transport.is_closing():
            super().send_400_response(msg)

    def abort(self) -> None:
        """Close the connection immediately, without waiting for unread data."""
        self.transport.abort()

    def stalled_checks(self) -> int:
        """Return in how many successive checks the same bytes waited to be read by the caller."""
        waiting = self.transport.get_write_buffer_size()
        self._still = self._still + 1 if waiting and waiting == self._waiting else 0
        self._waiting = waiting
        return self._still

    @property
    def is_idle(self) -> bool:
        """Whether no request is unanswered."""
        return not self._open

    def _await_head(self) -> None:
        if self._patience is None:
            self._patience = self.loop.call_later(HEAD_SECONDS, self._too_late)

    def _end_wait(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _too_late(self) -> None:
        self._patience = None
        if self.is_idle:
            self.transport.close()


def _token(headers: list[tuple[bytes, bytes]]) -> str:
    """Return the token of a head, SESSION and the console's session, FEED and the feed's cookie, or an empty text."""
    header = next((value.decode("latin-1") for name, value in headers if name == b"authorization"), "")
    if header:
        return bearer(header) or basic(header)[1]
    cookies = b";".join(value for name, value in headers if name == b"cookie")
    for before, pattern in ((SESSION, _COOKIE), (FEED, _FEED_COOKIE)):
        if found := pattern.search(cookies):
            return before + found[1].decode("latin-1")
    return ""


def connecting(door: Door) -> Callable[..., Wire]:
    """Return the factory that the server calls for each connection."""
    buffer = memoryview(bytearray(READ_BYTES))  # one for all: what is read is copied at once
    return lambda **settings: Wire(Connection(door, **settings), buffer)

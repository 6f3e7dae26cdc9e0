"""The HTTP server: uvicorn on a socket that we bound, without its signal handlers, logs and banners.

What somebody costs before a token was looked at has bounds: bytes, seconds, connections.
"""

import asyncio
import contextlib
import errno
import socket
from collections.abc import Iterator
from typing import Final

import structlog
import uvicorn
from litestar import Litestar
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from suar.api.app import create_app
from suar.api.facade import Gateway
from suar.protocol.errors import Fault

BACKLOG: Final = 1024
GRACE: Final = 5  # seconds for calls in flight; the whole stop has ten
KEEP_ALIVE: Final = 30  # seconds a silent connection is kept
HEAD_SECONDS: Final = 15.0  # until a call's head is whole, and for what comes behind an answer that was given early
HEADER_BYTES: Final = 32 * 1024  # of a head and its trailers; nothing of a body
CONNECTIONS_MAX: Final = 512  # each is an open file, of which the bus and the store need theirs
_MEND: Final = "mend http.listen in suar.toml, or set SUAR_HTTP__LISTEN"


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the gateway's: it stops more than HTTP."""
        yield


class _Connection(HttpToolsProtocol):
    """One connection. The parser keeps heads, trailers and half a line of either, so bytes that bring a call no further
    are counted.
    """

    _is_further = False
    _fields = _kept = 0
    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's own
        super().connection_made(transport)
        if len(self.connections) > CONNECTIONS_MAX:
            transport.close()
        else:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_wait()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._is_further = False
        super().data_received(data)
        self._kept = 0 if self._is_further else self._kept + len(data)
        if self._kept > HEADER_BYTES and not self.transport.is_closing():
            self.send_400_response("The head is too large.")
        if self._is_idle:
            self._await_head()

    def on_message_begin(self) -> None:
        self._fields = 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._fields += len(name) + len(value)
        if self._fields > HEADER_BYTES:
            raise ValueError  # the parser makes a bad request of it
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._is_further = True
        self._end_wait()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._is_further = True
        super().on_body(body)

    @property
    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _await_head(self) -> None:
        if self._patience is None:
            self._patience = self.loop.call_later(HEAD_SECONDS, self._too_late)

    def _end_wait(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _too_late(self) -> None:
        self._patience = None
        if self._is_idle:
            self.transport.close()


class HttpServer:
    """Serves one application at a time; `url` is where, once it is started."""

    def __init__(self) -> None:
        self.url = ""
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None
        self._socket: socket.socket | None = None
        self._stopping = asyncio.Event()

    async def start(self, app: Litestar, listen: tuple[str, int]) -> tuple[str, int]:
        """Serve `app` at (host, port) and return where it listens: port 0 lets the system choose.

        Raises Fault when the address is taken, not ours or not permitted.
        """
        self._socket = _bind(*listen)
        self._stopping = app.state.context.stopping
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=GRACE,
            http=_Connection,
        )
        self._server = _Server(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[self._socket]), name="http")
        while not self._server.started:
            if self._task.done():
                self._task.result()
                raise Fault("the HTTP server ended while it started", "see the log")
            await asyncio.sleep(0.005)
        host, port = self._socket.getsockname()[:2]
        self.url = url_of(host, port)
        return host, port

    async def stop(self) -> None:
        """Take no new calls, end those in flight within GRACE seconds, close the socket."""
        if self._server is None or self._task is None:
            return
        self._stopping.set()
        self._server.should_exit = True
        try:
            await self._task
        finally:
            if self._socket:
                self._socket.close()
            self._server = self._task = self._socket = None


async def start_http(gateway: Gateway) -> HttpServer:
    """Serve the API of `gateway` where its settings say. Raises Fault as `HttpServer.start`."""
    http = gateway.config.http
    if not http.is_loopback:
        structlog.get_logger().warning("http_open_to_network", listen=http.listen)
    server = HttpServer()
    await server.start(create_app(gateway), http.address)
    return server


def url_of(host: str, port: int) -> str:
    """How a program on this machine calls a server that listens at `host`."""
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        host = "127.0.0.1" if host == "0.0.0.0" else "::1"  # noqa: S104
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _bind(host: str, port: int) -> socket.socket:
    where = f"{host}:{port}"
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        bound = socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except socket.gaierror:
        raise Fault(f"{where}: no such host", _MEND) from None
    except OSError as error:
        reasons = {
            errno.EADDRINUSE: ("another program listens there already", f"stop it, or {_MEND}"),
            errno.EADDRNOTAVAIL: ("the address is not this machine's", _MEND),
            errno.EACCES: ("no permission to listen there", f"choose a port above 1023: {_MEND}"),
        }
        text, hint = reasons.get(error.errno or 0, ((error.strerror or "it failed").lower(), _MEND))
        raise Fault(f"cannot listen on {where}: {text}", hint) from None
    bound.setblocking(False)
    return bound

"""The HTTP server: uvicorn on a socket that we bound, without its signal handlers, logs and banners.

A gateway's runs in a thread with an event loop of its own: however busy callers keep it, the loops of the bus go on
(docs/adr/0031). What somebody costs before a token was looked at has bounds, see connections.py.
"""

import asyncio
import contextlib
import errno
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial
from typing import Final

import structlog
import uvicorn
from litestar import Litestar
from litestar.types import ASGIApp, Receive, Scope, Send

from suar.api.app import create_app, routed
from suar.api.http.access import is_ours
from suar.api.http.connections import FEED, SESSION, connecting
from suar.api.http.door import Door
from suar.api.http.head import answering_head
from suar.api.http.origins import preflighted
from suar.api.http.tls import Certificate, TlsListener
from suar.api.standby import StandbyCalls
from suar.protocol.base.errors import Fault
from suar.service.access.tokens import TokenInfo
from suar.service.feed.cookies import token_of_cookie
from suar.service.process.gateway import Gateway
from suar.service.process.standby import Standby
from suar.service.settings.config import Config

BACKLOG: Final = 128  # accepted at once; fewer than strangers may have, so that each is read before it must be closed
GRACE: Final = 5  # seconds for calls in flight; the whole stop has ten
KEEP_ALIVE: Final = 30  # seconds a silent connection is kept
LOCAL: Final = "127.0.0.1"
_MEND: Final = "mend http.listen in suar.toml, or set SUAR_HTTP__LISTEN"
CONSOLE_PATHS: Final = ("/console", "/m")
"""Whose pages are the console's, itself and below; all else is the API's."""
Console = Callable[[Gateway], ASGIApp]


def fork(api: ASGIApp, console: ASGIApp, stopping: asyncio.Event) -> ASGIApp:
    """Both on one port: the console below its paths, the API elsewhere.

    The console's answers that go on find `stopping` as `suar.stopping` in their scope.
    """

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path = str(scope.get("path", ""))
        scope["suar.stopping"] = stopping  # type: ignore[typeddict-unknown-key] # servers may add keys of their own
        is_page = any(path == each or path.startswith(f"{each}/") for each in CONSOLE_PATHS)
        await (console if is_page else api)(scope, receive, send)

    return app


def identify_connection(gateway: Gateway, token: str, *, is_here: bool) -> TokenInfo | None:
    """Whose a connection is (`is_here`: of this machine), by a token, a session or a cookie of the feed."""
    if token.startswith(FEED):
        token = token_of_cookie(gateway.core, token.removeprefix(FEED))
    if not token.startswith(SESSION):
        return gateway.authenticate(token, is_here=is_here)
    info = gateway.people.identify(token.removeprefix(SESSION))
    return None if info is None else TokenInfo(info.person.id, frozenset())


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ending = asyncio.Event()

    async def main_loop(self) -> None:
        """Set the date of answers each second until `ending` is set; uvicorn's own looks ten times a second."""
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.ending.wait(), 1)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the gateway's: it stops more than HTTP."""
        yield


class HttpServer:
    """Serves one application at a time; `url` is where, once it is started."""

    def __init__(self) -> None:
        self.url = ""
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None
        self._sockets: list[socket.socket] = []
        self._tls: TlsListener | None = None
        self._stopping = asyncio.Event()
        self.door: Door | None = None  # its connections, once it is started

    async def start(
        self, app: Litestar, listen: tuple[str, int], console: ASGIApp | None = None,
        certificate: Certificate | None = None,
    ) -> tuple[str, int]:  # fmt: skip
        """Serve `app`, and `console` below its paths, at (host, port); port 0 lets the system choose.

        With a certificate the address accepts TLS alone, and `url` is one of this machine without it, for commands.
        Raises Fault when the address is in use, not ours or not permitted.
        """
        context = app.state.context
        door = Door(partial(identify_connection, context.gateway), context.metrics.connection_refused)
        self._stopping = context.stopping
        context.metrics.watch_connections(door)
        served = preflighted(answering_head(app), context.gateway.config.http, is_ours)
        if console is not None:
            served = fork(served, console, context.stopping)
        return await self.serve(served, listen, door, certificate)

    async def serve(
        self, served: ASGIApp, listen: tuple[str, int], door: Door, certificate: Certificate | None = None
    ) -> tuple[str, int]:  # fmt: skip
        """Serve an application as it is, whose connections `door` bounds; else as `start`."""
        self._sockets = [_bind(*listen)]
        if certificate is not None:
            self._sockets.append(_bind(LOCAL, 0))
        self.door = door
        config = uvicorn.Config(
            served,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=GRACE,
            backlog=BACKLOG,
            http=connecting(self.door),  # type: ignore[arg-type] # it is called, not subclassed
        )
        self._server = _Server(config)
        self._task = asyncio.create_task(self._server.serve(sockets=self._sockets[-1:]), name="http")
        while not self._server.started:
            if self._task.done():
                self._task.result()
                raise Fault("the HTTP server ended while it started", "see the log")
            await asyncio.sleep(0.005)
        host, port = self._sockets[0].getsockname()[:2]
        self.url = url_of(*self._sockets[-1].getsockname()[:2])
        if certificate is not None:
            self._tls = TlsListener(self._sockets[0], self.door, certificate, self._protocol(config))
            self._tls.start()
        return host, port

    def _protocol(self, config: uvicorn.Config) -> Callable[[], asyncio.BaseProtocol]:
        """What makes a protocol as the server does for its own socket."""
        server, loop, made = self._server, asyncio.get_running_loop(), config.http_protocol_class
        assert server is not None  # noqa: S101 - it has started
        return lambda: made(
            config=config, server_state=server.server_state, app_state=server.lifespan.state, _loop=loop
        )  # type: ignore[call-arg]

    async def stop(self) -> None:
        """Accept no new calls, end those in flight within GRACE seconds, close the socket."""
        if self._server is None or self._task is None:
            return
        self._stopping.set()
        if self._tls is not None:
            self._tls.stop()
        self._server.should_exit = True
        self._server.ending.set()
        try:
            await self._task
        finally:
            for each in self._sockets:
                each.close()
            if self.door:
                self.door.close()
            self._server = self._task = self._tls = None
            self._sockets = []


class ThreadedServer:
    """A gateway's server in a thread of its own, with an event loop of the kind that the caller's is."""

    def __init__(self, gateway: Gateway, console: Console | None = None) -> None:
        self.url = ""
        self._gateway, self._console = gateway, console
        self._started: Future[str] = Future()
        self._ended: Future[None] = Future()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None

    async def start(self) -> None:
        """Serve at the address of the settings. Raises Fault like `HttpServer.start`."""
        factory = type(asyncio.get_running_loop())
        threading.Thread(target=self._run, args=(factory,), name="http", daemon=True).start()
        self.url = await asyncio.wrap_future(self._started)

    async def stop(self) -> None:
        """Answer what is open, then end."""
        if self._loop is not None and self._stop is not None:
            with contextlib.suppress(RuntimeError):  # it has ended
                self._loop.call_soon_threadsafe(self._stop.set)
        await asyncio.wrap_future(self._ended)

    def _run(self, factory: Callable[[], asyncio.AbstractEventLoop]) -> None:
        try:
            with asyncio.Runner(loop_factory=factory) as runner:
                runner.run(self._serve())
        except BaseException as error:
            if not self._started.done():
                self._started.set_exception(error)
                self._ended.set_result(None)
            else:
                self._ended.set_exception(error)
        else:
            self._ended.set_result(None)

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = HttpServer()
        console = self._console(self._gateway) if self._console is not None else None
        config = self._gateway.config
        await server.start(create_app(self._gateway), config.http.address, console, certificate_of(config))
        self._started.set_result(server.url)
        try:
            await self._stop.wait()
        finally:
            await server.stop()


async def start_standby(
    standby: Standby, config: Config, token: str, *, pages: Callable[[], object] | None = None
) -> HttpServer:  # fmt: skip
    """Serve the state of a gateway that waits to lead, at the address of the settings. Raises Fault like
    `HttpServer.start`.

    What it will serve is registered before, so that it leads at once: every call, and the console by `pages`.
    """
    await asyncio.to_thread(routed)
    if pages is not None:
        await asyncio.to_thread(pages)
    server, waiting = HttpServer(), StandbyCalls(standby, token, metrics_open=config.http.metrics_open)
    await server.serve(waiting, config.http.address, Door(waiting.identify, _uncounted), certificate_of(config))
    return server


def _uncounted(_reason: str) -> None:
    """A standby has no metrics."""


async def start_http(gateway: Gateway, console: Console | None = None) -> ThreadedServer:
    """Serve the API of `gateway`, and the console if there is one, at the address of its settings.

    Raises Fault like `HttpServer.start`.
    """
    http = gateway.config.http
    if not http.is_loopback:
        structlog.get_logger().warning("http_open_to_network", listen=http.listen)
    server = ThreadedServer(gateway, console)
    await server.start()
    return server


def certificate_of(config: Config) -> Certificate | None:
    """The certificate that the settings name. Fault when its files do not serve."""
    http = config.http
    if not http.tls_cert_file:
        return None
    return Certificate(config.folder / http.tls_cert_file, config.folder / http.tls_key_file)


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
    bound.setsockopt(
        socket.IPPROTO_TCP, socket.TCP_NODELAY, 1
    )  # connections have it too: a body follows its head at once
    bound.setblocking(False)
    return bound

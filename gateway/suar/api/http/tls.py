"""TLS of our own for the HTTP server: a certificate that is read again when its file changes.

The handshake is a connection of the door before it is one of a caller, so that strangers who begin many of them are
closed as all strangers are; each has HANDSHAKE_SECONDS. Connections of the machine's own socket stay without TLS.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog

from suar.api.http.door import Door
from suar.protocol.base.errors import Fault

HANDSHAKE_SECONDS: Final = 10.0
RELOAD_SECONDS: Final = 10.0  # between two checks of the files
ACCEPT_AGAIN: Final = 1.0  # seconds after the machine refused a connection


class Certificate:
    """The context for new connections; `reload` makes another one when a file changed."""

    def __init__(self, certificate: Path, key: Path) -> None:
        self._files = (certificate, key)
        self._seen = self._stamps()
        self.context = self._made()

    def reload(self) -> bool:
        """Load the certificate again. Returns False if it is the same, or does not serve, which changes nothing and is
        logged.
        """
        stamps = self._stamps()
        if stamps == self._seen:
            return False
        self._seen = stamps
        try:
            self.context = self._made()
        except Fault as fault:
            structlog.get_logger().warning("http_certificate_kept", error=fault.text)
            return False
        structlog.get_logger().info("http_certificate_changed", file=str(self._files[0]))
        return True

    async def watch(self) -> None:
        """Check the files repeatedly."""
        while True:
            await asyncio.sleep(RELOAD_SECONDS)
            await asyncio.to_thread(self.reload)

    def _made(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        try:
            context.load_cert_chain(*self._files, password=_no_password)
        except (OSError, ssl.SSLError, ValueError) as error:
            raise Fault(
                f"http.tls_cert_file and http.tls_key_file do not serve: {getattr(error, 'strerror', None) or error}",
                "name the chain and its key in PEM, readable by the gateway, the key without a passphrase",
            ) from None
        return context

    def _stamps(self) -> tuple[tuple[int, int, int] | None, ...]:
        return tuple(map(_stamp, self._files))


def _stamp(file: Path) -> tuple[int, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _no_password() -> str:
    """Never prompt at the terminal."""
    raise ValueError("the key is sealed with a passphrase")


class Handshake:
    """A connection before it is a caller's, as the door sees it."""

    is_idle = True

    def __init__(self) -> None:
        self.task: asyncio.Task[None] | None = None

    def abort(self) -> None:
        """End at once."""
        if self.task is not None:
            self.task.cancel()

    def stalled_checks(self) -> int:
        """Nothing is written to a caller yet."""
        return 0


class TlsListener:
    """Accepts connections at a socket, and passes each to a protocol of `factory` once its handshake is done."""

    def __init__(
        self,
        listening: socket.socket,
        door: Door,
        certificate: Certificate,
        factory: Callable[[], asyncio.BaseProtocol],
    ) -> None:
        self._socket, self._door, self._certificate, self._factory = listening, door, certificate, factory
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Accept connections, and check the files of the certificate."""
        for each in (self._accept(), self._certificate.watch()):
            self._keep(asyncio.create_task(each, name="tls"))

    def stop(self) -> None:
        """Accept no new connections, and end handshakes in progress."""
        for task in tuple(self._tasks):
            task.cancel()

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _ = await loop.sock_accept(self._socket)
            except OSError:  # too many open files: others will end
                await asyncio.sleep(ACCEPT_AGAIN)
                continue
            begun = Handshake()
            begun.task = loop.create_task(self._secure(connection, begun))
            self._keep(begun.task)
            self._door.enter(begun)

    async def _secure(self, connection: socket.socket, begun: Handshake) -> None:
        try:
            connection.setblocking(False)
            await asyncio.get_running_loop().connect_accepted_socket(
                self._factory, connection, ssl=self._certificate.context, ssl_handshake_timeout=HANDSHAKE_SECONDS
            )
        except (OSError, ssl.SSLError):  # no caller of ours: a scanner, or a browser that does not trust us
            connection.close()
        except asyncio.CancelledError:
            connection.close()
            raise
        finally:
            self._door.leave(begun)

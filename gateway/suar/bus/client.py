"""A nats-py client with stricter handling of the server: its options, its read loop, and its end.

nats-py trusts its server too much: a subject or header that does not decode, an unexpected greeting, or a late answer
to a ping ends its read loop silently. It also connects to any address that a greeting names, and continues unencrypted
if a greeting does not offer TLS. Each override below says which of these it prevents.
"""

import asyncio
import contextlib
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from nats import errors
from nats.aio import client as nats_client
from nats.aio.msg import Msg

from suar.bus import wire

RECONNECT_WAIT = 0.25  # seconds between two connection attempts to the own server
PENDING_SIZE = 4 * 1024 * 1024  # bytes buffered before a publisher has to wait for the socket
CLOSE_WITHIN: Final = 2  # seconds, before the options are known
CHUNK: Final = 32 * 1024  # bytes read at once
WAITING_MESSAGES: Final = 16_384  # unprocessed messages of one subscription; further ones are dropped
WAITING_BYTES: Final = 32 * 1024 * 1024
_GREETING: Final = {
    "server_id": str, "version": str, "nonce": str, "client_ip": str, "headers": bool, "auth_required": bool,
    "tls_required": bool, "ldm": bool, "max_payload": int, "client_id": int,
}  # fmt: skip


def options(tls: ssl.SSLContext | None) -> dict[str, Any]:
    """Return the arguments of `Client.connect` for every connection."""
    settings: dict[str, Any] = {
        "allow_reconnect": True,
        "max_reconnect_attempts": -1,
        "reconnect_time_wait": RECONNECT_WAIT,  # annotated as int in nats-py, but only used to sleep
        "connect_timeout": 2,
        "ping_interval": 10,
        "max_outstanding_pings": 2,
        "pending_size": PENDING_SIZE,
        "flush_timeout": 2.0,
    }
    return settings if tls is None else settings | {"tls": tls}


@dataclass(frozen=True, slots=True)
class ReadFailed:
    """What the server sent could not be read.

    `last` names the last message that was begun; `at` is from time.time().
    """

    why: str
    last: str
    at: float

    @property
    def text(self) -> str:
        """The failure as text for a person."""
        return f"{self.why}; last message: {self.last or 'none'}"


class Client(nats_client.Client):
    """nats-py's client with minimal trust in its server.

    `on_read_failed` is called if the read loop ends because of what it read; the client is then closed.
    """

    def __init__(self, on_read_failed: Callable[[ReadFailed], None] = lambda _: None) -> None:
        super().__init__()
        self._ps = self._parser = wire.Parser(self)  # type: ignore[assignment]
        self._on_read_failed = on_read_failed
        self.is_unreadable = False

    @property
    def unparsed(self) -> int:
        """Return the number of bytes that were read and are not a whole message yet."""
        return len(self._parser.buf)

    # -- connecting

    def close_socket(self) -> None:
        """Close the socket, whatever state nats-py is in; unsent data is discarded.

        If a server dies between accepting and greeting, nats-py 2.16 otherwise reconnects over the socket that it left
        open.
        """
        writer = getattr(self._transport, "_io_writer", None)
        if writer is not None:
            with contextlib.suppress(AttributeError):  # in Python 3.13 the loop is gone with the connection
                writer.transport.abort()

    def cancel_subscriptions(self) -> None:
        """End the tasks of the subscriptions, which nats-py leaves running if its close fails."""
        for subscription in self._subs.values():
            subscription._stop_processing()
        self._subs.clear()

    async def _close(self, status: int, do_cbs: bool = True) -> None:
        """Close completely, in a bounded time.

        nats-py stays half closed, without a callback, if its last bytes cannot be sent, and waits for ever for the end
        of a TLS handshake that it gave up.
        """
        was_closed = self.is_closed
        try:
            async with asyncio.timeout(self.options.get("connect_timeout", CLOSE_WITHIN)):
                await super()._close(status, do_cbs)
        except OSError:  # a TimeoutError is one
            self.close_socket()
            self.cancel_subscriptions()
            for callback in (self._disconnected_cb, self._closed_cb):
                if do_cbs and not was_closed and callback is not None:
                    await callback()

    async def _connect_to_server(self, s: nats_client.Srv) -> None:
        self.close_socket()
        await super()._connect_to_server(s)

    async def _process_connect_init(self) -> None:
        """Treat a greeting that nats-py cannot read as one failed attempt, not as the end of its reconnecting."""
        try:
            await super()._process_connect_init()
            if not self.is_connected:
                raise errors.Error("nats: no PONG after CONNECT")
        except (OSError, errors.Error):
            self._end_tasks()
            raise
        except Exception as error:
            self._end_tasks()
            raise errors.Error(f"nats: unreadable greeting ({type(error).__name__})") from error

    def _end_tasks(self) -> None:
        for task in (self._reading_task, self._ping_interval_task, self._flusher_task):
            if task is not None and task is not asyncio.current_task():
                task.cancel()

    async def _process_info(self, info: dict[str, Any], initial_connection: bool = False) -> None:
        """Use only the needed fields of a greeting, and connect to no address that it names.

        With TLS configured, a greeting without TLS is refused before anything is sent.
        """
        if not initial_connection:
            return
        for name, kind in _GREETING.items():
            if name in info and type(info[name]) is not kind:
                raise errors.Error(f"nats: greeting with an unreadable {name}")
        self._server_info = {name: info[name] for name in _GREETING if name in info}
        info.clear()
        info |= self._server_info  # nats-py continues with its own reference
        wants_tls = "tls" in self.options and self.options["tls"] is not None
        wants_tls = wants_tls or (self._current_server is not None and self._current_server.uri.scheme == "tls")
        if wants_tls and not info.get("tls_required", False):
            raise errors.Error("nats: the server offers no TLS")

    # -- reading

    async def _read_loop(self) -> None:
        """Read until the connection ends.

        If something cannot be read, the client is closed permanently and reports it.
        """
        try:
            while self._transport is not None and not (self.is_closed or self.is_reconnecting):
                data = await self._transport.read(CHUNK)
                if not data:
                    end = errors.UnexpectedEOF()
                    await self._error_cb(end)
                    await self._process_op_err(end)
                    return
                await self._parser.parse(data)
        except OSError as error:
            await self._process_op_err(error)
        except Exception as error:  # a client that no longer reads must not appear connected
            why = str(error) if isinstance(error, wire.Malformed) else type(error).__name__
            self.is_unreadable = True
            self._on_read_failed(ReadFailed(why[: wire.TEXT], self._parser.last, time.time()))
            self._err = error
            await self._close(Client.CLOSED, True)

    async def _process_err(self, err_msg: str) -> None:
        """Close on the first of many errors in one read; nats-py starts a task for each."""
        if not self.is_closed:
            await super()._process_err(err_msg)

    async def _process_pong(self) -> None:
        """Ignore an answer to a ping that was given up; nats-py raises an exception for it."""
        if self._pongs:
            waiting = self._pongs.pop(0)
            if not waiting.done():
                waiting.set_result(True)
            self._pongs_received += 1
            self._pings_outstanding = 0

    async def _process_headers(self, headers: bytes | None) -> dict[str, str] | None:
        return wire.headers(bytes(headers)) if headers else None

    def _build_message(
        self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: dict[str, str] | None
    ) -> Msg:
        return Msg(
            _client=self, subject=wire.printable(subject), reply=wire.printable(reply), data=data, headers=headers,
            _sid=sid,
        )  # fmt: skip


async def end(client: Client) -> None:
    """Close a client, and its socket if nats-py does not."""
    with contextlib.suppress(Exception):
        async with asyncio.timeout(2):
            await client.close()
    client.cancel_subscriptions()
    client.close_socket()  # still open if close() took too long or was cancelled

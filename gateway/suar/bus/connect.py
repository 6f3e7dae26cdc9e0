"""One connection to the member's own NATS server that is kept up permanently.

nats-py reconnects by itself, but it also closes permanently (an authorization error on a live connection), can stay
"connected" with a dead read loop, and leaves requests pending across a disconnect. So a `Bus` supervises one nats-py
client and replaces it when it is closed or no longer reads. It restores subscriptions, and pending requests fail with
`Disconnected` as soon as the connection does.
"""

import asyncio
import contextlib
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from suar.bus.client import RECONNECT_WAIT, WAITING_BYTES, WAITING_MESSAGES, Client, ReadFailed, end, options
from suar.bus.errors import Disconnected, NoAnswer
from suar.bus.replies import Replies
from suar.bus.wire import TEXT

PROBE_EVERY = 5.0  # seconds between two checks that the connection still answers
PROBE_TIMEOUT = 5.0
REPLACE_AFTER = 15.0  # seconds without a connection after which the client is replaced
CANCEL_AGAIN = 0.2  # seconds
MAX_WAIT = 5.0  # most seconds before the next attempt, if what the server sends repeatedly cannot be read
HELD = 30.0  # seconds: a connection that lasted this long resets the waiting time

Callback = Callable[[Msg], Awaitable[None]]
Hook = Callable[[], None]


@dataclass(frozen=True, slots=True)
class BusEvent:
    """An event of a bus: `kind` is connected, disconnected, error or read_failed; `detail` never contains a secret."""

    kind: str
    detail: str


class Bus:
    """A supervised connection; `start` returns at once, so that a gateway runs while its server is away.

    `urls` are nats:// or tls:// addresses, `nkey_seed` is the user's seed (SU...), `inbox_prefix` must be one that the
    user's permissions allow.
    """

    def __init__(
        self,
        urls: str | Sequence[str],
        nkey_seed: bytes,
        inbox_prefix: str,
        name: str,
        *,
        tls: ssl.SSLContext | None = None,
        on_event: Callable[[BusEvent], None] | None = None,
    ) -> None:
        self.urls = [urls] if isinstance(urls, str) else list(urls)
        self.inbox_prefix = inbox_prefix
        self.name = name
        self.generation = 0  # number of connections made; after a change the server's state for us is lost
        self.last_error = ""
        self.read_failed: ReadFailed | None = None
        self._failures = 0  # consecutive clients that could not read what the server sent
        self._seed = nkey_seed
        self._tls = tls
        self._event = on_event or (lambda _: None)
        self._client: Client | None = None
        self._dialled: Client | None = None
        self._up = asyncio.Event()
        self._gone = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.replies = Replies(inbox_prefix)
        self._subscriptions: dict[str, Callback] = {self.replies.subject: self.replies.on_message}
        self._subscribed: set[str] = set()  # subscriptions of the present client
        self._down_hooks: list[Hook] = []

    def __repr__(self) -> str:
        return f"<bus {self.name} {'connected' if self.is_connected else 'disconnected'}>"

    @property
    def is_connected(self) -> bool:
        """Whether the server can be used now; it does not prove health, see `Puller` for that."""
        return self._up.is_set() and self._client is not None and self._client.is_connected

    @property
    def server_id(self) -> str:
        """The id that the server gave itself when it started; empty without a connection."""
        return str(self._client._server_info.get("server_id", "")) if self.is_connected and self._client else ""

    @property
    def is_refused(self) -> bool:
        """Whether the server's last error was that it does not know this user."""
        return "authorization" in self.last_error.lower()

    def on_disconnect(self, hook: Hook) -> None:
        """Register `hook` to be called after every lost connection."""
        self._down_hooks.append(hook)

    async def start(self) -> None:
        """Start the supervision; returns at once."""
        if self._task is None:
            self._task = asyncio.create_task(self._keep(), name=f"bus {self.name}")

    async def wait_connected(self, timeout: float | None = None) -> None:  # noqa: ASYNC109 - names the error
        """Wait for a connection. Raises Disconnected with the last error after `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout):
                await self._up.wait()
        except TimeoutError:
            raise Disconnected(self.last_error or "no connection") from None

    async def close(self) -> None:
        """Send what is pending, then end the connection; pending requests fail with Disconnected."""
        task, self._task = self._task, None
        while task is not None and not task.done():
            task.cancel()  # repeated, because nats-py swallows a cancellation in connect() or close()
            await asyncio.wait({task}, timeout=CANCEL_AGAIN)
        self._lost("closed")

    async def __aenter__(self) -> "Bus":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def publish(
        self, subject: str, data: bytes = b"", reply: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        """Write a message to the socket. Raises Disconnected; nothing is buffered for a later connection."""
        client = self._client
        if client is None or not self.is_connected:
            raise Disconnected(self.last_error or "no connection")
        try:
            await client.publish(subject, data, reply, dict(headers) if headers else None)
        except (NatsError, OSError, AttributeError) as error:  # AttributeError: nats-py lost its transport
            raise Disconnected(str(error) or type(error).__name__) from error

    async def request(
        self,
        subject: str,
        data: bytes = b"",
        timeout: float = 5.0,  # noqa: ASYNC109 - part of the answer's meaning: NoAnswer
        headers: Mapping[str, str] | None = None,
    ) -> Msg:
        """Return one answer. Raises NoAnswer, NoResponders, NotPermitted and Disconnected."""
        reply, future = self.replies.future(subject)
        try:
            async with asyncio.timeout(timeout):
                await self.publish(subject, data, reply, headers)
                return await future
        except TimeoutError:
            raise NoAnswer(f"no answer to {subject} in {timeout:g} s") from None
        finally:
            self.replies.forget(reply)
            future.cancel()

    async def subscribe(self, subject: str, callback: Callback) -> None:
        """Subscribe now and after every reconnect; `callback` must not block."""
        self._subscriptions[subject] = callback
        if self._client is not None:
            with contextlib.suppress(NatsError):  # it is closing; the next client subscribes
                await self._subscribe(self._client, subject)

    # -- keeping the connection

    async def _keep(self) -> None:
        while True:
            client = Client(self._on_read_failed)
            started = time.monotonic()
            try:
                await self._dial(client)
                await self._watch(client)
            except Exception as error:  # in any case the attempts must continue
                self._note(error)
                await asyncio.sleep(RECONNECT_WAIT)
            finally:
                self._dialled = None
                self._lost("connection replaced")
                await end(client)
            is_flood = client.is_unreadable and time.monotonic() - started < HELD
            self._failures = min(self._failures + 1, 10) if is_flood else 0
            if is_flood:
                await asyncio.sleep(min(RECONNECT_WAIT * 2**self._failures, MAX_WAIT))

    async def _dial(self, client: Client) -> None:
        """Connect; callbacks of an earlier client that is ending are ignored."""
        self._dialled = client
        self._gone.clear()
        await client.connect(
            self.urls,
            name=self.name,
            nkeys_seed_str=self._seed.decode(),
            inbox_prefix=self.inbox_prefix,
            error_cb=partial(self._on_error, client),
            disconnected_cb=partial(self._on_disconnected, client),
            reconnected_cb=partial(self._on_reconnected, client),
            closed_cb=partial(self._on_closed, client),
            **options(self._tls),
        )
        self._client, self._subscribed = client, set()
        while missing := self._subscriptions.keys() - self._subscribed:  # more may be added in the meantime
            for subject in missing:
                await self._subscribe(client, subject)
        self._found()

    async def _subscribe(self, client: Client, subject: str) -> None:
        """Subscribe once for each client; nats-py restores its own subscriptions after its own reconnects."""
        if subject not in self._subscribed:
            self._subscribed.add(subject)
            await client.subscribe(
                subject,
                cb=self._subscriptions[subject],
                pending_msgs_limit=WAITING_MESSAGES,
                pending_bytes_limit=WAITING_BYTES,
            )

    async def _watch(self, client: Client) -> None:
        """Return when this client cannot be used any more: closed, not reading, or unable to reconnect."""
        lost_since: float | None = None
        clock = asyncio.get_running_loop().time
        while not client.is_closed:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PROBE_EVERY):
                    await self._gone.wait()
                return
            if client.is_connected:
                lost_since = None
                if not await self._is_answering(client):
                    return
            else:
                lost_since = lost_since or clock()
                if clock() - lost_since > REPLACE_AFTER:
                    return

    async def _is_answering(self, client: Client) -> bool:
        """Whether a PING is answered; a reconnect in between, which drops the PING, counts as yes."""
        generation = self.generation
        try:
            async with asyncio.timeout(2 * PROBE_TIMEOUT):  # nats-py waits endlessly for a server that reads nothing
                await client.rtt(PROBE_TIMEOUT)  # type: ignore[arg-type]  # int by annotation only
        except (NatsError, OSError, AttributeError):
            return generation != self.generation
        return True

    def _found(self) -> None:
        self.generation += 1
        self.last_error = ""
        self._up.set()
        self._event(BusEvent("connected", self.name))

    def _lost(self, why: str) -> None:
        was_up = self._up.is_set()
        self._up.clear()
        self.replies.fail(Disconnected(why))
        if was_up:
            self._event(BusEvent("disconnected", why))
            for hook in self._down_hooks:
                hook()

    def _note(self, error: Exception) -> None:
        self.last_error = str(error).removeprefix("nats: ")[:TEXT] or type(error).__name__
        self._event(BusEvent("error", self.last_error))

    def _on_read_failed(self, failed: ReadFailed) -> None:
        """Report it, and have the client replaced at once."""
        self.read_failed = failed
        self.last_error = failed.why
        self._event(BusEvent("read_failed", failed.text))
        self._gone.set()

    async def _on_error(self, client: Client, error: Exception) -> None:
        if client is not self._dialled:
            return
        text = str(error)
        if "permissions violation" in text:
            self.replies.forbidden(text)
        self._note(error)

    async def _on_disconnected(self, client: Client) -> None:
        if client is self._dialled:
            self._lost("connection lost")

    async def _on_reconnected(self, client: Client) -> None:
        if client is self._dialled:
            self._found()

    async def _on_closed(self, client: Client) -> None:
        if client is self._dialled:
            self._gone.set()

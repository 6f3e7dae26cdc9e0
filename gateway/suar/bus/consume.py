"""Pulls from a durable consumer in the order of its stream, and detects a dead connection.

One pull request is open at a time. While the caller commits a batch, the next messages collect in the buffer, so a
batch is what has arrived in the meantime, and nothing waits for a batch to fill. The server sends heartbeats into an
open request; when they stop, `fetch` raises `HeartbeatsStopped` instead of waiting.

Order after a crash: messages that were delivered but not acknowledged (lost with a connection or a killed process)
would be delivered again only after `ack_wait`, after newer messages and in any order. (nats-server 2.15 redelivers to a
request whose client is gone repeatedly for a quarter of a second, which shuffles its queue; and while it considers a
dead connection alive, every second message goes there.) So the puller returns messages strictly by stream sequence,
which has no gaps: after each (re)connection it refuses every outstanding delivery at once, and a message after a
missing sequence is held while the missing one is refused repeatedly until it arrives here.
"""

import asyncio
import contextlib
import secrets
from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec
from nats.aio.msg import Msg

from suar.bus import jsapi
from suar.bus.connect import Bus
from suar.bus.errors import CONSUMER_NOT_FOUND, ApiError, BusError, HeartbeatsStopped, NoAnswer, NoResponders

MAX_MESSAGES = 500
MAX_BYTES = 8 * 1024 * 1024
EXPIRES = 5.0  # lifetime of an open request in seconds; that of a dead gateway takes messages as long
HEARTBEAT = 2.0  # seconds between two heartbeats of an idle request
SILENCE = 2 * HEARTBEAT + 1.0  # seconds without activity before the connection counts as dead
MEND_EVERY = 1.0  # seconds between two requests for what is missing before a held message
ABANDON_AFTER = 60.0  # seconds: twice `ack_wait`, in which everything outstanding was delivered again
MOST = 4096  # most messages kept, twice what a consumer of ours can have outstanding
MOST_BYTES = 8 * MAX_BYTES
_TOO_LARGE = "message size exceeds maxbytes"  # the next message alone exceeds the request, which would never deliver it
_GONE = ("consumer deleted", "consumer is push based", "stream deleted")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message. `delivered` counts deliveries (1: the first), `pending` is what the consumer has after it.

    `timestamp` is when the stream stored it, in nanoseconds since 1970.
    """

    subject: str
    data: bytes = field(repr=False)
    stream_seq: int
    delivered: int
    pending: int
    timestamp: int
    _reply: str = field(repr=False)
    _bus: Bus = field(repr=False)

    async def ack(self) -> None:
        """Acknowledge it; call after the commit.

        The server does not confirm it; if it is lost the message is delivered again.
        """
        await self._bus.publish(self._reply)

    async def in_progress(self) -> None:
        """Tell the server that work continues, so that `ack_wait` starts again."""
        await self._bus.publish(self._reply, b"+WPI")


class Puller:
    """Pulls from `consumer` of `stream`, which must exist. It uses only MSG.NEXT, ACK and the two INFO calls."""

    def __init__(self, bus: Bus, stream: str, consumer: str) -> None:
        self._bus, self._stream, self._consumer = bus, stream, consumer
        self._prefix = f"{bus.inbox_prefix}.{secrets.token_hex(8)}"
        self._buffer: deque[Delivery] = deque()
        self._arrived = asyncio.Event()
        self._is_subscribed = False
        self._generation = -1  # generation of the connection of the open request and the buffer
        self._request = 0  # number of the open request; part of its reply subject
        self._left = 0  # messages that it may still deliver; 0: none is open
        self._is_next_too_large = False  # the next message is requested alone, whatever its size
        self._next = 0  # stream sequence of the message that may be returned next
        self._held: dict[int, Delivery] = {}  # messages after a missing sequence
        self._kept = 0  # bytes in buffer and held
        self._mend_at = self._held_since = 0.0
        self._trouble: BusError | None = None
        self._last_sign = 0.0
        bus.on_disconnect(self._arrived.set)

    async def fetch(
        self, max_messages: int = MAX_MESSAGES, max_bytes: int = MAX_BYTES, wait: float = 1.0
    ) -> list[Delivery]:
        """Return the messages that have arrived, at most `max_messages`; waits up to `wait` seconds for the first, else
        [].

        Raises Disconnected, NoResponders (no such consumer) and HeartbeatsStopped; the next call then starts again.
        """
        deadline = self._now() + wait
        while True:
            await self._ready(max_messages, max_bytes)
            await self._recover_missing()
            if self._buffer:
                return self._pop_ready(max_messages)
            if (left := self._next_check(deadline) - self._now()) > 0:
                self._arrived.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(left):
                        await self._arrived.wait()
            elif self._now() >= self._last_sign + SILENCE:
                self._left = 0
                self._generation = -1
                raise HeartbeatsStopped(f"no sign of {self._stream}/{self._consumer} for {SILENCE:g} s")
            else:
                return []

    def _pop_ready(self, most: int) -> list[Delivery]:
        batch = [self._buffer.popleft() for _ in range(min(most, len(self._buffer)))]
        self._kept -= sum(len(each.data) for each in batch)
        return batch

    def _next_check(self, deadline: float) -> float:
        """Return when to check again: the caller's deadline, the silence limit, or the next request for missing
        messages.
        """
        until = min(deadline, self._last_sign + SILENCE)
        return min(until, self._mend_at) if self._held else until

    async def info(self) -> jsapi.Json:
        """Return the consumer's state: `num_pending`, `num_ack_pending`, `delivered`, `ack_floor`."""
        return await jsapi.consumer_info(self._bus, self._stream, self._consumer)

    # -- the open request ---------------------------------------------------------------------------------------

    async def _ready(self, max_messages: int, max_bytes: int) -> None:
        """Ensure that a request of this connection is open, or that there is something to return."""
        if self._generation != self._bus.generation or not self._bus.is_connected:
            await self._begin()
        trouble, self._trouble = self._trouble, None
        if trouble is not None:
            raise trouble
        if self._left == 0 and not self._buffer:
            await self._open(max_messages, max_bytes)

    async def _begin(self) -> None:
        """Start with a new connection: drop what the old one delivered and have it delivered again in order."""
        self._left, self._trouble = 0, None
        self._forget()
        generation = self._bus.generation
        if not self._is_subscribed:
            await self._bus.subscribe(f"{self._prefix}.*", self._on_message)
            self._is_subscribed = True
        try:
            await self._return_outstanding(await self.info())
        except ApiError as error:
            if error.err_code != CONSUMER_NOT_FOUND:
                raise
            raise NoResponders(f"no consumer {self._consumer} on {self._stream}") from error
        except NoAnswer as error:
            raise HeartbeatsStopped(str(error)) from error
        self._last_sign = self._now()
        self._generation = generation

    async def _return_outstanding(self, info: jsapi.Json) -> None:
        """Refuse what was delivered and not acknowledged, and continue after what was acknowledged."""
        arrived = sorted([*self._buffer, *self._held.values()], key=lambda each: each.stream_seq)  # arrived since
        self._forget()
        self._next = info["ack_floor"]["stream_seq"] + 1
        for delivery in arrived:
            self._accept(delivery)
        if info["num_ack_pending"]:
            await self._nak_up_to(info["delivered"]["stream_seq"], info)

    def _forget(self) -> None:
        self._buffer.clear()
        self._held.clear()
        self._kept = 0

    async def _nak_up_to(self, last: int, info: jsapi.Json) -> None:
        """Have missing messages up to `last` delivered at once.

        The server ignores sequences that are not outstanding.
        """
        newest = info["delivered"]["consumer_seq"]
        for seq in range(self._next, last + 1):
            if seq in self._held:
                continue
            await self._bus.publish(f"$JS.ACK.{self._stream}.{self._consumer}.1.{seq}.{newest}.0.0", b"-NAK")

    # -- in the stream's order ----------------------------------------------------------------------------------

    def _accept(self, delivery: Delivery) -> None:
        """Return the next message or a redelivered one; hold the rest.

        What exceeds the limit is dropped and redelivered.
        """
        if len(self._buffer) + len(self._held) >= MOST or self._kept > MOST_BYTES:
            return
        self._kept += len(delivery.data)
        if delivery.stream_seq in self._held:  # the newer delivery replaces it
            self._kept -= len(self._held.pop(delivery.stream_seq).data)
        if delivery.stream_seq <= self._next:
            self._buffer.append(delivery)
            self._release_after(max(self._next, delivery.stream_seq + 1))
            return
        if not self._held:
            self._held_since = self._now()
            self._mend_at = self._held_since + MEND_EVERY
        self._held[delivery.stream_seq] = delivery

    def _release_after(self, number: int) -> None:
        """Mark everything before `number` as done, and return held messages that follow it."""
        self._next = number
        for seq in sorted(self._held) if self._held else ():
            if seq > self._next:
                break
            self._buffer.append(self._held.pop(seq))
            self._next = max(self._next, seq + 1)
            self._held_since = self._now()

    async def _recover_missing(self) -> None:
        """Have missing messages delivered again.

        What was acknowledged, or deleted from the stream, is not delivered any more.
        """
        if not self._held or self._now() < self._mend_at:
            return
        info, state = await self.info(), (await jsapi.stream_info(self._bus, self._stream))["state"]
        self._release_after(max(self._next, info["ack_floor"]["stream_seq"] + 1, state["first_seq"]))
        if self._held and self._now() > self._held_since + ABANDON_AFTER:
            self._release_after(min(self._held))
        if self._held:
            await self._nak_up_to(max(self._held), info)
        self._mend_at = self._now() + MEND_EVERY

    async def _open(self, max_messages: int, max_bytes: int) -> None:
        self._request += 1
        self._left = 1 if self._is_next_too_large else max_messages
        self._last_sign = self._now()
        body = {
            "batch": self._left,
            "expires": int(EXPIRES * 1e9),
            "idle_heartbeat": int(HEARTBEAT * 1e9),
        }
        if not self._is_next_too_large:
            body["max_bytes"] = max_bytes
        self._is_next_too_large = False
        await self._bus.publish(
            f"$JS.API.CONSUMER.MSG.NEXT.{self._stream}.{self._consumer}",
            msgspec.json.encode(body),
            f"{self._prefix}.{self._request}",
        )

    async def _on_message(self, message: Msg) -> None:
        self._last_sign = self._now()
        if message.reply.startswith("$JS.ACK."):
            self._accept(_delivery(message, self._bus))
            self._left = max(0, self._left - 1)
            self._arrived.set()
        elif message.subject == f"{self._prefix}.{self._request}":
            self._on_status(message.headers or {})

    def _on_status(self, headers: dict[str, str]) -> None:
        status, text = headers.get("Status", ""), headers.get("Description", "")
        if status == "100":  # a heartbeat
            return
        self._left = 0  # 404, 408, 409: this request has ended; the next fetch opens another
        if status == "503":
            self._trouble = NoResponders(f"no consumer {self._consumer} on {self._stream}")
        elif text.lower() == _TOO_LARGE:
            self._is_next_too_large = True
        elif text.lower() in _GONE:
            self._trouble = NoResponders(f"{self._stream}/{self._consumer}: {text.lower()}")
        elif status not in {"404", "408", "409"}:
            self._trouble = ApiError(int(status or 0), text)
        self._arrived.set()

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()


class AckNumbers(NamedTuple):
    """The metadata of a delivered message, from its reply subject; `at` in nanoseconds since 1970."""

    delivered: int
    stream_seq: int
    consumer_seq: int
    at: int
    pending: int


def ack_numbers(reply: str) -> AckNumbers:
    """Read `$JS.ACK.[<domain>.<account>.]<stream>.<consumer>.<delivered>.<sseq>.<dseq>.<time>.<pending>[.<token>]`."""
    parts = reply.split(".")
    at = 4 if len(parts) < 11 else 6
    try:
        return AckNumbers(*map(int, parts[at : at + 5]))
    except (TypeError, ValueError) as error:
        raise ApiError(0, "a delivery whose reply has no numbers") from error


def _delivery(message: Msg, bus: Bus) -> Delivery:
    ack = ack_numbers(message.reply)
    return Delivery(
        message.subject, message.data, ack.stream_seq, ack.delivered, ack.pending, ack.at, message.reply, bus
    )

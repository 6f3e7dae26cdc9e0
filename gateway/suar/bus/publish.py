"""Pipelined publishing into a JetStream stream, each message with its own answer.

nats-py's `publish_async` never resolves if the server refuses (nats.py #985). Here every message has a reply subject in
our own inbox; up to `window` of them are unanswered, and each future ends as a `PubAck`, `PublishRefused` (do not
repeat), `NoResponders`, `NoAnswer` or `Disconnected` (repeat with the same id: it may have been stored, and then the
answer says `duplicate`).
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import msgspec
from nats.aio.msg import Msg

from suar.bus.connect import Bus
from suar.bus.errors import BusError, NoAnswer, PublishRefused

WINDOW = 1000
ACK_TIMEOUT = 5.0  # seconds; a healthy server with `sync_interval: always` answers in well under one


@dataclass(frozen=True, slots=True)
class PubAck:
    """The confirmation: `seq` in the stream; `is_duplicate` if an earlier copy was stored instead."""

    seq: int
    is_duplicate: bool


class _Error(msgspec.Struct):
    err_code: int = 0
    code: int = 0
    description: str = ""


class _Answer(msgspec.Struct):
    seq: int = 0
    duplicate: bool = False
    error: _Error | None = None


_decode = msgspec.json.Decoder(_Answer).decode


class Publisher:
    """Publishes in the order of the calls; `window` messages may be unanswered before a call waits."""

    def __init__(self, bus: Bus, *, window: int = WINDOW, ack_timeout: float = ACK_TIMEOUT) -> None:
        self._bus, self._replies = bus, bus.replies
        self._slots = asyncio.Semaphore(window)
        self._ack_timeout = ack_timeout
        self._deadlines: deque[tuple[float, str, asyncio.Future[PubAck]]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    async def publish(
        self, subject: str, data: bytes, msg_id: str, after: str = "", last: int | None = None,
        more: Mapping[str, str] | None = None,
    ) -> asyncio.Future[PubAck]:  # fmt: skip
        """Send one message with header Nats-Msg-Id, and `more` headers. Raises Disconnected without a connection.

        With `after`, the server stores it only directly after the message with that id (else err_code 10070), and with
        `last` only while that is the stream's last sequence (else 10071).
        """
        headers = {**(more or {}), "Nats-Msg-Id": msg_id}
        if after:
            headers["Nats-Expected-Last-Msg-Id"] = after
        if last is not None:
            headers["Nats-Expected-Last-Sequence"] = str(last)
        await self._slots.acquire()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[PubAck] = loop.create_future()
        reply = self._replies.expect(subject, _resolver(future))
        future.add_done_callback(lambda _: self._slots.release())
        try:
            await self._bus.publish(subject, data, reply, headers)
        except BaseException:
            self._replies.forget(reply)
            future.cancel()
            raise
        self._deadlines.append((loop.time() + self._ack_timeout, reply, future))
        self._arm(loop)
        return future

    async def publish_all(
        self, messages: Iterable[tuple[str, bytes, str]], last: int | None = None
    ) -> list[PubAck | BusError]:
        """Publish (subject, data, id) in order, all into one stream; returns one result each, in the same order.

        With `last`, the first must follow that sequence of the stream. Each names the one before it, so that no message
        overtakes a refused one; the later ones are then refused too. Stops sending at a disconnect. For one caller at a
        time.
        """
        futures: list[asyncio.Future[PubAck] | BusError] = []
        lost: BusError | None = None
        before = ""
        for subject, data, msg_id in messages:
            if lost is None:
                try:
                    futures.append(await self.publish(subject, data, msg_id, before, last))
                    before, last = msg_id, None
                    continue
                except BusError as error:
                    lost = error
            futures.append(lost)
        return [await _outcome(each) for each in futures]

    def _arm(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is None and self._deadlines:
            self._timer = loop.call_at(self._deadlines[0][0], self._sweep, loop)

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        """Time out unanswered messages with one timer, because answers arrive in order and the oldest is the first to
        be late.
        """
        self._timer = None
        while self._deadlines and (self._deadlines[0][2].done() or self._deadlines[0][0] <= loop.time()):
            _, reply, future = self._deadlines.popleft()
            if not future.done():
                self._replies.forget(reply)
                future.set_exception(NoAnswer(f"no acknowledgement in {self._ack_timeout:g} s"))
        self._arm(loop)


def _resolver(future: asyncio.Future[PubAck]) -> Callable[[Msg | BusError], None]:
    def resolve(answer: Msg | BusError) -> None:
        if future.done():
            return
        if isinstance(answer, BusError):
            future.set_exception(answer)
            return
        try:
            future.set_result(_read(answer.data))
        except BusError as error:
            future.set_exception(error)

    return resolve


def _read(data: bytes) -> PubAck:
    try:
        answer = _decode(data)
    except msgspec.DecodeError as error:
        raise NoAnswer("an acknowledgement that is no JSON") from error
    if answer.error is not None:
        raise PublishRefused(answer.error.err_code or answer.error.code, answer.error.description)
    return PubAck(answer.seq, answer.duplicate)


async def _outcome(each: asyncio.Future[PubAck] | BusError) -> PubAck | BusError:
    if isinstance(each, BusError):
        return each
    try:
        return await each
    except BusError as error:
        return error

"""The JetStream API, used directly: one request, one answer, or an `ApiError` with its number.

nats-py's helpers send more requests than a restricted user may (account or stream name look-ups), so every call here
uses exactly one subject, which the permissions in nats_permissions.py name.
"""

from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec
from nats.aio.msg import Msg

from suar.bus.connect import Bus
from suar.bus.errors import DELETE_FAILED, SEQUENCE_NOT_FOUND, ApiError, NoAnswer
from suar.bus.wire import TEXT, printable

Json = dict[str, Any]
API = "$JS.API"
TIMEOUT = 5.0  # seconds; creating a replicated stream on a busy server takes longest


class JetStream(Protocol):
    """The recipient of requests: a connection reaches JetStream of its own account, `Imported` that of another one."""

    async def request(self, subject: str, data: bytes = b"", timeout: float = TIMEOUT) -> Msg:  # noqa: ASYNC109
        """Return one answer, as `Bus.request` does."""
        ...


@dataclass(frozen=True, slots=True)
class Imported:
    """JetStream of another account, whose API an import provides under `prefix`."""

    bus: Bus
    prefix: str

    async def request(self, subject: str, data: bytes = b"", timeout: float = TIMEOUT) -> Msg:  # noqa: ASYNC109
        """Return one answer, as `Bus.request` does."""
        return await self.bus.request(self.prefix + subject.removeprefix(API), data, timeout)


@dataclass(frozen=True, slots=True)
class Stored:
    """A message read back from a stream."""

    subject: str
    seq: int
    data: bytes = field(repr=False)
    time: str


async def call(bus: JetStream, api: str, body: Json | None = None, wait: float = TIMEOUT) -> Json:
    """Send a request to `$JS.API.<api>`. Raises ApiError and the errors of `Bus.request`."""
    return await call_subject(bus, f"{API}.{api}", body, wait)


async def call_subject(bus: JetStream, subject: str, body: Json | None = None, wait: float = TIMEOUT) -> Json:
    """Send the same request to an API that an import provides under another subject."""
    message = await bus.request(subject, msgspec.json.encode(body) if body is not None else b"", wait)
    return read_answer(subject, message.data)


def read_answer(subject: str, data: bytes) -> Json:
    """Return a decoded answer. Raises ApiError for an error, and NoAnswer for anything that is not an answer.

    An imported API is answered by the other side of the border, which may send any bytes.
    """
    try:
        answer = msgspec.json.decode(data)
        error = answer.get("error")
        if error is None:
            return dict(answer)
        code, text = int(error.get("err_code", error.get("code", 0))), str(error.get("description", ""))
    except (msgspec.DecodeError, RecursionError, AttributeError, TypeError, ValueError) as wrong:
        raise NoAnswer(f"an answer on {subject} that is none of JetStream's") from wrong
    raise ApiError(code, text[:TEXT])


async def stream_info(bus: JetStream, stream: str) -> Json:
    """Return the stream's configuration and state. Raises as `call` does."""
    return await call(bus, f"STREAM.INFO.{stream}")


def bytes_and_limit(info: Json) -> tuple[int, int] | None:
    """Return the bytes that a stream holds and its limit, from its info; None for one without a limit."""
    held, limit = int(info["state"]["bytes"]), int(info["config"].get("max_bytes", -1))
    return (held, limit) if limit > 0 else None


async def consumer_info(bus: JetStream, stream: str, consumer: str) -> Json:
    """Return the consumer's configuration and state. Raises as `call` does."""
    return await call(bus, f"CONSUMER.INFO.{stream}.{consumer}")


async def last_for_subject(bus: Bus, stream: str, subject: str) -> Stored | None:
    """Return the newest message on `subject` (wildcards allowed), or None; needs `allow_direct` on the stream."""
    return _stored(await bus.request(f"$JS.API.DIRECT.GET.{stream}.{subject}"))


async def get(bus: Bus, stream: str, seq: int) -> Stored | None:
    """Return the message with that sequence, or None; needs `allow_direct`."""
    return _stored(await bus.request(f"$JS.API.DIRECT.GET.{stream}", msgspec.json.encode({"seq": seq})))


async def next_for_subject(bus: Bus, stream: str, subject: str, seq: int) -> Stored | None:
    """Return the first message on `subject` from that sequence on, or None; needs `allow_direct`."""
    wanted = {"seq": seq, "next_by_subj": subject}
    return _stored(await bus.request(f"$JS.API.DIRECT.GET.{stream}", msgspec.json.encode(wanted)))


async def delete_message(bus: Bus, stream: str, seq: int) -> bool:
    """Delete a message and overwrite it on disk; True if it is gone, False if the stream denies it."""
    try:
        await call(bus, f"STREAM.MSG.DELETE.{stream}", {"seq": seq})
    except ApiError as error:
        if error.err_code == DELETE_FAILED and "not permitted" in error.description:
            return False
        if error.err_code not in {DELETE_FAILED, SEQUENCE_NOT_FOUND}:
            raise
    return True


def _stored(message: Msg) -> Stored | None:
    """Return the stored message. Only the server's own headers, which come last, count; a status line may be forged."""
    headers = message.headers or {}
    seq = headers.get("Nats-Sequence", "")
    if seq.isdecimal():
        subject = printable(headers.get("Nats-Subject", "").encode())
        return Stored(subject, int(seq), message.data, headers.get("Nats-Time-Stamp", ""))
    if headers.get("Status") == "404":
        return None
    raise ApiError(int(headers.get("Status", "0")), headers.get("Description", "an answer without a number")[:TEXT])

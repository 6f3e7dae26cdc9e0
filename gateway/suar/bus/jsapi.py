"""The JetStream API, spoken directly: a request, an answer, or an `ApiError` with its number.

nats-py's helpers ask more than a narrow user may (an account look-up here, a stream name search there), so every call
below is exactly one subject, and the permissions in nats_permissions.py name it.
"""

from dataclasses import dataclass, field
from typing import Any

import msgspec
from nats.aio.msg import Msg

from suar.bus.connect import Bus
from suar.bus.errors import ApiError

Json = dict[str, Any]
TIMEOUT = 5.0  # seconds; creating a replicated stream on a busy server takes the longest


@dataclass(frozen=True, slots=True)
class Stored:
    """A message read back from a stream."""

    subject: str
    seq: int
    data: bytes = field(repr=False)
    time: str


async def call(bus: Bus, api: str, body: Json | None = None, wait: float = TIMEOUT) -> Json:
    """Request `$JS.API.<api>`; raises `ApiError` and what `Bus.request` raises."""
    return await ask(bus, f"$JS.API.{api}", body, wait)


async def ask(bus: Bus, subject: str, body: Json | None = None, wait: float = TIMEOUT) -> Json:
    """The same for an API that an import has put under another subject."""
    message = await bus.request(subject, msgspec.json.encode(body) if body is not None else b"", wait)
    answer: Json = msgspec.json.decode(message.data)
    error = answer.get("error")
    if error is not None:
        raise ApiError(int(error.get("err_code", error.get("code", 0))), str(error.get("description", "")))
    return answer


async def stream_info(bus: Bus, stream: str) -> Json:
    return await call(bus, f"STREAM.INFO.{stream}")


async def consumer_info(bus: Bus, stream: str, consumer: str) -> Json:
    return await call(bus, f"CONSUMER.INFO.{stream}.{consumer}")


async def last_for_subject(bus: Bus, stream: str, subject: str) -> Stored | None:
    """The newest message on `subject` (wildcards allowed), or None; needs `allow_direct` on the stream."""
    return _stored(await bus.request(f"$JS.API.DIRECT.GET.{stream}.{subject}"))


async def get(bus: Bus, stream: str, seq: int) -> Stored | None:
    """The message with that number, or None; needs `allow_direct`."""
    return _stored(await bus.request(f"$JS.API.DIRECT.GET.{stream}", msgspec.json.encode({"seq": seq})))


def _stored(message: Msg) -> Stored | None:
    headers = message.headers or {}
    status = headers.get("Status")
    if status == "404":
        return None
    if status is not None:
        raise ApiError(int(status), headers.get("Description", ""))
    return Stored(headers["Nats-Subject"], int(headers["Nats-Sequence"]), message.data, headers["Nats-Time-Stamp"])

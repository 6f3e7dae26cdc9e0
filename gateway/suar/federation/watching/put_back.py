"""Finds a stream of the hub that was put back to an older copy, by what it held before its server started again.

A stream only grows: under a number that it had it holds the same object, or none once that was deleted. In memory: a
watchdog that was started after the put-back cannot know it.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from suar.bus.errors import NO_MESSAGE, ApiError
from suar.bus.jsapi import JetStream, Json, call
from suar.federation.watching.rounds import SourceState, now

REPORTED_FOR: Final = 600.0  # seconds
DETAIL: Final = (
    "{0} held number {1} and ends at {2}: the hub's store was put back to an older copy, or lost its end; what members "
    "received meanwhile is not lost, and what they send next may be dropped until the numbers are passed: they request "
    "it; see deploy/nats/README.md"
)


class _Mark(NamedTuple):
    """The last object of a stream at the check before: the server that held it, its number, and when it was stored."""

    server: str
    last: int
    at: str


@dataclass(slots=True)
class PutBacks:
    """Compares each stream of the hub with the check before."""

    _marks: dict[str, _Mark] = field(default_factory=dict, init=False)
    _reported: dict[str, tuple[float, str]] = field(default_factory=dict, init=False)

    async def compare(self, bus: JetStream, server: str, info: Json) -> list[SourceState]:
        """Return a record for ten minutes after the stream was put back, and one when these are over."""
        name, mark = info["config"]["name"], _mark(server, info)
        before = self._marks.get(name)
        self._marks[name] = mark
        record = f"store of {name}"
        if before is not None and await _is_put_back(bus, name, before, mark):
            self._reported[name] = now() + REPORTED_FOR, DETAIL.format(name, before.last, mark.last)
        if name not in self._reported:
            return []
        until, detail = self._reported[name]
        if now() < until:
            return [SourceState(record, "put-back", 0.0, detail)]
        del self._reported[name]
        return [SourceState(record, "healthy", 0.0)]


def _mark(server: str, info: Json) -> _Mark:
    return _Mark(server, int(info["state"]["last_seq"]), str(info["state"]["last_ts"]))


async def _is_put_back(bus: JetStream, name: str, before: _Mark, mark: _Mark) -> bool:
    if mark.last < before.last:
        return True
    if not mark.server or mark.server == before.server or not before.last:
        return False
    at = mark.at if mark.last == before.last else await _stored_at(bus, name, before.last)
    return at is not None and datetime.fromisoformat(at) != datetime.fromisoformat(before.at)


async def _stored_at(bus: JetStream, name: str, number: int) -> str | None:
    """Return when the object of that number was stored; None if it was deleted."""
    try:
        return str((await call(bus, f"STREAM.MSG.GET.{name}", {"seq": number}))["message"]["time"])
    except ApiError as error:
        if error.err_code != NO_MESSAGE:
            raise
        return None

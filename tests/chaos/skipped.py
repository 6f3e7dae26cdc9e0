"""What the servers skipped by themselves: OUTBOX numbers that IN got only behind later ones, or never, or under the
subject that carried them instead of their own; IN's numbers that REGION got so, and REGION's that an INBOX got so.

A source that is sewn together again after a link that swallowed bytes, or a server that was killed, may go on behind
what it never brought (docs/gaps.md). To the members that is a hub that withholds, so they alarm it and ask again,
rightly. Such an alarm is explained by what the streams themselves say, object by object; nothing else is.
"""

import asyncio
import base64
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Final, NamedTuple

from chaos.stores import Alarmed
from suar.bus import ingest
from suar.bus.connect import Bus
from suar.bus.errors import BusError
from suar.bus.jsapi import JetStream, call, call_subject
from suar.protocol.base.primitives import ACTUAL, EXERCISE
from suar.protocol.transport.epoch import id_of
from support.gateways import Federation

_BATCH: Final = 200
_BUNDLE: Final = "bundle"

Name = tuple[bytes, int | None] | str
"""A frame (epoch, number), an epoch (its id, None), or the word for a key bundle."""


class Stored(NamedTuple):
    """An object as a stream has it; where it was sourced from."""

    place: int
    subject: str
    stream: str
    number: int  # there
    data: bytes

    @property
    def sender(self) -> str:
        """By REGION's subject."""
        return self.subject.split(".")[2].upper()

    def is_for(self, code: str) -> bool:
        """Whether the hub's consumer for that member gives it out (streams.down)."""
        return self.subject.split(".")[5] in ("all", code.lower())


class Skipped:
    """By sender, the objects that the hub, or the receiver's server, did not have when it had later ones."""

    def __init__(self) -> None:
        self.names: dict[str, set[Name]] = defaultdict(set)
        self.there: dict[tuple[str, str], set[Name]] = defaultdict(set)  # by receiver and sender

    def explains(self, alarm: Alarmed, at: str) -> bool:
        """Whether all that the alarm of that member names was skipped."""
        names = self.names[alarm.member] | self.there[at, alarm.member]
        if alarm.name == "bundle-withheld":
            return _BUNDLE in names
        if alarm.name == "epoch-missing":
            return (alarm.epoch_id, None) in names
        if alarm.name not in ("gap", "withheld-tail") or alarm.first is None or alarm.last is None:
            return False
        return all((alarm.epoch_id, seq) in names for seq in range(alarm.first, alarm.last + 1))

    def __len__(self) -> int:
        return sum(map(len, (*self.names.values(), *self.there.values())))


async def skipped(federation: Federation) -> Skipped:
    """From each IN, which notes the number that a message has in its OUTBOX, from REGION, OUTBOXes and INBOXes."""
    hub = federation.nats.hub.admin
    region = [each async for each in _messages(hub, "REGION")]
    found = Skipped()
    for code, side in federation.nats.members.items():
        own = [each async for each in _messages(ingest.of(hub, code), f"IN_{code}") if each.stream == f"OUTBOX_{code}"]
        nameless = {each.number for each in own if each.subject.split(".")[3] == "fed"}  # nobody can get these
        for number in sorted(nameless.union(holes([each.number for each in own]))):
            if (lost := await _at(side.admin, f"OUTBOX_{code}", number)) is not None:
                found.names[code].add(_name(lost.subject, lost.data))
        taken = {each.place: each for each in own}
        for hole in holes([each.number for each in region if each.stream == f"IN_{code}"], sorted(taken)):
            found.names[code].add(_name(taken[hole].subject.split(".", 3)[3], taken[hole].data))
        await _skipped_there(side.admin, code, region, found)
    return found


async def _skipped_there(admin: Bus, code: str, region: Sequence[Stored], found: Skipped) -> None:
    """What REGION has for that member and its INBOX did not have when it had later ones."""
    wanted = {each.place: each for each in region if each.is_for(code)}
    received = [each.number async for each in _messages(admin, f"INBOX_{code}") if each.stream == "REGION"]
    for hole in holes(received, sorted(wanted)):
        lost = wanted[hole]
        found.there[code, lost.sender].add(_name(lost.subject.split(".", 3)[3], lost.data))


def holes(numbers: Iterable[int], wanted: Sequence[int] = range(1, 2**62)) -> Iterable[int]:
    """Numbers that were passed over by a higher one; `wanted` (ascending): those that are to come at all."""
    highest = 0
    for number in numbers:
        yield from wanted[bisect_right(wanted, highest) : bisect_left(wanted, number)]
        highest = max(highest, number)


async def _messages(admin: JetStream, stream: str) -> AsyncIterator[Stored]:
    last = int((await call(admin, f"STREAM.INFO.{stream}"))["state"]["last_seq"])
    for first in range(1, last + 1, _BATCH):
        numbers = range(first, min(first + _BATCH, last + 1))
        for message in await asyncio.gather(*(_at(admin, stream, number) for number in numbers)):
            if message is not None:
                yield message


async def _at(admin: JetStream, stream: str, sequence: int) -> Stored | None:
    try:
        message = (await call_subject(admin, f"$JS.API.STREAM.MSG.GET.{stream}", {"seq": sequence}))["message"]
    except BusError:
        return None
    origin, number = source(base64.b64decode(message.get("hdrs", "")))
    return Stored(sequence, message["subject"], origin, number, base64.b64decode(message.get("data", "")))


def source(headers: bytes) -> tuple[str, int]:
    """`Nats-Stream-Source: <stream>[:<hash>...] <number> ...`; ("", 0) when it was not sourced."""
    for line in headers.decode().splitlines():
        name, _, value = line.partition(": ")
        if name == "Nats-Stream-Source":
            stream, number, *_ = value.split()
            return stream.partition(":")[0], int(number)
    return "", 0


def _name(subject: str, data: bytes) -> Name:
    realm, type_ = (EXERCISE if subject.startswith("x.") else ACTUAL), subject.split(".")[1]
    if type_ == "frame":
        return data[4:36], int.from_bytes(data[36:44], "big")
    if type_ == "epoch":
        return id_of(data, realm), None
    return _BUNDLE if type_ == "keys" else subject

"""What the hub's servers skipped by themselves: OUTBOX numbers that REGION got only behind later ones, or never, or
under the subject that carried them instead of their own.

A source that is sewn together again after a link that swallowed bytes may go on behind what was swallowed. To the
members that is a hub that withholds, so they alarm it and ask again, rightly. Such an alarm is explained by what the
hub's own stream says, object by object; nothing else is.
"""

import asyncio
import base64
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from typing import Final

from chaos.arena import Arena
from chaos.stores import Alarmed
from suar.bus.connect import Bus
from suar.bus.errors import BusError
from suar.bus.jsapi import ask, call
from suar.protocol.primitives import ACTUAL, EXERCISE, hash_

_AT_ONCE: Final = 200
_EPOCH_TAIL: Final = 84  # what an epoch's id is the hash of begins there
_BUNDLE: Final = "bundle"

Name = tuple[bytes, int | None] | str
"""A frame (epoch, number), an epoch (its id, None), or the word for a key bundle."""


class Skipped:
    """By sender, the objects that the hub did not have when it had later ones."""

    def __init__(self) -> None:
        self.names: dict[str, set[Name]] = defaultdict(set)

    def explains(self, alarm: Alarmed) -> bool:
        """Whether all that the alarm names was skipped."""
        names = self.names[alarm.member]
        if alarm.name == "bundle-withheld":
            return _BUNDLE in names
        if alarm.name == "epoch-missing":
            return (alarm.epoch_id, None) in names
        if alarm.name not in ("gap", "withheld-tail") or alarm.first is None or alarm.last is None:
            return False
        return all((alarm.epoch_id, seq) in names for seq in range(alarm.first, alarm.last + 1))

    def __len__(self) -> int:
        return sum(map(len, self.names.values()))


async def skipped(arena: Arena) -> Skipped:
    """From REGION, which notes the number that each message has in its OUTBOX, and from the OUTBOX itself."""
    came: dict[str, list[int]] = defaultdict(list)
    nameless: dict[str, set[int]] = defaultdict(set)  # nobody can get these, see federation/watch.py
    async for subject, headers, _ in _messages(arena.nats.hub.admin, "REGION"):
        stream, number = source(headers)
        code = stream.removeprefix("OUTBOX_")
        came[code].append(number)
        if subject.split(".")[3] == "fed":
            nameless[code].add(number)
    found = Skipped()
    for code, numbers in came.items():
        lacking = set(holes(numbers)) | nameless[code]
        if lacking:
            admin = arena.nats.members[code].admin
            for number in sorted(lacking):
                found.names[code] |= {_name(*object_) async for object_ in _one(admin, f"OUTBOX_{code}", number)}
    return found


def holes(numbers: Iterable[int]) -> Iterable[int]:
    """Numbers that were passed over by a higher one."""
    highest = 0
    for number in numbers:
        yield from range(highest + 1, number)
        highest = max(highest, number)


async def _one(admin: Bus, stream: str, number: int) -> AsyncIterator[tuple[str, bytes]]:
    message = await _at(admin, stream, number)
    if message is not None:
        yield message[0], message[2]


async def _messages(admin: Bus, stream: str) -> AsyncIterator[tuple[str, bytes, bytes]]:
    last = int((await call(admin, f"STREAM.INFO.{stream}"))["state"]["last_seq"])
    for first in range(1, last + 1, _AT_ONCE):
        places = range(first, min(first + _AT_ONCE, last + 1))
        for message in await asyncio.gather(*(_at(admin, stream, place) for place in places)):
            if message is not None:
                yield message


async def _at(admin: Bus, stream: str, place: int) -> tuple[str, bytes, bytes] | None:
    """Subject, headers, bytes."""
    try:
        message = (await ask(admin, f"$JS.API.STREAM.MSG.GET.{stream}", {"seq": place}))["message"]
    except BusError:
        return None
    return message["subject"], base64.b64decode(message.get("hdrs", "")), base64.b64decode(message.get("data", ""))


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
        return hash_("epoch", data[_EPOCH_TAIL:], realm), None
    return _BUNDLE if type_ == "keys" else subject

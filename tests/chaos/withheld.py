"""Which frames the hub really kept from whom: its stream compared with the victims', read by their administrators."""

import asyncio
import base64
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from chaos.arena import Arena
from chaos.schedule import Fault
from chaos.stores import Alarmed, Store
from suar.bus.connect import Bus
from suar.bus.errors import BusError
from suar.bus.jsapi import call, call_subject

Frame = tuple[bytes, int]  # epoch id, number
Gap = tuple[bytes, int, int]
_BATCH: Final = 200


class Lying(NamedTuple):
    """A frame in a stream: its own place there, and the place in REGION that it was sourced from."""

    frame: Frame
    place: int
    source: int


class Gaps:
    """For each victim of withholding: the ranges that its stream skips, and the frames whose first copy it lacks."""

    def __init__(self) -> None:
        self._skipped: dict[str, set[Gap]] = defaultdict(set)
        self._missing: dict[str, set[Frame]] = defaultdict(set)

    def add(self, code: str, here: Sequence[Lying], there: Iterable[Lying]) -> None:
        """`here`: a sender's frames as they lie in the victim's stream; `there`: in REGION."""
        following: dict[bytes, int] = defaultdict(int)
        for (epoch_id, seq), _, _ in here:
            expected = following[epoch_id]
            if seq > expected:
                self._skipped[code].add((epoch_id, expected, seq - 1))
            following[epoch_id] = max(expected, seq + 1)
        found = {lying.source for lying in here}
        first: dict[Frame, int] = {}
        for lying in there:
            first.setdefault(lying.frame, lying.place)
        self._missing[code] |= {frame for frame, source in first.items() if source not in found}

    def must(self, code: str) -> set[Gap]:
        """What `code` must have alarmed with these very numbers."""
        return self._skipped[code]

    def may(self, code: str, alarm: Alarmed) -> bool:
        """Whether each frame that the alarm names was really kept back: also a head that a heartbeat announced."""
        if alarm.first is None or alarm.last is None:
            return False
        return all((alarm.epoch_id, seq) in self._missing[code] for seq in range(alarm.first, alarm.last + 1))


async def exact_gaps(arena: Arena, stores: Mapping[str, Store], withheld: Sequence[Fault]) -> Gaps:
    """From the streams of everybody from whom something was withheld."""
    gaps = Gaps()
    region = await _frames(arena.nats.hub.admin, "REGION") if withheld else []
    for victim in sorted({fault.detail for fault in withheld}):
        inbox = await _frames(arena.nats.members[victim].admin, f"INBOX_{victim}")
        for sender in sorted({fault.target for fault in withheld if fault.detail == victim}):
            sealed = stores[sender].sealed()
            mine = {(frame.epoch_id, frame.seq) for frame in sealed if frame.channel in {"all", victim}}
            gaps.add(victim, [each for each in inbox if each.frame in mine], [r for r in region if r.frame in mine])
    return gaps


async def _frames(admin: Bus, stream: str) -> list[Lying]:
    """Every frame in the stream, in its order."""
    last = int((await call(admin, f"STREAM.INFO.{stream}"))["state"]["last_seq"])
    found: list[Lying] = []
    for first in range(1, last + 1, _BATCH):
        numbers = range(first, min(first + _BATCH, last + 1))
        found += [each for each in await asyncio.gather(*(_at(admin, stream, number) for number in numbers)) if each]
    return found


async def _at(admin: Bus, stream: str, number: int) -> Lying | None:
    try:
        message = (await call_subject(admin, f"$JS.API.STREAM.MSG.GET.{stream}", {"seq": number}))["message"]
    except BusError:
        return None
    data = base64.b64decode(message.get("data", ""))
    if data[:4] != b"SUF1":
        return None
    return Lying(
        (data[4:36], int.from_bytes(data[36:44], "big")), number, _source(base64.b64decode(message.get("hdrs", "")))
    )


def _source(headers: bytes) -> int:
    """`Nats-Stream-Source: <stream> <place> ...`; 0 when it was not sourced."""
    for line in headers.decode().splitlines():
        name, _, value = line.partition(": ")
        if name == "Nats-Stream-Source":
            return int(value.split()[1])
    return 0

"""Which gaps the hub really made: every frame's place in the victims' own streams, read by their administrators."""

import asyncio
import base64
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from chaos.arena import Arena
from chaos.schedule import Fault
from chaos.stores import Alarmed, Store
from suar.bus.connect import Bus
from suar.bus.errors import BusError
from suar.bus.jsapi import ask, call

Gap = tuple[bytes, int, int]
_AT_ONCE: Final = 200


class Gaps:
    """For each victim of withholding: the ranges that its stream skips, and the frames that it never had in order."""

    def __init__(self) -> None:
        self._skipped: dict[str, set[Gap]] = defaultdict(set)
        self._lacking: dict[str, set[tuple[bytes, int]]] = defaultdict(set)

    def add(self, code: str, order: Sequence[tuple[bytes, int]], sent: Iterable[tuple[bytes, int]]) -> None:
        """`order`: frames as they lie in the victim's stream; `sent`: all frames that were published for it."""
        following: dict[bytes, int] = defaultdict(int)
        in_order = set()
        for epoch_id, seq in order:
            expected = following[epoch_id]
            if seq >= expected:
                in_order.add((epoch_id, seq))
                following[epoch_id] = seq + 1
            if seq > expected:
                self._skipped[code].add((epoch_id, expected, seq - 1))
        self._lacking[code] |= set(sent) - in_order

    def must(self, code: str) -> set[Gap]:
        """What `code` must have alarmed with these very numbers."""
        return self._skipped[code]

    def may(self, code: str, alarm: Alarmed) -> bool:
        """Whether each frame that the alarm names was really not there: also a head announced by a heartbeat."""
        if alarm.first is None or alarm.last is None:
            return False
        return all((alarm.epoch_id, seq) in self._lacking[code] for seq in range(alarm.first, alarm.last + 1))


async def exact_gaps(arena: Arena, stores: Mapping[str, Store], withheld: Sequence[Fault]) -> Gaps:
    """From the streams of everybody from whom something was withheld."""
    gaps = Gaps()
    for victim in sorted({fault.detail for fault in withheld}):
        order = await _frames(arena.nats.members[victim].admin, f"INBOX_{victim}")
        wanted = ("all", victim)
        sent = {
            (frame.epoch_id, frame.seq)
            for code, store in stores.items()
            if code != victim
            for frame in store.sealed()
            if frame.channel in wanted
        }
        for sender in sorted({fault.target for fault in withheld if fault.detail == victim}):
            mine = {(f.epoch_id, f.seq) for f in stores[sender].sealed() if f.channel in wanted}
            gaps.add(victim, [frame for frame in order if frame in mine], mine & sent)
    return gaps


async def _frames(admin: Bus, stream: str) -> list[tuple[bytes, int]]:
    """(epoch id, number) of every frame in the stream, in its order."""
    last = int((await call(admin, f"STREAM.INFO.{stream}"))["state"]["last_seq"])
    found: list[tuple[bytes, int]] = []
    for first in range(1, last + 1, _AT_ONCE):
        places = range(first, min(first + _AT_ONCE, last + 1))
        objects = await asyncio.gather(*(_at(admin, stream, place) for place in places))
        found += [(data[4:36], int.from_bytes(data[36:44], "big")) for data in objects if data[:4] == b"SUF1"]
    return found


async def _at(admin: Bus, stream: str, place: int) -> bytes:
    try:
        answer = await ask(admin, f"$JS.API.STREAM.MSG.GET.{stream}", {"seq": place})
    except BusError:
        return b""
    return base64.b64decode(answer["message"].get("data", ""))

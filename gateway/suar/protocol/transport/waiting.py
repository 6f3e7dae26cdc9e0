"""The table of waiting objects (protocol.md section 7) for a run of vectors (section 10).

A waiting object is judged again when it is presented again. 24 hours after it was first judged it is refused by the
rule that it waits for. The objects of one sender in the table are bounded. While the clock is back ([T14]), nothing is
stored, refused or counted.
"""

from dataclasses import dataclass
from typing import Final

from suar.protocol.base import limits
from suar.protocol.transport.outcome import Outcome
from suar.protocol.transport.world import World

_FRAME: Final = "frame"


@dataclass(slots=True)
class _Waiting:
    since: int
    rule: str  # the rule that made it wait when it was last judged
    share: tuple[str, bool]  # the sender, and whether it is a frame
    size: int

    def is_over(self, now: int) -> bool:
        return self.since <= now - limits.WAIT_MAX


class WaitingTable:
    """Waiting objects by subject and bytes, the oldest first."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, bytes], _Waiting] = {}

    def update(self, world: World, subject: str, data: bytes, out: Outcome, now: int) -> None:
        """Record the outcome of an object; `out` becomes a refusal if the table requires it."""
        if out.result == "wait" and out.subject is None:  # [T14] it remains in its stream
            return
        held = self._held.get((subject, data))
        if out.result != "wait" or out.subject is None:
            self._held.pop((subject, data), None)
        elif held is None:
            share = (_share(world, out.subject.sender), out.subject.type == _FRAME)
            self._held[subject, data] = _Waiting(now, out.waits_rule or "", share, len(data))
            self._bound(share, (subject, data), out, now)
        else:
            held.rule = out.waits_rule or ""
            if held.is_over(now):
                del self._held[subject, data]
                _refuse(out)

    def _bound(self, share: tuple[str, bool], newest: tuple[str, bytes], out: Outcome, now: int) -> None:
        """Enforce a sender's bound: its oldest frames are dropped; an object that is not a frame is itself refused."""
        mine = {key: each for key, each in self._held.items() if each.share == share and not each.is_over(now)}
        size, is_of_frames = sum(each.size for each in mine.values()), share[1]
        if not is_of_frames and size > limits.WAIT_OTHER_BYTES:
            del self._held[newest]
            _refuse(out)
        for key, each in mine.items():
            if is_of_frames and size > limits.WAIT_FRAME_BYTES:
                del self._held[key]
                size -= each.size

    def expire(self, world: World, now: int, presented: set[tuple[str, bytes]]) -> list[list[str]]:
        """Return [subject, rule] of the objects that have waited 24 hours and are not in `presented`, oldest first;
        they are refused.
        """
        if world.is_clock_back(now):  # [T14]
            return []
        over = [key for key, each in self._held.items() if each.is_over(now) and key not in presented]
        return [[key[0], self._held.pop(key).rule] for key in over]


def _share(world: World, sender: str) -> str:
    """Return whose bound a sender uses. Senders outside the list share one; before the first list each has its own."""
    return sender if world.trust.current is None or world.trust.member(sender) else ""


def _refuse(out: Outcome) -> None:
    out.result, out.rule = "refused", out.waits_rule

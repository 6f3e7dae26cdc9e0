"""The ways of objects to the member that bench/stepped_federation.py follows, over one hub or two, and what is cut.

Each sender's objects keep their order: what a member sends while it is cut off waits in its OUTBOX, and what is for the
followed member while that one is cut off waits at the hub. While a hub is away, everybody is cut off from that hub.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import NamedTuple


class Object(NamedTuple):
    """One object on its way. `times`: for how many it stands."""

    sender: str
    type: str
    subject: str
    data: bytes
    times: int = 1


class CaughtUp(NamedTuple):
    """What had waited, and came at once."""

    objects: int = 0
    size: int = 0  # bytes


class Line:
    """The way over one hub. `deliver` takes what comes to the followed member."""

    def __init__(self, followed: str, deliver: Callable[[Object], None]) -> None:
        self._followed, self._deliver_now = followed, deliver
        self._cuts: Counter[str] = Counter()  # outages that last, by member
        self._in_outbox: defaultdict[str, list[Object]] = defaultdict(list)
        self._at_hub: list[Object] = []
        self._delivered = CaughtUp()
        self.largest = CaughtUp()

    @property
    def waiting(self) -> int:
        """Objects that wait at the hub or in an OUTBOX."""
        return len(self._at_hub) + sum(map(len, self._in_outbox.values()))

    def send(self, sent: Object) -> None:
        """A member sends it, now or when it is no longer cut off."""
        if self._cuts[sent.sender]:
            self._in_outbox[sent.sender].append(sent)
        else:
            self._forward(sent)

    def cut(self, members: Iterable[str]) -> None:
        """An outage begins."""
        self._cuts.update(members)

    def restore(self, members: Iterable[str]) -> None:
        """It ends: who is in no other outage sends and receives what waited."""
        before = self._delivered
        self._cuts.subtract(members)
        if not self._cuts[self._followed]:
            waiting, self._at_hub = self._at_hub, []
            for each in waiting:
                self._deliver(each)
        for member in members:
            if not self._cuts[member]:
                for each in self._in_outbox.pop(member, ()):
                    self._forward(each)
        caught_up = CaughtUp(self._delivered.objects - before.objects, self._delivered.size - before.size)
        self.largest = max(self.largest, caught_up)

    def _forward(self, sent: Object) -> None:
        if self._cuts[self._followed]:
            self._at_hub.append(sent)
        else:
            self._deliver(sent)

    def _deliver(self, sent: Object) -> None:
        objects, size = self._delivered
        self._delivered = CaughtUp(objects + sent.times, size + sent.times * len(sent.data))
        self._deliver_now(sent)

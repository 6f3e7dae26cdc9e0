"""An in-memory list of the messages in FEED, of every agency, loaded from the stream at the start.

Only the gateway writes the stream, so the list follows what it publishes and erases. It bounds what each agency has
there: one that does not read takes no space from others, and the rest waits in the gateway's own store.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

HELD_EVENTS: Final = 256
"""Events of an agency; what it has read is erased when they are this many."""
HELD_BYTES: Final = 1024 * 1024
"""Of an agency, before one more page is published: 2.5 MiB with it (feed.BYTES, and one message larger than that)."""
OVERHEAD: Final = 1024
"""Bytes of a stored event besides its document: subject, headers, the stream's own."""
GAP: Final = "gap/"
"""The prefix of the id of an event that reports a gap."""


class HeldEvent(NamedTuple):
    """One message of the stream.

    `event` is the id of its event, `before` the position of the feed before it, `at` when it was published (ms).
    """

    seq: int
    agency: str
    event: str
    before: str
    at: int
    size: int

    @property
    def is_gap(self) -> bool:
        """Whether it reports a gap, and is of no message."""
        return self.event.startswith(GAP)

    @property
    def about(self) -> str:
        """The id of the message that it is about."""
        return self.event.partition("/")[0]

    @property
    def revision(self) -> int | None:
        """The revision whose text or tombstone it has; None for a head alone (expired, withdrawn) and a gap."""
        number = self.event.partition("/")[2]
        return int(number) if number.isdecimal() and not self.is_gap else None


class HeldEvents:
    """Every event that the stream holds, by agency and by message."""

    def __init__(self, found: Iterable[HeldEvent] = ()) -> None:
        self._by_agency: dict[str, dict[int, HeldEvent]] = {}
        self._by_message: dict[str, dict[int, HeldEvent]] = {}
        for each in found:
            self.add(each)

    def __len__(self) -> int:
        return sum(map(len, self._by_agency.values()))

    def __iter__(self) -> Iterator[HeldEvent]:
        for held in list(self._by_agency.values()):
            yield from list(held.values())

    def add(self, event: HeldEvent) -> None:
        """It was published."""
        self._by_agency.setdefault(event.agency, {})[event.seq] = event
        self._by_message.setdefault(event.about, {})[event.seq] = event

    def remove(self, event: HeldEvent) -> None:
        """It was erased, or the stream dropped it."""
        for known, name in ((self._by_agency, event.agency), (self._by_message, event.about)):
            held = known.get(name, {})
            held.pop(event.seq, None)
            if not held:
                known.pop(name, None)

    def agencies(self) -> set[str]:
        """Who has events there."""
        return set(self._by_agency)

    def of(self, agency: str) -> list[HeldEvent]:
        """The events of an agency, oldest first."""
        return sorted(self._by_agency.get(agency, {}).values())

    def oldest(self, agency: str) -> HeldEvent:
        """The oldest event of an agency that has some; they are added in the stream's order."""
        return next(iter(self._by_agency[agency].values()))

    def about(self, message: str, agency: str | None = None) -> list[HeldEvent]:
        """The events about a message, of one agency or of all."""
        return [each for each in self._by_message.get(message, {}).values() if agency in (None, each.agency)]

    def has(self, agency: str, event: str) -> bool:
        """Whether an agency has that event there."""
        message = event.partition("/")[0]
        return any(each.event == event for each in self.about(message, agency))

    def is_full(self, agency: str) -> bool:
        """Whether another page of an agency would go beyond its bounds."""
        held = self._by_agency.get(agency, {})
        return len(held) >= HELD_EVENTS or sum(each.size for each in held.values()) >= HELD_BYTES

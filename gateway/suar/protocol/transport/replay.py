"""Which frame may follow which: the sequence rule of one epoch ([F6]).

`judge` decides without changing anything; `consume` uses up the number. So a frame that a later rule refuses has used
its number, and one that this rule refuses has not.
"""

from bisect import bisect_right
from collections.abc import Callable
from typing import Final, Literal, NamedTuple

from suar.protocol.base import limits
from suar.protocol.base.errors import Refused


class HeldFrame(NamedTuple):
    """What is kept of every frame of an epoch until 35 days after the epoch began; after that F2 refuses its frames."""

    hash: bytes
    prev: bytes


Lookup = Callable[[int], HeldFrame | None]


class Verdict(NamedTuple):
    """`late` fills a recorded gap; `gap` is the exact range that is now missing."""

    kind: Literal["next", "late", "duplicate"]
    gap: tuple[int, int] | None = None


class Ranges:
    """Sorted, disjoint ranges of missing numbers, both ends included."""

    __slots__ = ("_ranges",)

    def __init__(self, ranges: list[tuple[int, int]] | None = None) -> None:
        self._ranges = list(ranges or [])

    def __iter__(self):  # type: ignore[no-untyped-def]  # of tuple[int, int]; the list's own iterator
        return iter(self._ranges)

    def __len__(self) -> int:
        """Return how many numbers are missing."""
        return sum(last - first + 1 for first, last in self._ranges)

    def __contains__(self, number: int) -> bool:
        return self._find(number) is not None

    def _find(self, number: int) -> int | None:
        at = bisect_right(self._ranges, (number, limits.INTEGER_MAX)) - 1
        return at if at >= 0 and self._ranges[at][0] <= number <= self._ranges[at][1] else None

    def add(self, first: int, last: int) -> None:
        """Add a range after all existing ones."""
        if first > last:
            return
        if self._ranges and self._ranges[-1][1] == first - 1:
            first = self._ranges.pop()[0]
        self._ranges.append((first, last))

    def insert(self, number: int) -> None:
        """Add one number at any position."""
        if number in self:
            return
        at = bisect_right(self._ranges, (number, limits.INTEGER_MAX))
        first = last = number
        if at < len(self._ranges) and self._ranges[at][0] == number + 1:
            last = self._ranges.pop(at)[1]
        if at and self._ranges[at - 1][1] == number - 1:
            at -= 1
            first = self._ranges.pop(at)[0]
        self._ranges.insert(at, (first, last))

    def before(self, number: int) -> int:
        """Return the first of the missing numbers directly before `number`, or `number` if there is none."""
        at = self._find(number - 1)
        return number if at is None else self._ranges[at][0]

    def remove(self, number: int) -> None:
        """Remove one number."""
        at = self._find(number)
        if at is None:
            return
        first, last = self._ranges[at]
        self._ranges[at : at + 1] = [r for r in ((first, number - 1), (number + 1, last)) if r[0] <= r[1]]

    def fixed(self) -> "Ranges":
        """Return a copy that cannot be changed."""
        return _FixedRanges(self._ranges) if self._ranges else _NONE


class _FixedRanges(Ranges):
    """The missing numbers at one moment; read-only."""

    __slots__ = ()

    def add(self, first: int, last: int) -> None:
        raise TypeError("these ranges are of one moment")

    def insert(self, number: int) -> None:
        raise TypeError("these ranges are of one moment")

    def remove(self, number: int) -> None:
        raise TypeError("these ranges are of one moment")


_NONE: Final = _FixedRanges()


class Numbers(NamedTuple):
    """A copy of the numbers at one moment, without the methods that judge."""

    next: int
    missing: Ranges
    bound: int | None
    held: int
    is_frozen: bool


class Sequence:
    """The numbers of one epoch: the next, the missing ones, and the end."""

    __slots__ = ("bound", "epoch_id", "is_frozen", "last_hash", "missing", "next", "tail_hash")

    def __init__(self, epoch_id: bytes) -> None:
        self.epoch_id = epoch_id
        self.next = 0
        self.last_hash = epoch_id  # frame 0 names its epoch as predecessor
        self.missing = Ranges()
        self.bound: int | None = None  # frames from this number on are refused
        self.tail_hash: bytes | None = None  # hash of frame `bound - 1` as the successor states it
        self.is_frozen = False  # after an equivocation only frames that are held are recognized

    @property
    def held(self) -> int:
        """The number after the newest frame that we hold: `next`, minus missing frames at the end."""
        return self.missing.before(self.next)

    def view(self) -> Numbers:
        """Return a copy of the numbers at this moment."""
        return Numbers(self.next, self.missing.fixed(), self.bound, self.held, self.is_frozen)

    def judge(self, seq: int, digest: bytes, prev: bytes, held: Lookup) -> Verdict:
        """[F6] Return the verdict on a signed frame. Raises Refused.

        A number that is used up, and of whose frame the store has no genuine row, accuses nobody: somebody altered the
        store, and the frame is judged as one that was missing.
        """
        first = held(seq) if seq < self.next and seq not in self.missing else None
        if first is not None and first.hash == digest:
            return Verdict("duplicate")
        if first is not None or self.is_frozen:
            raise Refused("E-FRAME-EQUIVOCATION", "F6", seq=seq, is_frozen=self.is_frozen)
        if seq >= limits.FRAMES_AN_EPOCH or (self.bound is not None and seq >= self.bound):
            raise Refused("E-FRAME-CLOSED", "F6", seq=seq)
        self._tail(seq, digest)
        if seq > self.next:
            return Verdict("next", (self.next, seq - 1))
        if seq == self.next:
            _equal(prev, self.last_hash, seq)
            return Verdict("next")
        self._neighbours(seq, digest, prev, held)
        return Verdict("late")

    def _tail(self, seq: int, digest: bytes) -> None:
        if self.bound == seq + 1 and self.tail_hash is not None:
            _equal(self.tail_hash, digest, seq)

    def _neighbours(self, seq: int, digest: bytes, prev: bytes, held: Lookup) -> None:
        before, after = held(seq - 1) if seq else HeldFrame(self.epoch_id, b""), held(seq + 1)
        if before is not None:
            _equal(prev, before.hash, seq)
        if after is not None:
            _equal(after.prev, digest, seq)

    def consume(self, seq: int, digest: bytes, verdict: Verdict, *, is_last: bool) -> None:
        """Use up the number of a frame that `judge` accepted."""
        if verdict.kind == "late":
            self.missing.remove(seq)
        else:
            if verdict.gap:
                self.missing.add(*verdict.gap)
            self.next, self.last_hash = seq + 1, digest
        if is_last:
            self._ends_at(seq + 1, digest)

    def end(self, frames: int, tail_hash: bytes) -> tuple[int, int] | None:
        """Record the number of frames that the successor states; returns the missing range at the end, if any."""
        held = self.held
        self._ends_at(frames, tail_hash)
        if frames > self.next:
            self.missing.add(self.next, frames - 1)
            self.next = frames
        return (held, frames - 1) if frames > held else None

    def _ends_at(self, frames: int, tail_hash: bytes) -> None:
        """Set the end. The lowest stated number counts, because nothing follows a last frame."""
        if self.bound is None or frames < self.bound:
            self.bound, self.tail_hash = frames, tail_hash


def _equal(named: bytes, held: bytes, seq: int) -> None:
    if named != held:
        raise Refused("E-FRAME-FORK", "F6", seq=seq)

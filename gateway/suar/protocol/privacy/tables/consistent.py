"""Finds the largest consistent sets of released numbers if the numbers contradict one another (docs/privacy.md).

A reader assumes that the sums of one table are exact, even if other tables contradict them, for example tables of
another date basis or from before late registrations. A table that contradicts earlier ones is therefore proved with
each set of earlier numbers that it does not contradict, or alone. A number that a later one contradicts is still right
of the time before it, which unchanged hidden numbers link to the time after it. A message that contradicts itself is
divided by period, location and breakdown, if necessary into cells.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import product
from typing import Final, NamedTuple

from msgspec.structs import replace

from suar.protocol.privacy.proof.cells import Sheet
from suar.protocol.privacy.proof.ledger import DENOMINATOR, ENDED, NAMED, SUPPRESSED, UNSEEN, Fact, Release
from suar.protocol.privacy.proof.program import Budget
from suar.protocol.privacy.proof.reader import Key, OrderedReleases, Reader, messages
from suar.protocol.privacy.proof.system import Contradiction, System

SETS_MAX: Final = 8  # maximum number of sets with which one table is proved; those with the newest messages are used
ORDERS_MAX: Final = 24  # maximum number of orders in which the parts of a contradictory message are combined
GROUPS_MAX: Final = 32  # maximum number of groups in which hidden numbers are first tried to be unseen or not

NO_END: Final = 1 << 30  # the end of a unit that is still right

Released = tuple[OrderedReleases, dict[Sheet, Release]]
"""The earlier releases and the new message."""


class _Unit(NamedTuple):
    """Facts of one message that are kept or left out together.

    `message`: the index of the message, oldest first. `facts`: the sheet and the index in its release of each fact.
    `end`: the index of the message from which they are not right any more; that of their own message if they never are.
    `unseen`: those of the facts that are hidden and may have any value, because their own one contradicts others.
    """

    message: int
    facts: frozenset[tuple[Sheet, int]]
    is_denominator: bool = False
    end: int = NO_END
    unseen: frozenset[tuple[Sheet, int]] = frozenset()


class _Block(NamedTuple):
    """The cells of one sheet, period and location with the same breakdowns."""

    sheet: Sheet
    period: str
    place: tuple[str, str]
    dims: tuple[str, ...]


_Set = frozenset[_Unit]
_Hidden = tuple[int, tuple[Sheet, int]]  # the index of the message of a hidden number, and the number as in a _Unit


Fitting = dict[_Set, bool]  # whether sets are consistent, which does not depend on what the new message hides


def consistent(
    released: OrderedReleases, new: dict[Sheet, Release], k: int, home: str, known: Fitting | None = None
) -> list[Released]:
    """Return the largest consistent sets that contain numbers of the new message. `known`: of an earlier call."""
    return _Search(released, new, k, home, {} if known is None else known).run()


class _Search:
    def __init__(self, released: OrderedReleases, new: dict[Sheet, Release], k: int, home: str, known: Fitting) -> None:
        self._messages: list[Mapping[Sheet, Release]] = [*messages(released), new]
        self._k, self._home, self._budget = k, home, Budget()
        self._known = known
        self._with_unseen: Fitting = {}

    def run(self) -> list[Released]:
        """Build the sets from the new message, then the earlier ones, newest first, then earlier denominators."""
        *earlier, newest = range(len(self._messages))
        sets = self._largest_of(newest)
        units = (unit for at in reversed(earlier) for unit in self._units(at))
        for unit in sorted(units, key=lambda unit: unit.is_denominator):
            sets = _only_largest([more for each in sets for more in self._joined(each, unit)])[:SETS_MAX]
        return [self._released(each) for each in sets]

    def _joined(self, before: _Set, unit: _Unit) -> list[_Set]:
        """Return the set extended by a unit.

        If they contradict each other, return the set with the unit for the time before the contradiction and, if it
        contains a unit of the new message, the largest consistent set that contains the unit. Where only hidden numbers
        contradict each other, no reader sees that: return the set with the unit, too.
        """
        if self._is_consistent(before | {unit}):
            return [before | {unit}]
        newest = len(self._messages) - 1
        sets = [*self._as_seen(before | {unit}), self._until_contradicted(before, unit)]
        if self._is_replacing(unit):  # of other people, what it replaced is right
            sets.append(before | {unit._replace(end=unit.message)})
        others = (each if each.end == each.message else each._replace(end=NO_END) for each in before)
        mixed = self._grown(frozenset({unit}), _ordered(others, newest))
        return [*sets, mixed] if any(each.message == newest for each in mixed) else sets

    def _as_seen(self, units: _Set) -> list[_Set]:
        """Return the set with few unseen numbers, small ones as the last, if it is consistent with some."""
        hidden = [(-at, fact) for _, at, fact in sorted(self._hidden(units))]
        if not hidden or not self._is_consistent(_with_unseen(units, hidden)):
            return []
        size = -(-len(hidden) // GROUPS_MAX)
        groups = self._needed(units, [], hidden, size)  # unseen ones are not protected: none for its group alone
        return [_with_unseen(units, self._needed(units, [], groups, 1) if size > 1 else groups)]

    def _needed(self, units: _Set, unseen: Sequence[_Hidden], some: Sequence[_Hidden], size: int) -> list[_Hidden]:
        """Return those of `some`, with which the set is consistent, that it needs beside `unseen`, `size` at a time."""
        if self._is_consistent(_with_unseen(units, unseen)):
            return []
        if len(some) <= size:
            return list(some)
        first, second = some[: len(some) // 2], some[len(some) // 2 :]
        of_second = self._needed(units, [*unseen, *first], second, size)
        return [*self._needed(units, [*unseen, *of_second], first, size), *of_second]

    def _hidden(self, units: _Set) -> Iterator[tuple[bool, int, tuple[Sheet, int]]]:
        """Yield the hidden numbers: whether it is small, the index of its message as a negative number, the fact."""
        for unit in units:
            for sheet, n in unit.facts if unit.end > unit.message else ():
                release = self._messages[unit.message][sheet]
                fact = release.facts[n]
                if fact.mark == SUPPRESSED and fact.value is not None:
                    yield fact.value < release.k, -unit.message, (sheet, n)

    def _is_replacing(self, unit: _Unit) -> bool:
        """Whether it is a denominator that its table does not name, and an earlier message has another number there."""
        own = {(sheet, fact.cell): fact.value for sheet, fact in self._facts(unit) if fact.mark == DENOMINATOR}
        return any(
            own.get((sheet, fact.cell), fact.value) != fact.value
            for message in self._messages[: unit.message]
            for sheet, release in message.items()
            for fact in release.facts
        )

    def _facts(self, unit: _Unit) -> Iterator[tuple[Sheet, Fact]]:
        message = self._messages[unit.message]
        return ((sheet, message[sheet].facts[n]) for sheet, n in unit.facts)

    def _until_contradicted(self, before: _Set, unit: _Unit) -> _Set:
        """Return the set extended by a unit that contradicts it, up to the latest message before which it does not."""
        ends = sorted({each.message for each in before if each.message > unit.message})
        ended = [before, *(before | {unit._replace(end=end)} for end in ends)]
        return ended[bisect_left(ended, True, lo=1, key=lambda each: not self._is_consistent(each)) - 1]

    def _largest_of(self, at: int) -> list[_Set]:
        """Return the largest consistent sets of one message's numbers: one set if it does not contradict itself."""
        units = self._units(at)
        if len(units) < 2:
            return [frozenset(units)]
        return _only_largest([self._grown(frozenset(), order) for order in _orders(units, self._block)])

    def _units(self, at: int) -> list[_Unit]:
        """Return the units of a message: one, or, if it contradicts itself, its blocks and the cells of bad blocks.

        A denominator is a separate unit because it may count other people. It is omitted if a message that does not
        contradict itself contradicts the denominator.
        """
        message = self._messages[at]
        facts = [(sheet, n, fact) for sheet, release in message.items() for n, fact in enumerate(release.facts)]
        of_denominators = [(sheet, n) for sheet, n, fact in facts if fact.mark in (DENOMINATOR, NAMED)]
        denominators = [_Unit(at, frozenset({each}), is_denominator=True) for each in of_denominators]
        every = [(sheet, n) for sheet, n, fact in facts if fact.mark not in (DENOMINATOR, NAMED)]
        whole = [_Unit(at, frozenset(every))] if every else []
        if self._is_consistent(frozenset(whole)):
            return [*whole, *(each for each in denominators if self._is_consistent(frozenset({*whole, each})))]
        blocks: dict[_Block, list[tuple[Sheet, int]]] = {}
        for sheet, n in every:
            blocks.setdefault(_block(sheet, message[sheet].facts[n]), []).append((sheet, n))
        found = []
        for each in (_Unit(at, frozenset(own)) for own in blocks.values()):
            is_right = self._is_consistent(frozenset({each}))
            found += [each] if is_right else [_Unit(at, frozenset({one})) for one in sorted(each.facts)]
        return [*found, *denominators]

    def _block(self, unit: _Unit) -> _Block:
        sheet, n = min(unit.facts)
        return _block(sheet, self._messages[unit.message][sheet].facts[n])

    def _grown(self, before: _Set, units: Sequence[_Unit]) -> _Set:
        """Return the set extended by the units, in order, each for the time in which it does not contradict it."""
        if not units or self._is_consistent(before.union(units)):
            return before.union(units)
        if len(units) == 1:
            return self._until_contradicted(before, units[0])
        half = len(units) // 2
        return self._grown(self._grown(before, units[:half]), units[half:])

    def _is_consistent(self, units: _Set) -> bool:
        """Whether the numbers of the units are consistent."""
        found = self._with_unseen if any(unit.unseen for unit in units) else self._known
        if units not in found:
            found[units] = False
            with suppress(Contradiction):
                System(Reader(*self._released(units), self._k), self._budget, self._home, is_exact=True)
                found[units] = True
        return found[units]

    def _released(self, units: _Set) -> Released:
        """Return the releases with the facts of these units only."""
        kept: dict[int, set[tuple[Sheet, int]]] = {}
        unseen: dict[int, set[tuple[Sheet, int]]] = {}
        for unit in units:
            if unit.end > unit.message:
                kept.setdefault(unit.message, set()).update(unit.facts)
                unseen.setdefault(unit.message, set()).update(unit.unseen)
        *earlier, new = [
            _only(message, kept.get(at, set()), unseen.get(at, set())) for at, message in enumerate(self._messages)
        ]
        found = []
        for at, message in enumerate([*earlier, {}]):
            found += [*self._ended(units, at), *message.items()]
        return found, new

    def _ended(self, units: _Set, at: int) -> Iterator[tuple[Sheet, Release]]:
        """Yield the numbers that are not right any more from this message, unless a later one has them again."""
        keys: dict[_Unit, set[Key]] = {
            unit: {(sheet, fact.cell) for sheet, fact in self._facts(unit)}
            for unit in units
            if unit.message < at <= unit.end
        }
        right = [unit for unit in keys if unit.end > at]
        for unit, own in keys.items():
            if unit.end == at:
                again = set[Key]().union(*(keys[other] for other in right if other.message > unit.message))
                for sheet, cell in own - again:
                    yield sheet, Release(0, True, (Fact(cell, None, ENDED),))


def _with_unseen(units: _Set, unseen: Iterable[_Hidden]) -> _Set:
    """Return the set with these numbers unseen, beside those that are."""
    own: dict[int, set[tuple[Sheet, int]]] = {}
    for message, fact in unseen:
        own.setdefault(message, set()).add(fact)
    return frozenset(
        unit._replace(unseen=unit.unseen | (unit.facts & own.get(unit.message, frozenset()))) for unit in units
    )


def _only(
    message: Mapping[Sheet, Release], kept: set[tuple[Sheet, int]], unseen: set[tuple[Sheet, int]]
) -> dict[Sheet, Release]:
    found = {}
    for sheet, release in message.items():
        facts = tuple(
            fact._replace(mark=UNSEEN) if (sheet, n) in unseen else fact
            for n, fact in enumerate(release.facts)
            if (sheet, n) in kept
        )
        if facts:
            found[sheet] = replace(release, facts=facts)
    return found


def _block(sheet: Sheet, fact: Fact) -> _Block:
    cell = fact.cell
    return _Block(sheet, cell.period, (cell.admin1, cell.locode), tuple(name for name, _ in cell.dims))


def _orders(units: Sequence[_Unit], block_of: Callable[[_Unit], _Block]) -> Iterator[list[_Unit]]:
    """Yield at most ORDERS_MAX orders of the units: one period and location first, then one breakdown."""
    blocks = {unit: block_of(unit) for unit in units}
    firsts = list(dict.fromkeys(block[:3] for block in blocks.values()))
    seconds = list(dict.fromkeys((block.sheet, block.dims) for block in blocks.values()))
    for second, first in list(product(seconds, firsts))[:ORDERS_MAX]:

        def rank(unit: _Unit, first: object = first, second: object = second) -> tuple[bool, bool]:
            block = blocks[unit]
            return block[:3] != first, (block.sheet, block.dims) != second

        yield sorted(units, key=rank)


def _ordered(units: Iterable[_Unit], newest: int) -> list[_Unit]:
    """Return the units in a deterministic order: newest message first, denominators of earlier messages last."""
    return sorted(
        units,
        key=lambda unit: (unit.is_denominator and unit.message < newest, -unit.message, sorted(unit.facts)),
    )


def _only_largest(sets: Sequence[_Set]) -> list[_Set]:
    """Return the sets that are not subsets of others, in their order."""
    each = list(dict.fromkeys(sets))
    return [one for one in each if not any(one != other and _is_within(one, other) for other in each)]


def _is_within(one: _Set, other: _Set) -> bool:
    """Whether the other set has each unit of this one, at least as long, and never those that this one never has."""
    ends = {unit._replace(end=NO_END): unit.end for unit in other}
    never = {unit for unit in one if unit.end == unit.message}
    return never <= other and all(unit.end <= ends.get(unit._replace(end=NO_END), -1) for unit in one)

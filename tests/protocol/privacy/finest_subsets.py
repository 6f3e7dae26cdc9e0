"""What a reader takes together where everything cannot be right: any messages that do not contradict one another.

The sums of one table are exact for its reader, whatever other tables say. A message that contradicts itself is read by
period and place, and by one such block with all cells of one kind of breakdown.

Only the largest sets are read: in a smaller one a number may stand beside one that was told after it was replaced.
After 31 persons, and 51 of whom the sex of 29 is unknown, 31 less 29 is nobody's number. A denominator is only read
with the figures of its table, told at once: who takes it for a number of their people takes them for right too.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations
from typing import Final, NamedTuple

from protocol.privacy.finest_reader import Row

MESSAGES_MAX: Final = 8
"""Most messages of which every set is tried, a denominator being one. Of a longer history each two are tried, with as
many of the others as are right with them.
"""
Steps = Sequence[Sequence[Row]]


class ShownRows(NamedTuple):
    """The figures of each message, and the denominators of some, by the index of the message."""

    figures: list[Sequence[Row]]
    denominators: dict[int, Row]

    @property
    def steps(self) -> Steps:
        """Everything, message by message."""
        return self.of(self.units)

    @property
    def units(self) -> list["Unit"]:
        """What is right or wrong by itself: the figures of a message, then its denominator."""
        every = range(len(self.figures))
        return [
            (at, is_denominator)
            for at in every
            for is_denominator in (False, True)
            if not is_denominator or at in self.denominators
        ]

    def of(self, some: Iterable["Unit"]) -> Steps:
        """Some of it, message by message."""
        found: dict[int, list[Row]] = {}
        for at, is_denominator in sorted(some):
            found.setdefault(at, []).extend([self.denominators[at]] if is_denominator else self.figures[at])
        return list(found.values())


Unit = tuple[int, bool]
"""The index of a message, and whether this is its denominator."""


def largest_subsets(history: ShownRows, is_right: Callable[[Steps], bool]) -> Iterator[Steps]:
    """Yield the largest sets of messages that are right together, if all of them are not; then parts of messages."""
    units = history.units
    if is_right(history.steps):
        return
    found: list[set[Unit]] = []
    is_long = len(units) > MESSAGES_MAX
    for size in (2, 1) if is_long else range(len(units), 0, -1):
        for own in combinations(units, size):
            some = {*own, *((at, False) for at, _ in own)}
            if len(some) > size and not is_long:  # a denominator without its table: read with it, in a larger set
                continue
            if not any(some <= other for other in found) and is_right(history.of(some)):
                largest = _grown(some, history, is_right) if is_long else some
                found.append(largest)
                yield history.of(largest)
    for step in history.figures:
        if not is_right([step]):
            yield from ([rows] for rows in _parts(step) if is_right([rows]))


def _grown(some: set[Unit], history: ShownRows, is_right: Callable[[Steps], bool]) -> set[Unit]:
    """Add every message that is right with the others: first those that replace no number of them, then any."""
    for replaces in (False, True):
        size = 0
        while size < len(some):
            size = len(some)
            for unit in [unit for unit in history.units if unit not in some]:
                more = some | {unit, (unit[0], False)}
                if (replaces or not _replaces(history.of(more))) and is_right(history.of(more)):
                    some = more
    return some


def _replaces(steps: Steps) -> bool:
    """Whether a number is another one in a later message."""
    values = {(row.box, row.true) for step in steps for row in step if row.true is not None}
    return len({box for box, _ in values}) < len(values)


def _without_others(step: Sequence[Row], kept: Iterable[Row]) -> list[Row]:
    """The rows of a message, of which only those kept tell a number: the others are names."""
    boxes = {row.box for row in kept}
    return [row if row.box in boxes else row._replace(true=None, shown=True) for row in step]


def _parts(step: Sequence[Row]) -> Iterable[list[Row]]:
    blocks: dict[object, list[Row]] = {}
    kinds: dict[object, list[Row]] = {}
    for row in step:
        where = frozenset((tree, node) for tree, node in row.box.nodes if tree == "period" or "@" in tree)
        blocks.setdefault((row.box.people, where), []).append(row)
        kinds.setdefault((row.box.people, frozenset(tree for tree, _ in row.box.nodes) - {"period"}), []).append(row)
    for block in blocks.values():
        yield _without_others(step, block)
        for kind in kinds.values():
            yield _without_others(step, (*block, *kind))

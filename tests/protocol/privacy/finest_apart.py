"""What a reader takes together where everything cannot be right: any messages that do not contradict one another.

The sums of one table are exact for its reader, whatever other tables say. A message that contradicts itself is read by
period and place, and by one such block with all cells of one kind of breakdown.

Only the largest sets are read: in a smaller one a number may stand beside one that was told after it was replaced.
After 31 persons, and 51 of whom the sex of 29 is unknown, 31 less 29 is nobody's number.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations
from typing import Final

from protocol.privacy.finest_reader import Row

MESSAGES_MAX: Final = 8
"""Most messages of which every set is tried, a denominator being one. Of a longer history each two are tried, with as
many of the others as are right with them.
"""
Steps = Sequence[Sequence[Row]]


def apart(steps: Steps, is_right: Callable[[Steps], bool]) -> Iterator[Steps]:
    """Yield the largest sets of messages that are right together, if all of them are not; then parts of messages."""
    if is_right(steps):
        return
    found: list[set[int]] = []
    is_long = len(steps) > MESSAGES_MAX
    for size in (2, 1) if is_long else range(len(steps), 0, -1):
        for some in map(set, combinations(range(len(steps)), size)):
            if not any(some <= other for other in found) and is_right(_chosen(steps, some)):
                largest = _grown(some, steps, is_right) if is_long else some
                found.append(largest)
                yield _chosen(steps, largest)
    for step in steps:
        if not is_right([step]):
            yield from ([rows] for rows in _parts(step) if is_right([rows]))


def _chosen(steps: Steps, some: Iterable[int]) -> Steps:
    return [steps[at] for at in sorted(some)]


def _grown(some: set[int], steps: Steps, is_right: Callable[[Steps], bool]) -> set[int]:
    """Add every message that is right with the others: first those that replace no number of them, then any."""
    for replaces in (False, True):
        size = 0
        while size < len(some):
            size = len(some)
            for at in set(range(len(steps))) - some:
                more = some | {at}
                if (replaces or not _replaces(_chosen(steps, more))) and is_right(_chosen(steps, more)):
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

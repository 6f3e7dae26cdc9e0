"""What a reader takes together where everything cannot be right: any messages that do not contradict one another.

The sums of one table are exact for its reader, whatever other tables say. A message that contradicts itself is read by
period and place, and by one such block with all cells of one kind of breakdown.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations
from typing import Final

from protocol.privacy.finest_reader import Row

MESSAGES_MAX: Final = 6  # of a longer history, whose sets are too many: each message alone, and each two of them
Steps = Sequence[Sequence[Row]]


def apart(steps: Steps, is_right: Callable[[Steps], bool]) -> Iterator[Steps]:
    """Yield the largest sets of messages that are right together, if all of them are not; then parts of messages."""
    if is_right(steps):
        return
    found: list[set[int]] = []
    sizes = range(len(steps), 0, -1) if len(steps) <= MESSAGES_MAX else (2, 1)
    for size in sizes:
        for some in map(set, combinations(range(len(steps)), size)):
            chosen = [steps[at] for at in sorted(some)]
            if not any(some <= other for other in found) and is_right(chosen):
                found.append(some)
                yield chosen
    for step in steps:
        if not is_right([step]):
            yield from ([rows] for rows in _parts(step) if is_right([rows]))


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

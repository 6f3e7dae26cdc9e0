"""Which hidden counts the readers of a history of messages find out: the check that CI makes of the privacy gate.

It shares no code and no assumption with the gate. Protected is every hidden cell, and every cell that could be named,
was left out and is implied to be 1 to k-1; the interval of its feasible values, in whole numbers, is at least k-1 wide.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from privacy.finest import Box, classes, cut, nameable
from privacy.finest_reader import UNLINKED, Facts, Row, Seen, World, above, rows_of
from privacy.finest_system import Ends, Sum, System, Target, implied, narrow

NAMEABLE_MAX = 300
Number = tuple[Box, int | None]


class Leak(NamedTuple):
    """A count that the readers bound too well. `why`: hidden, left out, moved, or shown below k."""

    why: str
    cell: str
    true: int | None
    k: int
    low: int
    high: int
    reader: str = "all"

    @property
    def exact(self) -> bool:
        """Whether nothing is left open."""
        return self.low == self.high


@dataclass
class _Part:
    """One world in the system: the unknowns of each of its numbers, and what the sums of it are off by."""

    rows: list[Row]
    own: dict[Box, list[int]]
    slack: dict[Box, int]
    sums: list[Sum]
    further: list[Target]
    words: list[str]
    count: int


def leaks(history: Sequence[Seen], facts: Facts = UNLINKED, *, knows: bool = True, others: bool = False) -> list[Leak]:
    """Every leak to the reader of all messages and, where there are others, to the reader of the open ones.

    `knows`: the reader knows which cells are hidden for their own count, 0 to k-1: whoever does not knows less, so what
    is wide for this reader is wide for every one. `others`: and that all other hidden ones are at least k.
    """
    found = _to_reader(history, facts, "all", knows, others)
    opened = [seen for seen in history if seen.open]
    if opened and len(opened) < len(history):
        found += _to_reader(opened, facts, "open", knows, others)
    return found


def _to_reader(history: Sequence[Seen], facts: Facts, reader: str, knows: bool, others: bool) -> list[Leak]:
    by_people: dict[tuple[str, str], list[list[Row]]] = {}
    for seen in history:
        for key, rows in rows_of(seen, facts).items():
            by_people.setdefault(key, []).append(rows)
    found: list[Leak] = []
    for steps in by_people.values():
        found += [
            Leak("shown below k", row.box.words(), row.true, row.k, row.true or 0, row.true or 0, reader)
            for rows in steps for row in rows if row.shown and (row.true or 0) < row.k
        ]  # fmt: skip
        found += [each._replace(reader=reader) for each in moved(steps)]
        found += [each._replace(reader=reader) for each in _of_worlds(worlds(steps, facts), facts, knows, others)]
    return found


def moved(steps: Sequence[Sequence[Row]]) -> list[Leak]:
    """Shown numbers that differ by 1 to k-1 from what was shown of the same cell last."""
    last: dict[Box, Row] = {}
    found = []
    for rows in steps:
        for row in rows:
            if row.shown and row.true is not None:
                before = last.get(row.box)
                change = 0 if before is None else row.true - (before.true or 0)
                if before is not None and 0 < abs(change) < min(row.k, before.k):
                    found.append(Leak("moved", row.box.words(), row.true, row.k, change, change))
                last[row.box] = row
    return found


# -- worlds


def worlds(steps: Sequence[Sequence[Row]], facts: Facts) -> list[World]:
    """The worlds that a reader of these numbers, in this order, tells apart."""
    found = [World()]
    for step in steps:
        now = found[-1]
        rows = [row for row in step if row.true is not None or row.box not in now.rows]
        known = World({box: row for box, row in now.rows.items() if row.true is not None})
        changed = known.changed_by(rows)
        everything = now.with_(rows)
        if not changed:
            found[-1] = everything
        elif _off(everything, facts) > _off(now, facts) + _off(World().with_(rows), facts):
            new = {row.box for row in rows}
            found.append(now.with_(rows, without=[box for box in now.rows if box not in new and _meets(box, changed)]))
        else:
            found.append(everything)
    return [world for world in found if world.rows]


def _meets(box: Box, others: Sequence[Box]) -> bool:
    """Whether a finest cell lies in the box and in one of the others."""
    trees = classes([box, *others])
    nodes = dict(box.nodes)
    for other in others:
        both = ((tree, node, nodes[tree]) for tree, node in other.nodes if tree in nodes)
        if all(any(a in leaf and b in leaf for leaf in trees[tree]) for tree, a, b in both):
            return True
    return False


def _off(world: World, facts: Facts) -> int:
    return sum(map(abs, _part(world, facts, 0).slack.values()))


def _part(world: World, facts: Facts, most: int) -> _Part:
    """The unknowns and sums of one world; `most` cells that could be named are looked at."""
    rows = list(world.rows.values())
    boxes = [row.box for row in rows]
    further = nameable(boxes, most) if most else []
    found = cut(boxes, further)
    people = sorted({box.people for box in boxes})
    size = len(found.unknowns)
    own = {
        box: [people.index(box.people) * size + at for at, mask in enumerate(found.unknowns) if mask >> bit & 1]
        for bit, box in enumerate(boxes)
    }
    sums = [
        Sum([people.index(each) * size + at], None, 0, [people.index(whole) * size + at])
        for each in people if (whole := above(each, facts)) in people for at in range(size)
    ]  # fmt: skip
    targets, words = [], []
    for each, inside, touched in zip(further, found.inside, found.touched, strict=True):
        for at, who in enumerate(people):
            targets.append(Target([at * size + one for one in inside], [at * size + one for one in touched]))
            words.append(f"{who}: {_named(each)}")
    count = size * len(people)
    slack = _slack(rows, own, sums, count)
    return _Part(rows, own, slack, sums, targets, words, count)


def _named(each: dict[str, frozenset[frozenset[str]]]) -> str:
    """A cell that was left out, by the nodes of its leaves."""
    parts = (
        f"{tree} {' or '.join(sorted('/'.join(sorted(leaf)) or 'rest' for leaf in own))}" for tree, own in each.items()
    )
    return ", ".join(sorted(parts)) or "all"


def _slack(rows: Sequence[Row], own: dict[Box, list[int]], sums: list[Sum], count: int) -> dict[Box, int]:
    """The least by which the true numbers are off, on totals rather than on their parts."""
    known = [row for row in rows if row.true is not None]
    most = _most(rows)
    exact = System(count, [*sums, *(Sum(own[row.box], row.true, row.true) for row in known)], most)
    if exact.vertex({}, up=False) is not None:
        return {}
    elastic = [  # after the unknowns, two for each number: what it has too much, and too little
        Sum([*own[row.box], count + 2 * at], row.true, row.true, [count + 2 * at + 1]) for at, row in enumerate(known)
    ]
    system = System(count + 2 * len(known), [*sums, *elastic], most)
    weights = {count + 2 * at + side: 10.0 + len(row.box.nodes) for at, row in enumerate(known) for side in (0, 1)}
    found = system.vertex(weights, up=False)
    assert found is not None
    point = found[1]
    if point is None:
        whole = system.whole([at for at, weight in weights.items() if weight], up=False)
        assert whole is not None
        point = whole[1]
    assert point is not None
    off = {row.box: int(point[count + 2 * at + 1] - point[count + 2 * at]) for at, row in enumerate(known)}
    return {box: each for box, each in off.items() if each}


def _most(rows: Iterable[Row]) -> int:
    return 100 + 2 * max((row.true or 0 for row in rows), default=0)


# -- the system of all worlds


def _of_worlds(found: Sequence[World], facts: Facts, knows: bool, others: bool) -> list[Leak]:
    rng = random.Random(1)
    parts = [_part(world, facts, NAMEABLE_MAX) for world in found]
    shown = {row.number for part in parts for row in part.rows if row.shown}
    most = max(_most(part.rows) for part in parts)
    sums, at = [], 0
    targets: list[Target] = []
    told: list[Leak] = []
    first: dict[Number, tuple[list[int], int]] = {}
    for part in parts:
        sums += [_moved_by(each, at) for each in part.sums]
        for row in part.rows:
            over, off = [at + one for one in part.own[row.box]], part.slack.get(row.box, 0)
            if row.shown or row.number in shown:
                sums.append(Sum(over, (row.true or 0) + off, (row.true or 0) + off))
                continue
            sums += _hidden(row, over, off, knows, others)
            if row.number in first:
                before, was = first[row.number]
                sums.append(Sum(over, off - was, off - was, before))
            else:
                first[row.number] = over, off
                targets.append(Target(over, over))
                told.append(Leak("hidden", row.box.words(), row.true, row.k, -off, -off))
        for target, word, value, k in _left_out(part, rng):
            targets.append(Target([at + one for one in target.inside], [at + one for one in target.touched]))
            told.append(Leak("left out", word, value, k, 0, 0))
        at += part.count
    if not targets:
        return []
    ends = narrow(System(at, sums, most), targets, [each.k - 1 for each in told], rng)
    return [_with(told[one], pair) for one, pair in ends.items()]


def _moved_by(each: Sum, at: int) -> Sum:
    return each._replace(plus=[at + one for one in each.plus], minus=[at + one for one in each.minus])


def _hidden(row: Row, over: list[int], off: int, knows: bool, others: bool) -> list[Sum]:
    """What a reader knows of a hidden number by itself."""
    small = row.true is not None and row.true < row.k
    if knows and small:
        return [Sum(over, off, row.k - 1 + off)]
    if others and row.true is not None and not small:
        return [Sum(over, row.k + off, None)]
    return [Sum(over, off, None)] if off > 0 else []


def _left_out(part: _Part, rng: random.Random) -> Iterable[tuple[Target, str, int, int]]:
    """Cells that could be named, or what the listed codes leave, whose value the true numbers imply to be 1 to k-1."""
    k = min(row.k for row in part.rows)
    sums = [
        Sum(part.own[row.box], row.true + part.slack.get(row.box, 0), row.true + part.slack.get(row.box, 0))
        for row in part.rows if row.true is not None
    ]  # fmt: skip
    system = System(part.count, [*part.sums, *sums], _most(part.rows))
    for at, value in implied(system, part.further, k - 1, rng).items():
        yield part.further[at], part.words[at], value, k


def _with(leak: Leak, ends: Ends) -> Leak:
    return leak._replace(low=leak.low + ends.low, high=leak.high + ends.high)

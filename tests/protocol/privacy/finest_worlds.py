"""The worlds that a reader tells apart, and the unknowns and sums of each.

Numbers that cannot all be right (parts that overshoot their total, rounded sources) are off by as little as can be: the
reader knows how much that is in all, and which numbers may be off in the least way, not which of them are. No number is
dropped.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from protocol.privacy.finest import Box, classes, cut, nameable
from protocol.privacy.finest_reader import Facts, Row, World, above
from protocol.privacy.finest_system import Sum, System, Target


class Part(NamedTuple):
    """One world: its numbers, the unknowns that each is the sum of, sums over them, and cells that were left out."""

    rows: list[Row]
    own: dict[Box, list[int]]
    sums: list[Sum]
    unknowns: int
    further: list[Target]
    words: list[str]
    off: int

    @property
    def most(self) -> int:
        """More than any unknown need be."""
        return most_of(self.rows)


def worlds(steps: Sequence[Sequence[Row]], facts: Facts, of_two: Callable[[int, int], int] = max) -> list[World]:
    """The worlds that a reader of these numbers, in this order, tells apart."""
    found = [World(of_two=of_two)]
    for step in steps:
        now = found[-1]
        rows = [row for row in step if row.true is not None or row.box not in now.rows]
        known = World({box: row for box, row in now.rows.items() if row.true is not None})
        changed = known.changed_by(rows) or _changed_unseen(now, rows, facts)
        everything = now.with_(rows)
        if not changed:
            found[-1] = everything
        elif _off(everything, facts) > _off(now, facts) + _off(World().with_(rows), facts):
            new = {row.box for row in rows}
            found.append(now.with_(rows, without=[box for box in now.rows if box not in new and _meets(box, changed)]))
        else:
            found.append(everything)
    return [world for world in found if world.rows]


def _changed_unseen(now: World, rows: Sequence[Row], facts: Facts) -> list[Box]:
    """The boxes of hidden numbers that moved by little from what was told of others, where nothing else contradicts it.

    12 persons of unknown sex and age, then all of unknown age, hidden, as they are 4: it was 12 or more. No reader sees
    that these two are eight apart. Not where `other` is read as a remainder: there it is the reading that may be wrong.
    """
    hidden = [row for row in rows if not row.shown and row.true is not None]
    if facts.others or not hidden or not _off(now.with_(rows), facts) or _off(now, facts):
        return []
    moved = [row for row in hidden if 0 < _off(now.with_([row]), facts) < row.k]
    rest = [row for row in rows if row not in moved]
    return [row.box for row in moved] if moved and not _off(now.with_(rest), facts) else []


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
    return part_of(world, facts, 0).off


def fits_what_is_seen(world: World, facts: Facts) -> bool:
    """Whether the reader of a world has no reason to take any of its numbers for off."""
    part = _as_shown(world, facts, 0)
    sums = [*part.sums, *(known_of(row, part.own[row.box]) for row in part.rows)]
    return System(part.unknowns, sums, part.most).vertex({}, up=False) is not None


def known_of(row: Row, over: list[int]) -> Sum:
    """What a reader knows of one number, who knows which are small."""
    if row.shown:
        return Sum(over, row.true, row.true)
    return Sum(over, 0, None if row.end is None else row.end - 1)


def part_of(world: World, facts: Facts, most: int) -> Part:
    """The unknowns and sums of one world; `most` cells that could be named are looked at."""
    return _elastic(_as_shown(world, facts, most))


def ends_in(rows: Sequence[Row], box: Box, facts: Facts) -> tuple[float, float] | None:
    """The ends of a number that these rows do not name, for their reader; None where they cannot all be right."""
    world = World().with_([*rows, Row(box, None, True, 0)])
    part = _as_shown(world, facts, 0)
    sums = [*part.sums, *(known_of(row, part.own[row.box]) for row in part.rows)]
    system = System(part.unknowns, sums, part.most)
    ends = [system.vertex(dict.fromkeys(part.own[box], 1.0), up=up) for up in (False, True)]
    return None if ends[0] is None or ends[1] is None else (ends[0][0], ends[1][0])


def _as_shown(world: World, facts: Facts, most: int) -> Part:
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
    return Part(rows, own, sums, size * len(people), targets, words, 0)


def _named(each: dict[str, frozenset[frozenset[str]]]) -> str:
    """A cell that was left out, by the nodes of its leaves."""
    parts = (
        f"{tree} {' or '.join(sorted('/'.join(sorted(leaf)) or 'rest' for leaf in own))}" for tree, own in each.items()
    )
    return ", ".join(sorted(parts)) or "all"


def most_of(rows: Iterable[Row]) -> int:
    """More than any unknown need be."""
    return 100 + 2 * max((row.true or 0 for row in rows), default=0)


# -- numbers that cannot all be right


def _elastic(part: Part) -> Part:
    """The same with what its numbers may be off by, if the true ones cannot all be right."""
    known = [row for row in part.rows if row.true is not None]
    exact = System(
        part.unknowns, [*part.sums, *(Sum(part.own[row.box], row.true, row.true) for row in known)], part.most
    )
    if exact.vertex({}, up=False) is not None:
        return part
    over = {row.box: part.unknowns + 2 * at for at, row in enumerate(known)}  # too much; the next unknown: too little
    sums = [Sum([*part.own[row.box], over[row.box] + 1], row.true, row.true, [over[row.box]]) for row in known]
    count, every = part.unknowns + 2 * len(known), range(part.unknowns, part.unknowns + 2 * len(known))
    least = System(count, [*part.sums, *sums], part.most).vertex(dict.fromkeys(every, 1.0), up=False)
    assert least is not None
    off = -int(-(least[0] - 1e-6) // 1)
    system = System(count, [*part.sums, *sums, Sum(every, None, off)], part.most)
    reach = {at: _reach(system, at) for at in every}
    return _with_reach(part, {box: (reach[at], reach[at + 1]) for box, at in over.items()}, off)


def _reach(system: System, at: int) -> int:
    """How far a number can be off in this way, while all of them together are off by as little as can be."""
    found = system.vertex({at: 1.0}, up=True)
    assert found is not None
    return int(found[0] + 1e-6)


def _with_reach(part: Part, reach: dict[Box, tuple[int, int]], off: int) -> Part:
    """Each number that may be off is an unknown of its own: the sum less what it has too much, with what it lacks."""
    own, sums, count = dict(part.own), list(part.sums), part.unknowns
    every = []
    for box, (much, little) in reach.items():
        if much or little:
            number, over, under = count, count + 1, count + 2
            sums += [
                Sum([*own[box], under], 0, 0, [over, number]), Sum([over], 0, much), Sum([under], 0, little),
            ]  # fmt: skip
            own[box], count = [number], count + 3
            every += [over, under]
    sums.append(Sum(every, None, off))
    return part._replace(own=own, sums=sums, unknowns=count, off=off)

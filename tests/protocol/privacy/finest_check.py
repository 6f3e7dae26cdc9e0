"""Which hidden counts the readers of a history of messages find out: the check that CI makes of the privacy gate.

It shares no code and no assumption with the gate. Protected is every hidden cell, and every cell that could be named,
was left out and is implied to be 1 to k-1; the interval of its feasible values, in whole numbers, is at least k-1 wide.
No number, shown or implied, moves by 1 to k-1 of the message that tells it.

A number that was hidden under two k, at GREEN and at AMBER, is one number in all worlds, also where others move between
the two messages. Its interval is asked twice: by the smaller k, for who knows that it is below that one, where it is,
and by the larger, for who does not know it. The first cannot be 9 wide where AMBER tells that it is below 5: who asks 9
there, as this check did where another number had moved, asks for more than the k of its release, and the second was
asked too little where AMBER was first.

No interval is asked for a number that the reader was shown, in a set of messages without the one that shows it either.
And where `other` is only supposed to be the rest, numbers of which none are right together so are not read so: by how
much they are off is known to nobody who does not know them.
"""

import random
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace
from typing import NamedTuple

from protocol.privacy.finest import Box
from protocol.privacy.finest_places import REGION
from protocol.privacy.finest_reader import (
    UNLINKED,
    Facts,
    Row,
    Seen,
    World,
    denominator,
    denominator_of,
    denominators_of_others,
    population,
    rows_of,
    ways,
    year_of,
)
from protocol.privacy.finest_rests import moved_rests
from protocol.privacy.finest_subsets import ShownRows, largest_subsets
from protocol.privacy.finest_system import Sum, System, Target, implied, narrow
from protocol.privacy.finest_worlds import Part, ends_in, fits_what_is_seen, part_of, worlds

NAMEABLE_MAX = 300
Number = tuple[Box, int | None]


class Leak(NamedTuple):
    """A count that the readers bound too well. `why`: hidden, left out, moved, or shown below k.

    `by_some`: by some of the numbers, which are right together where all of them cannot be.
    """

    why: str
    cell: str
    true: int | None
    k: int
    low: int
    high: int
    reader: str = "all"
    by_some: bool = False

    @property
    def exact(self) -> bool:
        """Whether nothing is left open."""
        return self.low == self.high


def leaks(
    history: Sequence[Seen], facts: Facts = UNLINKED, *, knows_small: bool = True, others: bool = False
) -> list[Leak]:
    """Every leak to the reader of all messages and, where there are others, to the reader of the open ones.

    `knows_small`: the reader knows which cells are hidden for their own count, 0 to k-1: whoever does not knows less,
    so what is wide for this reader is wide for every one. `others`: and that all other hidden ones are at least k.
    """
    opened = [seen for seen in history if seen.open]
    found: dict[Leak, None] = {}
    for meaning in _meanings(history, facts):
        found |= dict.fromkeys(_to_reader(history, meaning, "all", knows_small, others))
        if opened and len(opened) < len(history):
            found |= dict.fromkeys(_to_reader(opened, meaning, "open", knows_small, others))
    return list(found)


def _meanings(history: Sequence[Seen], facts: Facts) -> Iterable[Facts]:
    """What the reader takes codes for: as a test declares it, and in each other way.

    `other` is whatever its table does not list; where not all counts fit that, within each set of messages that are
    right together. A region has nobody but those of its provinces, where all true counts fit that.
    """
    yield facts
    every = [each for seen in history for each in seen.message["obs"]]
    if not facts.others and any("other" in each["dims"].values() for each in every):
        yield replace(facts, others=True, is_supposed=True)
    if not facts.closed and any(each["place"].get("admin1") in REGION for each in every):
        yield from _fitting(history, replace(facts, closed=True))


def _by_people(history: Sequence[Seen], facts: Facts) -> dict[tuple[str, str], list[list[Row]]]:
    found: dict[tuple[str, str], list[list[Row]]] = {}
    for seen in history:
        for key, rows in rows_of(seen, facts).items():
            found.setdefault(key, []).append(rows)
    return found


def _fitting(history: Sequence[Seen], meant: Facts) -> Iterable[Facts]:
    """What is meant, if all true counts can be right then."""
    if all(_is_right(steps, meant) for steps in _by_people(history, meant).values()):
        yield meant


def _to_reader(history: Sequence[Seen], facts: Facts, reader: str, knows_small: bool, others: bool) -> list[Leak]:
    found = list(_moved_denominators(history, facts))
    if facts.others:
        for steps in _by_people(history, facts).values():
            rests = moved_rests(steps, facts)
            found += [Leak("moved", each.box.words(), each.true, each.k, each.low, each.high) for each in rests]
    for way in ways(history):
        found += _in_one_way(history, facts, way, knows_small, others)
    found += _of_other_people(history, facts, knows_small, others)
    return [each._replace(reader=reader) for each in dict.fromkeys(found)]


def _in_one_way(history: Sequence[Seen], facts: Facts, way: str, knows_small: bool, others: bool) -> list[Leak]:
    """To a reader who takes the denominators in one way, where they fit: none of them is off by a little."""
    by_people: dict[tuple[str, str], ShownRows] = {}
    for seen in history:
        own = rows_of(seen, facts)
        base = denominator(seen, facts, way)
        if base is not None:
            own.setdefault((population(base.box.people, facts), year_of(seen)), [])
        for key, rows in own.items():
            by_people.setdefault(key, ShownRows([], {})).figures.append(rows)
        if base is not None and _is_right([*own.values(), [base]], facts):
            rows_shown = by_people[population(base.box.people, facts), year_of(seen)]
            rows_shown.denominators[len(rows_shown.figures) - 1] = base
    found: list[Leak] = []
    two = (max, min) if len({seen.least for seen in history}) > 1 else (max,)  # min: small under each k
    for rows_shown in by_people.values():
        steps = rows_shown.steps
        found += [
            Leak("shown below k", row.box.words(), row.true, row.k, row.true or 0, row.true or 0)
            for rows in steps for row in rows if row.shown and (row.true or 0) < row.k
        ]  # fmt: skip
        found += moved(steps)
        parts = list(largest_subsets(rows_shown, lambda some: _is_right(some, facts)))
        every_world = worlds(steps, facts)
        has_changed = bool(parts) or len(every_world) > 1
        if has_changed and way in ("", "total") and not facts.others:
            found += (each for each in _moved_by_sums(steps, facts) if parts or each.high - each.low < each.k - 1)
        is_seen = parts and all(fits_what_is_seen(each, facts) for each in every_world)
        whole = [] if is_seen or (parts and (way or facts.others)) or _is_refuted(steps, facts, parts) else [steps]
        was_shown = {row.number for rows in steps for row in rows if row.shown}
        for some, is_by_some in [*((some, False) for some in whole), *((some, True) for some in parts)]:
            for of_two in two:
                every = _of_worlds(worlds(some, facts, of_two), facts, knows_small, others, was_shown)
                found += [each._replace(by_some=is_by_some) for each in every]
    return found


def _is_refuted(steps: Sequence[Sequence[Row]], facts: Facts, parts: Sequence[object]) -> bool:
    """Whether no numbers are right together as the reader only supposes to take `other`.

    40 of unknown sex, 24 women and 3 others, hidden, of 97: as the rest these are 33. Nobody knows that the table is
    off by 30 then, so that they are 3 or 4: whoever knows that they are below 5 sees that they are not the rest.
    """
    return facts.is_supposed and not parts and not _is_right(steps, facts)


def _of_other_people(history: Sequence[Seen], facts: Facts, knows_small: bool, others: bool) -> Iterable[Leak]:
    """To a reader who takes one denominator for a number of a table of other people, earlier or later, where it fits.

    One that such a table shows as one of the numbers that it may be is that number. What the table tells without it is
    found before.
    """
    by_people = _by_people(history, facts)
    for seen in history:
        own = list(denominators_of_others(seen, facts))
        for (name, year), steps in by_people.items():
            if own and name != population(own[0].box.people, facts) and year == year_of(seen):
                shown = {row.number for rows in steps for row in rows if row.shown}
                for people in sorted({row.box.people for rows in steps for row in rows}):
                    taken = [row._replace(box=row.box._replace(people=people)) for row in own]
                    if not any(row.number in shown for row in taken):
                        for row in taken:
                            yield from _with_row(row, steps, facts, knows_small, others)


def _with_row(row: Row, steps: Sequence[Sequence[Row]], facts: Facts, knows_small: bool, others: bool) -> list[Leak]:
    taken = [*steps, [row]]
    return _of_worlds(worlds(taken, facts), facts, knows_small, others) if _is_right(taken, facts) else []


def _moved_denominators(history: Sequence[Seen], facts: Facts) -> Iterable[Leak]:
    """Denominators that differ by 1 to k-1 from the one before of the same period and place, whatever they count."""
    last: dict[Box, int] = {}
    for seen in history:
        base = denominator_of(seen, facts)
        if base is not None:
            box, value = base
            change = value - last.get(box, value)
            if 0 < abs(change) < seen.least:
                yield Leak("moved", box.words(), value, seen.least, change, change)
            last[box] = value


def _is_right(steps: Sequence[Sequence[Row]], facts: Facts) -> bool:
    """Whether the true numbers of these messages can all be right."""
    return not any(part_of(world, facts, 0).off for world in worlds(steps, facts))


def moved(steps: Sequence[Sequence[Row]]) -> list[Leak]:
    """Shown numbers that differ by 1 to k-1 from what was shown of the same cell last."""
    last: dict[Box, Row] = {}
    found = []
    for rows in steps:
        for row in rows:
            if row.shown and row.true is not None:
                before = last.get(row.box)
                change = 0 if before is None else row.true - (before.true or 0)
                if before is not None and 0 < abs(change) < row.k:
                    found.append(Leak("moved", row.box.words(), row.true, row.k, change, change))
                last[row.box] = row
    return found


def _moved_by_sums(steps: Sequence[Sequence[Row]], facts: Facts) -> Iterable[Leak]:
    """Numbers that a message shows or implies, of which what was shown before implied or showed 1 to k-1 less or more.

    One of the two is named: by the earlier message, or by the later one. Where no number contradicts another, the
    caller drops those of which the reader has a bound only: after 10 and 11 persons and others, hidden, a total of 17
    is at least four less than before, and nobody knows how much less.
    """
    last: dict[Box, Row] = {}
    for rows in steps:
        named = {row.box for row in rows}
        k = min(row.k for row in rows)
        for row in last.values():
            if row.box not in named:
                yield from _moved_outside(row._replace(k=k), rows, facts)
        for row in rows:
            if row.shown and row.true is not None and row.box not in last and last:
                yield from _moved_outside(row, list(last.values()), facts)
        last |= {row.box: row for row in rows if row.shown and row.true is not None}


def _moved_outside(row: Row, others: Sequence[Row], facts: Facts) -> Iterable[Leak]:
    """A shown number that the others, of another message, tell their reader to have moved by little.

    One that moved by k or more, by their true counts, may be shown: who only has a bound of it knows less than that.
    """
    distance = _distance(row, ends_in(others, row.box, facts))
    if 0 < distance[0] < row.k:
        counts = [each._replace(shown=each.true is not None) for each in others]
        if _distance(row, ends_in(counts, row.box, facts))[0] < row.k:
            yield Leak("moved", row.box.words(), row.true, row.k, *distance)


def _distance(row: Row, ends: tuple[float, float] | None) -> tuple[int, int]:
    """The least and the most by which a number lies below its parts, or above what is left of its whole, if little."""
    true = row.true or 0
    low, high = ends or (true, true)
    if low > true:
        return round(low - true), round(high - true)
    return (round(true - high), round(true - low)) if high - low < row.k - 1 else (0, 0)


# -- the system of all worlds


def _of_worlds(
    found: Sequence[World], facts: Facts, knows_small: bool, others: bool, was_shown: Set[Number] = frozenset()
) -> list[Leak]:
    """`was_shown`: numbers that the reader was shown, if not in these worlds: no interval is asked for them."""
    rng = random.Random(1)
    parts = [part_of(world, facts, NAMEABLE_MAX) for world in found]
    shown = {row.number for part in parts for row in part.rows if row.shown}
    one_k = _in_every_world(found)
    sums, at = [], 0
    targets: list[Target] = []
    hidden: list[Leak] = []
    first: dict[Number, list[int]] = {}
    for part in parts:
        sums += [_shifted(each, at) for each in part.sums]
        for each in part.rows:
            over = [at + one for one in part.own[each.box]]
            if each.number in shown:
                sums.append(Sum(over, each.true, each.true))
                continue
            row = one_k[each.number]
            sums += _hidden(row, over, knows_small, others)
            if row.number in first:
                sums.append(Sum(over, 0, 0, first[row.number]))
            else:
                first[row.number] = over
                if row.number not in was_shown:
                    targets.append(Target(over, over))
                    hidden.append(Leak("hidden", row.box.words(), row.true, row.k, 0, 0))
        for target, word, value, k in _left_out(part, one_k, rng):
            targets.append(Target([at + one for one in target.inside], [at + one for one in target.touched]))
            hidden.append(Leak("left out", word, value, k, 0, 0))
        at += part.unknowns
    if not targets:
        return []
    system = System(at, sums, max(part.most for part in parts))
    ends = narrow(system, targets, [each.k - 1 for each in hidden], rng)
    return [hidden[one]._replace(low=pair.low, high=pair.high) for one, pair in ends.items()]


def _in_every_world(found: Iterable[World]) -> dict[Number, Row]:
    """The hidden numbers, each with one k in all worlds: what the reader knows of it in one holds in every one."""
    one: dict[Number, Row] = {}
    for world in found:
        for row in world.rows.values():
            if not row.shown:
                one[row.number] = row.again(one.get(row.number, row), world.of_two)
    return one


def _shifted(each: Sum, at: int) -> Sum:
    return each._replace(plus=[at + one for one in each.plus], minus=[at + one for one in each.minus])


def _hidden(row: Row, over: list[int], knows_small: bool, others: bool) -> list[Sum]:
    """What a reader knows of a hidden number by itself."""
    if knows_small and row.end is not None:
        return [Sum(over, 0, row.end - 1)]
    return [Sum(over, row.k, None)] if others and row.true is not None and row.end is None else []


def _left_out(part: Part, one_k: Mapping[Number, Row], rng: random.Random) -> Iterable[tuple[Target, str, int, int]]:
    """Cells that could be named, or what the listed codes leave, whose value the true numbers imply to be 1 to k-1."""
    k = min(one_k.get(row.number, row).k for row in part.rows)
    sums = [Sum(part.own[row.box], row.true, row.true) for row in part.rows if row.true is not None]
    system = System(part.unknowns, [*part.sums, *sums], part.most)
    for at, value in implied(system, part.further, k - 1, rng).items():
        yield part.further[at], part.words[at], value, k

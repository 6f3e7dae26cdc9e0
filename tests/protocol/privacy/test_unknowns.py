"""The unknowns of the checker and its solvers: they agree with one another, with exact fractions and with counting."""

import itertools
import random

import pytest

from protocol.privacy.finest import Box, chain, cut, leaves
from protocol.privacy.finest_check import leaks
from protocol.privacy.finest_exact import best
from protocol.privacy.finest_system import Ends, Sum, System, Target, implied, narrow
from protocol.privacy.people import Cell, grid, some_people
from protocol.privacy.test_checker import seen

# -- unknowns


def test_the_leaves_of_the_trees() -> None:
    assert chain("period", "05") == {"05", "Q2", "H1"}
    assert chain("industry", "11") == {"11", "C"}
    assert len(leaves("sex", [])) == 4  # the list is exhausted: no rest
    assert len(leaves("age", [])) == 10
    assert sum("0-17" in leaf for leaf in leaves("age", [])) == 2
    assert frozenset({"(not listed)"}) in leaves("means", [])
    assert frozenset({"(not listed)"}) in leaves("citizenship", ["TH"])


def test_unknowns_of_identical_membership_are_one() -> None:
    boxes = [Box("p", frozenset(pairs)) for pairs in ([], [("sex", "female")], [("sex", "male")], [("age", "9-17")])]
    assert len(cut(boxes).unknowns) == 6  # female, male or neither, each 9 to 17 or not
    assert len(cut(boxes[:1]).unknowns) == 1
    assert len(cut(boxes[1:3]).unknowns) == 2  # what lies in no number is no unknown


def test_one_unknown_for_each_leaf_gives_the_same_intervals() -> None:
    """The sums written over every finest cell, without any merging, in exact fractions."""
    rng, narrow_ones = random.Random(4), 0
    sexes, ages = ["female", "male", "other", "unknown"], ["0-17", "18+", "unknown"]
    for _ in range(12):
        people = some_people(rng, {"age": ages, "sex": sexes[:2]}, 20)
        listed = grid({"age": [*ages, "total"], "sex": [*sexes[:2], "total"]})
        counts = [(cell, people.number(cell), people.number(cell) < 10 or rng.random() < 0.3) for cell in listed]
        every = list(itertools.product(ages, sexes))
        sums = [
            Sum(_over(every, cell), 0, 9) if hidden and value < 10 else Sum(_over(every, cell), value, value)
            for cell, value, hidden in counts
            if not hidden or value < 10
        ]
        expected = set()
        for cell, value, hidden in counts:
            if hidden:
                goal = dict.fromkeys(_over(every, cell), 1)
                low = best(len(every), sums, goal, up=False)
                try:
                    high = best(len(every), sums, goal, up=True)
                except OverflowError:
                    continue
                assert low is not None
                assert high is not None
                if int(high) - -int(-low) < 9:
                    expected.add((value, -int(-low // 1), int(high)))
        found = leaks([seen(counts)])
        assert {(leak.true, leak.low, leak.high) for leak in found if leak.why == "hidden"} == expected
        narrow_ones += len(expected)
    assert narrow_ones > 20


def _over(every: list[tuple[str, str]], cell: Cell) -> list[int]:
    """The finest cells of a cell of age x sex."""
    return [at for at, (age, sex) in enumerate(every) if cell.get("age", age) == age and cell.get("sex", sex) == sex]


# -- solvers


def small_systems() -> list[tuple[System, list[Target]]]:
    """Random sums of up to eight unknowns that some whole numbers fulfil."""
    rng = random.Random(9)
    found = []
    for _ in range(60):
        count = rng.randint(2, 6)
        point = [rng.choice((0, 1, 3, 8, 20)) for _ in range(count)]
        sums = []
        for _ in range(rng.randint(1, count)):
            over = rng.sample(range(count), rng.randint(1, count))
            total = sum(point[at] for at in over)
            sums.append(
                rng.choice([Sum(over, total, total), Sum(over, total, total), Sum(over, max(0, total - 4), total + 3)])
            )
        sums.append(Sum(range(count), None, sum(point) + 5))
        targets = [Target(own := rng.sample(range(count), rng.randint(1, count)), own) for _ in range(3)]
        found.append((System(count, sums, 100), targets))
    return found


def test_glop_cp_sat_and_exact_fractions_agree() -> None:
    for system, targets in small_systems():
        for target in targets:
            goal = dict.fromkeys(target.inside, 1)
            low, high = (best(system.count, system.sums, goal, up=up) for up in (False, True))
            assert low is not None
            assert high is not None
            least, most = system.fractions(target)
            assert (abs(least - low) < 1e-6, abs(most - high) < 1e-6) == (True, True)
            whole = system.interval(target)
            assert whole.exact
            assert low <= whole.low <= whole.high <= high


def test_narrow_is_what_counting_finds() -> None:
    """Every point of small systems written out."""
    rng = random.Random(3)
    for system, targets in small_systems():
        if system.count > 3:
            continue
        most = max(each.high or 0 for each in system.sums)
        points = [p for p in itertools.product(range(most + 1), repeat=system.count) if _fits(system, p)]
        expected = {}
        for at, target in enumerate(targets):
            values = [sum(point[one] for one in target.inside) for point in points]
            if max(values) - min(values) < 9:
                expected[at] = Ends(min(values), max(values))
        assert narrow(system, targets, [9] * len(targets), rng) == expected
        fixed = {at: ends.low for at, ends in expected.items() if ends.low == ends.high and 1 <= ends.low <= 9}
        assert implied(system, targets, 9, rng) == fixed


def _fits(system: System, point: tuple[int, ...]) -> bool:
    for each in system.sums:
        value = sum(point[at] for at in each.plus) - sum(point[at] for at in each.minus)
        if (each.low is not None and value < each.low) or (each.high is not None and value > each.high):
            return False
    return True


def test_whole_numbers_can_be_narrower_than_fractions() -> None:
    """a + b = b + c = a + c = 9 or 10: the fractions reach further than whole numbers do."""
    pairs = [Sum((0, 1), 9, 9), Sum((1, 2), 9, 10), Sum((0, 2), 9, 9)]
    system = System(3, pairs, 100)
    one = Target((1,), (1,))
    assert system.fractions(one) == pytest.approx((4.5, 5))
    assert system.interval(one) == Ends(5, 5)
    assert narrow(system, [one], [1], random.Random(1)) == {0: Ends(5, 5)}

"""Who runs the public gate over every table that fits what was published: what does the pattern of `S` tell besides?

The attacker has the table as it left, the gate, and keys of her own, not the member's. A table that fits the shown
numbers stays possible if the gate hides the same cells of it under one of her keys. Small tables with every margin.
"""

import heapq
import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterator
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from protocol.privacy.attack_samples import Samples
from protocol.privacy.trends import Values, some_values, trend, with_margins
from suar.protocol.privacy.proof.cells import Sheet
from suar.protocol.privacy.proof.draws import Draw
from suar.protocol.privacy.proof.ledger import Release
from suar.protocol.privacy.proof.reader import OrderedReleases
from suar.protocol.privacy.tables import readings
from suar.protocol.privacy.tables.protecting import Unprotectable, protect
from suar.protocol.privacy.tables.readings import Known, Reading, plausible

K = 10
RUNS = (30, 300)  # of the gate, at most, for each cell that is not seen to be wide; then random tables are tried
SAMPLES = 400  # random tables for each cell that is not seen to be wide; narrower after the last
BEST_SAMPLES = 20  # those of them that leave most alike are tried with all keys
TABLE_RUNS_MAX = 20_000  # for one table: a cell whose search ends so, and is not seen to be wide, counts as not ended
TABLE_KEYS = 200  # a table is drawn after so many keys, so it is the same with fewer
NEAR = 6  # tables that are tried for each value of a cell, first with few keys
STEPS = 60  # tables that are looked at, without the gate, for these
FEW_KEYS = 10
DIMS = ["exploitation", "sex"]
Pattern = tuple[int | None, ...]
Codes = tuple[str, ...]
Whole = NDArray[np.int64]
Point = tuple[int, ...]
"""The inner cells of a table."""


def pattern(values: Values, key: bytes) -> Pattern | None:
    """The table as it leaves a gate with this key; None if it is refused."""
    try:
        return tuple(item.value for item in protect(trend(values, DIMS), K, None, Draw(key)).obs)
    except Unprotectable:
        return None


def small_table(rng: random.Random) -> Values:
    """Two or three forms by two sexes, with every margin."""
    return with_margins(some_values(rng, DIMS, [rng.randint(2, 3), 2], rng.choice([10, 25, 60])))


class Attacker:
    """One published table, and the keys that she tries.

    `near`: a table to search around, for speed (the true one): she would come by it as well, by trying more. `most`:
    runs of the gate for all cells; `cut`: those whose search ended so. `note` is told the number of runs after each.
    """

    def __init__(
        self, codes: list[Codes], left: Pattern, keys: list[bytes], near: Values, most: int = TABLE_RUNS_MAX,
        note: Callable[[int], None] = lambda _: None,
    ) -> None:  # fmt: skip
        self.codes, self.left, self.keys = codes, left, keys
        self.most, self.note, self.runs = most, note, 0
        self.cut: set[int] = set()
        self.inner = [each for each in codes if "total" not in each]
        self.near = tuple(near[codes] for codes in self.inner)
        self.over = [[at for at, one in enumerate(self.inner) if _inside(one, each)] for each in codes]
        self.moves = self._moves()
        self._steps: Whole = np.array(self.moves, dtype=np.int64).reshape(-1, len(self.inner))
        self._sums: Whole = np.array([[at in over for at in range(len(self.inner))] for over in self.over], np.int64)
        self._reproduced: set[Point] = set()
        self._tried: dict[Point, set[bytes]] = {}  # with which keys
        self._hits: Counter[bytes] = Counter()  # how many tables each key left with the pattern
        self._unlike: dict[Point, int] = {}  # in how many cells the pattern differs, by the best key that was tried
        self._fitting: list[Point] = []  # the tables that stay possible
        self._runs, self._runs_max = 0, RUNS[-1]
        self._last: tuple[dict[Sheet, Release], list[Reading]] = ({}, [])
        self.samples = Samples(self.over, left, K, 2 * max(near.values()) + 6 * K)

    def _moves(self) -> list[Point]:
        """Every way to move inner cells by one, up or down, that leaves all shown numbers as they are."""
        shown = [self.over[at] for at, value in enumerate(self.left) if value is not None]
        steps = itertools.product((-1, 0, 1), repeat=len(self.inner))
        return [step for step in steps if any(step) and not any(sum(step[at] for at in over) for over in shown)]

    def bounds(self, hidden: int) -> tuple[int, int] | None:
        """The least and the most that a hidden cell is in the tables that stay possible; None: none was found."""
        possible = self._values(hidden)
        return (min(possible), max(possible)) if possible else None

    def search(self, hidden: int, runs: int = RUNS[-1]) -> None:
        """Search for tables that stay possible in which a hidden cell is something else.

        Every table that is tried fits what is shown. As soon as the cell is known to be wide, nothing more is tried.
        Each value that the cell may have is tried with few keys, first one that is far away, then from what was found
        outwards; where no further one is found, all keys are tried, first with the tables whose pattern differs least.
        The search ends when all of these were tried, or after so many runs.
        """
        self._runs, self._runs_max = 0, runs
        self.reproduces(self.near, len(self.keys))  # a rare pattern too
        for sweep in itertools.count():
            if not self._goes_on(hidden):
                break
            tried = list(self._further(hidden, is_far=sweep == 0))
            if not any(self._tries(hidden, point, FEW_KEYS) for point in tried):
                left = sorted(tried, key=lambda point: (self._unlike.get(point, 0), point))
                if not any(self._tries(hidden, point, len(self.keys)) for point in left):
                    break
        if self.runs >= self.most:
            self.cut.add(hidden)

    def sample(self, hidden: int, rng: random.Random) -> None:
        """Try random tables in which a cell is so far away from what was found that it is wide.

        Each with the three keys that left most tables with the pattern, with more where it differs in one cell, and at
        the end those that differ least with all keys.
        """
        if 0 <= self._width(hidden) < K - 1:
            self._try_all_keys()
        self._runs, self._runs_max = 0, self.most
        tried: set[Point] = set()
        for _ in range(SAMPLES):
            if not self._goes_on(hidden):
                break
            point = self._sample(hidden, rng)
            if point is not None and point not in tried:
                tried.add(point)
                if not self.reproduces(point, 3) and self._unlike[point] == 1:
                    self.reproduces(point, FEW_KEYS)
        best = sorted(tried, key=lambda point: (self._unlike[point], point))[:BEST_SAMPLES]
        for point in best:
            if self._goes_on(hidden):
                self.reproduces(point, len(self.keys))
        if self.runs >= self.most:
            self.cut.add(hidden)

    def _sample(self, hidden: int, rng: random.Random) -> Point | None:
        found = self._values(hidden)
        like = self.near if rng.random() < 1 / 2 else rng.choice(self._fitting)
        values = [self._value(like, cell) for cell in range(len(self.codes))]
        ends = {"at_most": max(found) - K + 1, "at_least": min(found) + K - 1}
        return self.samples.draw(rng, values, hidden, **ends)

    def _try_all_keys(self) -> None:
        """Learn which of all keys leave the table to search around with the pattern."""
        values = self._all_values(self.near)
        for key in self.keys:
            if key not in self._tried[self.near]:
                self._tried[self.near].add(key)
                self._hits[key] += self._unlike_left(self.near, values, key) == 0

    def _all_values(self, point: Point) -> Values:
        full = with_margins(dict(zip(self.inner, point, strict=True)))
        return {codes: full[codes] for codes in self.codes}

    def _goes_on(self, hidden: int) -> bool:
        return 0 <= self._width(hidden) < K - 1 and self._runs < self._runs_max and self.runs < self.most

    def _tries(self, hidden: int, point: Point, keys: int) -> bool:
        """Whether the search goes on from this table, or ends."""
        return not self._goes_on(hidden) or self.reproduces(point, keys)

    def _value(self, point: Point, cell: int) -> int:
        return sum(point[at] for at in self.over[cell])

    def _values(self, cell: int) -> set[int]:
        """What a cell is in the tables that stay possible."""
        return {self._value(point, cell) for point in self._fitting}

    def _width(self, cell: int) -> int:
        found = self._values(cell)
        return max(found) - min(found) if found else -1

    def _further(self, hidden: int, *, is_far: bool) -> Iterator[Point]:
        """Tables in which a cell is further away: the nearest first, or (`is_far`) just so far that it is wide."""
        found = self._values(hidden)
        least, most = min(found), max(found)
        steps = sorted(range(1, K + 2), key=lambda by: abs(most - least + by - K + 1) if is_far else by)
        for value in (end for by in steps for end in (most + by, least - by) if end >= 0):
            yield from self.possible_tables(hidden, value)

    def possible_tables(self, hidden: int, value: int) -> list[Point]:
        """Tables that fit, in which a hidden cell has this value: those most like one that stays possible.

        Alike is: small in the same cells; then, in the cells that are not small, near.
        """
        known = self._fitting or [self.near]
        base = np.array(min(known, key=lambda point: (abs(self._value(point, hidden) - value), point)))
        at_base = self._sums @ base
        found: list[Point] = []
        heap, seen = [(*self._unlikeness(base[None], at_base, hidden, value)[0], *base.tolist())], {tuple(base)}
        for _ in range(STEPS + 2 * K):
            if not heap or len(found) >= STEPS:
                break
            near = heapq.heappop(heap)
            found += [near] if near[0] == 0 else []
            points = np.array(near[-len(base) :]) + self._steps
            points = points[(points >= 0).all(axis=1)]
            for unlike, point in zip(self._unlikeness(points, at_base, hidden, value), points.tolist(), strict=True):
                if tuple(point) not in seen:
                    seen.add(tuple(point))
                    heapq.heappush(heap, (*unlike, *point))
        return [each[-len(base) :] for each in sorted(found)[:NEAR]]

    def _unlikeness(self, points: Whole, at_base: Whole, hidden: int, value: int) -> list[tuple[int, int, int]]:
        sums = points @ self._sums.T
        distance = np.abs(sums - at_base)
        distance[:, at_base < K] = 0
        small = ((sums < K) != (at_base < K)).sum(axis=1)
        off = np.abs(sums[:, hidden] - value)
        return list(zip(off.tolist(), small.tolist(), distance.sum(axis=1).tolist(), strict=True))

    def reproduces(self, point: Point, keys: int) -> bool:
        """Whether one of so many keys hides the same cells of this table: those that did so of others come first."""
        tried = self._tried.setdefault(point, set())
        if len(tried) < keys and point not in self._reproduced:
            values = self._all_values(point)
            order = sorted(self.keys, key=lambda key: -self._hits[key])
            for key in [key for key in order if key not in tried][: keys - len(tried)]:
                tried.add(key)
                if self._unlike_left(point, values, key) == 0:
                    self._hits[key] += 1
                    self._reproduced.add(point)
                    self._fitting.append(point)
                    break
        return point in self._reproduced

    def _unlike_left(self, point: Point, values: Values, key: bytes) -> int:
        """In how many cells the pattern differs from the published one; in all, if the table is refused."""
        found = self._run(values, key) or [-1] * len(self.left)
        unlike = sum(one != other for one, other in zip(found, self.left, strict=True))
        self._unlike[point] = min(unlike, self._unlike.get(point, unlike))
        return unlike

    def _run(self, values: Values, key: bytes) -> Pattern | None:
        self._runs += 1
        self.runs += 1
        self.note(self.runs)
        with patch.object(readings, "plausible", self._plausible):
            return pattern(values, key)

    def _plausible(
        self, home: str, new: dict[Sheet, Release], earlier: OrderedReleases, k: int, known: Known
    ) -> list[Reading]:
        """The readings of a table, which do not depend on the key: those of the last table are kept."""
        if earlier or new != self._last[0]:
            self._last = new, plausible(home, new, earlier, k, known)
        return list(self._last[1])


def _inside(one: Codes, codes: Codes) -> bool:
    return all(code in (each, "total") for each, code in zip(one, codes, strict=True))


def attacked(tables: int, keys: int, seed: int = 1) -> Counter[str]:
    """`tables` tables of members with a key each: hidden cells, those that became narrower than k-1, and exact ones."""
    return sum((attacked_table(f"{seed} {number}", keys) for number in range(tables)), Counter())


def attacked_table(
    seed: str, keys: int, most: int = TABLE_RUNS_MAX, note: Callable[[int], None] = lambda _: None
) -> Counter[str]:
    """The same of one table, which `seed` decides, with its key and the keys of the attacker."""
    rng = random.Random(seed)
    own = [rng.randbytes(32) for _ in range(max(keys, TABLE_KEYS))][:keys]
    values = small_table(rng)
    left = pattern(values, rng.randbytes(32))
    if left is None or None not in left:
        return Counter()
    found = Counter(tables=1)
    attacker = Attacker(list(values), left, own, values, most, note)
    every = [at for at, value in enumerate(left) if value is None]
    for most_runs in RUNS:
        for hidden in every:
            attacker.search(hidden, most_runs)
    for hidden in every:
        attacker.sample(hidden, rng)
    for hidden in every:  # a table that was found for one cell tells of all
        ends = attacker.bounds(hidden)
        found["hidden"] += 1
        if ends is not None and ends[1] - ends[0] >= K - 1:
            continue
        if hidden in attacker.cut:
            found["not ended"] += 1
        elif ends is None:
            found["never reproduced"] += 1
        else:
            found["narrow"] += 1
            found["exact"] += ends[1] == ends[0]
    return found

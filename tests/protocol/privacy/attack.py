"""Who runs the public gate over every table that fits what was published: what does the pattern of `S` tell besides?

The attacker has the table as it left, the gate, and keys of her own, not the member's. A table that fits the shown
numbers stays possible if the gate hides the same cells of it under one of her keys. Small tables with every margin.
"""

import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterator

from protocol.privacy.trends import Values, some_values, trend, with_margins
from suar.protocol.privacy.proof.draws import Draw
from suar.protocol.privacy.tables.protecting import Unprotectable, protect

K = 10
RUNS_MAX = 2_000  # of the gate for one cell: what is not seen to be wide by then counts as narrower
TABLE_RUNS_MAX = 20_000  # for one table: a cell whose search ends so, and is not seen to be wide, counts as not ended
NEAR = 24  # tables that are tried with few keys, before the likeliest of them is tried with all
FEW_KEYS = 5
DIMS = ["exploitation", "sex"]
Pattern = tuple[int | None, ...]
Codes = tuple[str, ...]
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
        self._reproduced: dict[Point, bool] = {}
        self._tried: dict[Point, int] = {}  # with how many keys
        self._unlike: dict[Point, int] = {}  # in how many cells the pattern differs, by the best key that was tried
        self._fitting: list[Point] = []  # the tables that stay possible
        self._runs = 0

    def _moves(self) -> list[Point]:
        """Every way to move inner cells by one, up or down, that leaves all shown numbers as they are."""
        shown = [self.over[at] for at, value in enumerate(self.left) if value is not None]
        steps = itertools.product((-1, 0, 1), repeat=len(self.inner))
        return [step for step in steps if any(step) and not any(sum(step[at] for at in over) for over in shown)]

    def bounds(self, hidden: int) -> tuple[int, int] | None:
        """The least and the most that a hidden cell is in the tables that stay possible; None: none was found."""
        possible = self._values(hidden)
        return (min(possible), max(possible)) if possible else None

    def search(self, hidden: int) -> None:
        """Search for tables that stay possible in which a hidden cell is something else.

        Every table that is tried fits what is shown. As soon as the cell is known to be wide, nothing more is tried:
        so the true table comes first, then those in which the cell is just so far away, then what is a little further
        than the tables that stay possible.
        """
        rng, self._runs = random.Random(hidden), 0
        self.reproduces(self.near, len(self.keys))  # a rare pattern too
        true = self._value(self.near, hidden)
        far = sorted(range(max(0, true - K), true + 2 * K), key=lambda one: (abs(abs(one - true) - K + 1), one))
        for value in [true, *far]:
            if self.runs < self.most and self._width(hidden) < K - 1 and value not in self._values(hidden):
                self._possible(hidden, value - true, 3, min(10, len(self.keys)), rng)
        while self.moves and 0 <= self._width(hidden) < K - 1 and self._runs < RUNS_MAX and self.runs < self.most:
            self._step(hidden, rng)
        if self.runs >= self.most:
            self.cut.add(hidden)

    def _value(self, point: Point, cell: int) -> int:
        return sum(point[at] for at in self.over[cell])

    def _values(self, cell: int) -> set[int]:
        """What a cell is in the tables that stay possible."""
        return {self._value(point, cell) for point in self._fitting}

    def _width(self, cell: int) -> int:
        found = self._values(cell)
        return max(found) - min(found) if found else -1

    def _step(self, hidden: int, rng: random.Random) -> None:
        """Try tables a little further than those that stay possible: with few keys, then the likeliest with all."""
        sign = rng.choice([-1, 1])
        end = max(sign * one for one in self._values(hidden))
        tried: set[Point] = set()
        for _ in range(NEAR):
            self._runs += 1
            point = self._beside(hidden, sign, rng)
            if min(point) < 0 or point in tried or sign * self._value(point, hidden) <= end:
                continue
            tried.add(point)
            if self.reproduces(point, FEW_KEYS):
                return
        left = [point for point in tried if self._tried[point] < len(self.keys)]
        if left:
            self.reproduces(min(left, key=lambda point: (self._unlike[point], point)), len(self.keys))

    def _beside(self, hidden: int, sign: int, rng: random.Random) -> Point:
        """A table beside one that stays possible, mostly the one in which the cell is furthest away."""
        far = [(sign * self._value(point, hidden), rng.random(), point) for point in self._fitting]
        base = max(far if rng.random() < 0.7 else rng.sample(far, 1))[2]
        for _ in range(rng.choice([1, 1, 1, 2, 3])):
            base = self._moved(base, rng.randrange(len(self.moves)), rng.choice([1, 1, 1, 2, 3, 4]))
        return base

    def _possible(self, hidden: int, by: int, tries: int, keys: int, rng: random.Random) -> bool:
        """Whether some table in which the cell has moved by so much leaves with the same pattern."""
        return any(
            self.reproduces(point, keys) for point in itertools.islice(self.possible_tables(hidden, by, rng), tries)
        )

    def possible_tables(self, hidden: int, by: int, rng: random.Random) -> Iterator[Point]:
        """Tables that fit, in which the hidden cell has moved by so much: by one way, then by two at once."""
        effect = [sum(step[at] for at in self.over[hidden]) for step in self.moves]
        ways = [at for at, each in enumerate(effect) if each and by % each == 0 and (by // each > 0 or not by)]
        still = [at for at, each in enumerate(effect) if each == 0]
        rng.shuffle(ways)
        if by and not ways:
            return
        if by == 0:
            yield self.near
        for at in ways if by else []:
            yield from self._whole(self._moved(self.near, at, by // effect[at]))
        for _ in range(20 if still else 0):
            point = self._moved(self.near, rng.choice(still), rng.randint(1, 2 * K))
            if by:
                at = rng.choice(ways)
                point = self._moved(point, at, by // effect[at])
            yield from self._whole(point)

    def _moved(self, point: Point, at: int, times: int) -> Point:
        return tuple(value + times * step for value, step in zip(point, self.moves[at], strict=True))

    @staticmethod
    def _whole(point: Point) -> Iterator[Point]:
        if min(point) >= 0:
            yield point

    def reproduces(self, point: Point, keys: int) -> bool:
        """Whether one of the first keys hides the same cells of this table."""
        tried = self._tried.get(point, 0)
        if tried < keys and not self._reproduced.get(point):
            full = with_margins(dict(zip(self.inner, point, strict=True)))
            values = {codes: full[codes] for codes in self.codes}
            is_found = any(self._unlike_left(point, values, key) == 0 for key in self.keys[tried:keys])
            self._tried[point], self._reproduced[point] = min(keys, len(self.keys)), is_found
            if is_found:
                self._fitting.append(point)
        return self._reproduced.get(point, False)

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
        return pattern(values, key)


def _inside(one: Codes, codes: Codes) -> bool:
    return all(code in (each, "total") for each, code in zip(one, codes, strict=True))


def attacked(tables: int, keys: int, seed: int = 1) -> Counter[str]:
    """`tables` tables of members with a key each: hidden cells, those that became narrower than k-1, and exact ones."""
    return sum((attacked_table(f"{seed} {number}", keys) for number in range(tables)), Counter())


def attacked_table(
    seed: str, keys: int, most: int = TABLE_RUNS_MAX, note: Callable[[int], None] = lambda _: None
) -> Counter[str]:
    """The same of one table, which `seed` and `keys` decide, with its key and the keys of the attacker."""
    rng = random.Random(seed)
    own = [rng.randbytes(32) for _ in range(keys)]
    values = small_table(rng)
    left = pattern(values, rng.randbytes(32))
    if left is None or None not in left:
        return Counter()
    found = Counter(tables=1)
    attacker = Attacker(list(values), left, own, values, most, note)
    every = [at for at, value in enumerate(left) if value is None]
    for hidden in every:
        attacker.search(hidden)
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

"""Finds the numbers whose interval is too narrow for one reader, for a given set of hidden numbers of the new message.

Most intervals are proved wide by known points: two that satisfy all constraints and are far enough apart. For the
others, the ends are computed by linear programming and, if these are not whole numbers, by a search for whole-number
points. An interval that is not proved wide is treated as narrow.
"""

from collections.abc import Iterable, Iterator, Set
from enum import Enum, auto
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from suar.protocol.privacy.proof.part import ENDLESS, Floats, Whole
from suar.protocol.privacy.proof.program import Bound
from suar.protocol.privacy.proof.reader import Key, Number
from suar.protocol.privacy.proof.system import Contradiction, System
from suar.protocol.privacy.proof.unlisted import Name, Place, Target, Unlisted

ROUNDS: Final = 10  # maximum number of samples in random directions before numbers are examined singly
FEW: Final = 4  # below this number of remaining targets, each is examined singly
NEARLY: Final = 1e-6
POINTS_BYTES_MAX: Final = 96_000_000  # maximum size of all stored points


class Knowledge(Enum):
    """What a reader knows about hidden numbers: which ones are small, also that the others are not, or nothing."""

    SMALL = auto()
    EVERY = auto()
    NOTHING = auto()


class Narrow(NamedTuple):
    """A number with a narrow interval.

    `key`: the number, None for a cell that no message names. `blame`: the numbers of the new message that narrow it.
    `is_new`: whether it belongs to the new message or is narrowed by the lists of that message. `rows`: those on which
    an end of its interval rests.
    """

    name: Name
    key: Key | None
    is_new: bool
    blame: tuple[Key, ...]
    rows: tuple[int, ...]


class Point(NamedTuple):
    """A solution of all constraints: the values of the columns and of each row."""

    columns: Floats
    sums: Floats


class Audit:
    """The intervals of one reader. `widths`: the required width of each number of the new message."""

    def __init__(self, system: System, widths: dict[Key, int]) -> None:
        self.system, self.program, self.reader = system, system.program, system.reader
        self.widths = widths
        self.points: dict[bytes, Point] = {}
        self._least: Floats = np.full(len(system.program.rows), np.inf)  # least value of each row in any point
        self._most: Floats = np.full(len(system.program.rows), -np.inf)
        self.lost: set[tuple[Name, Knowledge]] = set()  # numbers that could be computed before the new message
        self.row = system.row[-1]
        values = {key: fact.value for key, fact in self.reader.fresh.items()}
        small = [self.row[key] for key, value in values.items() if value is not None and value < self.reader.k]
        self._new_rows = [*system.new_rows, *small]
        unseen = [self.row[key] for key in self.reader.fresh if self.reader.number(key) not in self.reader.known]
        self._fresh_rows: Whole = np.array([*system.new_rows, *unseen], dtype=np.int64)
        self._unlisted = [Unlisted(system, at) for at in range(len(system.grids))]
        self._rng = np.random.default_rng(1)
        self.knowledge = Knowledge.SMALL
        self.is_exact = False
        self._keep(system.start.astype(np.float64), None)

    # -- bounds

    def hide(self, hidden: Set[Key], *, knowledge: Knowledge) -> None:
        """Set the bounds of all rows for this reader and delete the points that do not satisfy them."""
        self.knowledge = knowledge
        for at, world in enumerate(self.reader.worlds):
            is_last = at + 1 == len(self.reader.worlds)
            for key, row in self.system.row[at].items():
                value = world.values[key]
                is_fresh = is_last and key in self.reader.fresh
                bounds = self._bounds(key, value, is_shown=is_fresh and key not in hidden)
                self.program.bound(row, *self.system.with_slack(row, *bounds))
        for row, fixed in self.system.fixed.items():
            self.program.bound(row, *fixed)
        low, high = self.program.low - NEARLY, self.program.high + NEARLY
        fitting = [point for point in self.points.values() if ((low <= point.sums) & (point.sums <= high)).all()]
        if len(fitting) < len(self.points):
            self.restore(fitting)

    def relax(self, key: Key) -> None:
        """Remove the bounds of a number of the new message that is now hidden too."""
        row = self.row[key]
        bounds = self._bounds(key, self.reader.worlds[-1].values[key], is_shown=False)
        self.program.bound(row, *self.system.with_slack(row, *bounds))

    def only_whole(self) -> None:
        """Accept only whole-number points in later calls."""
        self.is_exact = self.program.is_whole_only = True
        self.restore([point for point in self.points.values() if self.program.whole(point.columns) is not None])

    def restore(self, points: Iterable[Point]) -> None:
        """Replace the stored points by these."""
        self.points = {}
        self._least.fill(np.inf)
        self._most.fill(-np.inf)
        for unlisted in self._unlisted:
            unlisted.forget()
        for point in points:
            self._see(point)

    def _bounds(self, key: Key, value: int | None, *, is_shown: bool) -> tuple[int, int]:
        reader = self.reader
        number = (*key, value)
        if value is None:
            return 0, ENDLESS
        if is_shown or number in reader.known:
            return value, value
        if number in reader.unseen:
            return 0, ENDLESS if self.knowledge is Knowledge.NOTHING else self.system.most_unseen(key, value)
        low, high = 0, ENDLESS
        fact = reader.fresh.get(key)
        is_small = fact is not None and fact.value == value and value < reader.k
        if self.knowledge is not Knowledge.NOTHING:
            most = reader.most(number, is_small=is_small)
            high = ENDLESS if most is None else most
        if self.knowledge is Knowledge.EVERY and fact is not None and fact.value == value and not is_small:
            low = reader.k
        near = self._near(key, value)
        if near and value >= reader.k:
            low, high = max(0, near[-1] - reader.k + 1), near[-1] + reader.k - 1
        return low, high

    def _near(self, key: Key, value: int) -> list[int]:
        """Return what was shown of a number that has moved by less than k since."""
        return [old for old in self.reader.shown.get(key, ()) if 0 < abs(old - value) < self.reader.k]

    # -- targets

    def narrow(self, hidden: Set[Key], *, knowledge: Knowledge) -> Iterator[Narrow]:
        """Yield the intervals that are too narrow if `hidden` is not shown. Raises Spent.

        The caller may hide further numbers between two items.
        """
        self.hide(hidden, knowledge=knowledge)
        targets = list(self._targets(hidden, knowledge=knowledge))
        self._sample_points(targets)
        yield from self._narrow(targets, hidden, knowledge=knowledge)

    def is_narrow(self, hidden: Set[Key], near: Set[Key], *, knowledge: Knowledge) -> bool:
        """Whether any interval is too narrow; the numbers in `near` are examined first. Raises Spent."""
        self.hide(hidden, knowledge=knowledge)
        targets = list(self._targets(hidden, knowledge=knowledge))
        first = [target for target in targets if target.key in near]
        if any(self._narrow(first, hidden, knowledge=Knowledge.NOTHING)):
            return True
        self._sample_points(targets)
        return any(self._narrow(targets, hidden, knowledge=knowledge))

    def _narrow(self, targets: Iterable[Target], hidden: Set[Key], *, knowledge: Knowledge) -> Iterator[Narrow]:
        for target in targets:
            if not self._is_seen_wide(target):
                yield from self._judge(target, hidden)
        if knowledge is Knowledge.SMALL:
            for unlisted in reversed(self._unlisted):
                for target in unlisted.targets(self.reader.k - 1):
                    if (target.name, knowledge) not in self.lost and not self._is_wide(target):
                        yield from self._judge(target, hidden)

    def _targets(self, hidden: Set[Key], *, knowledge: Knowledge) -> Iterator[Target]:
        """Yield every hidden number once."""
        seen: set[object] = set()
        for at in range(len(self.reader.worlds) - 1, -1, -1):
            for key, value in self.reader.worlds[at].values.items():
                number = (*key, value)
                is_fresh = at + 1 == len(self.reader.worlds) and key in hidden
                width = self.reader.width.get(number)
                if is_fresh and number not in self.reader.known:
                    own = (
                        self.widths.get(key, self.reader.k - 1) if knowledge is Knowledge.NOTHING else self.reader.k - 1
                    )
                    width = own if width is None or knowledge is Knowledge.NOTHING else self.reader.of_two(own, width)
                if (
                    width is None
                    or number in seen
                    or (number, knowledge) in self.lost
                    or number in self.reader.unprotected
                ):
                    continue
                seen.add(number)
                row = self.system.row[at][key]
                columns = self.program.rows[row].plus
                yield Target(number, columns, columns, width, key, is_fresh, row)

    def _is_seen_wide(self, target: Target) -> bool:
        row = target.row
        return row is not None and bool(self._most[row] - self._least[row] >= target.width - NEARLY)

    def _sample_points(self, targets: list[Target]) -> None:
        """Compute points in random directions until a point proves few further intervals wide."""
        left = [target.row for target in targets if target.row is not None and not self._is_seen_wide(target)]
        for turn in range(ROUNDS):
            if len(left) < FEW:
                return
            signs = np.ones(len(left)) if turn == 0 else self._rng.choice([-1.0, 1.0], len(left))
            weights: NDArray[np.float64] = np.zeros(self.program.columns)
            for row, sign in zip(left, signs, strict=True):
                weights[self.program.rows[row].plus] += sign
            index = np.flatnonzero(weights)
            for least in (False, True):
                self._sample_point(index, weights[index], least=least)
            before = len(left)
            left = [target.row for target in targets if target.row is not None and not self._is_seen_wide(target)]
            if before - len(left) < FEW:
                return

    def _sample_point(self, columns: Whole, weights: Floats, *, least: bool) -> None:
        if not self.is_exact:
            self._record(self.program.best(columns, weights, least=least))
            return
        point = self._end_nearby(columns, weights, least=least)
        if point is not None:
            self._keep(point.astype(np.float64), None)

    def _judge(self, target: Target, hidden: Set[Key]) -> list[Narrow]:
        """Return the target as a Narrow if its interval is too narrow, otherwise an empty list."""
        top = self._record(self.program.best(target.most), target)
        if self._is_wide(target):
            return []
        bottom = self._record(self.program.best(target.least, least=True), target)
        if top is None or bottom is None:
            raise Contradiction
        if self._is_wide(target):
            return []
        if target.key is None and self._is_no_small_count(target, top, bottom):
            return []
        is_wide = top.value - bottom.value >= target.width - NEARLY
        if is_wide and (not self.is_exact or self._is_wide_in_whole_numbers(target)):
            return []
        blame = self._blame(top, hidden) + self._blame(bottom, hidden)
        by_list = any(abs(end.duals[row]) > NEARLY for end in (top, bottom) for row in self._new_rows)
        is_new = target.is_fresh or by_list or not (blame or self._is_narrow_already(target, top, bottom))
        rows = np.flatnonzero((np.abs(top.duals) > NEARLY) | (np.abs(bottom.duals) > NEARLY)).tolist()
        return [Narrow(target.name, target.key, is_new, tuple(dict.fromkeys(blame)), tuple(rows))]

    def _is_no_small_count(self, target: Target, top: Bound, bottom: Bound) -> bool:
        """Whether it is proved that a cell is empty, or that its count is large enough to be shown."""
        most = self.program.implied(target.most, top.duals)
        if most is not None and most < 1:
            return True
        least = self.program.implied(target.least, bottom.duals, least=True)
        return least is not None and least > target.width

    def _is_narrow_already(self, target: Target, top: Bound, bottom: Bound) -> bool:
        """Whether it is proved that the interval is too narrow even without the new message."""
        most = self.program.implied(target.most, top.duals, but=self._fresh_rows)
        least = self.program.implied(target.least, bottom.duals, least=True, but=self._fresh_rows)
        return most is not None and least is not None and most - least < target.width

    def _is_wide(self, target: Target) -> bool:
        if isinstance(target.name, Place):
            return self._unlisted[target.name.world].is_harmless(target.name, target.width)
        return self._is_seen_wide(target)

    def _is_wide_in_whole_numbers(self, target: Target) -> bool:
        """Whether whole-number points far enough apart are found: near the fractional ends first, then everywhere."""
        for search in (self._end_nearby, self.program.best_whole):
            for columns, least in ((target.most, False), (target.least, True)):
                point = search(columns, least=least)
                if point is not None:
                    self._keep(point.astype(np.float64), target)
                if self._is_wide(target):
                    return True
        return False

    def _end_nearby(self, columns: Whole, weights: Floats | None = None, *, least: bool) -> Whole | None:
        """Return a whole-number point near an end of the interval; None if none is found."""
        end = self.program.best(columns, weights, least=least)
        if end is None:
            return None
        point = self.program.whole(end.point)
        return self.program.best_whole_near(end.point, columns, weights, least=least) if point is None else point

    def _blame(self, found: Bound, hidden: Set[Key]) -> list[Key]:
        """Return the numbers of the new message that determine this end of the interval."""
        shown = [
            key for key in self.reader.fresh if key not in hidden and self.reader.number(key) not in self.reader.known
        ]
        return [key for key in shown if abs(found.duals[self.row[key]]) > NEARLY]

    def numbers(self, each: Narrow) -> list[Number]:
        """Return the numbers of all messages on which an end of a narrow interval rests, those of the oldest first.

        With a count that moved by little also what was shown of it, which bounds it.
        """
        found: list[Number] = []
        for number in (self._number_of_row[row] for row in each.rows if row in self._number_of_row):
            sheet, cell, value = number
            found += [number, *((sheet, cell, old) for old in self._near((sheet, cell), value or 0))]
        return list(dict.fromkeys(found))

    @cached_property
    def _number_of_row(self) -> dict[int, Number]:
        return {
            row: (*key, world.values[key])
            for world, rows in zip(self.reader.worlds, self.system.row, strict=True)
            for key, row in rows.items()
        }

    def _record(self, found: Bound | None, target: Target | None = None) -> Bound | None:
        if found is not None:
            point = self.program.whole(found.point)
            if point is not None:
                self._keep(point.astype(np.float64), target)
            elif not self.is_exact:
                self._keep(found.point, target)
        return found

    def _keep(self, columns: Floats, target: Target | None) -> None:
        is_kept = self._see(Point(columns, self.program.sums(columns)))
        if is_kept and target is not None and isinstance(target.name, Place):
            own = self._unlisted[target.name.world]
            own.note(target.name, float(columns[target.most].sum()), float(columns[target.least].sum()))

    def _see(self, point: Point) -> bool:
        """Store a point; return whether it is stored. Only stored points can be deleted when they no longer fit."""
        if (len(self.points) + 1) * (point.columns.nbytes + point.sums.nbytes) > POINTS_BYTES_MAX:
            return False
        if self.points.setdefault(point.sums.tobytes(), point) is point:
            np.minimum(self._least, point.sums, out=self._least)
            np.maximum(self._most, point.sums, out=self._most)
            for unlisted in self._unlisted:
                unlisted.see(point.columns)
        return True

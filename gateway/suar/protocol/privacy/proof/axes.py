"""The axes of the population that a member counts, and the paths of its numbers on them.

A path leads from everybody (the empty path) to a category: `("H1", "Q2", "05")` is May, `("0-17", "0-8")` an age band,
`("A", "03")` a division of ISIC, `("TH", "TH-50")` a subdivision. Two paths are disjoint, or one contains the other.
The exception is a remainder, the `other` of a table (cells.other_than): it contains everybody except the codes that the
table lists.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from itertools import chain
from typing import Final

from suar.protocol.base.codelists import TOTAL, codes
from suar.protocol.privacy.proof.cells import OTHER, UNKNOWN, above, outside

Path = tuple[str, ...]
Point = tuple[tuple[str, Path], ...]
"""The point of a number: (axis, path) for each axis with a non-empty path, sorted."""

EVERYBODY: Final[Path] = ()
PERIOD: Final = "period"
BODY: Final = "body"
"""The axis of the bodies whose records are counted, each a part of the country's."""
CITIZENSHIP: Final = "citizenship"
SERIES: Final = "series"
"""The axis of series; its remainders have no name, such as presumed victims that were not detected."""
_MONTHS: Final = {0: 12, 1: 6, 2: 3, 3: 1}  # in a year, a half, a quarter, a month
_AGES: Final[Mapping[Path, int]] = {(): 10, ("0-17",): 2, ("18+",): 7}
_DIVISIONS: Final = {
    "A": 3, "B": 5, "C": 24, "D": 1, "E": 4, "F": 3, "G": 3, "H": 5, "I": 2, "J": 6, "K": 3, "L": 1, "M": 7, "N": 6,
    "O": 1, "P": 1, "Q": 3, "R": 4, "S": 3, "T": 2, "U": 1,
}  # fmt: skip
"""The number of divisions in each section of ISIC Rev.4."""
_CLOSED: Final = {
    "sex": "sex",
    "exploitation": "purpose",
    "means": "means-coarse",
    "recruiter": "recruiter-relation",
    "transport": "transport",
}
"""The breakdowns whose codes, including `other` and `unknown`, cover everybody."""


def of_period(period: str) -> Path:
    """Return the path of a period in its year."""
    rest = period[5:]
    if not rest or rest[0] == "H":
        return (rest,) if rest else EVERYBODY
    quarter = int(rest[1]) if rest[0] == "Q" else (int(rest) + 2) // 3
    path = (f"H{(quarter + 1) // 2}", f"Q{quarter}")
    return path if rest[0] == "Q" else (*path, rest)


def of_code(dimension: str, code: str) -> Path:
    """Return the path of a code in its breakdown."""
    level = next((parent for parent, _ in above(dimension, code) if parent != TOTAL), None)
    return (code,) if level is None else (level, code)


def _outside(axis: str, path: Path) -> list[Path] | None:
    """Return the paths that a remainder excludes; None if the path is not a remainder."""
    without = outside(path[0]) if path else None
    return None if without is None else [of_code(axis, code) for code in without]


@cache
def leaves(axis: str, path: Path) -> int | None:
    """Return the number of finest categories that a path contains, or None if it is unknown."""
    if axis == PERIOD:
        return _MONTHS[len(path)]
    if axis == "age":
        return _AGES.get(path, 1)
    if axis == "industry" and path:
        return 1 if len(path) > 1 else _DIVISIONS.get(path[0])
    if axis in _CLOSED:
        return 1 if path else len([code for code in codes(_CLOSED[axis]) if code != TOTAL])
    return None


@cache
def rest_codes(axis: str) -> frozenset[str]:
    """Return which of `other` and `unknown` a breakdown has whose codes cover everybody; none for any other axis."""
    listed = codes("age" if axis == "age" else _CLOSED[axis]) if axis == "age" or axis in _CLOSED else ()
    return frozenset({OTHER, UNKNOWN}.intersection(listed))


class Axis:
    """The named paths of one axis, and its atoms: the remainder of each path outside the named paths below it."""

    def __init__(self, name: str, named: Iterable[Path], *, are_all: bool = False) -> None:
        """`are_all`: whether the named paths are complete."""
        self.name, self._has_all_codes = name, are_all
        named = set(named)
        self._without = {path: without for path in named if (without := _outside(name, path)) is not None}
        tree = sorted({EVERYBODY, *(named - self._without.keys()), *chain(*self._without.values())})
        self.paths = [*tree, *sorted(self._without)]
        self.below: dict[Path, list[Path]] = {path: [] for path in tree}
        for path in tree[1:]:
            above_it = (path[:length] for length in range(len(path) - 1, -1, -1))
            self.below[next(other for other in above_it if other in self.below)].append(path)
        self.atoms = [path for path in tree if self._has_rest(path)]

    def holds(self, path: Path) -> list[bool]:
        """Return a mask of the atoms that are in the path."""
        without = self._without.get(path)
        if without is None:
            return [atom[: len(path)] == path for atom in self.atoms]
        return [not any(atom[: len(listed)] == listed for listed in without) for atom in self.atoms]

    def options(self) -> list[list[bool]]:
        """Return the masks of all sets of atoms that a cell can name: each path, and the remainder of each path."""
        rests = [path for path in self.atoms if self.below[path] and self.name != SERIES]
        return [self.holds(path) for path in self.paths] + [[atom == rest for atom in self.atoms] for rest in rests]

    def _has_rest(self, path: Path) -> bool:
        if self.name == SERIES and len(path) < 2:  # every number belongs to a series
            return False
        if self._has_all_codes and not path:
            return False
        count = leaves(self.name, path)
        parts = [leaves(self.name, part) for part in self.below[path]]
        if count is None or None in parts:
            return True
        return count > sum(part or 0 for part in parts)

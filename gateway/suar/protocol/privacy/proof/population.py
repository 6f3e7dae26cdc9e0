"""Where each number stands among the people of its family (families.py): axes of period, place, breakdown and series.

Series that count the same people, or some of them, share a population: so a number's point has, beside period and
breakdown, the series whose people it is of, from the widest down, and its place in that role.
"""

from collections.abc import Iterable
from typing import Final

from suar.protocol.privacy.proof.axes import CITIZENSHIP, PERIOD, SERIES, Path, Point, of_code, of_period
from suar.protocol.privacy.proof.cells import Cell, Sheet
from suar.protocol.privacy.proof.families import chain

HOME_ROLE: Final = "detection"
"""The role in which a member's own country is everybody: whom it counts, it found there."""
ORIGIN: Final = "place origin"
_SAME_BASIS: Final = frozenset({"detection", "registration"})
"""Whom a year detected it registered, but for its last days; judgments and exploitation are of other years."""


def _role(sheet: Sheet) -> str:
    return sheet.series.rpartition("|")[2]


def _series(sheet: Sheet) -> Path:
    """The series whose people a sheet's are, from the widest down."""
    basis = sheet.series.split("|")[3]
    return ("" if basis in _SAME_BASIS else basis, *chain(sheet))


class Population:
    """The points of one family's numbers. `home`: the country of the member whose numbers they are."""

    def __init__(self, keys: Iterable[tuple[Sheet, Cell]], home: str) -> None:
        keys = list(keys)
        found = {sheet.country for sheet, _ in keys if _role(sheet) == HOME_ROLE}
        self.home = home if home in found or len(found) != 1 else found.pop()
        self._lies_in: dict[tuple[str, str], str] = {}  # a port may be named without its subdivision
        for sheet, cell in keys:
            if cell.locode and cell.admin1:
                self._lies_in.setdefault((sheet.country, cell.locode), cell.admin1)

    def point(self, sheet: Sheet, cell: Cell) -> Point:
        """Where a number stands."""
        role = _role(sheet)
        admin1 = self._lies_in.get((sheet.country, cell.locode), cell.admin1)
        place = [part for part in (admin1, cell.locode) if part]
        is_home = role == HOME_ROLE and sheet.country == self.home
        is_abroad = role == HOME_ROLE and not is_home
        paths: dict[str, Path] = {name: of_code(name, code) for name, code in cell.dims}
        paths |= {
            PERIOD: of_period(cell.period),
            SERIES: ("abroad", *_series(sheet)) if is_abroad else _series(sheet),
            f"place {role}": tuple(place) if is_home else (sheet.country, *place),
        }
        return tuple(sorted((axis, path) for axis, path in paths.items() if path))


def twins(point: Point) -> tuple[Point, Point] | None:
    """Whom a country of origin counts, and its citizens: the same people; None where a point says nothing of that."""
    paths = dict(point)
    path = paths.pop(ORIGIN, ())[:1]
    if not path or CITIZENSHIP in paths:
        return None
    one, other = {**paths, ORIGIN: path}, {**paths, CITIZENSHIP: path}
    return tuple(sorted(one.items())), tuple(sorted(other.items()))

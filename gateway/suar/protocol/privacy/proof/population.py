"""The position of each number among the people of its family (families.py): axes of period, place, breakdown and
series.

Series that count the same people, or some of them, share a population. So a number's point contains, besides period and
breakdown, the series whose people it counts, from the widest down, its place in that role, and the body whose records
alone it counts.
"""

from collections.abc import Iterable
from typing import Final

from suar.protocol.privacy.proof.axes import BODY, CITIZENSHIP, PERIOD, SERIES, Path, Point, of_code, of_period
from suar.protocol.privacy.proof.cells import Cell, Sheet, path_of, region_of
from suar.protocol.privacy.proof.families import chain

HOME_ROLE: Final = "detection"
"""The role in which a member's own country is everybody, because it found all whom it counts there."""
ORIGIN: Final = "place origin"
_SAME_BASIS: Final = frozenset({"detection", "registration"})
"""Date bases treated as one: persons are registered when detected, except in a year's last days."""


def _role(sheet: Sheet) -> str:
    return sheet.series.rpartition("|")[2]


def _series(sheet: Sheet) -> Path:
    """Return the series whose people a sheet counts, from the widest down."""
    basis = sheet.series.split("|")[3]
    return ("" if basis in _SAME_BASIS else basis, *chain(sheet))


class Population:
    """The points of one family's numbers. `home`: the country of the member that published them."""

    def __init__(self, keys: Iterable[tuple[Sheet, Cell]], home: str) -> None:
        keys = list(keys)
        found = {sheet.country for sheet, _ in keys if _role(sheet) == HOME_ROLE}
        self.home = home if home in found or len(found) != 1 else found.pop()
        self._lies_in: dict[tuple[str, str], str] = {}  # subdivision of a port that is named without it
        for sheet, cell in keys:
            if cell.locode and cell.admin1:
                port = sheet.country, cell.locode
                if port not in self._lies_in or region_of(cell.admin1) == self._lies_in[port]:  # the finer one
                    self._lies_in[port] = cell.admin1
        admins = {(sheet.country, cell.admin1) for sheet, cell in keys if cell.admin1}
        self._divided = {(country, part) for country, admin1 in admins for part in ("", region_of(admin1))}

    def point(self, sheet: Sheet, cell: Cell) -> Point:
        """Return the position of a number."""
        role = _role(sheet)
        admin1 = self._lies_in.get((sheet.country, cell.locode), cell.admin1)
        is_within = (sheet.country, admin1) not in self._divided  # else it may lie in any named part of it
        place = path_of(admin1, cell.locode if is_within else "")
        is_home = role == HOME_ROLE and sheet.country == self.home
        is_abroad = role == HOME_ROLE and not is_home
        paths: dict[str, Path] = {name: of_code(name, code) for name, code in cell.dims}
        paths |= {
            PERIOD: of_period(cell.period),
            BODY: (sheet.body,) if sheet.body else (),
            SERIES: ("abroad", *_series(sheet)) if is_abroad else _series(sheet),
            f"place {role}": place if is_home else (sheet.country, *place),
            f"port {role}": () if is_within or not cell.locode else (sheet.country, cell.locode),
        }
        return tuple(sorted((axis, path) for axis, path in paths.items() if path))


def twins(point: Point) -> tuple[Point, Point] | None:
    """Return the points for a country of origin and for its citizens, who are the same people.

    None if neither is named.
    """
    paths = dict(point)
    path = paths.pop(ORIGIN, ())[:1]
    if not path or CITIZENSHIP in paths:
        return None
    one, other = {**paths, ORIGIN: path}, {**paths, CITIZENSHIP: path}
    return tuple(sorted(one.items())), tuple(sorted(other.items()))

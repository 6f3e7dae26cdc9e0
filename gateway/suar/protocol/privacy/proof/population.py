"""The point of each number in the population of its family (families.py): its paths on all axes.

Series that count the same people, or some of them, share a population. The point of a number consists of its period,
its breakdowns, the series whose people it counts (widest first), its location in the role of the series, and the body
if it counts the records of one body only.
"""

from collections.abc import Iterable
from typing import Final

from suar.protocol.privacy.proof.axes import BODY, CITIZENSHIP, PERIOD, SERIES, Path, Point, of_code, of_period
from suar.protocol.privacy.proof.cells import Cell, Sheet, path_of, regions_of
from suar.protocol.privacy.proof.families import chain

HOME_ROLE: Final = "detection"
"""The role in which the member's own country contains everybody, because the member detected all whom it counts."""
ORIGIN: Final = "place origin"
_SAME_BASIS: Final = frozenset({"detection", "registration"})
"""Date bases treated as one: persons are registered when detected, except in the last days of a year."""


def _role(sheet: Sheet) -> str:
    return sheet.series.rpartition("|")[2]


def _series(sheet: Sheet) -> Path:
    """Return the path of a sheet on the axis of series: the date basis, then the linked series, widest first."""
    basis = sheet.series.split("|")[3]
    return ("" if basis in _SAME_BASIS else basis, *chain(sheet))


class Population:
    """Computes the points of the numbers of one family. `home`: the country of the member that published them."""

    def __init__(self, keys: Iterable[tuple[Sheet, Cell]], home: str) -> None:
        keys = list(keys)
        found = {sheet.country for sheet, _ in keys if _role(sheet) == HOME_ROLE}
        self.home = home if home in found or len(found) != 1 else found.pop()
        self._lies_in: dict[tuple[str, str], str] = {}  # (country, port) -> subdivision
        for sheet, cell in keys:
            if cell.locode and cell.admin1:
                port = sheet.country, cell.locode
                if port not in self._lies_in or self._lies_in[port] in regions_of(cell.admin1):  # the finer one
                    self._lies_in[port] = cell.admin1
        admins = {(sheet.country, cell.admin1) for sheet, cell in keys if cell.admin1}
        self._divided = {(country, part) for country, admin1 in admins for part in ("", *regions_of(admin1))}

    def point(self, sheet: Sheet, cell: Cell) -> Point:
        """Return the point of a number: its non-empty paths, sorted by axis."""
        role = _role(sheet)
        admin1 = self._lies_in.get((sheet.country, cell.locode), cell.admin1)
        is_within = (sheet.country, admin1) not in self._divided  # otherwise it may be in any named part
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
    """Return the points by country of origin and by citizenship, which are the same people.

    None if the point has no country of origin or has a citizenship already.
    """
    paths = dict(point)
    path = paths.pop(ORIGIN, ())[:1]
    if not path or CITIZENSHIP in paths:
        return None
    one, other = {**paths, ORIGIN: path}, {**paths, CITIZENSHIP: path}
    return tuple(sorted(one.items())), tuple(sorted(other.items()))

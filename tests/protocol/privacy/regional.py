"""Random histories of regions with their provinces and ports, by month, in one table and over several."""

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from protocol.privacy.finest_places import OPEN, PROVINCES, around
from protocol.privacy.people import Cell, People, grid, some_people
from suar.protocol.message.kinds import Trend

COUNTRIES: Final[Mapping[str, Sequence[str]]] = {
    "BD": ("BD-A", "BD-G", "BD-H"), "ID": ("ID-NU", "ID-ML", "ID-KA"), "LK": ("LK-1", "LK-6", "LK-8"),
    "PH": ("PH-01", "PH-07", "PH-12"), "TH": ("TH-20", "TH-90", "TH-21"),
}  # fmt: skip
"""Some regions of each, and provinces of a country that has none of its own."""
ROLES: Final = ("detection", "origin", "exploitation", "return")


class Resident(People):
    """People whose place is a subdivision, of any level, and a port in it or none: `admin1/port`."""

    def number(self, cell: Cell) -> int:
        """How many are in a cell."""
        at = self.trees.index("where")
        inside = {leaves: count for leaves, count in self.counts.items() if _lies_in(leaves[at], cell)}
        return People(self.trees, inside).number(cell)

    def changed(self, rng: random.Random, k: int) -> "Resident":
        """As they are counted some time later."""
        return Resident(self.trees, super().changed(rng, k).counts)


def _lies_in(where: str, cell: Cell) -> bool:
    admin1, _, port = where.partition("/")
    return cell.get("admin1") in (None, *around(admin1)) and cell.get("locode") in (None, port)


def regions(rng: random.Random, k: int) -> Iterator[Trend]:
    """A country, regions, their provinces and ports, of which some are left out, in one to three tables.

    In some of them nobody knows the province of a few, a port is named in its region alone, or numbers move.
    """
    country = rng.choice(sorted(COUNTRIES))
    chosen = rng.sample(COUNTRIES[country], rng.randint(1, 2))
    inner = [province for region in chosen for province in PROVINCES.get(region, ())]
    if rng.random() < 0.3:
        inner = rng.sample(inner, rng.randint(0, len(inner)))
    ports = {
        f"{country}Q{chr(65 + at)}{chr(65 + at)}": subdivision
        for at, subdivision in enumerate(rng.sample(inner, min(2, len(inner))))
    }
    known = [*inner, *(region for region in chosen if region not in PROVINCES or region in OPEN or rng.random() < 0.3)]
    where = [f"{admin1}/" for admin1 in known or chosen] + [
        f"{subdivision}/{port}" for port, subdivision in ports.items()
    ]
    where += ["/"] if rng.random() < 0.5 else []
    ways, margins = _breakdowns(rng)
    some = some_people(rng, {"where": where, **ways}, rng.choice([4, 12, 40]))
    people = Resident(some.trees, some.counts)
    cells: list[Cell] = [{}, *({"admin1": admin1} for admin1 in (*chosen, *inner))]
    for port, subdivision in ports.items():
        cells.append({"admin1": rng.choice(around(subdivision)), "locode": port})
        cells += [{"locode": port}] if rng.random() < 0.2 else []
    role = rng.choice(ROLES)
    for table in _split(rng, [{**cell, role: country} for cell in cells if rng.random() > 0.15]):
        yield people.table(
            [{**cell, **other} for cell in table for other in grid(margins)], role=role,
            tlp="GREEN" if k == 10 else "AMBER",
        )  # fmt: skip
        people = people.changed(rng, k) if rng.random() < 0.1 else people


def _breakdowns(rng: random.Random) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The leaves of months and sexes, and the nodes of both that a table has."""
    ways, margins = {}, {}
    if rng.random() < 0.4:
        ways["period"] = ["2026-01", "2026-02", "2026-03"]
        margins["period"] = rng.choice(
            [["2026-01", "2026-02", "2026-03"], ["2026-01", "2026-02", "2026-03", "2026-Q1"]]
        )
    if rng.random() < 0.4:
        ways["sex"] = ["female", "male"]
        margins["sex"] = ["female", "male", *(["total"] if rng.random() < 0.6 else [])]
    return ways, margins


def _split(rng: random.Random, cells: list[Cell]) -> list[list[Cell]]:
    """In one to three tables: at random, or by the level of the place, in any order."""
    if rng.random() < 0.5:
        count, mixed = rng.randint(1, 3), rng.sample(cells, len(cells))
        return [part for at in range(count) if (part := mixed[at::count])]
    levels: dict[bool, list[Cell]] = {}
    for cell in cells:
        levels.setdefault(cell.get("admin1") in PROVINCES or "admin1" not in cell, []).append(cell)
    return rng.sample(list(levels.values()), len(levels))

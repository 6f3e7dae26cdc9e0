"""Make static/land.svg and points.json: `python -m suar.console.pictures.make_map FOLDER`.

FOLDER is the unpacked npm package world-atlas 2.0.2 (ISC licence; its shapes are Natural Earth's, public domain).
Land without borders, cropped to the region; of each country one point inside of its largest part on the map.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from babel.core import get_global

WEST, SOUTH, EAST, NORTH = 88, -13, 146, 30
SCALE: Final = 10  # pixels of a degree
AREA_MIN: Final = 0.02  # square degrees; smaller islands are left out
PART_MIN: Final = 2.0  # of a country that is only partly on the map
LAND: Final = Path(__file__).parents[1] / "static/land.svg"
POINTS: Final = Path(__file__).parent / "points.json"
Point = tuple[float, float]
Ring = list[Point]


def main(folder: Path) -> None:
    """Write both files."""
    land = _topology(folder / "land-50m.json", "land")
    rings = [each for _, rings in land for each in map(cropped, rings) if area(each) >= AREA_MIN]
    path = "".join(map(_path, rings))
    size = f"{(EAST - WEST) * SCALE} {(NORTH - SOUTH) * SCALE}"
    shape = f'<path d="{path}" fill="#dfe5ea" stroke="#6b7a88"/>'
    LAND.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}">{shape}</svg>\n', "utf-8")
    points = dict(sorted(_points(_topology(folder / "countries-50m.json", "countries"))))
    POINTS.write_text(json.dumps(points, separators=(",", ":")) + "\n", "utf-8")


def _topology(file: Path, name: str) -> Iterator[tuple[str, list[Ring]]]:
    """Yield (ISO number, outer rings) of each shape of a TopoJSON file, in degrees."""
    read: dict[str, Any] = json.loads(file.read_text("utf-8"))
    (sx, sy), (tx, ty) = read["transform"]["scale"], read["transform"]["translate"]
    arcs: list[Ring] = []
    for arc in read["arcs"]:
        x = y = 0
        arcs.append([])
        for dx, dy in arc:
            x, y = x + dx, y + dy
            arcs[-1].append((x * sx + tx, y * sy + ty))
    for shape in read["objects"][name]["geometries"]:
        parts = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
        yield str(shape.get("id", "")), [_ring(part[0], arcs) for part in parts]


def _ring(ids: Iterable[int], arcs: list[Ring]) -> Ring:
    found: Ring = []
    for number in ids:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        found += arc[1:] if found else arc
    return found


def cropped(ring: Ring) -> Ring:
    """Return the part of a ring inside the map (Sutherland and Hodgman)."""
    for axis, limit, side in ((0, WEST, 1), (0, EAST, -1), (1, SOUTH, 1), (1, NORTH, -1)):
        kept: Ring = []
        for before, here in zip([ring[-1], *ring[:-1]] if ring else [], ring, strict=True):
            was_in, is_in = (before[axis] - limit) * side >= 0, (here[axis] - limit) * side >= 0
            if was_in != is_in:
                share = (limit - before[axis]) / (here[axis] - before[axis])
                other = before[1 - axis] + share * (here[1 - axis] - before[1 - axis])
                kept.append((limit, other) if axis == 0 else (other, limit))
            if is_in:
                kept.append(here)
        ring = kept
    return ring


def area(ring: Ring) -> float:
    """Return the area in square degrees."""
    pairs = zip([ring[-1], *ring[:-1]] if ring else [], ring, strict=True)
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2


def _path(ring: Ring) -> str:
    points: list[tuple[int, int]] = []
    for each in ring:
        pixel = _pixel(each)
        if not points or pixel != points[-1]:
            points.append(pixel)
    if len(points) < 3:
        return ""
    steps = (f"{b[0] - a[0]} {b[1] - a[1]}" for a, b in pairwise(points))
    return f"M{points[0][0]} {points[0][1]}l{' '.join(steps)}z"


def _pixel(point: Point) -> tuple[int, int]:
    return round((point[0] - WEST) * SCALE), round((NORTH - point[1]) * SCALE)


def _points(countries: Iterable[tuple[str, list[Ring]]]) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield (country, pixel) of those that are on the map."""
    numbers = get_global("territory_aliases")
    for number, rings in countries:
        codes = numbers.get(number, [])
        parts = [each for each in map(cropped, rings) if len(each) > 2]
        whole = sum(map(area, rings))
        seen = sum(map(area, parts))
        if len(codes) == 1 and parts and seen >= min(PART_MIN, whole / 2):
            yield codes[0], _pixel(inside(max(parts, key=area)))


def inside(ring: Ring) -> Point:
    """Return a point inside a ring: in the middle of its widest stretch at the height of its centre."""
    lat = sum(point[1] for point in ring) / len(ring)
    crossings = sorted(
        a[0] + (lat - a[1]) / (b[1] - a[1]) * (b[0] - a[0])
        for a, b in zip([ring[-1], *ring[:-1]], ring, strict=True)
        if (a[1] > lat) != (b[1] > lat)
    )
    stretches = list(zip(crossings[::2], crossings[1::2], strict=True))
    west, east = max(stretches, key=lambda each: each[1] - each[0])
    return (west + east) / 2, lat


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""The locations and legs of a message on a map of the region: one point for each country, land without borders.

The land is a separate file (static/land.svg), which browsers cache. Finer locations, and those that are not on the map,
are in the table beside it.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from suar.console.assets import address
from suar.console.pictures.svg import Picture, drawing
from suar.languages.cldr.subdivisions import with_name
from suar.languages.names import Names
from suar.languages.rendering.values import Values
from suar.protocol.message.fields import Place
from suar.protocol.message.spec import fields_of

WIDTH, HEIGHT = 580, 430
RADIUS: Final = 13
SPACING: Final = 2 * RADIUS + 2  # pixels between two marks
PLACES_MAX: Final = 40
_FILE: Final = Path(__file__).parent / "points.json"
COLOUR: Final = "#0b5394"


class MapRow(Struct, frozen=True):
    """A country of the table: `number` on the map, 0 if it is not on it; `details`: what the message states."""

    number: int
    country: str
    details: tuple[str, ...]


class PlaceMap(Struct, frozen=True):
    """The map and the table beside it."""

    picture: Picture
    rows: tuple[MapRow, ...]


@cache
def points() -> dict[str, tuple[int, int]]:
    """Return the point of each country that is on the map."""
    read: dict[str, list[int]] = json.loads(_FILE.read_text("utf-8"))
    return {code: (x, y) for code, (x, y) in read.items()}


def place_map(message: Mapping[str, Any], names: Names, title: str) -> PlaceMap | None:
    """Return the map of a message; None if it names no location on it."""
    places = list(message.get("places") or ())[:PLACES_MAX]
    legs = [(leg["from"], leg["to"]) for leg in list(message.get("legs") or ())[:PLACES_MAX]]
    countries = list(
        dict.fromkeys([*(each["country"] for each in places), *(a["country"] for leg in legs for a in leg)])
    )
    on_map = [code for code in countries if code in points()]
    if not on_map:
        return None
    at = spread({code: points()[code] for code in on_map})
    number = {code: n for n, code in enumerate(on_map, 1)}
    rows = tuple(
        MapRow(number.get(code, 0), names.country(code), tuple(_roles_and_places(code, places, names)))
        for code in countries
    )
    pairs = list(dict.fromkeys((a["country"], b["country"]) for a, b in legs if a["country"] != b["country"]))
    ways = [(a, b) for a, b in pairs if a in at and b in at]
    sentences = [f"{row.number}: {row.country}{_listed(row, names)}." for row in rows if row.number]
    sentences += [f"{names.country(a)} → {names.country(b)}." for a, b in ways]
    body = [_land(), *(_way(at[a], at[b]) for a, b in ways), *(_point(at[code], number[code]) for code in on_map)]
    return PlaceMap(Picture(drawing("map", (WIDTH, HEIGHT), title, sentences, body), title), rows)


def spread(wanted: Mapping[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """Return the positions of the marks: each at its country, or beside it if another mark is there."""
    found: dict[str, tuple[int, int]] = {}
    for code, at in wanted.items():
        free = (spot for spot in _around(at) if all(math.dist(spot, each) >= SPACING - 1 for each in found.values()))
        found[code] = next(free, at)
    return found


def _around(at: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Yield the position itself, then rings around it, inside the map."""
    for ring in range(4):
        for step in range(8):
            turn = step * math.pi / 4
            x, y = round(at[0] + ring * SPACING * math.cos(turn)), round(at[1] + ring * SPACING * math.sin(turn))
            yield min(max(x, RADIUS), WIDTH - RADIUS), min(max(y, RADIUS), HEIGHT - RADIUS)


def _roles_and_places(code: str, places: Sequence[Mapping[str, Any]], names: Names) -> Iterator[str]:
    """Return the roles of a country and the finer locations, in words."""
    known, role = Values(names), fields_of(Place)["role"][1]
    for each in places:
        if each["country"] == code:
            finer = [with_name(each["admin1"], names.tag)] if "admin1" in each else []
            finer += [str(each["locode"])] if "locode" in each else []
            yield " ".join([known.one(role, "role", each["role"]), *finer])


def _listed(row: MapRow, names: Names) -> str:
    return f", {Values(names).join(row.details)}" if row.details else ""


def _land() -> str:
    return f'<image href="{address("land.svg")}" width="{WIDTH}" height="{HEIGHT}"/>'


def _point(at: tuple[int, int], number: int) -> str:
    x, y = at
    return (
        f'<circle class="place" cx="{x}" cy="{y}" r="{RADIUS}" fill="{COLOUR}" stroke="#ffffff" stroke-width="2"/>'
        f'<text x="{x}" y="{y + 5}" font-size="15" font-weight="700" text-anchor="middle" fill="#ffffff">'
        f"{number}</text>"
    )


def _way(start: tuple[int, int], end: tuple[int, int]) -> str:
    """Return an arrow from mark to mark."""
    length = max(math.dist(start, end), 1)
    ux, uy = (end[0] - start[0]) / length, (end[1] - start[1]) / length
    tip = (end[0] - ux * (RADIUS + 2), end[1] - uy * (RADIUS + 2))
    left = (tip[0] - ux * 12 - uy * 7, tip[1] - uy * 12 + ux * 7)
    right = (tip[0] - ux * 12 + uy * 7, tip[1] - uy * 12 - ux * 7)
    head = "L".join(f"{x:.0f} {y:.0f}" for x, y in (tip, left, right))
    return (
        f'<path class="way" d="M{start[0]} {start[1]}L{tip[0]:.0f} {tip[1]:.0f}" stroke="{COLOUR}" stroke-width="4"/>'
        f'<path d="M{head}z" fill="{COLOUR}"/>'
    )

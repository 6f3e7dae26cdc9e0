"""Charts and maps: nothing hidden is drawn as a value, everything drawn stands in words, in every language."""

import copy
import json
import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suar.console.assets import address
from suar.console.pictures import chart, make_map, place_map
from suar.console.pictures.svg import Picture
from suar.languages.names import names
from suar.languages.tags import LANGUAGES
from suar.standard import shipped
from support.console import browser, served
from support.pairs import Two

ENGLISH = names("en")
SVG = "{http://www.w3.org/2000/svg}"
TRENDS = [name for name in shipped.names() if name.startswith("trend")]
ALLOWED = frozenset({
    "svg", "title", "desc", "defs", "pattern", "rect", "path", "text", "g", "circle", "image",
})  # fmt: skip


def drawn(picture: Picture) -> ET.Element:
    """As XML; a name space makes it a document of its own."""
    return ET.fromstring(str(picture.svg).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def described(root: ET.Element) -> str:
    found = root.find(f"{SVG}desc")
    assert found is not None
    return found.text or ""


def trend(*cells: tuple[str, str, int | None], status: str = "S") -> dict[str, Any]:
    return {
        "obs": [
            {
                "period": period, "place": {"role": "detection", "country": "TH"}, "dims": {"sex": sex},
                "value": value, "status": "A" if value is not None else status,
            }
            for period, sex, value in cells
        ]
    }  # fmt: skip


def columns(picture: Picture) -> list[ET.Element]:
    return [each for each in drawn(picture).iter(f"{SVG}rect") if each.get("class") == "figure"]


def marks(picture: Picture) -> list[ET.Element]:
    return [each for each in drawn(picture).iter(f"{SVG}g") if each.get("class") == "hidden"]


# -- what is hidden


FIGURES = st.dictionaries(
    st.tuples(st.sampled_from(["2024", "2025", "2026-H1"]), st.sampled_from(["female", "male", "total"])),
    st.one_of(st.none(), st.integers(0, 1_000_000)), min_size=2,
)  # fmt: skip


@given(FIGURES)
def test_a_hidden_figure_has_a_mark_and_never_a_column(figures: dict[tuple[str, str], int | None]) -> None:
    found = chart.chart(trend(*((period, sex, value) for (period, sex), value in figures.items())), ENGLISH)
    values = [value for value in figures.values() if value is not None]
    if found is None:
        assert not values
        return
    assert len(columns(found)) == len(values)
    assert len(marks(found)) == len(figures) - len(values)
    top = chart.scale_of(values)
    for column in columns(found):
        height = float(column.get("height", "nan"))
        assert any(math.isclose(height, value / top * (chart.BASE - chart.TOP), abs_tol=0.06) for value in values)


@given(st.integers(1, 1_000_000), st.integers(1, 1_000_000))
def test_nothing_in_the_picture_depends_on_a_figure_that_is_hidden(one: int, other: int) -> None:
    """Not the scale, not a height, not a word: the picture is the same whatever was there."""

    def hiding(value: int) -> str:
        message = trend(("2025", "female", 40), ("2025", "male", None), ("2026", "female", 30))
        message["obs"][1]["note"] = value  # what no page may take up
        found = chart.chart(message, ENGLISH)
        assert found is not None
        return str(found.svg)

    assert hiding(one) == hiding(other)


def test_every_mark_has_one_height_and_says_why() -> None:
    found = chart.chart(trend(("2025", "female", 900), ("2025", "male", None), ("2026", "male", None)), ENGLISH)
    assert found is not None
    boxes = [mark.find(f"{SVG}rect") for mark in marks(found)]
    assert {box.get("height") for box in boxes if box is not None} == {str(chart.MARK)}
    assert [mark.findtext(f"{SVG}text") for mark in marks(found)] == ["S", "S"]
    assert "Suppressed for the privacy of victims" in " ".join(found.hidden)
    assert described(drawn(found)).count("Suppressed for the privacy of victims") == 2
    missing = chart.chart(trend(("2025", "female", 900), ("2025", "male", None), status="M"), ENGLISH)
    assert missing is not None
    assert [mark.findtext(f"{SVG}text") for mark in marks(missing)] == ["M"]


# -- which figures


def test_of_many_categories_one_breakdown_is_drawn_and_of_too_many_none() -> None:
    ages = ["0-8", "9-17", "18-20", "21-23", "total"]
    message: dict[str, list[dict[str, Any]]] = {
        "obs": [
            {
                "period": "2026", "place": {"role": "detection", "country": "TH"}, "dims": {"sex": sex, "age": age},
                "value": 20, "status": "A",
            }
            for sex in ("female", "male", "total") for age in ages
        ]
    }  # fmt: skip
    found = chart.figures(message["obs"], ENGLISH)
    assert found is not None
    assert len(found.series) == 3
    assert found.labels == ("Female", "Male", ENGLISH.words.phrase("total"))
    without_totals = [cell for cell in message["obs"] if "total" not in cell["dims"].values()]
    assert chart.figures(without_totals, ENGLISH) is None
    assert chart.chart({"kind": "alert"}, ENGLISH) is None


@pytest.mark.parametrize("values", [[1], [0, 0], [7, 19], [20, 21], [999_999_999]])
def test_the_scale_holds_the_largest_figure(values: list[int]) -> None:
    top = chart.scale_of(values)
    assert max(values) <= top <= max(1, 2.5 * max(values))
    assert re.fullmatch(r"[125]0*", str(top))


def test_the_newest_periods_are_drawn() -> None:
    cells = [(f"{year}", "female", year) for year in range(1990, 2027)]
    found = chart.figures(trend(*cells)["obs"], ENGLISH)
    assert found is not None
    assert (len(found.periods), found.periods[-1]) == (chart.PERIODS_MAX, "2026")


# -- what both have


def pictures(tag: str) -> Iterator[tuple[str, Picture]]:
    known = names(tag)
    for name in shipped.names():
        message = shipped.example(name)
        made = chart.chart(message, known)
        if made is not None:
            yield name, made
        on_map = place_map.place_map(message, known, known.words.console("map"))
        if on_map is not None:
            yield name, on_map.picture


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_example_is_drawn_with_title_and_words_and_nothing_that_the_policy_stops(tag: str) -> None:
    found = list(pictures(tag))
    assert {name for name, _ in found} >= {"trend-detected-by-sex", "alert-new-route", "pattern-seafood-debt"}
    assert len([name for name, _ in found if name.startswith("trend")]) >= 3
    for name, picture in found:
        root = drawn(picture)
        assert root.get("role") == "img"
        ids = {each.get("id") for each in root if each.get("id")}
        assert set((root.get("aria-labelledby") or "").split()) <= ids
        assert root.findtext(f"{SVG}title") == picture.title != ""
        assert len(described(root)) > 10, name
        for each in root.iter():
            assert each.tag.removeprefix(SVG) in ALLOWED
            assert not {"style", "onclick", "onload"} & each.attrib.keys()


def test_markup_of_a_publisher_stays_text() -> None:
    message = trend(("2025", "female", 1), ("2025", '"><script>x</script>', 2))
    found = chart.chart(message, ENGLISH)
    assert found is not None
    assert "<script" not in str(found.svg)
    assert "&lt;script" in str(found.svg)


# -- the map


def test_every_member_has_a_point_on_land_and_no_two_marks_cover_each_other() -> None:
    members = {"BN", "ID", "KH", "LA", "MM", "MY", "PH", "SG", "TH", "TL", "VN"}
    assert members <= place_map.points().keys()
    spots = place_map.spread(place_map.points())
    distances = [math.dist(a, b) for code, a in spots.items() for other, b in spots.items() if code < other]
    assert min(distances) >= 2 * place_map.RADIUS
    for x, y in spots.values():
        assert 0 < x < place_map.WIDTH
        assert 0 < y < place_map.HEIGHT


def test_the_map_shows_countries_and_legs_and_says_finer_places() -> None:
    message = shipped.example("pattern-seafood-debt")
    found = place_map.place_map(message, ENGLISH, "Map")
    assert found is not None
    root = drawn(found.picture)
    assert len([each for each in root.iter(f"{SVG}circle") if each.get("class") == "place"]) == 2
    assert len([each for each in root.iter(f"{SVG}path") if each.get("class") == "way"]) == 1
    assert [row.number for row in found.rows] == [1, 2]
    assert "Samut Sakhon (TH-74) THMHC" in " ".join(found.rows[1].details)
    assert "Myanmar" in described(root)
    (land,) = root.iter(f"{SVG}image")
    assert land.get("href") == address("land.svg")


def test_a_country_that_is_not_on_the_map_is_in_the_table() -> None:
    message = copy.deepcopy(shipped.example("alert-new-route"))
    message["places"].append({"role": "origin", "country": "BR"})
    found = place_map.place_map(message, ENGLISH, "Map")
    assert found is not None
    assert [(row.number, row.country) for row in found.rows][-1] == (0, "Brazil")
    only = {"places": [{"role": "origin", "country": "BR"}]}
    assert place_map.place_map(only, ENGLISH, "Map") is None


def test_the_generator_crops_and_finds_a_point_inside() -> None:
    square = [(90.0, 0.0), (90.0, 10.0), (100.0, 10.0), (100.0, 0.0)]
    assert make_map.area(make_map.cropped(square)) == pytest.approx(100)
    over_the_edge = [(80.0, 0.0), (80.0, 10.0), (98.0, 10.0), (98.0, 0.0)]
    assert make_map.area(make_map.cropped(over_the_edge)) == pytest.approx(100)
    outside = [(10.0, 0.0), (10.0, 10.0), (20.0, 10.0), (20.0, 0.0)]
    assert make_map.cropped(outside) == []
    x, y = make_map.inside(square)
    assert 90 < x < 100
    assert 0 < y < 10


def test_the_generator_writes_land_and_points(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arcs = [[[0, 0], [0, 100], [100, 0], [0, -100], [-100, 0]]]
    shape = {"type": "Polygon", "arcs": [[0]], "id": "764"}
    for name, kind in (("land-50m", "land"), ("countries-50m", "countries")):
        file = {
            "transform": {"scale": [0.1, 0.1], "translate": [95, 5]}, "arcs": arcs,
            "objects": {kind: {"geometries": [shape]}},
        }  # fmt: skip
        (tmp_path / f"{name}.json").write_text(json.dumps(file))
    monkeypatch.setattr(make_map, "LAND", tmp_path / "land.svg")
    monkeypatch.setattr(make_map, "POINTS", tmp_path / "points.json")
    make_map.main(tmp_path)
    assert json.loads((tmp_path / "points.json").read_text()) == {"TH": [120, 210]}
    assert ET.fromstring((tmp_path / "land.svg").read_text()).get("viewBox") == "0 0 580 430"


# -- the page


async def test_a_page_has_its_picture_beside_the_table(tmp_path: Path) -> None:
    two = Two(tmp_path / "two")
    async with served(two.sg) as desk:
        desk.add("rita", "reader")
        await desk.load()
        ids = desk.kit.aside(published, two)
        async with browser(desk) as visit:
            await visit.sign_in("rita")
            for id_, name in zip(ids, ("chart", "map"), strict=True):
                page = await visit.get(f"/console/m/{id_}")
                assert page.status_code == 200
                assert f'aria-labelledby="{name}-title {name}-desc"' in page.text
                assert page.text.index("<table") < page.text.rindex("</table>")
                assert " style=" not in page.text
                assert len(page.content) < 150_000
            land = await visit.get(address("land.svg"))
            assert (land.status_code, land.headers["content-type"]) == (200, "image/svg+xml")


def published(two: Two) -> list[str]:
    made = []
    for name in ("trend-detected-by-sex", "alert-new-route"):
        body = shipped.draft(shipped.example(name), "TH", datetime.fromtimestamp(two.th.now / 1000, UTC))
        body["audience"] = {"members": ["SG"]}
        made += two.publish(body)
    two.th.aside(two.to_sg)
    return made

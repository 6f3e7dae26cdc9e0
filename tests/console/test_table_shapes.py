"""Tables as ministries keep them: merged cells, Buddhist years, cross tables; each is offered, and seen before use."""

import re
from typing import Any

import pytest

from console.test_messages import begun, desk, fields
from suar.console.forms import table, table_shapes
from suar.console.views import drafting, pasted
from suar.languages.names import names
from suar.languages.tags import LANGUAGES
from support.console import Browser, Desk

__all__ = ["desk"]
MERGED = (
    "Year\tQuarter\tProvince\tSex\tVictims\n"
    "2025\tQ1\tTak\tFemale\t41\n\t\t\tMale\t12\n\t\tSa Kaeo\tFemale\t33\n"
    "2026\tQ1\tTak\tFemale\t52\n\t\t\tMale\tabout 5\n"
)
ERA = "Year\tSex\tVictims\n2568\tFemale\t41\n2568\tMale\t12\n2571\tFemale\t33\n2567-Q1\tMale\t20\n2024\tMale\t19\n"
CROSS = "Province\tFemale\tMale\tTotal\nTak\t41\t12\t53\nSa Kaeo\t33\t21\t54\n"


def shaped(text: str) -> tuple[table.Sheet, tuple[str, ...]]:
    sheet = table.read(text)
    return sheet, table.guessed(sheet)


async def read(author: Browser, path: str, text: str, do: str = "read", **more: Any) -> str:
    """The page after a table was read."""
    await author.get(f"{path}/table")
    return (await author.post(f"{path}/table", {"text": text, "role": "detection", "do": do, **more})).text


async def figures(desk: Desk, path: str) -> list[dict[str, Any]]:
    draft = await desk.gateway.desk.draft(path.rpartition("/")[2])
    assert draft is not None
    return list(drafting.decode(draft["content"]).tree.get("obs", []))


# -- merged cells


def test_an_empty_cell_has_the_rows_of_the_spreadsheet() -> None:
    sheet = table.read("Year\tCases\n\n2026\t40\n\t41\n")
    assert sheet.numbers == (3, 4)


def test_a_merged_cell_is_filled_down_to_the_next() -> None:
    sheet, meanings = shaped(MERGED)
    for gap in table_shapes.gaps(sheet, meanings):
        sheet = table_shapes.filled(sheet, gap)
    assert [row[:3] for row in sheet.rows] == [
        ("2025", "Q1", "Tak"), ("2025", "Q1", "Tak"), ("2025", "Q1", "Sa Kaeo"), ("2026", "Q1", "Tak"),
        ("2026", "Q1", "Tak"),
    ]  # fmt: skip
    assert table_shapes.gaps(sheet, meanings) == ()


def test_a_cell_is_not_filled_from_another_merged_cell() -> None:
    sheet, meanings = shaped("Year\tQuarter\tCases\n2025\tQ1\t41\n\tQ2\t40\n2026\t\t42\n\tQ1\t43\n")
    assert {gap.column: gap.fills for gap in table_shapes.gaps(sheet, meanings)} == {0: {1: "2025", 3: "2026"}, 1: {}}


@pytest.mark.parametrize(
    ("total", "filled"), [("53", {1: "Tak", 2: "Tak"}), ("112", {1: "Tak"}), ("about 53", {1: "Tak"}), ("", {1: "Tak"})]
)  # fmt: skip
def test_a_row_with_a_total_is_filled_only_where_it_is_that_of_the_cell(total: str, filled: dict[int, str]) -> None:
    text = f"Year\tProvince\tSex\tVictims\n2025\tTak\tFemale\t41\n2025\t\tMale\t12\n2025\t\tTotal\t{total}\n"
    (gap,) = table_shapes.gaps(*shaped(text))
    assert (gap.column, gap.fills, gap.has_totals) == (1, filled, len(filled) == 1)


async def test_the_page_says_why_a_total_is_not_filled(desk: Desk, author: Browser) -> None:
    path = await begun(author, "trend")
    text = "Year\tProvince\tSex\tVictims\n2026\tTak\tFemale\t41\n2026\t\tMale\t12\n2026\t\tTotal\t112\n"
    page = await read(author, path, text)
    assert "A row with a total is not filled" in page
    page = (await author.post(f"{path}/table", {**fields(page), "do": "fill-1"})).text
    assert "A row with a total is not filled" in page
    assert 'value="fill-1"' not in page
    assert fields(page)["text"][0].splitlines()[2:] == ["2026\tTak\tMale\t12", "2026\t\tTotal\t112"]


async def test_empty_cells_are_named_by_row_and_filled_on_request(desk: Desk, author: Browser) -> None:
    path = await begun(author, "trend")
    page = await read(author, path, MERGED)
    assert "These are no periods" not in page
    assert not re.findall(r'name="word-', page)
    assert re.findall(r'id="empty-(\d)"', page) == ["0", "1", "2"]
    assert "Rows: 3, 4, 6" in page
    assert "Rows: 3, 6" in page  # of the province, and of "about 5"
    for column in ("0", "1", "2"):
        again = await author.post(f"{path}/table", {**fields(page), "do": "use"})
        assert "Nothing was put into the draft yet" in again.text
        page = (await author.post(f"{path}/table", {**fields(page), "do": f"fill-{column}"})).text
    assert 'id="empty-' not in page
    assert fields(page)["column-2"] == ["place"]
    assert re.search(r"about 5</bdi> <span class=\"hint\">Rows: 6", page)
    text = fields(page)["text"][0].replace("about 5", "15")
    done = await author.post(f"{path}/table", {**fields(page), "text": text, "do": "use"})
    assert done.headers["location"] == path
    assert [(cell["period"], cell["place"]["admin1"]) for cell in await figures(desk, path)] == [
        ("2025-Q1", "TH-63"), ("2025-Q1", "TH-63"), ("2025-Q1", "TH-27"), ("2026-Q1", "TH-63"), ("2026-Q1", "TH-63"),
    ]  # fmt: skip


async def test_no_choice_gives_empty_cells_a_meaning(desk: Desk, author: Browser) -> None:
    path = await begun(author, "trend")
    text = "Year\tProvince\tCases\n2026\tTak\t40\n2026\t\t41\n"
    page = await read(author, path, text)
    forced = {"of-1-0": "", "word-1-0": "TH-27"}
    again = await author.post(f"{path}/table", {**fields(page), **forced, "do": "use"})
    assert "Nothing was put into the draft yet" in again.text
    assert await figures(desk, path) == []


# -- Buddhist years


def test_years_are_converted_where_no_common_year_is_meant() -> None:
    sheet, meanings = shaped(ERA)
    assert table_shapes.first_year(sheet, meanings) == ("2568", "2025")
    done, period = table_shapes.in_common_years(sheet, meanings, "2569")
    assert [row[0] for row in done.rows] == ["2025", "2025", "2028", "2024-Q1", "2024"]
    assert period == "2026"
    assert table_shapes.first_year(done, meanings) is None


async def test_buddhist_years_are_one_question(desk: Desk, author: Browser) -> None:
    path = await begun(author, "trend")
    page = await read(author, path, ERA)
    assert page.count("These look like Buddhist years. Read 2568 as 2025?") == 1
    refused = await author.post(f"{path}/table", {**fields(page), "do": "use"})
    assert "Nothing was put into the draft yet" in refused.text
    assert await figures(desk, path) == []
    page = (await author.post(f"{path}/table", {**fields(page), "do": "years"})).text
    assert "Buddhist" not in page
    assert "2568" not in fields(page)["text"][0]
    done = await author.post(f"{path}/table", {**fields(page), "do": "use"})
    assert done.headers["location"] == path
    assert [cell["period"] for cell in await figures(desk, path)] == ["2025", "2025", "2028", "2024-Q1", "2024"]


# -- cross tables


@pytest.mark.parametrize(
    ("heads", "meaning", "columns"),
    [
        ("Province\tFemale\tMale\tTotal", "sex", (1, 2, 3)),
        ("Year\tChildren\tAdults\tAll", "age", (1, 2, 3)),
        ("Province\t2024\t2025\t2026\tTotal", "period", (1, 2, 3)),
        ("Province\t2567\t2568", "period", (1, 2)),
        ("Year\tSexual exploitation\tForced labour\tTotal\tNote", "exploitation", (1, 2, 3)),
        ("Year\tTak\tSa Kaeo", "place", (1, 2)),
        ("\u0e1b\u0e35\t\u0e2b\u0e0d\u0e34\u0e07\t\u0e0a\u0e32\u0e22\t\u0e23\u0e27\u0e21", "sex", (1, 2, 3)),
    ],
)  # fmt: skip
def test_a_list_as_headings_is_a_cross_table(heads: str, meaning: str, columns: tuple[int, ...]) -> None:
    sheet, meanings = shaped(heads + "\n" + "\t".join(["2026"] * len(heads.split("\t"))) + "\n")
    assert table_shapes.crossed(sheet, meanings) == table_shapes.Cross(meaning, columns)


@pytest.mark.parametrize(
    "heads", ["Year\tSex\tVictims", "Year\tFemale\tNote", "Year\tTotal\tAll", "Female\tMale\tValue"]
)
def test_any_other_table_is_none(heads: str) -> None:
    assert table_shapes.crossed(*shaped(heads + "\n2026\t2\t3\n")) is None


async def test_a_cross_table_is_unfolded_with_its_totals(desk: Desk, author: Browser) -> None:
    path = await begun(author, "trend")
    page = await read(author, path, CROSS)
    assert "This is a cross table" in page
    assert "Say which columns are the period and the value" not in page
    page = (await author.post(f"{path}/table", {**fields(page), "do": "unfold"})).text
    assert fields(page)["text"][0].splitlines()[0:2] == ["Province\tSex\tValue", "Tak\tFemale\t41"]
    assert "This is a cross table" not in page
    missing = await author.post(f"{path}/table", {**fields(page), "do": "use"})
    assert "Say which columns are the period and the value" in missing.text
    question = (await author.post(f"{path}/table", {**fields(page), "period": "2568", "do": "use"})).text
    assert "Read 2568 as 2025?" in question
    page = (await author.post(f"{path}/table", {**fields(question), "do": "years"})).text
    assert fields(page)["period"] == ["2025"]
    done = await author.post(f"{path}/table", {**fields(page), "do": "use"})
    assert done.headers["location"] == path
    found = await figures(desk, path)
    assert [(cell["period"], cell["dims"]["sex"], cell["value"]) for cell in found[:3]] == [
        ("2025", "female", 41), ("2025", "male", 12), ("2025", "total", 53),
    ]  # fmt: skip
    draft = await desk.gateway.desk.draft(path.rpartition("/")[2])
    assert draft is not None
    assert drafting.decode(draft["content"]).tree["margins"] is True


async def test_a_cross_table_that_becomes_too_long_stays_as_it_is(desk: Desk, author: Browser) -> None:
    path = await begun(author, "trend")
    text = "Province\tFemale\tMale\n" + "Tak\t41\t12\n" * 1_500
    page = await read(author, path, text, "unfold")
    assert "The table is too long." in page
    assert fields(page)["text"] == [text]


@pytest.mark.parametrize("tag", list(LANGUAGES))
def test_a_cross_table_is_unfolded_in_every_language(tag: str) -> None:
    for heads in ("Province\t2025\t2026", "Year\tFemale\tMale", "Year\tTak\tSa Kaeo", "Year\tThailand\tMyanmar"):
        sheet, meanings = shaped(f"{heads}\n2026\t40\t41\n")
        cross = table_shapes.crossed(sheet, meanings)
        assert cross is not None
        done = table_shapes.unfolded(sheet, cross, pasted.headings(names(tag), cross.meaning))
        assert table.guessed(done)[1:] == (cross.meaning, "value")

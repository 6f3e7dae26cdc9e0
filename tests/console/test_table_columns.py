"""No column of a pasted table is left out unless somebody says so; a year beside a quarter or month is one period."""

from typing import Any

import pytest

from console.test_messages import begun, desk, fields
from suar.console.forms import table, table_words
from suar.console.views import drafting
from suar.languages.names import names
from suar.languages.tags import LANGUAGES
from support.console import Browser, Desk

__all__ = ["desk"]
YEAR_AND_QUARTER = "Year\tQuarter\tSex\tCases\n2026\tQ1\tFemale\t40\n2026\tQ1\tMale\t22\n2026\tQ1\ttotal\t62\n"


def read(text: str, *meanings: str) -> table.Figures:
    sheet = table.read(text)
    return table.figures(sheet, meanings or table.guessed(sheet), {}, "PH", "detection")


async def figures(desk: Desk, path: str) -> list[dict[str, Any]]:
    draft = await desk.gateway.desk.draft(path.rpartition("/")[2])
    assert draft is not None
    return list(drafting.decode(draft["content"]).tree.get("obs", []))


@pytest.mark.parametrize("heads", [("Year", "Quarter"), ("Quarter", "Year"), ("Period", "Qtr")])
def test_a_year_beside_a_quarter_is_one_period(heads: tuple[str, str]) -> None:
    row = {"Year": "2026", "Period": "2026", "Quarter": "Q1", "Qtr": "1"}
    made = read("\t".join((*heads, "Cases")) + "\n" + "\t".join((*map(row.__getitem__, heads), "40")) + "\n")
    assert (made.unknown, [cell["period"] for cell in made.obs]) == ({}, ["2026-Q1"])


@pytest.mark.parametrize(
    ("meaning", "word", "period"),
    [
        ("quarter", "1", "2026-Q1"), ("quarter", "q4", "2026-Q4"), ("quarter", "Quarter 2", "2026-Q2"),
        ("quarter", "\u0e44\u0e15\u0e23\u0e21\u0e32\u0e2a \u0e51", "2026-Q1"), ("quarter", "total", "2026"),
        ("month", "3", "2026-03"), ("month", "December", "2026-12"), ("month", "Sept.", "2026-09"),
        ("month", "Th\u00e1ng 7", "2026-07"), ("month", "Mar\u00e7o", "2026-03"),
    ],
)  # fmt: skip
def test_a_part_of_the_year_is_read_as_people_write_it(meaning: str, word: str, period: str) -> None:
    made = read(f"a\tb\tc\n2026\t{word}\t40\n", "period", meaning, "value")
    assert (made.unknown, made.obs[0]["period"]) == ({}, period)
    assert set(made.obs[0]) == {"period", "place", "dims", "value", "status"}


@pytest.mark.parametrize(
    ("year", "meaning", "word"),
    [("2026", "quarter", "5"), ("2026", "quarter", ""), ("2026", "month", "13"), ("2026", "month", "0"),
     ("2026-Q1", "quarter", "Q2"), ("2026-01", "month", "total")],
)  # fmt: skip
def test_a_part_that_is_none_or_contradicts_the_period_is_requested(year: str, meaning: str, word: str) -> None:
    assert read(f"a\tb\tc\n{year}\t{word}\t40\n", "period", meaning, "value").unknown == {1: (word,)}


@pytest.mark.parametrize("tag", list(LANGUAGES))
def test_parts_of_the_year_are_known_in_every_language(tag: str) -> None:
    for meaning in table_words.PARTS:
        for head in names(tag).words.console(f"table-also-{meaning}").split("|"):
            assert table.guessed(table.Sheet((head,), ())) == ("period",), head
            assert table.guessed(table.Sheet(("Year", head), ())) == ("period", meaning), head
        for code, label in table_words.choices(meaning, tag):
            assert table_words.code_of(meaning, label) == code, label


async def test_a_quarter_never_becomes_a_whole_year(desk: Desk, author: Browser) -> None:
    path = await begun(author, "trend")
    first = await author.post(f"{path}/table", {"text": YEAR_AND_QUARTER, "role": "detection", "do": "read"})
    assert fields(first.text)["column-1"] == ["quarter"]
    done = await author.post(f"{path}/table", {**fields(first.text), "do": "use"})
    assert done.headers["location"] == path
    assert {cell["period"] for cell in await figures(desk, path)} == {"2026-Q1"}


async def test_a_column_without_a_meaning_is_asked_about(desk: Desk, author: Browser) -> None:
    path = await begun(author, "trend")
    text = "Year\tNote\tEmpty\tCases\n2026\tport\t\t40\n"
    first = await author.post(f"{path}/table", {"text": text, "role": "detection", "do": "read"})
    second = await author.post(f"{path}/table", {**fields(first.text), "do": "use"})
    assert second.status_code == 200
    problem = second.text.partition('id="problem"')[2].partition("</div>")[0]
    assert "say what each of these columns means" in problem
    assert "Note" in problem
    assert "Empty" not in problem
    assert await figures(desk, path) == []
    done = await author.post(f"{path}/table", {**fields(second.text), "column-1": "-", "do": "use"})
    assert done.headers["location"] == path


async def test_what_is_given_twice_names_the_column_that_was_left_out(desk: Desk, author: Browser) -> None:
    path = await begun(author, "trend")
    text = "Year\tNote\tUnit\tCases\n2026\tport\tu\t40\n2026\tborder\tu\t41\n"
    await author.post(f"{path}/table", {"text": text, "role": "detection", "do": "read"})
    form = {"column-0": "period", "column-1": "-", "column-2": "-", "column-3": "value"}
    answer = await author.post(f"{path}/table", {"text": text, "role": "detection", "do": "use", **form})
    problem = answer.text.partition('id="problem"')[2].partition("</div>")[0]
    assert "They differ in these columns" in problem
    assert "Note" in problem
    assert "Unit" not in problem
    assert fields(answer.text)["column-1"] == ["-"]
    assert await figures(desk, path) == []


async def test_no_column_is_overwritten_by_another_with_its_meaning(desk: Desk, author: Browser) -> None:
    path = await begun(author, "trend")
    text = "Year\tA\tB\tCases\n2026\tFemale\tMale\t40\n"
    await author.post(f"{path}/table", {"text": text, "role": "detection", "do": "read"})
    form = {"column-0": "period", "column-1": "sex", "column-2": "sex", "column-3": "value"}
    answer = await author.post(f"{path}/table", {"text": text, "role": "detection", "do": "use", **form})
    assert "that another column has, too" in answer.text
    assert await figures(desk, path) == []


def test_cells_beyond_the_headings_are_a_column() -> None:
    sheet = table.read("Year\tCases\n2026\t40\tQ1\n2027\t41\n")
    assert sheet.head == ("Year", "Cases", "")
    assert table.undecided(sheet, table.guessed(sheet)) == (2,)

"""Rows above a table that are not the names of its columns: a title or a second row of headings is named, not read."""

import html
from pathlib import Path

import pytest

from console.test_messages import begun, desk, fields
from console.test_table_shapes import figures, read
from console.test_upload import sent
from exchange_formats.synthetic import write_xlsx
from suar.console.forms import table, table_heads
from suar.languages.message_words import MESSAGE_PAGES
from support.console import Browser, Desk

__all__ = ["desk"]
HEADS = ["Year", "Sex", "Victims"]
ROWS = "2026\tFemale\t41\n2026\tMale\t12\n"
YEARS = "Province\t2568\t\t2567\t\n\tWomen\tMen\tWomen\tMen\nTak\t41\t12\t40\t13\nTrat\t11\t14\t15\t16\n"
TITLE = "Victims detected, by the Ministry"


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        (f"{TITLE}\nYear\tSex\tVictims\n{ROWS}", (1,)),
        (f"{TITLE}\t\t\n\nas of July\t\t\nYear\tSex\tVictims\n{ROWS}", (1, 3)),
        (f"\tVictims by province\t\nYear\tSex\tVictims\n{ROWS}", (1,)), (f"Year\tSex\tVictims\n{ROWS}", ()),
        ("Province\t\nTak\t41\n", ()), ("\tVictims\nTak\t41\n", ()), ("Something\n41\n12\n", ()),
        (f"{TITLE};\nYear;Victims\n2026;41\n", (1,)), (f"{TITLE}\nYear,Victims\n2026,41\n", ()),
    ],
)  # fmt: skip
def test_a_title_has_one_cell_that_names_no_column(text: str, titles: tuple[int, ...]) -> None:
    assert table_heads.titles(table.read(text)) == titles


@pytest.mark.parametrize("title", [TITLE, TITLE.replace(",", ";"), "Victims"])
def test_a_table_with_tabs_is_divided_at_them_below_any_title(title: str) -> None:
    assert table.read(f"{title}\nYear\tSex\tVictims\n{ROWS}").rows[0] == tuple(HEADS)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (YEARS, (1, 2)), (YEARS.replace("\tWomen\tMen\tWomen", "Province\tWomen\tMen\tWomen"), (1, 2)),
        ("Province\tWomen\t\tMen\t\n\t2567\t2568\t2567\t2568\nTak\t41\t12\t40\t13\n", (1, 2)),
        ("Province\tFemale\tMale\nTak\t41\t12\nTrat\t11\t\n", ()), ("\tFemale\tMale\nTak\t\t12\nTrat\t11\t4\n", ()),
        ("Year\tSex\tVictims\n2026\tFemale\tabout 5\n2026\tMale\t12\n", ()), ("Year\tVictims\n\t41\n", ()),
        ("Province\tFemale\tMale\nTak\tn/a\t-\nTrat\t11\t4\n", ()), (f"Year\tSex\tVictims\n{ROWS}", ()),
    ],
)  # fmt: skip
def test_two_rows_of_headings_are_both_named(text: str, rows: tuple[int, ...]) -> None:
    assert table_heads.double(table.read(text)) == rows


@pytest.mark.parametrize(
    ("text", "key", "rows"),
    [(YEARS, "table-heads", "1, 2"), (f"\n{TITLE}\nYear\tSex\tVictims\n{ROWS}", "table-title", "2")],
)
async def test_the_page_names_them_and_offers_nothing_else(
    desk: Desk, author: Browser, text: str, key: str, rows: str
) -> None:
    path = await begun(author, "trend")
    for do in ("read", "unfold", "use"):
        page = html.unescape(await read(author, path, text, do))
        assert f"{MESSAGE_PAGES[key]} Rows: {rows}" in page
        assert 'value="unfold"' not in page
        assert fields(page)["text"][0].strip() == text.strip()
    assert await figures(desk, path) == []


@pytest.mark.parametrize(
    ("head", "merged", "key"),
    [
        ([[TITLE, "", ""], HEADS], "A1:C1", "table-title"),
        ([["Year", "Victims", ""], ["", "Women", "Men"]], "B1:C1", "table-heads"),
        ([["Year", "Victims", ""], ["", "Women", "Men"]], "A1:A2", "table-heads"), ([HEADS], "B1:B1", ""),
    ],
)  # fmt: skip
async def test_merged_cells_of_a_workbook_are_named_by_row(
    desk: Desk, author: Browser, tmp_path: Path, head: list[list[str]], merged: str, key: str
) -> None:
    path = await begun(author, "trend")
    file = tmp_path / "table.xlsx"
    write_xlsx(file, [*head[1:], ["2026", "41", "12"], ["2026", "40", "13"]], merged=merged, header=head[0])
    answer = await sent(author, path, file.read_bytes(), "table.xlsx")
    assert answer.status_code == 200
    page = html.unescape(answer.text)
    assert "Save it anew" not in page
    assert (not key) or MESSAGE_PAGES[key] in page
    assert (not key) == ('name="column-0"' in page)

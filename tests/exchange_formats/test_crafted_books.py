"""No number in a workbook is believed: a file that states one beyond a spreadsheet ends no process and fills no memory.

A reader that believed them aborted the process, and the gateway with it, for a file of two kilobytes.
"""

import random
from pathlib import Path

import pytest

from exchange_formats.crafted_books import BELIEVED, REFUSED, altered, crafted
from exchange_formats.synthetic import as_csv, glotip, write_xlsx
from exchange_formats.test_any_bytes import GLOTIP, is_read_or_refused
from exchange_formats.test_bounds import MEMORY_MAX, refused, suar
from suar.exchange.files.bounds import WORKBOOK_ELEMENTS_MAX
from suar.exchange.files.xlsx_file import xlsx_rows
from suar.exchange.tables.table_reader import read_table

pytestmark = pytest.mark.slow
ALTERED = 200


@pytest.mark.parametrize("name", REFUSED)
def test_a_number_that_no_spreadsheet_has(tmp_path: Path, name: str) -> None:
    error = refused(crafted(tmp_path / "table.xlsx", REFUSED[name]), "-o", str(tmp_path / "drafts"))
    assert "row 3" in error or "row 2" in error or f"row {10_000_000}" in error
    assert not list(tmp_path.glob("drafts/*"))


@pytest.mark.parametrize("name", BELIEVED)
def test_a_count_is_not_read(tmp_path: Path, name: str) -> None:
    ran = suar("import", "trend", crafted(tmp_path / "table.xlsx", *BELIEVED[name]), "--map", "glotip")
    assert (ran.code, ran.lines) == (0, [])
    assert ran.peak < MEMORY_MAX


def test_elements_are_bounded(tmp_path: Path) -> None:
    path = crafted(tmp_path / "table.xlsx", "<row/>" * (WORKBOOK_ELEMENTS_MAX + 1))
    assert refused(path) == "error: row 1, column A: the workbook has more than 2,500,000 elements"


def test_altered_numbers_end_in_words(tmp_path: Path) -> None:
    random_, path = random.Random(17), tmp_path / "table.xlsx"
    write_xlsx(path, glotip(5, years=[2018]))
    wholes = (path.read_bytes(), crafted(tmp_path / "other.xlsx").read_bytes())
    read = 0
    for number in range(ALTERED):
        path.write_bytes(altered(random_, wholes[number % 2]))
        read += is_read_or_refused(lambda: read_table(xlsx_rows(path, "", 1), GLOTIP, 2027))
    assert 0 < read < ALTERED


@pytest.mark.parametrize("rows", [[], [[""] * 13] * 100], ids=["none", "blank"])
def test_a_table_without_rows_says_so(tmp_path: Path, rows: list[list[str]]) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(as_csv(rows))
    assert refused(path) == f"error: {path} has no row below its header that is not empty"


def test_the_rows_of_one_cell_are_named_within_a_bound(tmp_path: Path) -> None:
    path = tmp_path / "table.xlsx"
    write_xlsx(path, glotip(5, years=[2018])[:1] * 5_000)
    reading = read_table(xlsx_rows(path, "", 1), GLOTIP, 2027)
    assert all(len(each.text) < 2_000 for each in reading.merges)

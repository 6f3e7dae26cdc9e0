"""Years of another calendar are converted where they can mean one year only, and refused with a cure where not."""

from pathlib import Path

import pytest

from exchange_formats.synthetic import as_csv, row
from suar.exchange.tables.periods import NoPeriod, Period, read_period
from suar.exchange.tables.readings import Reading
from suar.exchange.tables.table_map import read_map
from suar.exchange.tables.table_reader import read_table
from suar.exchange.tables.trends import drafts

YEAR = 2026
NOW = 1_790_000_000_000


@pytest.mark.parametrize(
    ("text", "calendar", "period"),
    [
        ("2025", "", Period("2025", False, "")),
        ("2027-Q1", "", Period("2027-Q1", False, "")),
        ("2568", "", Period("2025", False, "buddhist")),
        ("2569-06", "", Period("2026-06", False, "buddhist")),
        ("2569*", "", Period("2026", True, "buddhist")),
        ("2025 (p)", "", Period("2025", True, "")),
        ("2025p", "gregorian", Period("2025", True, "")),
        ("113", "", Period("2024", False, "minguo")),
        ("113-H2", "minguo", Period("2024-H2", False, "minguo")),
        ("68", "buddhist", Period("2025", False, "buddhist")),
        ("99", "minguo", Period("2010", False, "minguo")),
    ],
)
def test_a_year_of_one_meaning(text: str, calendar: str, period: Period) -> None:
    assert read_period(text, calendar, YEAR) == period  # type: ignore[arg-type]  # a calendar of the table of cases


@pytest.mark.parametrize(
    ("text", "calendar", "reason"),
    [
        ("68", "", "two digits"),
        ("26", "gregorian", "two digits"),
        ("2028", "", "the year 2028"),
        ("2571", "", "the year 2571"),  # would be 2028
        ("2568", "gregorian", "the year 2568"),
        ("1899", "", "the year 1899"),
        ("2025", "buddhist", "the year 1482"),
        ("2025-13", "", "no period"),
        ("2025-01-31", "", "no period"),
        ("2025**", "", "no period"),
        ("", "", "no period"),
        ("*", "", "no period"),
        ("\u0e52\u0e55\u0e56\u0e58", "", "its digits are not 0 to 9"),
        ("\u0e1e.\u0e28. 2567", "", "stands before the year"),
        ("FY 2025", "", "'FY' stands before the year"),
    ],
)
def test_a_year_of_none_or_several(text: str, calendar: str, reason: str) -> None:
    with pytest.raises(NoPeriod) as caught:
        read_period(text, calendar, YEAR)  # type: ignore[arg-type]  # a calendar of the table of cases
    assert reason in caught.value.reason
    assert caught.value.cure


def read(tmp_path: Path, *rows: list[str]) -> Reading:
    from suar.exchange.files.csv_file import csv_rows

    path = tmp_path / "table.csv"
    path.write_bytes(as_csv(rows))
    return read_table(csv_rows(path, "utf-8", ","), read_map(Path("glotip")), YEAR)


def test_the_import_reports_what_it_converted_and_what_is_provisional(tmp_path: Path) -> None:
    reading = read(tmp_path, row(Year="2568"), row(Year="2569*"), row(Year="67"), row(Year="2030"))
    merges = {merge.what: (merge.text, merge.rows) for merge in reading.merges}
    assert merges["calendar"] == (
        "years of another calendar: 2568 is read as 2025, 2569* is read as 2026", 2,
    )  # fmt: skip
    assert merges["provisional"] == (
        "a mark for provisional figures: 2569* is read as 2026; their cells have the status P",
        1,
    )
    assert [(problem.row, problem.column) for problem in reading.problems] == [(4, "Year (J)"), (5, "Year (J)")]
    (draft,) = drafts(reading, read_map(Path("glotip")), NOW)
    assert [(cell["period"], cell["status"]) for cell in draft.message["obs"]] == [("2025", "A"), ("2026", "P")]


def test_a_year_that_is_still_to_come_is_reported(tmp_path: Path) -> None:
    reading = read(tmp_path, row(Year="2570"), row(Year="2027"), row(Year="2026"))
    (merged,) = (merge for merge in reading.merges if merge.what == "to-come")
    assert merged.rows == 2
    assert "still to come: 2027, 2570;" in merged.text


def test_a_sum_with_a_provisional_part_is_provisional(tmp_path: Path) -> None:
    reading = read(tmp_path, row(Year="2025"), row(Year="2025p"), row(Year="2024p"), row(Year="2024", txtVALUE="<5"))
    (cells,) = reading.cells.values()
    assert {key.period: (cell.value, cell.status) for key, cell in cells.items()} == {
        "2025": (240, "P"), "2024": (None, "S"),
    }  # fmt: skip

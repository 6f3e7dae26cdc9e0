"""Every row of a table is in a message, or listed with its row, its column, the reason and the cure."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from exchange_formats import synthetic
from exchange_formats.synthetic import HEADER, as_csv, glotip, row, write_xlsx
from suar.exchange.files.csv_file import csv_rows
from suar.exchange.files.problems import TableFault, lines_of
from suar.exchange.files.xlsx_file import xlsx_rows
from suar.exchange.tables import preview as preview_module
from suar.exchange.tables.preview import previews
from suar.exchange.tables.readings import Reading
from suar.exchange.tables.table_map import TableMap, read_map
from suar.exchange.tables.table_reader import read_table
from suar.exchange.tables.trends import drafts
from suar.protocol.base.reasons import Reason
from suar.protocol.base.sentences import Sentence, name_cell
from suar.protocol.compose import complete
from suar.protocol.message.kinds import Trend
from suar.protocol.privacy.tables.protecting import Protected, Unprotectable, protect
from suar.protocol.privacy.tables.shown import Table

NOW = 1_800_000_000_000
SHARED = Path(__file__).parents[3] / "shared/data/glotip-asean.csv"
GLOTIP = read_map(Path("glotip"))


@pytest.fixture(params=["synthetic", *([pytest.param("published", marks=pytest.mark.slow)] if SHARED.exists() else [])])
def table(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A synthetic table; where the published one is at hand, that too."""
    if request.param == "published":
        return SHARED
    path = tmp_path / "table.csv"
    path.write_bytes(as_csv(glotip(7)))
    return path


def read(path: Path, table: TableMap = GLOTIP) -> Reading:
    return read_table(csv_rows(path, "utf-8", ","), table, 2027)


def one(tmp_path: Path, *rows: list[str], table: TableMap = GLOTIP) -> Reading:
    path = tmp_path / "table.csv"
    path.write_bytes(as_csv(rows))
    return read(path, table)


def test_every_row_is_imported_or_listed(table: Path) -> None:
    reading = read(table)
    made = drafts(reading, GLOTIP, NOW)
    done = list(previews(made, realm="actual", now=NOW))
    in_messages = [
        number for preview in done if preview.verdict == "pass" for rows in preview.draft.rows for number in rows
    ]
    listed = [problem.row for preview in done for problem in preview.left] + [each.row for each in reading.listed()]
    with table.open(encoding="utf-8") as file:
        last = sum(1 for _ in file)
    assert sorted(in_messages + listed) == list(range(2, last + 1))  # each once, and the header is row 1
    assert all(each.reason and each.cure for preview in done for each in preview.left)
    assert all(each.reason and each.cure and each.column for each in reading.listed())


def test_every_draft_is_a_message(table: Path) -> None:
    for draft in drafts(read(table), GLOTIP, NOW):
        message = complete(draft.data, member=draft.member, realm="actual", now=NOW, ledger=None).message
        assert isinstance(message, Trend)
        assert len(message.obs) == len(draft.rows)


def test_a_hidden_figure_names_the_draft_that_it_protects_a_count_with(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(as_csv([row(Sex="Female"), row(Sex="Male")]))
    (parts,) = drafts(read(path), GLOTIP, NOW)
    (female, male) = ({**cell, "value": value} for cell, value in zip(parts.message["obs"], (3, 90), strict=True))
    total = {**male, "dims": dict.fromkeys(male["dims"], "total"), "value": 93}
    made = [replace(parts, name="whole", message={**parts.message, "margins": True, "obs": [total]}, rows=((2,),))]
    made += [replace(parts, name="parts", message={**parts.message, "obs": [female, male]})]
    *_, preview = previews(made, realm="actual", now=NOW)
    assert isinstance(preview.table, Table)
    together = [each["together"] for each in preview.table.shape(lambda _: "")["hidden"]]
    assert [[each["message"] for each in found["numbers"]] for found in together if found] == [["whole"]]


def test_only_the_period_of_a_cell_of_an_earlier_table_stays_at_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before, the period was searched for in the English sentence, and a cell with a period alone was not found."""
    text = "a hidden count could be computed from the others whatever else is hidden: {key}{whence}"
    named = Sentence(text, {"key": name_cell("2019", {}, {}), "whence": ""})
    refusals = [Unprotectable((Reason.of("E-PRIVACY-TABLE", None, "$.obs", named, Sentence("give fewer")),))]

    def refuse_once(*parts: Any) -> Protected:
        if refusals:
            raise refusals.pop()
        return protect(*parts)

    monkeypatch.setattr(preview_module, "protect", refuse_once)
    reading = one(tmp_path, row(), row(Year="2019"))
    (found,) = previews(drafts(reading, GLOTIP, NOW), realm="actual", now=NOW)
    assert [cell["period"] for cell in found.draft.message["obs"]] != ["2019"]
    (left,) = found.left
    assert (found.verdict, left.row) == ("pass", 3)
    assert left.shape() == {"row": 3, "column": None, "reason": str(named), "cure": "give fewer"}
    assert lines_of(found.left, lambda sentence: f"{sentence.id}") == [(f"row 3: {text}", "give fewer")]


def test_merges_are_reported(table: Path) -> None:
    merges = read(table).merges
    sorts = {each.what for each in merges}
    assert sorts == {"thousands", "below", "labels", "place", "repeated"}
    words = "\n".join(each.text for each in merges)
    for expected in (
        "citizenship MM: Burmese",
        "citizenship XX: Rohingya",
        "citizenship unknown: Unknown",
        "exploitation other: Other forms of exploitation",
        "place with the role return",
        '"<5" is a count',
    ):
        assert expected in words  # fmt: skip


def test_counts_and_places(tmp_path: Path) -> None:
    reading = one(
        tmp_path,
        row(txtVALUE="1,156"),
        row(Dimension="by country of repatriation", Category="Viet Nam", txtVALUE="60"),
        row(Dimension="by citizenship", Category="Nationals", txtVALUE="<5"),
        row(Dimension="by form of exploitation", Category="Other forms of exploitation", txtVALUE="20"),
        row(Dimension="by form of exploitation", Category="Other forms of exploitation", txtVALUE="31"),
        row(Dimension="by form of exploitation", Category="Other forms of exploitation", Year="2019", txtVALUE="20"),
        row(Dimension="by form of exploitation", Category="Other forms of exploitation", Year="2019", txtVALUE="<5"),
    )
    assert (reading.rows, reading.imported, reading.problems) == (7, 7, [])
    made = {draft.name: draft.message["obs"] for draft in drafts(reading, GLOTIP, NOW)}
    assert made["TH-detected-victims"][0]["value"] == 1156
    (home,) = made["TH-repatriated-return"]
    assert home["place"] == {"role": "return", "country": "VN"}
    (own,) = made["TH-detected-victims-citizenship"]
    assert (own["dims"], own["value"], own["status"]) == ({"citizenship": "TH"}, None, "S")
    first, second = made["TH-detected-victims-exploitation"]
    assert (first["value"], first["status"]) == (51, "A")
    assert (second["value"], second["status"]) == (None, "S")  # 20 and "<5": a number would tell of the part


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        ({"txtVALUE": "-3"}, "txtVALUE (L)", "has a sign"),
        ({"txtVALUE": "\u22123"}, "txtVALUE (L)", "has a sign"),
        ({"txtVALUE": "3.5"}, "txtVALUE (L)", "no whole number"),
        ({"txtVALUE": "1,15"}, "txtVALUE (L)", "no whole number"),
        ({"txtVALUE": ""}, "txtVALUE (L)", "empty"),
        ({"txtVALUE": "many"}, "txtVALUE (L)", "no count"),
        ({"txtVALUE": "<10"}, "txtVALUE (L)", "no count"),
        ({"txtVALUE": "๑๒"}, "txtVALUE (L)", "no count"),
        ({"txtVALUE": "99999999999"}, "txtVALUE (L)", "above 1,000,000,000"),
        ({"Iso3_code": "ATL"}, "Iso3_code (A)", "no member"),
        ({"Iso3_code": ""}, "Iso3_code (A)", "empty"),
        ({"Dimension": "by citizenship", "Category": "Atlantis"}, "Category (G)", "no country"),
        ({"Dimension": "by country of repatriation", "Category": "Atlantis"}, "Category (G)", "no country"),
        ({"Dimension": "by shoe size"}, "Dimension (F)", "no table of the map"),
        ({"Indicator": "Persons admired"}, "Indicator (E)", "no indicator"),
        ({"Sex": "F"}, "Sex (H)", "no sex"),
        ({"Age": "17"}, "Age (I)", "no age"),
        ({"Year": "2018-05-01"}, "Year (J)", "no period"),
        ({"Unit_of_measurement": "Rates"}, "Unit of measurement (K)", "is not what the map reads"),
    ],
)
def test_a_row_that_is_not_imported(tmp_path: Path, cells: dict[str, str], column: str, reason: str) -> None:
    reading = one(tmp_path, row(), row(**cells), row(Year="2019"))
    assert (reading.rows, reading.imported) == (3, 2)
    (problem,) = reading.problems
    assert (problem.row, problem.column) == (3, column)
    assert reason in problem.reason
    assert problem.cure


def test_a_repeated_cell_is_refused_unless_the_map_adds(tmp_path: Path) -> None:
    from msgspec.structs import replace

    strict = replace(GLOTIP, value=replace(GLOTIP.value, repeated="refuse"))
    reading = one(tmp_path, row(), row(txtVALUE="7"), table=strict)
    (problem,) = reading.problems
    assert (problem.row, problem.column) == (3, "txtVALUE (L)")
    assert "repeats the cell of row 2" in problem.reason
    assert one(tmp_path, row(), row(txtVALUE="7")).problems == []


def test_left_out_by_the_map(tmp_path: Path) -> None:
    reading = one(tmp_path, row(Dimension="by country of repatriation", Category="Abroad"))
    (problem,) = reading.left_out
    assert (problem.row, problem.column, reading.imported) == (2, "Category (G)", 0)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (["", *HEADER[1:]], "row 1, column A: the column has no header; was it merged?"),
        ([*HEADER[:6], "", *HEADER[7:]], "row 1, column G: the column has no header; was it merged?"),
        ([*HEADER[:6], "Country", *HEADER[7:]], "row 1, column G: the header 'Country' is also that of column B"),
        ([*HEADER[:9], "Jahr", *HEADER[10:]], "row 1: no column 'Year', which the map reads as period"),
        (["; ".join(HEADER)], "row 1: no column 'Iso3_code'"),
    ],
    ids=["blank", "merged", "twice", "missing", "delimiter"],
)
def test_a_header_that_is_none(tmp_path: Path, header: list[str], expected: str) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(as_csv([row()], header))
    with pytest.raises(TableFault) as refused:
        read(path)
    assert refused.value.text.startswith(expected)
    assert refused.value.hint


def test_the_hint_for_a_table_with_a_column_for_each_code_is_what_to_do(tmp_path: Path) -> None:
    """Not that its delimiter may be wrong: it has columns."""
    path = tmp_path / "table.csv"
    path.write_bytes(as_csv([row()], ["Female" if name == "Sex" else name for name in HEADER]))
    with pytest.raises(TableFault, match="no column 'Sex'") as refused:
        read(path)
    assert "a row for each" in (refused.value.hint or "")
    assert "delimiter" not in (refused.value.hint or "")


def test_too_many_cells_in_a_row(tmp_path: Path) -> None:
    (problem,) = one(tmp_path, [*row(), "more"]).problems
    assert (problem.row, problem.column) == (2, "N")


def test_nothing_at_all(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b"")
    with pytest.raises(TableFault, match="row 1, column A: the table has no header"):
        read(path)


def test_a_workbook_says_what_the_csv_says(tmp_path: Path) -> None:
    rows = glotip(11)
    write_xlsx(tmp_path / "table.xlsx", rows)
    (tmp_path / "table.csv").write_bytes(as_csv(rows))
    ours, theirs = read(tmp_path / "table.csv"), read_table(xlsx_rows(tmp_path / "table.xlsx", "", 1), GLOTIP, 2027)
    assert ours.cells == theirs.cells
    assert (ours.problems, ours.left_out, ours.merges) == (theirs.problems, theirs.left_out, theirs.merges)
    assert ours.imported > 200


def test_a_merged_header_of_a_workbook(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "table.xlsx", [row()], merged="B1:D1")
    with pytest.raises(TableFault, match="row 1, column B: the cells B1:D1 of the header are merged"):
        list(xlsx_rows(tmp_path / "table.xlsx", "", 1))


def test_many_periods_become_several_messages(tmp_path: Path) -> None:
    from suar.exchange.tables.trends import OBSERVATIONS_MAX

    rows = glotip(3, years=range(1900, 2100))
    reading = one(tmp_path, *rows)
    of_thailand = [draft for draft in drafts(reading, GLOTIP, NOW) if draft.name.startswith("TH-convicted")]
    assert len(of_thailand) == 1
    wide = drafts(one(tmp_path, *_wide()), GLOTIP, NOW)
    assert len(wide) == 3
    assert all(len(draft.message["obs"]) <= OBSERVATIONS_MAX for draft in wide)
    assert len({draft.name for draft in wide}) == 3


def _wide() -> list[list[str]]:
    """4,000 cells of one message: years, sexes, ages and forms."""
    return [
        row(Year=str(year), Sex=sex, Age=age, Dimension="by form of exploitation", Category=form, txtVALUE="20")
        for year in range(1900, 2011)
        for sex in ("Female", "Male", "Other")
        for age in ("0 to 17 years", "18 years or over", "Unknown", "Total")
        for form in ("Sexual exploitation", "Forced labour", "Other forms of exploitation")
    ]


def test_the_generator_makes_what_it_says() -> None:
    rows = glotip(7)
    assert {len(each) for each in rows} == {len(HEADER)}
    assert {each[5] for each in rows} == set(GLOTIP.split.parts) if GLOTIP.split else False
    assert any("," in each[11] for each in rows)
    assert synthetic.shown(4) == "<5"

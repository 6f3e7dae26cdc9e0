"""What a cell of a pasted table says: a count is read only where it is one, and words are known in every language."""

import re
from pathlib import Path

import pytest
from babel import Locale
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from console.test_messages import begun, desk, fields
from exchange_formats.synthetic import SHEET_START, write_xlsx
from suar.console.forms import table, upload
from suar.console.forms.table_words import code_of, whole_number
from suar.console.views import drafting
from suar.exchange.tables.counts import NoCount, read_count
from suar.exchange.tables.table_map import Value
from suar.languages.names import names
from suar.languages.tags import LANGUAGES
from support.console import Browser, Desk

__all__ = ["desk"]
MARKS = (",", ".", "'", "\u2019", " ", "\u00a0", "\u2009", "\u202f")
SCRIPTS = ("0", "\u0e50", "\u17e0", "\u0ed0", "\u1040", "\u0be6", "\u0660")
"""The zeros of Latin, Thai, Khmer, Lao, Burmese, Tamil and Arabic digits."""
COUNTS = st.integers(0, 10**9)


def spellings(count: int) -> set[str]:
    """Every way in which people write a whole count: alone, and in groups."""
    indian = str(format_decimal(count, locale=Locale.parse("en_IN")))
    western = {str(count), indian, *(f"{count:,}".replace(",", mark) for mark in MARKS)}
    return {text.translate({48 + at: ord(zero) + at for at in range(10)}) for text in western for zero in SCRIPTS}


@given(COUNTS)
def test_a_count_is_read_as_people_write_it(count: int) -> None:
    assert {whole_number(text) for text in spellings(count)} == {count}


@pytest.mark.parametrize("tag", list(LANGUAGES))
def test_a_count_that_the_console_shows_is_read_again(tag: str) -> None:
    for count in (0, 7, 999, 1_000, 12_345, 123_456, 1_234_567, 10**9):
        assert whole_number(names(tag).number(count)) == count


@given(st.text(alphabet="0123456789,.' \u00a0\u0e51\u1042-+e%<", max_size=12))
def test_a_text_is_a_count_as_it_is_written_or_none(text: str) -> None:
    count = whole_number(text)
    assert count is None or text.lstrip("0") in {each.lstrip("0") for each in spellings(count)}


@given(COUNTS, st.integers(0, 9_999), st.sampled_from([".", ","]))
def test_decimals_are_never_dropped(count: int, rest: int, mark: str) -> None:
    for text in (f"{count}{mark}{rest % 10}", f"{count}{mark}{rest % 100:02d}", f"{count}{mark}{rest:04d}"):
        assert whole_number(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "41.0", "4.0", "3.5", "12,5", "1.23", "1.2.3", "41,0", "0.123", "0,123", "1,2345", "1234,567", "1,234.567",
        "1.234,0", "1,,234", ",123", "123,", "1 23", "12,34", "1,23", "1,23,45", "1e3", "-3", "+3", "4\n", "1\u0e52",
        "\u00b2", "10000000000", "about 12", "12 ", "",
    ],
)  # fmt: skip
def test_any_other_text_is_no_whole_number(text: str) -> None:
    assert whole_number(text) is None


@pytest.mark.parametrize(
    ("cell", "count"),
    [("41", 41), ("41.0", 41), ("4.1E1", 41), ("41.5", None), ("1.234", None), ("1234.5", None), ("0.123", None),
     ("12.125", None)],
)  # fmt: skip
def test_a_number_of_a_workbook_is_taken_by_its_value(tmp_path: Path, cell: str, count: int | None) -> None:
    head = "".join(
        f'<c r="{at}1" t="inlineStr"><is><t>{text}</t></is></c>' for at, text in (("A", "Period"), ("B", "Value"))
    )
    rows = f'<row r="1">{head}</row><row r="2"><c r="A2"><v>2026</v></c><c r="B2"><v>{cell}</v></c></row>'
    path = tmp_path / "table.xlsx"
    write_xlsx(path, [], sheet=f"{SHEET_START}{rows}</sheetData></worksheet>".encode())
    sheet = table.read(upload.as_text(path.read_bytes()))
    made = table.figures(sheet, table.guessed(sheet), {}, "PH", "detection")
    assert made.obs[0]["value"] == count
    assert bool(made.unknown) == (count is None)
    for mark in (".", ","):  # what `suar import trend` makes of the same text
        text = sheet.rows[0][1]
        if count is None:
            with pytest.raises(NoCount):
                read_count(text, Value(column="Value", thousands=mark))
        else:
            assert read_count(text, Value(column="Value", thousands=mark)) == (count, "A")


@pytest.mark.parametrize("text", ["0.123", "00.123", "012.345"])
def test_the_import_takes_no_fraction_for_thousands(text: str) -> None:
    with pytest.raises(NoCount):
        read_count(text, Value(column="Value", thousands="."))


# -- words


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;", "sep=;;;"])
def test_the_row_of_the_mark_is_no_heading(first: str, end: str) -> None:
    text = end.join((first, "Period;Sex;Value", "2026;Female;41", ""))
    wanted = table.read("Period\tSex\tValue\n2026\tFemale\t41\n")
    assert table.read(text.replace("\r\n", "\n")) == wanted
    assert table.read(upload.as_text(b"\xef\xbb\xbf" + text.encode())) == wanted
    commas = text.replace("sep=;", "sep=,").replace("SEP=;", "SEP=,").replace("Period;Sex;Value", "Period,Sex,Value")
    assert table.read(upload.as_text(commas.replace("2026;Female;41", "2026,Female,41").encode())) == wanted


@pytest.mark.parametrize(
    ("head", "row", "cell"),
    [
        (("Year", "Province", "Victims"), ("2026", "Chiang Mai", "41"), {"country": "TH", "admin1": "TH-50"}),
        (("Year", "Province", "Victims"), ("2026", "TH-50", "41"), {"country": "TH", "admin1": "TH-50"}),
        (("Year", "จังหวัด", "Victims"), ("2026", "สุรินทร์", "41"), {"country": "TH", "admin1": "TH-32"}),
        (("Year", "Province", "Victims"), ("2026", "ខេត្តកំពង់ចាម", "41"), {"country": "KH", "admin1": "KH-3"}),
        (("Year", "Age group", "Victims"), ("2026", "Children", "41"), {"age": "0-17"}),
        (("Year", "Age group", "Victims"), ("2026", "Adults", "41"), {"age": "18+"}),
        (("Year", "Gender", "Victims"), ("2026", "Women", "41"), {"sex": "female"}),
        (("\u0e1b\u0e35", "\u0e40\u0e1e\u0e28", "\u0e08\u0e33\u0e19\u0e27\u0e19"),
         ("\u0e1e.\u0e28. 2569", "\u0e2b\u0e0d\u0e34\u0e07", "41"), {"sex": "female"}),
    ],
)  # fmt: skip
def test_usual_words_are_guessed(head: tuple[str, ...], row: tuple[str, ...], cell: dict[str, str]) -> None:
    sheet = table.read("\t".join(head) + "\n" + "\t".join(row) + "\n")
    made = table.figures(sheet, table.guessed(sheet), {}, "PH", "detection")
    assert made.unknown == {}
    found = made.obs[0]
    assert (found["period"], found["value"]) == ("2026", 41)
    assert {**found["dims"], **found["place"]}.items() >= cell.items()


@pytest.mark.parametrize("tag", list(LANGUAGES))
def test_further_words_of_every_language_are_known(tag: str) -> None:
    def also(key: str) -> list[str]:
        return names(tag).words.console(f"table-also-{key}").split("|")

    for meaning in ("period", "place", "value", "sex", "age", "citizenship", "exploitation"):
        for word in also(meaning):
            assert table.guessed(table.Sheet((word,), ())) == (meaning,), word
    for meaning, code, key in (
        ("sex", "female", "female"), ("sex", "male", "male"), ("age", "0-17", "child"), ("age", "18+", "adult"),
    ):  # fmt: skip
        for word in also(key):
            assert code_of(meaning, word) == code, word
    for word in also("buddhist"):
        assert code_of("period", f"{word} 2569") == "2026"
    for word in also("common"):
        assert code_of("period", f"{word} 2026") == "2026"


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2026", "2026"), ("2026-q1", "2026-Q1"), ("2026-H2", "2026-H2"), ("2026-12", "2026-12"),
        ("\u0e1e.\u0e28. \u0e52\u0e55\u0e56\u0e59", "2026"), ("\u0e1e.\u0e28.2569", "2026"),
        ("\u0e04.\u0e28. 2026", "2026"),
        ("B.E. 0543", None), ("2026-13", None), ("Q1 2026", None), ("26", None), ("", None), ("2026-Q5", None),
    ],
)  # fmt: skip
def test_a_period_is_one_of_the_standard(text: str, period: str | None) -> None:
    assert code_of("period", text) == period


# -- the page


async def test_what_is_no_count_is_stated_and_not_requested(desk: Desk, author: Browser) -> None:
    path = await begun(author, "trend")
    pasted = "Period\tSex\tValue\n2026\tFemale\t41.0\n2026\tMale\tabout 12\nsoon\ttotal\t50\n"
    first = await author.post(f"{path}/table", {"text": pasted, "role": "detection", "do": "read"})
    assert "These are no whole numbers" in first.text
    assert "These are no periods" in first.text
    assert not re.findall(r'name="word-', first.text)
    assert "Nothing was put into the draft yet" not in first.text
    forced = {
        "of-2-0": "about 12",
        "word-2-0": "12",
        "of-2-1": "41.0",
        "word-2-1": "x",
        "of-0-0": "soon",
        "word-0-0": "2026",
    }
    again = await author.post(f"{path}/table", {**fields(first.text), **forced, "do": "use"})
    assert again.status_code == 200
    assert "Nothing was put into the draft yet" in again.text
    draft = await desk.gateway.desk.draft(path.rpartition("/")[2])
    assert draft is not None
    assert not drafting.decode(draft["content"]).tree.get("obs")


async def test_a_word_to_choose_for_is_not_put_into_the_draft_in_silence(desk: Desk, author: Browser) -> None:
    path = await begun(author, "trend")
    pasted = "Period\tSex\tValue\n2026\tsomebody\t41\n"
    first = await author.post(f"{path}/table", {"text": pasted, "role": "detection", "do": "read"})
    again = await author.post(f"{path}/table", {**fields(first.text), "do": "use"})
    assert "Nothing was put into the draft yet" in again.text

"""Countries, languages, currencies and dates, where CLDR has them and where it has not."""

import pytest

from suar.languages.names import names
from suar.languages.tags import LANGUAGES, TRANSLATED
from suar.protocol.base.codelists import codes, labels

SECRETARIAT = {
    "th": "สำนักเลขาธิการอาเซียน",
    "id": "Sekretariat ASEAN",
    "tet": "Sekretariadu ASEAN",
    "en": "ASEAN Secretariat",
}
REGION = ("bn", "en", "fil", "hi", "id", "jv", "kac", "khb", "km", "ksw", "lo", "mnw", "ms", "my", "shn", "ta", "tet",
          "th", "vi", "yue", "zh", "cmn", "nan", "cnh")  # fmt: skip


@pytest.mark.parametrize(("tag", "name"), SECRETARIAT.items())
def test_xa_is_the_secretariat(tag: str, name: str) -> None:
    assert names(tag).country("XA") == name


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_country_has_a_name_in_every_language(tag: str) -> None:
    found = {code: names(tag).country(code) for code in (*codes("country"), *codes("member"))}
    assert all(name and name != code for code, name in found.items())
    english = names("en").words.phrase("english-name", english="")
    assert not [name for name in found.values() if english and english in name]
    assert len({found[code] for code in codes("member")}) == len(codes("member"))


@pytest.mark.parametrize("tag", TRANSLATED)
def test_the_languages_of_the_region_have_names(tag: str) -> None:
    for code in REGION:
        assert labels("language")[code] not in names(tag).language(code) or LANGUAGES[tag].script == "Latn", code


def test_a_name_that_no_source_has_is_english_with_a_mark() -> None:
    assert names("th").currency("XCG") == "Caribbean Guilder (ชื่อภาษาอังกฤษ)"
    assert names("th").country("QQ") == "QQ"


def test_subtags_stay_behind_the_name() -> None:
    assert names("en").language("zh-Hans") == "Chinese (Simplified)"


def test_myanmar_has_one_name() -> None:
    assert {names(tag).country("MM") for tag in ("en", "id", "th")} == {"Myanmar", "เมียนมา"}


@pytest.mark.parametrize(
    ("tag", "period", "text"),
    [
        ("en", "2026", "2026"), ("en", "2026-H2", "Second half of 2026"), ("en", "2026-Q3", "Quarter 3 of 2026"),
        ("en", "2026-07", "July 2026"), ("th", "2026", "ค.ศ. 2026"), ("th", "2026-07", "กรกฎาคม ค.ศ. 2026"),
        ("zh", "2026-Q3", "2026年第3季度"), ("tet", "2026-07", "Jullu 2026"), ("pt", "2026-07", "julho de 2026"),
        ("vi", "2026-H1", "Nửa đầu năm 2026"),
    ],
)  # fmt: skip
def test_periods(tag: str, period: str, text: str) -> None:
    assert names(tag).period(period) == text


def test_days_and_instants() -> None:
    assert names("en").instant("2027-01-15T08:00:00Z") == "15 January 2027, 08:00 UTC"
    assert names("en").instant("2027-01-15T08:00:07Z") == "15 January 2027, 08:00:07 UTC"
    assert names("th").day("2027-01-15") == "15 มกราคม ค.ศ. 2027"
    assert names("tet").day("2027-01-15") == "15 Janeiru 2027"
    assert names("en").month_or_instant("2027-01") == "January 2027"
    assert names("en").month_or_instant("2027-01-15T08:00:00Z") == "15 January 2027, 08:00 UTC"


def test_a_vietnamese_day_is_written_as_in_official_texts() -> None:
    assert names("vi").day("2026-12-01") == "ngày 1 tháng 12 năm 2026"
    assert names("vi").instant("2026-12-01T10:00:00Z").startswith("ngày 1 tháng 12 năm 2026")


def test_numbers() -> None:
    assert names("id").number(1_234_567) == "1.234.567"
    assert names("en").number(1_234_567) == "1,234,567"

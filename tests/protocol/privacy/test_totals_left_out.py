"""The total that a table does not have, told beside it: by the denominator, or in a title or summary."""

from typing import Any

import pytest

from protocol.privacy.trends import of
from suar.protocol.message.kinds import Trend
from suar.protocol.privacy.verdict import judge

Row = tuple[str, str, dict[str, str], int]
"""Period, country (or subdivision), codes and count."""


def table(rows: list[Row], *, role: str = "detection", **more: Any) -> Trend:
    obs: list[dict[str, Any]] = [
        {
            "period": period,
            "place": {"role": role, "country": location[:2], **({"admin1": location} if location[2:] else {})},
            "dims": dims, "value": count, "status": "A",
        }
        for period, location, dims, count in rows
    ]  # fmt: skip
    return of(obs, sorted({name for each in obs for name in each["dims"]}), indicator="screened", **more)


def by_sex(female: int, male: int, period: str = "2026", total: int | None = None) -> list[Row]:
    rows = [(period, "TH", {"sex": "female"}, female), (period, "TH", {"sex": "male"}, male)]
    return rows if total is None else [*rows, (period, "TH", {"sex": "total"}, total)]


YEARS: list[Row] = [("2025", "TH", {}, 40), ("2026", "TH", {}, 3)]
ORIGINS: list[Row] = [("2026", "KH", {}, 40), ("2026", "LA", {}, 3)]
DENOMINATORS: dict[str, tuple[list[Row], str, int]] = {
    "two years": (YEARS, "detection", 43),
    "two countries of origin": (ORIGINS, "origin", 43),
    "two countries of detection": (ORIGINS, "detection", 43),
    "two years by sex": ([*by_sex(40, 30, "2025"), *by_sex(40, 4, "2026")], "detection", 114),
    "halves of two years": ([("2025-H2", "TH", {}, 40), ("2026-H1", "TH", {}, 3)], "detection", 43),
    "one of two years": ([*by_sex(40, 3, "2025"), *by_sex(30, 20, "2026")], "detection", 43),
    "one period of the year": ([*by_sex(40, 3, "2026-Q1"), *by_sex(30, 20, "2026-Q2")], "detection", 43),
    "one place": (
        [("2026", "TH-10", {"sex": "female"}, 40), ("2026", "TH-10", {"sex": "male"}, 3),
         ("2026", "TH-20", {"sex": "female"}, 30), ("2026", "TH-20", {"sex": "male"}, 20)],
        "detection", 43,
    ),
    "a few more than that": (YEARS, "detection", 44),
    "what two years leave out": ([("2025", "TH", {"sex": "female"}, 40), ("2026", "TH", {"sex": "female"}, 50)],
                                 "detection", 97),
}  # fmt: skip


@pytest.mark.parametrize("name", DENOMINATORS)
def test_a_denominator_that_is_a_sum_of_the_table_is_held(name: str) -> None:
    rows, role, denominator = DENOMINATORS[name]
    opinion = judge(table(rows, role=role, denominator=denominator))
    assert opinion.verdict == "hold", opinion.reasons
    assert ("E-PRIVACY-COUNT", "$.denominator") in {(reason.code, reason.path) for reason in opinion.reasons}


@pytest.mark.parametrize("name", DENOMINATORS)
def test_it_is_held_in_an_update_too(name: str) -> None:
    rows, role, denominator = DENOMINATORS[name]
    assert judge(table(rows, role=role, denominator=denominator, action="update", rev=2)).verdict == "hold"


def test_another_denominator_passes() -> None:
    assert judge(table(YEARS, denominator=400)).verdict == "pass"
    assert judge(table([("2025", "TH", {}, 40), ("2026", "TH", {}, 30)], denominator=70)).verdict == "pass"
    within = judge(table(by_sex(40, 3), denominator=43))
    assert within.verdict == "pass"  # it is a number of the proof: both are hidden
    assert within.table is not None
    assert len(within.table.hidden) == 2


TOTALS: list[tuple[str, str]] = [
    ("en", "43 persons in all."), ("en", "In all 43 persons were screened."), ("th", "รวม 43 ราย"),
    ("vi", "Tổng cộng 43 người."), ("id", "Seluruhnya 43 orang."), ("ms", "Jumlah 43 orang."),
    ("tl", "Kabuuang 43 katao."), ("km", "សរុប ៤៣ នាក់"), ("lo", "ລວມ 43 ຄົນ"), ("my", "စုစုပေါင်း ၄၃ ဦး"),
    ("zh-Hans", "共43人。"), ("ta", "மொத்தம் 43 பேர்."), ("tet", "Totál ema 43."), ("pt", "Total de 43 pessoas."),
    ("en", "93 per cent were women."), ("en", "7 per cent were men."), ("en", "93.02 per cent were women."),
]  # fmt: skip


def judged(rows: list[Row], text: str, lang: str = "en", title: str = "Figures", **more: Any) -> str:
    english = [] if lang == "en" else [{"lang": "en", "title": title, "summary": "By breakdown."}]
    return judge(table(rows, text=[*english, {"lang": lang, "title": title, "summary": text}], **more)).verdict


@pytest.mark.parametrize(("lang", "text"), TOTALS)
def test_a_total_in_a_text_is_refused_where_the_table_has_none(lang: str, text: str) -> None:
    assert judged(by_sex(40, 3), text, lang) == "refuse"


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        (YEARS, "43 persons since 2025."),
        ([("2026-01", "TH", {}, 40), ("2026-02", "TH", {}, 3)], "43 persons in two months."),
        ([("2026", "TH", {"citizenship": "KH"}, 40), ("2026", "TH", {"citizenship": "LA"}, 3)], "In all 43 persons."),
        ([("2026", "TH-10", {}, 40), ("2026", "TH-20", {}, 3)], "43 persons in two provinces."),
        (by_sex(15, 3), "Eighteen persons in all."),
        (by_sex(15, 3), "83.3 per cent were women."),
    ],
)
def test_whatever_the_table_is_divided_by(rows: list[Row], text: str) -> None:
    assert judged(rows, text) == "refuse"
    assert judged(rows, "Figures of the year.", title=text) == "refuse"


def test_a_total_of_one_part_is_held_and_one_from_another_word_too() -> None:
    rows = [*by_sex(40, 3, "2025"), *by_sex(30, 20, "2026")]
    assert judged(rows, "43 persons in 2025.") == "hold"
    assert judged(by_sex(40, 3), "Altogether 43.") == "hold"


@pytest.mark.parametrize("total", [None, 18])
def test_a_difference_from_a_hidden_count_is_held(total: int | None) -> None:
    rows = by_sex(15, 3, total=total)
    for text in ("There were 12 more women than men.", "There were twelve women more."):
        assert judged(rows, text) == "hold", text
    assert judged(by_sex(45, 33, total=78), "There were 12 more women than men.") == "pass"
    assert judged(rows, "There were 14 more women than men.") == "pass"


def test_what_the_table_shows_may_be_said() -> None:
    assert judged(by_sex(40, 3, total=43), "43 persons in all.") == "pass"
    assert judged(by_sex(40, 30), "70 persons in all, 57 per cent of them women.") == "pass"
    shown = [*by_sex(40, 15, "2025", 55), *by_sex(60, 3, "2026", 63)]
    assert judged(shown, "118 persons in two years.") == "pass"

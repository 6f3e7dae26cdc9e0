"""A denominator may be a number of any table of its years: of another indicator, of an earlier or a later message, or a
sum over several years. A table from which a reader could then compute a count waits for a second person.
"""

from typing import Any

import pytest

from protocol.privacy.histories import Ledger
from protocol.privacy.test_closure import by, over, table
from protocol.privacy.test_denominators import HIDDEN_MEN, after, men, provinces
from suar.protocol.message.kinds import Trend
from suar.protocol.privacy.counts import other_tables
from suar.protocol.privacy.proof.families import families_of_years
from suar.protocol.privacy.verdict import judge

ASSISTED = {"indicator": "assisted"}
WAITS = "leave the denominator out, or let a second person release it"
AT_OWN = "the denominator may tell a count that a table hides"
AT_TABLE = {
    "an earlier denominator may tell a count that the table hides or leaves out",
    "the table hides a count that equals an earlier denominator",
}
PROVINCES = provinces({"TH-10": 60, "TH-11": 7, "TH-12": 30, "": 150})


def sexes(year: str, counts: dict[str, int], **about: Any) -> Trend:
    """A table of one year by sex."""
    return table(
        [({"period": year} if node == "total" else {"sex": node, "period": year}, n) for node, n in counts.items()],
        **about,
    )


YEAR_AND_HALF = table([
    ({"sex": "male"}, 60), ({"sex": "female"}, 80), ({}, 140),
    ({"sex": "female", "period": "2026-H1"}, 40), ({"period": "2026-H1"}, 105),
])  # fmt: skip

DISCLOSING: dict[str, tuple[Trend, Trend]] = {
    "a hidden count": (HIDDEN_MEN, men({"18+": 50}, denominator=60, **ASSISTED)),
    "of which the table says nothing": (HIDDEN_MEN, by("citizenship", {"KH": 50}, denominator=60, **ASSISTED)),
    "a total that moved by little": (HIDDEN_MEN, by("sex", {"male": 50, "female": 12}, denominator=64, **ASSISTED)),
    "a part that is left out": (
        by("sex", {"male": 60, "total": 80}), by("sex", {"female": 12}, denominator=13, **ASSISTED),
    ),
    "those known": (
        by("sex", {"male": 60, "total": 80}), by("sex", {"female": 12}, denominator=73, **ASSISTED),
    ),
    "those known, in cases": (
        by("sex", {"male": 60, "female": 7, "unknown": 30, "total": 117}),
        by("sex", {"male": 33, "female": 4}, unit="cases", denominator=67),
    ),
    "some provinces": (PROVINCES, by("age", {"18+": 44}, denominator=97, **ASSISTED)),
    "a code of the year, in its half": (
        YEAR_AND_HALF, table([({"period": "2026-H1"}, 40)], denominator=53, **ASSISTED),
    ),
    "a code of the half, in its year": (
        table([({"period": "2026-H1", "sex": "male"}, 53), ({"period": "2026"}, 140)]),
        by("age", {"18+": 40}, denominator=60, **ASSISTED),
    ),
    "a code of the country, in a province": (
        by("sex", {"male": 60, "female": 80, "total": 140}),
        table([({"admin1": "TH-10"}, 40)], denominator=53, **ASSISTED),
    ),
    "those of unknown sex in a half": (
        by("sex", {"male": 60, "female": 80, "unknown": 34, "total": 174}),
        table([({"period": "2026-H1"}, 20)], denominator=31, **ASSISTED),
    ),
    "an age of its level, of another half": (
        table([({"age": "0-17"}, 60), ({"age": "0-8", "period": "2026-H2"}, 30), ({"period": "2026"}, 140)]),
        table([({"period": "2026"}, 20)], denominator=53, **ASSISTED),
    ),
    "some quarters": (
        over({"2026-Q1": 60, "2026-Q2": 7, "2026-Q3": 30, "2026": 150}),
        by("age", {"18+": 44}, denominator=97, **ASSISTED),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DISCLOSING)
def test_a_denominator_that_may_be_a_number_of_another_table_waits(name: str) -> None:
    first, of_others = DISCLOSING[name]
    judged = judge(of_others, released=after(first).released)
    assert judged.verdict == "hold"
    assert [(each.code, each.path, each.message) for each in judged.reasons if each.code == "E-PRIVACY-COUNT"] == [
        ("E-PRIVACY-COUNT", "$.denominator", AT_OWN)
    ]
    (hint,) = {each.hint for each in judged.reasons if each.path == "$.denominator"}
    assert hint == WAITS  # a total of others would be false


@pytest.mark.parametrize("name", DISCLOSING)
def test_a_table_waits_after_such_a_denominator(name: str) -> None:
    later, of_others = DISCLOSING[name]
    ledger = Ledger()
    ledger.publish(of_others, 10)
    judged = judge(later, released=ledger.released)
    assert judged.verdict == "hold"
    assert AT_TABLE & {each.message for each in judged.reasons}


@pytest.mark.parametrize(
    "later",
    [PROVINCES, by("sex", {"male": 60, "female": 7, "unknown": 30})],
    ids=["provinces", "those known"],
)
def test_a_table_waits_after_a_denominator_of_the_same_series(later: Trend) -> None:
    known = 67 if later.dims else 97
    before = after(by("age", {"18+": 44}, denominator=known)).released
    judged = judge(later, released=before)
    assert judged.verdict == "hold"
    assert AT_TABLE & {each.message for each in judged.reasons}


@pytest.mark.parametrize(
    ("before", "hint"),
    [
        ([], "leave the denominator out, or hand in the total as a figure of the table"),
        ([HIDDEN_MEN], "leave the denominator out"),
    ],
    ids=["of nothing that is known", "of detected men"],
)
def test_no_hint_asks_for_a_number_of_others_as_the_total(before: list[Trend], hint: str) -> None:
    """60 detected men are no total of those assisted."""
    ledger = after(*before, by("age", {"18+": 50}, denominator=67, **ASSISTED))
    judged = judge(by("age", {"18+": 45}, denominator=60, **ASSISTED), released=ledger.released)
    assert judged.verdict == "refuse"
    assert {each.hint for each in judged.reasons if each.path == "$.denominator"} - {WAITS} == {hint}


GROWING = (sexes("2025", {"male": 60, "female": 7, "total": 67}), sexes("2026", {"male": 40}))


@pytest.mark.parametrize(("denominator", "verdict"), [(100, "hold"), (200, "pass")])
def test_a_denominator_over_two_years_is_compared_with_what_each_released(denominator: int, verdict: str) -> None:
    """The men of 2025 are hidden, those of 2026 shown."""
    cells = [({"period": year, "sex": "male", "age": "18+"}, count) for year, count in (("2025", 50), ("2026", 30))]
    judged = judge(table(cells, denominator=denominator), released=after(*GROWING).released)
    assert judged.verdict == verdict


EVERY_SEX = {"male": 40, "female": 50, "total": 90}
OVER_YEARS: dict[str, tuple[list[Trend], int]] = {
    "the men of both": ([GROWING[0], sexes("2026", EVERY_SEX)], 100),
    "in one message": (
        [
            table(
                [
                    ({"period": year} if node == "total" else {"period": year, "sex": node}, count)
                    for year, counts in (("2025", {"female": 7, "male": 60, "total": 67}), ("2026", EVERY_SEX))
                    for node, count in counts.items()
                ]
            )
        ],
        100,
    ),
    "the men of one and all of the other": ([GROWING[0], sexes("2026", EVERY_SEX)], 150),
    "beside a year with a total alone": ([GROWING[0], sexes("2026", {"total": 30})], 90),
    "both hidden": ([GROWING[0], sexes("2026", {"male": 41, "female": 8, "total": 49})], 101),
    "where the other's total moved by little": ([GROWING[0], sexes("2026", EVERY_SEX)], 160),
}  # fmt: skip
ROWS: dict[str, dict[str, str]] = {
    "all": {}, "men": {"sex": "male"}, "adults": {"age": "18+"}, "adult men": {"sex": "male", "age": "18+"},
}  # fmt: skip


def assisted(
    periods: dict[str, int], denominator: int, codes: dict[str, str] | None = None, **about: Any
) -> Trend:  # fmt: skip
    cells = [({"period": period, **(codes or {})}, count) for period, count in periods.items()]
    return table(cells, denominator=denominator, **(ASSISTED | about))


@pytest.mark.parametrize("codes", ROWS)
@pytest.mark.parametrize("name", OVER_YEARS)
def test_a_denominator_over_years_is_compared_with_every_indicator(name: str, codes: str) -> None:
    """Whatever its own figures count, and whether both numbers have the same codes or one contains the other."""
    before, denominator = OVER_YEARS[name]
    judged = judge(assisted({"2025": 20, "2026": 15}, denominator, ROWS[codes]), released=after(*before).released)
    assert [(each.path, each.message) for each in judged.reasons if each.code == "E-PRIVACY-COUNT"] == [
        ("$.denominator", AT_OWN)
    ]
    assert judged.verdict == "hold"


def test_a_denominator_over_years_is_compared_with_all_codes_of_its_own_indicator() -> None:
    judged = judge(assisted({"2025": 50, "2026": 30}, 100, indicator="detected-victims", codes={"age": "18+"}),
                 released=after(*OVER_YEARS["the men of both"][0]).released)  # fmt: skip
    assert judged.verdict == "hold"


def test_a_denominator_over_half_years_of_two_years_and_over_three_years_is_compared() -> None:
    halves = [
        table(
            [
                ({"period": period} if node == "total" else {"period": period, "sex": node}, n)
                for node, n in each.items()
            ]
        )
        for period, each in (("2025-H2", {"female": 7, "male": 60, "total": 67}), ("2026-H1", EVERY_SEX))
    ]
    judged = judge(assisted({"2025-H2": 20, "2026-H1": 15}, 100), released=after(*halves).released)
    assert judged.verdict == "hold"
    years = [GROWING[0], sexes("2026", EVERY_SEX), sexes("2027", {"male": 30, "female": 44, "total": 74})]
    judged = judge(assisted({"2025": 20, "2026": 15, "2027": 12}, 130), released=after(*years).released)
    assert judged.verdict == "hold"


@pytest.mark.parametrize("denominator", [157, 400], ids=["the total of both", "of others"])
def test_honest_denominators_over_years_leave(denominator: int) -> None:
    before = [GROWING[0], sexes("2026", EVERY_SEX)]
    judged = judge(assisted({"2025": 20, "2026": 15}, denominator), released=after(*before).released)
    assert (judged.verdict, judged.reasons) == ("pass", ())


def test_too_many_sums_over_years_are_taken_for_the_denominator(monkeypatch: pytest.MonkeyPatch) -> None:
    before = after(
        GROWING[0], sexes("2026", EVERY_SEX), sexes("2027", {"male": 30, "female": 44, "total": 74})
    ).released
    honest = assisted({"2025": 20, "2026": 15, "2027": 12}, 4_000)
    assert judge(honest, released=before).verdict == "pass"
    monkeypatch.setattr(other_tables, "SUMS_MAX", 1)
    assert judge(honest, released=before).verdict == "hold"


def test_a_total_that_was_shown_tells_nothing_of_its_next_edition() -> None:
    """Everybody has read that there were 100: that 80 of 100 were assisted does not tell 103."""
    first, later = (by("sex", counts) for counts in (
        {"male": 60, "female": 40, "total": 100}, {"male": 62, "female": 41, "total": 103},
    ))  # fmt: skip
    of_others = by("sex", {"male": 50, "female": 30, "total": 80}, denominator=100, **ASSISTED)
    judged = judge(later, released=after(first, of_others).released)
    assert (judged.verdict, {each.code for each in judged.reasons}) == ("pass", {"E-PRIVACY-MOVED"})
    moved = by("sex", {"male": 50, "female": 30, "total": 80}, denominator=104, **ASSISTED)
    assert judge(moved, released=after(first, later).released).verdict == "hold"  # of neither, and near to both


def test_the_base_of_an_edition_that_is_replaced_is_no_total_of_its_table() -> None:
    """80 of 100 were assisted, then 95 of 132: 95 is near to 100, of which its own table said that it is no total."""
    editions = [(by("sex", {"male": 60, "female": 40, "total": 100}), 80, 100),
                (by("sex", {"male": 80, "female": 52, "total": 132}), 95, 132)]  # fmt: skip
    ledger = Ledger()
    for detected, assisted_of_them, base in editions:
        for each in (detected, by("sex", {"total": assisted_of_them}, denominator=base, **ASSISTED)):
            judged = judge(each, released=ledger.released)
            assert (judged.verdict, judged.reasons) == ("pass", ())
            ledger.publish(each, 10)
    assert (
        judge(by("sex", {"total": 103}, **ASSISTED | {"indicator": "repatriated"}), released=ledger.released).verdict
        == "hold"
    )


@pytest.mark.parametrize("first", ["female", "male"])
def test_each_sex_may_have_a_base_of_its_own(first: str) -> None:
    """Of 60 women 45 were assisted, and of 40 men 30: 40 is less than 45 and 30, and of the men alone."""
    ledger = after(by("sex", {"male": 40, "female": 60, "total": 100}))
    of = {"female": (45, 60), "male": (30, 40)}
    for sex in (first, *(of.keys() - {first})):
        count, base = of[sex]
        judged = judge(by("sex", {sex: count}, denominator=base, **ASSISTED), released=ledger.released)
        assert (judged.verdict, judged.reasons) == ("pass", ())
        ledger.publish(by("sex", {sex: count}, denominator=base, **ASSISTED), 10)
    assert ledger.holds(10)


@pytest.mark.parametrize(
    "honest",
    [
        men({"18+": 50}, denominator=67, **ASSISTED),
        by("sex", {"male": 50, "female": 12}, denominator=67, **ASSISTED),
        by("sex", {"male": 50, "female": 12}, denominator=61_000, indicator="screened"),
        by("sex", {"male": 50, "female": 12}, **ASSISTED),
    ],
    ids=["the total", "the total of both", "screened", "none"],
)
def test_honest_tables_leave_in_either_order(honest: Trend) -> None:
    assert judge(honest, released=after(HIDDEN_MEN).released).verdict == "pass"
    assert judge(HIDDEN_MEN, released=after(honest).released).verdict == "pass"


def test_an_open_denominator_beside_a_table_for_few_is_judged_for_both_readers() -> None:
    few = by("sex", {"female": 7, "male": 60, "total": 67}, tlp="AMBER")
    ledger = Ledger()
    ledger.publish(few, 5)
    assert judge(men({"18+": 50}, denominator=60, **ASSISTED), released=ledger.released).verdict == "hold"


def test_the_ledger_of_a_table_is_that_of_every_indicator_of_its_years() -> None:
    cells = [({"period": year, "sex": "male"}, 50) for year in ("2025", "2026")]
    found = families_of_years(table(cells))
    assert {"actual|victims|2025", "actual|assisted|2026", "actual|screened|2025"} <= set(found)
    assert len(found) == len(set(found))
    assert found[:2] == ["actual|victims|2025", "actual|victims|2026"]


def test_a_table_that_hides_nothing_leaves_after_a_denominator_of_others() -> None:
    """20 of 25 were screened; 32 offences are shown with both sexes, and 25 is near to nothing that is hidden."""
    before = after(by("sex", {"female": 20}, indicator="screened", denominator=25)).released
    assert (
        judge(by("sex", {"female": 12, "male": 20, "total": 32}, indicator="offences"), released=before).verdict
        == "pass"
    )
    hiding = by("sex", {"female": 3, "male": 30, "total": 33}, indicator="offences")
    assert judge(hiding, released=before).verdict == "hold"

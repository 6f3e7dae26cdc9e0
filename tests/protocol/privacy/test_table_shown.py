"""What the author of a table is told: differing totals first, what is hidden and why, and what a coarser one hides."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from protocol.privacy.trends import C, Values, of, trend, with_margins
from suar.protocol.message.kinds import Trend
from suar.protocol.privacy.limits import k_for
from suar.protocol.privacy.proof.cells import cell_of, sheet_of
from suar.protocol.privacy.proof.ledger import Released
from suar.protocol.privacy.tables import advice, coarser, differences
from suar.protocol.privacy.tables.coarser import CELLS_MAX, TRIED_MAX, with_coarser
from suar.protocol.privacy.tables.differences import NAMED, REASONS_MAX
from suar.protocol.privacy.tables.protecting import Unprotectable, protect
from suar.protocol.privacy.verdict import Opinion, judge

K = 10
PLACE = {"role": "detection", "country": "TH"}


def cells(values: Mapping[C, int], dims: list[str], period: str = "2026") -> list[dict[str, Any]]:
    return [
        {"period": period, "place": PLACE, "dims": dict(zip(dims, codes, strict=True)), "value": n, "status": "A"}
        for codes, n in values.items()
    ]


def by_period(values: dict[str, int]) -> Trend:
    return of([{**cells({(): n}, [])[0], "period": period} for period, n in values.items()], [])


def found(table: Trend) -> list[tuple[int, int, int]]:
    return [(each.at, each.total, each.together) for each in differences.differences(table)]


def shape(opinion: Opinion) -> dict[str, Any]:
    assert opinion.table is not None
    return opinion.table.shape(lambda cell: " ".join([cell["period"], *cell["dims"].values()]))


# -- totals and their parts


def test_parts_above_their_total_are_reported_before_anything_is_hidden() -> None:
    opinion = judge(trend({("female",): 54, ("male",): 55, ("total",): 100}, ["sex"]))
    first = opinion.reasons[0]
    assert (opinion.verdict, first.code, first.path) == ("pass", "E-PRIVACY-SUM", "$.obs[2].value")
    assert first.message == "the total differs from its parts by 9: it is 100, together they are 109"
    assert first.marked == ("2026, sex female", "2026, sex male")


def test_parts_below_their_total_are_reported_if_they_are_complete() -> None:
    three = {("female",): 40, ("male",): 30, ("unknown",): 11}
    assert found(trend({**three, ("total",): 90}, ["sex"])) == []  # others are not listed
    assert found(trend({**three, ("other",): 0, ("total",): 90}, ["sex"])) == [(4, 90, 81)]
    assert found(trend({("0-17",): 40, ("18+",): 30, ("unknown",): 11, ("total",): 90}, ["age"])) == [(3, 90, 81)]
    assert found(trend({("0-17",): 40, ("18+",): 30, ("total",): 90}, ["age"])) == []
    assert found(trend({("0-8",): 20, ("9-17",): 19, ("0-17",): 40}, ["age"])) == [(2, 40, 39)]


def rests(table: Trend) -> list[str]:
    return [each.message for each in judge(table).reasons if each.path == "$.obs[2].value"]


def test_a_total_above_its_parts_is_a_rest_or_an_error() -> None:
    """544 for 444: the codes `other` and `unknown` have no row, so it may be right."""
    both = {("female",): 279, ("male",): 165}
    opinion = judge(trend({**both, ("total",): 544}, ["sex"]))
    assert (opinion.verdict, [reason.code for reason in opinion.reasons]) == ("pass", ["E-PRIVACY-SUM"])
    assert opinion.reasons[0].message == (
        "the total is 100 more than its parts: it is 544, together they are 444; "
        "either 100 are of no category in the table, or a number is wrong"
    )
    assert shape(opinion)["differences"] == []
    assert rests(trend({**both, ("total",): 444}, ["sex"])) == []


def test_a_small_rest_is_why_a_count_is_hidden() -> None:
    opinion = judge(trend({("female",): 279, ("male",): 165, ("total",): 445}, ["sex"]))
    assert opinion.message is not None
    assert shape(opinion)["hidden"] != []
    assert opinion.reasons[0].message.endswith("this rest is small, so counts beside it are hidden to protect it")
    assert opinion.reasons[0].message.startswith("the total is 1 more than its parts")


def test_a_list_that_is_open_leaves_a_rest() -> None:
    """Countries, ages and periods that a table does not list are no error; a small rest of them is told."""
    assert rests(trend({("TH",): 40, ("MM",): 50, ("total",): 120}, ["citizenship"])) == []
    assert rests(trend({("TH",): 40, ("MM",): 50, ("total",): 93}, ["citizenship"])) != []
    assert rests(trend({("0-17",): 40, ("18+",): 50, ("total",): 120}, ["age"])) != []
    assert rests(by_period({"2026-Q1": 40, "2026-Q2": 51, "2026": 200})) == []


def test_the_parts_of_one_level_leave_no_rest_if_others_are_listed() -> None:
    """Of 100, 95 are 0-8 and 5 are 18+: nobody is left."""
    both = {("0-8",): 95, ("18+",): 5, ("total",): 100}
    assert not any("more than its parts" in each.message for each in judge(trend(both, ["age"])).reasons)


def test_parts_of_several_levels_are_added_up_once() -> None:
    """0-8, 9-17 and 18+ are no division of the standard, and have nobody in common."""
    assert found(trend({("0-8",): 20, ("9-17",): 19, ("18+",): 70, ("total",): 100}, ["age"])) == [(3, 100, 109)]
    both = {("0-8",): 20, ("9-17",): 20, ("0-17",): 40, ("18+",): 60, ("total",): 100}
    assert found(trend(both, ["age"])) == []


def test_periods_of_a_year_are_all_there_are() -> None:
    assert found(by_period({"2026-H1": 40, "2026-H2": 51, "2026": 100})) == [(2, 100, 91)]
    assert found(by_period({"2026-Q1": 40, "2026-Q2": 51, "2026": 100})) == []  # half a year is not given
    assert found(by_period({"2026-Q1": 40, "2026-Q2": 20, "2026-H2": 31, "2026": 100})) == [(3, 100, 91)]
    assert found(by_period({"2026-Q1": 40, "2026-Q2": 71, "2026": 100})) == [(2, 100, 111)]


def test_a_grand_total_is_compared_with_parts_by_two_breakdowns() -> None:
    """Of a table by sex and age without their margins; with a margin that says so, the margin alone is named."""
    parts = {("female", "0-17"): 30, ("female", "18+"): 40, ("male", "0-17"): 12, ("male", "18+"): 14}
    dims = ["sex", "age"]
    assert found(of([*cells(parts, dims), *cells({(): 60}, [])], dims)) == [(4, 60, 96)]
    assert found(of([*cells(parts, dims), *cells({(): 96}, [])], dims)) == []
    assert found(of([*cells(parts, dims), *cells({(): 100}, [])], dims)) == [], "they lack other and unknown"
    margins = cells({("female",): 70, ("male",): 26}, ["sex"])
    assert found(of([*cells(parts, dims), *margins, *cells({(): 60}, [])], dims)) == [(6, 60, 96)]
    quarters = [each | {"period": f"2026-Q{n}"} for n in range(1, 5) for each in cells({("female",): 10}, ["sex"])]
    complete = [{**each, "dims": {"sex": sex}} for each in quarters for sex in ("female", "male", "other", "unknown")]
    assert found(of([*complete, *cells({(): 200}, [])], ["sex"])) == [(16, 200, 160)], "these are all there are"


def test_a_missing_count_is_not_compared() -> None:
    values: dict[tuple[str, ...], int | None] = {("female",): 99, ("male",): None, ("total",): 90}
    assert found(trend(values, ["sex"])) == []
    other = {**PLACE, "country": "VN"}
    obs = [*cells({("female",): 50, ("male",): 60}, ["sex"]), {**cells({("total",): 90}, ["sex"])[0], "place": other}]
    assert found(of(obs, ["sex"])) == []


def test_places_above_their_country() -> None:
    inside = [{**cells({(): n}, [])[0], "place": {**PLACE, "admin1": at}} for at, n in (("TH-10", 50), ("TH-50", 60))]
    assert found(of([*inside, *cells({(): 100}, [])], [])) == [(2, 100, 110)]


def test_differences_are_bounded() -> None:
    obs = [
        each
        for month in range(1, 13)
        for each in cells(
            {("female", age): 50 for age in ("0-17", "18+")} | {("total", age): 40 for age in ("0-17", "18+")},
            ["sex", "age"],
            f"2026-{month:02d}",
        )
    ]
    table = of(obs, ["sex", "age"])
    result = list(differences.warnings(table.obs, differences.differences(table)))
    assert len(result) == REASONS_MAX + 1
    assert (result[-1].path, result[-1].message) == ("$.obs", "further totals differ from their parts: 4")
    wide = trend({(code,): 20 for code in ("TH", "MM", "LA", "KH", "VN", "ID")} | {("total",): 100}, ["citizenship"])
    (one,) = differences.warnings(wide.obs, differences.differences(wide))
    assert len(one.marked) == NAMED


def test_a_refusal_names_what_refuses_first_and_keeps_the_table() -> None:
    text = [{"lang": "en", "title": "Victims", "summary": "Call 081-234-5678."}]
    opinion = judge(trend({("female",): 54, ("male",): 55, ("total",): 100}, ["sex"], text=text))
    assert [reason.code for reason in opinion.reasons] == ["E-PRIVACY-IDENTIFIER", "E-PRIVACY-SUM"]
    assert shape(opinion)["differences"][0]["by"] == 9


# -- what is hidden


def test_each_hidden_figure_says_why_and_which_sum_it_protects() -> None:
    opinion = judge(trend({("female",): 4, ("male",): 55, ("unknown",): 31, ("total",): 90}, ["sex"]))
    result = shape(opinion)
    assert [each["value"] for each in result["before"]] == [4, 55, 31, 90]
    small, protecting = result["hidden"]
    hidden = {0, protecting["at"]}
    assert protecting["at"] in (1, 2)  # the gate's key decides which
    assert [each["value"] for each in result["after"]] == [
        None if at in hidden else each["value"] for at, each in enumerate(result["before"])
    ]
    female = {"period": "2026", "place": PLACE, "dims": {"sex": "female"}, "label": "2026 female"}
    assert small == {"cell": female, "at": 0, "why": "small", "sum": None, "sums": [], "together": None}
    assert protecting["why"] == "protects"
    total = {"period": "2026", "place": PLACE, "dims": {"sex": "total"}, "label": "2026 total"}
    assert protecting["sum"] == {"cell": total, "at": 3, "parts": [0, 1, 2]}
    assert protecting["together"] is None
    assert json.loads(msgspec.json.encode(result)) == result


def test_what_its_publisher_hid_says_so() -> None:
    obs = cells({("female",): 40, ("male",): 55, ("unknown",): 31, ("total",): 200}, ["sex"])
    obs[0] |= {"value": None, "status": "S"}
    assert {"given"} <= {each["why"] for each in shape(judge(of(obs, ["sex"])))["hidden"]}


def test_a_table_that_cannot_leave_is_shown_as_handed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    def bare(table: Trend, *_: object) -> None:
        raise Unprotectable((advice.contradiction(table),))

    monkeypatch.setattr("suar.protocol.privacy.verdict.protect", bare)
    opinion = judge(trend({("female",): 47, ("male",): 54, ("total",): 101}, ["sex"]))
    assert opinion.verdict == "refuse"
    assert (len(shape(opinion)["before"]), shape(opinion)["after"], shape(opinion)["hidden"]) == (3, None, [])


def test_a_count_that_moved_too_little_is_reported_and_hidden() -> None:
    before = trend({("female",): 40, ("male",): 50, ("total",): 90}, ["sex"])
    released: Released = {sheet: [one] for sheet, one in protect(before, K).releases.items()}
    opinion = judge(trend({("female",): 42, ("male",): 48, ("total",): 90}, ["sex"], rev=2), released=released)
    assert (opinion.verdict, {each["why"] for each in shape(opinion)["hidden"]}) == ("pass", {"moved"})
    moved = [reason for reason in opinion.reasons if reason.code == "E-PRIVACY-MOVED"]
    assert [reason.path for reason in moved] == ["$.obs[0].value", "$.obs[1].value"]
    text = "the count was shown before and has moved by less than 10 since: it leaves hidden until it has moved by 10"
    assert {reason.message for reason in moved} == {text}
    assert not any("leave the cell" in reason.hint or "leave it at" in reason.hint for reason in moved)


def test_another_denominator_is_another_table() -> None:
    values: Values = {("female",): 44, ("male",): 45}
    first = judge(trend({**values}, ["sex"], denominator=5000))
    other = judge(trend({**values}, ["sex"], denominator=6000))
    result = [next(iter(each.releases.values())).facts[-1].value for each in (first, other)]
    assert result == [5000, 6000]


# -- coarser tables


def tried(table: Trend) -> dict[str, tuple[int, int]]:
    return {f"{each.by} {each.dimension}".strip(): (each.cells, each.hidden) for each in coarser.coarser(table, K)}


def monthly(months: int = 12) -> Trend:
    obs = [
        each
        for month in range(1, months + 1)
        for each in cells(
            with_margins({("female",): 3 + month % 4, ("male",): 20 + month}), ["sex"], f"2026-{month:02d}"
        )
    ]
    return of(obs, ["sex"])


def test_by_quarter_instead_of_month() -> None:
    got = tried(monthly())
    assert got["quarter"][0] == 12
    assert got["quarter"][1] < protect(monthly(), K).suppressed
    assert set(got) == {"quarter", "half", "year", "without sex"}
    assert list(got.values()) == sorted(got.values(), key=lambda each: (each[1], -each[0]))


def test_a_quarter_of_two_months_is_none() -> None:
    assert set(tried(monthly(2))) == {"without sex"}
    assert set(tried(monthly(6))) == {"quarter", "half", "without sex"}


def test_a_submitted_cell_replaces_its_parts() -> None:
    """The coarser figure is the one that the author gave, where there is one; else the parts once, each level once."""
    values = {("0-8",): 3, ("9-17",): 20, ("18+",): 60, ("total",): 95}
    steps = {f"{by} {name}".strip(): step for by, name, step in coarser.coarser_steps(trend(values, ["age"]), K)}
    obs = trend(values, ["age"]).obs
    assert [item.value for item in coarser.merged(obs, steps["age-groups age"])] == [23, 60, 95]
    assert [item.value for item in coarser.merged(obs, steps["without age"])] == [95]
    without_total = trend({("0-8",): 3, ("9-17",): 20, ("0-17",): 25, ("18+",): 60}, ["age"]).obs
    assert [item.value for item in coarser.merged(without_total, steps["without age"])] == [85]
    assert [item.value for item in coarser.merged(without_total, steps["age-groups age"])] == [25, 60]


def test_divisions_go_into_sections_and_places_into_their_country() -> None:
    industry = trend({("10",): 3, ("11",): 20, ("13",): 30, ("47",): 50, ("total",): 103}, ["industry"])
    assert tried(industry)["sections industry"][0] == 3
    obs = [
        {**cells({(): n}, [])[0], "place": {**PLACE, "admin1": code}} for code, n in (("TH-10", 3), ("TH-50", 60))
    ]  # fmt: skip
    total = {**cells({(): 63}, [])[0], "place": PLACE}
    assert tried(of([*obs, total], [])) == {"country": (1, 0)}


def test_no_coarser_table_names_a_part_as_the_whole() -> None:
    """The sum of two provinces is not the country's number, nor two bands all children, nor means persons."""
    obs = [
        {**cells({(sex,): n}, ["sex"])[0], "place": {**PLACE, "admin1": code}}
        for code, counts in (("TH-10", (60, 14)), ("TH-50", (4, 7)))
        for sex, n in zip(("female", "male"), counts, strict=True)
    ]  # fmt: skip
    assert "country" not in tried(of(obs, ["sex"]))
    assert tried(trend({("9-17",): 14, ("18-20",): 11, ("24-26",): 9}, ["age"])) == {}
    assert tried(trend({("threats",): 14, ("abuse",): 12}, ["means"])) == {}
    assert "without sex" not in tried(trend({("female",): 60, ("male",): 4}, ["sex"]))
    assert tried(trend({("01",): 14, ("03",): 5}, ["industry"])) == {}


def test_a_merge_keeps_meaning() -> None:
    forms = {("sexual-exploitation",): 4, ("forced-labour",): 30, ("other",): 3, ("total",): 37}
    assert set(tried(trend(forms, ["exploitation"]))) == {"without exploitation"}
    rare = {("MM",): 90, ("LA",): 4, ("KH",): 7, ("other",): 20, ("total",): 121}
    assert tried(trend(rare, ["citizenship"]))["rare-as-other citizenship"] == (3, 0)
    two = trend(with_margins({("MM", "female"): 90, ("LA", "female"): 4, ("KH", "female"): 7}), ["citizenship", "sex"])
    assert "rare-as-other citizenship" in tried(two)
    assert not any(name.startswith("rare-as-other") for name in tried(trend({("LA",): 4, ("KH",): 7}, ["citizenship"])))


@pytest.mark.parametrize("dims", [["exploitation"], ["exploitation", "sex"], ["means"], ["transport"], []])
def test_advice_never_puts_other_beside_a_named_category(dims: list[str]) -> None:
    codes = {"exploitation": "forced-labour", "sex": "female", "means": "threats", "transport": "foot"}
    named = tuple(codes[name] for name in dims)
    others = tuple("abuse" if name == "means" else "unknown" if name == "transport" else "other" for name in dims)
    values: dict[tuple[str, ...], int | None] = {named: 3, others: 4} if dims else {(): 3}
    table = trend(values, dims)
    hint = str(advice.coarsen(table, set()))
    assert "together as" not in hint
    assert "leave it at" not in hint
    assert "longer period" in hint
    assert hint.endswith("or publish it with the next period")


def test_texts_name_no_json_path() -> None:
    twice = of([*cells({("total",): 40}, ["sex"]), *cells({("total",): 40}, ["sex"])], ["sex"])
    (reason,) = judge(twice).reasons
    assert reason.path == "$.obs[1]"
    assert reason.message == "the cell is given twice, first as figure 1 of the table: 2026"
    assert "$" not in reason.message + reason.hint


def test_the_work_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def counted(table: Trend, *_: object) -> None:
        sizes.append(len(table.obs))
        raise Unprotectable((advice.contradiction(table),))

    monkeypatch.setattr(coarser, "protect", counted)
    values = with_margins({("female", "0-8"): 3, ("male", "9-17"): 30})
    obs = [
        {**each, "place": {**PLACE, "admin1": f"TH-{province}"}}
        for month in range(1, 13)
        for province in range(10, 25)
        for each in cells(values, ["sex", "age"], f"2026-{month:02d}")
    ]
    assert coarser.coarser(of(obs, ["sex", "age"]), K) == ()
    assert 0 < len(sizes) <= TRIED_MAX
    assert max(sizes) <= CELLS_MAX


def test_nothing_is_tried_for_a_table_that_hides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coarser, "protect", lambda *_: pytest.fail("tried"))
    table = trend({("female",): 40, ("male",): 50, ("total",): 90}, ["sex"])
    own = judge(table).table
    assert own is not None
    assert with_coarser(own, table, k_for(table.tlp)).coarser == ()
    hidden = judge(monthly())
    assert hidden.table is not None
    assert hidden.table.coarser == ()  # the gate itself tries none


def test_a_table_of_which_as_much_is_hidden_is_no_advice() -> None:
    """Two sexes of 3 and 4, and 7: by neither is less hidden."""
    table = trend(with_margins({("female", "MM"): 3, ("male", "LA"): 0}), ["sex", "citizenship"])
    own = judge(table).table
    assert own is not None
    assert own.after is not None
    assert len(own.hidden) == len(table.obs)
    assert with_coarser(own, table, K).coarser == ()


def test_the_citizenships_to_give_together_are_the_rarest() -> None:
    """BR, CN, KH and LA are the first by name, and as many of their figures are hidden."""
    counts = {"BR": 900, "CN": 800, "KH": 4, "LA": 3, "MM": 700, "VN": 2}
    table = trend({(code,): count for code, count in counts.items()}, ["citizenship"])
    keys = {(sheet_of(table, item), cell_of(item)) for item in table.obs}
    hint = str(advice.coarsen(table, keys, by_half=True))
    assert "give citizenship VN, citizenship LA, citizenship KH, citizenship MM together" in hint

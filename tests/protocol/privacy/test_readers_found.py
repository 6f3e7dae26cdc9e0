"""What a hostile reader computed from the gate's tables: each a class, with the numbers that gave it away."""

from collections.abc import Mapping
from typing import Any

import pytest

from protocol.privacy.finest_check import leaks
from protocol.privacy.finest_reader import Seen
from protocol.privacy.histories import Ledger
from protocol.privacy.trends import of, read, trend
from suar.protocol.message.kinds import Trend
from suar.protocol.privacy.proof.draws import Draw
from suar.protocol.privacy.tables.protecting import Protected, Unprotectable, protect

Values = dict[tuple[str, ...], int | None]


def left(table: Trend, ledger: Ledger | None = None, k: int = 10) -> list[int | None]:
    """The numbers as they leave, nothing where the table is refused."""
    try:
        found: Protected = (ledger or Ledger()).publish(table, k)
    except Unprotectable:
        return []
    return [item.value for item in found.obs]


def over(dim: str, values: Values, **more: Any) -> Trend:
    return trend(values, [dim], **more)


def places(role: str, rows: list[tuple[dict[str, str], int | None]], **more: Any) -> Trend:
    """A table over places of one role."""
    obs = [
        {"period": "2026", "place": {"role": role, "country": "TH", **location}, "dims": {}, "value": value,
         "status": "M" if value is None else "A"}
        for location, value in rows
    ]  # fmt: skip
    return of(obs, [], **more)


def months(values: Mapping[str, int | None], **more: Any) -> Trend:
    obs = [
        item
        for period, value in values.items()
        for item in read(over("sex", {("total",): value}, period=period))["obs"]
    ]
    return of(obs, ["sex"], **more)


def test_a_denominator_takes_no_total_out_of_the_gate() -> None:
    assert left(over("sex", {("total",): 3}, denominator=61_000)) == [None]
    assert left(over("sex", {("female",): 200, ("male",): 3, ("total",): 203}, denominator=61_000)) == [None, None, 203]


def test_a_later_denominator_narrows_nothing_that_was_hidden() -> None:
    ledger = Ledger()
    left(over("sex", {("female",): 200, ("male",): 3}), ledger)
    assert left(over("exploitation", {("forced-labour",): 90, ("other",): 113}, denominator=203), ledger) == []


@pytest.mark.parametrize("before", range(10))
def test_a_formerly_small_count_is_shown_when_it_discloses_nothing_of_it(before: int) -> None:
    """Shown as 10 after it was hidden, it was 0 under a rule that looks at what it was."""
    for now, is_shown in ((10, False), (18, False), (19, True), (40, True)):
        ledger = Ledger()
        left(over("sex", {("total",): before}), ledger)
        assert left(over("sex", {("total",): now}), ledger) == [now if is_shown else None]


def test_what_protected_another_stays_hidden() -> None:
    ledger = Ledger()
    first = left(over("sex", {("female",): 25, ("male",): 4, ("total",): 29}), ledger)
    assert first == [None, None, 29]
    assert left(over("sex", {("female",): 35}), ledger) in ([], [None])


@pytest.mark.parametrize("key", range(12))
def test_a_total_is_not_hidden_beside_a_part_that_reveals_it_was_too_small(key: int) -> None:
    """S, 17, S told that nobody was in the first."""
    for small in (0, 1, 3):
        table = over("sex", {("male",): small, ("female",): 17, ("total",): 17 + small})
        obs = [item.value for item in protect(table, 10, None, Draw(bytes([key]) * 32)).obs]
        assert not (obs[1] is not None and obs[2] is None)


def test_a_bound_of_amber_is_a_bound_for_who_reads_both() -> None:
    ledger, counts = Ledger(), {f"2026-{month:02}": 4 for month in range(1, 7)}
    assert left(months(counts, tlp="AMBER"), ledger, 5) == [None] * 6
    later = left(months({**counts, "2026-H1": 24}), ledger)
    assert later == [] or later[-1] is None


@pytest.mark.parametrize("again", [True, False])
def test_a_cell_hidden_under_two_k_keeps_the_larger(*, again: bool) -> None:
    """40 less 32 left 0 to 8 for a count that GREEN had hidden, as soon as AMBER hid it once more."""
    ledger = Ledger()
    hidden: Values = {("male",): 2, ("other",): 3, ("unknown",): 3}
    assert left(over("sex", {("female",): 32, **hidden}), ledger) == [32, None, None, None]
    hidden = hidden if again else {}
    later = left(over("sex", {**hidden, ("total",): 40}, tlp="AMBER"), ledger, 5)
    assert later == [] or later[-1] is None
    assert ledger.holds()


def test_the_checker_looks_at_both_k_of_a_cell() -> None:
    """Who knows that all six are below 5 knows that each is 4; whoever does not, finds out nothing."""
    counts = {f"2026-{month:02}": 4 for month in range(1, 7)}
    hidden = [{**item, "value": None, "status": "S"} for item in read(months(counts))["obs"]]
    green = {**read(months({**counts, "2026-H1": 24})), "tlp": "GREEN"}
    amber = {**green, "obs": hidden, "tlp": "AMBER"}
    green["obs"] = [*hidden, green["obs"][-1]]
    found = leaks([Seen(amber, [4] * 6, 5), Seen(green, [*[4] * 6, 24], 10)])
    assert {(leak.low, leak.high, leak.k) for leak in found} == {(4, 4, 5)}


@pytest.mark.parametrize("tlps", [("GREEN", "AMBER"), ("AMBER", "GREEN")])
def test_a_small_count_that_stays_under_another_tlp_while_others_move_is_as_wide_as_each_k_asks(
    tlps: tuple[str, str],
) -> None:
    """Hidden at GREEN and at AMBER, it is below 5 for who has both, whether or not the men changed meanwhile."""
    for after in (50, 12):
        ledger = Ledger()
        for tlp, men in zip(tlps, (50, after), strict=True):
            table = over("sex", {("female",): 0, ("male",): men}, tlp=tlp)
            assert left(table, ledger, 10 if tlp == "GREEN" else 5) == [None, men]
        assert ledger.holds()


def test_a_refusal_calls_a_small_count_small_also_where_it_left_hidden_under_another_tlp() -> None:
    ledger = Ledger()
    first: Values = {("ID",): 6, ("TH",): 0, ("MM",): 0, ("other",): 3, ("total",): 16}
    assert left(over("citizenship", first, tlp="AMBER"), ledger, 5)
    second: Values = {("ID",): 6, ("other",): 33, ("total",): 46}
    assert left(over("citizenship", second, tlp="AMBER"), ledger, 5)
    third: Values = {("TH",): 0, ("KH",): 4, ("VN",): 3, ("MM",): 0, ("LA",): 0, ("ID",): 36, ("total",): 76}
    assert ledger.offer(over("citizenship", third)) is None  # which asks whether each sentence of it is true


def test_a_missing_number_is_as_good_as_left_out() -> None:
    ledger = Ledger()
    assert left(months({"2026-01": 40, "2026-02": None, "2026-03": 43}), ledger) == [40, None, 43]
    assert left(months({"2026-Q1": 90}), ledger) == [None]


def test_a_port_lies_in_its_subdivision_however_it_is_named() -> None:
    ledger = Ledger()
    rows = [({"admin1": "TH-20"}, 50), ({"admin1": "TH-20", "locode": "THLCH"}, 44)]
    left(places("detection", [*rows, ({"admin1": "TH-20", "locode": "THSRI"}, 6)]), ledger)
    assert left(places("detection", [({"locode": "THLCH"}, 44)]), ledger) in ([], [None])


@pytest.mark.parametrize(
    ("dims", "values"),
    [
        (["age", "sex"], {("total", "total"): 108, ("0-17", "female"): 30, ("0-17", "male"): 60, ("18+", "female"): 9,
                          ("18+", "male"): 9}),
        (["age"], {("total",): 101, ("0-17",): 43, ("18-20",): 9, ("21-23",): 40, ("24-26",): 9}),
        (["industry"], {("total",): 118, ("A",): 50, ("10",): 50, ("11",): 9, ("13",): 9}),
    ],
)  # fmt: skip
def test_a_list_is_everything_over_several_steps(dims: list[str], values: Values) -> None:
    """Nine and nine are what the others leave, and neither may be more."""
    found = left(trend(values, dims))
    assert found[0] is None or found.count(None) > 2


def test_a_number_from_abroad_does_not_cut_the_tie_to_the_national_total() -> None:
    def detected(country: str, values: Values) -> Trend:
        table = read(trend(values, ["citizenship"]))
        for item in table["obs"]:
            item["place"]["country"] = country
        return of(table["obs"], ["citizenship"])

    ledger = Ledger()
    left(detected("MY", {("total",): 40}), ledger)
    left(detected("TH", {("total",): 86}), ledger)
    origin = [
        {"period": "2026", "place": {"role": "origin", "country": country}, "dims": {}, "value": value, "status": "A"}
        for country, value in (("KH", 83), ("LA", 3))
    ]
    assert left(of(origin, []), ledger) in ([], [None, None])


def test_provinces_of_origin_are_of_the_citizens_of_their_country() -> None:
    ledger = Ledger()
    left(over("citizenship", {("KH",): 35}), ledger)
    origin = [
        {"period": "2026", "place": {"role": "origin", "country": "KH", "admin1": admin1}, "dims": {}, "value": value,
         "status": "A"}
        for admin1, value in (("KH-1", 30), ("KH-2", 5))
    ]  # fmt: skip
    assert left(of(origin, []), ledger) in ([], [None, None])


def test_new_marks_that_narrow_what_was_hidden_are_refused() -> None:
    """Who reads of the quarters that they are small knows the year better than was allowed before."""
    ledger = Ledger()
    assert left(over("sex", {("male",): 8, ("female",): 12, ("total",): 20}), ledger)[:2] == [None, None]
    quarters = [
        {**item, "period": f"2026-Q{quarter}", "value": 3}
        for quarter in range(1, 5)
        for item in read(over("sex", {("female",): 3}))["obs"]
    ]
    assert left(of(quarters, ["sex"], tlp="AMBER"), ledger, 5) == []

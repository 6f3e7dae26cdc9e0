"""A denominator is a number of the same people: as such it is in the proof, in the rule for moves and in revisions, and
is compared with what earlier tables and those of neighbours hide. It cannot be hidden, so the table is refused.
"""

import random
from contextlib import suppress
from typing import Any

import pytest
from msgspec.structs import replace

from protocol.privacy.histories import Ledger
from protocol.privacy.people import observation
from protocol.privacy.test_closure import by, over, table
from protocol.privacy.trends import of, some_values, trend, with_margins
from suar.protocol.message.kinds import Trend
from suar.protocol.privacy.proof import program
from suar.protocol.privacy.proof.cells import cell_of
from suar.protocol.privacy.proof.draws import Draw
from suar.protocol.privacy.tables import denominators
from suar.protocol.privacy.tables.others import opened, shown_numbers, subjects
from suar.protocol.privacy.tables.protecting import Unprotectable, is_denominator_changed, protect
from suar.protocol.privacy.verdict import judge

MOVED = "the denominator differs by fewer than 10 from an earlier one, or from what the figures show or add up to"
DISCLOSES = "together with the denominator a count that the tables hide or leave out could be computed"
SEXES = {"male": 60, "female": 40}
MEN_AND_ALL = by("sex", {"male": 60, "total": 80})
HIDDEN_MEN = by("sex", {"female": 7, "male": 60, "total": 67})


def men(ages: dict[str, int], **about: Any) -> Trend:
    """Men by age."""
    return table([({"sex": "male", "age": age}, count) for age, count in ages.items()], **about)


def after(*tables: Trend) -> Ledger:
    """The ledger after these were published, all of which leave."""
    ledger = Ledger()
    for each in tables:
        ledger.publish(each, 10)
    return ledger


SMALL_MOVES: dict[str, tuple[list[Trend], Trend]] = {
    "a new edition": ([by("sex", SEXES, denominator=100)], by("sex", SEXES, denominator=104)),
    "of a table without a total": ([by("sex", {"male": 60}, denominator=100)], by("sex", {"male": 60}, denominator=99)),
    "from a total": ([by("sex", SEXES | {"total": 100})], by("sex", SEXES, denominator=107)),
    "from the total of the same table": ([], by("sex", SEXES | {"total": 100}, denominator=101)),
    "from what its own figures add up to": ([], by("age", {"0-17": 60, "18+": 40, "unknown": 20}, denominator=123)),
    "from what earlier parts add up to": (
        [over({"2026-H1": 50, "2026-H2": 50})], by("sex", {"male": 60, "female": 43}, denominator=103),
    ),
    "of other people": (
        [by("sex", SEXES | {"total": 100}, denominator=5_000)],
        by("sex", SEXES | {"total": 100}, denominator=5_001),
    ),
    "after a larger one": (
        [by("sex", SEXES, denominator=100), by("sex", SEXES, denominator=140)], by("sex", SEXES, denominator=101),
    ),
    "from a hidden total": ([by("sex", {"total": 5})], by("sex", SEXES, denominator=12)),
}  # fmt: skip


@pytest.mark.parametrize("name", SMALL_MOVES)
def test_a_denominator_that_moved_by_little_is_refused(name: str) -> None:
    before, now = SMALL_MOVES[name]
    ledger = after(*before)
    assert ledger.offer(now) is None
    (reason,) = ledger.refused[0].reasons
    assert (reason.code, reason.path, reason.message) == ("E-PRIVACY-COUNT", "$.denominator", MOVED)
    has_total = not all(cell_of(item).dims for item in now.obs)
    assert reason.hint == "leave the denominator out" + (
        "" if has_total else ", or hand in the total as a figure of the table"
    )


def test_a_total_that_moved_by_little_from_a_denominator_is_hidden() -> None:
    ledger = after(by("sex", {"male": 60}, denominator=100))
    assert [hidden.why for hidden in ledger.publish(over({"2026": 101}), 10).hidden] == ["moved"]
    assert ledger.holds(10)


def test_parts_that_moved_by_little_from_a_denominator_do_not_tell_it() -> None:
    ledger = after(by("sex", {"male": 60}, denominator=100))
    assert "S" in [item.status for item in ledger.publish(over({"2026-H1": 50, "2026-H2": 53}), 10).obs]
    assert ledger.holds(10)


@pytest.mark.parametrize("denominator", [None, 61, 66, 69, 70, 71, 73, 76, 79, 80, 81, 85, 95])
def test_no_denominator_makes_the_gate_forget_an_earlier_total(denominator: int | None) -> None:
    """Of 80 persons 60 are men and 13 women: the 7 others are nowhere named. 73 is the number of known sex."""
    ledger = after(MEN_AND_ALL)
    about = {} if denominator is None else {"denominator": denominator}
    leaving = ledger.offer(by("sex", {"female": 13}, **about))
    assert leaving is None or [item.status for item in leaving.obs] == ["S"]
    assert ledger.holds(10)


CODES = {"KH": 30, "MM": 30, "total": 90}


@pytest.mark.parametrize("denominator", [61, 63, 31, 39])
def test_a_denominator_that_leaves_few_beside_some_earlier_figures_is_refused(denominator: int) -> None:
    """Less than what all figures add up to, it may be the new total of those that it can contain."""
    ledger = after(by("citizenship", CODES))
    assert ledger.offer(by("citizenship", {"LA": 13}, denominator=denominator)) is None
    assert ledger.refused[0].reasons[0].path == "$.denominator"


def test_a_denominator_that_leaves_few_beside_an_earlier_edition_is_refused() -> None:
    """62 men of then and 81 women leave one of 144, though 114 men and 81 women are more."""
    ledger = after(by("sex", {"male": 62}, denominator=99), by("sex", {"female": 81}, denominator=55))
    assert ledger.offer(by("sex", {"male": 114}, denominator=144)) is None
    assert ledger.offer(by("sex", {"male": 114}, denominator=160)) is not None
    assert ledger.holds(10)


def test_a_denominator_a_little_below_all_earlier_figures_is_refused() -> None:
    """41 and 53 are at least eight more than 86, and no total of then was told."""
    ledger = after(by("sex", {"female": 41, "male": 53}, denominator=72))
    assert ledger.offer(by("sex", {"other": 59}, denominator=86)) is None
    assert ledger.offer(by("sex", {"other": 59}, denominator=84)) is not None
    assert ledger.holds(10)


def test_too_many_sums_of_earlier_figures_are_taken_to_leave_few(monkeypatch: pytest.MonkeyPatch) -> None:
    now = by("citizenship", {"LA": 13}, denominator=55)
    assert after(by("citizenship", CODES)).offer(now) is not None
    monkeypatch.setattr(denominators, "SUMS_MAX", 1)
    assert after(by("citizenship", CODES)).offer(now) is None


OF_ITS_OWN: dict[str, list[tuple[dict[str, str], int, int]]] = {
    "quarters": [({"period": "2026-Q1"}, 22, 310), ({"period": "2026-Q2"}, 30, 305), ({"period": "2026-Q3"}, 33, 312)],
    "months of a population": [({"period": "2026-01"}, 22, 312_345), ({"period": "2026-02"}, 25, 312_351)],
    "provinces": [({"admin1": "TH-10"}, 22, 310), ({"admin1": "TH-11"}, 30, 305)],
    "provinces by quarter": [
        ({"admin1": "TH-10", "period": "2026-Q1"}, 22, 310), ({"admin1": "TH-11", "period": "2026-Q2"}, 30, 305),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", OF_ITS_OWN)
def test_denominators_of_other_periods_or_places_may_be_near_to_one_another(name: str) -> None:
    ledger = Ledger()
    for at, count, denominator in OF_ITS_OWN[name]:
        judged = judge(table([(at, count)], denominator=denominator), released=ledger.released)
        assert (judged.verdict, judged.reasons) == ("pass", ())
        ledger.publish(table([(at, count)], denominator=denominator), 10)


def test_denominators_of_quarters_by_sex_with_a_total_may_be_near_to_one_another() -> None:
    made = []
    for period, (male, female), denominator in (("2026-Q1", (22, 30), 310), ("2026-Q2", (27, 25), 305)):
        cells = [({"period": period, "sex": "male"}, male), ({"period": period, "sex": "female"}, female)]
        made.append(table([*cells, ({"period": period}, male + female)], denominator=denominator))
    assert judge(made[1], released=after(made[0]).released).verdict == "pass"


def test_a_denominator_near_to_one_of_the_same_period_is_refused_whatever_others_there_are() -> None:
    before = after(*(table([(at, n)], denominator=of_all) for at, n, of_all in OF_ITS_OWN["quarters"]))
    assert before.offer(table([({"period": "2026-Q1"}, 40)], denominator=306)) is None
    assert before.refused[-1].reasons[0].message == MOVED


def test_a_base_of_those_known_is_no_total() -> None:
    """Where a hidden count of those known would be what is left of it."""
    ledger = Ledger()
    for _ in range(2):
        ledger.offer(by("sex", {"male": 60, "female": 8, "unknown": 40, "total": 108}, denominator=68))
        assert ledger.holds(10)
    far = after(by("sex", {"male": 60, "female": 40, "unknown": 40, "total": 140}, denominator=100))
    assert ["S" for item in far.read[0]["obs"] if item["status"] == "S"] == []


MEN: dict[str, Trend] = {
    "one age": men({"18+": 50}, denominator=60),
    "every age": men({"18+": 45, "0-17": 15}, denominator=60),
    "by citizenship": table(
        [({"sex": "male", "citizenship": code}, n) for code, n in (("KH", 30), ("MM", 15))], denominator=60
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MEN)
def test_a_denominator_that_is_a_hidden_count_does_not_leave(name: str) -> None:
    ledger = after(HIDDEN_MEN)
    assert ledger.offer(MEN[name]) is None
    assert ledger.refused[0].reasons[0].path == "$.denominator"


@pytest.mark.parametrize("name", MEN)
def test_nor_does_the_count_after_the_denominator(name: str) -> None:
    ledger = after(MEN[name], HIDDEN_MEN)
    assert ledger.holds(10)


def test_a_denominator_that_equals_a_hidden_count_waits_whatever_it_counts() -> None:
    """Cases instead of persons, or an age: nothing says that it is the same number, and a reader may take it for it."""
    before = after(HIDDEN_MEN)
    cases = table([({"sex": "male"}, 30)], unit="cases", denominator=60)
    judged = judge(cases, released=before.released)
    assert judged.verdict == "hold"
    assert [(reason.path, reason.message) for reason in judged.reasons] == [
        ("$.denominator", "the denominator may tell a count that a table hides")
    ]
    assert judge(cases).verdict == "pass"
    first = after(cases)
    later = judge(HIDDEN_MEN, released=first.released)
    assert (later.verdict, later.reasons[0].code) == ("hold", "E-PRIVACY-COUNT")


EDITIONS: dict[str, Trend] = {
    "with its denominator": by("sex", {"male": 80, "female": 40}, denominator=120),
    "with a total": by("sex", {"male": 80, "female": 40, "total": 120}),
    "alone": by("sex", {"male": 80, "female": 40}),
    "with more than is named": by("sex", {"male": 80, "female": 40}, denominator=140),
    "downwards": by("sex", {"male": 40, "female": 40}, denominator=80),
    "by eleven": by("sex", {"male": 60, "female": 51, "total": 111}),
}


@pytest.mark.parametrize("first", [100, 130])
@pytest.mark.parametrize("name", EDITIONS)
def test_a_later_edition_leaves_after_a_denominator(name: str, first: int) -> None:
    ledger = after(by("sex", SEXES, denominator=first), EDITIONS[name])
    assert all(item["status"] == "A" for item in ledger.read[1]["obs"])
    assert ledger.holds(10)


def test_a_table_that_cannot_leave_without_its_denominator_either_is_refused_for_itself() -> None:
    before = [over({"2026-H1": 149}), over({"2026": 163})]
    reasons = []
    for about in ({}, {"denominator": 500}):
        ledger = after(*before)
        assert ledger.offer(over({"2026-H2": 4}, **about)) is None
        reasons.append(ledger.refused[0].reasons)
    assert reasons[0] == reasons[1]


def test_what_only_the_denominator_tells_is_said_of_it() -> None:
    ledger = after(by("sex", SEXES))
    assert ledger.offer(by("sex", SEXES, denominator=107)) is None
    assert [reason.message for reason in ledger.refused[0].reasons] == [DISCLOSES]
    assert ledger.offer(by("sex", SEXES)) is not None


def test_what_takes_too_long_with_the_denominator_is_not_said_to_tell_a_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the bound is: where the table passes alone and not with it, the reason is that."""
    alone, out_of = (
        by("sex", {"female": 60, "male": 40, "unknown": 4}, **about) for about in ({}, {"denominator": 240})
    )
    found = set()
    for most in range(10, 400, 10):
        monkeypatch.setattr(program, "WORK_MAX", most)
        with suppress(Unprotectable):
            protect(alone, 10)
            try:
                protect(out_of, 10)
            except Unprotectable as error:
                found |= {reason.message for reason in error.reasons}
    assert found == {"the denominator may be the number of too many groups to check each of them"}


def test_a_denominator_does_not_disclose_the_one_count_missing_from_its_years() -> None:
    ledger = Ledger()
    for quarter, count in (("Q1", 40), ("Q2", 30), ("Q3", 26)):
        ledger.offer(over({f"2026-{quarter}": count}, denominator=100))
    assert ledger.holds(10)


def test_a_denominator_of_too_many_groups_is_refused() -> None:
    """One figure with three codes: of each of them, of each two, and known in each other breakdown."""
    codes = {"sex": "male", "age": "18+", "citizenship": "KH"}
    ledger = Ledger()
    assert ledger.offer(table([(codes, 50)], denominator=60)) is None
    assert ledger.refused[0].reasons[0].path == "$.denominator"
    named = table([(codes, 50), ({name: codes[name] for name in ("sex", "age")}, 60)], denominator=60)
    assert ledger.offer(named) is not None


def test_the_usual_ones_leave() -> None:
    """Persons screened, a total, and the total of a hidden part."""
    for counts, denominator, left in (
        ({"female": 200, "male": 40, "total": 240}, 61_000, ["A", "A", "A"]),
        ({"female": 200, "male": 40}, 61_000, ["A", "A"]),
        ({"female": 200, "male": 40}, 240, ["A", "A"]),
        ({"female": 200, "male": 3, "total": 203}, 203, ["S", "S", "A"]),
        ({"female": 200, "male": 3}, 203, ["S", "S"]),
    ):
        leaving = protect(by("sex", counts, denominator=denominator), 10)
        assert [item.status for item in leaving.obs] == left, (counts, denominator)


def test_a_revision_with_another_denominator_changes_a_count() -> None:
    before = after(by("sex", SEXES, denominator=100)).released
    assert is_denominator_changed(by("sex", SEXES, denominator=140), before)
    assert not is_denominator_changed(by("sex", SEXES, denominator=100), before)
    assert not is_denominator_changed(by("sex", SEXES), before)
    assert not is_denominator_changed(by("sex", SEXES, denominator=140), after(by("sex", SEXES)).released)


def test_a_neighbour_s_denominator_is_a_number_of_its_table() -> None:
    """TH hides Burmese and Vietnamese beside no total; VN says of how many its own are."""
    ours = by("citizenship", {"MM": 4, "VN": 20})
    leaving = replace(ours, obs=tuple(replace(item, value=None, status="S") for item in ours.obs))
    theirs = by("citizenship", {"VN": 20}, denominator=24)
    numbers = shown_numbers(theirs, subjects(ours))
    assert [(number.cell.dims, number.value) for number in numbers] == [((("citizenship", "VN"),), 20), ((), 24)]
    assert {each.at for each in opened(ours, leaving, {}, numbers, 10)} == {0, 1}
    own = opened(replace(ours, denominator=24), replace(leaving, denominator=24), {}, numbers[:1], 10)
    assert {each.at for each in own} == {0, 1}


def test_a_neighbour_s_denominator_may_be_the_number_of_a_code_of_all_its_figures() -> None:
    """TH hides women and men beside its total; SG says of how many men found in TH its ages are."""
    ours = by("sex", {"female": 7, "male": 60, "total": 67})
    leaving = replace(ours, obs=tuple(replace(it, value=None, status="S") for it in ours.obs[:2]) + ours.obs[2:])
    numbers = shown_numbers(men({"18+": 50}, denominator=60), subjects(ours))
    assert {each.at for each in opened(ours, leaving, {}, numbers, 10)} == {0, 1}
    named = by("sex", {"male": 50, "total": 60}, denominator=60)
    assert len(shown_numbers(named, subjects(ours))) == 2


def test_a_denominator_that_its_own_table_contradicts_replaces_no_other() -> None:
    """Seventy by age, out of 840 others: the 71 before stay, of whom 11 men, 36 unknown and 23 women leave one."""
    ledger = after(
        by("sex", {"male": 11, "unknown": 36}, denominator=71),
        by("age", {"0-17": 38, "18+": 15, "unknown": 17}, denominator=840),
    )
    by_sex = {"male": (3, 4, 4), "unknown": (25, 3, 8), "female": (10, 8, 5)}
    cells = [
        *(({"sex": sex}, sum(counts)) for sex, counts in by_sex.items()),
        *(
            ({"sex": sex, "age": age}, count)
            for sex, counts in by_sex.items()
            for age, count in zip(("0-17", "18+", "unknown"), counts, strict=True)
        ),
    ]
    assert ledger.offer(table(cells)) is not None
    assert ledger.holds(10)


@pytest.mark.parametrize("key", range(8))
def test_a_base_of_those_known_hides_no_more_than_the_same_by_subtraction(key: int) -> None:
    """87 less 20 unknown are 67 whatever the denominator says, and by some keys all four were hidden."""
    counts = {"male": 60, "female": 7, "unknown": 20, "total": 87}
    left = protect(by("sex", counts, denominator=67), 10, None, Draw(bytes([key]) * 32))
    assert [item.status for item in left.obs] == ["S", "S", "A", "A"]


@pytest.mark.parametrize("more", [0, 4, 500])
@pytest.mark.parametrize("unknown", [0, 4, 40])
def test_the_first_table_of_its_people_is_protected_in_every_reading(more: int, unknown: int) -> None:
    """Where nobody is unknown the base of those known is the total, and needs no proof of its own."""
    counts = {"female": 60, "male": 4, "other": 30} | ({"unknown": unknown} if unknown else {})
    ledger = Ledger()
    ledger.offer(by("sex", counts, denominator=sum(counts.values()) + more))
    assert ledger.holds(10)


def test_a_denominator_costs_a_large_table_no_second_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of people of whom nothing was released, and nobody is unknown: in work of the solver, never in time."""
    dims = ["citizenship", "exploitation"]
    values = with_margins(some_values(random.Random(3), dims, [6, 4], 20))
    total = max(values.values())
    bare = trend({codes: count for codes, count in values.items() if set(codes) != {"total"}}, dims)
    work: list[int] = []
    spend = program.Budget.spend

    def counted(self: program.Budget, more: int) -> None:
        work.append(more)
        spend(self, more)

    monkeypatch.setattr(program.Budget, "spend", counted)

    def cost(table: Trend) -> int:
        work.clear()
        protect(table, 10)
        return sum(work)

    alone = cost(bare)
    assert cost(replace(bare, denominator=total)) < 2 * alone
    assert cost(replace(bare, denominator=total + 500)) < 2 * alone


def test_an_earlier_denominator_below_its_own_figures_is_no_total_that_moved() -> None:
    """28 is none of 61 men: it hides no move, and the 9 who are no men of a later 50 known are seen."""
    unknown = {"age": "unknown"}
    cells = [(unknown | {"sex": "unknown"}, 4), (unknown | {"sex": "male"}, 20), ({"sex": "unknown"}, 5)]
    ledger = after(table([*cells, ({"sex": "male"}, 61)], denominator=28))
    assert ledger.offer(table([({"sex": "male", "age": "0-17"}, 16), ({"sex": "male"}, 61)], denominator=50)) is None
    assert ledger.holds(10)


@pytest.mark.parametrize("first", ["listed", "other"])
@pytest.mark.parametrize("count", [1, 40])
def test_a_table_of_other_alone_with_a_denominator_is_judged_beside_one_that_lists_a_code(
    first: str, count: int
) -> None:
    """`other` is then everybody who is known, one of the numbers that the denominator may be."""
    of = {"listed": by("sex", {"male": 131}), "other": by("sex", {"other": count}, denominator=272)}
    ledger = after(of.pop(first))
    (now,) = of.values()
    sent = ledger.offer(now)
    assert ledger.holds(10) if sent else ledger.refused[0].reasons[0].path == "$.denominator"


def provinces(counts: dict[str, int], **about: Any) -> Trend:
    """A table of provinces, "" for the country."""
    return table([({"admin1": name} if name else {}, count) for name, count in counts.items()], **about)


@pytest.mark.parametrize(
    "now",
    [
        provinces({"TH-10": 60, "TH-11": 7, "TH-12": 30, "": 150}, denominator=97),
        over({"2026-Q1": 60, "2026-Q2": 7, "2026-Q3": 30, "2026": 150}, denominator=97),
        over({"2026-Q1": 60, "2026-Q2": 7, "2026-Q3": 30, "2026": 117}, denominator=37),
        by("age", {"0-17": 60, "18-20": 7, "21-23": 40, "unknown": 30, "total": 150}, denominator=107),
        by("sex", {"male": 60, "female": 7, "unknown": 30, "total": 117}, denominator=67),
        over({"2026-H1": 60, "2026-H2": 40}, denominator=67),
        provinces({"TH-10": 60, "TH-11": 40}, denominator=67),
        of([observation({}, 60), observation({}, 7, "exploitation")], [], denominator=67),
    ],
    ids=[
        "provinces",
        "quarters",
        "two quarters",
        "known ages",
        "listed sexes",
        "a half and a rest",
        "a province and a rest",
        "two roles",
    ],
)
def test_a_denominator_that_is_the_sum_of_some_figures_is_held(now: Trend) -> None:
    """Beside a wider total it is no number of the proof, and the listed figures that are shown leave the hidden one."""
    opinion = judge(now)
    assert opinion.verdict == "hold"
    assert ("E-PRIVACY-COUNT", "$.denominator") in {(reason.code, reason.path) for reason in opinion.reasons}


@pytest.mark.parametrize(
    "now",
    [
        by("sex", {"male": 60, "female": 7, "total": 67}, denominator=67),
        by("sex", {"male": 60, "female": 7, "unknown": 20, "total": 87}, denominator=5_000),
        by("sex", {"male": 60, "female": 40, "total": 100}, denominator=80),
    ],
    ids=["the total", "screened", "nothing hidden"],
)
def test_a_denominator_that_is_no_such_sum_leaves(now: Trend) -> None:
    assert judge(now).verdict == "pass"


@pytest.mark.parametrize(
    ("editions", "total"),
    [
        ([{"female": 40, "male": 61}, {"female": 60, "male": 80}], 140),
        ([{"female": 41, "male": 60}, {"female": 41, "male": 60, "unknown": 11}], 112),
    ],
    ids=["more", "unknown"],
)
def test_an_edition_after_a_hidden_move_asks_for_its_total_and_leaves_with_it(
    editions: list[dict[str, int]], total: int
) -> None:
    ledger = after(by("sex", SEXES, denominator=100), by("sex", editions[0]))
    assert ledger.offer(by("sex", editions[1])) is None
    [reason] = ledger.refused[0].reasons
    assert reason.hint == "hand in the total as a figure of the table"
    assert ledger.offer(by("sex", editions[1] | {"total": total})) is not None
    assert ledger.holds(10)


@pytest.mark.parametrize(
    ("codes", "is_refused"),
    [
        ({"sex": "male", "age": "18+"}, False),
        (
            {"sex": "male", "age": "18+", "citizenship": "KH"},
            True,
        ),
    ],
    ids=["two codes", "three codes"],
)
def test_a_denominator_that_may_be_the_number_of_too_many_groups_is_refused(
    codes: dict[str, str], is_refused: bool
) -> None:
    ledger = Ledger()
    left = ledger.offer(table([(codes, 50)], denominator=500))
    assert (left is None) == is_refused
    if is_refused:
        assert "too many groups" in ledger.refused[0].reasons[0].message

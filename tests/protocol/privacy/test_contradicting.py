"""Numbers that cannot all be right: what one table says by itself, or with another, is exact for its reader."""

import random
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from protocol.privacy.finest_check import leaks
from protocol.privacy.finest_reader import LINKED, UNLINKED, Facts
from protocol.privacy.finest_subsets import MESSAGES_MAX
from protocol.privacy.histories import KINDS, Ledger
from protocol.privacy.people import Cell, grid, some_people
from protocol.privacy.test_checker import cells, seen
from protocol.privacy.test_closure import by, orders, over, table
from suar.protocol.message.kinds import Trend
from suar.protocol.privacy.tables import consistent
from suar.protocol.privacy.tables.protecting import Unprotectable, released_by

YEAR = [({"age": "0-17"}, 60), ({"age": "18+"}, 50), ({}, 115)]
HALVES: list[tuple[Cell, int]] = [({"period": "2026-H1"}, 50), ({"period": "2026-H2"}, 50)]
NAMED: list[tuple[Cell, int]] = [
    ({"period": "2026-H1"}, 257), ({"period": "2026-H1", "sex": "male"}, 7),
    ({"period": "2026-Q1", "sex": "female"}, 120), ({"period": "2026-Q2", "sex": "female"}, 130),
]  # fmt: skip
QUARTERS: list[tuple[Cell, int]] = [({"period": "2026-Q1"}, 138), ({"period": "2026-Q2"}, 139)]
MONTHS: list[tuple[Cell, int]] = [({"period": f"2026-0{month}"}, 46 + (month == 6)) for month in range(1, 7)]

AGES = ["0-17", "18+", "unknown"]
PARTS = [["2026"], ["2026-H1"], ["2026-H1", "2026-H2"], ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]]

CASES: dict[str, list[Trend]] = {
    "one message": [table([*HALVES, *YEAR])],
    "one message by citizenship": [
        table([*HALVES, ({"citizenship": "KH"}, 60), ({"citizenship": "MM"}, 50), ({}, 115)])
    ],
    "late registrations": [
        over({"2026-Q1": 60, "2026-Q2": 60, "2026-Q3": 60, "2026-Q4": 60}),
        by("age", {"0-17": 91, "18+": 159, "total": 257}),
    ],
    "parts in another message than their total": [
        over({"2026-H1": 112, "2026-H2": 112}), by("sex", {"female": 250}), by("sex", {"total": 257}),
    ],
    "a hidden cell in one message": [table([*QUARTERS, *MONTHS, *NAMED])],
    "a hidden cell after two sets of totals": [table(QUARTERS), table(MONTHS), table(NAMED)],
    "two editions, and a remainder in one of them": [
        over({"2026-H1": 110, "2026-H2": 130}), over({"2026-Q1": 60, "2026-Q2": 60, "2026-Q3": 60, "2026-Q4": 60}),
        by("exploitation", {"forced-labour": 200, "servitude": 50, "total": 257}),
    ],
    "for organisations only": [
        over({"2026-H1": 50, "2026-H2": 50}, tlp="AMBER"), by("sex", {"female": 60, "male": 50, "total": 113}),
    ],
}  # fmt: skip

LINKS: dict[str, list[Trend]] = {
    "two date bases": [
        by("age", {"total": 224}, date_basis="registration"), by("age", {"0-17": 91, "18+": 159, "total": 257}),
    ],
    "fewer presumed than detected": [
        by("age", {"total": 224}, indicator="presumed-victims"), by("age", {"0-17": 91, "18+": 159, "total": 257}),
    ],
}  # fmt: skip


def after(tables: list[Trend], facts: Facts = UNLINKED) -> Ledger:
    """The ledger after they were offered; the first always leaves."""
    ledger = Ledger(facts)
    for each in tables:
        ledger.offer(each, 10 if each.tlp == "GREEN" else 5)
    assert ledger.seen
    return ledger


@orders(CASES)
def test_the_sums_of_a_table_are_exact_whatever_another_says(tables: list[Trend]) -> None:
    assert after(tables).holds()


@orders(LINKS)
def test_and_those_of_linked_series(tables: list[Trend]) -> None:
    assert after(tables, LINKED).holds()


def test_the_table_leaves_with_a_cell_hidden() -> None:
    ledger = after([table([*HALVES, *YEAR])])
    assert sorted(item["status"] for item in ledger.read[0]["obs"]) == ["A", "A", "A", "A", "S"]
    late = after(CASES["late registrations"])
    assert [item["status"] for item in late.read[1]["obs"]].count("S") == 1


def test_a_small_move_of_before_does_not_refuse_what_contradicts_other_tables() -> None:
    """Boys of 44 moved the children of 42; then come totals that are not their parts. UNODC's table has all three."""
    parts = table([({"age": "0-17", "sex": "male"}, 44), ({"age": "18+", "sex": "male"}, 30)])
    late: list[tuple[Cell, int]] = [({"sex": "female"}, 60), ({"sex": "male"}, 50), ({}, 115)]
    ledger = after([by("age", {"0-17": 42}), parts, table([*HALVES, *late])])
    assert len(ledger.read) == 3
    assert ledger.holds()


def contradicting(rng: random.Random) -> Iterator[Trend]:
    """Two or three counts of the same people, each by periods, or by sex or age with those of unknown age left out."""
    ways = {"period": ["2026-01", "2026-05", "2026-08", "2026-11"], "sex": ["female", "male"], "age": AGES}
    people = some_people(rng, ways, 15, zeros=0.1)
    people.counts.update({leaves: int(rng.random() < 0.4) for leaves in people.counts if leaves[2] == "unknown"})
    kinds = [{"age": ["0-17", "18+", "total"]}, {"sex": ["female", "male", "total"]}, {"sex": ["female", "total"]}]
    tables = [
        {"period": rng.choice(PARTS[1:])},
        *({"period": rng.choice(PARTS), **kind} for kind in rng.sample(kinds, 2)),
    ]
    for own in rng.sample(tables, rng.randint(2, 3)):
        yield people.table(grid(own))
        people = people.changed(rng, 10)


@pytest.mark.parametrize("seed", range(6))
def test_random_histories_that_contradict_themselves(seed: int) -> None:
    published = 0
    for at in range(5):
        ledger = Ledger()
        for each in contradicting(random.Random(f"{seed} {at}")):
            published += ledger.offer(each) is not None
        found = ledger.leaks()  # what follows only from mixing tables that contradict one another is a limit
        assert not [leak for leak in found if leak.by_some], (seed, at, found)
    assert published > 5


@pytest.mark.parametrize("most", [consistent.SETS_MAX, 1])
def test_the_sets_that_one_table_is_judged_with_are_bounded(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(consistent, "SETS_MAX", most)
    before = after([table([({}, 300 + 40 * number), ({"sex": "female"}, 100)]) for number in range(12)]).released
    published = [(sheet, release) for sheet, releases in before.items() for release in releases]
    contradicting_itself = table([*HALVES, *YEAR])
    found = consistent.consistent(published, released_by(contradicting_itself, 10, contradicting_itself.obs), 10, "TH")
    assert 1 <= len(found) <= most
    assert (len(found) > 1) == (most > 1), "without the bound there are more"


def test_a_table_that_a_released_one_contradicts_is_not_said_to_be_wrong_by_itself() -> None:
    new = table([({}, 60), ({"sex": "female"}, 115), ({"sex": "male"}, 50), ({"period": "2026-01", "sex": "male"}, 3)])
    assert Ledger().publish(new, 10).hidden, "it leaves where nothing was released"
    ledger = Ledger()
    ledger.publish(table([({"period": "2026-02", "sex": "female"}, 50), ({"sex": "female"}, 0)]), 10)
    with pytest.raises(Unprotectable) as refused:
        ledger.publish(new, 10)
    [reason] = refused.value.reasons
    assert reason.code == "E-PRIVACY-TABLE"
    assert "and those released before, cannot all be right" in reason.message
    assert "the released tables of the same indicator, period and place" in reason.hint
    assert "correct it first by a revision of its table at the next of the fixed dates, or leave out" in reason.hint


def sexes(female: int, male: int, total: int, period: str = "2026") -> Trend:
    return table(
        [
            ({"period": period, "sex": "female"}, female),
            ({"period": period, "sex": "male"}, male),
            ({"period": period}, total),
        ]
    )


def two_ways(*counts: int, total: int) -> Trend:
    ways = [{"sex": sex, "age": age} for sex in ("female", "male") for age in ("0-17", "18+")]
    return table([*zip(ways, counts, strict=True), ({}, total)])


LITTLE_OFF: dict[str, tuple[Trend, Trend, list[tuple[Cell, int]]]] = {
    "total": (sexes(120, 45, 156), sexes(120, 45, 165), [({"sex": "female"}, 120), ({"sex": "male"}, 45)]),
    "of 45": (sexes(30, 20, 45), sexes(30, 20, 50), [({"sex": "female"}, 30), ({"sex": "male"}, 20)]),
    "part": (sexes(120, 54, 165), sexes(120, 45, 165), [({"sex": "female"}, 120), ({}, 165)]),
}


@pytest.mark.parametrize(("wrong", "right", "rest"), LITTLE_OFF.values(), ids=LITTLE_OFF)
def test_a_number_that_left_wrong_by_less_than_k_is_corrected_by_what_the_hint_says(
    wrong: Trend, right: Trend, rest: list[tuple[Cell, int]]
) -> None:
    """The right table is refused, since the number moved by less than k; without it the others leave.

    Nothing corrects the number: the hint says so, and from when a revision may show the count if it moves further.
    """
    ledger = after([wrong])
    assert ledger.offer(right) is None
    [reason] = ledger.refused[-1].reasons
    assert "has moved by less than 10 since: hidden, it would follow from other figures" in reason.message
    assert "leaves hidden" not in reason.message
    assert reason.path == ("$.obs[1]" if {} in [cell for cell, _ in rest] else "$.obs[2]")
    assert reason.hint.startswith("leave this figure out")
    assert "neither a revision nor cancelling the message and publishing it again can replace that" in reason.hint
    assert reason.hint.endswith("a revision may show it, next from 2027-04-01 to 2027-04-14")
    sent = ledger.offer(table(rest))
    assert sent is not None
    assert [item.status for item in sent.obs] == ["A", "A"]


KEPT: dict[str, tuple[Trend, Trend, list[tuple[Cell, int]]]] = {
    "small": (sexes(3, 20, 32), sexes(12, 20, 32), [({"sex": "male"}, 20), ({}, 32)]),
    "protecting": (sexes(30, 20, 55), sexes(30, 25, 55), [({"sex": "female"}, 30), ({}, 55)]),
}


@pytest.mark.parametrize(("wrong", "right", "rest"), KEPT.values(), ids=KEPT)
def test_a_number_that_left_hidden_and_wrong_stays_hidden_and_the_hint_says_so(
    wrong: Trend, right: Trend, rest: list[tuple[Cell, int]]
) -> None:
    ledger = after([wrong])
    assert ledger.offer(right) is None
    [reason] = ledger.refused[-1].reasons
    assert reason.path == ("$.obs[1]" if {"sex": "female"} in [cell for cell, _ in rest] else "$.obs[0]")
    assert reason.message.endswith(", which was hidden before with another value")
    assert reason.hint.startswith("leave this figure out: it stays hidden, and released figures tell it")
    sent = ledger.offer(table(rest))
    assert sent is not None
    assert [item.status for item in sent.obs] == ["A", "A"]


def test_who_leaves_out_what_the_refusals_name_publishes_the_rest() -> None:
    """Random tables of which one figure was wrong by less than k, then the right one as a whole."""
    rng = random.Random(33)
    refused = 0
    for _ in range(16):
        female, male = rng.randint(12, 60), rng.randint(12, 60)
        right = [({"sex": "female"}, female), ({"sex": "male"}, male), ({}, female + male)]
        at, off = rng.randrange(3), rng.choice([-9, -5, -1, 1, 5, 9])
        ledger = after([table([(cell, value + off * (n == at)) for n, (cell, value) in enumerate(right)])])
        left = list(right)
        while left and ledger.offer(table(left)) is None:
            [reason] = ledger.refused[-1].reasons
            assert reason.hint.startswith("leave this figure out"), reason
            del left[int(reason.path.removeprefix("$.obs[").removesuffix("]"))]
            refused += 1
        assert len(left) >= 2, (right, at, off)
    assert refused > 4


def test_a_total_whose_other_changes_with_it_is_handed_in_with_it() -> None:
    of_two = [({"citizenship": "LA"}, 40), ({"citizenship": "other"}, 57), ({}, 97)]
    ledger = after([table(of_two)])
    assert ledger.offer(table([({}, 77)])) is None
    [reason] = ledger.refused[-1].reasons
    assert "and those released before, cannot all be right" in reason.message
    assert reason.hint == ("hand in these figures of the same total with it, which change with it: citizenship other")
    assert ledger.offer(table([({}, 77), ({"citizenship": "other"}, 37)]))


HALF = sexes(184, 100, 284, "2026-H1")
CORRECTED: dict[str, tuple[list[Trend], list[str]]] = {
    "a total": ([sexes(120, 45, 195), sexes(120, 45, 165)], ["A", "A", "A"]),
    "a part": ([sexes(120, 145, 165), sexes(120, 45, 165)], ["A", "A", "A"]),
    "a total of two breakdowns": (
        [two_ways(30, 40, 12, 14, total=60), two_ways(30, 40, 12, 14, total=96)], ["A"] * 5,
    ),
    "a quarter above its half": ([HALF, sexes(300, 24, 324, "2026-Q1"), sexes(30, 24, 54, "2026-Q1")], ["A", "A", "A"]),
    "with a small count": ([HALF, sexes(300, 24, 324, "2026-Q1"), sexes(30, 4, 34, "2026-Q1")], ["S", "S", "A"]),
    "with two small counts": (
        [two_ways(30, 40, 3, 14, total=60), two_ways(30, 40, 3, 14, total=87)], ["S", "A", "S", "A", "A"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("tables", "statuses"), CORRECTED.values(), ids=CORRECTED)
def test_a_number_that_left_wrong_by_k_or_more_is_corrected(tables: list[Trend], statuses: list[str]) -> None:
    """Whatever the wrong number contradicted: what is right now contradicts nothing."""
    *wrong, right = tables
    ledger = after(wrong)
    sent = ledger.offer(right)
    assert sent is not None, ledger.refused[-1].reasons
    assert sorted(item.status for item in sent.obs) == sorted(statuses)
    assert ledger.holds()


def test_what_is_refused_for_a_wrong_number_leaves_after_its_revision_as_the_hint_says() -> None:
    """A quarter of 324 above its half of 284: a later edition of the half waits until the quarter is right."""
    ledger = after([HALF, sexes(300, 24, 324, "2026-Q1")])
    later = sexes(204, 100, 304, "2026-H1")
    assert ledger.offer(later) is None
    [reason] = ledger.refused[-1].reasons
    assert "correct it first by a revision of its table" in reason.hint
    assert ledger.offer(sexes(30, 24, 54, "2026-Q1")) is not None
    sent = ledger.offer(later)
    assert sent is not None
    assert [item.status for item in sent.obs] == ["A", "A", "A"]


def test_a_revision_without_the_total_that_it_changes_is_refused_as_before() -> None:
    ledger = after([sexes(30, 20, 50)])
    assert ledger.offer(table([({"sex": "female"}, 41)])) is None
    [reason] = ledger.refused[-1].reasons
    assert reason.hint == "hand in the total as a figure of the table"


def nine_each(total: int) -> Trend:
    """Four small counts with their margins, which are all of the children there are."""
    one = [({"period": "2026-H1", "sex": sex, "age": age}, 9) for sex in ("female", "male") for age in ("0-8", "9-17")]
    two = [({"period": "2026-H1", "sex": sex}, 18) for sex in ("female", "male")]
    other = [({"period": "2026-H1", "age": age}, 18) for age in ("0-8", "9-17")]
    return table([*one, *two, *other, ({"period": "2026-H1"}, total)])


@pytest.mark.parametrize("wrong", [0, 3, 9, 12, 25, 36, 50, 66])
def test_a_right_total_that_implies_small_counts_stays_hidden_as_after_a_right_table(wrong: int) -> None:
    """Four counts below 10 that are 36 together are 9 each."""
    ledger = after([nine_each(wrong)])
    sent = ledger.offer(table([({"period": "2026-H1"}, 36)]))
    assert sent is not None
    assert [item.status for item in sent.obs] == ["S"]


@pytest.mark.parametrize("wrong", [5, 18, 48])
def test_so_does_one_of_two_small_counts(wrong: int) -> None:
    """Also where the wrong total was above its parts, so that it contradicted nothing."""
    ledger = after([sexes(9, 9, wrong)])
    sent = ledger.offer(table([({}, 18)]))
    assert sent is not None
    assert [item.status for item in sent.obs] == ["S"]


def test_parts_and_a_total_of_two_messages_that_were_never_revised_are_no_list() -> None:
    """Others may be in such a total: a reader of both cannot know that there are none."""
    parts = table([({"sex": "female"}, 9), ({"sex": "male"}, 9)])
    sent = after([parts]).offer(table([({}, 18)]))
    assert sent is not None
    assert [item.value for item in sent.obs] == [18]


IMPLIED: dict[str, tuple[Trend, Trend]] = {
    "the part alone": (sexes(40, 17, 47), table([({"sex": "male"}, 7)])),
    "the whole table": (sexes(40, 17, 47), sexes(40, 7, 47)),
    "the other part": (sexes(36, 17, 23), sexes(6, 17, 23)),
}


@pytest.mark.parametrize(("wrong", "right"), IMPLIED.values(), ids=IMPLIED)
def test_a_right_part_that_follows_from_the_others_is_refused(wrong: Trend, right: Trend) -> None:
    """It is small, and its total and the other part were shown."""
    ledger = after([wrong])
    assert ledger.offer(right) is None
    assert "could be computed from the others" in ledger.refused[-1].reasons[0].message


def mistyped(rng: random.Random) -> Iterator[Trend]:
    """A count by sex and by age, then by one of these with a digit too many or too few, then as it is."""
    ways = {"period": ["2026-01", "2026-05", "2026-08"], "sex": ["female", "male"], "age": ["0-17", "18+"]}
    people = some_people(rng, ways, 15, zeros=0.1)
    of: dict[str, list[str]] = rng.choice([{"sex": ["female", "male", "total"]}, {"age": ["0-17", "18+", "total"]}])
    other = {"period": rng.choice([["2026"], ["2026-H1", "2026-H2"]])}
    if rng.random() < 0.7:
        yield people.table(grid(other))
    right = people.table(grid({"period": ["2026"], **of}))
    at = rng.randrange(len(right.obs))
    value = right.obs[at].value or 0
    changed = replace(right.obs[at], value=rng.choice([value * 10, value // 10, value + 10 * rng.randint(1, 9)]))
    yield replace(right, obs=(*right.obs[:at], changed, *right.obs[at + 1 :]))
    yield right


@pytest.mark.parametrize("seed", range(6))
def test_random_histories_with_a_number_that_is_corrected(seed: int) -> None:
    published = corrected = 0
    for at in range(6):
        ledger = Ledger()
        sent = [ledger.offer(each) is not None for each in mistyped(random.Random(f"{seed} {at}"))]
        published, corrected = published + sum(sent), corrected + sent[-1]
        assert not [leak for leak in ledger.leaks() if leak.by_some], (seed, at)
    assert published > 6
    assert corrected > 0


FURTHER = [
    seen(cells("age", {"0-17": 600})),  # contradicts each total below
    *(seen(cells("citizenship", {code: 12})) for code in ("KH", "LA", "MM", "TH", "VN")),
]


def test_the_checker_reads_no_number_beside_one_after_it_was_replaced() -> None:
    """Of 31 persons the sex of 19 was unknown, then of 151 that of 29: 31 less 29 is nobody's number."""
    first = seen(cells("age", {"18+": 15, "total": 31}))
    second, third = seen(cells("sex", {"unknown": 29, "total": 151})), seen(cells("sex", {"unknown": 29}))
    every = [first, second, third, *FURTHER]
    assert len(every) > MESSAGES_MAX
    assert not leaks(every)
    assert 2 in {leak.true for leak in leaks([first, third, *FURTHER])}, "nothing says that the 31 were replaced"


def test_the_checker_reads_more_than_two_messages_of_a_long_history() -> None:
    published = [cells("sex", {"total": 100}), cells("sex", {"female": 60}), cells("sex", {"male": 37})]
    history = [*map(seen, published), *FURTHER]
    assert len(history) > MESSAGES_MAX
    assert [(leak.true, leak.by_some) for leak in leaks(history)] == [(3, True)]


def test_a_total_that_a_later_one_replaced_is_not_read_beside_later_figures() -> None:
    """Four tables with four denominators, the first two the totals that their tables name, the others of others."""
    rng = random.Random(312)
    make, facts = KINDS["denominators"]
    ledger = Ledger(facts)
    for each in make(rng, rng.choice([5, 10, 10])):
        assert ledger.offer(each, 10) is not None
    assert not ledger.leaks()


def test_without_the_later_total_the_gate_hides_what_the_earlier_one_would_tell() -> None:
    """As above without the second table: 31 persons, then 29 of unknown sex, which leave two."""
    ages: list[tuple[Cell, int]] = [({"age": "unknown"}, 10), ({"age": "0-17"}, 11), ({"age": "18+"}, 8), ({}, 29)]
    later = table([({**cell, "sex": "unknown"}, count) for cell, count in ages], denominator=612)
    totals = by("age", {"18+": 15, "total": 31}, denominator=31)
    ledger = after([totals, later])
    assert [item["status"] for item in ledger.read[1]["obs"]] == ["S"] * 4
    between = by("sex", {"male": 21, "female": 1, "unknown": 29, "total": 51}, denominator=51)
    ledger = after([totals, between, later])
    assert [item["status"] for item in ledger.read[2]["obs"]] == ["S", "S", "S", "A"]
    assert ledger.holds()

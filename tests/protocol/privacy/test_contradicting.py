"""Numbers that cannot all be right: what one table says by itself, or with another, is exact for its reader."""

import random
from collections.abc import Iterator

import pytest

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


WRONG: list[tuple[list[tuple[Cell, int]], list[tuple[Cell, int]]]] = [
    ([({"sex": "female"}, 120), ({"sex": "male"}, 45), ({}, 156)], [({"sex": "female"}, 120), ({"sex": "male"}, 45)]),
    ([({"sex": "female"}, 120), ({"sex": "male"}, 54), ({}, 165)], [({"sex": "female"}, 120), ({}, 165)]),
]


@pytest.mark.parametrize(("wrong", "rest"), WRONG, ids=["total", "part"])
def test_a_number_that_left_wrong_is_corrected_by_what_the_hint_says(
    wrong: list[tuple[Cell, int]], rest: list[tuple[Cell, int]]
) -> None:
    """The right table is refused; without the figure that differs from the released one, the others leave."""
    right: list[tuple[Cell, int]] = [({"sex": "female"}, 120), ({"sex": "male"}, 45), ({}, 165)]
    ledger = after([table(wrong)])
    assert ledger.offer(table(right)) is None
    [reason] = ledger.refused[-1].reasons
    assert reason.hint.endswith("if a released number was wrong, leave out the figure that differs from it")
    sent = ledger.offer(table(rest))
    assert sent is not None
    assert [item.status for item in sent.obs] == ["A", "A"]
    if {} in [cell for cell, _ in rest]:  # else the rest is what the first table has too, and tells nothing new
        assert ledger.holds()


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

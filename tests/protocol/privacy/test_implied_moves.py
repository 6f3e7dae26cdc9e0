"""A count that is changed by naming its parts, or its whole, is changed as if it were named."""

import itertools
from typing import Any

import pytest
from msgspec.structs import replace

from protocol.privacy.histories import Ledger
from protocol.privacy.test_closure import by, over, table
from suar.protocol.message.kinds import Trend
from suar.protocol.privacy.proof.cells import cell_of, sheet_of
from suar.protocol.privacy.proof.ledger import SHOWN, Fact, Release, Released
from suar.protocol.privacy.tables import revisions
from suar.protocol.privacy.verdict import judge

RESTS: dict[str, tuple[list[dict[str, int]], list[str], str]] = {
    "of two codes one is lumped": (
        [{"KH": 20, "LA": 15, "other": 12}, {"KH": 20, "other": 30}], ["A", "S"], "citizenship KH",
    ),
    "of the others one is listed": (
        [{"KH": 20, "other": 30}, {"KH": 20, "LA": 15, "other": 12}], ["A", "A", "S"], "citizenship KH",
    ),
    "another code is listed": (
        [{"KH": 20, "LA": 15, "other": 22}, {"KH": 40, "MM": 31, "other": 10}], ["A", "A", "S"], "citizenship KH",
    ),
    "no code is in both lists": (
        [{"KH": 20, "other": 30}, {"LA": 35, "other": 18}], ["A", "S"], "citizenship unknown",
    ),
    "a total, less one code and those unknown": (
        [{"KH": 20, "unknown": 15, "total": 62}, {"KH": 20, "other": 30}], ["A", "S"], "citizenship KH",
    ),
}  # fmt: skip
LEAVE_WHOLE = {
    "by nothing": [{"KH": 20, "LA": 15, "other": 12}, {"KH": 20, "other": 27}],
    "by k": [{"KH": 20, "LA": 15, "other": 12}, {"KH": 20, "other": 37}],
    "a finer list, by nothing": [{"KH": 20, "other": 27}, {"KH": 20, "LA": 15, "other": 12}],
    "`other` may be a code": [{"KH": 20, "LA": 15, "other": 12}, {"KH": 20, "other": 12}],
}  # fmt: skip
SEXES = {"female": 60, "male": 40, "total": 100}


WOMEN_BY_AGE = {("female", "0-17"): 40, ("female", "18+"): 50, ("female", "unknown"): 16}


def crossed(counts: dict[tuple[str, str], int], other: str = "age", **about: Any) -> Trend:
    return table([({"sex": sex, other: node}, count) for (sex, node), count in counts.items()], **about)


CASES: dict[str, tuple[Trend, Trend]] = {
    "a year, and its halves": (over({"2026": 100}), over({"2026-H1": 50, "2026-H2": 53})),
    "halves, and their year": (over({"2026-H1": 50, "2026-H2": 50}), over({"2026": 103})),
    "halves, and fewer in their year": (over({"2026-H1": 50, "2026-H2": 50}), over({"2026": 98})),
    "the year and one half, and the other": (over({"2026": 100, "2026-H1": 50}), over({"2026-H2": 53})),
    "sex, and sex by age": (
        by("sex", SEXES),
        crossed({("female", "0-17"): 30, ("female", "18+"): 31, ("male", "0-17"): 20, ("male", "18+"): 20}),
    ),
    "sex, and sex by half-year": (
        by("sex", SEXES),
        crossed(
            {
                ("female", "2026-H1"): 30, ("female", "2026-H2"): 31,
                ("male", "2026-H1"): 20, ("male", "2026-H2"): 20,
            },
            "period",
        ),
    ),
    "all, and sex by age": (
        over({"2026": 100}),
        crossed({("female", "0-17"): 30, ("female", "18+"): 31, ("male", "0-17"): 20, ("male", "18+"): 20}),
    ),
    "the country, and its provinces": (
        over({"2026": 100}), table([({"admin1": "TH-10"}, 60), ({"admin1": "TH-90"}, 43)]),
    ),
    "a sum of three, of which one was shown": (
        over({"2026": 100, "2026-Q1": 25}), over({"2026-Q2": 25, "2026-Q3": 26, "2026-Q4": 26}),
    ),
}  # fmt: skip


FOR_FEW: dict[str, tuple[Trend, Trend, Trend]] = {
    "a year, the year anew, its halves": (
        over({"2026": 100}), over({"2026": 106}, tlp="AMBER"), over({"2026-H1": 50, "2026-H2": 56}),
    ),
    "a year, its halves, and these for all": (
        over({"2026": 100}), over({"2026-H1": 50, "2026-H2": 56}, tlp="AMBER"), over({"2026-H1": 50, "2026-H2": 56}),
    ),
    "the country, the country anew, its provinces": (
        over({"2026": 100}),
        over({"2026": 106}, tlp="AMBER"),
        table([({"admin1": "TH-10"}, 50), ({"admin1": "TH-90"}, 56)]),
    ),
    "women, those by age, and these for all": (
        by("sex", {"female": 100}),
        crossed(WOMEN_BY_AGE, tlp="AMBER"),
        crossed(WOMEN_BY_AGE),
    ),
    "what a total leaves, for few and for all": (
        by("sex", {"total": 197, "female": 60, "male": 50, "other": 10}),
        by("sex", {"unknown": 83}, tlp="AMBER"),
        by("sex", {"unknown": 83}),
    ),
    "everybody but a code, by a longer list and a shorter one": (
        by("citizenship", {"KH": 20, "LA": 15, "other": 12}),
        by("citizenship", {"KH": 20, "LA": 21, "other": 12}, tlp="AMBER"),
        by("citizenship", {"KH": 20, "other": 33}),
    ),
}  # fmt: skip


def shown(first: Trend) -> Released:
    found: Released = {}
    for item in first.obs:
        found.setdefault(sheet_of(first, item), []).append(
            Release(10, True, (Fact(cell_of(item), item.value, SHOWN),), 1)
        )
    return found


@pytest.mark.parametrize("name", CASES)
def test_a_revision_changes_what_its_cells_imply(name: str) -> None:
    first, second = CASES[name]
    assert list(revisions.changed(second, shown(first)))


@pytest.mark.parametrize("name", CASES)
def test_it_leaves_with_the_change_hidden(name: str) -> None:
    """No reader adds up the new value: a number of every sum that tells it is hidden."""
    first, second = CASES[name]
    ledger = Ledger()
    ledger.publish(first, 10)
    leaving = ledger.offer(second)
    assert leaving is None or any(item.status == "S" for item in leaving.obs)
    assert ledger.holds()


@pytest.mark.parametrize("name", FOR_FEW)
def test_what_few_were_shown_is_new_to_all_others(name: str) -> None:
    """100 for all and 106 for few: halves of 50 and 56 for all would tell all others that six were added."""
    first, few, last = FOR_FEW[name]
    ledger = Ledger()
    for each, k in ((first, 10), (few, 5)):
        assert {item.status for item in ledger.publish(each, k).obs} == {"A"}
    assert list(revisions.changed(last, ledger.released))
    leaving = ledger.offer(last)
    assert leaving is None or any(item.status == "S" for item in leaving.obs)
    assert ledger.holds()


@pytest.mark.parametrize("name", FOR_FEW)
def test_few_may_be_shown_again_what_they_know(name: str) -> None:
    first, few, last = FOR_FEW[name]
    ledger = Ledger()
    for each, k in ((first, 10), (few, 5), (replace(last, tlp="AMBER"), 5)):
        assert {item.status for item in ledger.publish(each, k).obs} == {"A"}


@pytest.mark.parametrize("name", RESTS)
def test_everybody_but_some_codes_moves_by_little(name: str) -> None:
    """Where no table has the total: 27 others became 30. `other` leaves hidden, and the author learns why."""
    (first, second), status, codes = RESTS[name]
    ledger = Ledger()
    ledger.publish(by("citizenship", first), 10)
    opinion = judge(by("citizenship", second), released=ledger.released)
    (reason,) = [reason for reason in opinion.reasons if reason.code == "E-PRIVACY-MOVED"]
    assert (reason.path, codes in reason.message) == (f"$.obs[{status.index('S')}].value", True)
    leaving = ledger.publish(by("citizenship", second), 10)
    assert [item.status for item in leaving.obs] == status
    assert ledger.holds()


def test_everybody_but_some_codes_of_one_age_moves_by_little() -> None:
    """Of 32 girls and 12 others, later 33 boys and 12 others: 44 of known sex became 45."""
    ledger = Ledger()
    ledger.publish(crossed({("female", "0-17"): 32, ("other", "0-17"): 12}), 10)
    leaving = ledger.publish(crossed({("male", "0-17"): 33, ("other", "0-17"): 12}), 10)
    assert [item.status for item in leaving.obs] == ["A", "S"]
    assert ledger.holds()


@pytest.mark.parametrize("name", LEAVE_WHOLE)
def test_everybody_but_some_codes_may_stay_or_move_by_k(name: str) -> None:
    ledger = Ledger()
    for counts in LEAVE_WHOLE[name]:
        leaving = ledger.publish(by("citizenship", counts), 10)
        assert {item.status for item in leaving.obs} == {"A"}
    assert ledger.holds()


def test_a_small_other_leaves_hidden_as_small() -> None:
    """It has a part of the number that moved, and is hidden for its own count, as its reader knows."""
    ledger = Ledger()
    ledger.publish(by("citizenship", {"KH": 20, "other": 30}), 10)
    leaving = ledger.publish(by("citizenship", {"KH": 20, "LA": 23, "other": 4}), 10)
    assert [(hidden.at, hidden.why) for hidden in leaving.hidden] == [(2, "small")]
    assert ledger.holds()


def test_a_code_more_beside_the_same_other_is_no_revision() -> None:
    ledger = Ledger()
    ledger.publish(by("citizenship", {"KH": 20, "other": 12}), 10)
    assert not list(revisions.changed(by("citizenship", {"KH": 20, "LA": 15, "other": 12}), ledger.released))
    assert list(revisions.changed(by("citizenship", {"KH": 20, "LA": 15, "other": 42}), ledger.released)) == [2]


def test_which_cells_tell_it() -> None:
    _, second = CASES["sex, and sex by age"]
    assert list(revisions.changed(second, shown(by("sex", {"female": 60, "male": 40})))) == [0, 1]
    assert list(revisions.changed(CASES["halves, and their year"][1], shown(over({"2026-H1": 50})))) == []


@pytest.mark.parametrize("move", [0, 10, 40])
def test_what_did_not_move_or_by_k_leaves_whole(move: int) -> None:
    ledger = Ledger()
    ledger.publish(over({"2026": 100}), 10)
    leaving = ledger.publish(over({"2026-H1": 50, "2026-H2": 50 + move}), 10)
    assert [item.status for item in leaving.obs] == ["A", "A"]


def test_what_is_handed_in_again_changes_nothing() -> None:
    """Two tables that contradict one another since long: an update of one that leaves its figures is no revision."""
    ledger = Ledger()
    ledger.publish(over({"2026-H1": 50, "2026-H2": 50}), 10)
    ledger.publish(over({"2026": 140}), 10)
    for again in (over({"2026": 140}), over({"2026-H1": 50, "2026-H2": 50})):
        assert list(revisions.changed(again, ledger.released)) == []
    assert list(revisions.changed(over({"2026": 141}), ledger.released)) == [0]


def test_a_later_table_with_everything_in_it_leaves() -> None:
    """After halves with a move of three, the whole edition: the year stays hidden, and the rest is consistent."""
    for order in itertools.permutations([50, 53]):
        ledger = Ledger()
        ledger.publish(over({"2026": 100}), 10)
        ledger.publish(over({"2026-H1": order[0], "2026-H2": order[1]}), 10)
        last = ledger.publish(over({"2026": 103, "2026-H1": order[0], "2026-H2": order[1]}), 10)
        assert "S" in {item.status for item in last.obs}
        assert ledger.holds()

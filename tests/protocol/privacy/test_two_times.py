"""What was right before a change and what is right after it, linked by hidden numbers that did not change.

A number that later ones contradict is right of its own time; a count that could be computed then has moved if another
one is shown now. The checker finds both, and reads no denominator without the figures of its table.
"""

from collections.abc import Set
from typing import Any

import pytest

from protocol.privacy.finest_check import leaks
from protocol.privacy.finest_reader import Seen
from protocol.privacy.histories import Ledger
from protocol.privacy.people import Cell
from protocol.privacy.test_checker import cells, seen
from protocol.privacy.test_closure import by, table
from suar.protocol.message.kinds import Trend
from suar.protocol.privacy.proof.cells import Sheet
from suar.protocol.privacy.proof.ledger import UNSEEN, Release
from suar.protocol.privacy.proof.program import Budget, Spent
from suar.protocol.privacy.proof.reader import OrderedReleases
from suar.protocol.privacy.tables import consistent, revisions

UNKNOWN: Cell = {"sex": "unknown", "age": "unknown"}
AGES = {"0-17": 6, "18+": 12}


def crossed(counts: dict[tuple[str, str], int], hidden: Set[tuple[str, str]] = frozenset(), **about: Any) -> Seen:
    """A message by sex and age, `` for the total."""
    named = [
        ({name: code for name, code in zip(("sex", "age"), codes, strict=True) if code}, count, codes in hidden)
        for codes, count in counts.items()
    ]
    return seen(named, **about)


MINORS: dict[tuple[str, str], int] = {
    ("male", "18+"): 0, ("female", "18+"): 0, ("unknown", "18+"): 66,
    ("male", "unknown"): 69, ("female", "unknown"): 23, ("unknown", "unknown"): 31,
    ("male", "0-17"): 7, ("female", "0-17"): 60, ("unknown", "0-17"): 1,
}  # fmt: skip
BY_AGE = [({"sex": sex, "age": age}, count) for (sex, age), count in MINORS.items()]
FEWER_MEN = {"male": 69, "female": 83, "unknown": 97}
"""By then seven men are fewer; once this is hidden nobody sees it, and the women are those of before."""

HISTORIES: dict[str, list[Trend]] = {
    # 134 of known age less 66 and 60, the women less the 23 of unknown age, leave 8, of whom 7 are boys
    "a hidden count that changed unseen": [table(BY_AGE, denominator=134), by("sex", FEWER_MEN, denominator=250)],
    "the same in the other order": [by("sex", FEWER_MEN, denominator=250), table(BY_AGE, denominator=134)],
    "the same without the other denominator": [table(BY_AGE, denominator=134), by("sex", FEWER_MEN)],
    "the same where the age is a figure": [
        table([*BY_AGE, ({"age": "18+"}, 66), ({"age": "0-17"}, 68)]), by("sex", FEWER_MEN),
    ],
    # 44 of known sex, 26 of them of unknown age, leave 18 of known age; then 119 less 18 are of unknown age
    "a total after a base of those known": [
        table([(UNKNOWN, 65), ({"sex": "unknown"}, 65), ({"age": "unknown"}, 91)], denominator=44),
        by("age", AGES | {"unknown": 91}, denominator=44),
        by("age", AGES | {"unknown": 101, "total": 119}),
    ],
    # the men are fewer, without being named: 135 of known sex and the 54 of unknown sex are all
    "a base of those known after figures": [
        by("sex", {"female": 31, "unknown": 54, "male": 112}, denominator=197),
        by("sex", {"female": 27, "unknown": 54, "total": 189}, denominator=135),
    ],
    # 161 of known sex, also for who takes the 238 for other people than those known, as the last table says
    "a base of those known that another denominator follows": [
        table(
            [
                ({"sex": "male", "age": "unknown"}, 0), ({"sex": "male", "age": "0-17"}, 0),
                ({"sex": "female", "age": "unknown"}, 81), ({"sex": "female", "age": "0-17"}, 68),
                ({"age": "unknown"}, 149), ({"age": "0-17"}, 77),
            ],
            denominator=161,
        ),
        by("sex", {"female": 161}, denominator=238),
        by("sex", {"male": 0, "unknown": 77, "female": 161, "total": 238}),
    ],
    # of 197 the age of 77 was unknown, and is of 78
    "a count that its total left": [
        by("age", {"0-17": 13, "18+": 107, "total": 197}), by("age", {"0-17": 13, "18+": 108, "unknown": 78}),
    ],
    "a count that the denominator left": [
        by("age", {"0-17": 13, "18+": 107}, denominator=197),
        by("sex", {"female": 102}, denominator=102),
        by("age", {"0-17": 13, "18+": 108, "unknown": 78}, denominator=2388),
    ],
    "a total that its parts added up to": [
        by("age", {"0-17": 13, "18+": 107, "unknown": 77}),
        by("age", {"0-17": 13, "18+": 128, "unknown": 58, "total": 199}),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", HISTORIES)
def test_no_count_follows_from_two_times(name: str) -> None:
    ledger = Ledger()
    for each in HISTORIES[name]:
        ledger.offer(each)
    assert len(ledger.seen) >= len(HISTORIES[name]) - 1
    assert ledger.holds()


WHERE_MEN_ARE_FEWER = [name for name in HISTORIES if "same" in name or "unseen" in name]


@pytest.mark.parametrize("name", WHERE_MEN_ARE_FEWER)
def test_no_number_is_unseen_because_it_is_in_a_group(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unseen number is no target in its set: beyond GROUPS_MAX hidden numbers each is still examined by itself."""
    ledger = Ledger()
    for each in HISTORIES[name]:
        ledger.offer(each)
    *before, (sheet, last) = sorted(
        ((sheet, each) for sheet, releases in ledger.released.items() for each in releases), key=lambda each: each[1].n
    )
    few = unseen_numbers(before, {sheet: last})
    assert any(few)
    for most in (1, 2, 4):
        monkeypatch.setattr(consistent, "GROUPS_MAX", most)
        assert max(unseen_numbers(before, {sheet: last})) <= max(few)


def unseen_numbers(before: OrderedReleases, new: dict[Sheet, Release]) -> list[int]:
    """How many numbers are unseen in each consistent set."""
    found = consistent.consistent(before, new, 10, "TH")
    every = [[*(release for _, release in earlier), *own.values()] for earlier, own in found]
    return [sum(fact.mark == UNSEEN for release in releases for fact in release.facts) for releases in every]


def test_a_table_whose_sets_take_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Spending(Budget):
        def spend(self, work: int) -> None:
            raise Spent

    monkeypatch.setattr(consistent, "Budget", Spending)
    ledger = Ledger()
    for each in HISTORIES["the same without the other denominator"]:
        ledger.offer(each)
    assert (len(ledger.seen), len(ledger.refused)) == (1, 1)


def test_more_hidden_numbers_than_groups_give_none_away() -> None:
    """The history of seven men fewer, beside a small count of 36 citizenships, all of them hidden."""
    codes = [one + other for one in "XYZ" for other in "ABCDEFGHIJKL"]
    assert len(codes) > consistent.GROUPS_MAX
    others = [({"citizenship": code}, 3) for code in codes]
    ledger = Ledger()
    for each in (table([*BY_AGE, *others], denominator=134), by("sex", FEWER_MEN)):
        ledger.offer(each)
    assert ledger.seen
    assert ledger.holds()


def test_a_count_that_followed_is_revised_in_the_first_weeks_of_a_quarter() -> None:
    ledger = Ledger()
    ledger.publish(by("age", {"0-17": 13, "18+": 107, "total": 197}), 10)
    assert list(revisions.changed(by("age", {"0-17": 13, "unknown": 78}), ledger.released)) == [1]
    assert not list(revisions.changed(by("age", {"0-17": 13, "unknown": 77}), ledger.released))


def test_a_count_that_is_what_it_was_leaves_whole() -> None:
    ledger = Ledger()
    ledger.publish(by("age", {"0-17": 13, "18+": 107, "total": 197}), 10)
    assert [item.status for item in ledger.publish(by("age", {"0-17": 13, "unknown": 77}), 10).obs] == ["A", "A"]


# -- the checker

KNOWN = crossed(
    {("unknown", ""): 65, ("unknown", "unknown"): 65, ("", "unknown"): 91, ("", "0-17"): 6, ("", "18+"): 12},
    {("", "0-17"), ("", "18+")},
    denominator=44,
)
PLANTED: dict[str, tuple[list[Seen], tuple[int, int]]] = {
    "a total after a base of those known": (
        [
            KNOWN,
            seen(cells("age", AGES | {"unknown": 101, "total": 119}, "0-17 18+ unknown")),
        ],
        (101, 101),
    ),
    "the same with a denominator that the table names": (
        [
            KNOWN,
            seen(cells("age", AGES | {"unknown": 101, "total": 119}, "0-17 18+ unknown"), denominator=119),
        ],
        (101, 101),
    ),
    "a base of those known after figures": (
        [
            seen(cells("sex", {"female": 31, "unknown": 54, "male": 112}), denominator=197),
            seen(cells("sex", {"female": 27, "unknown": 54, "total": 189}, "female unknown total"), denominator=135),
        ],
        (189, 189),
    ),
    "a count that its total left": (
        [
            seen(cells("age", {"0-17": 13, "18+": 107, "total": 197})),
            seen(cells("age", {"0-17": 13, "18+": 108, "unknown": 78}, "18+")),
        ],
        (1, 1),
    ),
    "a count that changed unseen, and is told by others": (
        [
            crossed({("unknown", "unknown"): 12}),
            seen(cells("age", {"0-17": 26, "18+": 30, "unknown": 4, "total": 60}, "unknown")),
        ],
        (4, 4),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_the_checker_finds_what_two_times_tell(name: str) -> None:
    history, ends = PLANTED[name]
    assert ends in {(leak.low, leak.high) for leak in leaks(history)}


NO_LEAKS: dict[str, list[Seen]] = {
    # of 149 of known age 145 are of known sex too, which leaves four: not for who reads that 15 are of unknown sex
    "less than its own table's figures leave": [
        seen(cells("age", {"0-17": 66, "unknown": 106, "18+": 83, "total": 255}), denominator=255),
        seen(cells("sex", {"female": 135, "male": 75, "total": 255}), denominator=3_060),
        crossed({("female", "18+"): 72, ("unknown", "18+"): 15}, {("female", "18+")}, denominator=145),
    ],
    # as 53 of known sex or age, without the 28 of the same table who are of unknown sex
    "a total where some are unknown": [
        seen(cells("sex", {"male": 14, "female": 11, "unknown": 28}), denominator=25),
        seen(cells("age", {"unknown": 29, "0-17": 11}), denominator=53),
        crossed(
            {
                ("unknown", "0-17"): 10, ("unknown", "unknown"): 18, ("male", "0-17"): 1, ("male", "unknown"): 8,
                ("", "0-17"): 11, ("", "unknown"): 29,
            },
            {("unknown", "0-17"), ("unknown", "unknown"), ("male", "0-17"), ("male", "unknown")},
            denominator=53,
        ),
    ],
    # twelve or more were of unknown age, and now fewer than ten are: nobody sees that these are eight fewer
    "a count that changed unseen": [
        crossed({("unknown", "unknown"): 12}), seen(cells("age", {"0-17": 10, "unknown": 4}, "unknown")),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", NO_LEAKS)
def test_the_checker_calls_nothing_a_leak_that_no_reader_sees(name: str) -> None:
    assert not leaks(NO_LEAKS[name])


def test_a_move_of_which_only_a_bound_is_known_is_none() -> None:
    """After 10 and 11 persons and others, hidden, 17 are at least four less: nobody knows how much less."""
    one = crossed({("", "0-17"): 10, ("", "18+"): 11, ("", "unknown"): 5}, {("", "unknown")})
    two = crossed(
        {("", "0-17"): 0, ("", "18+"): 12, ("", "unknown"): 5, ("", ""): 17},
        {("", "0-17"), ("", "18+"), ("", "unknown")},
    )
    assert not [leak for leak in leaks([one, two]) if leak.why == "moved"]

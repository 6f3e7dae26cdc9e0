"""The checker itself: it finds every leak that is planted, and none where none is (its solvers: test_unknowns.py)."""

import random
from collections.abc import Sequence
from typing import Any

import pytest

from protocol.privacy.finest_check import leaks
from protocol.privacy.finest_reader import LINKED, VICTIMS, Facts, Seen
from protocol.privacy.histories import Ledger
from protocol.privacy.people import Cell, grid, observation, some_people
from protocol.privacy.trends import of, read, truth

CellCount = tuple[Cell, int | None, bool]
"""A cell, its true count, and whether it is hidden."""


def seen(cells: Sequence[CellCount], *, role: str = "detection", **about: Any) -> Seen:
    """A message in which just these cells are hidden."""
    obs = [observation(cell, 0, role) | {"value": value} for cell, value, _ in cells]
    names = sorted({name for each in obs for name in each["dims"]})
    for each, (_, value, hidden) in zip(obs, cells, strict=True):
        each["dims"] = {name: each["dims"].get(name, "total") for name in names}
        each["value"], each["status"] = (None, "S") if hidden else (value, "A")
    table = of(obs, names, **about)
    return Seen(read(table), [value for _, value, _ in cells])


def cells(tree: str, counts: dict[str, int], hidden: str = "") -> list[CellCount]:
    """Cells of one tree (`total` for all), those in `hidden` (apart by blanks) hidden."""
    return [({} if node == "total" else {tree: node}, count, node in hidden.split()) for node, count in counts.items()]


def periods(counts: dict[str, int], hidden: str = "") -> list[CellCount]:
    return [({"period": period}, count, period in hidden.split()) for period, count in counts.items()]


PLANTED: dict[str, tuple[list[Seen], tuple[int, int]]] = {
    "one hidden part of a total": ([seen(cells("sex", {"female": 3, "male": 55, "total": 58}, "female"))], (0, 3)),
    "a total of before, parts without margins": (
        [
            seen(cells("citizenship", {"total": 93})),
            seen(cells("citizenship", {"TH": 3, "MM": 40, "LA": 20, "KH": 30}, "TH")),
        ],
        (0, 3),
    ),
    "a year, a half, a quarter": (
        [seen(periods({"2026": 100, "2026-H2": 50, "2026-Q1": 46, "2026-Q2": 4}, "2026-Q2"))],
        (4, 4),
    ),
    "months of a half-year that is left out": (
        [
            seen(periods({f"2026-{month:02}": 20 for month in range(1, 6)} | {"2026-06": 4}, "2026-06")),
            seen(periods({"2026": 224, "2026-H2": 120})),
        ],
        (4, 4),
    ),
    "bands of an age that is left out": (
        [seen(cells("age", {"total": 100, "18+": 60, "0-8": 36, "9-17": 4}, "9-17"))],
        (0, 4),
    ),
    "divisions of a section that is left out": (
        [seen(cells("industry", {"total": 103, "A": 60, "10": 40, "11": 3}, "11"))],
        (0, 3),
    ),
    "ports of a province that is left out": (
        [
            seen([
                ({}, 103, False), ({"admin1": "TH-10"}, 60, False), ({"admin1": "TH-20", "locode": "THLCH"}, 40, False),
                ({"admin1": "TH-20", "locode": "THPYX"}, 3, True),
            ])
        ],
        (0, 3),
    ),
    "a port without its province": (
        [seen([({}, 63, False), ({"locode": "THLCH"}, 60, False), ({"admin1": "TH-20", "locode": "THPYX"}, 3, True)])],
        (0, 3),
    ),
    "inner cells without a margin": (
        [
            seen([
                ({}, 93, False), ({"sex": "female", "exploitation": "forced-labour"}, 50, False),
                ({"sex": "male", "exploitation": "forced-labour"}, 40, False),
                ({"sex": "female", "exploitation": "servitude"}, 3, True),
            ])
        ],
        (0, 3),
    ),
    "what is left out of a complete list": ([seen(cells("age", {"total": 100, "0-17": 60, "18+": 33}))], (7, 7)),
    "what a total leaves unlisted": ([seen(cells("sex", {"total": 100, "female": 60, "male": 38}))], (2, 2)),
    "a denominator": (
        [seen(periods({"2026": 153, "2026-H1": 149, "2026-H2": 4}, "2026 2026-H2"), denominator=153)],
        (4, 4),
    ),
    "a denominator below what a total says": (
        [
            seen(cells("sex", {"male": 60, "total": 80})),
            seen(cells("sex", {"female": 13}), denominator=73),
        ],
        (7, 7),
    ),
    "a denominator that is of those whose sex is known": (
        [
            seen(cells("sex", {"male": 60, "female": 8, "unknown": 40}, "female"), denominator=68),
        ],
        (0, 8),
    ),
    "a denominator of the men": (
        [
            seen(cells("sex", {"female": 7, "male": 60, "total": 67}, "female male")),
            seen([({"sex": "male", "age": "18+"}, 50, False)], denominator=60),
        ],
        (7, 7),
    ),
    "a denominator that moved": (
        [seen(cells("sex", {"male": 60}), denominator=100), seen(cells("sex", {"male": 60}), denominator=101)],
        (1, 1),
    ),
    "a denominator that moved from a total": (
        [seen(cells("sex", {"male": 60, "total": 100})), seen(cells("sex", {"male": 60}), denominator=104)],
        (4, 4),
    ),
    "a denominator of others that moved": (
        [
            seen(cells("sex", {"male": 60, "total": 100}), denominator=500),
            seen(cells("sex", {"male": 60, "total": 100}), denominator=503),
        ],
        (3, 3),
    ),
    "a denominator of another indicator": (
        [
            seen(cells("sex", {"female": 7, "male": 60, "total": 67}, "female male")),
            seen([({"sex": "male", "age": "18+"}, 50, False)], denominator=60, indicator="assisted"),
        ],
        (7, 7),
    ),
    "the same before the table": (
        [
            seen([({"sex": "male", "age": "18+"}, 50, False)], denominator=60, indicator="assisted"),
            seen(cells("sex", {"female": 7, "male": 60, "total": 67}, "female male")),
        ],
        (7, 7),
    ),
    "a denominator of those known that another indicator counts": (
        [
            seen(cells("sex", {"male": 60, "total": 80})),
            seen(cells("sex", {"female": 12}), denominator=73, indicator="assisted"),
        ],
        (7, 7),
    ),
    "a remainder of one table, beside another that contradicts it": (
        [seen(periods({"2026-H1": 50, "2026-H2": 50})), seen(cells("age", {"0-17": 60, "18+": 50, "total": 115}))],
        (5, 5),
    ),
    "the same in one message": (
        [
            seen([
                ({"period": "2026-H1"}, 50, False), ({"period": "2026-H2"}, 50, False), ({}, 115, False),
                ({"age": "0-17"}, 60, False), ({"age": "18+"}, 50, False),
            ])
        ],
        (5, 5),
    ),
    "a hidden cell beside totals that contradict it": (
        [
            seen(periods({"2026-Q1": 138, "2026-Q2": 139})),
            seen([
                ({"period": "2026-H1"}, 257, False), ({"period": "2026-H1", "sex": "male"}, 7, True),
                ({"period": "2026-Q1", "sex": "female"}, 120, False),
                ({"period": "2026-Q2", "sex": "female"}, 130, False),
            ]),
        ],
        (0, 7),
    ),
    "two tables of three that are right together": (
        [
            seen(periods({"2026-H1": 40, "2026-H2": 40})), seen(cells("sex", {"female": 60, "male": 40})),
            seen(cells("sex", {"total": 105})),
        ],
        (5, 5),
    ),
    "all but one code, which moved by three": (
        [
            seen(cells("citizenship", {"KH": 20, "LA": 15, "other": 12})),
            seen(cells("citizenship", {"KH": 20, "other": 30})),
        ],
        (3, 3),
    ),
    "all but one code, which a finer list tells": (
        [
            seen(cells("citizenship", {"KH": 20, "other": 30})),
            seen(cells("citizenship", {"KH": 20, "LA": 15, "other": 12})),
        ],
        (-3, -3),
    ),
    "all but the code that two lists share": (
        [
            seen(cells("citizenship", {"KH": 20, "LA": 15, "other": 22})),
            seen(cells("citizenship", {"KH": 40, "MM": 31, "other": 10})),
        ],
        (4, 4),
    ),
    "a hidden number that did not change": (
        [
            seen(cells("sex", {"female": 3, "male": 40, "unknown": 30, "total": 73}, "female unknown")),
            seen(cells("sex", {"female": 3, "male": 60, "unknown": 50, "total": 113}, "female")),
        ],
        (0, 3),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_leak_is_found(name: str) -> None:
    history, ends = PLANTED[name]
    found = leaks(history)
    assert ends in [(leak.low, leak.high) for leak in found]
    assert leaks(history, knows_small=False)


LINKS: dict[str, tuple[list[Seen], tuple[int, int]]] = {
    "the country of return": (
        [
            seen([({}, 93, False)], indicator="repatriated"),
            seen(
                [({"return": "MM"}, 3, True), ({"return": "LA"}, 40, False), ({"return": "KH"}, 50, False)],
                role="return", indicator="repatriated",
            ),
        ],
        (0, 3),
    ),
    "origin and citizenship": (
        [
            seen(cells("citizenship", {"MM": 3, "LA": 40, "KH": 50, "total": 93}, "MM LA")),
            seen([({"origin": "LA"}, 40, False)], role="origin"),
        ],
        (0, 3),
    ),
    "the same people as registered": (
        [
            seen(cells("sex", {"female": 3, "male": 40, "total": 43}, "female total")),
            seen(cells("sex", {"total": 43}), date_basis="registration"),
        ],
        (0, 3),
    ),
    "some of the presumed": (
        [
            seen(cells("sex", {"total": 93}), indicator="presumed-victims"),
            seen(cells("sex", {"female": 3, "male": 90}, "female")),
        ],
        (0, 3),
    ),
    "cases of fewer persons": (
        [
            seen(cells("sex", {"total": 93})),
            seen(cells("sex", {"female": 3, "male": 90}, "female"), unit="cases"),
        ],
        (0, 3),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LINKS)
def test_a_leak_through_a_linked_series_is_found(name: str) -> None:
    history, ends = LINKS[name]
    assert ends in [(leak.low, leak.high) for leak in leaks(history, LINKED)]
    assert not leaks(history, Facts())  # the fact is what tells it


def test_what_is_wide_is_no_leak() -> None:
    assert not leaks([seen(cells("sex", {"female": 3, "male": 55, "total": 58}, "female male"))])
    assert not leaks([seen(cells("age", {"total": 100, "0-17": 60, "18+": 40}))])  # a remainder of none
    assert not leaks([seen(cells("sex", {"total": 100, "female": 60, "male": 20}))])
    assert not leaks([seen(cells("citizenship", {"MM": 40, "LA": 3}, "LA")), seen(periods({"2025": 43}))])
    hidden = seen(cells("sex", {"female": 7, "male": 60, "total": 67}, "female male"))
    assert not leaks([hidden, seen(cells("sex", {"male": 50}), denominator=67, indicator="assisted")])
    assert not leaks([hidden, seen(cells("sex", {"male": 50}), denominator=5_000, indicator="screened")])


def test_a_count_below_k_is_a_leak_and_so_is_a_small_move() -> None:
    assert [leak.why for leak in leaks([seen(cells("sex", {"female": 9}))])] == ["shown below k"]
    assert not leaks([seen(cells("sex", {"female": 9}), tlp="AMBER")])
    one, two, far = (seen(cells("sex", {"female": count})) for count in (40, 46, 50))
    assert [(leak.why, leak.low) for leak in leaks([one, two])] == [("moved", 6)]
    assert not leaks([one, far])


INNER = ("female", "0-8"), ("female", "9-17"), ("male", "0-8"), ("male", "9-17")


def _inner(*counts: tuple[int, bool]) -> Seen:
    """A later message with parts of an age that it leaves out, each with whether it is hidden."""
    return seen([
        ({"sex": sex, "age": age}, count, hidden) for (sex, age), (count, hidden) in zip(INNER, counts, strict=False)
    ])  # fmt: skip


@pytest.mark.parametrize(
    ("later", "lows"),
    [
        (_inner((44, False)), [2]),  # of at least 44, where 42 were shown: two more, or any number
        (_inner((44, False), (4, True)), [2]),  # six more by the true counts
        (_inner((44, False), (7, True)), [2]),  # nine more: one fewer than k
        (_inner((44, False), (8, True)), []),  # ten more, which might be shown as they are
        (_inner((44, False), (6, True), (14, True)), []),
        (_inner((30, False), (15, False)), [3]),
        (_inner((30, False), (30, False)), []),
        (_inner((20, False), (10, False), (10, False), (10, False)), [8]),  # the four may be all there are, or not
    ],
)
def test_a_move_that_sums_tell_is_a_leak_unless_it_was_by_k(later: Seen, lows: list[int]) -> None:
    """Parts above a count that was shown: what counts is by how much the count has moved by the true counts."""
    found = leaks([seen(cells("age", {"0-17": 42})), later])
    assert [leak.low for leak in found if leak.why == "moved"] == lows


def test_a_move_that_is_only_bounded_is_not_called_exact() -> None:
    (found,) = [leak for leak in leaks([seen(cells("age", {"0-17": 42})), _inner((44, False))]) if leak.why == "moved"]
    assert (found.low, found.exact) == (2, False)


def test_who_knows_less_finds_out_less() -> None:
    """Beside a reader who knows which cells are small, and beside one who also knows that the others are not."""
    rng = random.Random(8)
    counts = [0, 0, 0]
    for _ in range(30):
        people = some_people(rng, {"age": ["0-17", "18+", "unknown"], "sex": ["female", "male"]}, 20)
        listed = grid({"age": ["0-17", "18+", "unknown", "total"], "sex": ["female", "male", "total"]})
        counted = [(cell, people.number(cell), people.number(cell) < 10 or rng.random() < 0.3) for cell in listed]
        history = [seen(counted)]
        readers = [leaks(history, knows_small=False), leaks(history), leaks(history, others=True)]
        less, more, most = ({(leak.cell, leak.true) for leak in found} for found in readers)
        assert less <= more <= most
        counts = [count + len(found) for count, found in zip(counts, readers, strict=True)]
    assert 0 < counts[0] < counts[1] < counts[2]


def test_each_reader_is_looked_at() -> None:
    """A total that only organisations have: for everybody else nothing is found out."""
    total = seen(cells("sex", {"total": 93}), tlp="AMBER")
    parts = seen(cells("sex", {"female": 3, "male": 90}, "female"))
    assert {leak.reader for leak in leaks([total, parts])} == {"all"}
    public_total = seen(cells("sex", {"total": 93}))
    small = seen(cells("sex", {"female": 7, "unknown": 2}, "unknown"), tlp="AMBER")
    assert {leak.reader for leak in leaks([public_total, parts, small])} == {"all", "open"}


MALE_IS_SMALL = seen(
    cells("sex", {"female": 32, "male": 2, "other": 3, "unknown": 3, "total": 40}, "male other unknown"), tlp="AMBER"
)
MOVED_WOMEN = seen(cells("sex", {"female": 60, "male": 2}, "male"))
SMALL_AT_GREEN = seen(cells("sex", {"female": 8, "male": 4, "other": 4}, "female male other"))
SMALL_AT_AMBER = seen(
    cells("sex", {"female": 8, "male": 4, "other": 4, "unknown": 12, "total": 28}, "female male other"), tlp="AMBER"
)


@pytest.mark.parametrize("step", [1, -1])
def test_a_count_that_is_hidden_under_two_k_has_both_in_every_world(step: int) -> None:
    """At most 40 less 32 for who does not know that it is below 5; the women's count, which moved, opens a world.

    And who knows which are small at AMBER knows of another one that it is not, but below 10 by GREEN.
    """
    found = leaks([MALE_IS_SMALL, MOVED_WOMEN][::step])
    assert {(leak.low, leak.high, leak.k) for leak in found} == {(0, 8, 10)}
    found = leaks([SMALL_AT_GREEN, SMALL_AT_AMBER][::step])
    assert {(leak.low, leak.high, leak.k) for leak in found if leak.why == "hidden"} == {(8, 9, 5), (3, 4, 5)}


@pytest.mark.parametrize("step", [1, -1])
def test_below_5_is_wide_for_who_reads_what_amber_hides_whatever_else_moved(step: int) -> None:
    first = seen(cells("sex", {"female": 0, "male": 50}, "female"))
    second = seen(cells("sex", {"female": 0, "male": 12}, "female"), tlp="AMBER")
    assert not leaks([first, second][::step])


@pytest.mark.parametrize(("tlps", "lows"), [(("GREEN", "AMBER"), []), (("AMBER", "GREEN"), [6])])
def test_a_move_is_compared_with_the_k_of_what_tells_it(tlps: tuple[str, str], lows: list[int]) -> None:
    """Six more persons, of whom the later message has the number or its parts."""
    before = seen(cells("age", {"0-17": 42}), tlp=tlps[0])
    for counts in ({"0-17": 48}, {"0-8": 28, "9-17": 20}):
        found = leaks([before, seen(cells("age", counts), tlp=tlps[1])])
        assert [leak.low for leak in found if leak.why == "moved"] == lows


def test_what_a_reader_was_shown_is_no_secret_in_a_set_without_it() -> None:
    """The half-year of 10 that AMBER shows and GREEN hides: told to who has GREEN alone, known before to who has both.

    The third quarter that AMBER shows contradicts the half-year of GREEN, so the two are read apart.
    """
    amber = seen(periods({"2026-H1": 10, "2026-Q3": 95}), tlp="AMBER")
    green = seen(periods({"2026-H1": 10, "2026-H2": 80, "2026": 90}, "2026-H1"))
    assert {(leak.reader, leak.low, leak.high) for leak in leaks([amber, green]) if leak.why == "hidden"} == {
        ("open", 10, 10)
    }


def test_an_other_that_cannot_be_the_rest_is_not_taken_for_one_that_is_off() -> None:
    counts = {"female": 24, "other": 3, "unknown": 40, "total": 97}
    assert not leaks([seen(cells("sex", counts, "other"), tlp="AMBER")])
    assert leaks([seen(cells("sex", counts | {"total": 67}, "other"), tlp="AMBER")])


def test_numbers_that_are_off_are_not_dropped() -> None:
    """Parts overshoot their total by 7: the reader who knows that has the hidden one."""
    table = [seen(cells("sex", {"total": 93, "female": 60, "male": 36, "unknown": 4}, "unknown"))]
    assert [(leak.low, leak.high) for leak in leaks(table)] == [(0, 4)]
    hidden = [seen(cells("sex", {"total": 93, "female": 60, "male": 36, "unknown": 4}, "unknown male"))]
    assert not leaks(hidden)


def test_a_new_world_leaves_out_what_cannot_stand_beside_it() -> None:
    """After the revision the old total is of another world: it bounds nothing."""
    before = seen(cells("sex", {"female": 40, "male": 50, "total": 90}))
    after = seen(cells("sex", {"female": 60, "male": 50, "unknown": 4}, "unknown"))
    assert not leaks([before, after])
    assert leaks([before, seen(cells("sex", {"female": 60, "male": 50, "unknown": 4, "total": 114}, "unknown"))])


def test_the_fact_of_the_linked_series_can_be_another() -> None:
    other = Facts(within=((VICTIMS, ("screened", "persons", "detection")),))
    history = [
        seen(cells("sex", {"total": 93}), indicator="screened"),
        seen(cells("sex", {"female": 3, "male": 90}, "female")),
    ]
    assert leaks(history, other)
    assert not leaks(history, LINKED)


def test_a_ledger_that_hides_only_small_counts_is_found_out() -> None:
    """The random histories, past a gate that hides what is small and nothing else."""
    rng = random.Random(2)
    ledger = Ledger()
    for _ in range(5):
        people = some_people(rng, {"citizenship": ["TH", "MM", "LA"], "sex": ["female", "male"]}, 20)
        table = people.table(grid({"citizenship": ["TH", "MM", "LA", "total"], "sex": ["female", "male", "total"]}))
        message = read(table)
        for each in message["obs"]:
            if each["value"] < 10:
                each |= {"value": None, "status": "S"}
        ledger.seen = [Seen(message, truth(table))]
        assert ledger.leaks()

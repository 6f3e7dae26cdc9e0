"""Counts that came out with pencil and paper although they were hidden: every sum over cells that nobody published.

Each case is a history of tables of one country. Each table of it is refused, with advice and no false figure, or leaves
so that privacy.finest_check finds nothing narrow. Where no order is natural, every order is tried.
"""

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from protocol.privacy.finest_reader import LINKED, UNLINKED, Facts
from protocol.privacy.histories import Ledger, figures
from protocol.privacy.people import Cell, observation
from protocol.privacy.trends import of
from suar.protocol.message.kinds import Trend
from suar.protocol.privacy.proof.cells import cell_of
from suar.protocol.privacy.proof.ledger import PROTECTION
from suar.protocol.privacy.tables.protecting import Protected
from suar.protocol.privacy.tables.shown import NUMBERS_MAX, Hidden

Counts = dict[str, int]


def table(cells: Sequence[tuple[Cell, int]], *, role: str = "detection", **about: Any) -> Trend:
    """A table of these cells with their true counts."""
    obs = [observation(cell, count, role) for cell, count in cells]
    names = sorted({name for each in obs for name in each["dims"]})
    for each in obs:
        each["dims"] = {name: each["dims"].get(name, "total") for name in names}
    return of(obs, names, **about)


def by(tree: str, counts: Counts, **about: Any) -> Trend:
    """A table along one tree; `total` for all of it."""
    return table([({} if node == "total" else {tree: node}, count) for node, count in counts.items()], **about)


def over(counts: Counts, **about: Any) -> Trend:
    """A table of periods."""
    return table([({"period": period}, count) for period, count in counts.items()], **about)


def halves(*forms: Counts) -> Trend:
    """A table of the first half-year, or of both, by form of exploitation."""
    periods = ("2026-H1", "2026-H2")
    return table(
        [
            ({"period": at, "exploitation": code}, n)
            for at, own in zip(periods, forms, strict=False)
            for code, n in own.items()
        ]
    )


def months(first: int, last: int, count: int, **other: int) -> Counts:
    """`count` in every month, but for those named: `m06=4`."""
    return {f"2026-{month:02}": other.get(f"m{month:02}", count) for month in range(first, last + 1)}


def crossed(counts: dict[tuple[str, str], int]) -> list[tuple[Cell, int]]:
    """Cells of sex x exploitation."""
    names = ("sex", "exploitation")
    return [
        ({name: code for name, code in zip(names, codes, strict=True) if code != "total"}, count)
        for codes, count in counts.items()
    ]


AGES_OUT = {"total": 160, "18+": 120, "0-8": 36, "9-17": 4}
UNODC: list[tuple[Cell, int]] = [
    ({}, 187), ({"sex": "female"}, 100), ({"sex": "male"}, 60), ({"sex": "other"}, 3),
    ({"sex": "unknown", "age": "unknown"}, 24),
]  # fmt: skip
PORTS: list[tuple[Cell, int]] = [
    ({"admin1": "TH-20", "locode": "THLCH"}, 40), ({"admin1": "TH-20", "locode": "THPYX"}, 3)
]  # fmt: skip
INNER = crossed({
    ("female", "sexual-exploitation"): 50, ("female", "forced-labour"): 20,
    ("male", "sexual-exploitation"): 3, ("male", "forced-labour"): 40,
})  # fmt: skip

CASES: dict[str, list[Trend]] = {
    "a total, and its parts": [
        by("citizenship", {"total": 93}), by("citizenship", {"TH": 3, "MM": 40, "LA": 20, "KH": 30}),
    ],
    "a total, and inner cells without margins": [
        by("sex", {"total": 93}),
        table(crossed({
            ("female", "servitude"): 3, ("female", "forced-labour"): 40,
            ("male", "servitude"): 20, ("male", "forced-labour"): 30,
        })),
    ],
    "a year, a half, a quarter": [over({"2026": 100}), over({"2026-H2": 50}), over({"2026-Q1": 46, "2026-Q2": 4})],
    "a year, a half, the quarters one by one": [
        over({"2026": 100, "2026-H2": 50}), over({"2026-Q1": 46}), over({"2026-Q2": 4}),
    ],
    "months of one half, the other half, the year": [
        over(months(1, 6, 20, m06=4)), over({"2026-H2": 120}), over({"2026": 224}),
    ],
    "nine months, three months, the year": [
        over(months(1, 9, 20)), over(months(10, 12, 20, m12=4)), over({"2026": 224}),
    ],
    "three quarters, three months, the year": [
        over({"2026-Q1": 60, "2026-Q2": 60, "2026-Q3": 60}), over(months(10, 12, 20, m12=4)), over({"2026": 224}),
    ],
    "January to September by month and quarter, three months, the year": [
        over({**months(1, 6, 20), "2026-Q3": 60}), over(months(10, 12, 20, m12=4)), over({"2026": 224}),
    ],
    "ages below a level that is left out": [by("age", AGES_OUT)],
    "ages below a level that is left out, in two tables": [
        by("age", {"total": 160, "18+": 120}), by("age", {"0-8": 36, "9-17": 4}),
    ],
    "UNODC's own layout": [table(UNODC)],
    "UNODC's own layout, in two tables": [table(UNODC[:1]), table(UNODC[1:])],
    "a country, a province, ports of another": [table([({}, 103), ({"admin1": "TH-10"}, 60), *PORTS])],
    "a country, a province, ports of another, in two tables": [
        table([({}, 103), ({"admin1": "TH-10"}, 60)]), table(PORTS),
    ],
    "a section, divisions of another": [by("industry", {"total": 103, "A": 60, "10": 40, "11": 3})],
    "a section, divisions of another, in two tables": [
        by("industry", {"total": 103, "A": 60}), by("industry", {"10": 40, "11": 3}),
    ],
    "a total and the inner cells without either margin": [table([({}, 113), *INNER])],
    "a total, then the inner cells without either margin": [table([({}, 113)]), table(INNER)],
    "one margin, then inner cells of the other": [
        by("sex", {"female": 70, "male": 43}), table([cell for cell in INNER if cell[1] != 50]),
    ],
    "parts that overshoot their total": [by("sex", {"total": 93, "female": 60, "male": 36, "unknown": 4})],
    "a total for organisations, parts for all": [
        by("sex", {"total": 93}, tlp="AMBER"), by("sex", {"female": 3, "male": 90}),
    ],
    "parts for organisations, a total for all": [
        by("sex", {"female": 3, "male": 90}, tlp="AMBER"), by("sex", {"total": 93}),
    ],
    "a cell that was hidden to protect another, shown by what it is divided into": [
        by("sex", {"female": 3, "male": 40, "total": 43}),
        table([({"sex": "male", "age": "0-17"}, 15), ({"sex": "male", "age": "18+"}, 25)]),
    ],
    "what would bring a hidden half back": [
        over({"2026": 153, "2026-H1": 149, "2026-H2": 4}), over({"2026-Q1": 70, "2026-Q2": 79}),
    ],
}  # fmt: skip

OTHERS: dict[str, list[Trend]] = {
    "three countries and others, then two and others": [
        by("citizenship", {"MM": 40, "KH": 30, "LA": 3, "other": 12, "total": 85}),
        by("citizenship", {"MM": 40, "other": 45, "total": 85}),
    ],
    "forms, then the rarer ones among the others": [
        by("exploitation", {"sexual-exploitation": 60, "forced-labour": 40, "servitude": 14, "other": 3, "total": 117}),
        by("exploitation", {"sexual-exploitation": 60, "other": 57, "total": 117}),
    ],
    "others, then some of them": [
        by("citizenship", {"MM": 40, "KH": 30, "other": 23}), by("citizenship", {"LA": 20, "VN": 3}),
    ],
    "forms without their total, and all by sex": [
        by("exploitation", {"forced-labour": 40, "other": 9, "unknown": 9}),
        by("sex", {"female": 30, "male": 28, "total": 58}),
    ],
    "three small ones, and all": [
        by("citizenship", {"KH": 40, "LA": 9, "other": 9, "unknown": 9}), by("sex", {"total": 67}),
    ],
    "a half by form, and all of the other half and the year": [
        halves({"forced-labour": 40, "other": 9, "unknown": 9}), over({"2026-H2": 72, "2026": 130}),
    ],
    "a country and others, then a second one that the others hide": [
        by("citizenship", {"KH": 40, "other": 43}), by("citizenship", {"KH": 40, "MM": 39, "other": 4}),
    ],
}  # fmt: skip
PARTS = {"MM": 3, "LA": 40, "KH": 50}
LINKS: dict[str, list[Trend]] = {
    "repatriated, and the countries of return": [
        by("sex", {"total": 93}, indicator="repatriated"),
        by("return", PARTS, indicator="repatriated", role="return"),
    ],
    "citizenship with two hidden, origin with one of them": [
        by("citizenship", {**PARTS, "total": 93}), by("origin", {"LA": 40, "KH": 50}, role="origin"),
    ],
    "all detected, then the origins": [by("sex", {"total": 93}), by("origin", PARTS, role="origin")],
    "all as registered, the parts as detected": [
        by("sex", {"total": 93}, date_basis="registration"), by("sex", {"female": 3, "male": 90}),
    ],
    "the presumed, and the parts of the detected": [
        by("sex", {"total": 93}, indicator="presumed-victims"), by("sex", {"female": 3, "male": 90}),
    ],
    "the persons, and the parts of the cases": [
        by("sex", {"total": 93}), by("sex", {"female": 3, "male": 90}, unit="cases"),
    ],
}  # fmt: skip

DENOMINATORS: dict[str, list[Trend]] = {
    "the half first": [over({"2026-H1": 149}), over({"2026": 153, "2026-H2": 4}, denominator=153)],
    "of parts one of which moved by little": [
        by("age", {"0-17": 60, "18+": 55, "unknown": 20}),
        by("age", {"0-17": 64, "18+": 55, "unknown": 20}, denominator=139),
    ],
    "of parts alone": [by("sex", {"female": 3, "male": 150}, denominator=153)],
    "of a hidden total": [by("sex", {"female": 3, "male": 150, "total": 153}, denominator=153)],
    "of what was released before": [
        by("sex", {"female": 3, "male": 150, "total": 153}), by("age", {"0-17": 60, "18+": 93}, denominator=153),
    ],
}  # fmt: skip

REVISIONS: dict[str, list[Trend]] = {
    "every number moves by little": [
        by("sex", {"female": 40, "male": 55, "total": 95}), by("sex", {"female": 44, "male": 51, "total": 95}),
    ],
    "a total moves by the one new case": [
        by("sex", {"female": 40, "male": 55, "total": 95}),
        by("sex", {"female": 40, "male": 55, "other": 3, "total": 98}),
    ],
    "by little, and by little again": [by("sex", {"female": count, "male": 55}) for count in (40, 44, 48, 52)],
    "a hidden number stays, those around it move": [
        by("sex", {"female": 3, "male": 55, "unknown": 30, "total": 88}),
        by("sex", {"female": 3, "male": 75, "unknown": 30, "total": 108}),
        by("sex", {"female": 3, "male": 95, "unknown": 30, "total": 128}),
    ],
    "what was hidden beside a small one moves by k": [
        by("sex", {"female": 3, "male": 55, "unknown": 30, "total": 88}),
        by("sex", {"female": 3, "male": 55, "unknown": 50, "total": 108}),
    ],
    "what an earlier edition left out": [
        by("age", {"0-17": 3, "unknown": 12, "total": 20}),
        by("age", {"0-17": 3, "18+": 16, "unknown": 12, "total": 31}),
    ],
    "the month that was missing": [
        over({**months(1, 5, 20), "2026-H1": 104}), over(months(1, 6, 20, m06=4)),
    ],
    "a total first, then another one of its parts": [by("sex", {"total": 50}), by("sex", {"female": 47, "male": 4})],
    "a total first, then another one with its parts": [
        by("sex", {"total": 50}), by("sex", {"female": 47, "male": 4, "total": 51}),
    ],
}  # fmt: skip


def orders(cases: dict[str, list[Trend]]) -> Callable[[Any], Any]:
    """Every case in every order of its tables."""
    found = [
        pytest.param([tables[at] for at in order], id=f"{name}: {' '.join(map(str, order))}")
        for name, tables in cases.items() for order in itertools.permutations(range(len(tables)))
    ]  # fmt: skip
    return pytest.mark.parametrize("tables", found)


def has_reason(hidden: Hidden, own: Protected, every: Sequence[Protected]) -> bool:
    """Whether a cell that protects another names a sum or published numbers, and no number that is not published."""
    together = hidden.together
    if hidden.why != PROTECTION or hidden.sums:
        return together is None
    assert together is not None
    assert len(together.earlier) <= min(together.earlier_count, NUMBERS_MAX)
    assert len(together.own) <= min(together.own_count, NUMBERS_MAX)
    for each in (*together.earlier, *together.own):
        shown = own.obs if each.n == 0 else every[each.n - 1].obs
        assert each.is_denominator or any(item.value is not None for item in shown if cell_of(item) == each.cell)
        assert each.at is None or own.obs[each.at].value is not None
    was_hidden = any(each.cell == hidden.cell for before in every if before is not own for each in before.hidden)
    return bool(together.earlier or together.own) or was_hidden


def after(tables: Sequence[Trend], facts: Facts = UNLINKED) -> Ledger:
    """The ledger after all of them were offered."""
    ledger = Ledger(facts)
    for each in tables:
        ledger.offer(each, 10 if each.tlp == "GREEN" else 5)
    assert ledger.seen  # else all were refused, and nothing of this was tried
    for own in ledger.protected:
        for hidden in own.hidden:
            assert has_reason(hidden, own, ledger.protected)
    true = {item.value for each in tables for item in each.obs}
    assert not any(figures(refused) & true for refused in ledger.refused)  # no count is proposed to anybody
    return ledger


@orders(CASES)
def test_no_sum_over_unpublished_cells(tables: list[Trend]) -> None:
    assert after(tables).holds()


@orders(OTHERS)
def test_other_is_whatever_its_table_does_not_list(tables: list[Trend]) -> None:
    assert after(tables, Facts(others=True)).holds()


@orders(
    {"forms by half, one of them with others that are not listed": [
        halves({"forced-labour": 40, "other": 9, "unknown": 9}, {"forced-labour": 30, "other": 20, "unknown": 12}),
        over({"2026-H1": 58, "2026-H2": 70}),
    ]}
)  # fmt: skip
def test_codes_that_are_everybody_in_one_half_are_protected_there(tables: list[Trend]) -> None:
    ledger = after(tables)
    assert ledger.holds()
    first = {
        (item["period"], item["dims"].get("exploitation")): item["value"]
        for each in ledger.read
        for item in each["obs"]
    }
    hidden = [key for key in first if key[0] == "2026-H1" and first[key] is None]
    assert len(hidden) > 2  # besides the two small ones their total, or the third form


@orders({name: OTHERS[name] for name in list(OTHERS)[:2]})
def test_a_table_with_more_among_the_others_is_accepted(tables: list[Trend]) -> None:
    ledger = after(tables, Facts(others=True))
    assert not ledger.refused
    shown = [sum(item["value"] is not None for item in message["obs"]) for message in ledger.read]
    assert len(shown) == len(tables)
    assert all(shown)


@orders(LINKS)
def test_no_sum_over_linked_series(tables: list[Trend]) -> None:
    assert after(tables, LINKED).holds()


@orders(DENOMINATORS)
def test_a_denominator_is_a_number_of_the_table(tables: list[Trend]) -> None:
    assert after(tables).holds()


@pytest.mark.parametrize("name", REVISIONS)
def test_differences_between_versions_are_sums(name: str) -> None:
    ledger = after(REVISIONS[name])
    assert ledger.holds()


def test_a_cell_that_moved_by_little_is_hidden_and_the_author_learns_which() -> None:
    ledger = Ledger()
    ledger.publish(by("sex", {"female": 40, "male": 55, "total": 95}), 10)
    later = ledger.publish(by("sex", {"female": 44, "male": 51, "total": 95}), 10)
    assert [item.status for item in later.obs] == ["S", "S", "A"]
    assert [(hidden.at, hidden.why) for hidden in later.hidden] == [(0, "moved"), (1, "moved")]
    carried = ledger.publish(by("sex", {"female": 40, "male": 55, "total": 95}), 10)
    assert [item.status for item in carried.obs] == ["A", "A", "A"]
    assert ledger.holds(10)


def test_the_author_learns_which_sum_a_hidden_cell_protects() -> None:
    ledger = Ledger()
    protected = ledger.publish(by("sex", {"female": 3, "male": 90, "total": 93}), 10)
    assert [hidden.why for hidden in protected.hidden] == ["small", "protection"]
    assert all(hidden.sums for hidden in protected.hidden if hidden.why == "protection")
    assert len(protected.hidden) == protected.suppressed


def test_no_hint_asks_for_a_false_total() -> None:
    """50 is out, now there are 51 = 47 + 4: whoever left it at 50 would give 4 away as 3 or 4."""
    for second in (
        {"female": 47, "male": 4, "total": 51},
        {"total": 51, "male": 4, "female": 47},
        {"female": 47, "male": 4},
    ):
        ledger = Ledger()
        ledger.publish(by("sex", {"total": 50}), 10)
        leaving = ledger.offer(by("sex", second))
        shown = [] if leaving is None else [item.value for item in leaving.obs]
        assert 50 not in shown
        assert 51 not in shown
        assert ledger.holds(10)


BY_DENOMINATOR = "together with the denominator a count that the tables hide or leave out could be computed"
ONE_AFTER_ANOTHER: dict[str, tuple[list[Trend], str]] = {
    "of k or more, beside a denominator": (DENOMINATORS["of parts one of which moved by little"], BY_DENOMINATOR),
    "below k, beside a denominator": (DENOMINATORS["the half first"], BY_DENOMINATOR),
    "below k, beside what was shown": (
        [over({"2026-H1": 149}), over({"2026": 163}), over({"2026-H2": 4})],
        "a count below 10 could be computed from the others whatever is hidden: 2026-H2",
    ),
    "below k, as handed in": (
        [over({"2026-Q3": 14, "2026-09": 14, "2026-Q4": 19, "2026-10": 0, "2026-12": 0}),
         over({"2026-07": 0, "2026-08": 0, "2026-11": 19})],
        "a count below 10 could be computed from the others whatever is hidden: 2026-07",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ONE_AFTER_ANOTHER)
def test_a_count_is_called_small_only_where_it_is(name: str) -> None:
    tables, text = ONE_AFTER_ANOTHER[name]
    (refused,) = after(tables).refused
    assert [reason.message for reason in refused.reasons] == [text]

"""Numbers that the publisher handed in as S: a reader takes them for small where all of them can be.

40, S and S of 58 are 9 and 9 for that reader, whoever hid them. The gate has no counts of them, so the checker is told
what an office that hides below ten would have.
"""

from dataclasses import replace
from typing import Any

import pytest
from msgspec.structs import replace as with_fields

from protocol.privacy.histories import Ledger
from protocol.privacy.people import Cell
from protocol.privacy.test_closure import over, table
from suar.protocol.message.kinds import Trend

NATIONS: list[tuple[Cell, int]] = [
    ({"citizenship": "KH"}, 40),
    ({"citizenship": "other"}, 9),
    ({"citizenship": "unknown"}, 9),
]
TOTAL: list[tuple[Cell, int]] = [({}, 58)]


def hidden(tables: Trend, *at: int) -> Trend:
    """The same table with these numbers handed in as S."""
    obs = [with_fields(item, value=None, status="S") if index in at else item for index, item in enumerate(tables.obs)]
    return with_fields(tables, obs=tuple(obs))


CASES: dict[str, list[Trend]] = {
    "with their total": [hidden(table([*NATIONS, *TOTAL]), 1, 2)],
    "before their total": [hidden(table(NATIONS), 1, 2), table(TOTAL)],
    "after their total": [table(TOTAL), hidden(table(NATIONS), 1, 2)],
    "quarters of a year": [
        hidden(over({"2026-Q1": 9, "2026-Q2": 9, "2026-Q3": 10, "2026-Q4": 20, "2026": 48}), 0, 1)
    ],
    "beside one that the gate hides": [hidden(table([*NATIONS, *TOTAL]), 1)],
    "after a late registration": [
        table([({"period": "2026-Q1"}, 47)]),
        table([({"period": "2026-Q1", "sex": "female"}, 30), ({"period": "2026-Q1", "sex": "male"}, 28)]),
        hidden(table([({"period": "2026-H2", **cell}, count) for cell, count in NATIONS]), 1, 2),
        over({"2026": 128, "2026-H1": 70}),
    ],
}  # fmt: skip


def read(tables: list[Trend]) -> list[Any]:
    """What leaves, by message."""
    ledger = Ledger()
    for each in tables:
        assert ledger.offer(each)
    counts = [[9 if value is None else value for value in seen.truth] for seen in ledger.seen]
    ledger.seen = [replace(seen, truth=own) for seen, own in zip(ledger.seen, counts, strict=True)]
    assert ledger.holds()
    return [[item["value"] for item in message["obs"]] for message in ledger.read]


@pytest.mark.parametrize("name", CASES)
def test_numbers_that_may_all_be_small_are_protected_as_small_ones(name: str) -> None:
    values = [value for message in read(CASES[name]) for value in message]
    assert values.count(None) > 2


def test_numbers_that_cannot_all_be_small_are_no_small_ones() -> None:
    ledger = Ledger()
    ledger.publish(hidden(table([*NATIONS, ({}, 98)]), 1, 2), 10)
    assert [item["value"] for item in ledger.read[0]["obs"]] == [40, None, None, 98]


def test_a_published_count_is_used_as_it_is() -> None:
    """The total of 58 would then tell six unknown ones: 40 and 12 are shown."""
    tables = [hidden(table(NATIONS), 1, 2), table([({"citizenship": "other"}, 12)])]
    ledger = Ledger()
    for each in (*tables, table(TOTAL)):
        ledger.publish(each, 10)
    assert [item["value"] for message in ledger.read for item in message["obs"]] == [40, None, None, 12, None]

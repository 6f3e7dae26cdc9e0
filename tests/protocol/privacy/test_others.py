"""A count that we hide and another member shows: as it stands, and by the sums that a reader makes of both tables."""

import json
from collections.abc import Collection, Mapping
from typing import Any

import msgspec
import pytest

from protocol.privacy.trends import C, Values, of, trend
from suar.protocol.message.kinds import Trend
from suar.protocol.message.messages import read
from suar.protocol.privacy.proof.cells import cell_of, sheet_of
from suar.protocol.privacy.proof.ledger import SHOWN, Fact, Release, Released
from suar.protocol.privacy.tables.others import opened, shown_numbers, subjects
from suar.published import schemas_dir
from support.later_minors import altered

UNKNOWN: Any = {("VN", "female"): None, ("VN", "male"): 16}
NATIONS: Values = {("MM",): 4, ("VN",): 20, ("LA",): 66, ("total",): 90}
HIDDEN = {("MM",), ("VN",)}
TRENDS = sorted((schemas_dir() / "examples/valid").glob("trend*.json"))


Table = tuple[Trend, Trend]


def ours(values: Mapping[C, int], hidden: Collection[tuple[str, ...]], dims: list[str], **more: Any) -> Table:
    """A table as it is handed in, and as it leaves."""
    whole = trend(dict(values), dims, **more)
    obs = tuple(
        msgspec.structs.replace(item, value=None, status="S") if codes in hidden else item
        for codes, item in zip(values, whole.obs, strict=True)
    )
    return whole, msgspec.structs.replace(whole, obs=obs)


def theirs(values: Values, dims: list[str], code: str = "VN", **more: Any) -> Trend:
    return msgspec.structs.replace(trend(dict(values), dims, **more), id=f"{code}-TREND-2027-000001")


def found(table: Table, *others: Trend, released: Released | None = None) -> list[int]:
    numbers = [each for other in others for each in shown_numbers(other, subjects(table[0]))]
    return [each.at for each in opened(*table, released or {}, numbers, 10)]


def test_the_neighbour_s_own_citizens_open_them_and_who_is_hidden_with_them() -> None:
    leaving = ours(NATIONS, HIDDEN, ["citizenship"])
    numbers = shown_numbers(theirs({("VN",): 20}, ["citizenship"]), subjects(leaving[0]))
    result = opened(*leaving, {}, numbers, 10)
    assert [each.at for each in result] == [0, 1]
    assert {one.id for each in result for one in each.by} == {"VN-TREND-2027-000001"}
    assert opened(*leaving, {}, [], 10) == []


def test_another_date_basis_is_the_same_people() -> None:
    leaving = ours(NATIONS, HIDDEN, ["citizenship"])
    assert found(leaving, theirs({("VN",): 20}, ["citizenship"], date_basis="registration")) == [0, 1]


@pytest.mark.parametrize(
    ("count", "changes"),
    [
        (20, {"indicator": "repatriated"}), (20, {"unit": "cases"}), (20, {"period": "2025"}),
        (20, {"status": "exercise"}), (5, {"admin1": "TH-10"}),
    ],
)  # fmt: skip
def test_other_people_places_and_times_open_nothing(count: int, changes: dict[str, str]) -> None:
    leaving = ours(NATIONS, HIDDEN, ["citizenship"])
    assert found(leaving, theirs({("VN",): count}, ["citizenship"], **changes)) == []


def test_another_role_or_country_opens_nothing() -> None:
    leaving = ours(NATIONS, HIDDEN, ["citizenship"])
    for location in ({"role": "origin", "country": "TH"}, {"role": "detection", "country": "VN"}):
        obs = [{"period": "2026", "place": location, "dims": {"citizenship": "VN"}, "value": 20, "status": "A"}]
        assert found(leaving, msgspec.structs.replace(of(obs, ["citizenship"]), id="VN-TREND-2027-000001")) == []


def test_their_parts_sum_up_to_ours() -> None:
    leaving = ours(NATIONS, HIDDEN, ["citizenship"])
    parts = theirs({("VN", "female"): 12, ("VN", "male"): 8}, ["citizenship", "sex"])
    assert found(leaving, parts) == [0, 1]


def test_their_sum_and_our_other_part_leave_the_hidden_one() -> None:
    values = {("VN", "female"): 4, ("VN", "male"): 16}
    leaving = ours(values, {("VN", "female")}, ["citizenship", "sex"])
    assert found(leaving, theirs({("VN",): 20}, ["citizenship"])) == [0]


def test_what_we_showed_before_counts_too() -> None:
    leaving = ours({("VN", "female"): 4}, {("VN", "female")}, ["citizenship", "sex"])
    before = trend({("VN", "male"): 16}, ["citizenship", "sex"])
    fact = Fact(cell_of(before.obs[0]), 16, SHOWN)
    released = {sheet_of(before, before.obs[0]): [Release(10, True, (fact,), 1)]}
    other = theirs({("VN",): 20}, ["citizenship"])
    assert found(leaving, other) == []
    assert found(leaving, other, released=released) == [0]


def test_a_cell_that_they_hide_too_opens_nothing() -> None:
    leaving = ours(NATIONS, HIDDEN, ["citizenship"])
    _, hiding = ours({("VN",): 20}, {("VN",)}, ["citizenship"])
    assert found(leaving, msgspec.structs.replace(hiding, id="VN-TREND-2027-000001")) == []


def test_a_table_without_hidden_cells_is_no_matter() -> None:
    leaving = ours(NATIONS, set(), ["citizenship"])
    assert found(leaving, theirs({("VN",): 21}, ["citizenship"])) == []


def test_a_sum_with_more_than_a_few_missing_numbers_discloses_nothing() -> None:
    """The men of VN stand in no table: how many women there are among 20 nobody can tell."""
    leaving = ours({("VN", "female"): 4}, {("VN", "female")}, ["citizenship", "sex"])
    assert found(leaving, theirs({("VN",): 20}, ["citizenship"])) == []
    assert found(leaving, theirs({("VN",): 13}, ["citizenship"])) == [0]  # within ten


def test_a_count_that_we_do_not_know_ourselves() -> None:
    """Given as hidden: whatever it is, the sum is taken to come out."""
    leaving = ours(UNKNOWN, {("VN", "female")}, ["citizenship", "sex"])
    assert found(leaving, theirs({("VN",): 60}, ["citizenship"])) == [0]


def test_two_members_together() -> None:
    """Neither opens it alone."""
    values = {("MM",): 4, ("VN",): 20, ("LA",): 6, ("total",): 30}
    leaving = ours(values, {("MM",), ("VN",), ("LA",)}, ["citizenship"])
    one, other = theirs({("VN",): 20}, ["citizenship"]), theirs({("LA",): 6}, ["citizenship"], "LA")
    assert found(leaving, one) == [1]
    assert found(leaving, one, other) == [0, 1, 2]


@pytest.mark.parametrize(
    "path", sorted((schemas_dir() / "examples/valid").glob("trend*.json")), ids=lambda path: path.stem
)
def test_a_table_of_a_later_minor_stops_nobody_s_table(path: Any) -> None:
    """A separator of ours in another member's code refused every table of everybody by an error."""
    own = read(path.read_bytes())
    assert isinstance(own, Trend)
    counted = subjects(own)
    others = [read(data) for data in altered(json.loads(path.read_bytes()))]
    assert len(others) > 10
    for other in others:
        assert isinstance(other, Trend)
        opened(own, own, {}, shown_numbers(other, counted | subjects(other)), 10)

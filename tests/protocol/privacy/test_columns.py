"""The unknowns of the gate's proof: finest cells that every number has, or has not, alike are one column."""

import pytest

from protocol.privacy.trends import Values, trend, with_margins
from suar.protocol.privacy.proof.program import Budget
from suar.protocol.privacy.proof.reader import Reader
from suar.protocol.privacy.proof.system import System
from suar.protocol.privacy.tables.protecting import released_by

K = 10


def columns(values: Values, dims: list[str]) -> int:
    """How many unknowns the proof of a table by itself has."""
    table = trend({**values}, dims)
    return System(Reader([], released_by(table, K, table.obs), K), Budget(), "TH").program.columns


@pytest.mark.parametrize(
    ("dimension", "codes"),
    [("sex", ("female", "male")), ("age", ("0-17", "18+")), ("industry", ("A", "C")), ("citizenship", ("MM", "LA"))],
)
def test_a_total_and_two_of_its_parts_have_three_unknowns(dimension: str, codes: tuple[str, str]) -> None:
    """The two and the rest, whatever else the list has: 10 ages, 88 divisions, 250 countries."""
    assert columns({(codes[0],): 40, (codes[1],): 30, ("total",): 90}, [dimension]) == 3


def test_what_no_number_distinguishes_is_one_unknown() -> None:
    assert columns({("female",): 40, ("male",): 30}, ["sex"]) == 2 + 1  # who is neither stands in no number
    assert columns({("total",): 90}, ["sex"]) == 1
    assert columns({("female", "0-17"): 40, ("total", "total"): 90}, ["sex", "age"]) == 2  # girls, and everybody else
    assert columns({("female", "0-17"): 40, ("male", "18+"): 30, ("total", "total"): 90}, ["sex", "age"]) == 3
    inner = {(sex, age): 40 for sex in ("female", "male") for age in ("0-17", "18+")}
    assert columns(with_margins(inner), ["sex", "age"]) == 9

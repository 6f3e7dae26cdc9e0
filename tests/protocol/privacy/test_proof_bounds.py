"""The bounds of the gate's proof are reached: what is beyond is refused with what to coarsen, never passed."""

import random
from types import ModuleType
from typing import Any

import pytest

from protocol.privacy.trends import Values, of, some_values, trend, with_margins
from suar.protocol.base.codelists import codes
from suar.protocol.privacy.proof import grid, part, program, unlisted
from suar.protocol.privacy.tables.protecting import Unprotectable, protect

SEXES = ("female", "male")


def sparse(count: int) -> list[dict[str, Any]]:
    """Numbers that no two share a code of five axes: their joint table is as large as can be."""
    countries, divisions = codes("country"), [f"{number:02}" for number in range(10, 34)]
    return [
        {"period": f"2026-{1 + at % 12:02}",
         "place": {"role": "detection", "country": "TH", "admin1": f"TH-{10 + at}"},
         "dims": {"citizenship": countries[at], "industry": divisions[at % len(divisions)], "sex": SEXES[at % 2]},
         "value": 12 + at, "status": "A"}
        for at in range(count)
    ]  # fmt: skip


def refused(table: Any) -> None:
    with pytest.raises(Unprotectable) as refusal:
        protect(table, 10)
    (reason,) = refusal.value.reasons
    assert reason.code == "E-PRIVACY-TABLE"
    assert "too large" in reason.message
    assert "leave the dimension" in reason.hint


def test_more_finest_cells_than_can_be_proven_are_refused_before_they_are_made() -> None:
    assert grid.CELLS_MAX < 12 * 60 * 60 * 24 * 2
    refused(of(sparse(60), ["citizenship", "industry", "sex"]))


@pytest.mark.parametrize(("where", "bound", "most"), [(program, "WORK_MAX", 200), (unlisted, "OPTIONS_MAX", 20)])
def test_what_takes_more_than_may_be_spent_is_refused(
    where: ModuleType, bound: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    dims = ["citizenship", "exploitation", "sex"]
    table = trend(with_margins(some_values(random.Random(1), dims, [5, 4, 2], 12)), dims)
    assert protect(table, 10).primary > 0
    monkeypatch.setattr(where, bound, most)
    refused(table)


def test_who_coarsens_once_as_the_refusal_says_publishes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table of many citizenships with few people each: half of them together, not a few at every refusal."""
    monkeypatch.setattr(program, "WORK_MAX", 30_000)
    dims = ["citizenship", "exploitation", "sex"]
    values = some_values(random.Random(5), dims, [16, 5, 2], 4, zeros=0.5)
    with pytest.raises(Unprotectable) as refusal:
        protect(trend(with_margins(values), dims), 10)
    merge, _, rest = refusal.value.reasons[0].hint.partition(" together as citizenship other, or ")
    assert rest == "leave the dimension citizenship out, or publish a longer period, or publish it with the next period"
    rare = {each.removeprefix("citizenship ") for each in merge.removeprefix("give ").split(", ")}
    assert rare < {citizenship for citizenship, *_ in values}
    lumped: Values = {}
    for (citizenship, *others), count in values.items():
        codes_ = ("other" if citizenship in rare else citizenship, *others)
        lumped[codes_] = lumped.get(codes_, 0) + count
    assert protect(trend(with_margins(lumped), dims), 10).primary > 0


def test_one_solve_stops_at_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not only between two: a single one over a large table would take minutes."""
    monkeypatch.setattr(program, "WORK_MAX", 3)
    steps: list[int] = []
    run = part.Part.run

    def counted(self: Any, objective: Any, weights: Any, left: int, *, least: bool) -> int:
        work = run(self, objective, weights, left, least=least)
        steps.append(int(self.solver.getInfo().simplex_iteration_count))
        return work

    monkeypatch.setattr(part.Part, "run", counted)
    dims = ["citizenship", "exploitation"]
    refused(trend(with_margins(some_values(random.Random(2), dims, [8, 5], 20)), dims))
    assert max(steps) <= 4

"""The bounds of the gate's proof are reached: what is beyond is refused with what to coarsen, never passed."""

import random
from types import ModuleType
from typing import Any

import pytest
from msgspec.structs import replace

from protocol.privacy.trends import Values, of, some_values, trend, with_margins
from suar.protocol.base.codelists import codes
from suar.protocol.message.kinds import Trend
from suar.protocol.privacy.proof import grid, part, program, unlisted
from suar.protocol.privacy.proof.ledger import Released
from suar.protocol.privacy.tables import suppression
from suar.protocol.privacy.tables.protecting import Protected, Unprotectable, protect

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


def by_month(rng: random.Random, citizenships: int, months: int, *, margins: float = 0.0) -> Trend:
    """Months by citizenship, sex and age; of the margins a part, so that not all numbers share people."""
    dims = ["citizenship", "sex", "age"]
    obs = [
        {"period": f"2026-{month:02}", "place": {"role": "detection", "country": "TH"},
         "dims": dict(zip(dims, codes_, strict=True)), "value": value, "status": "A"}
        for month in range(1, months + 1)
        for codes_, value in with_margins(some_values(rng, dims, [citizenships, 2, 2], 15)).items()
        if ("total" not in codes_ or rng.random() < margins) and (not margins or rng.random() < 0.6)
    ]  # fmt: skip
    return of(obs, dims, margins=margins > 0)


def test_numbers_that_share_nobody_need_no_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table without sums had a solver for each number: 1,728 of them took half a minute."""
    monkeypatch.setattr(suppression, "Suppression", None)
    table = by_month(random.Random(1), 6, 3)
    hidden = protect(table, 10).hidden
    assert [each.at for each in hidden] == [at for at, item in enumerate(table.obs) if (item.value or 0) < 10]
    assert {each.why for each in hidden} == {"small"}


@pytest.mark.parametrize("seed", range(6))
def test_the_same_is_hidden_as_with_a_solver(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers that share people with others among some that do not, with a publisher's own S."""
    rng = random.Random(seed)
    table = by_month(rng, 3, 2, margins=0.2)
    shown = [replace(item, value=None, status="S") if rng.random() < 0.1 else item for item in table.obs]
    table = replace(table, obs=tuple(shown))
    found = list[object]()

    def noted(*args: Any) -> Any:
        found.append(alone(*args))
        return found[-1]

    alone = suppression.protected_alone
    monkeypatch.setattr(suppression, "protected_alone", noted)
    short = protect(table, 10)
    assert None in found
    assert any(each is not None for each in found)
    monkeypatch.setattr(suppression, "protected_alone", lambda *_: None)
    assert protect(table, 10) == short


def few(rng: random.Random, most: int) -> Trend:
    """Some figures of one of two indicators, of months, quarters and places, so that some share nobody."""
    obs: dict[object, dict[str, Any]] = {}
    for _ in range(rng.randint(1, most)):
        dims = {"sex": rng.choice([*SEXES, "total"]), "citizenship": rng.choice(["KH", "LA", "VN", "total"])}
        location = {"role": "detection", "country": "TH", **rng.choice([{}, {"admin1": "TH-10"}, {"admin1": "TH-50"}])}
        period = rng.choice(["2026-01", "2026-02", "2026-03", "2026-Q1", "2026-Q2"])
        value = rng.choice([0, 1, 4, 9, 10, 11, 14, 30, 60, None])
        status = "A" if value is not None else rng.choice("SM")
        each = {"period": period, "place": location, "dims": dims, "value": value, "status": status}
        obs[period, *location.values(), *dims.values()] = each
    more = {"tlp": rng.choice(["GREEN", "AMBER"]), "indicator": rng.choice(["detected-victims", "presumed-victims"])}
    return of(list(obs.values()), ["citizenship", "sex"], margins=True, **more)


def outcome(table: Trend, released: Released) -> object:
    try:
        return protect(table, 10, released)
    except Unprotectable as error:
        return error.reasons


def test_the_same_is_hidden_as_with_a_solver_in_many_small_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one to four figures, every fourth behind an earlier table of one or two, open or restricted."""
    alone, found = suppression.protected_alone, list[bool]()

    def noted(*args: Any) -> Any:
        known = alone(*args)
        found.append(known is not None)
        return known

    for seed in range(120):
        rng, released = random.Random(seed), Released()
        monkeypatch.setattr(suppression, "protected_alone", noted)
        before = outcome(few(rng, 2), {}) if seed % 4 == 0 else None
        if isinstance(before, Protected):
            released = {sheet: [replace(each, n=1)] for sheet, each in before.releases.items()}
        table = few(rng, 4)
        short = outcome(table, released)
        monkeypatch.setattr(suppression, "protected_alone", lambda *_: None)
        assert outcome(table, released) == short, seed
    assert found.count(True) > 100
    assert found.count(False) > 50

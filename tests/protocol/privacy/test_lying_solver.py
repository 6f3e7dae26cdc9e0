"""Nothing that the solver says is believed: whatever it answers, a table is refused or leaves with nothing narrow."""

import math
import random
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import highspy
import numpy as np
import pytest

from protocol.privacy.finest_reader import Facts
from protocol.privacy.histories import KINDS, Ledger
from protocol.privacy.trends import trend
from suar.protocol.privacy.proof import program
from suar.protocol.privacy.proof.part import Floats, Mask, Part, Row
from suar.protocol.privacy.proof.program import Budget, Program

Status = highspy.HighsModelStatus
MOST = 50
NONE = np.zeros(0, dtype=np.int64)
HISTORIES = 6


class Liar:
    """A solver whose answers one lie changes."""

    def __init__(self, solver: Any, lie: "Lie") -> None:
        self.solver, self.lie, self.turn = solver, lie, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.solver, name)

    def run(self) -> None:
        """Solve honestly."""
        self.turn += 1
        self.solver.run()

    def getModelStatus(self) -> Any:
        """What it says that it found."""
        return self.lie.status(self)

    def getInfo(self) -> Any:
        """The value that it says is best."""
        info = self.solver.getInfo()
        return SimpleNamespace(
            simplex_iteration_count=info.simplex_iteration_count,
            primal_solution_status=info.primal_solution_status,
            objective_function_value=self.lie.value(self, info.objective_function_value),
        )

    def getSolution(self) -> Any:
        """The point and the multipliers that it says go with it."""
        found = self.solver.getSolution()
        return SimpleNamespace(
            col_value=self.lie.point(np.array(found.col_value)),
            col_dual=self.lie.duals(np.array(found.col_dual)),
            row_dual=self.lie.duals(np.array(found.row_dual)),
        )

    def getDualRay(self) -> Any:
        """Why it says that there is nothing."""
        status, is_found, ray = self.solver.getDualRay()
        return status, is_found, self.lie.duals(np.array(ray))


class Lie:
    """The truth; each lie changes one of its answers."""

    def status(self, liar: Liar) -> Any:
        """What was found."""
        return liar.solver.getModelStatus()

    def value(self, _liar: Liar, value: float) -> float:
        """The best value."""
        return value

    def point(self, point: Floats) -> Floats:
        """Where it is."""
        return point

    def duals(self, duals: Floats) -> Floats:
        """The multipliers of the rows or columns."""
        return duals


class WrongPoint(Lie):
    """Everybody is counted forty times more."""

    def point(self, point: Floats) -> Floats:
        return point + 40


class NoPoint(Lie):
    """Nobody is anywhere."""

    def point(self, point: Floats) -> Floats:
        return point * 0


class Wide(Lie):
    """Every interval is wide."""

    def value(self, liar: Liar, value: float) -> float:
        return value + 1_000 * (1 if liar.turn % 2 else -1)


class Empty(Lie):
    """Every cell that nobody names is empty."""

    def value(self, _liar: Liar, _value: float) -> float:
        return 0.0


class Large(Lie):
    """Every cell that nobody names has many people."""

    def value(self, _liar: Liar, value: float) -> float:
        return value + 1_000


class Nothing(Lie):
    """Nothing fits."""

    def status(self, _liar: Liar) -> Any:
        return Status.kInfeasible


class NothingAtFirst(Lie):
    """Nothing fits a reading of the codes, when it is asked; later something does."""

    def __init__(self) -> None:
        self.asked = 0

    def status(self, liar: Liar) -> Any:
        self.asked += 1
        return Status.kInfeasible if self.asked % 7 == 1 else super().status(liar)


class Everything(Lie):
    """Everything fits."""

    def status(self, _liar: Liar) -> Any:
        return Status.kOptimal


class Blameless(Lie):
    """No interval rests on a number of the new message."""

    def duals(self, duals: Floats) -> Floats:
        return duals * 0


class Blaming(Lie):
    """Each rests on every number, by any amount."""

    def duals(self, duals: Floats) -> Floats:
        return np.where(np.arange(len(duals)) % 2, 1e9, -0.3)


LIES: list[type[Lie]] = [
    WrongPoint, NoPoint, Wide, Empty, Large, Nothing, NothingAtFirst, Everything, Blameless, Blaming,
]  # fmt: skip


def lying(lie: Lie) -> Callable[..., Part]:
    """The parts of a program with such a solver."""

    class Lying(Part):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            self.solver: Any = Liar(self.solver, lie)

        def restricted(self, reference: Floats, moving: Mask) -> Any:
            found = super().restricted(reference, moving)

            def best(cost: Floats, *, least: bool) -> tuple[Floats | None, int]:
                point, steps = found.best(cost, least=least)
                return None if point is None else lie.point(point), steps

            return SimpleNamespace(best=best)

    return Lying


def histories(kind: str) -> Iterator[Ledger]:
    """Some random histories, as far as the gate lets them leave."""
    make, facts = KINDS[kind]
    for number in range(HISTORIES):
        rng = random.Random(f"lies {kind} {number}")
        k, ledger = rng.choice([5, 10, 10]), Ledger(facts)
        for table in make(rng, k):
            ledger.offer(table, 10 if table.tlp == "GREEN" else 5)
        yield ledger


AGES = {("18+",): 120, ("0-17",): 36, ("total",): 160}
SOME = {("KH",): 50, ("other",): 43}
MORE = {("KH",): 50, ("MM",): 40, ("other",): 3}


@pytest.mark.parametrize("lie", [Lie, *LIES])
def test_a_cell_that_nobody_names_and_what_others_are_do_not_rest_on_its_word(
    lie: type[Lie], monkeypatch: pytest.MonkeyPatch
) -> None:
    """160 less 120 and 36 are 4; 43 others less 40 from MM are 3."""
    monkeypatch.setattr(program, "Part", lying(lie()))
    for dim, tables in (("age", [AGES]), ("citizenship", [SOME, MORE]), ("citizenship", [MORE, SOME])):
        ledger = Ledger(Facts(others=True))
        left = [ledger.offer(trend(values, [dim])) for values in tables]
        assert ledger.holds()
        assert lie is not Lie or left[0]  # the truth lets a table leave


@pytest.mark.parametrize("at", range(20))
def test_a_bound_follows_from_the_rows_whatever_the_multipliers_are(at: int) -> None:
    rng = np.random.default_rng(at)
    rows = [Row(np.flatnonzero(rng.random(4) < 0.5), NONE) for _ in range(3)] + [Row(np.array([0]), np.array([1]))]
    found = Program(4, rows, MOST, Budget())
    truth = rng.integers(0, 6, 4)
    for row, each in enumerate(rows):
        value = int(truth[each.plus].sum() - truth[each.minus].sum())
        found.bound(row, *((value, value) if rng.random() < 0.5 else (min(0, value), max(value, 7))))
    points = np.stack(np.meshgrid(*[np.arange(15)] * 4), axis=-1).reshape(-1, 4).astype(np.float64)
    fits = np.array([found.whole(point) is not None for point in points])
    objective = np.array([0, 2])
    sums = points[fits][:, objective].sum(axis=1)
    for _ in range(30):
        multipliers = rng.choice([-1, -0.5, 0, 0.5, 1, 1 / 3, rng.normal() * 3], len(rows))
        most, least = found.implied(objective, multipliers), found.implied(objective, multipliers, least=True)
        assert most is None or most >= sums.max()
        assert least is None or least <= sums.min()
    ends = found.best(objective), found.best(objective, least=True)
    assert ends[0]
    assert ends[1]
    most, least = found.implied(objective, ends[0].duals), found.implied(objective, ends[1].duals, least=True)
    assert most is None or most == math.floor(ends[0].value + 1e-6)  # None: only a column's bound ends it
    assert least == math.ceil(ends[1].value - 1e-6)


@pytest.mark.parametrize("broken", [np.inf, np.nan, 1e30, -1e7])
def test_multipliers_that_are_no_numbers_prove_nothing(broken: float) -> None:
    found = Program(2, [Row(np.array([0, 1]), NONE)], MOST, Budget())
    found.bound(0, 0, 3)
    assert found.implied(np.array([0]), np.array([1.0])) == 3
    assert found.implied(np.array([0]), np.array([broken])) is None


@pytest.mark.parametrize("total", [9, 10, 11])
def test_numbers_that_cannot_be_right_are_proved_to_be_so(total: int) -> None:
    """Two parts of 4 and 6, by themselves and as sums of two columns each."""
    parts = [np.array([0, 1]), np.array([2, 3])]
    for split in (parts, [part[:1] for part in parts]):
        rows = [Row(split[0], NONE), Row(split[1], NONE), Row(np.concatenate(split), NONE)]
        found = Program(4, rows, MOST, Budget())
        for row, value in enumerate((4, 6, total)):
            found.bound(row, value, value)
        assert (found.start() is None) == (total != 10)
        assert found.is_contradictory() == (total != 10)


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("kind", ["levels", "overlapping", "revisions", "lumped", "codes", "mixed"])
def test_no_lie_of_the_solver_gives_a_count_away(kind: str, lie: type[Lie], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "Part", lying(lie()))
    for ledger in histories(kind):
        assert ledger.holds()

"""Random editions of one table with wrong figures and corrections, and two readers who share no code with the gate.

Both take the newest version of each figure for right, know which codes exist and which hidden counts are small. Where
the newest parts of a total add up to it, they take them for everything in it. One reader has the newest editions of the
figures, the other also what earlier ones showed and is still right. The unknowns are the finest cells.
"""

import itertools
import random
from collections.abc import Iterator, Mapping, Set
from typing import Any

import pytest
from ortools.sat.python import cp_model

from protocol.privacy.histories import Ledger
from protocol.privacy.trends import of
from suar.protocol.message.kinds import Trend
from suar.protocol.privacy.proof import reader
from suar.protocol.privacy.proof.reader import Key, List, World

K = 10
Code = tuple[str, ...]
"""The period, sex and age of a figure; `total` is every code, the half year both quarters."""
Table = dict[Code, int]
PARTS = [{"H1": ["Q1", "Q2"]}, {"total": ["female", "male"]}, {"total": ["0-8", "9-17"]}]
LEFT = "rest"


def finest(code: Code) -> set[Code]:
    """The finest cells of a figure, with those of no listed sex or age."""
    rest: list[list[str]] = [[], [LEFT], [LEFT]]
    axes = [[*own[at], *more] if at in own else [at] for at, own, more in zip(code, PARTS, rest, strict=True)]
    return set(itertools.product(*axes))


def without_anybody(values: Mapping[Code, int]) -> set[Code]:
    """The finest cells in which nobody is, since the parts of a figure by one or more axes add up to it."""
    found = set[Code]()
    for whole, value in values.items():
        ways = [[[at], own[at]] if at in own else [[at]] for at, own in zip(whole, PARTS, strict=True)]
        for way in itertools.product(*ways):
            parts = [part for part in itertools.product(*way) if part in values and part != whole]
            if parts and sum(values[part] for part in parts) == value:
                found |= finest(whole).difference(*(finest(part) for part in parts))
    return found


class Reading:
    """The newest figures `values` of a reader who has those of `known`, and knows which of the others are small."""

    def __init__(self, values: Mapping[Code, int], known: Set[Code]) -> None:
        self.values, self.known = values, known
        self.empty = without_anybody(values)

    def interval(self, code: Code, *, is_true: bool = False) -> tuple[int, int] | None:
        """The least and the most that a figure can be; None if the figures cannot all be right."""
        ends = [self._end(code, up=up, is_true=is_true) for up in (False, True)]
        return None if ends[0] is None or ends[1] is None else (ends[0], ends[1])

    def _end(self, code: Code, *, up: bool, is_true: bool) -> int | None:
        model, most = cp_model.CpModel(), sum(self.values.values()) + K
        every = sorted(set[Code]().union(*map(finest, self.values)))
        cells = {cell: model.new_int_var(0, 0 if cell in self.empty else most, str(cell)) for cell in every}
        for own, value in self.values.items():
            together: Any = sum(cells[cell] for cell in finest(own))
            if is_true or own in self.known:
                model.add(together == value)
            elif value < K:
                model.add(together < K)
        target: Any = sum(cells[cell] for cell in finest(code))
        if up:
            model.maximize(target)
        else:
            model.minimize(target)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        status = solver.solve(model)
        assert status in (cp_model.OPTIMAL, cp_model.INFEASIBLE)
        return int(solver.objective_value) if status == cp_model.OPTIMAL else None


def table(values: Table) -> Trend:
    """The table of these figures."""
    return of(
        [
            {
                "period": f"2026-{period}", "place": {"role": "detection", "country": "TH"},
                "dims": {"sex": sex, "age": age}, "value": value, "status": "A",
            }
            for (period, sex, age), value in values.items()
        ],
        ["sex", "age"],
    )  # fmt: skip


def editions(rng: random.Random) -> Iterator[Table]:
    """A table with one or two wrong figures, mostly its total among them; then one to three corrections.

    The table is by sex alone, by sex and age, or by sex and quarter. A total by sex alone that was wrong by k or more,
    beside two small counts, is what a gate that takes only one message for a list shows at once.
    """
    kind = rng.choices(["sex", "age", "quarter"], [6, 2, 1])[0]
    periods, ages = ["Q1", "Q2"] if kind == "quarter" else ["H1"], ["0-8", "9-17"] if kind == "age" else ["total"]
    cells = itertools.product(periods, ["female", "male"], ages)
    people = {cell: rng.choice([rng.randint(0, 9), rng.randint(5, 9), rng.randint(5, 9)]) for cell in cells}
    wider = [[*periods, "H1"], ["female", "male", "total"], [*ages, "total"]]
    codes = list(dict.fromkeys(itertools.product(*wider)))
    right: Table = {code: sum(people[cell] for cell in people if finest(cell) <= finest(code)) for code in codes}
    wrong = {("H1", "total", "total") if rng.random() < 0.7 else rng.choice(list(right))}
    wrong |= {rng.choice(list(right))} if kind != "sex" or rng.random() < 0.3 else set()
    step = [rng.randint(1, 9), rng.randint(10, 40), rng.randint(10, 40)]
    newest = {code: value + rng.choice(step) if code in wrong else value for code, value in right.items()}
    yield newest
    for _ in range(rng.randint(1, 3)):
        off = [code for code, value in newest.items() if value != right[code]]
        some = rng.choice([off, off[:1], [code for code in right if code in off or rng.random() < 0.4], list(right)])
        edition = {code: right[code] for code in some}
        if edition:
            newest = newest | edition
            yield edition


def narrow(newest: Mapping[Code, int], sent: Mapping[Code, list[int | None]]) -> list[tuple[Code, tuple[int, int]]]:
    """The hidden counts from 1 to k-1 that one of the readers knows to less than k-1; none if the newest cannot be."""
    found = []
    shown = {code for code in newest if sent[code][-1] is not None}
    for known in (shown, {code for code, value in newest.items() if value in sent[code]}):
        reading = Reading(newest, known)
        hidden = [code for code, value in newest.items() if code not in shown and 0 < value < K]
        if hidden and reading.interval(hidden[0], is_true=True):
            for code in hidden:
                ends = reading.interval(code)
                assert ends
                assert ends[0] <= newest[code] <= ends[1]
                found += [(code, ends)] if ends[1] - ends[0] < K - 1 else []
    return found


SEEDS, SEQUENCES = 7, 6


def publish(seed: int, at: int) -> tuple[int, list[tuple[Code, tuple[int, int]]]]:
    """How many corrections of a random sequence left, up to the first message after which a count is narrow; and such
    counts.
    """
    ledger, newest, sent = Ledger(), Table(), dict[Code, list[int | None]]()
    corrected = 0
    for edition in editions(random.Random(f"{seed} {at}")):
        protected = ledger.offer(table(edition), K)
        if protected is None:
            continue
        corrected += bool(newest)
        newest |= edition
        for code, item in zip(edition, protected.obs, strict=True):
            sent.setdefault(code, []).append(item.value)
        if found := narrow(newest, sent):
            return corrected, found
    return corrected, []


@pytest.mark.parametrize("seed", range(SEEDS))
def test_no_hidden_count_follows_from_the_newest_figures(seed: int) -> None:
    ended = [publish(seed, at) for at in range(SEQUENCES)]
    assert {at: found for at, (_, found) in enumerate(ended) if found} == {}
    assert sum(corrected for corrected, _ in ended) > 2


def test_the_sequences_find_a_gate_for_which_only_one_message_is_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: that no number replaced another, so that a total which is corrected alone adds up with no parts."""

    def without_revised(values: dict[Key, int | None], lists: list[List], _: object = None) -> World:
        return World(values, lists)

    monkeypatch.setattr(reader, "World", without_revised)
    assert any(publish(seed, at)[1] for seed in range(SEEDS) for at in range(SEQUENCES))


def test_these_readers_find_two_counts_of_nine() -> None:
    values: Table = {("H1", "female", "total"): 9, ("H1", "male", "total"): 9, ("H1", "total", "total"): 18}
    sent: dict[Code, list[int | None]] = {code: [None] for code in values}
    assert not narrow(values, sent)
    sent["H1", "total", "total"] += [48, 18]
    assert narrow(values, sent) == [(code, (9, 9)) for code in list(values)[:2]] * 2

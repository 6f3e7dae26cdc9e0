"""The public gate, run over every table that fits: the pattern of hidden cells tells nothing (bench/attack_gate.py)."""

import random

import pytest

from protocol.privacy import attack
from protocol.privacy.attack import Attacker, K, Pattern, attacked, pattern
from protocol.privacy.trends import Values, trend, with_margins
from suar.protocol.privacy.proof.draws import Draw
from suar.protocol.privacy.tables.protecting import protect


@pytest.mark.parametrize("seed", range(2))
def test_running_the_gate_over_all_tables_tells_nothing(seed: int) -> None:
    found = attacked(tables=1, keys=8, seed=seed)
    assert found["hidden"] > 2
    assert found["exact"] == 0
    assert found["narrow"] <= 1  # she tries few tables and few keys; the bench counts 1,000 cells
    assert found["never reproduced"] < found["hidden"]  # else nothing was tried


def test_the_attack_tries_tables_that_fit_and_finds_the_true_one() -> None:
    inner = {
        ("forced-labour", "female"): 3, ("forced-labour", "male"): 40,
        ("servitude", "female"): 20, ("servitude", "male"): 30,
    }  # fmt: skip
    values = with_margins(inner)
    key = b"\1" * 32
    left = pattern(values, key)
    assert left is not None
    attacker = Attacker(list(values), left, [key], values)
    assert attacker.reproduces(tuple(inner.values()), 1)
    at = list(values).index(("forced-labour", "female"))
    attacker.search(at)
    assert attacker.bounds(at) is not None
    keyless = Attacker(list(values), left, [], values)
    keyless.search(at)
    assert keyless.bounds(at) is None
    for by in (-3, 5):
        for point in attacker.possible_tables(at, by, random.Random(1)):
            fitting = with_margins(dict(zip(inner, point, strict=True)))
            assert fitting["forced-labour", "female"] == 3 + by
            assert all(value in (None, fitting[codes]) for codes, value in zip(values, left, strict=True))


def test_the_attack_finds_what_a_gate_tells_that_hides_as_little_as_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gate that hides small cells and the smallest other inner cell of each row and column is run backwards."""

    def naive(values: Values, _key: bytes) -> Pattern | None:
        hidden = {codes for codes, value in values.items() if value < K and "total" not in codes}
        for at in (0, 1):
            for code in {codes[at] for codes in values} - {"total"}:
                line = [codes for codes in values if codes[at] == code and "total" not in codes]
                if len(hidden & set(line)) == 1:
                    hidden.add(min(set(line) - hidden, key=lambda codes: (values[codes], codes)))
        return tuple(None if codes in hidden else value for codes, value in values.items())

    monkeypatch.setattr(attack, "pattern", naive)
    found = attack.attacked(tables=20, keys=1)
    assert found["narrow"] > found["hidden"] / 10


@pytest.mark.parametrize("women", [10, 15, 18])
def test_who_finds_out_that_a_hidden_cell_is_not_small_subtracts_nothing(women: int) -> None:
    """S, S, 17 is left by no key: were both small, more would be hidden; so one is 10 or more, and the other 0 to 7."""
    values = {("female",): women, ("male",): 2, ("total",): women + 2}
    for seed in range(20):
        left = protect(trend(values, ["sex"]), K, None, Draw(bytes([seed] * 32))).obs
        assert left[1].status == "S"
        assert left[0].status != "S" or left[2].value is None or left[2].value >= 2 * K - 1

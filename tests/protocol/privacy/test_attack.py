"""The public gate, run over every table that fits: the pattern of hidden cells tells nothing (bench/attack_gate.py)."""

import itertools
import random

import pytest

from protocol.privacy import attack
from protocol.privacy.attack import Attacker, K, Pattern, attacked, pattern
from protocol.privacy.trends import Values, some_values, trend, with_margins
from suar.protocol.privacy.proof.draws import Draw
from suar.protocol.privacy.tables.protecting import Unprotectable, protect
from support.depth import IS_WHOLE


@pytest.mark.parametrize("seed", range(2))
def test_running_the_gate_over_all_tables_tells_nothing(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attack, "SAMPLES", 40)
    found = attacked(tables=1, keys=8, seed=seed)
    assert found["hidden"] > 2
    assert found["exact"] == 0
    assert found["narrow"] <= 1  # she tries few tables and few keys; the bench counts 1,000 cells
    assert found["never reproduced"] < found["hidden"]  # else nothing was tried


@pytest.mark.skipif(not IS_WHOLE, reason="two hundred keys take a minute and a half: only where CI is set")
@pytest.mark.slow
def test_two_hundred_keys_bound_at_most_one_cell_in_a_hundred() -> None:
    """Every search of these tables ends, as none needs all runs; bench/attack_gate.py has two hundred tables."""
    found = attacked(tables=30, keys=200)
    assert found["hidden"] > 190
    assert found["exact"] == 0
    assert found["narrow"] <= found["hidden"] / 100
    assert found["not ended"] == 0
    assert found["never reproduced"] == 0


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
    for value in (0, 8):
        points = attacker.possible_tables(at, value)
        assert points
        for point in points:
            fitting = with_margins(dict(zip(inner, point, strict=True)))
            assert fitting["forced-labour", "female"] == value
            assert all(value in (None, fitting[codes]) for codes, value in zip(values, left, strict=True))


def test_random_tables_fit_what_is_shown_and_are_as_far_away_as_is_wanted() -> None:
    values = with_margins(dict(zip(itertools.product(("a", "b", "c"), ("x", "y")), (4, 3, 26, 12, 9, 28), strict=True)))
    left = tuple(value if codes[0] == "total" else None for codes, value in values.items())
    attacker = Attacker(list(values), left, [], values)
    at = list(values).index(("b", "y"))
    drawn = set()
    for seed in range(30):
        point = attacker.samples.draw(random.Random(seed), list(values.values()), at, at_most=9, at_least=19)
        assert point is not None
        fitting = with_margins(dict(zip(attacker.inner, point, strict=True)))
        assert all(value in (None, fitting[codes]) for codes, value in zip(values, left, strict=True))
        drawn.add(fitting["b", "y"])
    assert not drawn & set(range(10, 19))
    assert min(drawn) <= 9
    assert max(drawn) >= 19
    assert attacker.samples.draw(random.Random(1), list(values.values()), at, at_most=-1, at_least=44) is None


def test_a_cell_is_wide_by_a_table_that_is_unlike_all_others() -> None:
    """Of 38 the 12 are 10 to 18 in every table that is like this one: the row's total is hidden up to 39 alone.

    Below 10 the total is hidden too, where all other counts of the two columns are small as far as they can be.
    """
    rng = random.Random("1 31")
    keys = [rng.randbytes(32) for _ in range(200)][:12]
    values = attack.small_table(rng)
    assert values["forced-labour", "male"] == 12
    left = pattern(values, rng.randbytes(32))
    assert left is not None
    attacker = Attacker(list(values), left, keys, values)
    at = list(values).index(("forced-labour", "male"))
    attacker.search(at, 300)
    ends = attacker.bounds(at)
    assert ends is not None
    assert ends[1] - ends[0] < K - 1
    attacker.sample(at, random.Random(1))
    ends = attacker.bounds(at)
    assert ends is not None
    assert ends[1] - ends[0] >= K - 1


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
    monkeypatch.setattr(attack, "SAMPLES", 5)
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


def test_a_total_that_is_hidden_for_another_reason_leaves_the_same_cells_hidden() -> None:
    """13 women, of whom all counts by form are small, and 5, 6 or 9 men: 18, 19 or 22 together.

    Up to 18 the total is hidden so that nobody finds out that the women are 10 or more, above that for the counts by
    form. Were the women shown again in one of the two cases only, the reader would know which, and so the total.
    """
    forms = ("sexual-exploitation", "forced-labour", "forced-criminality")
    cells = list(itertools.product(forms, ("female", "male")))
    for seed in range(8):
        left = set()
        for men in (3, 4, 7):
            values = with_margins(dict(zip(cells, (3, 2, 9, 0, 1, men), strict=True)))
            shown = pattern(values, bytes([seed] * 32))
            assert shown is not None
            left.add(tuple(value is None for value in shown))
        assert len(left) == 1


def test_the_choice_does_not_depend_on_small_counts() -> None:
    """With the same totals and the same small cells, the same cells are hidden, whatever the small counts are."""
    rng, dims, compared = random.Random(1), ["citizenship", "exploitation"], 0
    for _ in range(30):
        inner = some_values(rng, dims, [4, 3], 8)
        for one, other in itertools.permutations(inner, 2):
            ways = [(one[0], other[1]), (other[0], one[1])]
            if one[0] != other[0] and one[1] != other[1] and max(inner[cell] for cell in (one, other, *ways)) < K:
                break
        else:
            continue
        by = min(K - 1 - inner[one], K - 1 - inner[other], inner[ways[0]], inner[ways[1]])
        moved = inner | {cell: inner[cell] + by for cell in (one, other)} | {cell: inner[cell] - by for cell in ways}
        draw = Draw(rng.randbytes(32))
        left = [_hidden(values, dims, draw) for values in (inner, moved)]
        assert left[0] == left[1]
        compared += by > 0 and bool(left[0])
    assert compared > 5


def _hidden(inner: Values, dims: list[str], draw: Draw) -> tuple[bool, ...]:
    """Which cells leave as S; none if the table is refused."""
    try:
        return tuple(item.value is None for item in protect(trend(with_margins(inner), dims), K, None, draw).obs)
    except Unprotectable:
        return ()

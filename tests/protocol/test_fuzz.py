"""10,000 hostile inputs end as an Outcome; `make fuzz` gives a million (fuzz.py says how they are made)."""

import pytest
from fuzz import KINDS, run, run_slices

from suar.protocol.kinds import KINDS as SHAPES

PARTS = 4
EACH = 2_500
MESSAGES = ("accepted", "F8 alone", "F9 alone")  # counted by message; all else by object


@pytest.mark.parametrize("part", range(PARTS))
def test_every_input_ends_as_an_outcome(part: int) -> None:
    seen = run(EACH, part * EACH)
    assert sum(times for (_, what), times in seen.items() if what not in MESSAGES) == EACH
    reached = {what for kind, what in seen if kind not in ("random", "valid")}
    assert reached >= {"ok", "wait", "T3", "K3", "K4", "R1", "E2", "E3", "E4", "E6", "F1", "F3", "F5", "F6", "F7"}
    assert {(kind, "accepted") for kind in KINDS} | {(kind, "F8 alone") for kind in KINDS} <= set(seen)


def test_every_kind_is_changed() -> None:
    assert set(KINDS) == set(SHAPES)


def test_in_several_processes_the_same_inputs_are_given() -> None:
    assert run_slices(100, 300, 2) == run(100, 300)

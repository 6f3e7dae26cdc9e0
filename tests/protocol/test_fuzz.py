"""10,000 hostile inputs end as an Outcome; `make fuzz` gives a million (fuzz.py says how they are made)."""

import pytest

from protocol.fuzz import KINDS, run, run_slices
from protocol.fuzz_files import JUDGES, STEPS, make
from protocol.fuzz_values import Random
from suar.protocol.message.kinds import KINDS as SHAPES

PARTS = 4
EACH = 2_500
FILES = 2_000
MESSAGES = ("accepted", "F8 alone", "F9 alone")  # counted by message; all else by object
RULES = {"ok", "wait", "T3", "K3", "K4", "R1", "E2", "E3", "E4", "E6", "E10", "F1", "F3", "F5", "F6", "F7"}


@pytest.mark.parametrize("part", range(PARTS))
def test_every_input_ends_as_an_outcome(part: int) -> None:
    seen = run(EACH, part * EACH)
    assert sum(times for (_, what), times in seen.items() if what not in MESSAGES) == EACH
    reached = {what for kind, what in seen if kind not in ("random", "valid")}
    assert reached >= RULES
    assert {(kind, "accepted") for kind in KINDS} | {(kind, "F8 alone") for kind in KINDS} <= set(seen)
    assert {kind for kind, _ in seen} >= set(JUDGES)


@pytest.mark.parametrize(
    ("kind", "ends"),
    [("evidence", STEPS | {"proved"}), ("audit", {"sound", "broken"}), ("carried", {"read", "damaged"})],
)
def test_every_check_of_a_file_is_reached(kind: str, ends: set[str]) -> None:
    assert {JUDGES[kind](make(kind, Random(n))) for n in range(FILES)} == ends


def test_every_kind_is_changed() -> None:
    assert set(KINDS) == set(SHAPES)


def test_several_processes_run_the_same_inputs() -> None:
    assert run_slices(100, 300, 2) == run(100, 300)

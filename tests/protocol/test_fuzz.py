"""10,000 hostile inputs end as an Outcome; `make fuzz` gives a million (fuzz.py says how they are made)."""

import pytest
from fuzz import run

PARTS = 4
EACH = 2_500


@pytest.mark.parametrize("part", range(PARTS))
def test_every_input_ends_as_an_outcome(part: int) -> None:
    seen = run(EACH, part * EACH)
    assert sum(seen.values()) == EACH
    reached = {what for kind, what in seen if kind not in ("random", "valid")}
    assert reached >= {"ok", "wait", "T3", "K3", "K4", "R1", "E2", "E3", "E4", "E6", "F1", "F5", "F6", "F7"}

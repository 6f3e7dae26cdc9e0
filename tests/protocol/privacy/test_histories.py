"""Random tables of every kind, and histories of them: no reader finds out a count (2,000 of them where CI is set)."""

import random

import pytest

from protocol.privacy.histories import KINDS, TABLES, Ledger

CHUNK = 25
CHUNKS = -(-TABLES // (CHUNK * len(KINDS)))


@pytest.mark.parametrize("seed", range(CHUNKS))
@pytest.mark.parametrize("kind", KINDS)
def test_no_count_is_found_out(kind: str, seed: int) -> None:
    make, facts = KINDS[kind]
    offered = published = history = 0
    while offered < CHUNK:
        name = f"{kind} {seed} {history}"
        rng, history = random.Random(name), history + 1
        k = rng.choice([5, 10, 10])
        ledger = Ledger(facts, waits=kind == "beside")
        for table in make(rng, k):
            offered += 1
            published += ledger.offer(table, 10 if table.tlp == "GREEN" else 5) is not None
        found = ledger.leaks()
        assert not found, (name, found)
    assert published > offered / 5  # a gate that refuses everything is none

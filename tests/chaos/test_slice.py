"""Short slices of `make chaos`: a seed, eight overlapping faults, two hundred messages. And schedules themselves."""

from pathlib import Path

import pytest

from chaos.run import CODES, play
from chaos.schedule import HUB, HUBS, make

SEED = 1
OF_HUBS = ("kill-hub", "stop-hub", "half-open-hub")
OF_TWO_HUBS = 160
"""The first of which one hub is killed and the other one frozen and cut off."""


@pytest.mark.slow
async def test_pain_07_frozen_reset_and_killed_nothing_is_lost_doubled_or_unexplained(tmp_path: Path) -> None:
    """As `make chaos SEED=1 FAULTS=8 MESSAGES=200 CHAOS_ARGS=--short` does it, with each fault in the output."""
    result = await play(tmp_path, make(SEED, CODES, 8, 200, short=True), print)
    assert result.verdict.wrong == [], "\n".join(result.lines())
    assert result.verdict.pending == 0
    assert result.accepted == 200


@pytest.mark.slow
async def test_of_two_hubs_either_is_killed_frozen_and_cut_off_and_nothing_is_lost(tmp_path: Path) -> None:
    """As `make chaos SEED=160 FAULTS=8 MESSAGES=200 CHAOS_ARGS='--short --hubs 2'` does it."""
    schedule = make(OF_TWO_HUBS, CODES, 8, 200, short=True, hubs=2)
    of_hubs = [fault for fault in schedule.faults if fault.kind in OF_HUBS]
    assert {fault.kind for fault in of_hubs} == set(OF_HUBS)
    assert {fault.target for fault in of_hubs} == set(HUBS)
    result = await play(tmp_path, schedule, print)
    assert result.verdict.wrong == [], "\n".join(result.lines())
    assert result.verdict.pending == 0
    assert result.accepted == 200


def test_of_two_hubs_each_fails_often_and_never_both_at_a_time() -> None:
    schedule = make(7, CODES, 200, 500, hubs=2)
    of_hubs = [fault for fault in schedule.faults if fault.kind in OF_HUBS]
    assert {(fault.kind, fault.target) for fault in of_hubs} == {(kind, hub) for kind in OF_HUBS for hub in HUBS}
    assert len(of_hubs) > 25
    ends = [fault.at + fault.lasts for fault in of_hubs]
    assert all(later.at >= end for later, end in zip(of_hubs[1:], ends, strict=False))
    assert "withhold" not in {fault.kind for fault in schedule.faults}


def test_a_schedule_is_its_seeds_alone() -> None:
    assert make(7, CODES, 60, 500) == make(7, CODES, 60, 500)
    assert make(7, CODES, 60, 500).faults != make(8, CODES, 60, 500).faults
    assert make(7, CODES, 60, 900).faults == make(7, CODES, 60, 500).faults


@pytest.mark.parametrize("seed", range(20))
def test_every_message_once_and_no_two_faults_of_one_thing_at_a_time(seed: int) -> None:
    schedule = make(seed, CODES, 200, 2_000)
    numbers = [(batch.code, item.number) for batch in schedule.batches for item in batch.items]
    assert len(numbers) == len(set(numbers)) == 2_000
    assert len(schedule.faults) == 200
    ends: dict[str, float] = {}
    for fault in sorted(schedule.faults):
        assert fault.at >= ends.get(fault.entity, 0.0), fault
        ends[fault.entity] = fault.at + fault.lasts
    targets = {fault.target for fault in schedule.faults}
    assert targets == {HUB, *CODES}
    assert sum(fault.kind == "suspend" for fault in schedule.faults) == 1

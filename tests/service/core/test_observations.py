"""What a gateway observes of the others, and the faults that it reports of itself."""

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest

from suar.protocol.base import limits
from suar.service.access.troubles import clock_error, troubles
from suar.service.core.observations import LINK_RECOVERY_MS, MAX_CHECK_GAP_MS, STORE_FAILURE_MS, Observations
from suar.service.core.own_streams import Echo
from suar.store.engine.database import StoreFault
from support.corekit import CoreKit

NOW = 1_800_000_000_000
FAR = 600_000  # ms


@pytest.fixture
def th(tmp_path: Path) -> Iterator[CoreKit]:
    made = CoreKit(tmp_path / "th", "TH")
    yield made
    made.close()


def beat(observations: Observations, member: str, offset: int, *, times: int = 2, now: int = NOW) -> None:
    """Live heartbeats, one a second."""
    for n in range(times):
        observations.record_heartbeat(member, now + n * 1000 + offset, now + n * 1000)


def test_a_clock_is_known_from_the_second_heartbeat_on() -> None:
    observations = Observations()
    beat(observations, "SG", FAR, times=1)
    assert observations.offsets == {}
    beat(observations, "SG", FAR)
    assert observations.offsets == {"SG": FAR}


def test_what_comes_late_in_a_heap_says_nothing_of_a_clock() -> None:
    observations = Observations()
    for n in range(20):
        observations.record_heartbeat("SG", NOW - 20 * 30_000 + n * 30_000, NOW)
    assert observations.offsets == {}


def test_a_clock_that_is_set_right_is_right() -> None:
    observations = Observations()
    beat(observations, "SG", FAR)
    beat(observations, "SG", 0, now=NOW + 10_000)
    assert observations.offsets == {"SG": 0}


@pytest.mark.parametrize(
    ("error", "is_full"),
    [
        (OSError(errno.ENOSPC, "no space"), True),
        (OSError(errno.EIO, "input/output error"), False),
        (StoreFault("the store failed: database or disk is full", ""), True),
        (StoreFault("the store failed: disk I/O error", ""), False),
    ],
)
def test_a_store_that_fails_is_felt_for_a_while(th: CoreKit, error: Exception, is_full: bool) -> None:
    th.core.publish_status()
    assert not th.core.status.is_store_failing(th.now)
    th.core.observations.record_store_failure(error, th.now)
    th.core.publish_status()
    assert th.core.status.is_store_failing(th.now + STORE_FAILURE_MS)
    assert th.core.status.is_store_full(th.now) is is_full
    assert not th.core.status.is_store_failing(th.now + STORE_FAILURE_MS + 1)


def test_who_is_silent_is_known_after_we_listened_for_so_long() -> None:
    observations = Observations()
    assert not observations.has_listened(1_000, NOW)
    observations.record_listening(False, NOW)
    observations.record_listening(True, NOW + 1_000)
    assert not observations.has_listened(1_000, NOW + 2_000)
    assert observations.has_listened(1_000, NOW + 2_001)


def test_after_the_line_was_cut_the_links_of_the_others_have_their_time_too() -> None:
    observations = Observations()
    observations.record_listening(True, NOW)
    observations.record_listening(False, NOW + 1_000)
    assert not observations.has_listened(0, NOW + 1_000)
    observations.record_listening(True, NOW + 2_000)
    observations.record_listening(True, NOW + 3_000)
    assert not observations.has_listened(1_000, NOW + 3_000 + LINK_RECOVERY_MS)
    assert observations.has_listened(1_000, NOW + 3_001 + LINK_RECOVERY_MS)


@pytest.mark.parametrize("step", [MAX_CHECK_GAP_MS + 1, -1])
def test_looks_far_apart_or_a_clock_that_is_set_say_that_we_were_away(step: int) -> None:
    observations = Observations()
    observations.record_listening(True, NOW)
    observations.record_listening(True, NOW + step)
    assert observations.listening_since == NOW + step
    observations.record_listening(True, NOW + step + MAX_CHECK_GAP_MS)
    assert observations.listening_since == NOW + step


def test_what_does_not_come_back_is_counted_from_the_first() -> None:
    observations = Echo()
    observations.record_published(NOW)
    observations.record_published(NOW + 1)
    assert observations.unechoed_since == NOW
    observations.record_echo()
    assert observations.unechoed_since is None


# -- what our heartbeats say


def record_offsets(kit: CoreKit, **offsets: int) -> None:
    for member, offset in offsets.items():
        kit.core.last_heard[member] = kit.now
        kit.core.observations.offsets[member] = offset


def test_all_clocks_against_ours_is_ours(th: CoreKit) -> None:
    record_offsets(th, SG=-FAR, VN=-FAR - 2000)
    assert clock_error(th.core.build_status(), th.now) == FAR + 1000
    assert "clock" in troubles(th.core.build_status(), th.now)


@pytest.mark.parametrize("offsets", [{"SG": FAR}, {"SG": FAR, "VN": 0}, {"SG": FAR, "VN": -FAR}, {"SG": 0, "VN": 0}])
def test_one_clock_alone_is_theirs(th: CoreKit, offsets: dict[str, int]) -> None:
    record_offsets(th, **offsets)
    assert clock_error(th.core.build_status(), th.now) == 0
    assert "clock" not in troubles(th.core.build_status(), th.now)


def test_who_is_silent_says_nothing_of_our_clock(th: CoreKit) -> None:
    record_offsets(th, SG=FAR, VN=FAR)
    th.core.last_heard["VN"] = th.now - 2 * limits.HEARTBEAT_INTERVAL - 1
    assert clock_error(th.core.build_status(), th.now) == 0


def test_a_full_disk_is_stated_and_then_not_the_store_too(th: CoreKit) -> None:
    assert troubles(th.core.build_status(), th.now) == ["bundle"]  # none was made yet
    th.core.observations.record_store_failure(OSError(errno.ENOSPC, "no space"), th.now)
    assert troubles(th.core.build_status(), th.now) == ["disk", "bundle"]
    th.core.observations.record_store_failure(OSError(errno.EIO, "error"), th.now)
    assert troubles(th.core.build_status(), th.now) == ["store", "bundle"]


def test_a_clock_behind_is_stated(th: CoreKit) -> None:
    th.core.world.record_time(th.now + 2 * limits.CLOCK_TOLERANCE)
    assert "clock" in troubles(th.core.build_status(), th.now)

"""The alarm `silence`: only about members that were expected to send, in time in which they could be received."""

from pathlib import Path

import pytest

from suar.protocol.base import limits
from suar.service.gaps import alarms
from suar.service.process.background.silence import SilenceWatch
from suar.service.trust import trust_sync
from support.corekit import CoreKit
from support.kit import NOW

STEP = limits.SECOND
INTERVALS = 2 * limits.HEARTBEAT_INTERVAL
AFTER = INTERVALS + 15 * STEP  # and the links of the others have come back


class Watched:
    """VN, which hears TH each second and SG never."""

    def __init__(self, kit: CoreKit) -> None:
        self.kit, self.watch = kit, SilenceWatch(kit.core)

    def run(self, milliseconds: int, *senders: str, is_receiving: bool = True) -> set[str]:
        """Let time pass; returns the members about which an alarm was raised so far."""
        for _ in range(milliseconds // STEP):
            self.kit.now += STEP
            for code in senders:
                self.kit.core.record_heartbeat(code, self.kit.now, self.kit.now)
            self.watch.check(self.kit.now, is_receiving=is_receiving)
        return {row["member"] for row in alarms.list_alarms(self.kit.core, 0) if row["name"] == "silence"}

    def set_status(self, status: str, code: str) -> None:
        """Import the next list, in which the member is so."""
        lists = self.kit.lists
        members = [[*row[:2], status if row[0] == code else row[2], *row[3:]] for row in lists.members]
        self.kit.lists = lists.after(members=members, issued=max(lists.issued + 1, NOW))
        assert trust_sync.import_list(self.kit.core, self.kit.lists.signed(), None, who="test").result == "ok"


@pytest.fixture
def vn(tmp_path: Path) -> Watched:
    return Watched(CoreKit(tmp_path / "vn", "VN"))


def others(watched: Watched) -> set[str]:
    core = watched.kit.core
    return {code for code in core.world.trust.active_members() if code != core.member}


def test_who_is_silent_for_two_intervals_is_told(vn: Watched) -> None:
    senders = others(vn) - {"SG"}
    assert vn.run(INTERVALS, *senders) == set()
    assert vn.run(15 * STEP, *senders) == {"SG"}


def test_nobody_is_told_while_nothing_can_be_received(vn: Watched) -> None:
    assert vn.run(3 * INTERVALS, is_receiving=False) == set()


def test_nobody_is_told_while_the_store_takes_nothing(vn: Watched) -> None:
    everybody = others(vn)
    vn.run(INTERVALS + 15 * STEP, *everybody)
    for _ in range(3 * INTERVALS // STEP):
        vn.kit.core.observations.record_store_failure(OSError(), vn.kit.now)
        assert vn.run(STEP) == set()
    assert vn.run(INTERVALS, *everybody) == set()


def test_nobody_is_told_while_we_are_suspended_nor_at_once_after_it(vn: Watched) -> None:
    """Nothing is sealed to us meanwhile."""
    everybody = others(vn)
    vn.run(STEP, *everybody)
    vn.set_status("suspended", "VN")
    assert vn.run(3 * INTERVALS) == set()
    vn.set_status("active", "VN")
    assert vn.run(INTERVALS) == set()
    assert vn.run(15 * STEP) == everybody


def test_the_time_in_which_a_member_was_suspended_is_not_counted(vn: Watched) -> None:
    senders = others(vn) - {"TH"}
    vn.run(INTERVALS + 15 * STEP, *senders, "TH")
    vn.set_status("suspended", "TH")
    assert vn.run(3 * INTERVALS, *senders) == set()
    vn.set_status("active", "TH")
    assert vn.run(INTERVALS, *senders) == set()
    assert not vn.kit.core.build_status().can_judge_silence("TH", vn.kit.now)
    assert vn.run(15 * STEP, *senders) == {"TH"}
    assert vn.kit.core.build_status().can_judge_silence("TH", vn.kit.now)

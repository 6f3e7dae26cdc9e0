"""Frames of an epoch that we refuse wait for nothing, whenever they come: else each resend would leave some waiting."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from suar.observe.hooks import Happened
from suar.protocol.base import limits
from suar.protocol.base.recent import MOST, Recent
from suar.service.trust import trust_sync
from support.corekit import CoreKit, bundle_of, epoch_of, frame_of, rows
from support.kit import Sending, actor, alert, open_sending

ALERT, OTHER = "TH-ALERT-2027-000001", "TH-ALERT-2027-000002"


@pytest.fixture
def vn(tmp_path: Path) -> Iterator[CoreKit]:
    made = CoreKit(tmp_path / "vn", "VN")
    trust_sync.rotate_bundle(made.core)
    made.receive(bundle_of(actor("TH")))
    yield made
    made.close()


@pytest.fixture
def refused(vn: CoreKit) -> Sending:
    """An epoch of TH under a list that is none of the federation's ([E6])."""
    return open_sending(actor("TH"), vn.lists, trust_hash=bytes(32))


def waiting(kit: CoreKit) -> int:
    with kit.core.transaction() as connection:
        return int(connection.exec_driver_sql("select count(*) from waiting").scalar_one())


def ends(kit: CoreKit) -> list[object]:
    return [each.facts["code"] for each in kit.records if isinstance(each, Happened) and each.event == "waiting_ended"]


def test_one_that_arrived_before_its_epoch_waited_and_is_dropped(vn: CoreKit, refused: Sending) -> None:
    vn.receive(frame_of(refused, alert()))
    assert waiting(vn) == 1
    vn.receive(epoch_of(refused))
    assert (waiting(vn), ends(vn)) == (0, ["E-EPOCH-REFUSED"])


def test_one_that_comes_after_it_never_waits(vn: CoreKit, refused: Sending) -> None:
    vn.receive(epoch_of(refused), frame_of(refused, alert()))
    vn.receive(epoch_of(refused), frame_of(refused, alert()))
    assert (waiting(vn), ends(vn)) == (0, ["E-EPOCH-REFUSED"] * 2)
    judged = [(each.result, each.rule) for each in vn.judged() if each.type == "frame" and each.result != "wait"]
    assert judged == [("refused", "F2")] * 2


def test_one_of_an_epoch_refused_by_the_list_that_it_names_is_refused_whatever_list_follows(vn: CoreKit) -> None:
    """[E7] is final. After a restart such a frame waits, and is refused when the epoch comes again."""
    refused = open_sending(actor("TH"), vn.lists, channel="ZZ")
    vn.receive(epoch_of(refused))
    assert trust_sync.import_list(vn.core, vn.lists.after().signed(), None, who="test").result == "ok"
    vn.receive(frame_of(refused, alert()))
    assert waiting(vn) == 0
    assert [(each.result, each.rule) for each in vn.judged() if each.type == "frame"] == [("refused", "F2")]
    vn.restart()
    vn.receive(frame_of(refused, alert()))
    assert waiting(vn) == 1
    vn.receive(epoch_of(refused))
    assert (waiting(vn), ends(vn)) == (0, ["E-EPOCH-REFUSED"])


def test_another_list_may_judge_otherwise(vn: CoreKit, refused: Sending) -> None:
    vn.receive(epoch_of(refused))
    following = vn.lists.after()
    assert trust_sync.import_list(vn.core, following.signed(), None, who="test").result == "ok"
    vn.receive(frame_of(refused, alert()))
    assert waiting(vn) == 1


@pytest.mark.parametrize("is_early", [True, False], ids=["epoch of later", "frame first"])
def test_a_replay_under_another_s_subject_ends_no_wait(vn: CoreKit, is_early: bool) -> None:
    """[E3] SG sends TH's epoch byte for byte on its own subject: that is refused, and says nothing of the epoch."""
    ahead = 6 * limits.MINUTE if is_early else 0  # of our clock
    sending = open_sending(actor("TH"), vn.lists, not_before=vn.now + ahead)
    subject, data = epoch_of(sending)
    if is_early:
        vn.receive((subject, data))
    vn.receive(frame_of(sending, alert(), ts=vn.now + ahead))
    vn.receive((subject.replace("tip.v1.th.", "tip.v1.sg."), data))
    refused = [(each.origin, each.rule) for each in vn.judged() if each.result == "refused"]
    assert refused == [("SG", "E3")]
    assert ends(vn) == []
    vn.receive(frame_of(sending, alert(OTHER), ts=vn.now + ahead))
    vn.now += 7 * limits.MINUTE
    vn.receive((subject, data))
    assert waiting(vn) == 0
    assert {id_ for (id_,) in rows(vn, "select id from message")} == {ALERT, OTHER}


def test_the_oldest_is_forgotten() -> None:
    recent = Recent()
    names = [number.to_bytes(32, "big") for number in range(MOST + 1)]
    for name in names:
        recent.add(name)
    assert names[0] not in recent
    assert names[1] in recent
    recent.add(names[1])  # it is the newest again
    recent.add(bytes(31))
    assert names[1] in recent
    assert names[2] not in recent

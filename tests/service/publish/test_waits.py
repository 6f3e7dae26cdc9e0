"""Section 7 at a gateway with its store: 24 hours in all, for one thing after another, by a right clock."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from suar.protocol.base import limits
from suar.service.receive import inbound
from suar.service.receive.inbound import ClockFault
from suar.service.trust import trust_sync
from support.corekit import CoreKit, bundle_of, epoch_of, frame_of, rows
from support.kit import NOW, Actor, ListMaker, Sending, actor, alert, craft_epoch, member_row, open_sending

MY = Actor("MY")
MEMBERS = ("KH", "SG", "TH", "VN")


@pytest.fixture
def vn(tmp_path: Path) -> Iterator[CoreKit]:
    made = CoreKit(tmp_path / "vn", "VN", ListMaker(members=[member_row(actor(code)) for code in MEMBERS]))
    yield made
    made.close()


def with_my(kit: CoreKit) -> ListMaker:
    return kit.lists.after(members=[member_row(actor(code)) for code in ("KH", "MY", "SG", "TH", "VN")])


def waiting(kit: CoreKit) -> list[tuple[str, int | None]]:
    return [(row.rule, row.for_time) for row in rows(kit, "select rule, for_time from waiting order by n")]


def ahead_of_time(kit: CoreKit) -> tuple[Sending, int]:
    """An epoch of a key of the next list, which begins in two hours."""
    begin = NOW + 2 * limits.HOUR
    return craft_epoch(MY, with_my(kit), to=("MY", "VN"), not_before=begin), begin


def test_what_waits_for_a_list_and_then_for_its_time_continues_at_its_time(vn: CoreKit) -> None:
    sending, begin = ahead_of_time(vn)
    vn.receive(epoch_of(sending))
    assert waiting(vn) == [("E1", None)]
    vn.now = NOW + limits.HOUR
    trust_sync.import_list(vn.core, with_my(vn).signed(), None, who="test")
    inbound.judge_everything(vn.core)
    assert waiting(vn) == [("E5", begin)]
    vn.now = begin
    vn.receive(bundle_of(actor("TH")))
    assert waiting(vn) == []
    assert [each.result for each in vn.judged() if each.type == "epoch" and each.result != "wait"] == ["ok"]


def test_it_is_refused_by_the_rule_that_makes_it_wait_then_24_hours_after_it_came(vn: CoreKit) -> None:
    begin = NOW + 3 * limits.DAY
    vn.receive(epoch_of(craft_epoch(MY, with_my(vn), to=("MY", "VN"), not_before=begin, not_after=begin + limits.HOUR)))
    vn.now = NOW + 23 * limits.HOUR
    trust_sync.import_list(vn.core, with_my(vn).signed(), None, who="test")
    inbound.judge_everything(vn.core)
    vn.now = NOW + limits.WAIT_MAX - 1
    inbound.judge_due(vn.core)
    assert waiting(vn) == [("E5", begin)]
    vn.now = NOW + limits.WAIT_MAX
    inbound.judge_due(vn.core)
    assert waiting(vn) == []
    assert [(each.result, each.rule) for each in vn.judged() if each.result == "refused"] == [("refused", "E5")]


def test_the_rule_is_the_one_by_which_it_waits_when_it_is_refused(vn: CoreKit) -> None:
    """The list comes when the 24 hours are over already, and leaves it to wait for its time."""
    begin = NOW + 3 * limits.DAY
    vn.receive(epoch_of(craft_epoch(MY, with_my(vn), to=("MY", "VN"), not_before=begin, not_after=begin + limits.HOUR)))
    vn.now = NOW + limits.WAIT_MAX
    trust_sync.import_list(vn.core, with_my(vn).signed(), None, who="test")
    inbound.judge_everything(vn.core)
    assert waiting(vn) == []
    assert [(each.result, each.rule) for each in vn.judged() if each.result == "refused"] == [("refused", "E5")]


def test_a_list_that_it_waits_for_after_its_key_is_requested(vn: CoreKit) -> None:
    """Its key comes with the next list, and it was sealed under the one after that."""
    third = with_my(vn).after()
    vn.receive(epoch_of(craft_epoch(MY, third, to=("MY", "VN"))))
    vn.core.due.mark_list_requested()
    trust_sync.import_list(vn.core, with_my(vn).signed(), None, who="test")
    inbound.judge_everything(vn.core)
    assert waiting(vn) == [("E3", None)]
    assert vn.core.due.is_list_missing


def test_while_the_clock_is_back_nothing_that_waits_is_refused(vn: CoreKit) -> None:
    homeless = open_sending(actor("TH"), vn.lists)
    vn.receive(frame_of(homeless, alert()))
    vn.now = NOW + limits.WAIT_MAX + limits.HOUR
    vn.receive(bundle_of(actor("KH"), not_before=vn.now))
    vn.now -= limits.HOUR
    inbound.judge_everything(vn.core)
    inbound.judge_due(vn.core)
    assert waiting(vn) == [("F2", None)]
    vn.now += limits.HOUR
    inbound.judge_due(vn.core)
    assert waiting(vn) == []


def test_a_subject_that_does_not_parse_is_charged_to_nobody_while_the_clock_is_back(vn: CoreKit) -> None:
    stray = ("tip.v1.th.a.keys.all", b"x")
    right = vn.now
    vn.now = right - limits.CLOCK_TOLERANCE - 1
    with pytest.raises(ClockFault):
        vn.receive(stray)
    assert rows(vn, "select origin from sample") == []
    vn.now = right
    vn.receive(stray)
    assert [(row.rule, row.origin) for row in rows(vn, "select rule, origin from sample")] == [("S1", "")]

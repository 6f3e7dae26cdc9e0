"""What a member may ask of us is bounded: a request of a few bytes may name an epoch of thousands of frames."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from protocol.test_bounds import of_work
from suar.observe.hooks import Happened
from suar.protocol.base import limits
from suar.protocol.base.primitives import ACTUAL
from suar.protocol.message.kinds import Entry
from suar.service.core.request_quota import RequestQuota
from suar.service.publish import accepting, sealing
from suar.service.receipts import receipts
from suar.service.trust import trust_sync
from suar.store.outbound import outbox
from support.asking import MESSAGES, th_in_its_channel, vn_with_messages
from support.corekit import CoreKit, epoch_of, frame_of, rows
from support.gateways import draft
from support.kit import Sending, actor, open_sending
from support.processor_time import is_within, milliseconds


@pytest.fixture
def vn(tmp_path: Path) -> Iterator[CoreKit]:
    made = vn_with_messages(tmp_path, publish)
    yield made
    made.close()


@pytest.fixture
def th(vn: CoreKit) -> Sending:
    return th_in_its_channel(vn)


def publish(kit: CoreKit, title: str) -> None:
    body = json.dumps(draft(title, expires="2027-01-30T00:00:00Z")).encode()
    accepting.accept(kit.core, [(body, None)], realm=ACTUAL, token="test")


def ask(kit: CoreKit, sending: Sending, *entries: Entry, code: str = "", later: int = 0) -> None:
    """`later` ms make another receipt of it."""
    receipt = receipts.make_receipt("TH", ACTUAL, "missing", entries, kit.now + later * limits.SECOND, code)
    kit.receive(frame_of(sending, receipt))


def own_epoch(kit: CoreKit) -> str:
    ((epoch_id,),) = rows(kit, "select distinct epoch_id from outbox where seq = 0")
    return bytes(epoch_id).hex()


def test_who_asks_again_and_again_has_each_message_sealed_once(vn: CoreKit, th: Sending) -> None:
    epoch = own_epoch(vn)
    ranges = [Entry(epoch=epoch, first=first, last=65_535) for first in range(MESSAGES)]
    for n in range(3):
        ask(vn, th, *ranges, code="E-LEFT-OUT", later=n)
    wanted = "select count(*), count(distinct id) from queue where channel = 'TH' and id is not null"
    assert rows(vn, wanted) == [(MESSAGES, MESSAGES)]


@pytest.mark.parametrize("code", ["E-LEFT-OUT", ""], ids=["sealed again", "sent again"])
def test_an_hour_has_its_bound(vn: CoreKit, th: Sending, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SENT_AGAIN", 4)
    monkeypatch.setattr(limits, "RANGE_COST", 1)
    epoch = own_epoch(vn)
    for n in range(MESSAGES):
        ask(vn, th, Entry(epoch=epoch, first=n, last=n), code=code, later=n)
    sealed = rows(vn, "select count(*) from queue where channel = 'TH' and id is not null")
    again = rows(vn, "select count(*) from outbox where again_at is not null")
    assert (sealed, again) == (([(2,)], [(0,)]) if code else ([(0,)], [(3,)]))
    events = [each.event for each in vn.records if isinstance(each, Happened)]
    assert events.count("asked_too_much") >= 3


def test_the_next_hour_begins_again_and_each_member_has_its_own() -> None:
    quota, now = RequestQuota(), 10 * limits.HOUR
    quota.record_usage("TH", now, limits.SENT_AGAIN)
    assert [quota.may_request("TH", now), quota.may_request("SG", now), quota.may_request("TH", now + limits.HOUR)] == [
        False,
        True,
        True,
    ]


def test_a_list_that_is_requested_repeatedly_has_one_row_in_125_s(vn: CoreKit, th: Sending) -> None:
    lists = "select published, again_at from outbox where subject like 'a.trust.%' order by n"
    ((first, _),) = rows(vn, lists)
    for n in range(3):
        ask(vn, th, Entry(trust=1), later=n)
    assert rows(vn, lists) == [(first, first + outbox.AGAIN_AFTER)]
    vn.now += outbox.AGAIN_AFTER
    trust_sync.release_parked(vn.core)
    ask(vn, th, Entry(trust=1), later=9)
    assert rows(vn, lists) == [(None, outbox.AGAIN)]
    sealing.mark_published(vn.core, sealing.next_to_publish(vn.core, 100))
    vn.now += outbox.AGAIN_AFTER
    ask(vn, th, Entry(trust=1), later=10)
    assert rows(vn, lists)[1:] == [(None, None)]


def test_epochs_that_leave_us_out_have_our_bundle_published_once(vn: CoreKit) -> None:
    count = "select count(*) from outbox where subject like 'a.keys.%'"
    ((before,),) = rows(vn, count)
    for n in range(5):
        left_out = open_sending(actor("TH"), vn.lists, to=("KH", "TH"), not_before=vn.now - limits.MINUTE + n)
        vn.receive(epoch_of(left_out))
    assert rows(vn, count) == [(before,)]


def test_frames_of_a_channel_are_sent_again_for_its_member_alone(vn: CoreKit, th: Sending) -> None:
    body = draft("for SG alone", expires="2027-01-30T00:00:00Z") | {"audience": {"members": ["SG"]}}
    accepting.accept(vn.core, [(json.dumps(body).encode(), None)], realm=ACTUAL, token="test")
    sealing.seal_queued(vn.core)
    sealing.mark_published(vn.core, sealing.next_to_publish(vn.core, 100))
    ((epoch_id,),) = rows(vn, "select distinct epoch_id from outbox where channel = 'SG'")
    ask(vn, th, Entry(epoch=bytes(epoch_id).hex(), first=0, last=65_535))
    assert rows(vn, "select count(*) from outbox where again_at is not null") == [(0,)]


def test_a_receipt_that_says_nothing_new_is_not_kept(vn: CoreKit, th: Sending) -> None:
    """Each of another second: a member could otherwise fill the store with what it said already."""
    ((frame_hash,),) = rows(vn, "select frame_hash from outbox where seq = 0")
    for n in range(5):
        entry = Entry(frame=bytes(frame_hash).hex())
        vn.receive(frame_of(th, receipts.make_receipt("TH", ACTUAL, "stored", [entry], vn.now + n * limits.SECOND)))
    assert rows(vn, "select count(*) from receipt") == [(1,)]


def test_epochs_that_never_were_are_refused_a_bounded_number_of_times_an_hour(vn: CoreKit, th: Sending) -> None:
    """Six megabytes of receipts about 55,000 invented epochs held the core for a minute, and its heartbeat with it."""
    invented = [Entry(epoch=f"{n:064x}", first=0, last=65_535) for n in range(1, 1_025)]
    for at in range(0, len(invented), 256):
        ask(vn, th, *invented[at : at + 256], later=at)
    ((refused,),) = rows(vn, "select count(*) from queue where channel = 'TH' and kind = 'receipt'")
    bound = limits.SENT_AGAIN // limits.RANGE_COST
    assert bound * 0.9 < refused <= bound + 1


LOOKED_FOR = "select first, last from asked_of_us where member = 'TH' order by first, last"


def test_ranges_that_overlap_or_adjoin_are_looked_for_once(vn: CoreKit, th: Sending) -> None:
    """690 kB of receipts, each with 256 ranges of one epoch, held the core for minutes."""
    epoch = own_epoch(vn)
    ask(vn, th, *(Entry(epoch=epoch, first=n, last=n) for n in reversed(range(256))))
    assert rows(vn, LOOKED_FOR) == [(0, 255)]
    ask(vn, th, *(Entry(epoch=epoch, first=n, last=65_535) for n in range(256)), later=1)
    assert rows(vn, LOOKED_FOR) == [(0, 255), (0, 65_535)]
    ask(vn, th, *(Entry(epoch=epoch, first=n, last=n + 1) for n in (300, 304, 303, 309)), later=2)
    assert rows(vn, LOOKED_FOR)[2:] == [(300, 301), (303, 305), (309, 310)]


def test_ranges_of_epochs_that_were_are_looked_for_a_bounded_number_of_times_an_hour(vn: CoreKit, th: Sending) -> None:
    epoch = own_epoch(vn)
    ranges = [Entry(epoch=epoch, first=2 * n, last=2 * n) for n in range(1_280)]

    def ask_for_all() -> None:
        for at in range(0, len(ranges), 256):
            ask(vn, th, *ranges[at : at + 256], later=at)

    took = milliseconds(ask_for_all)
    bound = limits.SENT_AGAIN // limits.RANGE_COST
    assert bound * 0.9 < len(rows(vn, LOOKED_FOR)) <= bound
    assert is_within([took], of_work()["ranges of one hour"])

"""Asked for again: named once, sent once the own server takes it; and waiting epochs are judged with their frames."""

import json

from suar.protocol.base import limits, subjects
from suar.protocol.base.primitives import ACTUAL
from suar.protocol.compose import complete
from suar.protocol.message.kinds import Entry, Receipt
from suar.protocol.message.messages import read
from suar.service.publish import accepting, sealing
from suar.service.receipts.receipts import SEALED_AS, Statements
from suar.service.receive import inbound
from suar.service.trust import trust_sync
from suar.service.trust.clock_reset import reset_clock
from suar.store.outbound import outbox, queue
from support.again import republish
from support.corekit import CoreKit, epoch_of, frame_of, rows
from support.gateways import draft
from support.kit import actor, open_sending


def test_what_is_missing_is_named_once_in_a_receipt(vn: CoreKit) -> None:
    """Two objects of one batch may show the same gap; a receipt that names it twice is refused ([F8])."""
    statements, missing_range = Statements(), Entry(epoch="ab" * 32, first=4, last=5)
    statements.missing("TH", ACTUAL, missing_range)
    statements.missing("TH", ACTUAL, missing_range)
    with vn.core.transaction() as connection:
        assert statements.queue(connection, vn.core) == 1
        [row] = queue.due(connection, 10, 99)
    receipt_body = read(bytes(vn.core.vault.unwrap(row.body, SEALED_AS)))
    assert isinstance(receipt_body, Receipt)
    assert receipt_body.of == (missing_range,)


def test_epochs_whose_time_comes_together_are_judged_each_with_its_frames(vn: CoreKit) -> None:
    """Else the second says that the first had a frame that we lack, which waits right there."""
    th, begin = actor("TH"), vn.now + 6 * limits.MINUTE
    made = [message(vn, "TH", number) for number in (1, 2)]
    first = open_sending(th, vn.lists, not_before=begin)
    frame = frame_of(first, made[0], ts=begin)
    second = open_sending(th, vn.lists, link=first.link, not_before=begin + 1)
    vn.receive(epoch_of(first), frame, epoch_of(second), frame_of(second, made[1], ts=begin + 1))
    assert rows(vn, "select count(*) from waiting") == [(4,)]
    vn.now += 2 * limits.MINUTE
    inbound.judge_due(vn.core)
    assert rows(vn, "select count(*) from message") == [(2,)]
    assert rows(vn, "select name from alarm where name != 'clock'") == []


def message(kit: CoreKit, member: str, number: int) -> bytes:
    body = json.dumps(draft(f"number {number}", expires="2027-01-30T00:00:00Z")).encode()
    made = json.loads(complete(body, member=member, realm=ACTUAL, now=kit.now, ledger=None).data)
    return json.dumps(made | {"id": f"{member}-ALERT-2027-{number:06d}"}).encode()


def test_sent_again_until_the_own_server_takes_it(vn: CoreKit) -> None:
    """A restarted server remembers message ids for longer than its window says."""
    trust_sync.rotate_bundle(vn.core)
    body = json.dumps(draft("lost", expires="2027-01-30T00:00:00Z")).encode()
    accepting.accept(vn.core, [(body, None)], realm=ACTUAL, token="test")
    sealing.seal_queued(vn.core)
    sealing.mark_published(vn.core, sealing.next_to_publish(vn.core, 100))
    ((epoch_id,),) = rows(vn, "select epoch_id from outbox where seq = 0")
    with vn.core.transaction() as connection:
        assert republish(connection, epoch_id, 0, 0, "TH") == 2
    for taken in (False, True):
        assert sealing.next_to_publish(vn.core, 100) == []
        vn.now += outbox.AGAIN_AFTER
        trust_sync.release_parked(vn.core)
        again = sealing.next_to_publish(vn.core, 100)
        assert len(again) == 2
        sealing.mark_published(vn.core, again, duplicates=[] if taken else [row.n for row in again])
    vn.now += outbox.AGAIN_AFTER
    trust_sync.release_parked(vn.core)
    assert sealing.next_to_publish(vn.core, 100) == []


def test_no_frame_leaves_again_before_an_earlier_one(vn: CoreKit) -> None:
    """The first one left again lately, for somebody else: who gets the second one first alarms a gap."""
    trust_sync.rotate_bundle(vn.core)
    for number in range(3):
        body = json.dumps(draft(f"lost {number}", expires="2027-01-30T00:00:00Z")).encode()
        accepting.accept(vn.core, [(body, None)], realm=ACTUAL, token="test")
        sealing.seal_queued(vn.core)
    sealing.mark_published(vn.core, sealing.next_to_publish(vn.core, 100))
    ((epoch_id,),) = rows(vn, "select epoch_id from outbox where seq = 0")
    vn.now += 10 * limits.MINUTE
    with vn.core.transaction() as connection:
        connection.exec_driver_sql(f"update outbox set published = {vn.now} where seq = 1")
        assert republish(connection, epoch_id, 0, 2, "TH") == 4
    times = rows(vn, "select seq, again_at from outbox where again_at is not null order by n")
    late = vn.now + outbox.AGAIN_AFTER
    assert [(seq, at >= late) for seq, at in times] == [(None, False), (0, False), (1, True), (2, True)]


def test_frames_of_an_epoch_that_is_refused_wait_no_longer(vn: CoreKit) -> None:
    """An epoch dated ahead waits for its time; meanwhile its sender is suspended: refused, and its frames with it."""
    th, begin = actor("TH"), vn.now + 6 * limits.MINUTE
    sending = open_sending(th, vn.lists, not_before=begin)
    vn.receive(epoch_of(sending), frame_of(sending, message(vn, "TH", 1), ts=begin))
    assert rows(vn, "select count(*) from waiting") == [(2,)]
    members = [[*row[:2], "suspended" if row[0] == "TH" else row[2], *row[3:]] for row in vn.lists.members]
    suspended = vn.lists.after(members=members)
    vn.receive((subjects.hub("SG", subjects.trust(2)), suspended.signed()))
    assert rows(vn, "select count(*) from waiting") == [(0,)]
    assert rows(vn, "select rule from sample") == [("F2",)]


def test_after_a_clock_that_ran_ahead_what_has_no_receipt_is_sealed_again(vn: CoreKit) -> None:
    """Its epochs were dated ahead: a receiver with a newer list refuses them ([E6])."""
    trust_sync.rotate_bundle(vn.core)
    body = json.dumps(draft("dated ahead", expires="2027-01-30T00:00:00Z")).encode()
    accepting.accept(vn.core, [(body, None)], realm=ACTUAL, token="test")
    vn.now += 10 * limits.MINUTE
    sealing.seal_queued(vn.core)
    sealing.mark_published(vn.core, sealing.next_to_publish(vn.core, 100))
    assert vn.all_states() == {"sent"}
    vn.now -= 10 * limits.MINUTE
    assert sealing.seal_queued(vn.core) == 0
    ((epoch_id,),) = rows(vn, "select epoch_id from outbox where seq = 0")
    with vn.core.transaction() as connection:
        assert republish(connection, epoch_id, 0, 0, "TH") == 2
    reset_clock(vn.core, "test")
    assert sealing.seal_queued(vn.core) == 3
    sealed = len(sealing.next_to_publish(vn.core, 100))
    vn.now += outbox.AGAIN_AFTER
    trust_sync.release_parked(vn.core)
    assert len(sealing.next_to_publish(vn.core, 100)) == sealed + 2

"""[E12] An older copy of a state meets what it sent since: heads, ids, messages, and what never left."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from suar.observe.hooks import AlarmRaised, Overdue
from suar.protocol.base import limits, subjects
from suar.protocol.base.primitives import ACTUAL
from suar.protocol.transport import epoch as epochs
from suar.protocol.transport.heartbeat import Head
from suar.service.notify import deadlines
from suar.service.publish import accepting, held, sealing
from suar.service.recovery.readback import ReadBack, ReadBackReport
from suar.service.trust import trust_sync
from suar.store import tables as t
from suar.store.messages import exposure
from suar.store.messages import rows as messages
from suar.store.outbound import own_heads
from suar.store.recovery import positions
from support import stores
from support.corekit import CoreKit, bundle_of, epoch_of, frame_of
from support.corekit import rows as rows_of
from support.gateways import draft
from support.kit import MEMBERS, NOW, actor, beat, open_sending

OTHERS = [code for code in MEMBERS if code != "TH"]
Objects = list[tuple[str, bytes]]


@pytest.fixture
def th(tmp_path: Path) -> Iterator[CoreKit]:
    """TH with everybody's bundles and its own, published."""
    kit = CoreKit(tmp_path / "th", "TH")
    kit.receive(*(bundle_of(actor(code), not_before=NOW - limits.HOUR) for code in OTHERS))
    trust_sync.keep_bundle_fresh(kit.core)
    send(kit)
    yield kit
    kit.close()


def accept(kit: CoreKit, title: str, audience: str | list[str] = "all") -> str:
    data = json.dumps(draft(title, audience, expires="2027-02-01T00:00:00Z")).encode()
    (verdict,) = accepting.accept(kit.core, [(data, None)], realm=ACTUAL, token="test")
    assert verdict.id is not None, verdict
    return verdict.id


def send(kit: CoreKit) -> Objects:
    """Seal what is queued and publish all of it: what the own stream then has more."""
    kit.now += 1_000
    while sealing.seal_queued(kit.core):
        pass
    rows = sealing.next_to_publish(kit.core, 1_000)
    position = (kit.core.stream_positions.last_known(positions.OUTBOX) or 0) + len(rows)
    sealing.mark_published(kit.core, rows, position)
    return [(row.subject, row.data) for row in rows]


class Snapshot:
    """A copy of the state that is put back later: of the store and its anchor, as with the whole machine."""

    def __init__(self, kit: CoreKit) -> None:
        self.kit = kit
        kit.core.close()
        self.store, self.anchor = stores.copy(kit.folder), (kit.folder / "anchor.suar").read_bytes()
        kit.core = kit.opened()

    def restore(self) -> None:
        self.kit.core.close()
        stores.put_back(self.kit.folder, self.store)
        (self.kit.folder / "anchor.suar").write_bytes(self.anchor)
        self.kit.core = self.kit.opened()


def read_back(kit: CoreKit, objects: Objects, *, is_running: bool = False) -> ReadBackReport:
    reading = ReadBack(kit.core, is_running=is_running)
    if not reading.process(objects):
        return reading.account
    return reading.finish((kit.core.stream_positions.last_known(positions.OUTBOX) or 0) + len(objects))


def states(kit: CoreKit, id_: str) -> dict[str, str]:
    return kit.states(id_)


def head(kit: CoreKit, channel: str = "all") -> Any:
    with kit.core.transaction() as connection:
        return {row[1]: row for row in own_heads.load(connection, kit.core.sender.identity.kid)}[channel]


def alarms(kit: CoreKit) -> list[str]:
    return [record.name for record in kit.records if isinstance(record, AlarmRaised)]


def test_the_end_of_the_chain_the_ids_and_the_messages_come_back(th: CoreKit) -> None:
    accept(th, "before")
    send(th)
    snapshot = Snapshot(th)
    one, two = accept(th, "after"), accept(th, "to SG", ["SG"])
    sent = send(th)
    true_end, bilateral = head(th), head(th, "SG")
    snapshot.restore()
    account = read_back(th, sent)
    assert (account.messages, account.unopened, account.foreign) == (2, 0, 0)
    assert head(th) == true_end
    assert head(th, "SG") == bilateral
    assert states(th, one) == dict.fromkeys(OTHERS, "sent")
    assert states(th, two) == {"SG": "sent"}
    assert accept(th, "later") not in (one, two)
    (epoch, *_) = send(th)
    assert true_end[2].epoch_id in epoch[1]  # the next epoch names the true end
    assert alarms(th) == ["restored"]


def test_what_is_known_changes_nothing(th: CoreKit) -> None:
    accept(th, "before")
    sent = send(th)
    before = head(th)
    assert read_back(th, sent).objects == 0
    assert head(th) == before
    assert alarms(th) == []


def test_sealed_and_not_marked_is_marked(th: CoreKit) -> None:
    """Killed between the server's answer and our commit."""
    id_ = accept(th, "on its way")
    sealing.seal_queued(th.core)
    rows = sealing.next_to_publish(th.core, 1_000)
    account = read_back(th, [(row.subject, row.data) for row in rows])
    assert account.objects == 0
    assert sealing.next_to_publish(th.core, 1_000) == []
    assert states(th, id_) == dict.fromkeys(OTHERS, "sent")


def test_what_cannot_be_opened_is_counted(th: CoreKit) -> None:
    """The seed of the day is younger than the copy: as many ids are skipped as the frames count."""
    snapshot = Snapshot(th)
    trust_sync.rotate_bundle(th.core)
    ids = [accept(th, f"lost {n}") for n in range(3)]
    sent = send(th)
    snapshot.restore()
    bundle = trust_sync.own_bundle(th.core)
    account = read_back(th, sent)
    assert (account.messages, account.unopened, account.bundles) == (0, 3, 1)
    assert int(accept(th, "next")[-6:]) > max(int(id_[-6:]) for id_ in ids)
    fresh = trust_sync.own_bundle(th.core)
    assert fresh is not None
    assert bundle is not None
    assert fresh.kid != bundle.kid  # nobody may go on sealing to the lost one
    assert fresh.kid in th.core.world.kem_keys


def test_what_the_copy_had_queued_leaves_once(th: CoreKit) -> None:
    id_ = accept(th, "queued in the copy")
    snapshot = Snapshot(th)
    sent = send(th)
    snapshot.restore()
    read_back(th, sent)
    assert states(th, id_) == dict.fromkeys(OTHERS, "sent")
    assert sealing.seal_queued(th.core) == 0


def test_two_texts_of_one_id_the_one_that_left_counts(th: CoreKit) -> None:
    snapshot = Snapshot(th)
    first = accept(th, "said by the one")
    sent = send(th)
    snapshot.restore()
    second = accept(th, "said by the other")
    assert second == first
    account = read_back(th, sent)
    assert account.messages == 0
    assert states(th, first) == dict.fromkeys(OTHERS, "refused")
    assert sealing.seal_queued(th.core) == 0
    assert "message-equivocation" in alarms(th)


def test_what_was_sealed_behind_the_older_end_is_sealed_again(th: CoreKit) -> None:
    accept(th, "before")
    send(th)
    snapshot = Snapshot(th)
    accept(th, "the other's")
    accept(th, "the other's second")
    others = send(th)
    snapshot.restore()
    with th.core.transaction() as connection:  # ids as if the two had never met
        messages.reserve_numbers(connection, {("alert", 2027): 50})
    mine = accept(th, "mine")
    sealing.seal_queued(th.core)
    read_back(th, others)
    assert sealing.next_to_publish(th.core, 1_000) == []
    assert states(th, mine) == dict.fromkeys(OTHERS, "queued")
    objects = send(th)
    assert states(th, mine) == dict.fromkeys(OTHERS, "sent")
    assert [data[:4] for _, data in objects] == [b"SUE1", b"SUF1"] * len(OTHERS)


def test_an_id_that_a_publisher_chose_does_not_use_up_the_numbers_after_a_restore(th: CoreKit) -> None:
    """With the number 999999 every later message of the kind was refused for the rest of the year."""
    snapshot = Snapshot(th)
    body = json.dumps(draft("chosen", expires="2027-02-01T00:00:00Z") | {"id": "TH-ALERT-2027-999999"}).encode()
    [chosen] = accepting.accept(th.core, [(body, None)], realm=ACTUAL, token="desk")
    assert chosen.verdict == "held"  # so far ahead of the others
    assert held.release(th.core, str(chosen.id), "second").verdict == "published"
    objects = send(th)
    snapshot.restore()
    read_back(th, objects)
    assert accept(th, "the next") < "TH-ALERT-2027-050000"


def test_a_running_gateway_that_meets_its_own_name_takes_nothing(th: CoreKit) -> None:
    snapshot = Snapshot(th)
    accept(th, "the other's")
    others = send(th)
    snapshot.restore()
    at = th.core.stream_positions.last_known(positions.OUTBOX)
    account = read_back(th, others, is_running=True)
    assert account.is_in_use
    assert th.core.stream_positions.last_known(positions.OUTBOX) == at  # read back at the next start
    assert alarms(th) == ["identity-in-use"]


@pytest.mark.parametrize("data", [b"", b"SUF1" + bytes(500), b"SUE1" + bytes(500), b"SUK1" + bytes(500), b"else"])
def test_what_no_key_of_ours_signed_is_reported_and_left(th: CoreKit, data: bytes) -> None:
    account = read_back(th, [("a.frame.all.0000000000000000", data)])
    assert (account.objects, account.foreign) == (0, 1)
    assert alarms(th) == ["identity-in-use"]


@pytest.mark.sqlite  # the store is copied in the middle of an epoch
def test_peers_prove_how_far_a_chain_of_ours_went(th: CoreKit) -> None:
    """Both own streams are lost; a heartbeat's `heads_seen` carries our own signature on a later frame."""
    accept(th, "before")
    send(th)
    copied, anchor = th.folder.with_name("copy.db"), th.folder.with_name("copy.anchor")
    shutil.copy(th.folder / "anchor.suar", anchor)
    with sqlite3.connect(th.folder / "suar.db") as live, sqlite3.connect(copied) as copy:
        live.backup(copy)
    live.close()
    copy.close()
    accept(th, "after")
    send(th)
    chain = th.core.sender.chain("actual", "all")
    assert chain.opened is not None
    assert chain.last is not None
    seen = Head(chain.opened.id, 2, chain.last.hash, chain.last.signature)
    th.core.close()
    shutil.copy(copied, th.folder / "suar.db")
    shutil.copy(anchor, th.folder / "anchor.suar")
    th.core = th.opened()
    assert head(th)[2].frames == 1
    sending = open_sending(actor("SG"), th.lists, to=("TH",))
    th.receive(epoch_of(sending), frame_of(sending, body=beat(th.lists, heads_seen=[seen])))
    assert head(th)[2] == (seen.epoch_id, 2, seen.hash)
    assert alarms(th) == ["restored"]
    accept(th, "later")
    (epoch, *_) = send(th)
    parsed = epochs.parse(epoch[1], len(MEMBERS))
    assert msgspec.msgpack.decode(parsed.raw, type=epochs.Epoch).prev_hash == seen.hash


def test_a_peer_cannot_claim_more_than_we_signed(th: CoreKit) -> None:
    accept(th, "one")
    send(th)
    chain = th.core.sender.chain("actual", "all")
    assert chain.opened is not None
    assert chain.last is not None
    before = head(th)
    snapshot = Snapshot(th)
    snapshot.restore()
    true = Head(chain.opened.id, 1, chain.last.hash, chain.last.signature)
    lying = Head(chain.opened.id, 9, bytes(32), bytes(64))
    for claim in (true, lying):
        sending = open_sending(actor("SG"), th.lists, to=("TH",), not_before=NOW + len(th.records))
        th.receive(epoch_of(sending), frame_of(sending, body=beat(th.lists, heads_seen=[claim])))
        assert head(th) == before


def test_a_peer_cannot_give_a_frame_of_ours_another_number(th: CoreKit) -> None:
    """[F11] Our signature covers the hash and not the number: our next epoch would say that frames of ours are gone."""
    accept(th, "one")
    send(th)
    accept(th, "two")
    send(th)
    chain = th.core.sender.chain("actual", "all")
    assert chain.opened is not None
    assert chain.last is not None
    (first,) = rows_of(th, "select frame_hash, data from outbox where seq = 0")
    before = head(th)
    Snapshot(th).restore()
    newest = Head(chain.opened.id, 9, chain.last.hash, chain.last.signature)
    older = Head(chain.opened.id, 9, bytes(first[0]), bytes(first[1])[-64:])
    for n, claim in enumerate((newest, older)):
        sending = open_sending(actor("SG"), th.lists, to=("TH",), not_before=NOW + n)
        th.receive(epoch_of(sending), frame_of(sending, body=beat(th.lists, heads_seen=[claim])))
        assert head(th) == before
    assert rows_of(th, "select name from alarm where member = 'TH'") == []


def test_a_peer_cannot_give_our_newest_frame_another_number_once_its_row_is_gone(th: CoreKit) -> None:
    """[F11] Rows of frames that left are dropped after their time; the head of the chain stays."""
    accept(th, "one")
    send(th)
    chain = th.core.sender.chain("actual", "all")
    assert chain.opened is not None
    assert chain.last is not None
    before = head(th)
    Snapshot(th).restore()
    with th.core.transaction() as connection:
        connection.execute(t.outbox.delete().where(t.outbox.c.seq.is_not(None)))
    claim = Head(chain.opened.id, 9, chain.last.hash, chain.last.signature)
    sending = open_sending(actor("SG"), th.lists, to=("TH",))
    th.receive(epoch_of(sending), frame_of(sending, body=beat(th.lists, heads_seen=[claim])))
    assert head(th) == before
    assert rows_of(th, "select name from alarm where member = 'TH'") == []


def test_of_two_readers_the_one_whose_frame_never_left_gets_it_alone(th: CoreKit) -> None:
    id_ = accept(th, "to two", ["SG", "VN"])
    snapshot = Snapshot(th)
    sent = [each for each in send(th) if ".sg." in each[0]]
    snapshot.restore()
    read_back(th, sent)
    assert states(th, id_) == {"SG": "sent", "VN": "queued"}
    again = send(th)
    assert [data[:4] for _, data in again] == [b"SUE1", b"SUF1"]
    assert states(th, id_) == {"SG": "sent", "VN": "sent"}


def test_what_waits_in_another_chain_continues_waiting_there(th: CoreKit) -> None:
    """The copy had sealed it for VN; what it does not know is a frame for SG."""
    id_ = accept(th, "to two", ["SG", "VN"])
    sealing.seal_queued(th.core)
    snapshot = Snapshot(th)
    published = sealing.next_to_publish(th.core, 1_000)
    sealing.mark_published(th.core, published)
    accept(th, "more for SG", ["SG"])
    sent = [(row.subject, row.data) for row in published if row.channel == "SG"]
    sent += send(th)
    snapshot.restore()
    read_back(th, sent)
    assert states(th, id_) == {"SG": "sent", "VN": "queued"}
    rows = sealing.next_to_publish(th.core, 1_000)
    assert {row.channel for row in rows} == {"VN"}
    assert sealing.seal_queued(th.core) == 0
    send(th)
    assert states(th, id_) == {"SG": "sent", "VN": "sent"}


def test_deadlines_of_what_was_lost_are_kept_again(th: CoreKit) -> None:
    """The copy is of before the alert; its receipts may be on their way back, so nobody is called at once."""
    copy = Snapshot(th)
    body = draft("urgent", expires="2027-02-01T00:00:00Z", urgency="immediate", ack_within=4)
    (verdict,) = accepting.accept(th.core, [(json.dumps(body).encode(), None)], realm=ACTUAL, token="test")
    sent = send(th)
    copy.restore()
    th.now += 5 * limits.HOUR
    read_back(th, sent)
    assert overdue(th) == []
    th.now += deadlines.SETTLED - 1
    assert overdue(th) == []
    th.now += 1
    assert overdue(th) == [(verdict.id, code, "focal-point") for code in OTHERS]
    assert overdue(th) == []


def overdue(th: CoreKit) -> list[tuple[str, str, str]]:
    th.records.clear()
    deadlines.process_due(th.core)
    return [(each.id, each.member, each.role) for each in th.records if isinstance(each, Overdue)]


def beats(kit: CoreKit, count: int = 3) -> Objects:
    """Heartbeats, as the own stream and the hub have them."""
    sent = []
    for _ in range(count):
        kit.now += limits.HEARTBEAT_INTERVAL
        assert sealing.seal_heartbeat(kit.core)
        sent += send(kit)
    return sent


def a_day_later(kit: CoreKit) -> None:
    kit.now += 25 * limits.HOUR
    kit.receive(*(bundle_of(actor(code), not_before=kit.now - 1, not_after=kit.now + limits.DAY) for code in OTHERS))
    trust_sync.keep_bundle_fresh(kit.core)
    assert trust_sync.repeat_daily(kit.core)


def test_heartbeats_that_are_forgotten_are_known_as_ours(th: CoreKit) -> None:
    """The hub gives them back late, or a state that was put back reads them; some epochs had nothing else."""
    quiet = beats(th)
    a_day_later(th)
    accept(th, "then heartbeats again")
    busy = send(th) + beats(th)
    a_day_later(th)
    latest = beats(th)
    with th.core.transaction() as connection:
        assert connection.exec_driver_sql("select count(*) from outbox where seq is not null").scalar() == 1 + 3
    before = head(th)
    th.receive(*((subjects.hub("TH", subject), data) for subject, data in quiet + busy + latest))
    assert read_back(th, quiet + busy + latest).objects == 0
    assert head(th) == before
    assert alarms(th) == []


def test_what_is_missing_in_a_state_is_no_forgotten_heartbeat(th: CoreKit) -> None:
    beats(th)
    snapshot = Snapshot(th)
    accept(th, "after")
    sent = send(th) + beats(th)
    true_end = head(th)
    snapshot.restore()
    assert read_back(th, sent).messages == 1
    assert head(th) == true_end


def test_a_bundle_whose_seed_is_lost_is_replaced(th: CoreKit) -> None:
    """Killed between the reading back of a bundle of ours and the making of a newer one."""
    own = trust_sync.own_bundle(th.core)
    assert own is not None
    assert not trust_sync.keep_bundle_fresh(th.core)
    with th.core.transaction() as connection:
        exposure.erase_seed(connection, own.kid)
    th.restart()
    assert trust_sync.keep_bundle_fresh(th.core)
    assert not trust_sync.keep_bundle_fresh(th.core)


def test_a_list_that_is_read_back_is_followed(th: CoreKit) -> None:
    """[E6] What was sealed too late for it goes out again: what the lost state had queued for that is lost too."""
    snapshot = Snapshot(th)
    id_ = accept(th, "sealed too late", ["SG"])
    sent = send(th)
    lists = th.lists.after(issued=th.now - 11 * limits.MINUTE)
    assert trust_sync.import_list(th.core, lists.signed(), None, who="test").result == "ok"
    sent += [(row.subject, row.data) for row in sealing.next_to_publish(th.core, 100)]
    snapshot.restore()
    assert read_back(th, sent).messages == 1
    assert th.core.world.trust.version == lists.version
    assert states(th, id_) == {"SG": "queued"}
    assert [subject for subject, _ in send(th)][-1].startswith("a.frame.sg.")


def test_a_list_that_is_read_back_lets_a_member_speak_again(th: CoreKit) -> None:
    id_ = accept(th, "on its way", ["SG"])
    send(th)
    members = [[*row[:2], "suspended" if row[0] == "SG" else row[2], *row[3:]] for row in th.lists.members]
    out = th.lists.after(issued=th.now, members=members)
    assert trust_sync.import_list(th.core, out.signed(), None, who="test").result == "ok"
    snapshot = Snapshot(th)
    back = out.after(issued=th.now + 1, members=th.lists.members)
    assert trust_sync.import_list(th.core, back.signed(), None, who="test").result == "ok"
    sent = [(row.subject, row.data) for row in sealing.next_to_publish(th.core, 100)]
    snapshot.restore()
    assert states(th, id_) == {"SG": "sent"}
    read_back(th, sent)
    assert states(th, id_) == {"SG": "queued"}

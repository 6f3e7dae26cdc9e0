"""What a member's word makes us send is bounded a day in bytes; the own stream keeps room for alerts and receipts."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from suar.observe.hooks import Happened
from suar.protocol.base import limits
from suar.protocol.base.primitives import ACTUAL
from suar.protocol.message.kinds import Entry, Receipt
from suar.protocol.message.messages import read
from suar.service.access import daily_quotas
from suar.service.gaps import requesting
from suar.service.gaps.requesting import CHECK_EVERY, LONGEST, RequestLoop
from suar.service.publish import accepting, sealing
from suar.service.receipts import receipts
from suar.service.receipts.receipts import SEALED_AS, StatementDetails
from suar.service.settings.outbox_capacity import OutboxCapacity
from suar.service.trust import trust_sync
from suar.store.outbound import accounts, outbox
from support.asking import th_in_its_channel, vn_with_messages
from support.corekit import CoreKit, epoch_of, frame_of, rows
from support.gateways import draft
from support.kit import Sending, actor, alert, open_sending

MIB = 1024 * 1024
EXPIRES = "2027-03-30T00:00:00Z"


@pytest.fixture
def vn(tmp_path: Path) -> Iterator[CoreKit]:
    made = vn_with_messages(tmp_path, publish)
    yield made
    made.close()


@pytest.fixture
def th(vn: CoreKit) -> Sending:
    return th_in_its_channel(vn)


def publish(kit: CoreKit, title: str, audience: Any = "all") -> str:
    body = json.dumps(draft(title, audience, expires=EXPIRES)).encode()
    (verdict,) = accepting.accept(kit.core, [(body, None)], realm=ACTUAL, token="test")
    assert verdict.id is not None, verdict
    return verdict.id


def practice(kit: CoreKit, number: int = 0) -> str:
    """No alert: an ordinary message."""
    file = Path(__file__).parents[3] / "schemas/examples/valid/practice-airport-screening-lesson.json"
    left = ("schema", "status", "id", "rev", "sent", "related")
    made = {name: value for name, value in json.loads(file.read_text()).items() if name not in left}
    made["issuer"].pop("member")
    made["text"][0]["title"] += f" {number}"
    body = json.dumps(made | {"audience": {"members": "all"}}).encode()
    (verdict,) = accepting.accept(kit.core, [(body, None)], realm=ACTUAL, token="test")
    assert verdict.id is not None, verdict
    return verdict.id


def bound(kit: CoreKit, **changes: int) -> None:
    """Bounds smaller than an operator can set."""
    made = msgspec.structs.replace(kit.core.config.limits, **changes)
    kit.core.config = msgspec.structs.replace(kit.core.config, limits=made)


def ask(kit: CoreKit, sending: Sending, *entries: Entry, code: str = "", later: int = 0) -> None:
    """`later` s make another receipt of it."""
    receipt = receipts.make_receipt("TH", ACTUAL, "missing", entries, kit.now + later * limits.SECOND, code)
    kit.receive(frame_of(sending, receipt, ts=kit.now))


def own_epoch(kit: CoreKit) -> str:
    ((epoch_id,),) = rows(kit, "select distinct epoch_id from outbox where seq = 0 and channel = 'all'")
    return bytes(epoch_id).hex()


def sizes(kit: CoreKit) -> dict[int | None, int]:
    """Bytes of the epoch (None) and of each of its frames."""
    wanted = "select seq, length(data) from outbox where channel = 'all' and epoch_id is not null"
    return dict(rows(kit, wanted))


def again(kit: CoreKit) -> list[int | None]:
    return [seq for (seq,) in rows(kit, "select seq from outbox where again_at is not null order by n")]


def refusals(kit: CoreKit) -> list[tuple[str, str]]:
    bodies = rows(kit, "select body from queue where kind = 'receipt' order by n")
    made = [json.loads(kit.core.vault.unwrap(body, SEALED_AS)) for (body,) in bodies]
    return [(each["code"], each["note"]) for each in made if each["stage"] == "refused"]


def fill(kit: CoreKit, held: int, limit: int) -> None:
    """OUTBOX as the own server says that it is."""
    kit.core.outbox_capacity.update(held, limit, 0, kit.core.outbox_capacity.taken)


# -- sent again


def test_a_day_has_its_bytes_and_the_rest_is_refused_once(vn: CoreKit, th: Sending) -> None:
    epoch, size = own_epoch(vn), sizes(vn)
    bound(vn, sent_again_bytes_a_day=size[None] + size[0] + size[1] + 10)
    for n in range(4):
        ask(vn, th, Entry(epoch=epoch, first=0, last=65_535), later=n)
    assert again(vn) == [None, 0, 1]
    assert refusals(vn) == [("E-RESEND-LIMIT", "frames 2-5")]
    vn.restart()
    bound(vn, sent_again_bytes_a_day=size[None] + size[0] + size[1] + 10)
    ask(vn, th, Entry(epoch=epoch, first=2, last=5), later=9)
    assert again(vn) == [None, 0, 1]
    assert len(refusals(vn)) == 1
    events = [each.event for each in vn.records if isinstance(each, Happened)]
    assert events.count("asked_too_much") >= 4


def test_the_next_day_the_rest_is_sent(vn: CoreKit, th: Sending) -> None:
    epoch, size = own_epoch(vn), sizes(vn)
    bound(vn, sent_again_bytes_a_day=size[None] + size[0] + size[1] + 10)
    ask(vn, th, Entry(epoch=epoch, first=0, last=5))
    vn.now += limits.DAY
    bound(vn, sent_again_bytes_a_day=size[2] + size[3] + 10)
    with vn.core.transaction() as connection:  # as TH would ask by an epoch of that day
        data = receipts.make_receipt("TH", ACTUAL, "missing", [Entry(epoch=epoch, first=2, last=5)], vn.now)
        receipt = read(data)
        assert isinstance(receipt, Receipt)
        requesting.apply_receipt(vn.core, connection, receipt, data)
    assert again(vn) == [None, 0, 1, 2, 3]  # the epoch is on its way already and costs nothing
    assert refusals(vn)[1:] == [("E-RESEND-LIMIT", "frames 4-5")]


def test_what_one_member_asks_for_costs_no_other(vn: CoreKit, th: Sending) -> None:
    bound(vn, sent_again_bytes_a_day=100)
    with vn.core.transaction() as connection:
        daily_quotas.spend_resend(vn.core, connection, "SG", 100)
        assert daily_quotas.refusal(vn.core, connection, "SG") == "E-RESEND-LIMIT"
        assert daily_quotas.refusal(vn.core, connection, "TH", 100) is None


def test_what_is_sealed_again_has_the_same_bound(vn: CoreKit, th: Sending) -> None:
    bound(vn, sent_again_bytes_a_day=sizes(vn)[0] + sizes(vn)[1] + 10)
    for n in range(3):
        ask(vn, th, Entry(epoch=own_epoch(vn), first=0, last=65_535), code="E-LEFT-OUT", later=n)
    assert rows(vn, "select count(*) from queue where channel = 'TH' and id is not null") == [(2,)]
    assert refusals(vn) == [("E-RESEND-LIMIT", "frames 2-5")]


def test_lists_and_our_bundle_have_it_too(vn: CoreKit, th: Sending) -> None:
    bound(vn, sent_again_bytes_a_day=10)
    vn.now += 2 * outbox.AGAIN_AFTER
    before = rows(vn, "select count(*) from outbox")
    ask(vn, th, Entry(trust=1))
    left_out = open_sending(actor("TH"), vn.lists, to=("KH", "TH"), not_before=vn.now - limits.MINUTE)
    vn.receive(epoch_of(left_out))
    assert rows(vn, "select count(*) from outbox") == before
    assert again(vn) == []
    bound(vn, sent_again_bytes_a_day=MIB)
    ask(vn, th, Entry(trust=1), later=1)
    assert rows(vn, "select count(*) from outbox") > before
    with vn.core.transaction() as connection:
        assert accounts.spent(connection, "TH", accounts.AGAIN, vn.now) > 0


def test_refusals_are_counted(vn: CoreKit, th: Sending) -> None:
    """One receipt of a few bytes an entry may draw as many refusals as it has entries."""
    strange = [Entry(epoch=bytes([n]).hex() * 32, first=0, last=1) for n in range(200)]
    ask(vn, th, *strange)
    with vn.core.transaction() as connection:
        spent = accounts.spent(connection, "TH", accounts.AGAIN, vn.now)
    assert spent > 200 * 200
    bound(vn, sent_again_bytes_a_day=spent)
    assert len(refusals(vn)) == 200
    for n in range(3):
        ask(vn, th, Entry(epoch=own_epoch(vn), first=n, last=n), later=n + 1)
    assert len(refusals(vn)) == 201


# -- room in OUTBOX


def test_nothing_is_sent_again_above_half_of_the_stream(vn: CoreKit, th: Sending) -> None:
    fill(vn, 51, 100)
    ask(vn, th, Entry(epoch=own_epoch(vn), first=0, last=5))
    assert again(vn) == []
    assert refusals(vn) == [("E-RESEND-FULL", "frames 0-5")]


def test_earlier_requests_wait_too(vn: CoreKit, th: Sending) -> None:
    ask(vn, th, Entry(epoch=own_epoch(vn), first=0, last=5))
    size = sizes(vn)
    vn.now += outbox.AGAIN_AFTER
    room = size[None] + size[0] + size[1] + 10
    fill(vn, MIB - room, 2 * MIB)
    trust_sync.release_parked(vn.core)
    assert [row.seq for row in sealing.next_to_publish(vn.core, 100) if row.again_at == outbox.AGAIN] == [None, 0, 1]
    fill(vn, MIB, 2 * MIB)
    trust_sync.release_parked(vn.core)
    assert len([row for row in sealing.next_to_publish(vn.core, 100) if row.again_at == outbox.AGAIN]) == 3


def test_ordinary_messages_stop_before_the_stream_is_full(vn: CoreKit, th: Sending) -> None:
    vn.core.enable_immediate_sealing(lambda: True)
    fill(vn, 89 * MIB, 100 * MIB)
    ordinary, urgent = practice(vn), publish(vn, "an alert")
    sealing.seal_queued(vn.core)
    assert set(vn.states(urgent).values()) == {"queued"}
    assert rows(vn, "select id from queue where kind <> 'receipt'") == [(ordinary,)]
    vn.receive(frame_of(th, alert(), ts=vn.now))
    sealing.seal_queued(vn.core)
    assert rows(vn, "select id from queue") == [(ordinary,)]  # the receipt left
    fill(vn, 10 * MIB, 100 * MIB)
    sealing.seal_queued(vn.core)
    assert rows(vn, "select count(*) from queue") == [(0,)]


def test_ordinary_messages_leave_as_far_as_there_is_room(
    vn: CoreKit, th: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many at once could otherwise take what is kept; and those that stay hold up no receipt behind them."""
    monkeypatch.setattr(sealing, "SEAL_BATCH", 3)
    ids = [practice(vn, number) for number in range(5)]
    ((size,),) = rows(vn, f"select length(body) from message where id = '{ids[0]}'")
    vn.receive(frame_of(th, alert(), ts=vn.now))
    fill(vn, 7 * MIB - 2 * size - 10, 8 * MIB)
    while sealing.seal_queued(vn.core):
        pass
    assert [id_ for (id_,) in rows(vn, "select id from queue order by n")] == ids[2:]
    vn.core.enable_immediate_sealing(lambda: True)
    late = practice(vn, 9)
    assert rows(vn, f"select count(*) from queue where id = '{late}'") == [(1,)]


def test_the_last_of_the_stream_is_for_alerts(vn: CoreKit, th: Sending) -> None:
    vn.receive(frame_of(th, alert(), ts=vn.now))
    fill(vn, 94 * MIB, 100 * MIB)
    publish(vn, "an alert")
    sealing.seal_queued(vn.core)
    assert rows(vn, "select kind from queue") == [("receipt",)]
    fill(vn, 93 * MIB, 100 * MIB)
    sealing.seal_queued(vn.core)
    assert rows(vn, "select kind from queue") == []


def test_room_counts_what_is_on_its_way() -> None:
    room = OutboxCapacity()
    assert (room.used_bytes, room.resend_bytes_left, room.is_ordinary_blocked) == (None, limits.INTEGER_MAX, False)
    assert room.release_bytes_left == limits.INTEGER_MAX
    room.enable()
    assert room.release_bytes_left == 0  # at a start, until the stream was looked at
    room.reserve(5)
    room.update(30, 100, backlog=5, taken=5)
    room.reserve(10)
    assert (room.used_bytes, room.resend_bytes_left, room.release_bytes_left, room.is_resend_blocked) == (
        45,
        5,
        5,
        False,
    )
    room.reserve(43)
    assert (room.used_bytes, room.resend_bytes_left, room.is_resend_blocked, room.is_ordinary_blocked) == (
        88,
        0,
        True,
        True,
    )
    room.update(88, -1, backlog=0, taken=58)
    assert (room.resend_bytes_left, room.is_ordinary_blocked) == (limits.INTEGER_MAX, False)


# -- receipts


def test_receipts_beyond_a_day_s_bytes_wait_for_the_next_day(vn: CoreKit, th: Sending) -> None:
    bound(vn, receipt_bytes_a_day=10)
    vn.receive(frame_of(th, alert(), ts=vn.now))
    sealing.seal_queued(vn.core)
    assert rows(vn, "select kind, parked from queue") == [("receipt", 1)]
    trust_sync.release_parked(vn.core)
    assert rows(vn, "select kind, parked from queue") == [("receipt", 1)]
    bound(vn, receipt_bytes_a_day=limits.RECEIPT_BYTES)
    trust_sync.release_parked(vn.core)
    sealing.seal_queued(vn.core)
    assert rows(vn, "select kind from queue") == []
    with vn.core.transaction() as connection:
        assert accounts.spent(connection, "TH", accounts.RECEIPTS, vn.now) > 0
        assert accounts.largest(connection, 3)[0][:2] == ("TH", "receipts")


def test_accounts_are_kept_for_a_month(vn: CoreKit) -> None:
    with vn.core.transaction() as connection:
        accounts.spend(connection, "TH", accounts.AGAIN, 7, vn.now)
        accounts.forget_old(connection, vn.now + limits.ACCOUNT_DAYS * limits.DAY)
        assert accounts.spent(connection, "TH", accounts.AGAIN, vn.now) == 7
        accounts.forget_old(connection, vn.now + (limits.ACCOUNT_DAYS + 1) * limits.DAY)
        assert accounts.spent(connection, "TH", accounts.AGAIN, vn.now) == 0


# -- the asker


def request_bytes(kit: CoreKit) -> int:
    bodies = rows(kit, "select body from queue where kind = 'receipt'")
    return sum(json.loads(kit.core.vault.unwrap(body, SEALED_AS))["stage"] == "missing" for (body,) in bodies)


def answered(kit: CoreKit, sending: Sending, code: str, note: str) -> None:
    statement = StatementDetails(note=note)
    data = receipts.make_receipt(
        "TH", ACTUAL, "refused", [Entry(frame=sending.opened.id.hex())], kit.now, code, details=statement
    )
    receipt = read(data)
    assert isinstance(receipt, Receipt)
    with kit.core.transaction() as connection:
        requesting.apply_receipt(kit.core, connection, receipt, data)


@pytest.mark.parametrize("code", ["E-RESEND-LIMIT", "E-RESEND-FULL"])
def test_who_is_refused_for_today_asks_tomorrow(sg: CoreKit, code: str) -> None:
    sending = open_sending(actor("TH"), sg.lists)
    sent = [frame_of(sending, alert(f"TH-ALERT-2027-{n:06d}")) for n in range(1, 5)]
    sg.receive(epoch_of(sending), sent[0], sent[3])
    asking = RequestLoop(sg.core)
    asking.run_due()
    before = request_bytes(sg)
    answered(sg, sending, code, "frames 1-2")
    end = (sg.now // limits.DAY + 1) * limits.DAY
    while sg.now + LONGEST < end:
        sg.now += LONGEST
        sg.core.last_heard["TH"] = sg.now
        asking.run_due()
    assert request_bytes(sg) == before
    sg.now = end
    sg.core.last_heard["TH"] = sg.now
    asking.run_due()
    assert request_bytes(sg) == before + 1


def test_what_was_not_sealed_again_today_is_requested_again_tomorrow(sg: CoreKit) -> None:
    sending = open_sending(actor("TH"), sg.lists, to=("KH", "TH", "VN"))
    trust_sync.rotate_bundle(sg.core)
    sg.receive(epoch_of(sending))
    asking = RequestLoop(sg.core)
    answered(sg, sending, "E-RESEND-LIMIT", "frames 2-5")
    before = request_bytes(sg)
    sg.now += CHECK_EVERY
    asking.run_due()
    assert request_bytes(sg) == before
    sg.now += limits.DAY
    asking.run_due()
    assert request_bytes(sg) == before + 1
    sg.now += limits.DAY
    asking.run_due()
    assert request_bytes(sg) == before + 1

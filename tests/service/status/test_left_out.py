"""Who could not open an epoch gets what was in it once more: messages, and what was said of its own."""

import json
from random import Random

import pytest

from suar.protocol.base import limits
from suar.protocol.base.primitives import ACTUAL
from suar.protocol.message.kinds import Entry, Receipt
from suar.protocol.message.messages import read
from suar.service.gaps import alarms, ends, requesting
from suar.service.gaps.requesting import RequestLoop
from suar.service.publish import sealing
from suar.service.receipts import receipts
from suar.service.receipts.receipts import SEALED_AS, StatementDetails
from suar.service.status import peers, snapshot
from suar.service.status.snapshot import BusState, ProcessState
from suar.service.trust import trust_sync
from suar.store.engine import meta
from suar.store.recovery import positions
from support.corekit import CoreKit, epoch_of, frame_of, rows
from support.kit import actor, beat, open_sending
from support.pairs import Two, new

SEEN = ProcessState(BusState(), is_settled=True, has_stood_down=False)


def test_receipts_are_stated_again(two: Two) -> None:
    """TH lost the seed of the bundle that SG sealed its receipt to: the epoch is left out, and TH asks."""
    (id_,) = two.publish(new("confirmed to a lost key"))
    two.to_sg()
    two.th.core.world.kem_keys.clear()
    two.to_th()
    assert two.states(id_)["state"] == "sent"
    two.th.now = two.sg.now = two.th.now + limits.SECOND
    assert trust_sync.renew_bundle(two.th.core)
    two.to_sg()  # the new bundle, and the question
    two.to_th()
    assert two.states(id_)["state"] == "stored"


@pytest.mark.parametrize("seed", range(4))
def test_no_order_in_which_two_hubs_bring_epochs_leaves_anybody_out(two: Two, seed: int) -> None:
    """Who is left out follows from the epoch and our own keys: SG replaces its bundle before each epoch of TH."""
    objects, titles = [], ["first", "second", "third"]
    for title in titles:
        two.publish(new(title))
        objects += two.leave(two.th)
        two.th.now = two.sg.now = two.th.now + limits.SECOND
        trust_sync.rotate_bundle(two.sg.core)
        two.th.receive(*two.leave(two.sg))
    assert len([subject for subject, _ in objects if ".epoch." in subject]) == len(titles)
    twice = objects * 2
    Random(seed).shuffle(twice)
    for each in twice:
        two.sg.receive(each)
    assert rows(two.sg, "select epoch_id from alarm where name = 'left-out'") == []
    assert rows(two.sg, "select count(*) from message")[0][0] > 0


def test_an_epoch_sealed_before_our_bundle_came_leaves_us_out_in_any_order(two: Two) -> None:
    """The control of the one above: as a gateway opens one that started beside us and waited ten seconds in vain."""
    sealed = open_sending(actor("TH"), two.sg.lists, to=("KH", "TH", "VN"))
    two.sg.receive(epoch_of(sealed), frame_of(sealed, body=beat(two.sg.lists)))
    assert rows(two.sg, "select count(*) from alarm where name = 'left-out'") == [(1,)]


# -- [E9] the question of who was left out is always answered


def requested_ranges(two: Two, realm: str = ACTUAL, first: int = 0, last: int = 65_535) -> list[tuple[str, str]]:
    """SG asks to have the newest epoch of TH sealed anew; what TH refuses of it, in the same transaction."""
    ((epoch,),) = rows(two.th, "select epoch_id from outbox where epoch_id is not null order by n desc limit 1")
    entry = Entry(epoch=bytes(epoch).hex(), first=first, last=last)
    data = receipts.make_receipt("SG", realm, "missing", [entry], two.sg.now, "E-LEFT-OUT")
    receipt = read(data)
    assert isinstance(receipt, Receipt)
    before = rows(two.th, "select coalesce(max(n), 0) from queue")[0][0]
    with two.th.core.transaction() as connection:
        requesting.apply_receipt(two.th.core, connection, receipt, data)
    found = []
    for (body,) in rows(two.th, f"select body from queue where kind = 'receipt' and channel = 'SG' and n > {before}"):
        made = json.loads(two.th.core.vault.unwrap(body, SEALED_AS))
        assert (made["stage"], made["of"]) == ("refused", [{"frame": bytes(epoch).hex()}])
        found.append((made["code"], made["note"]))
    return found


def test_of_an_epoch_of_heartbeats_alone_nothing_is_lost(two: Two) -> None:
    two.th.core.sender.forget()
    sealing.seal_heartbeat(two.th.core)
    assert requested_ranges(two) == [("E-RESEND-EMPTY", "frames 0-65535")]


def test_what_waits_to_be_sealed_again_already_is_stated_to_come(two: Two) -> None:
    two.publish(new("for a lost key"))
    two.leave(two.th)
    assert requested_ranges(two) == []
    assert requested_ranges(two) == [("E-RESEND-ANEW", "frames 0-65535")]
    assert rows(two.th, "select answer from asked_of_us") == [("E-RESEND-ANEW",)]


def test_beyond_the_end_of_an_epoch_there_is_nothing(two: Two) -> None:
    two.publish(new("for a lost key"))
    two.leave(two.th)
    assert requested_ranges(two, first=7, last=9) == [("E-RESEND-UNKNOWN", "frames 7-9")]


def test_what_a_restored_state_lost_is_stated_to_be_gone_beside_what_is_sealed_again(two: Two) -> None:
    for title in ("kept", "lost"):
        two.publish(new(title))
        two.leave(two.th)
    with two.th.core.transaction() as connection:
        connection.exec_driver_sql("update own_head set frames = 2")
        connection.exec_driver_sql("delete from outbox where seq = 1")
        meta.put(connection, positions.SETTLED, "1")
    assert requested_ranges(two) == [("E-RESEND-GONE", "frames 1-1")]
    assert requested_ranges(two) == [("E-RESEND-GONE", "frames 1-1")]


def test_over_the_bound_of_an_hour_it_is_stated(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    two.publish(new("for a lost key"))
    two.leave(two.th)
    monkeypatch.setattr(limits, "SENT_AGAIN", 1)
    monkeypatch.setattr(limits, "RANGE_COST", 1)
    assert requested_ranges(two) == [("E-RESEND-LIMIT", "frames 0-0")]


def open_alarms(kit: CoreKit) -> list[str]:
    ends.end_resolved(kit.core)
    return [row["name"] for row in alarms.list_alarms(kit.core, 0, is_open=True)]


def test_what_an_hour_has_no_room_for_is_refused_and_requested_the_next_day(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SG lost the seed to which TH sealed eight texts, and its hour at TH has room for three: none is lost silently."""
    monkeypatch.setattr(limits, "SENT_AGAIN", 4)
    monkeypatch.setattr(limits, "RANGE_COST", 1)
    two.sg.core.world.kem_keys.clear()
    for n in range(8):
        two.publish(new(f"to a lost key {n}"))
        two.to_sg()
    two.th.now = two.sg.now = two.th.now + limits.SECOND
    assert trust_sync.renew_bundle(two.sg.core)
    two.to_th()
    assert rows(two.th, "select answer, first, last from asked_of_us") == [("E-RESEND-LIMIT", 0, 65_535)]
    two.to_sg()
    texts, refused = "select count(*) from message where id like 'TH-%'", "select first, last, code from not_sent_again"
    assert (rows(two.sg, texts), rows(two.sg, refused)) == ([(3,)], [(3, 7, "E-RESEND-LIMIT")])
    requests = RequestLoop(two.sg.core)
    assert (requests.run_due(), open_alarms(two.sg)) == (0, ["left-out"])
    two.th.now = two.sg.now = two.th.now + limits.DAY
    assert (requests.run_due(), open_alarms(two.sg)) == (1, ["left-out"]), "it is requested, and not here"
    two.sg.restart()
    assert open_alarms(two.sg) == [], "frames for SG alone came after it, and no refusal stands"
    two.to_th()
    two.to_sg()
    assert (rows(two.sg, texts), rows(two.sg, refused)) == ([(6,)], [(6, 7, "E-RESEND-LIMIT")])
    assert open_alarms(two.sg) == ["left-out"], "raised again by the refusal"
    two.th.now = two.sg.now = two.th.now + limits.DAY
    assert trust_sync.renew_bundle(two.th.core)
    assert trust_sync.renew_bundle(two.sg.core)
    two.to_sg()
    assert RequestLoop(two.sg.core).run_due() == 1
    two.to_th()
    two.to_sg()
    assert (rows(two.sg, texts), open_alarms(two.sg)) == ([(8,)], [])


@pytest.mark.parametrize(
    ("code", "shown", "complete"),
    [("E-RESEND-EMPTY", "E-RESEND-EMPTY", True), ("E-RESEND-ANEW", "E-RESEND-ANEW", True),
     ("E-RESEND-GONE", "E-RESEND-GONE", False), ("E-RESEND-LIMIT", "asked", True)],
)  # fmt: skip
def test_the_asker_shows_the_answer(two: Two, code: str, shown: str, complete: bool) -> None:
    th = open_sending(actor("TH"), two.sg.lists, to=("KH", "TH"))
    two.sg.receive(epoch_of(th))
    answer = receipts.make_receipt(
        "TH",
        ACTUAL,
        "refused",
        [Entry(frame=th.opened.id.hex())],
        two.sg.now,
        code,
        details=StatementDetails(note="frames 0-65535"),
    )
    channel = open_sending(actor("TH"), two.sg.lists, channel="SG", to=("SG", "TH"))
    two.sg.receive(epoch_of(channel), frame_of(channel, answer))
    (line,) = [
        each
        for each in peers.list_peers(two.sg.core, snapshot.read_snapshot(two.sg.core, SEEN))
        if each["member"] == "TH"
    ]
    ranges = [each for channel in line["channels"] for each in channel["ranges"]]
    (epoch,) = [each for each in ranges if each["epoch"] == th.opened.id.hex()]
    assert (epoch["left_out"], line["complete"]) == (shown, complete)

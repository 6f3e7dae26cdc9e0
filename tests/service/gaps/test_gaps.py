"""The gap proof: exact ranges of what is held, missing, withheld or lost; questions, answers, and no end of asking."""

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from suar.observe.alarms import LOST_NEXT
from suar.observe.checks import every as checks
from suar.observe.hooks import Happened
from suar.protocol.base import limits, subjects
from suar.protocol.base.instants import rfc3339
from suar.protocol.base.primitives import ACTUAL
from suar.protocol.message.kinds import Entry, Receipt
from suar.protocol.message.messages import read
from suar.service.gaps import alarms, answering, ranges, request_ranges, requesting
from suar.service.gaps.answering import Answer
from suar.service.gaps.requesting import CHECK_EVERY, FIRST_AFTER, LONGEST, RequestLoop, resend_interval
from suar.service.publish import sealing
from suar.service.receipts import receipts
from suar.service.receipts.receipts import SEALED_AS, StatementDetails
from suar.service.status import peers, snapshot
from suar.service.status.snapshot import BusState, ProcessState
from suar.service.trust import trust_sync
from suar.store.engine import meta
from suar.store.inbound import gaps
from suar.store.inbound.gaps import Refusal, RequestRecord
from suar.store.outbound import outbox
from suar.store.recovery import positions
from support import stores
from support.corekit import CoreKit, epoch_of, frame_of, rows
from support.gateways import draft
from support.kit import Sending, actor, alert, beat, head, make_revoke, open_sending
from support.pairs import EXPIRES, Two, new

SEEN = ProcessState(BusState(), is_settled=True, has_stood_down=False)


@pytest.fixture
def sg(tmp_path: Path) -> Iterator[CoreKit]:
    made = CoreKit(tmp_path / "sg", "SG")
    made.receive_bundles()
    trust_sync.rotate_bundle(made.core)
    yield made
    made.close()


def change(kit: CoreKit, sql: str) -> None:
    with kit.core.transaction() as connection:
        assert connection.exec_driver_sql(sql).rowcount


def frames(sending: Sending, count: int) -> list[tuple[str, bytes]]:
    return [frame_of(sending, alert(f"TH-ALERT-2027-{sending.seq + 1:06d}")) for _ in range(count)]


def shown(kit: CoreKit, member: str = "TH") -> dict[str, Any]:
    lines = peers.list_peers(kit.core, snapshot.read_snapshot(kit.core, SEEN))
    return next(line for line in lines if line["member"] == member)


def epoch_shown(kit: CoreKit, sending: Sending) -> dict[str, Any]:
    named = [e for c in shown(kit)["channels"] for e in c["ranges"] if e["epoch"] == sending.opened.id.hex()]
    return {name: named[0][name] for name in ("held", "missing", "withheld", "empty")} if named else {}


def check(kit: CoreKit) -> str:
    found = checks.run(snapshot.read_snapshot(kit.core, SEEN), 30_000)
    return next(line.status for line in found if line.id == "gaps")


def requests_of(kit: CoreKit) -> list[dict[str, Any]]:
    """The `missing` receipts that wait to be sealed."""
    found = []
    for channel, body in rows(kit, "select channel, body from queue where kind = 'receipt' order by n"):
        receipt = json.loads(kit.core.vault.unwrap(body, SEALED_AS))
        if receipt["stage"] in ("missing", "refused"):
            found.append({"to": channel, **receipt})
    return found


# -- ranges


def test_ranges_are_exact_and_fill(sg: CoreKit) -> None:
    th = open_sending(actor("TH"), sg.lists)
    sent = frames(th, 10)
    sg.receive(epoch_of(th), *(sent[n] for n in (0, 1, 4, 5, 8)))
    assert epoch_shown(sg, th) == {
        "held": [[0, 1], [4, 5], [8, 8]], "missing": [[2, 3], [6, 7]], "withheld": [], "empty": [],
    }  # fmt: skip
    line = shown(sg)
    assert (line["complete"], line["missing"], line["frames"]) == (
        False, 4, {"held": 5, "missing": 4, "withheld": 0, "lost": 0},
    )  # fmt: skip
    assert check(sg) == "warning"
    sg.receive(sent[3])
    assert epoch_shown(sg, th)["missing"] == [[2, 2], [6, 7]]
    sg.receive(sent[2], sent[6], sent[7])
    assert epoch_shown(sg, th) == {"held": [[0, 8]], "missing": [], "withheld": [], "empty": []}
    assert (shown(sg)["complete"], check(sg)) == (True, "ok")


def test_a_head_behind_which_nothing_came_is_withheld(sg: CoreKit) -> None:
    """[F11] Told by its own member, in whichever chain; [F6] missing as soon as a later frame comes."""
    first = open_sending(actor("TH"), sg.lists)
    th = open_sending(actor("TH"), sg.lists, realm="exercise")
    sent = [frame_of(th, alert(f"TH-ALERT-2027-{n + 1:06d}", status="exercise")) for n in range(6)]
    sg.receive(epoch_of(first), epoch_of(th), *sent[:2])
    sg.receive(frame_of(first, body=beat(sg.lists, heads_of_mine=[head(th, 5)])))
    assert epoch_shown(sg, th) == {"held": [[0, 1]], "missing": [], "withheld": [[2, 4]], "empty": []}
    assert (shown(sg)["complete"], check(sg)) == (False, "warning")
    sg.receive(sent[5])
    assert epoch_shown(sg, th) == {"held": [[0, 1], [5, 5]], "missing": [[2, 4]], "withheld": [], "empty": []}
    sg.restart()
    assert epoch_shown(sg, th)["missing"] == [[2, 4]]


def test_what_an_epoch_says_of_the_one_before_it(sg: CoreKit) -> None:
    """[E8] A tail that did not come, and an epoch that never came, with the frames that it had."""
    first = open_sending(actor("TH"), sg.lists)
    sent = frames(first, 5)
    second = open_sending(actor("TH"), sg.lists, link=first.link, not_before=sg.now + 1)
    kept = frames(second, 3)
    third = open_sending(actor("TH"), sg.lists, link=second.link, not_before=sg.now + 2)
    sg.receive(epoch_of(first), *sent[:3], epoch_of(second), epoch_of(third))
    assert epoch_shown(sg, first) == {"held": [[0, 2]], "missing": [], "withheld": [[3, 4]], "empty": []}
    assert epoch_shown(sg, second)["withheld"] == [[0, 2]]
    other = open_sending(actor("TH"), sg.lists, link=third.link, not_before=sg.now + 3)
    lost = frames(other, 7)
    last = open_sending(actor("TH"), sg.lists, link=other.link, not_before=sg.now + 4)
    sg.receive(epoch_of(last))
    assert epoch_shown(sg, other) == {"held": [], "missing": [], "withheld": [[0, 6]], "empty": []}
    assert shown(sg)["frames"] == {"held": 3, "missing": 0, "withheld": 12, "lost": 0}
    sg.receive(epoch_of(other))  # late, and its frames do not come with it
    assert epoch_shown(sg, other)["withheld"] == [[0, 6]]
    sg.receive(*lost, *kept, *sent[3:])
    assert (shown(sg)["complete"], shown(sg)["missing"]) == (True, 0)


def test_frames_without_their_epoch_are_not_shown_as_complete(sg: CoreKit) -> None:
    """An epoch that a hub keeps back: its frames wait, and the epoch is asked for, by itself and alone."""
    th = open_sending(actor("TH"), sg.lists)
    sg.receive(*frames(th, 3))
    assert (shown(sg)["complete"], shown(sg)["waiting"]) == (False, 3)
    asking = RequestLoop(sg.core)
    assert asking.run_due() == 0
    sg.now += CHECK_EVERY
    assert asking.run_due() == 1
    (requested,) = requests_of(sg)
    entry = {"epoch": th.opened.id.hex(), "first": 65_535, "last": 65_535}
    assert (requested["to"], requested["of"]) == ("TH", [entry])
    sg.now += CHECK_EVERY
    assert asking.run_due() == 0
    sg.now += FIRST_AFTER
    assert asking.run_due() == 1
    sg.receive(epoch_of(th))
    assert (shown(sg)["complete"], shown(sg)["waiting"], shown(sg)["frames"]["held"]) == (True, 0, 3)


def test_of_who_may_not_speak_nothing_can_come(sg: CoreKit) -> None:
    th = open_sending(actor("TH"), sg.lists)
    sent = frames(th, 3)
    sg.receive(epoch_of(th), sent[0], sent[2])
    sg.receive((subjects.hub("TH", subjects.revoke(actor("TH").kid)), make_revoke(actor("TH"))))
    assert shown(sg)["missing"] == 0


def test_a_member_whose_key_is_revoked_is_named_with_who_can_help(sg: CoreKit) -> None:
    sg.receive((subjects.hub("TH", subjects.revoke(actor("TH").kid)), make_revoke(actor("TH"))))
    found = checks.run(snapshot.read_snapshot(sg.core, SEEN), 30_000)
    texts = {each.entity: each.text for each in found if each.id == "members-keyless"}
    assert "is revoked" in texts["TH"]
    assert not any("revoked" in text for entity, text in texts.items() if entity != "TH")


# -- heads, clocks


def test_heads_ours_and_theirs(two: Two) -> None:
    for kit in (two.th, two.sg):
        sealing.seal_heartbeat(kit.core)
    objects = two.leave(two.th)
    two.sg.receive(*objects)
    two.th.now += 3_000
    sealing.seal_heartbeat(two.sg.core)
    two.to_th()
    line = shown(two.th, "SG")
    (ours,), (theirs,) = line["heads"]["ours"], line["heads"]["theirs"]
    assert (ours["realm"], ours["frames"], ours["seen"]) == ("actual", 1, 1)
    assert (theirs["frames"], theirs["held"]) == (2, 2)
    assert line["up"]
    assert line["last_heartbeat"] == rfc3339(two.th.now)
    assert line["bundle"]["valid"]
    sealing.seal_heartbeat(two.th.core)
    assert shown(two.th, "SG")["heads"]["ours"][0] == {**ours, "frames": 2}
    assert shown(two.th, "VN")["heads"] == {"ours": [{**ours, "frames": 2, "seen": None}], "theirs": []}


def test_a_heartbeat_that_fills_a_gap_late_says_nothing_of_now(sg: CoreKit) -> None:
    th = open_sending(actor("TH"), sg.lists)
    old = frame_of(th, body=beat(sg.lists, faults=["disk"]))
    new_ = frame_of(th, body=beat(sg.lists))
    sg.receive(epoch_of(th), new_)
    sg.now += 10 * limits.MINUTE
    sg.receive(old)
    line = shown(sg)
    assert (line["up"], line["faults"], line["heartbeat_age_seconds"]) == (False, [], 600.0)


DERIVED = (
    "select member, trust_version, faults from heartbeat", "select member, heads from peer_said",
    "select epoch_id, frames from announced",
)  # fmt: skip
EDITED = (
    "update heartbeat set trust_version = 99, faults = 'disk'", "update peer_said set heads = x'92'",
    "update announced set frames = 3",
)  # fmt: skip


def derived(kit: CoreKit) -> list[list[tuple[Any, ...]]]:
    return [[tuple(row) for row in rows(kit, wanted)] for wanted in DERIVED]


def test_the_next_heartbeat_replaces_derived_rows_that_were_deleted_or_edited(sg: CoreKit) -> None:
    """As whoever writes the store does it."""
    first = open_sending(actor("TH"), sg.lists)
    th = open_sending(actor("TH"), sg.lists, realm="exercise")
    sent = [frame_of(th, alert(f"TH-ALERT-2027-{n + 1:06d}", status="exercise")) for n in range(5)]
    sg.receive(epoch_of(first), epoch_of(th), *sent[:2])
    sg.receive(frame_of(first, body=beat(sg.lists, heads_of_mine=[head(th, 5)])))
    true = derived(sg)
    assert all(len(found) == 1 for found in true)
    for statements in (EDITED, [f"delete from {table}" for table in ("heartbeat", "peer_said", "announced")]):
        for statement in statements:
            assert stores.write(sg.folder, statement) == 1
        sg.restart()
        assert not any(found == was for found, was in zip(derived(sg), true, strict=True))
        sg.receive(frame_of(first, body=beat(sg.lists, heads_of_mine=[head(th, 5)])))
        assert derived(sg) == true
        assert epoch_shown(sg, th)["withheld"] == [[2, 4]]


# -- asking


def test_requests_become_rarer_and_go_only_to_members_that_are_online(sg: CoreKit) -> None:
    th = open_sending(actor("TH"), sg.lists)
    sent = frames(th, 4)
    sg.receive(epoch_of(th), sent[0], sent[3])
    times: list[int] = []
    asking = RequestLoop(sg.core)
    for _ in range(2 * limits.DAY // limits.MINUTE):
        asking.run_due()
        if len(requests_of(sg)) > len(times):
            times.append(sg.now)
        sg.now += limits.MINUTE
        sg.core.last_heard["TH"] = sg.now
    waits = [after - before for before, after in pairwise(times)]
    assert waits[0] >= FIRST_AFTER
    assert waits == sorted(waits)
    assert LONGEST <= waits[-1] < LONGEST + limits.HOUR
    assert {tuple(one["of"][0].items()) for one in requests_of(sg)} == {
        (("epoch", th.opened.id.hex()), ("first", 1), ("last", 2))
    }
    sg.now += limits.DAY
    before = len(requests_of(sg))
    assert asking.run_due() == 0  # TH is silent: nobody would answer
    assert len(requests_of(sg)) == before
    sg.core.last_heard["TH"] = sg.now = sg.now + CHECK_EVERY
    sg.receive(sent[1], sent[2])
    asking.run_due()
    assert rows(sg, "select count(*) from asked_for") == [(0,)]


def test_an_operator_asks_at_once(sg: CoreKit) -> None:
    th = open_sending(actor("TH"), sg.lists)
    sent = frames(th, 6)
    sg.receive(epoch_of(th), sent[0], sent[2], sent[5])
    before = len(requests_of(sg))
    requested = requesting.request_all_missing(sg.core, "TH", "desk")
    assert requested is not None
    assert [(each["first"], each["last"], each["channel"]) for each in requested["asked"]] == [
        (1, 1, "all"),
        (3, 4, "all"),
    ]
    assert len(requests_of(sg)) == before + 1
    assert requesting.request_all_missing(sg.core, "VN", "desk") == {"member": "VN", "asked": []}
    assert requesting.request_all_missing(sg.core, "SG", "desk") is None
    assert requesting.request_all_missing(sg.core, "XX", "desk") is None
    assert rows(sg, "select who, about from audit where what = 'resend'") == [("desk", "TH"), ("desk", "VN")]


def test_an_operator_also_asks_for_epochs_that_frames_wait_for(sg: CoreKit) -> None:
    """Before, `suar resend` said that nothing was known to be missing while every frame of the member waited."""
    th = open_sending(actor("TH"), sg.lists)
    sg.receive(*frames(th, 2))
    requested = requesting.request_all_missing(sg.core, "TH", "desk")
    where = {"realm": "actual", "channel": "all", "epoch": th.opened.id.hex()}
    assert requested == {"member": "TH", "asked": [where | {"first": 65_535, "last": 65_535}]}
    assert len(requests_of(sg)) == 1
    assert requesting.request_all_missing(sg.core, "VN", "desk") == {"member": "VN", "asked": []}


# -- answering


def test_the_same_bytes_and_the_delivery_says_so(two: Two) -> None:
    """TH's frame is kept from SG, which asks; TH publishes the same bytes; filled late, and stored."""
    (id_,) = two.publish(new("kept"))
    kept = two.leave(two.th)
    two.publish(new("next"))
    two.sg.receive(*[each for each in [*kept, *two.leave(two.th)] if each != kept[-1]])
    two.to_th()
    assert two.states(id_)["missing"]["answer"] == "sent-again"
    assert two.states(id_)["state"] == "sent"
    two.th.now += outbox.AGAIN_AFTER
    trust_sync.release_parked(two.th.core)
    again = two.publish_due(two.th)
    assert kept[-1] in again
    two.sg.receive(*again)
    two.to_th()
    assert (two.states(id_)["state"], two.states(id_)["missing"]) == ("stored", None)
    assert shown(two.sg)["complete"]


def ask(two: Two, epoch: str, first: int, last: int, code: str = "") -> list[dict[str, Any]]:
    """SG asks TH; the refusals that TH makes of it."""
    data = receipts.make_receipt(
        "SG", ACTUAL, "missing", [Entry(epoch=epoch, first=first, last=last)], two.sg.now, code
    )
    receipt = read(data)
    assert isinstance(receipt, Receipt)
    with two.th.core.transaction() as connection:
        requesting.apply_receipt(two.th.core, connection, receipt, data)
    return requests_of(two.th)


def sent_by(two: Two, count: int = 5) -> str:
    """TH has sent that many frames to SG; their epoch."""
    for n in range(count):
        two.publish(new(f"number {n}"))
        two.leave(two.th)
    ((epoch,),) = rows(two.th, "select distinct epoch_id from outbox where channel = 'SG'")
    return bytes(epoch).hex()


def refusals(made: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(each["code"], each["note"]) for each in made if each["stage"] == "refused"]


def test_heartbeats_that_are_gone_are_stated_to_be_empty(two: Two) -> None:
    epoch = sent_by(two)
    change(two.th, "update outbox set messages = 0 where seq in (1, 3, 4)")
    with two.th.core.transaction() as connection:
        outbox.purge(connection, 0, two.th.now + 1)
    assert refusals(ask(two, epoch, 0, 4)) == [("E-RESEND-EMPTY", "frames 1-1 3-4")]
    assert rows(two.th, "select seq from outbox where again_at is not null order by coalesce(seq, -1)") == [
        (None,),
        (0,),
        (2,),
    ]


def test_what_a_restored_origin_lost_is_stated_to_be_gone(two: Two) -> None:
    epoch = sent_by(two)
    change(two.th, "delete from outbox where seq in (1, 3, 4)")
    with two.th.core.transaction() as connection:
        meta.put(connection, positions.SETTLED, "1")
    refused = refusals(ask(two, epoch, 0, 4))
    assert refused == [("E-RESEND-EMPTY", "frames 1-1"), ("E-RESEND-GONE", "frames 3-4")]


@pytest.mark.parametrize("code", ["", "E-LEFT-OUT"])
def test_what_was_never_sent_to_the_asker_is_unknown(two: Two, code: str) -> None:
    """Another member's channel is answered like an epoch that never was: nobody learns of it."""
    two.publish(draft("for VN", ["VN"], expires=EXPIRES))
    two.leave(two.th)
    ((others,),) = rows(two.th, "select distinct epoch_id from outbox where channel = 'VN'")
    before = rows(two.th, "select count(*) from queue where id is not null")
    for epoch in (bytes(others).hex(), "ab" * 32):
        assert refusals(ask(two, epoch, 0, 3, code))[-1] == ("E-RESEND-UNKNOWN", "frames 0-3")
    assert rows(two.th, "select count(*) from outbox where again_at is not null") == [(0,)]
    assert rows(two.th, "select count(*) from queue where id is not null") == before


def test_beyond_the_end_of_an_epoch_is_unknown(two: Two) -> None:
    assert refusals(ask(two, sent_by(two, 2), 1, 9)) == [("E-RESEND-UNKNOWN", "frames 2-9")]


def test_all_of_an_epoch_is_requested_without_knowing_its_end(two: Two) -> None:
    """As it is of an epoch that never came: nothing is refused."""
    assert refusals(ask(two, sent_by(two, 2), 0, receipts.EVERY_FRAME)) == []


def test_the_end_of_an_epoch_is_known_by_the_next_one(two: Two) -> None:
    epoch = sent_by(two, 3)
    change(two.th, "delete from outbox where seq = 2")
    two.th.restart()
    two.publish(new("in the next epoch"))
    two.leave(two.th)
    assert refusals(ask(two, epoch, 0, 2)) == [("E-RESEND-EMPTY", "frames 2-2")]


def test_too_much_in_an_hour_is_reported_once(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    epoch = sent_by(two, 2)
    monkeypatch.setattr(limits, "SENT_AGAIN", 2)
    monkeypatch.setattr(limits, "RANGE_COST", 1)
    for _ in range(4):
        refused = refusals(ask(two, epoch, 0, 1))
    assert refused == [("E-RESEND-LIMIT", "frames 0-1")]
    two.th.now += limits.HOUR
    for _ in range(4):
        refused = refusals(ask(two, epoch, 0, 1))
    assert len(refused) == 2


def test_many_ranges_take_several_notes_of_the_standards_length() -> None:
    spans = [(n, n) for n in range(0, 400, 2)]
    notes = list(request_ranges.range_notes(spans))
    assert max(map(len, notes)) <= 200
    found: list[tuple[int, int]] = []
    for note in notes:
        answer = answering.read_refusal(refusal("ab" * 32, note))
        assert answer is not None
        found += answer.ranges
    assert found == spans


def refusal(epoch: str, note: str, code: str = "E-RESEND-GONE", member: str = "TH") -> Receipt:
    statement = StatementDetails(note=note)
    receipt = read(
        receipts.make_receipt(
            member, ACTUAL, "refused", [Entry(frame=epoch)], 1_800_000_000_000, code, details=statement
        )
    )
    assert isinstance(receipt, Receipt)
    return receipt


@pytest.mark.parametrize(
    "note",
    ["", "frames", "frames 3", "frames 3-1", "frames 1-2,3-4", "frames 1-2 ", "the desk was closed", "frames 1-123456"],
)
def test_another_note_is_no_answer(note: str) -> None:
    assert answering.read_refusal(refusal("ab" * 32, note)) is None


# -- answers to us


def answered(kit: CoreKit, sending: Sending, note: str, code: str, member: str = "TH") -> None:
    receipt = refusal(sending.opened.id.hex(), note, code, member)
    with kit.core.transaction() as connection:
        requesting.apply_receipt(kit.core, connection, receipt, b"")


def with_holes(sg: CoreKit) -> Sending:
    """Frames 1 to 3 and 5 are missing."""
    th = open_sending(actor("TH"), sg.lists)
    sent = frames(th, 7)
    sg.receive(epoch_of(th), sent[0], sent[4], sent[6])
    return th


def test_what_is_lost_stays_shown_and_is_no_longer_requested(sg: CoreKit) -> None:
    th = with_holes(sg)
    answered(sg, th, "frames 2-3", "E-RESEND-GONE")
    line = shown(sg)
    assert (line["complete"], line["missing"]) == (False, 4)
    assert line["frames"] == {"held": 3, "missing": 2, "withheld": 0, "lost": 2}
    (epoch,) = line["channels"][0]["ranges"]
    assert epoch["missing"] == [[1, 1], [5, 5]]
    assert [(e["first"], e["last"], e["code"]) for e in epoch["lost"]] == [(2, 3, "E-RESEND-GONE")]
    answered(sg, th, "frames 0-6", "E-RESEND-GONE")
    assert shown(sg)["frames"] == {"held": 3, "missing": 0, "withheld": 0, "lost": 4}
    assert (shown(sg)["complete"], check(sg)) == (False, "warning")
    sg.core.last_heard["TH"] = sg.now
    asking = RequestLoop(sg.core)
    before = len(requests_of(sg))
    for _ in range(10):
        sg.now += LONGEST
        sg.core.last_heard["TH"] = sg.now
        asking.run_due()
    assert len(requests_of(sg)) == before
    requested = requesting.request_all_missing(sg.core, "TH", "desk")  # an operator may insist
    assert requested is not None
    assert [(each["first"], each["last"]) for each in requested["asked"]] == [(1, 1), (2, 3), (5, 5)]


def test_what_was_empty_is_not_missing(sg: CoreKit) -> None:
    th = with_holes(sg)
    answered(sg, th, "frames 1-3 5-5", "E-RESEND-EMPTY")
    assert (shown(sg)["complete"], shown(sg)["missing"], check(sg)) == (True, 0, "ok")
    assert epoch_shown(sg, th)["empty"] == [[1, 3], [5, 5]]


def test_what_comes_all_the_same_is_held(sg: CoreKit) -> None:
    """An origin that found it after all, or a hub that gave it at last."""
    th = open_sending(actor("TH"), sg.lists)
    sent = frames(th, 4)
    sg.receive(epoch_of(th), sent[0], sent[3])
    answered(sg, th, "frames 1-2", "E-RESEND-GONE")
    sg.receive(sent[1], sent[2])
    assert (shown(sg)["complete"], shown(sg)["frames"]["lost"]) == (True, 0)
    assert epoch_shown(sg, th)["held"] == [[0, 3]]


@pytest.mark.parametrize(
    ("note", "code", "member"),
    [("frames 0-0", "E-RESEND-GONE", "TH"), ("frames 4-4 6-9", "E-RESEND-GONE", "TH"),
     ("frames 1-5", "E-RESEND-GONE", "VN"), ("frames 1-5", "E-RESEND-LIMIT", "TH"), ("frames 1-5", "E-OTHER", "TH")],
    ids=["what we hold", "and beyond", "of another member", "not final", "another code"],
)  # fmt: skip
def test_an_answer_takes_nothing_away(sg: CoreKit, note: str, code: str, member: str) -> None:
    th = with_holes(sg)
    answered(sg, th, note, code, member)
    assert epoch_shown(sg, th)["missing"] == [[1, 3], [5, 5]]
    assert shown(sg)["frames"]["lost"] == 0


def test_answers_are_bounded(sg: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gaps, "REFUSALS_MAX", 2)
    th = open_sending(actor("TH"), sg.lists)
    sent = frames(th, 12)
    sg.receive(epoch_of(th), *sent[::2])
    for n in range(1, 11, 2):
        answered(sg, th, f"frames {n}-{n}", "E-RESEND-GONE")
    assert shown(sg)["frames"]["lost"] == 2
    assert shown(sg)["frames"]["missing"] == 3


def test_questions_are_bounded(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gaps, "QUESTIONS_MAX", 3)
    epoch = sent_by(two, 6)
    for n in range(6):
        two.th.now += 1
        ask(two, epoch, n, n)
    assert rows(two.th, "select first from asked_of_us order by first") == [(3,), (4,), (5,)]


def test_a_refusal_leaves_no_receipt_row_and_no_delivery(two: Two) -> None:
    """It is about no message of ours; and it is answered by nothing."""
    th = open_sending(actor("TH"), two.sg.lists)
    answered(two.sg, th, "frames 0-3", "E-RESEND-GONE")  # an epoch that SG does not know
    assert rows(two.sg, "select count(*) from not_sent_again") == [(0,)]
    sg_epoch = with_holes_of(two)
    answered(two.sg, sg_epoch, "frames 1-1", "E-RESEND-GONE")
    assert rows(two.sg, "select count(*) from receipt") == [(0,)]
    assert [each.event for each in two.sg.records if isinstance(each, Happened)].count("not_sent_again") == 1


def with_holes_of(two: Two) -> Sending:
    th = open_sending(actor("TH"), two.sg.lists, not_before=two.sg.now + 1)
    sent = frames(th, 3)
    two.sg.receive(epoch_of(th), sent[0], sent[2])
    return th


# -- small parts


def test_the_window_is_what_the_own_stream_says() -> None:
    short = resend_interval({"config": {"duplicate_window": 1_000_000_000}}, outbox.AGAIN_AFTER)
    assert short == 1_000 + outbox.AGAIN_MARGIN
    assert resend_interval(None, short) == short  # it did not answer
    assert resend_interval({"config": {}}, short) == outbox.AGAIN_AFTER


@pytest.mark.parametrize(
    ("spans", "refused", "left", "lost"),
    [
        ([(0, 9)], [(3, 5)], [(0, 2), (6, 9)], [(3, 5)]),
        ([(0, 9)], [(0, 0), (9, 9)], [(1, 8)], [(0, 0), (9, 9)]),
        ([(0, 3), (6, 9)], [(2, 7)], [(0, 1), (8, 9)], [(2, 3), (6, 7)]),
        ([(4, 4)], [(0, 9)], [], [(4, 4)]),
        ([(4, 6)], [(0, 3), (7, 9)], [(4, 6)], []),
    ],
)
def test_a_range_less_its_answers(
    spans: list[ranges.Span], refused: list[ranges.Span], left: list[ranges.Span], lost: list[ranges.Span]
) -> None:
    kept = [Refusal(first, last, "E-RESEND-GONE", 1) for first, last in refused]
    assert list(ranges.unanswered_parts(spans, kept)) == left
    assert [(each.first, each.last) for each in ranges.answered_parts(spans, kept)["lost"]] == lost


def test_old_rows_go(sg: CoreKit) -> None:
    with_holes(sg)
    RequestLoop(sg.core).run_due()
    with sg.core.transaction() as connection:
        gaps.record_carried(connection, [bytes(32)], sg.now)
        gaps.record_announced(connection, bytes(32), 3, sg.now)
        gaps.note_question(connection, "VN", bytes(32), 0, 1, "sent-again", sg.now)
        gaps.save_refusals(connection, bytes(32), [Refusal(0, 1, "E-RESEND-GONE", sg.now)])
        gaps.record_requests(connection, {bytes(32): RequestRecord(sg.now, 1)})
        gaps.forget_old(connection, sg.now + 1)
    for table in ("by_hand", "announced", "asked_of_us", "not_sent_again", "asked_for"):
        assert rows(sg, f"select count(*) from {table}") == [(0,)]


def test_an_answer_is_a_value() -> None:
    assert answering.read_refusal(refusal("ab" * 32, "frames 3-7 9-9")) == Answer(
        bytes.fromhex("ab" * 32), "E-RESEND-GONE", ((3, 7), (9, 9))
    )


def of_check(kit: CoreKit, name: str) -> tuple[str, str]:
    found = checks.run(snapshot.read_snapshot(kit.core, SEEN), 30_000)
    return next((line.status, line.text) for line in found if line.id == name)


def test_what_waits_for_an_epoch_that_its_sender_does_not_have_is_lost(sg: CoreKit) -> None:
    """TH was put back: the epoch is nowhere any more, and what TH sealed in it is known here by its frames alone."""
    lost = open_sending(actor("TH"), sg.lists)
    sg.receive(*frames(lost, 2))
    later = open_sending(actor("TH"), sg.lists, link=lost.link, not_before=sg.now - limits.MINUTE + 1)
    sg.receive(epoch_of(later))
    sg.now += 2 * limits.WAIT_CRITICAL
    assert of_check(sg, "waiting")[0] == "critical"
    (before,) = alarms.list_alarms(sg.core, 0)
    assert (before["name"], before["ends_by_itself"]) == ("epoch-missing", True)
    answered(sg, lost, "frames 0-1", "E-RESEND-UNKNOWN")
    assert of_check(sg, "waiting") == ("ok", "2 objects wait, 2 of them for an epoch that its sender does not have")
    (after,) = alarms.list_alarms(sg.core, 0)
    assert (after["state"], after["ends_by_itself"], after["next"]) == ("open", False, LOST_NEXT)
    other = open_sending(actor("VN"), sg.lists)
    sg.receive(frame_of(other, alert("VN-ALERT-2027-000001")))
    sg.now += 2 * limits.WAIT_CRITICAL
    assert of_check(sg, "waiting") == ("critical", "1 object of VN waits for 30 min")


def test_another_member_does_not_say_of_it_that_it_is_lost(sg: CoreKit) -> None:
    """VN names an epoch of TH, whose frames wait here, as its own predecessor, and answers that it has none."""
    waits = open_sending(actor("TH"), sg.lists)
    sg.receive(*frames(waits, 2))
    sg.receive(epoch_of(open_sending(actor("VN"), sg.lists, link=waits.link)))
    answered(sg, waits, "frames 0-1", "E-RESEND-UNKNOWN", "VN")
    sg.now += 2 * limits.WAIT_CRITICAL
    assert of_check(sg, "waiting")[0] == "critical"


@pytest.mark.parametrize("code", ["E-RESEND-GONE", "E-RESEND-UNKNOWN"])
def test_a_gap_of_frames_that_are_lost_does_not_end_by_itself(sg: CoreKit, code: str) -> None:
    th = with_holes(sg)
    answered(sg, th, "frames 1-2", code)
    assert {each["ends_by_itself"] for each in alarms.list_alarms(sg.core, 0)} == {True}
    answered(sg, th, "frames 3-3", code)
    found = alarms.list_alarms(sg.core, 0)
    shown_as_lost = {(each["first"], each["ends_by_itself"], each["next"] == LOST_NEXT) for each in found}
    assert shown_as_lost == {(1, False, True), (5, True, False)}


def test_left_out_is_shown_and_what_the_sender_refuses_of_it_is_not_complete(sg: CoreKit) -> None:
    """[E9] The messages come sealed again in our own channel; how many there were nobody can count."""
    th = open_sending(actor("TH"), sg.lists, to=("KH", "TH"))
    sg.receive(epoch_of(th), *frames(th, 2))
    (epoch,) = shown(sg)["channels"][0]["ranges"]
    assert (epoch["left_out"], shown(sg)["complete"], shown(sg)["missing"]) == ("asked", True, 0)
    answered(sg, th, "frames 0-65535", "E-RESEND-UNKNOWN")
    (epoch,) = shown(sg)["channels"][0]["ranges"]
    assert (epoch["left_out"], shown(sg)["complete"], shown(sg)["missing"]) == ("E-RESEND-UNKNOWN", False, 0)

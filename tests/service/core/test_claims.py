"""[F11] What a third member says of another's frames: shown as its word, asked for, and nobody's fault or gap."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from suar.observe.checks import every as checks
from suar.observe.hooks import AlarmRaised
from suar.protocol.base import limits
from suar.protocol.base.primitives import ACTUAL, hash_
from suar.protocol.message.kinds import Entry
from suar.protocol.transport.epoch import Link
from suar.service.core import claims
from suar.service.core.claims import EPOCHS_MAX, FIRST_AFTER, ClaimQuota
from suar.service.gaps import alarms as alarm_views
from suar.service.publish import sealing
from suar.service.receipts import receipts
from suar.service.receipts.receipts import SEALED_AS, StatementDetails
from suar.service.status import peers, snapshot
from suar.service.status.snapshot import BusState, ProcessState
from suar.service.status.why import why
from suar.service.trust import trust_sync
from support.corekit import CoreKit, epoch_of, frame_of, rows
from support.kit import NOW, Sending, actor, alert, beat, head, open_sending

SEEN = ProcessState(BusState(), is_settled=True, has_stood_down=False)


@pytest.fixture
def sg(tmp_path: Path) -> Iterator[CoreKit]:
    made = CoreKit(tmp_path / "sg", "SG")
    made.receive_bundles()
    trust_sync.rotate_bundle(made.core)
    yield made
    made.close()


@pytest.fixture
def th(sg: CoreKit) -> Sending:
    """TH's chain to all, of which SG has two frames and TH three more."""
    sending = open_sending(actor("TH"), sg.lists)
    sent = [frame_of(sending, alert(f"TH-ALERT-2027-{n + 1:06d}")) for n in range(5)]
    sg.receive(epoch_of(sending), *sent[:2])
    return sending


@pytest.fixture
def vn(sg: CoreKit) -> Sending:
    sending = open_sending(actor("VN"), sg.lists)
    sg.receive(epoch_of(sending))
    return sending


def send_heads(sg: CoreKit, sending: Sending, *heads: list[Any], field: str = "heads_seen") -> None:
    sg.receive(frame_of(sending, body=beat(sg.lists, **{field: list(heads)})))


def line(sg: CoreKit, member: str) -> dict[str, Any]:
    lines = peers.list_peers(sg.core, snapshot.read_snapshot(sg.core, SEEN))
    return next(each for each in lines if each["member"] == member)


def questions(sg: CoreKit) -> list[tuple[str, str, int, int]]:
    """(to, realm, first, last) of every range that is asked for."""
    found = []
    for channel, body in rows(sg, "select channel, body from queue where kind = 'receipt' order by n"):
        receipt = json.loads(sg.core.vault.unwrap(body, SEALED_AS))
        if receipt["stage"] == "missing":
            found += [(channel, receipt["status"], each["first"], each["last"]) for each in receipt["of"]]
    return found


def test_who_says_it_is_named_everywhere_and_the_other_one_nowhere_as_at_fault(
    sg: CoreKit, th: Sending, vn: Sending
) -> None:
    send_heads(sg, vn, head(th, 5))
    (alarm,) = alarm_views.list_alarms(sg.core, 0)
    assert (alarm["name"], alarm["member"], alarm["origin"], alarm["first"], alarm["last"]) == ("gap", "VN", "TH", 2, 4)
    (raised,) = [record for record in sg.records if isinstance(record, AlarmRaised)]
    assert (raised.member, raised.claimed_of) == ("VN", "TH")
    found = {each.id: each for each in checks.run(snapshot.read_snapshot(sg.core, SEEN), 30_000)}
    assert (found["alarms"].status, found["alarms"].entity) == ("warning", "VN")
    assert "VN" in found["alarms"].text
    assert "stated by VN: frames of TH" in found["alarms"].text
    assert "about VN" not in found["alarms"].text
    assert found["gaps"].status == "ok"
    shown = line(sg, "TH")
    assert (shown["complete"], shown["missing"], shown["frames"]["withheld"]) == (True, 0, 0)
    epoch = {"realm": "actual", "channel": "all", "epoch": th.opened.id.hex()}
    assert shown["claims"] == [{"member": "VN", **epoch, "first": 2, "last": 4}]
    assert line(sg, "VN")["claims"] == []
    assert questions(sg) == [("TH", "actual", 2, 4)]
    assert rows(sg, "select count(*) from announced") == [(0,)]


def test_a_claim_ends_with_the_number_that_the_next_epoch_signs(sg: CoreKit, th: Sending, vn: Sending) -> None:
    false = [9 if part == 5 else part for part in head(th, 5)]  # a true frame under a number that never was
    send_heads(sg, vn, false)
    assert [each["last"] for each in line(sg, "TH")["claims"]] == [8]
    following = open_sending(actor("TH"), sg.lists, link=th.link, not_before=NOW)  # of five frames, it says
    sg.receive(epoch_of(following))
    assert [(each["first"], each["last"]) for each in line(sg, "TH")["claims"]] == [], (
        "its frames are known to be missing, and no others"
    )


def test_why_names_who_says_it(sg: CoreKit, th: Sending, vn: Sending) -> None:
    seen = ProcessState(BusState(is_connected=True), is_settled=True, has_stood_down=False)
    before = why(sg.core, "TH-ALERT-2027-000004", "TH", seen)
    send_heads(sg, vn, head(th, 5))
    after = why(sg.core, "TH-ALERT-2027-000004", "TH", seen)
    assert before is not None
    assert after is not None
    assert (before["cause"], after["cause"]) == ("unknown-message", "gap-open")
    assert (after["values"]["claimed"], after["values"]["missing"]) == ("VN", 0)


def test_a_claim_that_grows_with_each_heartbeat_is_one_alarm(sg: CoreKit, th: Sending, vn: Sending) -> None:
    for frames in (3, 4, 5):
        send_heads(sg, vn, head(th, frames))
    (alarm,) = alarm_views.list_alarms(sg.core, 0)
    assert (alarm["member"], alarm["first"], alarm["last"], alarm["seen_again"]) == ("VN", 2, 4, 2)


def test_it_is_still_its_word_after_a_restart(sg: CoreKit, th: Sending, vn: Sending) -> None:
    send_heads(sg, vn, head(th, 5))
    sg.restart()
    assert [each["member"] for each in line(sg, "TH")["claims"]] == ["VN"]
    assert (line(sg, "TH")["complete"], alarm_views.list_alarms(sg.core, 0)[0]["origin"]) == (True, "TH")


def test_a_later_frame_makes_of_it_what_is_missing(sg: CoreKit, th: Sending, vn: Sending) -> None:
    send_heads(sg, vn, head(th, 5))
    sg.receive(frame_of(th, alert("TH-ALERT-2027-000006")))
    assert line(sg, "TH")["claims"] == []
    assert (line(sg, "TH")["complete"], line(sg, "TH")["missing"]) == (False, 3)
    assert [each["member"] for each in alarm_views.list_alarms(sg.core, 0)] == ["VN", "TH"]


def test_the_head_of_the_member_itself_confirms_it(sg: CoreKit, vn: Sending) -> None:
    first, exercise = open_sending(actor("TH"), sg.lists), open_sending(actor("TH"), sg.lists, realm="exercise")
    sg.receive(epoch_of(first), epoch_of(exercise))
    for n in range(3):
        exercise.frame(alert(f"TH-ALERT-2027-{n + 1:06d}", status="exercise"))
    send_heads(sg, vn, head(exercise, 3))
    assert (line(sg, "TH")["missing"], len(line(sg, "TH")["claims"])) == (0, 1)
    send_heads(sg, first, head(exercise, 2))
    shown = line(sg, "TH")
    assert (shown["missing"], [(each["first"], each["last"]) for each in shown["claims"]]) == (2, [(2, 2)])


@pytest.mark.parametrize("frames", [1, 2], ids=["an older number", "the newest number"])
def test_a_true_frame_under_another_number_accuses_nobody_else(
    sg: CoreKit, th: Sending, vn: Sending, frames: int
) -> None:
    """It is not shown as frames that might come either: we hold that number."""
    send_heads(sg, vn, head(th, 3 - frames, frames=frames))
    assert [(each["name"], each["member"]) for each in alarm_views.list_alarms(sg.core, 0)] == [("gap", "VN")]
    assert line(sg, "TH")["claims"] == []
    assert not sg.core.world.epochs[th.opened.id].sequence.is_frozen


def test_two_frames_of_one_number_shown_by_their_own_member_are_its_equivocation(sg: CoreKit) -> None:
    first, exercise = open_sending(actor("TH"), sg.lists), open_sending(actor("TH"), sg.lists, realm="exercise")
    other = exercise.craft(alert(status="exercise"), moves_on=False)
    sg.receive(epoch_of(first), epoch_of(exercise))
    sg.receive(frame_of(exercise, alert("TH-ALERT-2027-000002", status="exercise")))
    send_heads(sg, first, head(exercise, 1, hash=hash_("frame", other[:-64], "exercise"), signature=other[-64:]))
    assert [(each["name"], each["member"]) for each in alarm_views.list_alarms(sg.core, 0)] == [("equivocation", "TH")]


def test_a_gap_that_the_member_itself_shows_is_no_claim(sg: CoreKit) -> None:
    first, exercise = open_sending(actor("TH"), sg.lists), open_sending(actor("TH"), sg.lists, realm="exercise")
    sg.receive(epoch_of(first), epoch_of(exercise))
    for n in range(2):
        exercise.frame(alert(f"TH-ALERT-2027-{n + 1:06d}", status="exercise"))
    send_heads(sg, first, head(exercise, 2))
    raised = [record for record in sg.records if isinstance(record, AlarmRaised)]
    assert [(each.name, each.member, each.claimed_of) for each in raised] == [("gap", "TH", "")]


# -- heads are named in turn


@pytest.fixture
def kh(sg: CoreKit) -> Sending:
    """KH's chain to all, of which SG has the one frame."""
    sending = open_sending(actor("KH"), sg.lists)
    sg.receive(epoch_of(sending), frame_of(sending, alert("KH-ALERT-2027-000001")))
    return sending


def test_what_a_member_says_of_a_chain_stays_until_it_names_the_chain_again(
    sg: CoreKit, th: Sending, vn: Sending, kh: Sending
) -> None:
    send_heads(sg, vn, head(th, 5))
    send_heads(sg, vn, head(kh, 1))
    send_heads(sg, vn)
    assert [(each["first"], each["last"]) for each in line(sg, "TH")["claims"]] == [(2, 4)]
    send_heads(sg, vn, head(th, 2))
    assert line(sg, "TH")["claims"] == []


def test_the_next_epoch_of_a_chain_ends_what_was_stated_of_the_one_before(
    sg: CoreKit, th: Sending, vn: Sending
) -> None:
    send_heads(sg, vn, head(th, 5))
    after = open_sending(actor("TH"), sg.lists, link=Link(th.opened.id, 2, head(th, 2)[2]), not_before=sg.now)
    sg.receive(epoch_of(after), frame_of(after, alert("TH-ALERT-2027-000009")))
    send_heads(sg, vn, head(after, 1))
    assert line(sg, "TH")["claims"] == []


def test_an_epoch_behind_a_missing_one_ends_what_was_stated_before_it(sg: CoreKit, th: Sending, vn: Sending) -> None:
    """VN names the chain again, so what it said before is no longer its word, though nothing signs the number."""
    send_heads(sg, vn, head(th, 5))
    between = Link(hash_("epoch", b"missing"), 2, bytes(32))
    after = open_sending(actor("TH"), sg.lists, link=between, not_before=sg.now)
    sg.receive(epoch_of(after), frame_of(after, alert("TH-ALERT-2027-000009")))
    assert [(each["first"], each["last"]) for each in line(sg, "TH")["claims"]] == [(2, 4)]
    send_heads(sg, vn, head(after, 1))
    assert line(sg, "TH")["claims"] == []


def test_how_much_of_ours_a_member_has_seen_stays_also_where_it_names_others(
    sg: CoreKit, vn: Sending, kh: Sending
) -> None:
    sealing.seal_heartbeat(sg.core)
    chain = sg.core.sender.chain(ACTUAL, "all")
    assert chain.opened is not None
    assert chain.last is not None
    send_heads(sg, vn, [chain.opened.id, 1, chain.last.hash, chain.last.signature])
    send_heads(sg, vn, head(kh, 1))
    assert [each["seen"] for each in line(sg, "VN")["heads"]["ours"]] == [1]


def test_what_is_kept_of_a_members_heads_is_bounded(sg: CoreKit, vn: Sending) -> None:
    """Each heartbeat names as many epochs that nobody has as fit."""
    for n in range(3):
        send_heads(
            sg,
            vn,
            *(
                [bytes([n]) + hash_("epoch", bytes([i % 256, i // 256]))[1:], 1, bytes(32), bytes(64)]
                for i in range(460)
            ),
        )
    ((kept,),) = rows(sg, "select length(heads) from peer_said where member = 'VN'")
    assert 440 * 35 <= kept <= 440 * 40


# -- asking


def test_it_is_requested_ever_more_rarely(sg: CoreKit, th: Sending, vn: Sending) -> None:
    """A heartbeat comes every 30 s, and a liar may name another number in each."""
    for n in range(4):
        send_heads(sg, vn, head(th, 5, frames=5 + n))
        sg.now += 30 * limits.SECOND
    assert questions(sg) == [("TH", "actual", 2, 4)]
    sg.now += FIRST_AFTER
    send_heads(sg, vn, head(th, 5))
    assert questions(sg) == [("TH", "actual", 2, 4)] * 2
    sg.now += FIRST_AFTER
    send_heads(sg, vn, head(th, 5))
    assert len(questions(sg)) == 2


def test_the_word_of_one_member_makes_us_ask_about_so_many_epochs() -> None:
    quota = ClaimQuota()
    requested = [quota.count_request("VN", n.to_bytes(32, "big"), 1) for n in range(EPOCHS_MAX + 5)]
    assert (sum(requested), quota.count_request("KH", bytes(32), 1)) == (EPOCHS_MAX, True)
    assert quota.count_request("VN", b"\xff" * 32, 1 + claims.LONGEST)


# -- whose head is whose


def test_a_member_has_no_heads_but_its_own(sg: CoreKit, th: Sending, vn: Sending) -> None:
    send_heads(sg, vn, head(th, 2), field="heads_of_mine")
    assert line(sg, "VN")["heads"]["theirs"] == []
    send_heads(sg, th, head(th, 5), field="heads_seen")
    assert [each["epoch"] for each in line(sg, "TH")["heads"]["theirs"]] == [th.opened.id.hex()]


def test_nobody_answers_for_an_epoch_that_two_members_name_as_theirs(sg: CoreKit) -> None:
    """[E8] VN names TH's missing epoch as its own predecessor, and says that its frames are gone."""
    missing = open_sending(actor("TH"), sg.lists)
    missing.frame(alert())
    for code in ("VN", "TH"):
        link = Link(missing.opened.id, 1, missing.prev)
        sg.receive(epoch_of(open_sending(actor(code), sg.lists, link=link, not_before=sg.now + 1)))
    answer = receipts.make_receipt(
        "VN", ACTUAL, "refused", [Entry(frame=missing.opened.id.hex())], sg.now, "E-RESEND-GONE",
        details=StatementDetails(note="frames 0-0"),
    )  # fmt: skip
    channel = open_sending(actor("VN"), sg.lists, channel="SG", to=("SG", "VN"))
    sg.receive(epoch_of(channel), frame_of(channel, answer))
    assert rows(sg, "select count(*) from not_sent_again") == [(0,)]
    assert line(sg, "TH")["frames"] == {"held": 0, "missing": 0, "withheld": 1, "lost": 0}


def test_who_says_to_have_seen_more_of_ours_than_left_has_said_nothing(sg: CoreKit, vn: Sending) -> None:
    sealing.seal_heartbeat(sg.core)
    ((_, end),) = sg.core.status.ends
    shown = []
    for frames in (end.frames, 1015):
        send_heads(sg, vn, [end.epoch_id, frames, end.hash, bytes(64)])
        ((each),) = line(sg, "VN")["heads"]["ours"]
        shown.append((each["seen"], each["frames"]))
    assert shown == [(end.frames, end.frames), (None, end.frames)]


# -- a way that is cut for one member alone


@pytest.fixture
def whole(sg: CoreKit) -> Sending:
    """TH's chain to all, of which nothing lacks."""
    sending = open_sending(actor("TH"), sg.lists)
    sg.receive(epoch_of(sending), frame_of(sending, alert("TH-ALERT-2027-000001")))
    return sending


def send_heartbeat(sg: CoreKit, sending: Sending, *heads: list[Any]) -> None:
    """A live heartbeat half a minute after the last one, while objects from the hub reach us."""
    sg.now += limits.HEARTBEAT_INTERVAL
    sg.core.record_listening(True, sg.now, patience=2 * limits.HEARTBEAT_INTERVAL)
    sg.receive(frame_of(sending, body=beat(sg.lists, heads_seen=list(heads)), ts=sg.now))


def cause_of(sg: CoreKit, id_: str = "TH-ALERT-2027-000004") -> tuple[str, Any]:
    seen = ProcessState(BusState(is_connected=True), is_settled=True, has_stood_down=False)
    found = why(sg.core, id_, "TH", seen)
    assert found is not None
    return found["cause"], found["values"]["witnesses"]


def silence_of(sg: CoreKit) -> str:
    found = checks.run(snapshot.read_snapshot(sg.core, SEEN), limits.HEARTBEAT_INTERVAL)
    return next(each.text for each in found if each.id == "peers-silent" and each.entity == "TH")


def test_who_is_silent_here_and_continues_elsewhere_is_not_accused(sg: CoreKit, whole: Sending, vn: Sending) -> None:
    """The hub keeps TH's frames from us alone: VN's heartbeats name more of them each time."""
    send_heartbeat(sg, whole)
    for _ in range(3):
        send_heartbeat(sg, vn)
    assert cause_of(sg) == ("peer-silent", "")
    ends = []
    for _ in range(3):
        whole.frame(body=beat(sg.lists), ts=sg.now)  # it never comes here
        ends.append(whole.seq)
        send_heartbeat(sg, vn, head(whole, whole.seq))
    assert len(set(ends)) == 3
    assert cause_of(sg) == ("heard-elsewhere", "VN")
    assert "newer frames of it are named by VN: the way from it to us may be at fault" in silence_of(sg)
    gap = next(row for row in alarm_views.list_alarms(sg.core, 0, is_open=True) if row["name"] == "gap")
    assert (gap["member"], gap["origin"]) == ("VN", "TH")
    assert "neither member is known to be at fault" in gap["next"]
    send_heartbeat(sg, whole)
    assert cause_of(sg)[0] != "heard-elsewhere"


@pytest.mark.parametrize("further", [0, 1])
def test_one_word_that_does_not_move_says_nothing_of_the_way(
    sg: CoreKit, whole: Sending, vn: Sending, further: int
) -> None:
    """TH ended: what VN has of it is what we have, or one frame more, and no further one comes."""
    send_heartbeat(sg, whole)
    held = whole.seq
    for _ in range(further):
        whole.frame(body=beat(sg.lists), ts=sg.now)
    for _ in range(5):
        send_heartbeat(sg, vn, head(whole, whole.seq))
    assert whole.seq == held + further
    assert cause_of(sg) == ("peer-silent", "")
    assert "named by" not in silence_of(sg)

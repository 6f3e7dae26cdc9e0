"""Carried files between cores: the bus's own door and nothing beside it, both ways, any order, hostile ones refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from suar.protocol.base import limits, subjects
from suar.protocol.base.errors import Fault, Refused
from suar.protocol.base.primitives import signing_key
from suar.protocol.files.carried import LENGTH, SegmentReader, SegmentWriter
from suar.service.publish import accepting, sealing
from suar.service.receive import carry, inbound
from suar.service.receive.batch import Arrival
from suar.service.status import peers, snapshot
from suar.service.status.snapshot import BusState, ProcessState
from suar.service.trust import trust_sync
from support.corekit import CoreKit, epoch_of, frame_of, rows
from support.gateways import draft
from support.kit import (
    FEDERATION,
    ListMaker,
    actor,
    alert,
    beat,
    head,
    make_bundle,
    make_revoke,
    member_row,
    open_sending,
)
from support.pairs import EXPIRES, Two, new

Object = tuple[str, bytes]
SEEN = ProcessState(BusState(), is_settled=True, has_stood_down=False)


def exported(kit: CoreKit, to: str | None, *, everything: bool = False) -> list[bytes]:
    """The segments of a file, as they stand in it."""
    export, found = carry.begin_export(kit.core, to, "desk", everything=everything), []
    while (segment := export.next()) is not None:
        found.append(segment)
    return found


def bare(segments: list[bytes]) -> list[bytes]:
    """What a command hands to the gateway."""
    reading, found = SegmentReader(), []
    for each in segments:
        size = reading.size(each[:LENGTH])
        found.append(reading.read(size, each[LENGTH:]))
    assert reading.size(b"") == 0
    return found


def imported(kit: CoreKit, segments: list[bytes]) -> list[dict[str, Any]]:
    return [carry.import_segment(kit.core, each, "desk")[0] for each in bare(segments)]


def file_of(who: str, objects: list[Object], *, federation: str = FEDERATION, carrier: str = "") -> list[bytes]:
    """A file with any objects, signed by that member's identity key."""
    key = actor(who)
    writing = SegmentWriter(federation, carrier or who, "all", key.kid, signing_key(key.identity))
    return [writing.segment(objects, is_last=True)]


def at_home(subject: str) -> str:
    """Without what the hub writes."""
    return subject.split(".", 3)[3]


def messages(kit: CoreKit) -> int:
    return int(rows(kit, "select count(*) from message")[0][0])


# -- both ways


def later_both_say_what_they_hold(two: Two) -> None:
    """Seven hours on, a heartbeat of each."""
    for kit in (two.th, two.sg):
        kit.now += 7 * limits.HOUR
    sealing.seal_heartbeat(two.th.core)
    two.to_sg()
    sealing.seal_heartbeat(two.sg.core)
    two.to_th()


def test_messages_go_out_and_their_receipts_come_back(two: Two) -> None:
    ids = two.publish(new("one"), new("two"))
    two.leave(two.th)
    out = exported(two.th, "SG")
    assert out == exported(two.th, "SG")  # one state, one file
    (result,) = imported(two.sg, out)
    assert (result["carrier"], result["to"], result["last"], result["messages"], result["refused"]) == (
        "TH",
        "SG",
        True,
        2,
        [],
    )
    two.leave(two.sg)
    imported(two.th, exported(two.sg, "TH"))
    assert {two.states(id_)["state"] for id_ in ids} == {"stored"}


@pytest.mark.parametrize("line", ["before", "between", "after"])
def test_beside_the_line_nothing_is_doubled_alarmed_or_counted_as_a_replay(two: Two, line: str) -> None:
    two.publish(new("one"))
    first = two.leave(two.th)
    two.publish(new("two"))
    second = two.leave(two.th)
    file = exported(two.th, "SG")
    if line == "before":
        two.sg.receive(*first, *second)
    elif line == "between":
        two.sg.receive(*first)
    imported(two.sg, file)
    imported(two.sg, file)
    if line != "before":
        two.sg.receive(*(second if line == "between" else [*first, *second]))
    assert messages(two.sg) == 2
    assert rows(two.sg, "select name from alarm") == []
    assert [each.code for each in two.sg.judged() if each.code] == []


def test_a_copy_after_the_first_one_on_the_line_is_a_replay_as_ever(two: Two) -> None:
    two.publish(new("one"))
    objects = two.leave(two.th)
    imported(two.sg, exported(two.th, "SG"))
    two.sg.receive(*objects)
    two.sg.receive(*objects)
    assert [each.code for each in two.sg.judged() if each.code] == ["E-FRAME-REPLAY"]


def test_what_was_sealed_and_never_left_goes_into_the_file(two: Two) -> None:
    """The own server is down too."""
    two.publish(new("sealed alone"))
    sealing.seal_queued(two.th.core)
    (result,) = imported(two.sg, exported(two.th, "SG"))
    assert result["messages"] == 1
    two.to_sg()
    assert messages(two.sg) == 1


def test_a_file_for_all_has_every_channel_and_each_takes_its_own(two: Two) -> None:
    two.publish(new("to SG"))
    two.publish(draft("to VN", ["VN"], expires=EXPIRES), draft("to all", "all", expires=EXPIRES))
    two.leave(two.th)
    (result,) = imported(two.sg, exported(two.th, None))
    assert (result["messages"], result["not_for_us"]) == (2, 2)  # VN's epoch and frame
    assert rows(two.sg, "select distinct channel from epoch order by channel") == [("SG",), ("all",)]


def test_segments_are_bounded_and_every_object_is_there_once(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CARRIED_BYTES", 8_000)
    for n in range(20):
        two.publish(new(f"number {n}"))
        two.leave(two.th)
    file = exported(two.th, "SG")
    assert len(file) > 3
    assert max(map(len, file)) <= 8_000 + LENGTH + 8
    result = imported(two.sg, file)
    assert [each["last"] for each in result] == [False] * (len(file) - 1) + [True]
    assert sum(each["messages"] for each in result) == 20
    assert rows(two.sg, "select name from alarm") == []


def test_what_a_member_is_known_to_have_is_left_out(two: Two) -> None:
    """Known by the heads in its heartbeat, and by its receipts; --everything asks for all that is kept."""
    two.publish(draft("long ago", "all", expires=EXPIRES))
    two.to_sg()
    two.to_th()
    later_both_say_what_they_hold(two)
    two.th.now += limits.HOUR
    two.publish(draft("since then", "all", expires=EXPIRES))
    two.leave(two.th)
    short, whole = exported(two.th, "SG"), exported(two.th, "SG", everything=True)
    assert sum(map(len, short)) < sum(map(len, whole))
    two.sg.now = two.th.now
    assert [imported(two.sg, file)[0]["messages"] for file in (short, whole)] == [1, 0]
    assert rows(two.sg, "select name from alarm where name != 'bundle-withheld'") == []


def test_what_has_no_receipt_is_in_the_file_however_old_it_is(two: Two) -> None:
    """A hub kept one message back, and gave what came after it."""
    two.publish(new("kept back"))
    kept = two.leave(two.th)
    two.publish(draft("came", "all", expires=EXPIRES))
    two.to_sg()
    two.to_th()
    later_both_say_what_they_hold(two)
    two.leave(two.th)
    assert kept
    assert sum(each["messages"] for each in imported(two.sg, exported(two.th, "SG"))) == 1


def test_exercises_go_along_and_stay_exercises(two: Two) -> None:
    body = json.dumps(draft("an exercise", ["SG"], expires=EXPIRES)).encode()
    accepting.accept(two.th.core, [(body, None)], realm="exercise", token="desk")
    two.leave(two.th)
    imported(two.sg, exported(two.th, "SG"))
    assert rows(two.sg, "select realm from message") == [("exercise",)]


def test_a_cut_of_days_the_keys_come_by_hand_too(two: Two) -> None:
    """After two days TH has no key of SG that is valid: SG's file brings its newest, and what waited is sealed."""
    for kit in (two.th, two.sg):
        kit.now += 3 * limits.DAY
        trust_sync.keep_bundle_fresh(kit.core)
    (id_,) = two.publish(new("after three days"))
    two.leave(two.th)
    assert two.states(id_)["state"] == "no-valid-key"
    imported(two.th, exported(two.sg, "TH"))
    two.leave(two.th)
    assert two.states(id_)["state"] == "sent"
    assert sum(each["messages"] for each in imported(two.sg, exported(two.th, "SG"))) == 1
    assert rows(two.sg, "select name from alarm") == []


def test_an_older_file_after_a_newer_one_changes_nothing(two: Two) -> None:
    two.publish(new("one"))
    two.leave(two.th)
    older = exported(two.th, "SG")
    two.th.now += limits.DAY
    trust_sync.keep_bundle_fresh(two.th.core)
    two.publish(new("two"))
    two.leave(two.th)
    two.sg.now = two.th.now
    assert imported(two.sg, exported(two.th, "SG"))[0]["messages"] == 2
    (result,) = imported(two.sg, older)
    assert (result["messages"], [each["code"] for each in result["refused"]]) == (0, ["E-BUNDLE-OLDER"])
    assert rows(two.sg, "select name from alarm") == []


# -- trust lists, Revokes, bundles


def test_lists_in_the_file_come_first_and_say_who_may_speak(sg: CoreKit) -> None:
    """TH has a new identity key that SG's list does not know: the file brings the list."""
    renewed = actor("TH-2027")
    renewed.code = "TH"
    newer = sg.lists.after(members=[member_row(renewed) if row[0] == "TH" else row for row in sg.lists.members])
    sending = open_sending(renewed, newer)
    key = renewed
    writing = SegmentWriter(FEDERATION, "TH", "all", key.kid, signing_key(key.identity))
    objects = [
        (subjects.trust(2), newer.signed()), (subjects.keys(key.kid), make_bundle(key)),
        (at_home(sending.epoch_subject), sending.opened.data), (at_home(sending.subject), sending.frame(alert())),
    ]  # fmt: skip
    result, is_trust_new = carry.import_segment(sg.core, bare([writing.segment(objects, is_last=True)])[0], "desk")
    assert (is_trust_new, result["messages"], result["results"]) == (True, 1, {"ok": 4})
    assert sg.core.world.trust.version == 2


def test_a_list_that_suspends_the_carrier_is_taken_and_the_rest_is_not(sg: CoreKit) -> None:
    gone = sg.lists.after(
        members=[[*row[:2], "suspended" if row[0] == "TH" else row[2], *row[3:]] for row in sg.lists.members]
    )
    sending = open_sending(actor("TH"), sg.lists)
    objects = [(subjects.trust(2), gone.signed()), (at_home(sending.epoch_subject), sending.opened.data)]
    with pytest.raises(Refused) as caught:
        imported(sg, file_of("TH", objects))
    assert (caught.value.code, caught.value.rule) == ("E-CARRIED-SIGNER", "C5")
    assert sg.core.world.trust.version == 2
    assert rows(sg, "select count(*) from epoch") == [(0,)]


def test_a_revoke_is_carried(sg: CoreKit) -> None:
    objects = [(subjects.revoke(actor("KH").kid), make_revoke(actor("KH")))]
    assert imported(sg, file_of("TH", objects))[0]["results"] == {"ok": 1}
    assert sg.core.world.trust.is_revoked(actor("KH").kid)


# -- what the bus would refuse


def test_every_object_is_judged_as_the_bus_would(sg: CoreKit) -> None:
    """The same objects, the same results, codes and rules, by the stick and by the line."""
    objects = hostile(sg.lists)
    line = CoreKit(sg.folder.parent / "line", "SG", sg.lists)
    try:
        line.receive_bundles()
        line.records.clear()
        sg.records.clear()
        arrivals = [Arrival(subjects.hub("TH", subject), data, is_redelivered=True) for subject, data in objects]
        inbound.receive_batch(line.core, arrivals)
        (imported_,) = imported(sg, file_of("TH", objects))
        judged = [[(r.type, r.result, r.code, r.rule) for r in kit.judged()] for kit in (line, sg)]
        assert judged[0] == judged[1]
        named = {(code, rule) for _, result, code, rule in judged[0] if result == "refused"}
        assert {("E-SUBJECT", "S1"), ("E-FRAME-SIGNATURE", "F4"), ("E-FRAME-SUBJECT", "F3"), ("E-EPOCH-SUBJECT", "E3"),
                ("E-BUNDLE-FORM", "K3"), ("E-FRAME-CONTENT", "F7")} <= named  # fmt: skip
        assert {(each["code"], each["rule"]) for each in imported_["refused"]} >= named
        kept = "select code, rule from {} order by code, rule"
        for table in ("sample", "quarantine"):
            assert rows(line, kept.format(table)) == rows(sg, kept.format(table))
        assert rows(line, "select name, member from alarm") == rows(sg, "select name, member from alarm")
        assert messages(line) == messages(sg) == 1
    finally:
        line.close()


def hostile(lists: ListMaker) -> list[Object]:
    """One good frame among what is refused by a rule of each kind."""
    th, vn = actor("TH"), actor("VN")
    sending, other = open_sending(th, lists), open_sending(vn, lists)
    good = sending.frame(alert())
    flipped = bytearray(sending.frame(alert("TH-ALERT-2027-000002")))
    flipped[-70] ^= 1
    spoiled = sending.craft(alert("TH-ALERT-2027-000003"), committed=(b"another text",))
    exercise = at_home(sending.subject).replace("a.frame", "x.frame")
    return [
        (at_home(sending.epoch_subject), sending.opened.data),
        (at_home(sending.subject), good),
        (at_home(sending.subject), bytes(flipped)),
        (exercise, good),
        (at_home(other.epoch_subject), other.opened.data),  # VN's own, carried by TH
        (subjects.keys(vn.kid), make_bundle(vn)),
        ("a.nothing.all.1", b"no object"),
        (at_home(sending.subject), spoiled),
    ]


@pytest.mark.parametrize(
    ("make", "code", "rule"),
    [
        (lambda o: file_of("TH", o, federation="another"), "E-CARRIED-FOREIGN", "C4"),
        (lambda o: file_of("TH", o, carrier="VN"), "E-CARRIED-FOREIGN", "C4"),
        (lambda o: file_of("SG", o), "E-CARRIED-OWN", "C4"),
        (lambda o: file_of("XX", o, carrier="TH"), "E-CARRIED-SIGNER", "C5"),
    ],
    ids=["another federation", "another name", "our own", "an unknown key"],
)
def test_a_foreign_file_changes_nothing(sg: CoreKit, make: Any, code: str, rule: str) -> None:
    sending = open_sending(actor("TH"), sg.lists)
    objects = [
        (at_home(sending.epoch_subject), sending.opened.data),
        (at_home(sending.subject), sending.frame(alert())),
    ]
    with pytest.raises(Refused) as caught:
        imported(sg, make(objects))
    assert (caught.value.code, caught.value.rule) == (code, rule)
    assert [rows(sg, f"select count(*) from {table}") for table in ("epoch", "message", "waiting", "sample")] == [
        [(0,)]
    ] * 4


def test_a_segment_whose_signature_is_wrong_is_not_parsed(sg: CoreKit) -> None:
    data = bytearray(bare(file_of("TH", [("a.frame.all.0123456789abcdef", bytes(456))]))[0])
    data[20] ^= 1
    with pytest.raises(Refused) as caught:
        carry.import_segment(sg.core, bytes(data), "desk")
    assert (caught.value.code, caught.value.rule) == ("E-CARRIED-SIGNATURE", "C2")
    assert rows(sg, "select count(*) from sample") == [(0,)]


@pytest.mark.parametrize("what", ["suspended", "revoked", "expired"])
def test_a_carrier_that_may_not_speak_brings_nothing(sg: CoreKit, what: str) -> None:
    sending = open_sending(actor("TH"), sg.lists)
    objects = [(at_home(sending.epoch_subject), sending.opened.data)]
    if what == "suspended":
        members = [[*row[:2], "suspended" if row[0] == "TH" else row[2], *row[3:]] for row in sg.lists.members]
        sg.receive((subjects.hub("VN", subjects.trust(2)), sg.lists.after(members=members).signed()))
    elif what == "revoked":
        sg.receive((subjects.hub("TH", subjects.revoke(actor("TH").kid)), make_revoke(actor("TH"))))
    else:
        sg.now += 301 * limits.DAY
    with pytest.raises(Refused) as caught:
        imported(sg, file_of("TH", objects))
    assert caught.value.code == "E-CARRIED-SIGNER"
    assert rows(sg, "select count(*) from epoch") == [(0,)]


def test_removable_media_let_nobody_sign_for_another(sg: CoreKit) -> None:
    """The sender is who signed the file: VN fills no share of TH's, whatever it writes."""
    sending = open_sending(actor("TH"), sg.lists)
    objects = [(at_home(sending.subject), sending.frame(alert(f"TH-ALERT-2027-00000{n}"))) for n in range(1, 6)]
    (result,) = imported(sg, file_of("VN", objects))
    assert result["results"] == {"wait": 5}  # for an epoch of VN's that does not exist
    assert rows(sg, "select distinct sender from waiting") == [("VN",)]


def test_our_own_objects_in_anothers_file_are_nothing(two: Two) -> None:
    """No alarm either: who carries them does not use our identity."""
    two.publish(new("ours"))
    objects = [(at_home(subject), data) for subject, data in two.leave(two.th)]
    (result,) = imported(two.th, file_of("SG", objects))
    assert result["messages"] == 0
    assert rows(two.th, "select name from alarm") == []


def test_a_clock_that_is_behind_takes_nothing_and_says_so(two: Two) -> None:
    two.publish(new("one"))
    two.leave(two.th)
    file = exported(two.th, "SG")
    two.sg.now -= limits.HOUR
    with pytest.raises(Fault):
        imported(two.sg, file)
    two.sg.now += limits.HOUR
    assert imported(two.sg, file)[0]["messages"] == 1


# -- what a file says was, is not


def test_a_heartbeat_in_a_file_does_not_make_a_member_up(sg: CoreKit) -> None:
    """Nor is a third member's head an alarm: the line to that one is cut as well. Its next live heartbeat says it."""
    th, vn = open_sending(actor("TH"), sg.lists), open_sending(actor("VN"), sg.lists)
    sg.receive(epoch_of(vn))
    vn.frame(alert("VN-ALERT-2027-000001"))
    objects = [
        (at_home(th.epoch_subject), th.opened.data),
        (at_home(th.subject), th.frame(body=beat(sg.lists, heads_seen=[head(vn, 1)]))),
    ]
    imported(sg, file_of("TH", objects))
    shown = {line["member"]: line for line in peers.list_peers(sg.core, snapshot.read_snapshot(sg.core, SEEN))}
    assert (shown["TH"]["up"], shown["TH"]["last_heartbeat"], shown["TH"]["trust_version"]) == (False, None, None)
    assert rows(sg, "select name from alarm") == []
    assert (shown["VN"]["complete"], shown["VN"]["claims"]) == (True, [])
    sg.receive(frame_of(th, body=beat(sg.lists, heads_seen=[head(vn, 1)])))
    shown = {line["member"]: line for line in peers.list_peers(sg.core, snapshot.read_snapshot(sg.core, SEEN))}
    assert shown["TH"]["up"]
    assert [(each["member"], each["first"], each["last"]) for each in shown["VN"]["claims"]] == [("TH", 0, 0)]
    assert rows(sg, "select name, member from alarm") == [("gap", "TH")]


def test_who_carried_what_is_in_the_audit(two: Two) -> None:
    imported(two.sg, exported(two.th, "SG"))
    query = "select who, what, about from audit where substr(what, 1, 6) = 'carry-'"
    assert rows(two.th, query) == [("desk", "carry-export", "SG")]
    assert rows(two.sg, query) == [("desk", "carry-import", "TH 1")]


@pytest.mark.parametrize("to", ["TH", "XX"])
def test_no_file_for_who_is_no_other_member(two: Two, to: str) -> None:
    with pytest.raises(Fault) as caught:
        carry.begin_export(two.th.core, to, "desk", everything=False)
    assert "no other active member" in caught.value.text


def test_a_member_without_a_list_carries_nothing(tmp_path: Path) -> None:
    made = CoreKit(tmp_path / "kh", "KH")
    trust_sync.rotate_bundle(made.core)
    assert exported(made, None)  # lists and a bundle alone
    made.core.world.trust.current = None
    with pytest.raises(Fault):
        carry.begin_export(made.core, None, "desk", everything=False)
    made.close()

"""[F11] Other members' heads: what they show, and whom the alarm about it names."""

from typing import get_args

import pytest

from suar.protocol.base import limits, subjects
from suar.protocol.base.primitives import Secret, hash_
from suar.protocol.transport import heartbeat
from suar.protocol.transport.epoch import Epoch
from suar.protocol.transport.heartbeat import Trouble
from suar.protocol.transport.outcome import Alarm
from suar.protocol.transport.replay import Sequence
from suar.protocol.transport.sender import HeadRotation, Identity, Sender
from suar.protocol.transport.world import Chain, ChainKey, EpochState
from support.kit import (
    MEMBERS,
    NOW,
    Actor,
    ListMaker,
    Receiver,
    Sending,
    actor,
    alert,
    beat,
    head,
    make_bundle,
    make_revoke,
    member_row,
    open_sending,
)

TH, VN = actor("TH"), actor("VN")
ONE, OTHER = alert(), alert("TH-ALERT-2027-000002")


def _open_with(reader: Receiver, *messages: bytes) -> tuple[Sending, bytes]:
    """SG was given a frame for each of `messages`; beside them TH signed another frame 0, which it was not given."""
    sending = open_sending(TH, reader.lists)
    reader.receive_epoch(sending)
    other = sending.craft(OTHER, moves_on=False)
    for message in messages:
        reader.receive_frame(sending, sending.frame(message))
    return sending, other


def _heartbeat_of_vn(reader: Receiver, *heads: list[object]) -> list[Alarm]:
    vn = open_sending(VN, reader.lists, to=("SG", "VN"))
    reader.receive_epoch(vn)
    out = reader.receive_frame(vn, vn.frame(body=beat(reader.lists, heads_seen=list(heads))))
    assert out.result == "ok"
    return out.alarms


@pytest.mark.parametrize("held", [[ONE], [ONE, alert("TH-ALERT-2027-000003")]], ids=["the newest", "an older one"])
def test_another_frame_under_a_number_that_we_hold_is_a_gap_by_the_word_of_who_names_it(held: list[bytes]) -> None:
    """TH signed the frame; that it has this number only VN says."""
    reader = Receiver("SG").trust()
    sending, other = _open_with(reader, *held)
    seen = head(sending, 1, hash=hash_("frame", other[:-64]), signature=other[-64:])
    assert _heartbeat_of_vn(reader, seen) == [Alarm("gap", "VN", 0, 0, epoch_id=sending.opened.id)]
    assert not reader.world.epochs[sending.opened.id].sequence.is_frozen


def test_an_own_head_moves_no_number() -> None:
    """Section 10: what TH's own head announced is `ok` at or above the next number, and `late` only below it."""
    reader = Receiver("SG").trust()
    (sending, _), exercise = _open_with(reader), open_sending(TH, reader.lists, realm="exercise")
    reader.receive_epoch(exercise)
    sent = [exercise.frame(alert(f"TH-ALERT-2027-00000{n}", status="exercise")) for n in range(1, 5)]
    first = reader.receive_frame(sending, sending.frame(body=beat(reader.lists, heads_of_mine=[head(exercise, 4)])))
    judged = [first, *(reader.receive_frame(exercise, sent[n]) for n in (0, 3, 1))]
    assert [(out.result, [alarm.as_vector() for alarm in out.alarms]) for out in judged] == [
        ("ok", [["gap", 0, 3]]), ("ok", []), ("ok", [["gap", 1, 2]]), ("late", []),
    ]  # fmt: skip


def test_a_head_that_the_sender_did_not_sign_proves_nothing() -> None:
    reader = Receiver("SG").trust()
    sending, other = _open_with(reader, ONE)
    assert _heartbeat_of_vn(reader, head(sending, 1, hash=hash_("frame", other[:-64]))) == []


def test_the_same_frame_and_no_frame_are_no_alarm() -> None:
    reader = Receiver("SG").trust()
    sending, other = _open_with(reader, ONE)
    none = head(sending, 1, frames=0, hash=hash_("frame", other[:-64]), signature=other[-64:])
    assert _heartbeat_of_vn(reader, head(sending, 1), none) == []


def test_frames_of_a_suspended_member_are_not_missing() -> None:
    """Who has the list already refuses them; who does not have it yet still tells of them."""
    reader = Receiver("SG").trust()
    sending, _ = _open_with(reader, ONE)
    sending.frame(OTHER)
    members = [[*row[:2], "suspended" if row[0] == "TH" else row[2], *row[3:]] for row in reader.lists.members]
    reader.lists = reader.lists.after(members=members)
    assert reader.receive_list(reader.lists.signed()).result == "ok"
    assert _heartbeat_of_vn(reader, head(sending, 2)) == []


def _member(n: int) -> Actor:
    return actor(f"{chr(65 + n // 26)}{chr(65 + n % 26)}")


def _region(members: int) -> tuple[Receiver, list[Actor]]:
    """SG in a federation of so many members, which holds two frames of each other one's `all` chain."""
    everybody = [*(_member(n) for n in range(members - 1)), actor("SG")]
    reader = Receiver("SG", lists=ListMaker(members=[member_row(each) for each in everybody])).trust()
    return reader, [each for each in everybody if each.code != "SG"]


def _hold(reader: Receiver, who: Actor, *, name: int = 0, frames: int = 2, channel: str = "all") -> bytes:
    """As if that many frames of a chain of the member had been admitted; the epoch's id."""
    key = ChainKey(name.to_bytes(16, "big") if name else who.kid, "actual", channel)
    id_ = hash_("epoch", key.signer + channel.encode())
    epoch = _epoch(reader, who.code, channel)
    state = EpochState(id_, key, epoch, "open", is_live=True, sequence=Sequence(id_), tip_frames=frames)
    state.sequence.last_hash, state.tip_signature = id_, bytes(64)
    reader.world.epochs[id_], reader.world.chains[key] = state, Chain(id_, NOW)
    return id_


def _epoch(reader: Receiver, sender: str, channel: str) -> Epoch:
    lists = reader.lists
    return Epoch(
        "suar-epoch/1", lists.federation, "actual", sender, channel, NOW, NOW + limits.HOUR, 1, lists.hash(),
        bytes(32), bytes(32), bytes(32), 0, bytes(32), [],
    )  # fmt: skip


def _beats(rotation: HeadRotation, reader: Receiver, own: bytes, count: int) -> list[list[bytes]]:
    return [[head.epoch_id for head in rotation.next_heads(reader.world, own)] for _ in range(count)]


def test_each_of_200_members_is_named_within_13_heartbeats_and_no_heartbeat_is_large() -> None:
    reader, others = _region(200)
    ids = {_hold(reader, who) for who in others}
    beats = _beats(HeadRotation(), reader, actor("SG").kid, 26)
    for first in range(14):
        assert {id_ for named in beats[first : first + 13] for id_ in named} == ids
    assert {len(named) for named in beats} == {limits.HEADS_SEEN}
    sender = Sender(Identity(Secret(actor("SG").identity)))
    for who in others:
        assert reader.receive_bundle(who, make_bundle(who)).result == "ok"
    for _ in range(2):
        *_, frame = sender.heartbeat(reader.world, NOW, get_args(Trouble))
        assert len(frame.data) <= 3_072


def test_at_one_moment_members_name_different_heads() -> None:
    """A tail that is kept from one member is so named by some of the others within an interval."""
    reader, others = _region(200)
    ids = {_hold(reader, who) for who in others}
    named = [_beats(HeadRotation(), reader, who.kid, 1)[0] for who in others]
    assert {id_ for each in named for id_ in each} == ids


def test_a_turn_continues_behind_the_last_one_that_was_named_who_comes_or_goes() -> None:
    reader, others = _region(60)
    ids = {who.code: _hold(reader, who) for who in others}
    rotation, own = HeadRotation(), actor("SG").kid
    (first,) = _beats(rotation, reader, own, 1)
    gone = {code for code, id_ in ids.items() if id_ in first[3:]}
    for code in gone:
        del reader.world.chains[ChainKey(actor(code).kid, "actual", "all")]
    rest = {id_ for code, id_ in ids.items() if code not in gone}
    assert {id_ for named in _beats(rotation, reader, own, 3) for id_ in named} >= rest - set(first)


def test_few_heads_are_all_named_each_time_and_none_twice() -> None:
    reader, others = _region(12)
    ids = sorted(_hold(reader, who) for who in others)
    assert [sorted(named) for named in _beats(HeadRotation(), reader, actor("SG").kid, 3)] == [ids] * 3


def test_chains_of_keys_that_left_the_list_take_no_turn() -> None:
    reader, others = _region(12)
    ids = {_hold(reader, who) for who in others}
    for n in range(1, 200):
        _hold(reader, others[0], name=n)
    _hold(reader, others[1], channel="SG")
    (named,) = _beats(HeadRotation(), reader, actor("SG").kid, 1)
    assert set(named) == ids
    assert reader.receive_revoke(others[0], make_revoke(others[0]), others[0].code).result == "ok"
    (named,) = _beats(HeadRotation(), reader, actor("SG").kid, 1)
    assert len(named) == len(ids) - 1


def test_a_tail_that_the_hub_withholds_is_named_when_its_turn_comes() -> None:
    """SG lacks TH's last frame; VN, which has it and knows a hundred more chains, says so within seven heartbeats."""
    members = [member_row(each) for each in (*map(actor, MEMBERS), *map(_member, range(100)))]
    lists = ListMaker(members=sorted(members, key=lambda row: row[0]))
    reader, teller = Receiver("SG", lists=lists).trust(), Receiver("VN", lists=lists).trust()
    sending = open_sending(TH, lists, to=MEMBERS)
    frames = [sending.frame(ONE), sending.frame(OTHER)]
    for each in (reader, teller):
        assert each.receive_epoch(sending).result == "ok"
        assert each.receive_frame(sending, frames[0]).result == "ok"
    assert teller.receive_frame(sending, frames[1]).result == "ok"
    for n in range(100):
        _hold(teller, _member(n))
    for code in ("TH", "SG"):
        assert teller.receive_bundle(actor(code), make_bundle(actor(code))).result == "ok"
    sender, raised = Sender(Identity(Secret(VN.identity))), list[Alarm]()
    for n in range(7):
        for item in sender.heartbeat(teller.world, NOW + n):
            raised += reader.receive(subjects.hub("VN", item.subject), item.data).alarms
    assert raised == [Alarm("gap", "VN", 1, 1, epoch_id=sending.opened.id)]


def test_the_largest_heartbeat_has_room_for_as_many_heads_as_are_kept() -> None:
    heads: list[object] = [[bytes([n % 256]) * 32, 65_536, bytes(32), bytes(64)] for n in range(limits.HEADS_KEPT + 2)]
    body = beat(ListMaker(), heads_of_mine=heads[:2], heads_seen=heads[2:], faults=list(get_args(Trouble)))
    assert len(body) <= limits.HEARTBEAT_BYTES_MAX


def test_a_fault_that_is_stated_repeatedly_is_kept_once() -> None:
    """Before, each of 13,000 was a finding of its own at every other member."""
    reader = Receiver("SG").trust()
    body = beat(reader.lists, faults=["disk"] * 13_000 + ["store"])
    assert heartbeat.read(body, is_closing=False).faults == ["disk", "store"]
    vn = open_sending(VN, reader.lists, to=("SG", "VN"))
    reader.receive_epoch(vn)
    assert reader.receive_frame(vn, vn.frame(body=body)).result == "ok"

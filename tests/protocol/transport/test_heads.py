"""[F11] Other members' heads: what they show, and whom the alarm about it names."""

from dataclasses import replace
from typing import get_args

import msgspec
import pytest

from suar.protocol.base import limits
from suar.protocol.base.primitives import hash_
from suar.protocol.transport.dispatch import seen_heads
from suar.protocol.transport.heartbeat import Trouble
from suar.protocol.transport.outcome import Alarm
from suar.protocol.transport.world import Chain, ChainKey
from support.kit import NOW, Receiver, Sending, actor, alert, beat, head, open_sending

TH, VN = actor("TH"), actor("VN")
ONE, OTHER = alert(), alert("TH-ALERT-2027-000002")


def _told(reader: Receiver, *messages: bytes) -> tuple[Sending, bytes]:
    """SG was given a frame for each of `messages`; beside them TH signed another frame 0, which it was not given."""
    told = open_sending(TH, reader.lists)
    reader.give_epoch(told)
    other = told.craft(OTHER, moves_on=False)
    for message in messages:
        reader.give_frame(told, told.frame(message))
    return told, other


def _vn_says(reader: Receiver, *heads: list[object]) -> list[Alarm]:
    vn = open_sending(VN, reader.lists, to=("SG", "VN"))
    reader.give_epoch(vn)
    out = reader.give_frame(vn, vn.frame(body=beat(reader.lists, heads_seen=list(heads))))
    assert out.result == "ok"
    return out.alarms


@pytest.mark.parametrize("held", [[ONE], [ONE, alert("TH-ALERT-2027-000003")]], ids=["the newest", "an older one"])
def test_another_frame_under_a_number_that_we_hold_is_a_gap_by_the_word_of_who_names_it(held: list[bytes]) -> None:
    """TH signed the frame; that it has this number only VN says."""
    reader = Receiver("SG").trust()
    told, other = _told(reader, *held)
    seen = head(told, 1, hash=hash_("frame", other[:-64]), signature=other[-64:])
    assert _vn_says(reader, seen) == [Alarm("gap", "VN", 0, 0, epoch_id=told.opened.id)]
    assert not reader.world.epochs[told.opened.id].sequence.frozen


def test_a_head_that_the_sender_did_not_sign_proves_nothing() -> None:
    reader = Receiver("SG").trust()
    told, other = _told(reader, ONE)
    assert _vn_says(reader, head(told, 1, hash=hash_("frame", other[:-64]))) == []


def test_the_same_frame_and_no_frame_are_no_alarm() -> None:
    reader = Receiver("SG").trust()
    told, other = _told(reader, ONE)
    none = head(told, 1, frames=0, hash=hash_("frame", other[:-64]), signature=other[-64:])
    assert _vn_says(reader, head(told, 1), none) == []


def test_frames_of_a_suspended_member_are_not_missing() -> None:
    """Who has the list already refuses them; who does not have it yet still tells of them."""
    reader = Receiver("SG").trust()
    told, _ = _told(reader, ONE)
    told.frame(OTHER)
    members = [[*row[:2], "suspended" if row[0] == "TH" else row[2], *row[3:]] for row in reader.lists.members]
    reader.lists = reader.lists.after(members=members)
    assert reader.give_list(reader.lists.signed()).result == "ok"
    assert _vn_says(reader, head(told, 2)) == []


def test_a_heartbeat_stays_within_its_size_however_many_chains_are_known() -> None:
    """Chains of keys that left the list stay known: in a large federation not all heads fit, the last to begin do."""
    reader = Receiver("SG").trust()
    told, _ = _told(reader, ONE)
    state = reader.world.epochs[told.opened.id]
    for n in range(2_000):
        id_, key = n.to_bytes(32, "big"), ChainKey(n.to_bytes(16, "big"), "actual", "all")
        epoch = msgspec.structs.replace(state.epoch, not_before=NOW - n)
        reader.world.epochs[id_] = replace(state, id=id_, chain=key, epoch=epoch, tip_frames=65_536)
        reader.world.chains[key] = Chain(id_, NOW - n)
    heads = seen_heads(reader.world)
    assert len(heads) == limits.HEADS_SEEN
    assert {int.from_bytes(each.epoch_id, "big") for each in heads if each.frames > 1} == set(range(limits.HEADS_SEEN))
    body = beat(reader.lists, heads_of_mine=heads[:2], heads_seen=heads, faults=list(get_args(Trouble)))
    assert len(body) <= limits.HEARTBEAT_BYTES_MAX

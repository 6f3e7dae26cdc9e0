"""[F11] Other members' heads: a lying hub and a lying member cannot keep two stories apart for long."""

import pytest

from kit import Receiver, Sending, actor, alert, beat, head, open_sending
from suar.protocol.outcome import Alarm
from suar.protocol.primitives import hash_

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
def test_another_frame_under_a_number_that_we_hold_is_an_equivocation(held: list[bytes]) -> None:
    reader = Receiver("SG").trust()
    told, other = _told(reader, *held)
    seen = head(told, 1, hash=hash_("frame", other[:-64]), signature=other[-64:])
    assert _vn_says(reader, seen) == [Alarm("equivocation", "TH", epoch_id=told.opened.id)]


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

"""Frames: F1 to F7."""

from typing import Any

from protocol.scenario import (
    ANY_REFUSAL,
    DAY,
    DUPLICATE,
    HOUR,
    MINUTE,
    OK,
    SMALL,
    WAIT,
    Vector,
    late,
    ok,
    refused,
    scenario,
    small_list,
    variants,
)
from suar.protocol.base import subjects
from suar.protocol.base.primitives import signing_key
from suar.protocol.base.wire import encode
from suar.protocol.transport.epoch import Link
from support.kit import NOW, Sending, actor, alert, craft_epoch, key_row, make_revoke, member_row, seed

SG, TH, VN = (actor(code) for code in SMALL)
BEGIN, END = NOW - MINUTE, NOW + 6 * HOUR  # of an epoch where nothing else is said
ONE, TWO, THREE, FOUR = (alert(f"TH-ALERT-2027-00000{n}") for n in (1, 2, 3, 4))


def _running(v: Vector, *messages: bytes, **terms: Any) -> Sending:
    """An epoch of TH, with one accepted frame a message."""
    v.start()
    th = v.epoch(**terms)
    for message in messages:
        v.frame(th, th.frame(message), ok(message))
    return th


# -- F1


@variants(
    "F1",
    "frame-each",
    {"truncation": "truncation", "bit-flip": "bit-flip"},
    words={
        "bit-flip": "single bit flip",
    },
)
def frame_each(v: Vector, each: str) -> None:
    """Every {} of a frame is refused, or waits where it names an unknown epoch, and the frame as it was signed is
    accepted afterwards.
    """
    th = _running(v)
    frame = th.craft(b"short")
    v.frame(th, frame, ANY_REFUSAL, each=each)
    v.frame(th, frame, ok(refused=[(0, "F8")]))


@scenario("F1")
def frame_with_a_byte_appended(v: Vector) -> None:
    """A frame with one byte appended is refused by F1: its length does not fit whole blocks."""
    th = _running(v)
    v.frame(th, th.frame(ONE) + b"\0", refused("F1"))


@variants(
    "F1",
    "frame",
    {
        "of-unknown-magic": {"magic": b"SUF2"},
        "with-an-unknown-flag": {"flags": 2},
        "with-an-unknown-flag-beside-the-last": {"flags": 3},
        "with-the-highest-flag": {"flags": 0x8000},
        "of-257-messages": {"count": 257},
        "of-no-block": {"plain": b""},
        "of-a-block-and-a-byte": {"plain": bytes(256) + b"\x80"},
    },
    words={
        "with-an-unknown-flag-beside-the-last": "with an unknown flag beside that of the last frame",
        "with-the-highest-flag": "with the highest flag bit",
        "of-257-messages": "that counts 257 messages",
        "of-no-block": "without a block of content",
        "of-a-block-and-a-byte": "whose content is one byte longer than a block",
    },
)
def frame_form(v: Vector, parts: dict[str, Any]) -> None:
    """A frame {} is refused by F1 and consumes no number: the next frame is accepted."""
    th = _running(v)
    v.frame(th, th.craft(b"x", **parts, moves_on=False), refused("F1"))
    v.frame(th, th.frame(ONE), ok(ONE))


@scenario("F1")
def frame_of_256_messages(v: Vector) -> None:
    """A frame of 256 messages is accepted, the most that F1 allows; each message is refused alone by F8 because it
    is not JSON.
    """
    th = _running(v)
    v.frame(th, th.frame(*[b"x"] * 256), ok(refused=[(n, "F8") for n in range(256)]))


# -- F2


@scenario("F2")
def frame_before_its_epoch_waits(v: Vector) -> None:
    """A frame that comes before its epoch waits, and is accepted when presented again after it."""
    v.start()
    th = craft_epoch(TH, v.lists)
    frame = th.frame(ONE)
    v.frame(th, frame, WAIT)
    v.show(th, OK)
    v.frame(th, frame, ok(ONE))


@scenario("F2")
def frame_of_a_waiting_epoch_waits(v: Vector) -> None:
    """A frame waits by F2 as long as its epoch waits for a trust list."""
    v.start()
    th = craft_epoch(TH, v.lists.after())
    v.show(th, WAIT)
    v.frame(th, th.frame(ONE), WAIT)


@scenario("F2")
def frame_of_a_sender_suspended_mid_epoch(v: Vector) -> None:
    """A frame of a sender that was suspended in the middle of its epoch is refused by F2."""
    th = _running(v, ONE)
    v.next_list(members=[member_row(SG), member_row(TH, "suspended"), member_row(VN)])
    v.frame(th, th.frame(TWO), refused("F2"))


@scenario("F2")
def frame_of_an_epoch_not_for_us_whose_sender_is_suspended(v: Vector) -> None:
    """A frame of an epoch that is not for us is refused by F2, and not skipped, when its sender is suspended."""
    v.start()
    th = v.epoch(OK | {"result": "skip"}, channel="VN", to=("TH", "VN"))
    v.next_list(members=[member_row(SG), member_row(TH, "suspended"), member_row(VN)])
    v.frame(th, th.frame(TWO), refused("F2"))


@scenario("F2")
def frame_under_a_revoked_key(v: Vector) -> None:
    """A frame of an epoch whose signer key was revoked after the epoch was accepted is refused by F2."""
    th = _running(v, ONE)
    v.revoke(TH, make_revoke(TH))
    v.frame(th, th.frame(TWO), refused("F2"))


@scenario("F2")
def frame_of_an_epoch_older_than_the_streams_keep(v: Vector) -> None:
    """A frame is accepted until 35 days after its epoch began; a millisecond later F2 refuses it, also one that was
    accepted, as hashes are not kept any more.
    """
    v.start(small_list(members=[member_row(SG), member_row(TH, keys=[key_row(TH)]), member_row(VN)]))
    th = v.epoch()
    frames = [th.frame(ONE), th.frame(TWO)]
    v.now = BEGIN + 35 * DAY
    v.frame(th, frames[0], ok(ONE))
    v.later(1)
    v.frame(th, frames[1], refused("F2"))
    v.frame(th, frames[0], refused("F2"))


# -- F3


@scenario("F3")
def frame_on_the_subject_of_another_member(v: Vector) -> None:
    """A frame of an epoch of TH on a subject of VN is refused by F3: the subject's sender must be the epoch's."""
    th = _running(v)
    v.receive(subjects.hub("VN", subjects.frame("actual", "all", th.opened.id)), th.frame(ONE), refused("F3"))


@variants(
    "F3",
    "frame",
    {"of-the-exercise-as-actual": ("exercise", "actual"), "actual-as-exercise": ("actual", "exercise")},
    words={
        "of-the-exercise-as-actual": "exercise epoch on an actual subject",
        "actual-as-exercise": "actual epoch on an exercise subject",
    },
)
def frame_of_the_other_realm(v: Vector, realms: tuple[str, str]) -> None:
    """A frame of an {} is refused by F3, and accepted on its own subject: the subject's realm must be the epoch's."""
    message = alert(status=realms[0])
    th = _running(v, realm=realms[0])
    frame = th.frame(message)
    v.receive(subjects.hub("TH", subjects.frame(realms[1], "all", th.opened.id)), frame, refused("F3"))
    v.frame(th, frame, ok(message))


@variants(
    "F3",
    "frame",
    {"bilateral-in-all": ("SG", "all"), "of-all-in-a-bilateral-channel": ("all", "SG")},
    words={
        "bilateral-in-all": "the channel to SG on a subject of channel all",
        "of-all-in-a-bilateral-channel": "channel all on a subject of the channel to SG",
    },
)
def frame_of_the_other_channel(v: Vector, channels: tuple[str, str]) -> None:
    """A frame of {} is refused by F3, and accepted on its own subject: the subject's channel must be the epoch's."""
    th = _running(v, channel=channels[0])
    frame = th.frame(ONE)
    v.receive(subjects.hub("TH", subjects.frame("actual", channels[1], th.opened.id)), frame, refused("F3"))
    v.frame(th, frame, ok(ONE))


# -- F4


@scenario("F4")
def frame_forged_by_a_recipient_who_holds_the_secret(v: Vector) -> None:
    """A frame that a recipient forged with the secret of the epoch is refused by F4, because it lacks the epoch's
    signing key, and consumes no number.
    """
    th = _running(v, ONE)
    v.frame(th, th.craft(TWO, signing=signing_key(VN.identity), moves_on=False), refused("F4"))
    v.frame(th, th.frame(TWO), ok(TWO))


@variants(
    "F4",
    "frame-signed",
    {
        "with-the-identity-key": {"signing": signing_key(TH.identity)},
        "as-an-epoch": {"label": "epoch"},
        "as-an-exercise": {"labels": "exercise"},
    },
    words={
        "with-the-identity-key": "the identity key instead of the epoch's signing key",
        "as-an-epoch": "the label of an epoch",
        "as-an-exercise": "the label of the exercise realm",
    },
)
def frame_signed(v: Vector, parts: dict[str, Any]) -> None:
    """A frame signed with {} is refused by F4 and consumes no number: the next frame is accepted."""
    th = _running(v)
    v.frame(th, th.craft(ONE, **parts, moves_on=False), refused("F4"))
    v.frame(th, th.frame(ONE), ok(ONE))


@scenario("F4")
def frame_with_a_changed_byte_of_content_is_not_counted(v: Vector) -> None:
    """A frame with one changed byte of content is refused by F4 and consumes no number: the frame as it was signed
    is accepted.
    """
    th = _running(v)
    frame = bytearray(th.frame(ONE))
    frame[200] ^= 1
    v.frame(th, bytes(frame), refused("F4"))
    frame[200] ^= 1
    v.frame(th, bytes(frame), ok(ONE))


# -- F5


@variants(
    "F5",
    "frame-sent",
    {
        "5-min-before-its-epoch": BEGIN - 5 * MINUTE,
        "5-min-after-its-epoch": END + 5 * MINUTE,
    },
    words={
        "5-min-before-its-epoch": "5 minutes before its epoch begins",
        "5-min-after-its-epoch": "5 minutes after its epoch ends",
    },
)
def frame_sent_at_the_edge(v: Vector, ts: int) -> None:
    """A frame sent exactly {} is accepted: F5 allows no more."""
    th = _running(v)
    v.now = max(NOW, ts)
    v.frame(th, th.frame(ONE, ts=ts), ok(ONE))


@variants(
    "F5",
    "frame-sent-more-than",
    {
        "5-min-before-its-epoch": BEGIN - 5 * MINUTE - 1,
        "5-min-after-its-epoch": END + 5 * MINUTE + 1,
    },
    words={
        "5-min-before-its-epoch": "5 minutes before its epoch begins",
        "5-min-after-its-epoch": "5 minutes after its epoch ends",
    },
)
def frame_sent_outside(v: Vector, ts: int) -> None:
    """A frame sent more than {} is refused by F5 and still consumes its number: the next frame follows it."""
    th = _running(v)
    v.now = max(NOW, ts)
    v.frame(th, th.frame(ONE, ts=ts), refused("F5"))
    v.frame(th, th.frame(TWO), ok(TWO))


@scenario("F5")
def frame_sent_outside_its_epoch_keeps_the_alarm_of_a_gap(v: Vector) -> None:
    """A frame that F5 refuses keeps the alarm gap of F6, and the missing frame is late when it comes."""
    th = _running(v)
    lost = th.frame(ONE)
    v.frame(th, th.frame(TWO, ts=BEGIN - HOUR), refused("F5", ["gap", 0, 0]))
    v.frame(th, lost, late(ONE))


@scenario("F5")
def frame_sent_outside_its_epoch_again(v: Vector) -> None:
    """A frame that F5 refused is a duplicate when it comes again, because it has consumed its number."""
    th = _running(v)
    frame = th.frame(ONE, ts=BEGIN - HOUR)
    v.frame(th, frame, refused("F5"))
    v.frame(th, frame, DUPLICATE)


@variants(
    "F5",
    "frame-from-the-future",
    {"of-5-min": (0, ok(ONE)), "of-more-than-5-min": (1, ok(ONE, alarms=[["clock"]]))},
    words={
        "of-5-min": "exactly 5 minutes ahead of our clock is accepted without alarm",
        "of-more-than-5-min": "a millisecond more than 5 minutes ahead of our clock is accepted with the alarm clock",
    },
)
def frame_from_the_future(v: Vector, case: tuple[int, Any]) -> None:
    """A frame whose time is {}."""
    th = _running(v)
    v.frame(th, th.frame(ONE, ts=NOW + 5 * MINUTE + case[0]), case[1])


@scenario("F5")
def frame_sent_after_its_epoch_and_from_the_future(v: Vector) -> None:
    """A frame sent too late for its epoch is refused by F5 without the alarm clock, although its time is also ahead
    of ours.
    """
    th = _running(v)
    v.frame(th, th.frame(ONE, ts=NOW + 6 * HOUR + 5 * MINUTE + 1), refused("F5"))


@scenario("F5")
def frame_from_the_future_after_a_gap_with_a_message_to_others(v: Vector) -> None:
    """The alarms of a frame come in the order of the rules: gap, then clock, F5 being told after F6, then
    over-shared of its messages.
    """
    th = _running(v)
    th.frame(ONE)
    others, ours = alert("TH-ALERT-2027-000002", audience={"members": ["SG", "VN"]}), THREE
    v.frame(
        th, th.frame(others, ours, ts=NOW + 5 * MINUTE + 1),
        ok(ours, refused=[(0, "F8")], alarms=[["gap", 0, 0], ["clock"], ["over-shared"]]),
    )  # fmt: skip


# -- F6


@scenario("F6")
def frame_replayed(v: Vector) -> None:
    """A frame that comes again is a duplicate, directly after it and after a later one: its hash is held."""
    th = _running(v)
    frames = [th.frame(ONE), th.frame(TWO)]
    v.frame(th, frames[0], ok(ONE))
    v.frame(th, frames[0], DUPLICATE)
    v.frame(th, frames[1], ok(TWO))
    v.frame(th, frames[0], DUPLICATE)


@scenario("F6")
def frame_redelivered_weeks_later(v: Vector) -> None:
    """A frame that comes again 30 days later is a duplicate: hashes are kept until 35 days after the epoch began."""
    th = _running(v)
    frame = th.frame(ONE)
    v.frame(th, frame, ok(ONE))
    v.later(30 * DAY)
    v.frame(th, frame, DUPLICATE)


@scenario("F6")
def frames_reordered(v: Vector) -> None:
    """A frame that comes before the one it follows is accepted at once with the alarm gap; the other one is late,
    and the next is accepted without alarm.
    """
    th = _running(v, ONE)
    frames = [th.frame(TWO), th.frame(THREE), th.frame(FOUR)]
    v.frame(th, frames[1], ok(THREE, alarms=[["gap", 1, 1]]))
    v.frame(th, frames[0], late(TWO))
    v.frame(th, frames[2], ok(FOUR))


@scenario("F6")
def frame_gap_of_an_exact_range(v: Vector) -> None:
    """A frame after seven missing ones raises gap with exactly their range; each is late when it comes, in any
    order, and a duplicate after that.
    """
    th = _running(v, ONE)
    lost = [th.frame(alert(f"TH-ALERT-2027-0001{n:02}")) for n in range(7)]
    v.frame(th, th.frame(TWO), ok(TWO, alarms=[["gap", 1, 7]]))
    v.frame(th, lost[3], late(alert("TH-ALERT-2027-000103")))
    v.frame(th, lost[3], DUPLICATE)
    for n in (6, 0, 5, 1, 4, 2):
        v.frame(th, lost[n], late(alert(f"TH-ALERT-2027-0001{n:02}")))
    v.frame(th, th.frame(THREE), ok(THREE))


@scenario("F6")
def frame_gap_at_the_beginning(v: Vector) -> None:
    """A second frame that comes first raises gap with the range 0 to 0, and the first one is late when it comes."""
    th = _running(v)
    lost = th.frame(ONE)
    v.frame(th, th.frame(TWO), ok(TWO, alarms=[["gap", 0, 0]]))
    v.frame(th, lost, late(ONE))


@scenario("F6")
def frame_two_gaps(v: Vector) -> None:
    """Two gaps in one epoch are alarmed one by one, each with its own range, and filled in the other order."""
    th = _running(v)
    lost = [th.frame(ONE)]
    v.frame(th, th.frame(TWO), ok(TWO, alarms=[["gap", 0, 0]]))
    lost.append(th.frame(THREE))
    v.frame(th, th.frame(FOUR), ok(FOUR, alarms=[["gap", 2, 2]]))
    v.frame(th, lost[1], late(THREE))
    v.frame(th, lost[0], late(ONE))


@scenario("F6")
def frame_forks(v: Vector) -> None:
    """A frame whose prev is not the hash of the one before is refused by F6 with the alarm fork; its number stays
    free for the frame that follows.
    """
    th = _running(v, ONE)
    v.frame(th, th.craft(TWO, prev=b"\x01" * 32, moves_on=False), refused("F6", ["fork"]))
    v.frame(th, th.frame(THREE), ok(THREE))


@scenario("F6")
def frame_number_zero_names_its_epoch(v: Vector) -> None:
    """A frame with the number 0 whose prev is not the id of its epoch is refused by F6 with the alarm fork."""
    th = _running(v)
    v.frame(th, th.craft(ONE, prev=b"\x01" * 32, moves_on=False), refused("F6", ["fork"]))


@scenario("F6")
def frame_late_forks_from_the_one_before(v: Vector) -> None:
    """A late frame whose prev is not the hash of the held frame before it is refused by F6 with the alarm fork."""
    th = _running(v, ONE)
    other = th.craft(TWO, prev=b"\x01" * 32)
    v.frame(th, th.frame(THREE), ok(THREE, alarms=[["gap", 1, 1]]))
    v.frame(th, other, refused("F6", ["fork"]))


@scenario("F6")
def frame_late_number_zero_names_its_epoch(v: Vector) -> None:
    """A late frame with the number 0 whose prev is not the id of its epoch is refused by F6 with the alarm fork."""
    th = _running(v)
    other = th.craft(ONE, prev=b"\x01" * 32)
    v.frame(th, th.frame(TWO), ok(TWO, alarms=[["gap", 0, 0]]))
    v.frame(th, other, refused("F6", ["fork"]))


@scenario("F6")
def frame_late_forks_from_the_one_after(v: Vector) -> None:
    """A late frame that is not the prev of the held frame after it is refused by F6 with the alarm fork, and the
    true one is late when it comes.
    """
    th = _running(v, ONE)
    other = th.craft(TWO, moves_on=False)
    true = th.frame(THREE)
    v.frame(th, th.frame(FOUR), ok(FOUR, alarms=[["gap", 1, 1]]))
    v.frame(th, other, refused("F6", ["fork"]))
    v.frame(th, true, late(THREE))


@scenario("F6")
def frame_equivocation(v: Vector) -> None:
    """A second frame under a number that we hold is refused by F6 with the alarm equivocation, and the pair is kept
    as evidence.
    """
    th = _running(v)
    first, second = th.craft(ONE, moves_on=False), th.frame(TWO)
    v.frame(th, second, ok(TWO))
    v.frame(th, first, refused("F6", ["equivocation"]))


@scenario("F6")
def frame_equivocation_freezes_the_epoch(v: Vector) -> None:
    """After an equivocation the epoch is frozen: held hashes are duplicates, all other frames are refused by F6
    without a new alarm, and the next epoch is accepted.
    """
    th = _running(v)
    other = th.craft(THREE, moves_on=False)
    first, lost, third = th.frame(ONE), th.frame(TWO), th.frame(FOUR)
    v.frame(th, first, ok(ONE))
    v.frame(th, third, ok(FOUR, alarms=[["gap", 1, 1]]))
    v.frame(th, other, refused("F6", ["equivocation"]))
    v.frame(th, lost, refused("F6"))
    v.frame(th, th.frame(alert("TH-ALERT-2027-000005")), refused("F6"))
    v.frame(th, first, DUPLICATE)
    after = v.epoch(OK, link=Link(th.opened.id, 3, th.sent[2].hash), not_before=NOW)
    v.frame(after, after.frame(TWO), ok(TWO))


@scenario("F6")
def frame_after_the_last_one(v: Vector) -> None:
    """A frame after one that is flagged as the last of its epoch is refused by F6."""
    th = _running(v)
    v.frame(th, th.frame(ONE, is_last=True), ok(ONE))
    v.frame(th, th.frame(TWO), refused("F6"))


@scenario("F6")
def frame_late_before_the_last_one(v: Vector) -> None:
    """A frame that was missing before the flagged last one of its epoch is late when it comes: the flag ends only
    what comes after it.
    """
    th = _running(v)
    lost = th.frame(ONE)
    v.frame(th, th.frame(TWO, is_last=True), ok(TWO, alarms=[["gap", 0, 0]]))
    v.frame(th, lost, late(ONE))


@scenario("F6")
def frame_after_the_last_one_of_an_epoch_said_to_be_longer(v: Vector) -> None:
    """A frame after one that is flagged as the last is refused by F6, although the next epoch counts it."""
    v.start()
    lost = craft_epoch(TH, v.lists)
    frames = [lost.frame(ONE, is_last=True), lost.frame(TWO)]
    v.epoch(ok(alarms=[["epoch-missing"]]), link=lost.link, not_before=NOW)
    v.show(lost, OK | {"result": "late"})
    v.frame(lost, frames[0], ok(ONE))
    v.frame(lost, frames[1], refused("F6"))


@scenario("F6")
def frame_at_the_end_that_the_next_epoch_names(v: Vector) -> None:
    """A frame whose number is the count that the next epoch names for this one is refused by F6: numbers begin with
    0.
    """
    th = _running(v, ONE)
    v.epoch(OK, link=th.link, not_before=NOW)
    v.frame(th, th.frame(TWO), refused("F6"))


@scenario("F6")
def frame_beyond_the_end_that_the_next_epoch_names(v: Vector) -> None:
    """A frame whose number is one above the count that the next epoch names for this one is refused by F6, without
    an alarm of a gap.
    """
    th = _running(v, ONE)
    v.epoch(OK, link=th.link, not_before=NOW)
    th.frame(TWO)
    v.frame(th, th.frame(THREE), refused("F6"))


@scenario("F6")
def frame_number_65535_is_the_last(v: Vector) -> None:
    """A frame with the number 65,535 is accepted, with the gap before it, and one with the number 65,536 is refused
    by F6.
    """
    th = _running(v, ONE)
    th.seq = 65_535
    v.frame(th, th.frame(TWO), ok(TWO, alarms=[["gap", 1, 65_534]]))
    v.frame(th, th.frame(THREE), refused("F6"))


@scenario("F6")
def frame_number_65536_comes_first(v: Vector) -> None:
    """A frame with the number 65,536 is refused by F6 and makes nothing missing: the next frame is accepted without
    alarm.
    """
    th = _running(v, ONE)
    v.frame(th, th.craft(TWO, seq=65_536, moves_on=False), refused("F6"))
    v.frame(th, th.frame(TWO), ok(TWO))


# -- F7


_BODY = encode([ONE])
_FILL = -len(_BODY) % 256


@variants(
    "F7",
    "frame",
    {
        "whose-header-counts-one-more": {"count": 2},
        "whose-header-counts-one-less": {"count": 1, "body": encode([ONE, TWO]), "committed": (ONE,)},
        "whose-root-is-of-other-content": {"committed": (TWO,)},
        "sealed-with-another-secret": {"secret": seed("another secret")},
        "padded-with-other-bytes": {"plain": _BODY + b"\x80" + b"\x01" * (_FILL - 1)},
        "padded-with-another-mark": {"plain": _BODY + b"\x01" + bytes(_FILL - 1)},
        "padded-with-zeros-only": {"plain": _BODY + bytes(_FILL)},
        "padded-with-a-block-too-much": {"plain": _BODY + b"\x80" + bytes(_FILL - 1 + 256)},
        "whose-body-is-no-msgpack": {"body": b"\xc1", "count": 1, "committed": (ONE,)},
        "whose-body-is-text": {"body": encode([ONE.decode()]), "count": 1, "committed": (ONE,)},
        "whose-body-is-one-message-alone": {"body": encode(ONE), "count": 1, "committed": (ONE,)},
        "whose-body-has-bytes-after-it": {"body": encode([ONE]) + b"\0", "count": 1, "committed": (ONE,)},
        "whose-body-has-a-count-of-four-milliards": {"body": b"\xdd\xff\xff\xff\xff", "count": 1, "committed": (ONE,)},
    },
    words={
        "whose-header-counts-one-more": "whose header counts one message too many",
        "whose-header-counts-one-less": "whose header counts one message too few",
        "whose-root-is-of-other-content": "whose root commits to other content",
        "padded-with-other-bytes": "padded with other bytes than zeros",
        "padded-with-another-mark": "padded with 0x01 instead of 0x80",
        "padded-with-a-block-too-much": "padded with one block too many",
        "whose-body-is-no-msgpack": "whose body is not msgpack",
        "whose-body-is-text": "whose body has a text instead of bytes",
        "whose-body-is-one-message-alone": "whose body is one byte string instead of an array",
        "whose-body-has-bytes-after-it": "whose body has a byte after it",
        "whose-body-has-a-count-of-four-milliards": "whose body announces an array of 2^32-1 items",
    },
)
def frame_content(v: Vector, parts: dict[str, Any]) -> None:
    """A frame {} is refused by F7 and still consumes its number: the frame after it is accepted without alarm."""
    th = _running(v)
    v.frame(th, th.craft(ONE, **parts), refused("F7"))
    v.frame(th, th.frame(TWO), ok(TWO))


@scenario("F7")
def frame_of_all_zeros(v: Vector) -> None:
    """A frame whose content is all zeros is refused by F7: there is no 0x80 that begins the padding."""
    th = _running(v)
    v.frame(th, th.craft(ONE, plain=bytes(256)), refused("F7"))


@scenario("F7")
def frame_padded_to_the_full(v: Vector) -> None:
    """A body that fills its blocks is padded with 0x80 and 255 zeros, the most there are: the frame is accepted,
    its message is not JSON and refused by F8.
    """
    th = _running(v)
    message = b"x" * (256 * 2 - 4)  # msgpack heads: 1 and 3 bytes
    v.frame(th, th.frame(message), ok(refused=[(0, "F8")]))


@scenario("F7")
def frame_adopted_by_another_sender(v: Vector) -> None:
    """VN holds the secret, opens an epoch with it and signs the ciphertext of TH as its own: F7 refuses that,
    because the header is part of the key.
    """
    th = _running(v)
    vn = v.epoch(OK, who="VN", secret=th.opened.secret, to=("SG", "VN"))
    frame = th.frame(ONE)
    adopted = vn.craft(ONE, prev=vn.opened.id, moves_on=False)[:88] + frame[88:-64]
    v.frame(vn, _signed_by(vn, adopted), refused("F7"))
    v.frame(th, frame, ok(ONE))


def _signed_by(sending: Sending, unsigned: bytes) -> bytes:
    from suar.protocol.base.primitives import hash_, sign_hash

    return unsigned + sign_hash("frame", sending.opened.signing, hash_("frame", unsigned))


@scenario("F7")
def frame_that_does_not_open_keeps_the_alarm_of_a_gap(v: Vector) -> None:
    """A frame that F7 refuses keeps the alarm gap of F6."""
    th = _running(v)
    th.frame(ONE)
    v.frame(th, th.craft(TWO, committed=(ONE,)), refused("F7", ["gap", 0, 0]))


@scenario("F7")
def frame_that_does_not_open_again(v: Vector) -> None:
    """A frame that F7 refused is a duplicate when it comes again, because it has consumed its number."""
    th = _running(v)
    frame = th.craft(ONE, committed=(TWO,))
    v.frame(th, frame, refused("F7"))
    v.frame(th, frame, DUPLICATE)


@scenario("F7")
def frame_late_that_does_not_open(v: Vector) -> None:
    """A missing frame that F7 refuses when it comes late has filled its number: again it is a duplicate."""
    th = _running(v)
    broken = th.craft(ONE, committed=(TWO,))
    v.frame(th, th.frame(TWO), ok(TWO, alarms=[["gap", 0, 0]]))
    v.frame(th, broken, refused("F7"))
    v.frame(th, broken, DUPLICATE)

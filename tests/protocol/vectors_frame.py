"""Frames: F1 to F7."""

from typing import Any

from scenario import (
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

from kit import NOW, Sending, actor, alert, craft_epoch, key_row, make_revoke, member_row, seed
from suar.protocol import subjects
from suar.protocol.epoch import Link
from suar.protocol.primitives import signing_key
from suar.protocol.wire import encode

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


@variants("F1", "frame-each", {"truncation": "truncation", "bit-flip": "bit-flip"})
def frame_each(v: Vector, each: str) -> None:
    th = _running(v)
    frame = th.craft(b"short")
    v.frame(th, frame, ANY_REFUSAL, each=each)
    v.frame(th, frame, ok(refused=[[0, "F8"]]))


@scenario("F1")
def frame_with_a_byte_appended(v: Vector) -> None:
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
)
def frame_form(v: Vector, parts: dict[str, Any]) -> None:
    th = _running(v)
    v.frame(th, th.craft(b"x", **parts, moves_on=False), refused("F1"))
    v.frame(th, th.frame(ONE), ok(ONE))


@scenario("F1")
def frame_of_256_messages(v: Vector) -> None:
    th = _running(v)
    v.frame(th, th.frame(*[b"x"] * 256), ok(refused=[(n, "F8") for n in range(256)]))


# -- F2


@scenario("F2")
def frame_before_its_epoch_waits(v: Vector) -> None:
    v.start()
    th = craft_epoch(TH, v.lists)
    frame = th.frame(ONE)
    v.frame(th, frame, WAIT)
    v.show(th, OK)
    v.frame(th, frame, ok(ONE))


@scenario("F2")
def frame_of_a_waiting_epoch_waits(v: Vector) -> None:
    v.start()
    th = craft_epoch(TH, v.lists.after())
    v.show(th, WAIT)
    v.frame(th, th.frame(ONE), WAIT)


@scenario("F2")
def frame_of_a_sender_suspended_mid_epoch(v: Vector) -> None:
    th = _running(v, ONE)
    v.next_list(members=[member_row(SG), member_row(TH, "suspended"), member_row(VN)])
    v.frame(th, th.frame(TWO), refused("F2"))


@scenario("F2")
def frame_of_an_epoch_not_for_us_whose_sender_is_suspended(v: Vector) -> None:
    v.start()
    th = v.epoch(OK | {"result": "skip"}, channel="VN", to=("TH", "VN"))
    v.next_list(members=[member_row(SG), member_row(TH, "suspended"), member_row(VN)])
    v.frame(th, th.frame(TWO), refused("F2"))


@scenario("F2")
def frame_under_a_revoked_key(v: Vector) -> None:
    th = _running(v, ONE)
    v.revoke(TH, make_revoke(TH))
    v.frame(th, th.frame(TWO), refused("F2"))


@scenario("F2")
def frame_of_an_epoch_older_than_the_streams_keep(v: Vector) -> None:
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
    th = _running(v)
    v.give(subjects.hub("VN", subjects.frame("actual", "all", th.opened.id)), th.frame(ONE), refused("F3"))


@variants(
    "F3", "frame", {"of-the-exercise-as-actual": ("exercise", "actual"), "actual-as-exercise": ("actual", "exercise")}
)
def frame_of_the_other_realm(v: Vector, realms: tuple[str, str]) -> None:
    message = alert(status=realms[0])
    th = _running(v, realm=realms[0])
    frame = th.frame(message)
    v.give(subjects.hub("TH", subjects.frame(realms[1], "all", th.opened.id)), frame, refused("F3"))
    v.frame(th, frame, ok(message))


@variants("F3", "frame", {"bilateral-in-all": ("SG", "all"), "of-all-in-a-bilateral-channel": ("all", "SG")})
def frame_of_the_other_channel(v: Vector, channels: tuple[str, str]) -> None:
    th = _running(v, channel=channels[0])
    frame = th.frame(ONE)
    v.give(subjects.hub("TH", subjects.frame("actual", channels[1], th.opened.id)), frame, refused("F3"))
    v.frame(th, frame, ok(ONE))


# -- F4


@scenario("F4")
def frame_forged_by_a_recipient_who_holds_the_secret(v: Vector) -> None:
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
)
def frame_signed(v: Vector, parts: dict[str, Any]) -> None:
    th = _running(v)
    v.frame(th, th.craft(ONE, **parts, moves_on=False), refused("F4"))
    v.frame(th, th.frame(ONE), ok(ONE))


@scenario("F4")
def frame_with_a_changed_byte_of_content_is_not_counted(v: Vector) -> None:
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
)
def frame_sent_at_the_edge(v: Vector, ts: int) -> None:
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
)
def frame_sent_outside(v: Vector, ts: int) -> None:
    """Its number is used all the same: the next frame follows it."""
    th = _running(v)
    v.now = max(NOW, ts)
    v.frame(th, th.frame(ONE, ts=ts), refused("F5"))
    v.frame(th, th.frame(TWO), ok(TWO))


@scenario("F5")
def frame_sent_outside_its_epoch_keeps_the_alarm_of_a_gap(v: Vector) -> None:
    th = _running(v)
    lost = th.frame(ONE)
    v.frame(th, th.frame(TWO, ts=BEGIN - HOUR), refused("F5", ["gap", 0, 0]))
    v.frame(th, lost, late(ONE))


@scenario("F5")
def frame_sent_outside_its_epoch_again(v: Vector) -> None:
    th = _running(v)
    frame = th.frame(ONE, ts=BEGIN - HOUR)
    v.frame(th, frame, refused("F5"))
    v.frame(th, frame, DUPLICATE)


@variants(
    "F5", "frame-from-the-future", {"of-5-min": (0, ok(ONE)), "of-more-than-5-min": (1, ok(ONE, alarms=[["clock"]]))}
)
def frame_from_the_future(v: Vector, case: tuple[int, Any]) -> None:
    th = _running(v)
    v.frame(th, th.frame(ONE, ts=NOW + 5 * MINUTE + case[0]), case[1])


@scenario("F5")
def frame_sent_after_its_epoch_and_from_the_future(v: Vector) -> None:
    """Refused by its window; that its time is ahead of ours too raises no alarm."""
    th = _running(v)
    v.frame(th, th.frame(ONE, ts=NOW + 6 * HOUR + 5 * MINUTE + 1), refused("F5"))


@scenario("F5")
def frame_from_the_future_after_a_gap_with_a_message_to_others(v: Vector) -> None:
    """The alarms come in the order of the checks, F5 after F6."""
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
    th = _running(v)
    frames = [th.frame(ONE), th.frame(TWO)]
    v.frame(th, frames[0], ok(ONE))
    v.frame(th, frames[0], DUPLICATE)
    v.frame(th, frames[1], ok(TWO))
    v.frame(th, frames[0], DUPLICATE)


@scenario("F6")
def frame_redelivered_weeks_later(v: Vector) -> None:
    th = _running(v)
    frame = th.frame(ONE)
    v.frame(th, frame, ok(ONE))
    v.later(30 * DAY)
    v.frame(th, frame, DUPLICATE)


@scenario("F6")
def frames_reordered(v: Vector) -> None:
    th = _running(v, ONE)
    frames = [th.frame(TWO), th.frame(THREE), th.frame(FOUR)]
    v.frame(th, frames[1], ok(THREE, alarms=[["gap", 1, 1]]))
    v.frame(th, frames[0], late(TWO))
    v.frame(th, frames[2], ok(FOUR))


@scenario("F6")
def frame_gap_of_an_exact_range(v: Vector) -> None:
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
    th = _running(v)
    lost = th.frame(ONE)
    v.frame(th, th.frame(TWO), ok(TWO, alarms=[["gap", 0, 0]]))
    v.frame(th, lost, late(ONE))


@scenario("F6")
def frame_two_gaps(v: Vector) -> None:
    th = _running(v)
    lost = [th.frame(ONE)]
    v.frame(th, th.frame(TWO), ok(TWO, alarms=[["gap", 0, 0]]))
    lost.append(th.frame(THREE))
    v.frame(th, th.frame(FOUR), ok(FOUR, alarms=[["gap", 2, 2]]))
    v.frame(th, lost[1], late(THREE))
    v.frame(th, lost[0], late(ONE))


@scenario("F6")
def frame_forks(v: Vector) -> None:
    """A number that was not taken is still free for the frame that follows."""
    th = _running(v, ONE)
    v.frame(th, th.craft(TWO, prev=b"\x01" * 32, moves_on=False), refused("F6", ["fork"]))
    v.frame(th, th.frame(THREE), ok(THREE))


@scenario("F6")
def frame_number_zero_names_its_epoch(v: Vector) -> None:
    th = _running(v)
    v.frame(th, th.craft(ONE, prev=b"\x01" * 32, moves_on=False), refused("F6", ["fork"]))


@scenario("F6")
def frame_late_forks_from_the_one_before(v: Vector) -> None:
    th = _running(v, ONE)
    other = th.craft(TWO, prev=b"\x01" * 32)
    v.frame(th, th.frame(THREE), ok(THREE, alarms=[["gap", 1, 1]]))
    v.frame(th, other, refused("F6", ["fork"]))


@scenario("F6")
def frame_late_number_zero_names_its_epoch(v: Vector) -> None:
    th = _running(v)
    other = th.craft(ONE, prev=b"\x01" * 32)
    v.frame(th, th.frame(TWO), ok(TWO, alarms=[["gap", 0, 0]]))
    v.frame(th, other, refused("F6", ["fork"]))


@scenario("F6")
def frame_late_forks_from_the_one_after(v: Vector) -> None:
    th = _running(v, ONE)
    other = th.craft(TWO, moves_on=False)
    true = th.frame(THREE)
    v.frame(th, th.frame(FOUR), ok(FOUR, alarms=[["gap", 1, 1]]))
    v.frame(th, other, refused("F6", ["fork"]))
    v.frame(th, true, late(THREE))


@scenario("F6")
def frame_equivocation(v: Vector) -> None:
    th = _running(v)
    first, second = th.craft(ONE, moves_on=False), th.frame(TWO)
    v.frame(th, second, ok(TWO))
    v.frame(th, first, refused("F6", ["equivocation"]))


@scenario("F6")
def frame_equivocation_freezes_the_epoch(v: Vector) -> None:
    """Only held hashes are answered from then on; the alarm is raised once, with the first pair."""
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
    th = _running(v)
    v.frame(th, th.frame(ONE, is_last=True), ok(ONE))
    v.frame(th, th.frame(TWO), refused("F6"))


@scenario("F6")
def frame_late_before_the_last_one(v: Vector) -> None:
    th = _running(v)
    lost = th.frame(ONE)
    v.frame(th, th.frame(TWO, is_last=True), ok(TWO, alarms=[["gap", 0, 0]]))
    v.frame(th, lost, late(ONE))


@scenario("F6")
def frame_after_the_last_one_of_an_epoch_said_to_be_longer(v: Vector) -> None:
    v.start()
    lost = craft_epoch(TH, v.lists)
    frames = [lost.frame(ONE, is_last=True), lost.frame(TWO)]
    v.epoch(ok(alarms=[["epoch-missing"]]), link=lost.link, not_before=NOW)
    v.show(lost, OK | {"result": "late"})
    v.frame(lost, frames[0], ok(ONE))
    v.frame(lost, frames[1], refused("F6"))


@scenario("F6")
def frame_at_the_end_that_the_next_epoch_names(v: Vector) -> None:
    th = _running(v, ONE)
    v.epoch(OK, link=th.link, not_before=NOW)
    v.frame(th, th.frame(TWO), refused("F6"))


@scenario("F6")
def frame_beyond_the_end_that_the_next_epoch_names(v: Vector) -> None:
    th = _running(v, ONE)
    v.epoch(OK, link=th.link, not_before=NOW)
    th.frame(TWO)
    v.frame(th, th.frame(THREE), refused("F6"))


@scenario("F6")
def frame_number_65535_is_the_last(v: Vector) -> None:
    th = _running(v, ONE)
    th.seq = 65_535
    v.frame(th, th.frame(TWO), ok(TWO, alarms=[["gap", 1, 65_534]]))
    v.frame(th, th.frame(THREE), refused("F6"))


@scenario("F6")
def frame_number_65536_comes_first(v: Vector) -> None:
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
)
def frame_content(v: Vector, parts: dict[str, Any]) -> None:
    """Its number is used all the same: the frame after it is accepted without alarm."""
    th = _running(v)
    v.frame(th, th.craft(ONE, **parts), refused("F7"))
    v.frame(th, th.frame(TWO), ok(TWO))


@scenario("F7")
def frame_of_all_zeros(v: Vector) -> None:
    th = _running(v)
    v.frame(th, th.craft(ONE, plain=bytes(256)), refused("F7"))


@scenario("F7")
def frame_padded_to_the_full(v: Vector) -> None:
    """255 zeros are the most: a body that ends one byte before a block."""
    th = _running(v)
    message = b"x" * (256 * 2 - 4)  # msgpack heads: 1 and 3 bytes
    v.frame(th, th.frame(message), ok(refused=[(0, "F8")]))


@scenario("F7")
def frame_adopted_by_another_sender(v: Vector) -> None:
    """VN holds the secret, opens an epoch with it and signs TH's ciphertext as its own."""
    th = _running(v)
    vn = v.epoch(OK, who="VN", secret=th.opened.secret, to=("SG", "VN"))
    frame = th.frame(ONE)
    adopted = vn.craft(ONE, prev=vn.opened.id, moves_on=False)[:88] + frame[88:-64]
    v.frame(vn, _signed_by(vn, adopted), refused("F7"))
    v.frame(th, frame, ok(ONE))


def _signed_by(sending: Sending, unsigned: bytes) -> bytes:
    from suar.protocol.primitives import hash_, sign_hash

    return unsigned + sign_hash("frame", sending.opened.signing, hash_("frame", unsigned))


@scenario("F7")
def frame_that_does_not_open_keeps_the_alarm_of_a_gap(v: Vector) -> None:
    th = _running(v)
    th.frame(ONE)
    v.frame(th, th.craft(TWO, committed=(ONE,)), refused("F7", ["gap", 0, 0]))


@scenario("F7")
def frame_that_does_not_open_again(v: Vector) -> None:
    th = _running(v)
    frame = th.craft(ONE, committed=(TWO,))
    v.frame(th, frame, refused("F7"))
    v.frame(th, frame, DUPLICATE)


@scenario("F7")
def frame_late_that_does_not_open(v: Vector) -> None:
    th = _running(v)
    broken = th.craft(ONE, committed=(TWO,))
    v.frame(th, th.frame(TWO), ok(TWO, alarms=[["gap", 0, 0]]))
    v.frame(th, broken, refused("F7"))
    v.frame(th, broken, DUPLICATE)

"""Section 7: what waits, what is told meanwhile, for how long, and how much of it."""

from collections.abc import Callable
from typing import Any

from protocol.scenario import (
    DAY,
    HOUR,
    MINUTE,
    OK,
    SMALL,
    WAIT,
    Vector,
    ok,
    refused,
    scenario,
    small_list,
    variants,
    wait,
)
from suar.protocol.base import limits, subjects
from support.kit import NOW, Actor, Sending, actor, alert, craft_epoch, make_bundle, make_revoke, member_row, seed

SG, TH, VN = (actor(code) for code in SMALL)
MY = Actor("MY")  # no list of these vectors has it
LATER = NOW + 5 * MINUTE + 1
NEXT_WEEK = NOW + 7 * DAY


@scenario("K4")
def waiting_for_time_of_two_members_at_once(v: Vector) -> None:
    """Bundles of two members that wait for their time at once raise the alarm clock with the second: the wrong
    clock may be ours.
    """
    v.start()
    v.bundle(TH, WAIT, not_before=LATER)
    v.bundle(VN, wait(["clock"]), not_before=LATER)


@scenario("E5")
def waiting_for_time_of_a_bundle_and_an_epoch_of_two_members(v: Vector) -> None:
    """A bundle and an epoch of two members that wait for their time at once raise the alarm clock with the second."""
    v.start()
    v.bundle(TH, WAIT, not_before=LATER)
    v.epoch(wait(["clock"]), who="VN", to=("SG", "VN"), not_before=LATER)


@scenario("K4")
def waiting_for_time_of_one_member_twice(v: Vector) -> None:
    """A bundle and an epoch of one member that wait for their time raise no alarm: only two members make our clock
    doubtful.
    """
    v.start()
    v.bundle(TH, WAIT, not_before=LATER)
    v.epoch(WAIT, not_before=LATER)


@scenario("K4")
def waiting_for_time_of_two_members_one_after_the_other(v: Vector) -> None:
    """A bundle that waits for its time raises no alarm when the time of another member's waiting bundle has come:
    they do not wait at once.
    """
    v.start()
    v.bundle(TH, WAIT, not_before=LATER)
    v.later(HOUR)
    v.bundle(VN, WAIT, not_before=LATER + HOUR)


@scenario("E3")
def waiting_blocks_nothing_else(v: Vector) -> None:
    """An epoch of VN that waits for a list blocks nothing: an epoch and a frame of TH and a bundle of VN are
    accepted.
    """
    v.start()
    ahead = craft_epoch(VN, v.lists.after(), to=("SG", "VN"))
    v.show(ahead, WAIT)
    th = v.epoch()
    v.frame(th, th.frame(alert()), ok(alert()))
    v.bundle(VN, OK)


@scenario("K2")
def waiting_before_the_first_list(v: Vector) -> None:
    """A bundle, an epoch, its frame and a Revoke that come before the first list wait, and are accepted when
    presented again after it.
    """
    th = craft_epoch(TH, v.lists)
    frame = th.frame(alert())
    bundle, revoke = make_bundle(TH), make_revoke(Actor("VN"))
    v.bundle(TH, WAIT, data=bundle)
    v.show(th, WAIT)
    v.frame(th, frame, WAIT)
    v.revoke(VN, revoke, WAIT)
    v.start()
    v.bundle(TH, OK, data=bundle)
    v.show(th, OK)
    v.frame(th, frame, ok(alert()))
    v.revoke(VN, revoke, OK)


# -- for how long


def _frame_alone(v: Vector) -> tuple[str, bytes]:
    th = craft_epoch(TH, v.lists)
    return th.subject, th.frame(alert())


def _revoke_of_nobody(_v: Vector) -> tuple[str, bytes]:
    return subjects.hub("XA", subjects.revoke(MY.kid)), make_revoke(MY)


def _bundle(who: Actor, **changes: Any) -> tuple[str, bytes]:
    return subjects.hub(who.code, subjects.keys(who.kid)), make_bundle(who, **changes)


def _object(sending: Sending) -> tuple[str, bytes]:
    return sending.epoch_subject, sending.opened.data


@variants(
    "F2",
    "waiting-24-hours-is-refused-by-its-rule",
    {
        "r1": ("R1", _revoke_of_nobody),
        "k2": ("K2", lambda _: _bundle(MY)),
        "k4": ("K4", lambda _: _bundle(TH, not_before=NEXT_WEEK, not_after=NEXT_WEEK + DAY)),
        "e1": ("E1", lambda v: _object(craft_epoch(MY, v.lists))),
        "e3": ("E3", lambda v: _object(craft_epoch(TH, v.lists.after()))),
        "e5": ("E5", lambda v: _object(craft_epoch(TH, v.lists, not_before=NEXT_WEEK, not_after=NEXT_WEEK + HOUR))),
        "f2": ("F2", _frame_alone),
    },
    words={
        "r1": "A Revoke of an unknown key is refused by R1",
        "k2": "A bundle of an unknown key is refused by K2",
        "k4": "A bundle that begins in a week is refused by K4",
        "e1": "An epoch of an unknown key is refused by E1",
        "e3": "An epoch that names the next list is refused by E3",
        "e5": "An epoch that begins in a week is refused by E5",
        "f2": "A frame of an unknown epoch is refused by F2",
    },
)
def waiting_24_hours(v: Vector, case: tuple[str, Callable[[Vector], tuple[str, bytes]]]) -> None:
    """{} 24 hours after it was first judged to wait, to the millisecond and presented or not; after that it may
    come anew.
    """
    rule, make = case
    v.start()
    subject, data = make(v)
    v.receive(subject, data, WAIT)
    v.later(DAY - 1)
    v.expired()
    v.receive(subject, data, WAIT)
    v.later(1)
    v.expired()
    v.receive(subject, data, refused(rule))
    v.receive(subject, data, WAIT)
    v.later(DAY - 1)
    v.expired()
    v.later(1)
    v.expired((subject, rule))
    v.later(1)
    v.expired()


@scenario("F2")
def waiting_24_hours_without_being_presented(v: Vector) -> None:
    """What has waited for 24 hours is refused without being presented, the oldest first by its first judgement;
    what was accepted meanwhile is not.
    """
    v.start()
    known, unknown = craft_epoch(TH, v.lists), craft_epoch(TH, v.lists, not_before=NOW)
    early, late = known.frame(alert()), unknown.frame(alert("TH-ALERT-2027-000002"))
    v.frame(unknown, late, WAIT)
    v.frame(known, early, WAIT)
    v.later(MINUTE)
    v.bundle(MY, WAIT)
    v.frame(unknown, late, WAIT)
    v.later(MINUTE)
    v.revoke(MY, make_revoke(MY), WAIT)
    v.show(known, OK)
    v.frame(known, early, ok(alert()))
    v.later(DAY - MINUTE)
    v.expired((unknown.subject, "F2"), (subjects.hub("MY", subjects.keys(MY.kid)), "K2"))
    v.bundle(VN, OK, not_before=v.now)
    v.later(MINUTE)
    v.expired((subjects.hub("XA", subjects.revoke(MY.kid)), "R1"))


@scenario("F2")
def waiting_24_hours_and_judged_before_it_is_refused(v: Vector) -> None:
    """A frame that has waited for 24 hours is accepted when its epoch comes in the same step: it is presented and
    waits for nothing any more.
    """
    v.start()
    th = craft_epoch(TH, v.lists, not_after=NOW + DAY - MINUTE)
    frame = th.frame(alert())
    v.frame(th, frame, WAIT)
    v.later(DAY)
    v.show(th, OK)
    v.frame(th, frame, ok(alert()))


@scenario("F2")
def waiting_24_hours_in_a_step_that_does_not_say_so(v: Vector) -> None:
    """A step without expired leaves in the table what has waited for 24 hours; presented later, the frame is
    refused by F2.
    """
    v.start()
    th = craft_epoch(TH, v.lists)
    frame = th.frame(alert())
    v.frame(th, frame, WAIT)
    v.later(DAY)
    v.bundle(VN, OK, not_before=v.now)
    v.later(HOUR)
    v.frame(th, frame, refused("F2"))


@scenario("E5")
def waiting_for_another_thing_than_before_is_refused_by_that_rule(v: Vector) -> None:
    """An epoch that waits for a list and then for its time waits 24 hours in all, and is refused by E5, the rule by
    which it waited last.
    """
    v.start()
    members = [member_row(actor(code)) for code in ("MY", *SMALL)]
    after = v.lists.after(members=members)
    ahead = craft_epoch(MY, after, to=("MY", "SG"), not_before=NEXT_WEEK, not_after=NEXT_WEEK + HOUR)
    v.show(ahead, WAIT)
    v.later(HOUR)
    v.next_list(members=members)
    v.show(ahead, WAIT)
    v.later(DAY - HOUR)
    v.expired((ahead.epoch_subject, "E5"))


@scenario("T14")
def waiting_while_the_clock_is_back_does_not_count(v: Vector) -> None:
    """What comes while T14 holds enters no table: its 24 hours begin when a right clock first judges it to wait."""
    v.start()
    th = craft_epoch(TH, v.lists)
    frame = th.frame(alert())
    v.later(-5 * MINUTE - 1)
    v.frame(th, frame, WAIT)
    v.later(DAY)
    v.expired()
    v.frame(th, frame, WAIT)
    v.later(DAY)
    v.frame(th, frame, refused("F2"))


@scenario("T14")
def waiting_while_the_clock_is_back_ends_for_nothing(v: Vector) -> None:
    """While T14 holds nothing is refused that has waited for 24 hours, presented or not; when the clock is right
    again, F2 refuses both frames.
    """
    v.start()
    first, second = craft_epoch(TH, v.lists), craft_epoch(TH, v.lists, not_before=NOW)
    kept, other = first.frame(alert()), second.frame(alert())
    v.frame(first, kept, WAIT)
    v.frame(second, other, WAIT)
    v.later(DAY + HOUR)
    v.bundle(VN, OK, not_before=v.now)
    v.later(-HOUR)
    v.expired()
    v.frame(second, other, WAIT)
    v.later(HOUR)
    v.expired((first.subject, "F2"))
    v.frame(second, other, refused("F2"))


# -- how much


def _frame_of(name: str, size: int) -> tuple[bytes, int]:
    """The beginning of a frame of an epoch that never comes, and the zeros behind it: so much is read of it."""
    head = b"SUF1" + seed(name) + bytes(8) + NOW.to_bytes(8, "big") + bytes([0, 1, 0, 0])
    return head, size - len(head)


def _bundle_of(name: str) -> tuple[bytes, int]:
    """The beginning of a bundle of the largest size by a key that no list has."""
    head = b"SUK1" + seed(name)[:16]
    return head, limits.BUNDLE_BYTES - len(head)


def _epoch_of(name: str, size: int) -> tuple[bytes, int]:
    """The beginning of an epoch by a key that no list has."""
    head = b"SUE1" + seed(name)[:16]
    return head, size - len(head)


FRAMES_SUBJECT = "tip.v1.th.a.frame.all.0123456789abcdef"
BUNDLES_SUBJECT = "tip.v1.{}.a.keys.all.0123456789abcdef0123456789abcdef"
EPOCHS_SUBJECT = "tip.v1.{}.a.epoch.all.0123456789abcdef"


def _frames_of_16_mib(v: Vector) -> list[tuple[bytes, int]]:
    """32 frames, to the byte; presented, all wait."""
    v.start()
    sizes = [524_232] * 31 + [526_024]
    assert sum(sizes) == limits.WAIT_FRAME_BYTES
    frames = [_frame_of(f"frame {n}", size) for n, size in enumerate(sizes)]
    for head, zeros in frames:
        v.receive(FRAMES_SUBJECT, head, WAIT, zeros=zeros)
    return frames


@scenario("F2")
def waiting_frames_of_16_mib(v: Vector) -> None:
    """32 waiting frames of one sender, 16 MiB to the byte, all keep waiting until they are refused after 24 hours."""
    _frames_of_16_mib(v)
    v.later(DAY)
    v.expired(*[(FRAMES_SUBJECT, "F2")] * 32)


@scenario("F2")
def waiting_frames_of_16_mib_and_then_the_oldest_goes(v: Vector) -> None:
    """A frame above 16 MiB of waiting ones puts out the oldest alone, which is new when presented again; a bundle
    of the sender has another share.
    """
    frames = _frames_of_16_mib(v)
    v.later(HOUR)
    small, bundle = _frame_of("small frame", limits.FRAME_BYTES_MIN), _bundle_of("bundle")
    v.receive(FRAMES_SUBJECT, small[0], WAIT, zeros=small[1])
    v.receive(BUNDLES_SUBJECT.format("th"), bundle[0], WAIT, zeros=bundle[1])
    v.later(DAY - HOUR)
    v.expired(*[(FRAMES_SUBJECT, "F2")] * 30)
    v.receive(FRAMES_SUBJECT, frames[0][0], WAIT, zeros=frames[0][1])
    v.receive(FRAMES_SUBJECT, frames[1][0], refused("F2"), zeros=frames[1][1])
    v.later(HOUR)
    v.expired((FRAMES_SUBJECT, "F2"), (BUNDLES_SUBJECT.format("th"), "K2"))


@scenario("K2")
def waiting_bundles_of_1_mib_and_then_one_is_refused(v: Vector) -> None:
    """A bundle above 1 MiB of waiting ones is refused by K2; a bundle of another sender and a frame wait, and after
    24 hours there is room again.
    """
    v.start()
    for n in range(limits.WAIT_OTHER_BYTES // limits.BUNDLE_BYTES):
        head, zeros = _bundle_of(f"bundle {n}")
        v.receive(BUNDLES_SUBJECT.format("th"), head, WAIT, zeros=zeros)
    one_more = _bundle_of("one more")
    v.receive(BUNDLES_SUBJECT.format("th"), one_more[0], refused("K2"), zeros=one_more[1])
    v.receive(BUNDLES_SUBJECT.format("vn"), one_more[0], WAIT, zeros=one_more[1])
    v.frame(*_frame_alone_of(v), WAIT)
    v.receive(BUNDLES_SUBJECT.format("th"), one_more[0], refused("K2"), zeros=one_more[1])
    v.later(DAY)
    v.receive(BUNDLES_SUBJECT.format("th"), one_more[0], WAIT, zeros=one_more[1])


def _frame_alone_of(v: Vector) -> tuple[Sending, bytes]:
    th = craft_epoch(TH, v.lists)
    return th, th.frame(alert())


@scenario("E1")
def waiting_of_senders_that_no_list_names_has_one_share(v: Vector) -> None:
    """All senders that the list does not name share 1 MiB: one more epoch of any of them is refused by E1, and one
    of a member waits.
    """
    v.start()
    largest = limits.EPOCH_BYTES_BASE + 3 * limits.EPOCH_BYTES_MEMBER
    count, rest = divmod(limits.WAIT_OTHER_BYTES, largest)
    for n in range(count):
        head, zeros = _epoch_of(f"epoch {n}", largest)
        v.receive(EPOCHS_SUBJECT.format(("yy", "zz")[n % 2]), head, WAIT, zeros=zeros)
    head, zeros = _epoch_of("the rest", rest)
    v.receive(EPOCHS_SUBJECT.format("yy"), head, WAIT, zeros=zeros)
    for code, expected in (("yy", refused("E1")), ("ww", refused("E1")), ("th", WAIT)):
        head, zeros = _epoch_of(f"one more of {code}", limits.EPOCH_BYTES_BASE)
        v.receive(EPOCHS_SUBJECT.format(code), head, expected, zeros=zeros)


@scenario("E1")
def waiting_before_the_first_list_has_a_share_a_sender(v: Vector) -> None:
    """Before the first list each sender has 1 MiB of its own: one more epoch of the first sender is refused by E1,
    and one of another waits.
    """
    v.lists = small_list()
    largest = limits.EPOCH_BYTES_BASE + limits.TRUST_AHEAD * limits.EPOCH_BYTES_MEMBER
    count, rest = divmod(limits.WAIT_OTHER_BYTES, largest)
    for n in range(count):
        head, zeros = _epoch_of(f"epoch {n}", largest)
        v.receive(EPOCHS_SUBJECT.format("yy"), head, WAIT, zeros=zeros)
    head, zeros = _epoch_of("the rest", rest)
    v.receive(EPOCHS_SUBJECT.format("yy"), head, WAIT, zeros=zeros)
    for code, expected in (("yy", refused("E1")), ("zz", WAIT)):
        head, zeros = _epoch_of(f"one more of {code}", limits.EPOCH_BYTES_BASE)
        v.receive(EPOCHS_SUBJECT.format(code), head, expected, zeros=zeros)

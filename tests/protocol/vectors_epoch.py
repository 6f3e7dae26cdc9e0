"""Epochs: E1 to E10."""

from typing import Any

from protocol.scenario import (
    ANY_REFUSAL,
    DAY,
    HOUR,
    LATE,
    MINUTE,
    NOOP,
    OK,
    SKIP,
    SMALL,
    WAIT,
    Vector,
    late,
    ok,
    refused,
    scenario,
    skip,
    small_list,
    variants,
)
from protocol.vectors_bundle import rows
from suar.protocol.base import subjects
from suar.protocol.transport.epoch import Link
from support.kit import NOW, Actor, Sending, actor, alert, craft_epoch, key_row, make_revoke, member_row, seed

SG, TH, VN = (actor(code) for code in SMALL)
BEGIN = NOW - MINUTE  # of an epoch where nothing else is said
ONE, TWO, THREE = (alert(f"TH-ALERT-2027-00000{n}") for n in (1, 2, 3))


# -- E1


@variants(
    "E1",
    "epoch",
    {"of-the-largest-size": (0, OK), "larger-than-its-list-allows": (1, refused("E1"))},
    words={
        "of-the-largest-size": "of exactly 4 KiB and 1,200 bytes a member is accepted by E1",
        "larger-than-its-list-allows": "one byte larger than 4 KiB and 1,200 bytes a member is refused by E1",
    },
)
def epoch_size(v: Vector, case: tuple[int, Any]) -> None:
    """An epoch {}."""
    limit = 4096 + 1200 * 3
    small = len(craft_epoch(TH, small_list(federation="f" * 256)).opened.data)
    v.start(small_list(federation="f" * (limit - small + 256 + case[0])))
    th = v.epoch(case[1])
    assert len(th.opened.data) == limit + case[0]


@scenario("E1")
def epoch_unknown_magic(v: Vector) -> None:
    """An epoch whose magic is SUE2 instead of SUE1 is refused by E1."""
    v.start()
    th = craft_epoch(TH, v.lists)
    v.receive(th.epoch_subject, b"SUE2" + th.opened.data[4:], refused("E1"))


@scenario("E1")
def epoch_of_a_key_of_the_next_list_waits(v: Vector) -> None:
    """An epoch by a key that only the next list has waits, and its frame too; both are accepted when presented
    again after that list.
    """
    new = Actor("MY")
    v.start()
    th = craft_epoch(new, v.lists.after(members=[member_row(new), *small_list().members]), to=("SG",))
    frame = th.frame(alert("MY-ALERT-2027-000001"))
    v.show(th, WAIT)
    v.frame(th, frame, WAIT)
    v.next_list(members=[member_row(new), *small_list().members])
    v.show(th, OK)
    v.frame(th, frame, ok(alert("MY-ALERT-2027-000001")))


@variants(
    "E1",
    "epoch-each",
    {"truncation": "truncation", "bit-flip": "bit-flip"},
    words={
        "bit-flip": "single bit flip",
    },
)
def epoch_each(v: Vector, each: str) -> None:
    """Every {} of an epoch is refused, or waits where it names an unknown key, and the epoch as it was signed is
    accepted afterwards.
    """
    v.start()
    th = craft_epoch(TH, v.lists, to=("SG",))
    v.show(th, ANY_REFUSAL, each=each)
    v.show(th, OK)


# -- E2


@variants(
    "E2",
    "epoch",
    {
        "signed-by-another-member": {"signer": VN},
        "signed-as-a-frame": {"label": "frame"},
        "with-not-before-as-text": {"not_before": "now"},
        "with-a-commitment-of-31-bytes": {"commit": bytes(31)},
        "with-prev-frames-below-zero": {"prev_frames": -1},
        "with-one-field-more": {"extra": (0,)},
        "with-other-magic": {"magic": "suar-epoch/2"},
        "with-a-recipient-of-one-field": {"recipients": [["SG"]]},
        "with-recipients-as-map": {"recipients": {}},
        "with-a-float": {"not_after": float(NOW)},
    },
    words={
        "signed-by-another-member": "signed by another member under the kid of TH",
        "signed-as-a-frame": "signed with the label of a frame",
        "with-not-before-as-text": "whose not_before is a text",
        "with-a-commitment-of-31-bytes": "whose commitment has 31 bytes",
        "with-prev-frames-below-zero": "whose prev_frames is negative",
        "with-other-magic": "with the magic suar-epoch/2",
        "with-recipients-as-map": "whose recipients are a map",
        "with-a-float": "whose not_after is a float",
    },
)
def epoch_form(v: Vector, terms: dict[str, Any]) -> None:
    """An epoch {} is refused by E2, and one without this fault is accepted afterwards."""
    v.start()
    v.epoch(refused("E2"), **terms)
    v.epoch(OK)


@variants(
    "E2",
    "epoch",
    {"of-the-exercise-as-actual": ("exercise", "actual"), "actual-as-exercise": ("actual", "exercise")},
    words={
        "of-the-exercise-as-actual": "the exercise on an actual subject",
        "actual-as-exercise": "realm actual on an exercise subject",
    },
)
def epoch_of_the_other_realm(v: Vector, realms: tuple[str, str]) -> None:
    """An epoch of {} is refused by E2, which verifies with the labels of the subject's realm, and accepted on its
    own subject.
    """
    v.start()
    th = craft_epoch(TH, v.lists, realm=realms[0])
    v.receive(subjects.hub("TH", subjects.epoch(realms[1], "all", th.opened.id)), th.opened.data, refused("E2"))
    v.show(th, OK)


# -- E3


@scenario("E3")
def epoch_of_another_federation(v: Vector) -> None:
    """A correctly signed epoch of another federation is refused by E3."""
    v.start()
    v.epoch(refused("E3"), federation="other")


@scenario("E3")
def epoch_signed_with_actual_labels_says_exercise(v: Vector) -> None:
    """An epoch that says exercise, signed with the labels of realm actual on an actual subject, is refused by E3:
    its realm must be the subject's.
    """
    v.start()
    th = craft_epoch(TH, v.lists, realm="exercise", labels="actual")
    v.receive(subjects.hub("TH", subjects.epoch("actual", "all", th.opened.id)), th.opened.data, refused("E3"))


@scenario("E3")
def epoch_naming_another_sender(v: Vector) -> None:
    """An epoch that TH signed, on a subject of TH, is refused by E3 because it names VN as its sender."""
    v.start()
    v.epoch(refused("E3"), sender="VN")


@scenario("E3")
def epoch_on_the_subject_of_the_sender_that_it_names(v: Vector) -> None:
    """An epoch that TH signed and that names VN as its sender is refused by E3 on a subject of VN too: the sender
    must be the member of the key.
    """
    v.start()
    th = craft_epoch(TH, v.lists, sender="VN")
    v.receive(subjects.hub("VN", subjects.epoch("actual", "all", th.opened.id)), th.opened.data, refused("E3"))


@scenario("E3")
def epoch_on_the_subject_of_another_member(v: Vector) -> None:
    """An epoch of TH on a subject of VN is refused by E3: its sender must be that of the subject."""
    v.start()
    th = craft_epoch(TH, v.lists)
    v.receive(subjects.hub("VN", subjects.epoch("actual", "all", th.opened.id)), th.opened.data, refused("E3"))


@variants(
    "E3",
    "epoch",
    {"of-all-in-a-bilateral-channel": ("all", "SG"), "bilateral-in-all": ("SG", "all")},
    words={
        "of-all-in-a-bilateral-channel": "channel all on a subject of the channel to SG",
        "bilateral-in-all": "the channel to SG on a subject of channel all",
    },
)
def epoch_of_the_other_channel(v: Vector, channels: tuple[str, str]) -> None:
    """An epoch of {} is refused by E3: its channel must be that of the subject."""
    v.start()
    th = craft_epoch(TH, v.lists, channel=channels[0])
    v.receive(subjects.hub("TH", subjects.epoch("actual", channels[1], th.opened.id)), th.opened.data, refused("E3"))


@scenario("E3")
def epoch_under_the_next_list_waits_for_it(v: Vector) -> None:
    """An epoch that names the next list waits for it by E3, and is accepted when presented again after that list."""
    v.start()
    following = v.lists.after()
    th = craft_epoch(TH, following)
    v.show(th, WAIT)
    v.next_list()
    v.show(th, OK)


@variants(
    "E3",
    "epoch-under-a-list",
    {"64-versions-ahead": (65, WAIT), "65-versions-ahead": (66, refused("E6"))},
    words={
        "64-versions-ahead": "64 versions above ours waits for it by E3",
        "65-versions-ahead": "65 versions above ours is refused by E6: it would wait for 64 at most",
    },
)
def epoch_ahead(v: Vector, case: tuple[int, Any]) -> None:
    """An epoch that names a list {}."""
    v.start()
    v.epoch(case[1], trust_version=case[0])


# -- E4


@variants(
    "E4",
    "epoch-of-a",
    {
        "suspended-member": [member_row(SG), member_row(TH, "suspended"), member_row(VN)],
        "member-that-left": [member_row(SG), member_row(VN)],
        "revoked-key": rows(revoked_at=NOW + DAY),
    },
    words={
        "suspended-member": "member is suspended now",
        "member-that-left": "member left the list since",
        "revoked-key": "key is revoked now",
    },
)
def epoch_signer(v: Vector, members: list[Any]) -> None:
    """An epoch that names the list before is refused by E4, because its {}: the current list decides on the signer."""
    v.start()
    named = v.lists
    v.next_list(members=members)
    v.show(craft_epoch(TH, named), refused("E4"))


@scenario("E4")
def epoch_of_a_key_with_a_revoke(v: Vector) -> None:
    """An epoch of a key with a Revoke is refused by E4, although the key is valid in the list."""
    v.start()
    v.revoke(TH, make_revoke(TH))
    v.epoch(refused("E4"))


@variants(
    "E4",
    "epoch-begins",
    {
        "with-its-key": ({"not_before": BEGIN}, OK),
        "before-its-key": ({"not_before": BEGIN + 1}, refused("E4")),
    },
    words={
        "with-its-key": "together with the window of its key is accepted: E4 requires a valid key at not_before",
        "before-its-key": "a millisecond before the window of its key is refused by E4",
    },
)
def epoch_key_window(v: Vector, case: tuple[dict[str, Any], Any]) -> None:
    """An epoch that begins {}."""
    v.start(small_list(members=rows(**case[0])))
    v.epoch(case[1])


@scenario("E4")
def epoch_begins_when_its_key_has_ended(v: Vector) -> None:
    """An epoch that begins when the window of its key ends is refused by E4: a window excludes its end.

    E5 would refuse it too: an epoch ends with its key at the latest, so nothing can begin after it.
    """
    v.start(small_list(members=rows(not_after=BEGIN)))
    v.epoch(refused("E4"), not_after=BEGIN + 1)


# -- E5


@variants(
    "E5",
    "epoch-window",
    {
        "of-24-hours": ({"not_after": BEGIN + 24 * HOUR}, OK),
        "over-24-hours": ({"not_after": BEGIN + 24 * HOUR + 1}, refused("E5")),
        "of-no-time": ({"not_after": BEGIN}, refused("E5")),
        "backwards": ({"not_after": BEGIN - 1}, refused("E5")),
        "of-a-millisecond": ({"not_after": BEGIN + 1}, OK),
        "begins-in-5-min": ({"not_before": NOW + 5 * MINUTE}, OK),
    },
    words={
        "of-24-hours": "with a window of exactly 24 hours is accepted: E5 allows no more",
        "over-24-hours": "with a window of a millisecond more than 24 hours is refused by E5",
        "of-no-time": "with an empty window is refused by E5",
        "backwards": "whose window ends before it begins is refused by E5",
        "of-a-millisecond": "with a window of one millisecond is accepted, although it is over",
        "begins-in-5-min": "that begins exactly 5 minutes ahead of the clock is accepted: only a later one waits",
    },
)
def epoch_window(v: Vector, case: tuple[dict[str, Any], Any]) -> None:
    """An epoch {}."""
    v.start()
    v.epoch(case[1], **case[0])


@variants(
    "E5",
    "epoch-ends",
    {"with-its-key": (0, OK), "after-its-key": (1, refused("E5"))},
    words={
        "with-its-key": "together with its key is accepted: E5 allows no later end",
        "after-its-key": "a millisecond after its key is refused by E5",
    },
)
def epoch_ends(v: Vector, case: tuple[int, Any]) -> None:
    """An epoch that ends {}."""
    v.start(small_list(members=rows(not_after=NOW + HOUR)))
    v.epoch(case[1], not_after=NOW + HOUR + case[0])


@variants(
    "E5",
    "epoch",
    {"35-days-old": (0, OK), "older-than-35-days": (1, refused("E5"))},
    words={
        "35-days-old": "exactly 35 days ago is accepted: E5 allows no older one",
        "older-than-35-days": "a millisecond more than 35 days ago is refused by E5: hashes are kept no longer",
    },
)
def epoch_age(v: Vector, case: tuple[int, Any]) -> None:
    """An epoch that began {}."""
    v.start(small_list(members=rows(not_before=NOW - 40 * DAY), issued=NOW - 39 * DAY))
    begin = NOW - 35 * DAY - case[0]
    v.epoch(case[1], not_before=begin, not_after=begin + HOUR)


@scenario("E5")
def epoch_from_the_future_waits(v: Vector) -> None:
    """An epoch that begins a millisecond more than 5 minutes ahead of the clock waits by E5, and is accepted when
    presented a millisecond later.
    """
    v.start()
    th = craft_epoch(TH, v.lists, not_before=NOW + 5 * MINUTE + 1)
    v.show(th, WAIT)
    v.later(1)
    v.show(th, OK)


# -- E6


@variants(
    "E6",
    "epoch-under-the-list-before",
    {"for-10-min": (0, OK), "after-10-min": (1, refused("E6"))},
    words={
        "for-10-min": "exactly 10 minutes after the current one was issued is accepted: E6 allows no more",
        "after-10-min": "a millisecond more than 10 minutes after the current one was issued is refused by E6",
    },
)
def epoch_under_the_list_before(v: Vector, case: tuple[int, Any]) -> None:
    """An epoch that names the list before and begins {}."""
    first = v.start()
    v.next_list(issued=BEGIN - 10 * MINUTE - case[0])
    v.show(craft_epoch(TH, first), case[1])


@scenario("E6")
def epoch_under_the_list_two_before_goes_by_its_own_successor(v: Vector) -> None:
    """An epoch that names the list two before is refused by E6: that list's own successor was issued 11 minutes
    before, whatever the current one says.
    """
    first = v.start()
    v.next_list(issued=BEGIN - 11 * MINUTE)
    v.next_list(issued=BEGIN)
    v.show(craft_epoch(TH, first), refused("E6"))


@scenario("E6")
def epoch_under_another_list_before(v: Vector) -> None:
    """An epoch that names the version before, with another hash than that of our history, is refused by E6."""
    first = v.start()
    v.next_list(issued=BEGIN)
    v.show(craft_epoch(TH, first, trust_hash=b"\x01" * 32), refused("E6"))


@scenario("E6")
def epoch_under_another_list_of_our_version(v: Vector) -> None:
    """An epoch that names our version of the list with another hash is refused by E6 with the alarm trust-version,
    which is no proof of a fork.
    """
    v.start()
    v.epoch(refused("E6", ["trust-version"]), trust_hash=b"\x01" * 32)


@scenario("E6")
def epoch_under_a_list_before_the_pinned_one(v: Vector) -> None:
    """An epoch that names the version before the pinned list, with the pinned list's prev as hash, is refused by
    E6: our history begins with the pin.
    """
    v.start(small_list(version=7, prev=b"\x07" * 32))
    v.epoch(refused("E6"), trust_version=6, trust_hash=b"\x07" * 32)


# -- E7


def _appended(wraps: list[bytes]) -> list[bytes]:
    return [*wraps, bytes(1168)]


@variants(
    "E7",
    "epoch",
    {
        "recipients-not-sorted": {"to": ("TH", "SG")},
        "recipient-twice": {"to": ("SG", "SG", "TH")},
        "recipient-that-is-no-member": {"to": ("MY", "SG", "TH")},
        "bilateral-with-a-third-recipient": {"channel": "SG", "to": ("SG", "TH", "VN")},
        "wrap-appended": {"wraps": _appended},
        "wrap-dropped": {"wraps": lambda wraps: wraps[:1]},
        "wrap-of-1167-bytes": {"wraps": lambda wraps: [wraps[0], wraps[1][:-1]]},
    },
    words={
        "recipients-not-sorted": "whose recipients are not sorted",
        "recipient-twice": "that names a recipient twice",
        "recipient-that-is-no-member": "with a recipient that is not a member",
        "bilateral-with-a-third-recipient": "in the channel to SG that also names VN",
        "wrap-appended": "with one wrap too many",
        "wrap-dropped": "with one wrap too few",
        "wrap-of-1167-bytes": "with a wrap of 1,167 bytes",
    },
)
def epoch_recipients(v: Vector, terms: dict[str, Any]) -> None:
    """An epoch {} is refused by E7: recipients are sorted, unique and of the channel, and each has one wrap of
    1,168 bytes.
    """
    v.start()
    v.epoch(refused("E7"), **terms)


@scenario("E7")
def epoch_recipient_that_is_suspended(v: Vector) -> None:
    """An epoch with a recipient that is suspended in the list which the epoch names is refused by E7."""
    v.start(small_list(members=[member_row(SG), member_row(TH), member_row(VN, "suspended")]))
    v.epoch(refused("E7"), to=("SG", "TH", "VN"))


@scenario("E7")
def epoch_recipients_are_those_of_the_list_that_it_names(v: Vector) -> None:
    """An epoch that names the list before may have as recipient a member that the current list suspends: E7 goes by
    the list that it names.
    """
    first = v.start()
    v.next_list(issued=BEGIN, members=[member_row(SG), member_row(TH), member_row(VN, "suspended")])
    v.show(craft_epoch(TH, first, to=("SG", "TH", "VN")), OK)


@scenario("E7")
def epoch_without_its_sender_among_the_recipients(v: Vector) -> None:
    """An epoch without its sender among the recipients is accepted: a reader does not check that."""
    v.start()
    v.epoch(OK, to=("SG", "VN"))


@variants(
    "E7",
    "epoch-channel",
    {"of-nobody": "ZZ", "of-its-own-sender": "TH", "of-a-suspended-member": "VN"},
    words={
        "of-nobody": "a code that no member has",
        "of-its-own-sender": "its own sender",
        "of-a-suspended-member": "a suspended member",
    },
)
def epoch_channel(v: Vector, channel: str) -> None:
    """An epoch in a channel to {} is refused by E7 for good, and its frames by F2, whether they come before it or
    after.
    """
    v.start(small_list(members=[member_row(SG), member_row(TH), member_row(VN, "suspended")]))
    th = craft_epoch(TH, v.lists, channel=channel, to=("TH",))
    early, late_one = th.frame(ONE), th.frame(TWO)
    v.frame(th, early, WAIT)
    v.show(th, refused("E7"))
    v.frame(th, early, refused("F2"))
    v.frame(th, late_one, refused("F2"))
    v.show(th, refused("E7"))


@scenario("E7")
def epoch_channel_is_one_of_the_list_that_it_names(v: Vector) -> None:
    """An epoch in the channel to VN that names the list before the suspension of VN stays valid: as it is not for
    us, it is skipped with its frame.
    """
    first = v.start()
    th = craft_epoch(TH, first, channel="VN", to=("TH", "VN"))
    v.next_list(issued=BEGIN, members=[member_row(SG), member_row(TH), member_row(VN, "suspended")])
    v.show(th, SKIP)
    v.frame(th, th.frame(ONE), SKIP)


@scenario("E7")
def epoch_channel_of_a_member_that_only_the_next_list_has_active(v: Vector) -> None:
    """An epoch in the channel to a member that is suspended in the list which it names is refused by E7; one that
    names the current list, where it is active, is valid.
    """
    first = v.start(small_list(members=[member_row(SG), member_row(TH), member_row(VN, "suspended")]))
    v.next_list(issued=BEGIN, members=small_list().members)
    v.show(craft_epoch(TH, first, channel="VN", to=("TH",)), refused("E7"))
    v.epoch(SKIP, channel="VN", to=("TH", "VN"))


@scenario("E7")
def epoch_channel_of_ours_in_a_list_in_which_we_were_suspended(v: Vector) -> None:
    """An epoch in the channel to us is refused by E7 when the list that it names has us suspended, although we are
    active in the current one.
    """
    first = v.start(small_list(members=[member_row(SG, "suspended"), member_row(TH), member_row(VN)]))
    v.next_list(issued=BEGIN, members=small_list().members)
    v.show(craft_epoch(TH, first, channel="SG", to=("TH",)), refused("E7"))


@scenario("E7")
def epoch_channel_all_in_a_list_with_no_other_active_member(v: Vector) -> None:
    """An epoch in channel all that names a list with no other active member is valid and skipped: nobody is in that
    channel, but it is one.
    """
    first = v.start(small_list(members=[member_row(SG, "suspended"), member_row(TH), member_row(VN, "suspended")]))
    v.next_list(issued=BEGIN, members=small_list().members)
    v.show(craft_epoch(TH, first, to=("TH",)), SKIP)


@scenario("F2")
def frame_of_an_epoch_refused_for_its_recipients(v: Vector) -> None:
    """A frame of an epoch that E7 refused is refused by F2, and the next epoch of its sender is accepted with its
    frame.
    """
    v.start()
    th = v.epoch(refused("E7"), to=("SG", "SG", "TH"))
    v.frame(th, th.frame(ONE), refused("F2"))
    after = v.epoch(OK, not_before=NOW)
    v.frame(after, after.frame(ONE), ok(ONE))


# -- E8


def _running(v: Vector, *messages: bytes) -> Sending:
    """An epoch of TH, with one accepted frame a message."""
    v.start()
    th = v.epoch()
    for message in messages:
        v.frame(th, th.frame(message), ok(message))
    return th


@scenario("E8")
def epoch_again(v: Vector) -> None:
    """An epoch that was accepted is a no-op when it comes again: its id is known."""
    th = _running(v)
    v.show(th, NOOP)


@scenario("E8")
def epoch_follows_without_alarm(v: Vector) -> None:
    """An epoch that names the last one with its number of frames and its last hash is accepted without alarm, and
    so is its frame.
    """
    th = _running(v, ONE, TWO)
    after = v.epoch(OK, link=th.link, not_before=NOW)
    v.frame(after, after.frame(THREE), ok(THREE))


@scenario("E8")
def epoch_follows_one_without_frames(v: Vector) -> None:
    """An epoch that follows one without frames has that one's id as prev_hash and is accepted without alarm."""
    th = _running(v)
    v.epoch(OK, link=Link(th.opened.id, 0, th.opened.id), not_before=NOW)


@variants(
    "E8",
    "epoch",
    {"of-the-time-of-the-last-one": 0, "before-the-last-one": -1},
    words={
        "of-the-time-of-the-last-one": "at the same time as",
        "before-the-last-one": "a millisecond before",
    },
)
def epoch_not_newer(v: Vector, shift: int) -> None:
    """An epoch that begins {} the last one of its chain is refused by E8, although it names that one correctly."""
    th = _running(v, ONE)
    v.epoch(refused("E8"), link=th.link, not_before=BEGIN + shift)


@scenario("E8")
def epoch_before_the_last_one_may_be_of_another_chain(v: Vector) -> None:
    """An epoch that begins before the last one is accepted in another channel, in the other realm and of another
    sender: each is another chain.
    """
    _running(v)
    v.epoch(OK, not_before=BEGIN - 1, channel="SG")
    v.epoch(OK, not_before=BEGIN - 1, realm="exercise")
    v.epoch(OK, who="VN", not_before=BEGIN - 1, to=("SG", "VN"))


@scenario("E8")
def epoch_of_a_second_key_is_a_chain_of_its_own(v: Vector) -> None:
    """An epoch of the second key of a member may begin before the last one of its first key: each signer key has
    chains of its own.
    """
    second = Actor("TH", seed("TH second"))
    v.start(small_list(members=[member_row(SG), member_row(TH, keys=[key_row(TH), key_row(second)]), member_row(VN)]))
    v.epoch(OK)
    v.epoch(OK, who=second, not_before=BEGIN - 1)


@scenario("E8")
def epoch_missing(v: Vector) -> None:
    """An epoch that names a predecessor which never came is accepted with the alarm epoch-missing."""
    v.start()
    lost = craft_epoch(TH, v.lists)
    lost.frame(ONE)
    v.epoch(ok(alarms=[["epoch-missing"]]), link=lost.link, not_before=NOW)


@scenario("E8")
def epoch_late_fill(v: Vector) -> None:
    """A missing epoch is late when it comes, and the two frames that its successor counted are accepted; a third
    one is refused by F6, and the epoch again is a no-op.
    """
    v.start()
    lost = craft_epoch(TH, v.lists)
    frames = [lost.frame(ONE), lost.frame(TWO)]
    after = v.epoch(ok(alarms=[["epoch-missing"]]), link=lost.link, not_before=NOW)
    v.frame(after, after.frame(THREE), ok(THREE))
    v.show(lost, LATE)
    v.frame(lost, frames[0], ok(ONE))
    v.frame(lost, frames[1], ok(TWO))
    v.frame(lost, lost.frame(alert("TH-ALERT-2027-000004")), refused("F6"))
    v.show(lost, NOOP)


@scenario("E8")
def epoch_late_between_two_that_we_hold(v: Vector) -> None:
    """An epoch that is missing between two held ones is late when it comes, without alarm, and its frame is
    accepted.
    """
    first = _running(v, ONE)
    lost = craft_epoch(TH, v.lists, link=first.link, not_before=BEGIN + 1)
    frame = lost.frame(TWO)
    v.epoch(ok(alarms=[["epoch-missing"]]), link=lost.link, not_before=NOW)
    v.show(lost, LATE)
    v.frame(lost, frame, ok(TWO))


@scenario("E8")
def epoch_late_tells_a_withheld_tail(v: Vector) -> None:
    """A late epoch is compared with its own predecessor too: that one has a frame more than is held, which raises
    withheld-tail and is late when it comes.
    """
    first = _running(v, ONE)
    tail = first.frame(TWO)
    lost = craft_epoch(TH, v.lists, link=first.link, not_before=BEGIN + 1)
    v.epoch(ok(alarms=[["epoch-missing"]]), link=lost.link, not_before=NOW)
    v.show(lost, late(alarms=[["withheld-tail", 1, 1]]))
    v.frame(first, tail, late(TWO))


@scenario("E8")
def epoch_late_whose_last_frame_is_another_one(v: Vector) -> None:
    """The last frame of a late epoch is refused by F6 with the alarm fork when its hash is not the one that the
    successor named.
    """
    v.start()
    lost = craft_epoch(TH, v.lists)
    frames = [lost.frame(ONE), lost.frame(TWO)]
    v.epoch(ok(alarms=[["epoch-missing"]]), link=Link(lost.opened.id, 2, b"\x01" * 32), not_before=NOW)
    v.show(lost, LATE)
    v.frame(lost, frames[0], ok(ONE))
    v.frame(lost, frames[1], refused("F6", ["fork"]))


@scenario("E8")
def epoch_late_names_another_missing_one(v: Vector) -> None:
    """A late epoch that names another missing one raises epoch-missing in turn, and that one is late when it comes."""
    v.start()
    first = craft_epoch(TH, v.lists, not_before=BEGIN - 2)
    second = craft_epoch(TH, v.lists, link=first.link, not_before=BEGIN - 1)
    third = craft_epoch(TH, v.lists, link=second.link)
    v.show(third, ok(alarms=[["epoch-missing"]]))
    v.show(second, late(alarms=[["epoch-missing"]]))
    v.show(first, LATE)


@scenario("E8")
def epoch_late_not_for_us(v: Vector) -> None:
    """A missing epoch that is not for us is skipped when it comes late, and is a no-op after that."""
    v.start()
    lost = craft_epoch(TH, v.lists, channel="VN", to=("TH", "VN"))
    v.epoch(skip(["epoch-missing"]), channel="VN", to=("TH", "VN"), link=lost.link, not_before=NOW)
    v.show(lost, SKIP)
    v.show(lost, NOOP)


@scenario("E8")
def epoch_never_recorded_as_missing_comes_late(v: Vector) -> None:
    """An epoch that begins before the last one and that no successor named as missing is refused by E8."""
    v.start()
    lost = craft_epoch(TH, v.lists, not_before=BEGIN - 1)
    v.epoch(OK)
    v.show(lost, refused("E8"))


@scenario("E8")
def epoch_tells_a_withheld_tail(v: Vector) -> None:
    """An epoch that counts two frames more of its predecessor than are held raises withheld-tail with their range;
    both are late when they come, in any order.
    """
    th = _running(v, ONE)
    tail = [th.frame(TWO), th.frame(THREE)]
    v.epoch(ok(alarms=[["withheld-tail", 1, 2]]), link=th.link, not_before=NOW)
    v.frame(th, tail[1], late(THREE))
    v.frame(th, tail[0], late(TWO))


@scenario("E8")
def epoch_tells_a_withheld_tail_whose_last_frame_is_another_one(v: Vector) -> None:
    """A frame that fills a withheld tail is refused by F6 with the alarm fork when its hash is not the one that the
    next epoch named.
    """
    th = _running(v, ONE)
    last = th.frame(TWO)
    v.epoch(ok(alarms=[["withheld-tail", 1, 1]]), link=Link(th.opened.id, 2, b"\x01" * 32), not_before=NOW)
    v.frame(th, last, refused("F6", ["fork"]))


@scenario("E8")
def epoch_tells_that_all_frames_were_withheld(v: Vector) -> None:
    """An epoch that counts one frame of a predecessor of which none came raises withheld-tail with the range 0 to 0."""
    th = _running(v)
    th.frame(ONE)
    v.epoch(ok(alarms=[["withheld-tail", 0, 0]]), link=th.link, not_before=NOW)


@variants(
    "E8",
    "epoch-forks",
    {
        "by-the-hash-of-the-last-frame": lambda th: Link(th.opened.id, 2, b"\x01" * 32),
        "by-fewer-frames-than-we-hold": lambda th: Link(th.opened.id, 1, th.sent[0].hash),
        "by-fewer-frames-with-the-hash-that-we-hold": lambda th: Link(th.opened.id, 1, th.sent[1].hash),
        "by-no-frames-at-all": lambda th: Link(th.opened.id, 0, th.opened.id),
    },
    words={
        "by-the-hash-of-the-last-frame": "another last hash",
        "by-fewer-frames-than-we-hold": "one frame and its hash",
        "by-fewer-frames-with-the-hash-that-we-hold": "one frame and the hash of the second",
        "by-no-frames-at-all": "no frames",
    },
)
def epoch_forks(v: Vector, link: Any) -> None:
    """An epoch that names its predecessor with {} raises fork and is accepted: it disagrees with the two frames
    that are held.
    """
    th = _running(v, ONE, TWO)
    v.epoch(ok(alarms=[["fork"]]), link=link(th), not_before=NOW)


@scenario("E8")
def epoch_forks_by_the_id_of_one_without_frames(v: Vector) -> None:
    """An epoch whose predecessor has no frames raises fork when its prev_hash is not that predecessor's id."""
    th = _running(v)
    v.epoch(ok(alarms=[["fork"]]), link=Link(th.opened.id, 0, b"\x01" * 32), not_before=NOW)


@variants(
    "E8",
    "epoch-named-by-a-second-successor",
    {
        "as-by-the-first": (lambda th: th.link, [["restored"]]),
        "with-fewer-frames": (lambda th: Link(th.opened.id, 1, th.sent[0].hash), [["fork"], ["restored"]]),
        "with-another-hash": (lambda th: Link(th.opened.id, 2, b"\x01" * 32), [["fork"], ["restored"]]),
        "with-more-frames": (lambda th: Link(th.opened.id, 3, b"\x01" * 32), [["withheld-tail", 2, 2], ["restored"]]),
    },
    words={
        "as-by-the-first": "as the first one did raises restored alone",
        "with-fewer-frames": "with fewer frames than held raises fork, then restored",
        "with-another-hash": "with another last hash raises fork, then restored",
        "with-more-frames": "with more frames than held raises withheld-tail, then restored",
    },
)
def epoch_with_two_successors(v: Vector, case: tuple[Any, list[Any]]) -> None:
    """A second successor that names an epoch {}; a frame at the lowest end that any of them names is refused by F6.

    Each is compared with what is held; the lowest end counts.
    """
    link, alarms = case
    th = _running(v, ONE, TWO)
    v.epoch(OK, link=th.link, not_before=BEGIN + 1)
    v.epoch(ok(alarms=alarms), link=link(th), not_before=BEGIN + 2)
    v.frame(th, th.frame(THREE), refused("F6"))


@scenario("E8")
def epoch_named_by_a_second_successor_whose_tail_was_withheld(v: Vector) -> None:
    """A tail that is still missing is alarmed again by a second successor, before restored; once it came late, a
    third successor raises restored alone.
    """
    th = _running(v, ONE)
    hidden = th.frame(TWO)
    v.epoch(ok(alarms=[["withheld-tail", 1, 1]]), link=th.link, not_before=BEGIN + 1)
    v.epoch(ok(alarms=[["withheld-tail", 1, 1], ["restored"]]), link=th.link, not_before=BEGIN + 2)
    v.frame(th, hidden, late(TWO))
    v.epoch(ok(alarms=[["restored"]]), link=th.link, not_before=BEGIN + 3)


@scenario("E8")
def epoch_missing_named_by_a_second_successor(v: Vector) -> None:
    """Of a missing epoch that two successors name, the first one's end stays: when the epoch comes late with two
    frames, the second one is refused by F6.
    """
    v.start()
    lost = craft_epoch(TH, v.lists, not_before=BEGIN - 1)
    first, second = lost.frame(ONE), lost.frame(TWO)
    v.epoch(ok(alarms=[["epoch-missing"]]), link=Link(lost.opened.id, 1, lost.sent[0].hash))
    v.epoch(ok(alarms=[["epoch-missing"]]), link=lost.link, not_before=BEGIN + 1)
    v.show(lost, LATE)
    v.frame(lost, first, ok(ONE))
    v.frame(lost, second, refused("F6"))


@scenario("E9")
def epoch_leaves_us_out_after_the_alarms_of_its_chain(v: Vector) -> None:
    """An epoch that leaves us out is skipped with the alarms of its chain before left-out: fork alone, and fork and
    restored when its predecessor is not the newest.
    """
    th = _running(v, ONE)
    v.epoch(skip(["fork"], ["left-out"]), link=Link(th.opened.id, 1, b"\x01" * 32), to=("TH", "VN"), not_before=NOW)
    v.epoch(skip(["fork"], ["restored"], ["left-out"]), link=Link(th.opened.id, 0, th.opened.id), to=("TH", "VN"),
            not_before=NOW + 1)  # fmt: skip


@scenario("E8")
def epoch_of_a_restored_sender_that_knows_no_chain(v: Vector) -> None:
    """An epoch that names no predecessor, although one of its chain is held, is accepted with the alarm restored."""
    _running(v, ONE)
    v.epoch(ok(alarms=[["restored"]]), not_before=NOW)


@scenario("E8")
def epoch_of_a_restored_sender_that_follows_an_older_one(v: Vector) -> None:
    """An epoch that names another predecessor than the newest of its chain is accepted with the alarm restored."""
    th = _running(v, ONE)
    v.epoch(OK, link=th.link, not_before=BEGIN + 1)
    v.epoch(ok(alarms=[["restored"]]), link=th.link, not_before=BEGIN + 2)


@scenario("E8")
def epoch_of_another_chain_is_no_predecessor(v: Vector) -> None:
    """An epoch in the channel to us that names one of channel all as its predecessor raises epoch-missing: that one
    is of another chain.
    """
    th = _running(v, ONE)
    v.epoch(ok(alarms=[["epoch-missing"]]), link=th.link, channel="SG", not_before=NOW)


@scenario("E8")
def epoch_not_for_us_is_a_known_predecessor(v: Vector) -> None:
    """An epoch that is not for us is remembered in its chain: one that follows it, with a frame that we cannot
    read, raises no alarm.
    """
    v.start()
    other = v.epoch(SKIP, channel="VN", to=("TH", "VN"))
    other.frame(ONE)
    v.epoch(SKIP, channel="VN", to=("TH", "VN"), link=other.link, not_before=NOW)


# -- E9


@scenario("E9")
def epoch_with_two_secrets(v: Vector) -> None:
    """An epoch whose wraps hold another secret than it commits to is refused by E9, and its frames by F2."""
    v.start()
    th = v.epoch(refused("E9"), wrapped=seed("another secret"))
    v.frame(th, th.frame(ONE), refused("F2"))


@scenario("E9")
def epoch_with_wraps_swapped(v: Vector) -> None:
    """An epoch whose two wraps are swapped is refused by E9: the one in our position was sealed to another key."""
    v.start()
    v.epoch(refused("E9"), wraps=lambda wraps: wraps[::-1])


@scenario("E9")
def epoch_with_the_wrap_of_another_epoch(v: Vector) -> None:
    """An epoch with the wraps of another one that has the same secret is refused by E9: a wrap is bound to the
    fields of its epoch.
    """
    v.start()
    kept: list[bytes] = []

    def keep(wraps: list[bytes]) -> list[bytes]:
        kept.extend(wraps)
        return wraps

    craft_epoch(TH, v.lists, secret=seed("S"), wraps=keep, not_before=BEGIN - 1)
    v.epoch(refused("E9"), secret=seed("S"), wraps=lambda _: kept)


@scenario("E9")
def epoch_that_does_not_open_counts_in_its_chain(v: Vector) -> None:
    """An epoch that E9 refused counts in its chain: again it is a no-op, one that begins earlier is refused by E8,
    and one that follows raises no alarm.
    """
    v.start()
    th = v.epoch(refused("E9"), wraps=lambda wraps: wraps[::-1])
    v.show(th, NOOP)
    v.epoch(refused("E8"), not_before=BEGIN - 1)
    after = v.epoch(OK, link=th.link, not_before=NOW)
    v.frame(after, after.frame(ONE), ok(ONE))


@scenario("E9")
def epoch_that_does_not_open_keeps_the_alarms_of_its_chain(v: Vector) -> None:
    """An epoch that E9 refuses keeps the alarms of E8: here restored, because it names no predecessor."""
    _running(v, ONE)
    v.epoch(refused("E9", ["restored"]), wraps=lambda wraps: wraps[::-1], not_before=NOW)


@scenario("E9")
def epoch_leaves_us_out(v: Vector) -> None:
    """An epoch in channel all without us as a recipient raises left-out and is skipped with its frame; the next
    one, which has us, is accepted.
    """
    v.start()
    th = v.epoch(skip(["left-out"]), to=("TH", "VN"))
    v.frame(th, th.frame(ONE), SKIP)
    after = v.epoch(OK, link=th.link, not_before=NOW)
    v.frame(after, after.frame(ONE), ok(ONE))


@scenario("E9")
def epoch_leaves_us_out_of_our_bilateral_channel(v: Vector) -> None:
    """An epoch in the channel to us whose only recipient is its sender raises left-out and is skipped."""
    v.start()
    v.epoch(skip(["left-out"]), channel="SG", to=("TH",))


@scenario("E9")
def epoch_sealed_to_a_key_that_we_lack(v: Vector) -> None:
    """An epoch sealed to a bundle key whose seed we do not have raises left-out and is skipped with its frame."""
    v.start()
    v.kem_seeds = [seed("SG kem of yesterday")]
    th = v.epoch(skip(["left-out"]))
    v.frame(th, th.frame(ONE), SKIP)


@scenario("E9")
def epoch_sealed_to_our_key_before(v: Vector) -> None:
    """An epoch sealed to our previous bundle key is accepted with its frame, because we still have its seed."""
    v.start()
    v.kem_seeds.insert(0, seed("SG kem of today"))
    th = v.epoch(OK)
    v.frame(th, th.frame(ONE), ok(ONE))


@scenario("E9")
def epoch_of_a_channel_that_is_not_ours(v: Vector) -> None:
    """An epoch in the channel to another member is skipped with its frame, without alarm."""
    v.start()
    th = v.epoch(SKIP, channel="VN", to=("TH", "VN"))
    v.frame(th, th.frame(ONE), SKIP)


@scenario("E9")
def epoch_of_a_list_in_which_we_were_suspended(v: Vector) -> None:
    """An epoch in channel all without us is skipped without alarm when the list that it names has us suspended: we
    were not in its channel.
    """
    first = v.start(small_list(members=[member_row(SG, "suspended"), member_row(TH), member_row(VN)]))
    v.next_list(members=small_list().members, issued=BEGIN)
    v.show(craft_epoch(TH, first, to=("TH", "VN")), SKIP)


# -- E10


@scenario("E10")
def epoch_flood(v: Vector) -> None:
    """The 241st epoch of a chain that begins in one clock hour is refused by E10; one that begins in the next hour
    and one of another chain are not.
    """
    v.start()
    hour = (NOW + HOUR) // HOUR * HOUR
    v.later(hour + 59 * MINUTE - NOW)
    link = Link()
    for n in range(240):
        link = v.epoch(SKIP, channel="VN", to=(), link=link, not_before=hour + n).link
    v.epoch(refused("E10"), channel="VN", to=(), link=link, not_before=hour + HOUR - 1, not_after=hour + 2 * HOUR)
    v.epoch(SKIP, channel="VN", to=(), link=link, not_before=hour + HOUR, not_after=hour + 2 * HOUR)
    v.epoch(OK, not_before=hour)


@scenario("E10")
def epoch_flood_is_judged_before_the_secret(v: Vector) -> None:
    """The 241st epoch of one clock hour is refused by E10 and not by E9, although its wrap does not open: E10 is
    judged first.
    """
    v.start()
    hour = (NOW + HOUR) // HOUR * HOUR
    v.later(hour + 59 * MINUTE - NOW)
    link = Link()
    for n in range(240):
        link = v.epoch(skip(["left-out"]), channel="SG", to=(), link=link, not_before=hour + n).link
    v.epoch(
        refused("E10"), channel="SG", to=("SG",), wraps=lambda _: [bytes(1168)], link=link, not_before=hour + HOUR - 1
    )

"""Heartbeats and closing frames: F11."""

from typing import Any

from protocol.scenario import MINUTE, OK, SKIP, SMALL, Vector, late, ok, refused, scenario, small_list, variants
from suar.protocol.base.primitives import hash_
from suar.protocol.base.wire import encode
from support.kit import NOW, Sending, actor, alert, beat, craft_epoch, head, make_revoke, seed

SG, TH, VN = (actor(code) for code in SMALL)
THREE_ID = "TH-ALERT-2027-000003"
ONE, TWO, THREE = (alert(f"TH-ALERT-2027-00000{n}") for n in (1, 2, 3))


def _running(v: Vector, *messages: bytes, **terms: Any) -> Sending:
    v.start()
    th = v.epoch(**terms)
    for message in messages:
        v.frame(th, th.frame(message), ok(message))
    return th


@scenario("F11")
def heartbeat(v: Vector) -> None:
    """A heartbeat about what is held is accepted without alarm and takes a number like any frame: the next frame
    follows it.

    It counts the frames before it.
    """
    th = _running(v, ONE)
    v.frame(th, th.frame(body=beat(v.lists, heads_of_mine=[head(th, 1)], bundle_kid=b"\x01" * 16)), OK)
    v.frame(th, th.frame(TWO), ok(TWO))


@scenario("F11")
def heartbeat_with_faults(v: Vector) -> None:
    """A heartbeat that reports all five faults of its sender is accepted without alarm."""
    th = _running(v)
    faults = ["disk", "clock", "store", "trust", "bundle"]
    v.frame(th, th.frame(body=beat(v.lists, faults=faults)), OK)


@scenario("F11")
def heartbeat_with_a_commitment_to_the_audit_log(v: Vector) -> None:
    """A heartbeat of eight fields, the last of 32 bytes, is accepted without alarm like one of seven."""
    th = _running(v, ONE)
    v.frame(th, th.frame(body=beat(v.lists, audit=b"\x0a" * 32)), OK)
    v.frame(th, th.frame(body=beat(v.lists)), OK)
    v.frame(th, th.frame(TWO), ok(TWO))


def _fields(**changes: Any) -> list[Any]:
    values: dict[str, Any] = {
        "mine": [], "seen": [], "version": 1, "hash": small_list().hash(), "revokes": hash_("revoke", b""),
        "kid": bytes(16), "faults": [],
    }  # fmt: skip
    return list((values | changes).values())


@variants(
    "F11",
    "heartbeat",
    {
        "with-an-unknown-fault": encode(_fields(faults=["fire"])),
        "with-a-field-missing": encode(_fields()[:-1]),
        "with-one-field-more": encode([*_fields(), 0]),
        "with-two-fields-more": encode([*_fields(), bytes(32), bytes(32)]),
        "with-an-empty-commitment": encode([*_fields(), b""]),
        "with-a-commitment-of-31-bytes": encode([*_fields(), bytes(31)]),
        "with-a-commitment-of-33-bytes": encode([*_fields(), bytes(33)]),
        "with-nil-for-a-commitment": encode([*_fields(), None]),
        "with-a-head-of-three-fields": encode(_fields(mine=[[bytes(32), 1, bytes(32)]])),
        "with-a-negative-version": encode(_fields(version=-1)),
        "with-a-kid-of-15-bytes": encode(_fields(kid=bytes(15))),
        "that-is-no-msgpack": b"\xc1",
        "that-is-empty": b"",
        "with-bytes-after-it": encode(_fields()) + b"\0",
        "that-is-a-list-of-messages": encode([ONE]),
        "over-64-kib": encode(_fields(faults=["disk"] * 13_090)),
    },
    words={
        "that-is-no-msgpack": "that is not msgpack",
        "with-bytes-after-it": "with a byte after it",
        "over-64-kib": "of more than 64 KiB",
    },
)
def heartbeat_malformed(v: Vector, body: bytes) -> None:
    """A heartbeat {} is refused by F7 and still consumes its number: the next frame is accepted without alarm."""
    th = _running(v)
    v.frame(th, th.frame(body=body), refused("F7"))
    v.frame(th, th.frame(ONE), ok(ONE))


@scenario("F11")
def heartbeat_whose_root_is_of_another_body(v: Vector) -> None:
    """A heartbeat whose root commits to another body is refused by F7."""
    th = _running(v)
    v.frame(th, th.craft(body=beat(v.lists), committed=(beat(v.lists, faults=["disk"]),)), refused("F7"))


# -- outside `all` in realm actual


@variants(
    "F11",
    "closing-frame",
    {"in-a-bilateral-channel": {"channel": "SG"}, "in-the-exercise": {"realm": "exercise"}},
    words={
        "in-the-exercise": "in the exercise realm",
    },
)
def closing_frame(v: Vector, terms: dict[str, str]) -> None:
    """A closing frame {} is accepted with both lists of heads empty, and a frame after it is refused by F6."""
    th = _running(v, **terms)
    v.frame(th, th.frame(body=beat(v.lists), is_last=True), OK)
    v.frame(th, th.frame(ONE), refused("F6"))


@variants(
    "F11",
    "closing-frame-with-heads",
    {
        "in-a-bilateral-channel": ({"channel": "SG"}, "heads_of_mine"),
        "in-the-exercise": ({"realm": "exercise"}, "heads_of_mine"),
        "of-others": ({"channel": "SG"}, "heads_seen"),
    },
    words={
        "in-a-bilateral-channel": "in a bilateral channel with a head of its sender",
        "in-the-exercise": "in the exercise realm with a head of its sender",
        "of-others": "in a bilateral channel with a head in heads_seen",
    },
)
def closing_frame_with_heads(v: Vector, case: tuple[dict[str, str], str]) -> None:
    """A closing frame {} is refused by F7: outside channel all of realm actual both lists of heads must be empty."""
    th = _running(v, **case[0])
    v.frame(th, th.frame(b"{}"), ok(refused=[(0, "F8")]))
    v.frame(th, th.frame(body=beat(v.lists, **{case[1]: [head(th, 1)]}), is_last=True), refused("F7"))


@variants(
    "F11",
    "closing-frame-with-a-commitment",
    {"in-a-bilateral-channel": {"channel": "SG"}, "in-the-exercise": {"realm": "exercise"}},
    words={
        "in-the-exercise": "in the exercise realm",
    },
)
def closing_frame_with_a_commitment(v: Vector, terms: dict[str, str]) -> None:
    """A closing frame {} is refused by F7 when its body has an eighth field: outside channel all of realm actual there
    are seven.
    """
    th = _running(v, **terms)
    v.frame(th, th.frame(b"{}"), ok(refused=[(0, "F8")]))
    v.frame(th, th.frame(body=beat(v.lists, audit=b"\x0a" * 32), is_last=True), refused("F7"))


# -- heads


@scenario("F11")
def heartbeat_names_a_frame_that_we_lack(v: Vector) -> None:
    """A heartbeat that counts two frames of its sender's exercise epoch, of which none came, raises gap with their
    range; the first is accepted when it comes.
    """
    th = _running(v)
    other = v.epoch(realm="exercise")
    lost = other.frame(alert(status="exercise"))
    other.frame(b"{}")
    v.frame(th, th.frame(body=beat(v.lists, heads_of_mine=[head(other, 2)])), ok(alarms=[["gap", 0, 1]]))
    v.frame(other, lost, ok(alert(status="exercise")))


@scenario("F11")
def heartbeat_of_a_third_member_names_a_frame_that_we_lack(v: Vector) -> None:
    """A third member's head ahead of ours raises gap and names that member, whose claim it is; nothing becomes
    missing, and the frames are accepted as usual.
    """
    th = _running(v, ONE)
    lost = [th.frame(TWO), th.frame(THREE)]
    vn = v.epoch(who="VN", to=("SG", "VN"))
    v.frame(vn, vn.frame(body=beat(v.lists, heads_seen=[head(th, 3)])), ok(alarms=[["gap", 1, 2]]), named=["VN"])
    v.frame(th, lost[0], ok(TWO))
    v.frame(th, lost[1], ok(THREE))


@scenario("F11")
def heartbeat_of_a_third_member_is_confirmed_by_a_later_frame(v: Vector) -> None:
    """What a third member's head claimed is missing only once a later frame of its origin confirms it: gap then
    names the origin, and the frame is late.
    """
    th = _running(v, ONE)
    lost = th.frame(TWO)
    vn = v.epoch(who="VN", to=("SG", "VN"))
    v.frame(vn, vn.frame(body=beat(v.lists, heads_seen=[head(th, 2)])), ok(alarms=[["gap", 1, 1]]), named=["VN"])
    v.frame(th, th.frame(THREE), ok(THREE, alarms=[["gap", 1, 1]]), named=["TH"])
    v.frame(th, lost, late(TWO))


@scenario("F11")
def heartbeat_of_a_third_member_is_confirmed_by_its_own_head(v: Vector) -> None:
    """Of three frames that a third member's head claimed, those that the origin's own head counts are missing: a second
    gap, with their range, names the origin.
    """
    th = _running(v)
    exercise = v.epoch(realm="exercise")
    lost = [exercise.frame(alert(f"TH-ALERT-2027-00000{n}", status="exercise")) for n in (1, 2, 3)]
    vn = v.epoch(who="VN", to=("SG", "VN"))
    v.frame(vn, vn.frame(body=beat(v.lists, heads_seen=[head(exercise, 3)])), ok(alarms=[["gap", 0, 2]]), named=["VN"])
    v.frame(
        th, th.frame(body=beat(v.lists, heads_of_mine=[head(exercise, 2)])), ok(alarms=[["gap", 0, 1]]), named=["TH"]
    )
    v.frame(exercise, lost[0], ok(alert("TH-ALERT-2027-000001", status="exercise")))


@scenario("F11")
def heartbeat_of_a_third_member_is_confirmed_by_the_next_epoch(v: Vector) -> None:
    """What a third member's head claimed is missing as far as the origin's next epoch counts it: withheld-tail names
    the origin, and that frame is late; of the number beyond nothing is said again.
    """
    th = _running(v, ONE)
    lost = th.frame(TWO)
    vn = v.epoch(who="VN", to=("SG", "VN"))
    claim = head(th, 2, frames=3)
    v.frame(vn, vn.frame(body=beat(v.lists, heads_seen=[claim])), ok(alarms=[["gap", 1, 2]]), named=["VN"])
    following = craft_epoch(TH, v.lists, link=th.link, not_before=NOW)
    confirmed = ok(alarms=[["withheld-tail", 1, 1]])
    v.receive(following.epoch_subject, following.opened.data, confirmed, named=["TH"])
    v.frame(th, lost, late(TWO))


@variants(
    "F11",
    "heartbeat-of-a-third-member-names-a-true-frame-under",
    {"a-lower-number": (2, 1, [0, 0]), "a-higher-number": (1, 3, [2, 2]), "the-last-number": (1, 65_536, [2, 65_535])},
    words={
        "the-last-number": "the last number",
    },
)
def heartbeat_with_a_wrong_number(v: Vector, case: tuple[int, int, list[int]]) -> None:
    """A third member's head with a true frame of TH under {} raises gap and names the third member: the signature
    covers the hash, not the number.
    """
    th, (frame, claimed, gap) = _running(v, ONE, TWO), case
    vn = v.epoch(who="VN", to=("SG", "VN"))
    lie = head(th, frame, frames=claimed)
    v.frame(vn, vn.frame(body=beat(v.lists, heads_seen=[lie])), ok(alarms=[["gap", *gap]]), named=["VN"])
    v.frame(th, th.frame(THREE), ok(THREE))


@variants(
    "F11",
    "heartbeat-of-a-third-member-claims-in",
    {"heads-of-mine": "heads_of_mine", "heads-seen": "heads_seen"},
    words={
        "heads-of-mine": "heads_of_mine",
        "heads-seen": "heads_seen",
    },
)
def heartbeat_of_another_claims(v: Vector, field: str) -> None:
    """A third member's head, in {}, with a second frame of TH under a held number raises gap, not equivocation, and
    names the third member, who may lie.
    """
    th = _running(v)
    other = th.craft(TWO, moves_on=False)
    v.frame(th, th.frame(ONE), ok(ONE))
    vn = v.epoch(who="VN", to=("SG", "VN"))
    named = head(th, 1, hash=hash_("frame", other[:-64]), signature=other[-64:])
    v.frame(vn, vn.frame(body=beat(v.lists, **{field: [named]})), ok(alarms=[["gap", 0, 0]]), named=["VN"])
    v.frame(th, th.frame(THREE), ok(THREE))


@variants(
    "F11",
    "heartbeat-owns-to-another-frame-in",
    {"heads-of-mine": "heads_of_mine", "heads-seen": "heads_seen"},
    words={
        "heads-of-mine": "heads_of_mine",
        "heads-seen": "heads_seen",
    },
)
def heartbeat_of_its_own_other_frame(v: Vector, field: str) -> None:
    """A heartbeat whose own head, in {}, has another frame than the one held under its number raises equivocation
    and names its sender.
    """
    th = _running(v)
    exercise = v.epoch(realm="exercise")
    other = exercise.craft(alert(THREE_ID, status="exercise"), moves_on=False)
    v.frame(exercise, exercise.frame(alert(status="exercise")), ok(alert(status="exercise")))
    named = head(exercise, 1, hash=hash_("frame", other[:-64], "exercise"), signature=other[-64:])
    v.frame(th, th.frame(body=beat(v.lists, **{field: [named]})), ok(alarms=[["equivocation"]]), named=["TH"])


@scenario("F11")
def heartbeat_names_its_own_tail_among_heads_seen(v: Vector) -> None:
    """A head of the sender's own epoch is its own in heads_seen too: it raises gap and names the sender."""
    th = _running(v)
    other = v.epoch(realm="exercise")
    other.frame(alert(status="exercise"))
    v.frame(th, th.frame(body=beat(v.lists, heads_seen=[head(other, 1)])), ok(alarms=[["gap", 0, 0]]), named=["TH"])


@variants(
    "F11",
    "heartbeat-names-more-frames-than-an-epoch-may-have-of",
    {"its-own": "TH", "another": "VN"},
    words={
        "its-own": "its sender's own",
        "another": "another member's",
    },
)
def heartbeat_beyond_every_number(v: Vector, who: str) -> None:
    """A head that counts 65,537 frames of {} epoch raises nothing: an epoch has at most 65,536."""
    th, other = _running(v), v.epoch(realm="exercise")
    other.frame(b"{}")
    sending = th if who == "TH" else v.epoch(who="VN", to=("SG", "VN"))
    v.frame(sending, sending.frame(body=beat(v.lists, heads_of_mine=[head(other, 1, frames=65_537)])), OK)


@scenario("F11")
def heartbeat_names_frames_that_we_hold(v: Vector) -> None:
    """A third member's heads that name held frames raise no alarm, the last frame or one before it."""
    th = _running(v, ONE, TWO)
    vn = v.epoch(who="VN", to=("SG", "VN"))
    v.frame(vn, vn.frame(body=beat(v.lists, heads_seen=[head(th, 2)])), OK)
    v.frame(vn, vn.frame(body=beat(v.lists, heads_seen=[head(th, 1)])), OK)


@variants(
    "F11",
    "heartbeat-names-a-frame",
    {"that-its-sender-never-signed": {"signature": bytes(64)}, "of-another-hash": {"hash": b"\x01" * 32}},
    words={
        "that-its-sender-never-signed": "without a signature of the sender of the frame",
        "of-another-hash": "with another hash than the one signed",
    },
)
def heartbeat_of_a_liar(v: Vector, lie: dict[str, bytes]) -> None:
    """A third member's head {} raises nothing: its signature is not valid for its hash."""
    th = _running(v, ONE)
    th.frame(TWO)
    vn = v.epoch(who="VN", to=("SG", "VN"))
    v.frame(vn, vn.frame(body=beat(v.lists, heads_seen=[head(th, 2, **lie)])), OK)


@scenario("F11")
def heartbeat_names_an_epoch_that_we_do_not_know(v: Vector) -> None:
    """A head of an epoch that is unknown to us raises nothing: only epochs that we read are compared."""
    th = _running(v)
    unknown = craft_epoch(TH, v.lists, realm="exercise")
    unknown.frame(b"{}")
    v.frame(th, th.frame(body=beat(v.lists, heads_of_mine=[head(unknown, 1)])), OK)


@scenario("F11")
def heartbeat_names_an_epoch_that_left_us_out(v: Vector) -> None:
    """A head of an epoch that left us out raises nothing: we do not read that epoch."""
    th = _running(v)
    other = v.epoch(OK | {"result": "skip", "alarms": [["left-out"]]}, who="VN", to=("TH", "VN"))
    other.frame(b"{}")
    v.frame(th, th.frame(body=beat(v.lists, heads_seen=[head(other, 1)])), OK)


# -- lists and Revokes


@variants(
    "F11",
    "heartbeat-names-a-list",
    {
        "of-a-higher-version": ({"trust_version": 3, "trust_hash": b"\x01" * 32}, ok(alarms=[["trust-version"]])),
        "of-our-version-with-another-hash": ({"trust_hash": b"\x01" * 32}, ok(alarms=[["trust-version"]])),
        "of-a-lower-version": ({"trust_version": 1, "trust_hash": small_list().hash()}, OK),
    },
    words={
        "of-a-higher-version": "of a higher version than ours raises trust-version",
        "of-our-version-with-another-hash": "of our version with another hash raises trust-version",
        "of-a-lower-version": "of a lower version than ours raises no alarm",
    },
)
def heartbeat_trust(v: Vector, case: tuple[dict[str, Any], Any]) -> None:
    """A heartbeat that names a list {}."""
    v.start()
    v.next_list()
    th = v.epoch()
    v.frame(th, th.frame(body=beat(v.lists, **case[0])), case[1])


@scenario("F11")
def heartbeat_with_other_revokes(v: Vector) -> None:
    """A heartbeat whose hash of revoked keys differs from ours raises revokes, before we have the Revoke that it
    counts and after, when another one lacks it.
    """
    th = _running(v)
    v.frame(th, th.frame(body=beat(v.lists, revokes=hash_("revoke", VN.kid))), ok(alarms=[["revokes"]]))
    v.revoke(VN, make_revoke(VN))
    v.frame(th, th.frame(body=beat(v.lists, revokes=hash_("revoke", VN.kid))), OK)
    v.frame(th, th.frame(body=beat(v.lists)), ok(alarms=[["revokes"]]))


@scenario("F11")
def heartbeat_counts_revoked_keys_of_the_list_and_of_revokes(v: Vector) -> None:
    """The hash of revoked keys covers those of the list and those of held Revokes together: a heartbeat with that
    hash raises no alarm.
    """
    from support.kit import Actor, key_row, member_row

    old = Actor("VN", seed("VN old"))
    rows = [member_row(SG), member_row(TH), member_row(VN, keys=[key_row(VN), key_row(old, revoked_at=NOW)])]
    v.start(small_list(members=rows))
    v.revoke(VN, make_revoke(VN))
    th = v.epoch()
    both = hash_("revoke", b"".join(sorted([VN.kid, old.kid])))
    v.frame(th, th.frame(body=beat(v.lists, revokes=both)), OK)


@scenario("F11")
def heartbeat_after_a_gap(v: Vector) -> None:
    """A gap before a heartbeat is alarmed once, by the number of the heartbeat and not by its head too; the missing
    frame is late when it comes.
    """
    th = _running(v, ONE)
    lost = th.frame(TWO)
    v.frame(th, th.frame(body=beat(v.lists, heads_of_mine=[head(th, 2)])), ok(alarms=[["gap", 1, 1]]))
    v.frame(th, lost, late(TWO))


@scenario("F11")
def heartbeat_of_an_epoch_not_for_us(v: Vector) -> None:
    """A heartbeat of an epoch that is not for us is skipped like any frame of it."""
    v.start()
    v.now = NOW + MINUTE
    th = v.epoch(SKIP, channel="VN", to=("TH", "VN"))
    v.frame(th, th.frame(body=beat(v.lists)), SKIP)

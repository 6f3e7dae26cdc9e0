"""Heartbeats and closing frames: F11."""

from typing import Any

from scenario import MINUTE, OK, SKIP, SMALL, Vector, late, ok, refused, scenario, small_list, variants

from kit import NOW, Sending, actor, alert, beat, craft_epoch, head, make_revoke, seed
from suar.protocol.primitives import hash_
from suar.protocol.wire import encode

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
    """It takes a number like any frame, and counts the frames before it."""
    th = _running(v, ONE)
    v.frame(th, th.frame(body=beat(v.lists, heads_of_mine=[head(th, 1)], bundle_kid=b"\x01" * 16)), OK)
    v.frame(th, th.frame(TWO), ok(TWO))


@scenario("F11")
def heartbeat_with_faults(v: Vector) -> None:
    th = _running(v)
    faults = ["disk", "clock", "store", "trust", "bundle"]
    v.frame(th, th.frame(body=beat(v.lists, faults=faults)), OK)


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
        "with-a-head-of-three-fields": encode(_fields(mine=[[bytes(32), 1, bytes(32)]])),
        "with-a-negative-version": encode(_fields(version=-1)),
        "with-a-kid-of-15-bytes": encode(_fields(kid=bytes(15))),
        "that-is-no-msgpack": b"\xc1",
        "that-is-empty": b"",
        "with-bytes-after-it": encode(_fields()) + b"\0",
        "that-is-a-list-of-messages": encode([ONE]),
        "over-64-kib": encode(_fields(faults=["disk"] * 13_090)),
    },
)
def heartbeat_malformed(v: Vector, body: bytes) -> None:
    th = _running(v)
    v.frame(th, th.frame(body=body), refused("F7"))
    v.frame(th, th.frame(ONE), ok(ONE))


@scenario("F11")
def heartbeat_whose_root_is_of_another_body(v: Vector) -> None:
    th = _running(v)
    v.frame(th, th.craft(body=beat(v.lists), committed=(beat(v.lists, faults=["disk"]),)), refused("F7"))


# -- outside `all` in realm actual


@variants(
    "F11", "closing-frame", {"in-a-bilateral-channel": {"channel": "SG"}, "in-the-exercise": {"realm": "exercise"}}
)
def closing_frame(v: Vector, terms: dict[str, str]) -> None:
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
)
def closing_frame_with_heads(v: Vector, case: tuple[dict[str, str], str]) -> None:
    th = _running(v, **case[0])
    v.frame(th, th.frame(b"{}"), ok(refused=[(0, "F8")]))
    v.frame(th, th.frame(body=beat(v.lists, **{case[1]: [head(th, 1)]}), is_last=True), refused("F7"))


# -- heads


@scenario("F11")
def heartbeat_names_a_frame_that_we_lack(v: Vector) -> None:
    """The heartbeat of TH is in one epoch; what it says of its exercise is a tail that the hub withholds."""
    th = _running(v)
    other = v.epoch(realm="exercise")
    lost = other.frame(alert(status="exercise"))
    other.frame(b"{}")
    v.frame(th, th.frame(body=beat(v.lists, heads_of_mine=[head(other, 2)])), ok(alarms=[["gap", 0, 1]]))
    v.frame(other, lost, ok(alert(status="exercise")))


@scenario("F11")
def heartbeat_of_a_third_member_names_a_frame_that_we_lack(v: Vector) -> None:
    """Its count is a claim: the frames that follow are judged as if nothing had been said."""
    th = _running(v, ONE)
    lost = [th.frame(TWO), th.frame(THREE)]
    vn = v.epoch(who="VN", to=("SG", "VN"))
    v.frame(vn, vn.frame(body=beat(v.lists, heads_seen=[head(th, 3)])), ok(alarms=[["gap", 1, 2]]), named=["VN"])
    v.frame(th, lost[0], ok(TWO))
    v.frame(th, lost[1], ok(THREE))


@scenario("F11")
def heartbeat_of_a_third_member_is_confirmed_by_a_later_frame(v: Vector) -> None:
    """What it names is missing only from then on, by the word of the member whose frames they are."""
    th = _running(v, ONE)
    lost = th.frame(TWO)
    vn = v.epoch(who="VN", to=("SG", "VN"))
    v.frame(vn, vn.frame(body=beat(v.lists, heads_seen=[head(th, 2)])), ok(alarms=[["gap", 1, 1]]), named=["VN"])
    v.frame(th, th.frame(THREE), ok(THREE, alarms=[["gap", 1, 1]]), named=["TH"])
    v.frame(th, lost, late(TWO))


@variants(
    "F11",
    "heartbeat-of-a-third-member-names-a-true-frame-under",
    {"a-lower-number": (2, 1, [0, 0]), "a-higher-number": (1, 3, [2, 2]), "the-last-number": (1, 65_536, [2, 65_535])},
)
def heartbeat_with_a_wrong_number(v: Vector, case: tuple[int, int, list[int]]) -> None:
    """The signature in a head covers the hash and not the number: nothing is said of who signed the frame."""
    th, (frame, claimed, gap) = _running(v, ONE, TWO), case
    vn = v.epoch(who="VN", to=("SG", "VN"))
    lie = head(th, frame, frames=claimed)
    v.frame(vn, vn.frame(body=beat(v.lists, heads_seen=[lie])), ok(alarms=[["gap", *gap]]), named=["VN"])
    v.frame(th, th.frame(THREE), ok(THREE))


@variants(
    "F11", "heartbeat-of-a-third-member-claims-in", {"heads-of-mine": "heads_of_mine", "heads-seen": "heads_seen"}
)
def heartbeat_of_another_claims(v: Vector, place: str) -> None:
    """Two frames of TH have one number; the third member that says so may be the one that lies."""
    th = _running(v)
    other = th.craft(TWO, moves_on=False)
    v.frame(th, th.frame(ONE), ok(ONE))
    vn = v.epoch(who="VN", to=("SG", "VN"))
    named = head(th, 1, hash=hash_("frame", other[:-64]), signature=other[-64:])
    v.frame(vn, vn.frame(body=beat(v.lists, **{place: [named]})), ok(alarms=[["gap", 0, 0]]), named=["VN"])
    v.frame(th, th.frame(THREE), ok(THREE))


@variants("F11", "heartbeat-owns-to-another-frame-in", {"heads-of-mine": "heads_of_mine", "heads-seen": "heads_seen"})
def heartbeat_of_its_own_other_frame(v: Vector, place: str) -> None:
    """Said by TH itself, in whichever list, the same head is an equivocation."""
    th = _running(v)
    exercise = v.epoch(realm="exercise")
    other = exercise.craft(alert(THREE_ID, status="exercise"), moves_on=False)
    v.frame(exercise, exercise.frame(alert(status="exercise")), ok(alert(status="exercise")))
    named = head(exercise, 1, hash=hash_("frame", other[:-64], "exercise"), signature=other[-64:])
    v.frame(th, th.frame(body=beat(v.lists, **{place: [named]})), ok(alarms=[["equivocation"]]), named=["TH"])


@scenario("F11")
def heartbeat_names_its_own_tail_among_heads_seen(v: Vector) -> None:
    th = _running(v)
    other = v.epoch(realm="exercise")
    other.frame(alert(status="exercise"))
    v.frame(th, th.frame(body=beat(v.lists, heads_seen=[head(other, 1)])), ok(alarms=[["gap", 0, 0]]), named=["TH"])


@variants("F11", "heartbeat-names-more-frames-than-an-epoch-may-have-of", {"its-own": "TH", "another": "VN"})
def heartbeat_beyond_every_number(v: Vector, who: str) -> None:
    th, other = _running(v), v.epoch(realm="exercise")
    other.frame(b"{}")
    sending = th if who == "TH" else v.epoch(who="VN", to=("SG", "VN"))
    v.frame(sending, sending.frame(body=beat(v.lists, heads_of_mine=[head(other, 1, frames=65_537)])), OK)


@scenario("F11")
def heartbeat_names_frames_that_we_hold(v: Vector) -> None:
    th = _running(v, ONE, TWO)
    vn = v.epoch(who="VN", to=("SG", "VN"))
    v.frame(vn, vn.frame(body=beat(v.lists, heads_seen=[head(th, 2)])), OK)
    v.frame(vn, vn.frame(body=beat(v.lists, heads_seen=[head(th, 1)])), OK)


@variants(
    "F11",
    "heartbeat-names-a-frame",
    {"that-its-sender-never-signed": {"signature": bytes(64)}, "of-another-hash": {"hash": b"\x01" * 32}},
)
def heartbeat_of_a_liar(v: Vector, lie: dict[str, bytes]) -> None:
    th = _running(v, ONE)
    th.frame(TWO)
    vn = v.epoch(who="VN", to=("SG", "VN"))
    v.frame(vn, vn.frame(body=beat(v.lists, heads_seen=[head(th, 2, **lie)])), OK)


@scenario("F11")
def heartbeat_names_an_epoch_that_we_do_not_know(v: Vector) -> None:
    th = _running(v)
    unknown = craft_epoch(TH, v.lists, realm="exercise")
    unknown.frame(b"{}")
    v.frame(th, th.frame(body=beat(v.lists, heads_of_mine=[head(unknown, 1)])), OK)


@scenario("F11")
def heartbeat_names_an_epoch_that_left_us_out(v: Vector) -> None:
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
)
def heartbeat_trust(v: Vector, case: tuple[dict[str, Any], Any]) -> None:
    v.start()
    v.next_list()
    th = v.epoch()
    v.frame(th, th.frame(body=beat(v.lists, **case[0])), case[1])


@scenario("F11")
def heartbeat_with_other_revokes(v: Vector) -> None:
    th = _running(v)
    v.frame(th, th.frame(body=beat(v.lists, revokes=hash_("revoke", VN.kid))), ok(alarms=[["revokes"]]))
    v.revoke(VN, make_revoke(VN))
    v.frame(th, th.frame(body=beat(v.lists, revokes=hash_("revoke", VN.kid))), OK)
    v.frame(th, th.frame(body=beat(v.lists)), ok(alarms=[["revokes"]]))


@scenario("F11")
def heartbeat_counts_revoked_keys_of_the_list_and_of_revokes(v: Vector) -> None:
    from kit import Actor, key_row, member_row

    old = Actor("VN", seed("VN old"))
    rows = [member_row(SG), member_row(TH), member_row(VN, keys=[key_row(VN), key_row(old, revoked_at=NOW)])]
    v.start(small_list(members=rows))
    v.revoke(VN, make_revoke(VN))
    th = v.epoch()
    both = hash_("revoke", b"".join(sorted([VN.kid, old.kid])))
    v.frame(th, th.frame(body=beat(v.lists, revokes=both)), OK)


@scenario("F11")
def heartbeat_after_a_gap(v: Vector) -> None:
    """The gap is told once, by the number of the heartbeat itself."""
    th = _running(v, ONE)
    lost = th.frame(TWO)
    v.frame(th, th.frame(body=beat(v.lists, heads_of_mine=[head(th, 2)])), ok(alarms=[["gap", 1, 1]]))
    v.frame(th, lost, late(TWO))


@scenario("F11")
def heartbeat_of_an_epoch_not_for_us(v: Vector) -> None:
    v.start()
    v.now = NOW + MINUTE
    th = v.epoch(SKIP, channel="VN", to=("TH", "VN"))
    v.frame(th, th.frame(body=beat(v.lists)), SKIP)

"""Key bundles: K1 to K6."""

from typing import Any

from protocol.scenario import (
    ANY_REFUSAL,
    DAY,
    HOUR,
    MINUTE,
    NOOP,
    OK,
    SMALL,
    WAIT,
    Vector,
    refused,
    scenario,
    small_list,
    variants,
)
from suar.protocol.base import subjects
from suar.protocol.base.primitives import sign, signing_key
from suar.protocol.base.wire import encode
from suar.protocol.trust import bundle as bundles
from support.kit import NOW, Actor, actor, key_row, make_bundle, member_row

SG, TH, VN = (actor(code) for code in SMALL)


def rows(**key: Any) -> list[list[Any]]:
    """The members, TH's key with another window."""
    return [member_row(SG), member_row(TH, keys=[key_row(TH, **key)]), member_row(VN)]


# -- K1


@variants(
    "K1",
    "bundle",
    {"of-4096-bytes": (4096, OK), "of-4097-bytes": (4097, refused("K1"))},
    words={
        "of-4096-bytes": "4,096 bytes is accepted: K1 allows no more",
        "of-4097-bytes": "4,097 bytes is refused by K1, which allows at most 4 KiB",
    },
)
def bundle_size(v: Vector, case: tuple[int, Any]) -> None:
    """A bundle of {}."""
    empty = len(make_bundle(TH, federation="f" * 256))
    v.start(small_list(federation="f" * (case[0] - empty + 256)))
    data = make_bundle(TH, federation=v.federation)
    assert len(data) == case[0]
    v.bundle(TH, case[1], data=data)


@scenario("K1")
def bundle_unknown_magic(v: Vector) -> None:
    """A bundle whose magic is SUK2 instead of SUK1 is refused by K1."""
    v.start()
    v.bundle(TH, refused("K1"), data=b"SUK2" + make_bundle(TH)[4:])


@variants(
    "K1",
    "bundle-each",
    {"truncation": "truncation", "bit-flip": "bit-flip"},
    words={
        "bit-flip": "single bit flip",
    },
)
def bundle_each(v: Vector, each: str) -> None:
    """Every {} of a bundle is refused, or waits where it names an unknown key, and the bundle as it was signed is
    accepted afterwards.
    """
    v.start()
    data = make_bundle(TH)
    v.bundle(TH, ANY_REFUSAL, data=data, each=each)
    v.bundle(TH, OK, data=data)


# -- K2


@scenario("K2")
def bundle_of_an_unknown_key_waits(v: Vector) -> None:
    """A bundle by a key that no list has waits, and is accepted when presented again after the list with that key."""
    new = Actor("MY")
    v.start()
    data = make_bundle(new)
    v.bundle(new, WAIT, data=data)
    v.next_list(members=[member_row(new), *small_list().members])
    v.bundle(new, OK, data=data)


@variants(
    "K2",
    "bundle-of-a",
    {
        "suspended-member": [member_row(SG), member_row(TH, "suspended"), member_row(VN)],
        "member-that-left": [member_row(SG), member_row(VN)],
        "revoked-key": rows(revoked_at=NOW + 1000 * DAY),
        "revoked-key-whose-time-of-revocation-is-zero": rows(revoked_at=0),
    },
    words={
        "suspended-member": "a suspended member",
        "member-that-left": "a member that the current list no longer has",
        "revoked-key": "a key that is revoked with a time in the future",
        "revoked-key-whose-time-of-revocation-is-zero": "a key that is revoked with the time zero",
    },
)
def bundle_signer(v: Vector, members: list[Any]) -> None:
    """A bundle of {} is refused by K2, which requires an active member and a key that is not revoked."""
    v.start()
    v.next_list(members=members)
    v.bundle(TH, refused("K2"))


@variants(
    "K2",
    "bundle-of-a-key",
    {
        "that-begins-now": ({"not_before": NOW}, OK),
        "that-begins-later": ({"not_before": NOW + 1}, refused("K2")),
        "in-its-last-millisecond": ({"not_after": NOW + 1}, OK),
        "that-ended": ({"not_after": NOW}, refused("K2")),
    },
    words={
        "that-begins-now": "whose window begins at this moment is accepted: a window includes its start",
        "that-begins-later": "whose window begins a millisecond later is refused by K2",
        "in-its-last-millisecond": "in the last millisecond of its window is accepted",
        "that-ended": "whose window ends at this moment is refused by K2: a window excludes its end",
    },
)
def bundle_key_window(v: Vector, case: tuple[dict[str, Any], Any]) -> None:
    """A bundle of a key {}."""
    v.start(small_list(members=rows(**case[0])))
    v.bundle(TH, case[1], not_after=NOW + 1)


# -- K3


def _signed(fields: list[Any], signer: Actor = TH, *, label: str = "keys", labels: str = "actual") -> bytes:
    raw = encode(fields)
    return bundles.MAGIC + TH.kid + sign(label, signing_key(signer.identity), raw, labels) + raw


_GOOD = ["suar-keys/1", "asean-test", "TH", NOW - HOUR, NOW + DAY, TH.kem_public, 1, bytes(32)]


def _with(at: int, value: Any) -> list[Any]:
    return [*_GOOD[:at], value, *_GOOD[at + 1 :]]


@variants(
    "K3",
    "bundle",
    {
        "signed-by-another-key": _signed(_GOOD, VN),
        "signed-as-an-epoch": _signed(_GOOD, label="epoch"),
        "signed-as-an-exercise": _signed(_GOOD, labels="exercise"),
        "of-another-federation": _signed(_with(1, "other")),
        "naming-another-member": _signed(_with(2, "VN")),
        "other-magic": _signed(_with(0, "suar-keys/2")),
        "one-field-more": _signed([*_GOOD, 0]),
        "one-field-less": _signed(_GOOD[:-1]),
        "not-before-as-text": _signed(_with(3, "now")),
        "kem-key-of-1215-bytes": _signed(_with(5, TH.kem_public[:-1])),
        "kem-key-of-1217-bytes": _signed(_with(5, TH.kem_public + b"\0")),
        "member-in-lower-case": _signed(_with(2, "th")),
    },
    words={
        "signed-as-an-epoch": "signed with the label of an epoch",
        "signed-as-an-exercise": "signed with the label of the exercise realm",
        "other-magic": "with the magic suar-keys/2",
        "one-field-more": "with one field more",
        "one-field-less": "with one field less",
        "not-before-as-text": "whose not_before is a text",
        "kem-key-of-1215-bytes": "with a KEM key of 1,215 bytes",
        "kem-key-of-1217-bytes": "with a KEM key of 1,217 bytes",
        "member-in-lower-case": "whose member is in lower case",
    },
)
def bundle_form(v: Vector, data: bytes) -> None:
    """A bundle {} is refused by K3, and one without this fault is accepted afterwards."""
    v.start()
    v.bundle(TH, refused("K3"), data=data)
    v.bundle(TH, OK)


@scenario("K3")
def bundle_on_the_subject_of_another_member(v: Vector) -> None:
    """A bundle of TH on a subject of VN is refused by K3: its member must be that of the subject."""
    v.start()
    v.bundle(TH, refused("K3"), subject=subjects.hub("VN", subjects.keys(TH.kid)))


@scenario("K3")
def bundle_signed_by_another_member_in_the_name_of_the_sender(v: Vector) -> None:
    """A bundle in the name of TH that VN signed is refused by K3 on a subject of TH: its member must be that of the
    key.
    """
    v.start()
    data = make_bundle(VN, member="TH")
    v.bundle(TH, refused("K3"), data=data, subject=subjects.hub("TH", subjects.keys(VN.kid)))


@scenario("K3")
def bundle_with_the_kem_key_of_another_member(v: Vector) -> None:
    """A bundle with the KEM key of another member is accepted: the kid of a bundle covers its member, so the two
    have different kids.
    """
    v.start()
    v.bundle(TH, OK)
    v.bundle(VN, OK, kem_public=TH.kem_public)


@scenario("K3")
def bundle_whose_last_two_fields_only_inform(v: Vector) -> None:
    """A bundle that names a trust list which does not exist is accepted: its last two fields only inform."""
    v.start()
    v.bundle(TH, OK, trust_version=99, trust_hash=b"\x01" * 32)


# -- K4


@variants(
    "K4",
    "bundle-window",
    {
        "of-7-days": ({"not_before": NOW, "not_after": NOW + 7 * DAY}, OK),
        "over-7-days": ({"not_before": NOW, "not_after": NOW + 7 * DAY + 1}, refused("K4")),
        "of-no-time": ({"not_before": NOW + 1, "not_after": NOW + 1}, refused("K4")),
        "backwards": ({"not_before": NOW + 2, "not_after": NOW + 1}, refused("K4")),
        "begins-in-5-min": ({"not_before": NOW + 5 * MINUTE}, OK),
        "ends-now": ({"not_before": NOW - DAY, "not_after": NOW}, refused("K4")),
        "ends-in-a-millisecond": ({"not_before": NOW - DAY, "not_after": NOW + 1}, OK),
    },
    words={
        "of-7-days": "with a window of exactly 7 days is accepted: K4 allows no more",
        "over-7-days": "with a window of a millisecond more than 7 days is refused by K4",
        "of-no-time": "with an empty window is refused by K4",
        "backwards": "whose window ends before it begins is refused by K4",
        "begins-in-5-min": "that begins exactly 5 minutes ahead of the clock is accepted: only a later one waits",
        "ends-now": "whose window ends at this moment is refused by K4",
        "ends-in-a-millisecond": "whose window ends in a millisecond is accepted by K4",
    },
)
def bundle_window(v: Vector, case: tuple[dict[str, Any], Any]) -> None:
    """A bundle {}."""
    v.start()
    v.bundle(TH, case[1], **case[0])


@variants(
    "K4",
    "bundle-ends",
    {"with-its-key": (0, OK), "after-its-key": (1, refused("K4"))},
    words={
        "with-its-key": "together with its key is accepted: K4 allows no later end",
        "after-its-key": "a millisecond after its key is refused by K4",
    },
)
def bundle_ends(v: Vector, case: tuple[int, Any]) -> None:
    """A bundle that ends {}."""
    v.start(small_list(members=rows(not_after=NOW + DAY)))
    v.bundle(TH, case[1], not_after=NOW + DAY + case[0])


@scenario("K4")
def bundle_from_the_future_waits(v: Vector) -> None:
    """A bundle that begins a millisecond more than 5 minutes ahead of the clock waits by K4, and is accepted when
    presented a millisecond later.
    """
    v.start()
    data = make_bundle(TH, not_before=NOW + 5 * MINUTE + 1)
    v.bundle(TH, WAIT, data=data)
    v.later(1)
    v.bundle(TH, OK, data=data)


# -- K5


@scenario("K5")
def bundle_again(v: Vector) -> None:
    """The last bundle of a key is a no-op when it comes again."""
    v.start()
    v.bundle(TH, OK)
    v.bundle(TH, NOOP)


@scenario("K5")
def bundle_rotation(v: Vector) -> None:
    """A bundle that begins later than the last one of its key is accepted: it is how the key is rotated."""
    v.start()
    v.bundle(TH, OK)
    v.bundle(TH, OK, not_before=NOW)


@variants(
    "K5",
    "bundle",
    {"older": -1, "of-the-same-time": 0},
    words={
        "older": "a millisecond before",
        "of-the-same-time": "at the same time as",
    },
)
def bundle_not_newer(v: Vector, shift: int) -> None:
    """Another bundle that begins {} the last one of its key is refused by K5: a bundle must begin later than the
    one before.
    """
    v.start()
    v.bundle(TH, OK)
    v.bundle(TH, refused("K5"), not_before=NOW - HOUR + shift, not_after=NOW + HOUR)


@scenario("K5")
def bundle_before_the_last_one_again(v: Vector) -> None:
    """The bundle before the last one is refused by K5 when it comes again: only the last one of a key is a no-op."""
    v.start()
    v.bundle(TH, OK)
    v.bundle(TH, OK, not_before=NOW)
    v.bundle(TH, refused("K5"))


@scenario("K5")
def bundle_of_a_second_key_is_judged_alone(v: Vector) -> None:
    """A bundle of the second key of a member that begins before the bundle of its first key is accepted: K5
    compares bundles of one key.
    """
    second = Actor("TH", actor("MY").identity)
    v.start(small_list(members=[member_row(SG), member_row(TH, keys=[key_row(TH), key_row(second)]), member_row(VN)]))
    v.bundle(TH, OK)
    v.bundle(second, OK, not_before=NOW - 2 * HOUR)


@scenario("K5")
def bundle_refused_does_not_count_as_the_last_one(v: Vector) -> None:
    """A bundle that K6 refused does not count as the last one of its key: one that begins earlier is accepted after
    it.
    """
    v.start()
    v.bundle(TH, refused("K6"), not_before=NOW, kem_public=TH.kem_public[:1184] + bytes(32))
    v.bundle(TH, OK)


# -- K6

_ORDER_8 = bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")


@variants(
    "K6",
    "bundle-kem",
    {
        "ml-kem-part-out-of-range": b"\xff\xff\xff" + TH.kem_public[3:],
        "x25519-part-all-zero": TH.kem_public[:1184] + bytes(32),
        "x25519-part-of-low-order": TH.kem_public[:1184] + _ORDER_8,
    },
    words={
        "ml-kem-part-out-of-range": "ML-KEM part out of range",
        "x25519-part-all-zero": "X25519 part that is all zero",
        "x25519-part-of-low-order": "X25519 part of low order",
    },
)
def bundle_kem(v: Vector, kem_public: bytes) -> None:
    """A bundle whose KEM key has an {} is refused by K6: the trial encapsulation fails."""
    v.start()
    v.bundle(TH, refused("K6"), kem_public=kem_public)

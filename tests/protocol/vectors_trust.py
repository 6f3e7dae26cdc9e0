"""Subjects, trust lists and Revokes: S1, T1 to T14, R1."""

from typing import Any

from nacl import bindings as sodium

from protocol.scenario import (
    ANY_REFUSAL,
    DAY,
    DUPLICATE,
    HOUR,
    MINUTE,
    NOOP,
    OK,
    SMALL,
    WAIT,
    Vector,
    ok,
    refused,
    scenario,
    small_list,
    variants,
)
from suar.protocol.base import subjects
from suar.protocol.base.primitives import kid, sign, signing_key
from suar.protocol.base.wire import encode
from suar.protocol.trust import revoke, trustlist
from support.kit import (
    NOW,
    Actor,
    ListMaker,
    Sending,
    actor,
    alert,
    key_row,
    make_revoke,
    member_row,
    root,
    seed,
    sign_raw,
)

SG, TH, VN = (actor(code) for code in SMALL)


# -- S1

_KID, _ID = "0" * 32, "0" * 16


@variants(
    "S1",
    "subject",
    {
        "of-the-next-version": "tip.v2.th.a.trust.all.1",
        "without-a-sender": "tip.v1.a.trust.all.1",
        "sender-in-upper-case": "tip.v1.TH.a.trust.all.1",
        "sender-of-three-letters": "tip.v1.tha.a.trust.all.1",
        "of-an-unknown-realm": "tip.v1.th.b.trust.all.1",
        "of-an-unknown-type": "tip.v1.th.a.lists.all.1",
        "trust-in-the-exercise": "tip.v1.th.x.trust.all.1",
        "trust-in-a-bilateral-channel": "tip.v1.th.a.trust.sg.1",
        "with-one-more-token": "tip.v1.th.a.trust.all.1.1",
        "without-a-token": "tip.v1.th.a.trust.all",
        "with-a-version-that-is-no-number": "tip.v1.th.a.trust.all.one",
        "with-a-line-end": "tip.v1.th.a.trust.all.1\n",
        "empty": "",
    },
    words={
        "of-the-next-version": "that begins with tip.v2",
        "sender-in-upper-case": "whose sender is in upper case",
        "sender-of-three-letters": "whose sender has three letters",
        "trust-in-the-exercise": "in the exercise realm",
        "trust-in-a-bilateral-channel": "in a bilateral channel",
        "with-a-version-that-is-no-number": "whose version is not a number",
        "with-a-line-end": "with a line end after it",
        "empty": "that is empty",
    },
)
def subject(v: Vector, where: str) -> None:
    """A valid trust list on a subject {} is refused by S1 and changes nothing: on its own subject it is accepted
    afterwards.
    """
    v.pin = v.lists.hash()
    v.receive(where, v.lists.signed(), refused("S1"))
    v.start()


@variants(
    "S1",
    "subject",
    {
        "keys-in-a-bilateral-channel": f"tip.v1.th.a.keys.sg.{_KID}",
        "keys-in-the-exercise": f"tip.v1.th.x.keys.all.{_KID}",
        "keys-with-a-short-kid": f"tip.v1.th.a.keys.all.{_KID[:-1]}",
        "keys-with-a-kid-in-upper-case": f"tip.v1.th.a.keys.all.{'A' * 32}",
    },
    words={
        "keys-in-a-bilateral-channel": "in a bilateral channel",
        "keys-in-the-exercise": "in the exercise realm",
        "keys-with-a-short-kid": "whose kid is one digit short",
        "keys-with-a-kid-in-upper-case": "whose kid is in upper case",
    },
)
def subject_of_keys(v: Vector, where: str) -> None:
    """A valid key bundle on a subject {} is refused by S1, and accepted on its own subject afterwards."""
    v.start()
    v.bundle(TH, refused("S1"), subject=where)
    v.bundle(TH, OK)


@variants(
    "S1",
    "subject",
    {
        "epoch-with-a-long-token": f"tip.v1.th.a.epoch.all.{_ID}0",
        "epoch-in-a-channel-of-upper-case": f"tip.v1.th.a.epoch.SG.{_ID}",
    },
    words={
        "epoch-with-a-long-token": "whose token has 17 digits",
        "epoch-in-a-channel-of-upper-case": "whose channel is in upper case",
    },
)
def subject_of_epoch(v: Vector, where: str) -> None:
    """An epoch on a subject {} is refused by S1, although the receiver has accepted the same epoch on its own
    subject.
    """
    v.start()
    th = v.epoch(OK)
    v.receive(where, th.opened.data, refused("S1"))


@scenario("S1")
def subject_token_is_not_compared(v: Vector) -> None:
    """A key bundle and a frame are accepted under tokens of zeros: a token is an index for look-ups and is never
    compared with the content.
    """
    v.start()
    v.bundle(TH, OK, subject=f"tip.v1.th.a.keys.all.{_KID}")
    th = v.epoch()
    v.receive(f"tip.v1.th.a.frame.all.{_ID}", th.frame(alert()), ok(alert()))


# -- T1


@scenario("T1")
def trust_list_again(v: Vector) -> None:
    """The current list is a no-op, also with a third signature, and so is the list before it once the next one is
    accepted: T1 looks in the whole history.
    """
    first = v.start()
    v.list(first.signed(), NOOP)
    v.list(first.signed("A", "B", "C"), NOOP)
    v.next_list()
    v.list(first.signed(), NOOP)


@scenario("T1")
def trust_list_again_needs_no_valid_signature(v: Vector) -> None:
    """The current list with the signature of a stranger alone is a no-op: T1 compares its raw bytes with the
    history before any signature is verified.
    """
    first = v.start()
    v.list(first.signed("X"), NOOP)


@scenario("T1")
def trust_one_key_signs_twice(v: Vector) -> None:
    """A next list signed by A, by B and once more by A is refused by T1: the root kids of the signatures must be
    distinct.
    """
    v.start()
    v.list(v.lists.after().signed("A", "B", "A"), refused("T1"))


@scenario("T1")
def trust_one_key_signs_for_two(v: Vector) -> None:
    """A next list with two signatures of one root is refused by T1: one key cannot reach a threshold of two by
    itself.
    """
    v.start()
    v.list(v.lists.after().signed("A", "A"), refused("T1"))


@scenario("T1")
def trust_no_signature(v: Vector) -> None:
    """A next list without any signature is refused by T1, which requires 1 to 32 signatures."""
    v.start()
    v.list(trustlist.assemble(v.lists.after().raw(), []), refused("T1"))


def _many_roots() -> tuple[ListMaker, tuple[str, ...]]:
    names = tuple(f"R{n}" for n in range(33))
    return small_list(roots=names, threshold=17), names


@scenario("T1")
def trust_33_signatures(v: Vector) -> None:
    """A next list with 33 valid signatures by current roots is refused by T1, which allows at most 32."""
    lists, names = _many_roots()
    v.start(lists, *names[:17])
    v.list(lists.after().signed(*names), refused("T1"))


@scenario("T1")
def trust_32_signatures(v: Vector) -> None:
    """A next list with 32 valid signatures by current roots is accepted: T1 allows no more."""
    lists, names = _many_roots()
    v.start(lists, *names[:17])
    v.list(lists.after().signed(*names[:32]), OK)


@scenario("T1")
def trust_larger_than_256_kib(v: Vector) -> None:
    """A correctly signed next list of 256 KiB and one byte is refused by T1, which allows at most 256 KiB."""
    v.start()
    rows = [member_row(actor(code)) for code in SMALL]
    size = len(v.lists.after(members=rows).signed())
    rows[0][1] += "x" * (256 * 1024 + 1 - size - 4)  # its msgpack head grows from 1 to 5 bytes
    v.list(v.lists.after(members=rows).signed(), refused("T1"))


@variants(
    "T1",
    "trust-each",
    {"truncation": "truncation", "bit-flip": "bit-flip"},
    words={
        "bit-flip": "single bit flip",
    },
)
def trust_each(v: Vector, each: str) -> None:
    """Every {} of a signed next list is refused, by whichever rule, and the list as it was signed is accepted
    afterwards.
    """
    v.start()
    after = v.lists.after()
    v.list(after.signed(), ANY_REFUSAL, each=each)
    v.list(after.signed(), OK)


@scenario("T1")
def trust_unknown_magic(v: Vector) -> None:
    """A next list whose magic is SUT2 instead of SUT1 is refused by T1, although its signatures are valid."""
    v.start()
    v.list(b"SUT2" + v.lists.after().signed()[4:], refused("T1"))


# -- T2


@scenario("T2")
def trust_one_signature_too_few(v: Vector) -> None:
    """A next list signed by one root is refused by T2, because the current threshold is two."""
    v.start()
    v.list(v.lists.after().signed("A"), refused("T2"))


@scenario("T2")
def trust_signed_by_strangers(v: Vector) -> None:
    """A next list signed by three strangers is refused by T2, although it names them as its roots: only signatures
    by current roots count.
    """
    v.start()
    v.list(v.lists.after(roots=("X", "Y", "Z")).signed("X", "Y", "Z"), refused("T2"))


@scenario("T2")
def trust_unknown_signature_added(v: Vector) -> None:
    """A next list with enough signatures and one by a stranger is refused by T2: every other signature must be by a
    root of the new list.
    """
    v.start()
    v.list(v.lists.after().signed("A", "B", "X"), refused("T2"))


@scenario("T2")
def trust_invalid_signature_of_a_root_added(v: Vector) -> None:
    """A next list with two valid signatures and an invalid one under the kid of the third root is refused by T2:
    none of that set may be invalid.
    """
    v.start()
    raw = v.lists.after().raw()
    good = [trustlist.sign_list(raw, *root(name)) for name in ("A", "B")]
    bad = trustlist.Signature(kid(root("C")[1]), bytes(64))
    v.list(trustlist.assemble(raw, [*good, bad]), refused("T2"))


@scenario("T2")
def trust_invalid_signature_of_a_new_root_added(v: Vector) -> None:
    """A next list with two valid signatures and an invalid one under the kid of a root that it adds is refused by
    T2: every other signature must be valid.
    """
    v.start()
    raw = v.lists.after(roots=("A", "B", "D")).raw()
    good = [trustlist.sign_list(raw, *root(name)) for name in ("A", "B")]
    bad = trustlist.Signature(kid(root("D")[1]), bytes(64))
    v.list(trustlist.assemble(raw, [*good, bad]), refused("T2"))


@scenario("T2")
def trust_new_root_signs_too(v: Vector) -> None:
    """A next list that replaces root C by D is accepted with the signatures of A, B and D: a root of the new list
    may sign beside the current ones.
    """
    v.start()
    v.list(v.lists.after(roots=("A", "B", "D")).signed("A", "B", "D"), OK)


@variants(
    "T2",
    "trust-signed-as",
    {"a-revoke": ("revoke", "actual"), "an-exercise": ("trust", "exercise")},
    words={
        "a-revoke": "a Revoke",
        "an-exercise": "the exercise realm",
    },
)
def trust_signed_as(v: Vector, labels: tuple[str, str]) -> None:
    """A next list that two roots signed with the label of {} is refused by T2: a signature is valid only under the
    label of a trust list.
    """
    v.start()
    raw = v.lists.after().raw()
    made = [
        trustlist.Signature(kid(root(name)[1]), sign(labels[0], signing_key(root(name)[0]), raw, labels[1]))
        for name in ("A", "B")
    ]
    v.list(trustlist.assemble(raw, made), refused("T2"))


@scenario("T2")
def trust_unsigned_garbage_is_not_parsed(v: Vector) -> None:
    """Bytes that are not msgpack, signed by strangers, are refused by T2 and not by T3: signatures are judged
    before the list is parsed.
    """
    v.start()
    v.list(sign_raw(b"\xc1", "X", "Y"), refused("T2"))


@scenario("T2")
def trust_first_list_is_not_the_pinned_one(v: Vector) -> None:
    """A correctly signed first list is refused by T2 because its hash is not the pin, which decides until a list is
    held.
    """
    v.pin = small_list(expires=NOW + 100 * DAY).hash()
    v.list(v.lists.signed(), refused("T2"))


@scenario("T2")
def trust_first_list_of_any_version(v: Vector) -> None:
    """A first list of version 7 is accepted by its pin, and the next one follows it: the pin replaces T5 to T7, so
    any version may be first.
    """
    v.start(small_list(version=7, prev=b"\x07" * 32))
    v.next_list()


@scenario("T2")
def trust_first_list_with_signatures_of_roots_that_left(v: Vector) -> None:
    """A first list signed by its roots D and E, and by A and B who are not roots of it, is accepted: the pin
    replaces T2.
    """
    v.start(small_list(version=7, prev=b"\x07" * 32, roots=("D", "E", "F")), "A", "B", "D", "E")


@scenario("T2")
def trust_roots_that_left_sign_the_version_after(v: Vector) -> None:
    """After the roots changed to D, E and F, a next list signed by D and E and also by A and B is refused by T2: A
    and B are roots of neither list.
    """
    v.start()
    v.next_list("A", "B", "D", "E", roots=("D", "E", "F"))
    v.list(v.lists.after().signed("A", "B", "D", "E"), refused("T2"))


@scenario("T2")
def trust_roots_that_left_alone(v: Vector) -> None:
    """After the roots changed to D, E and F, a next list signed by A and B alone is refused by T2, although it
    names them as roots again.
    """
    v.start()
    v.next_list("A", "B", "D", "E", roots=("D", "E", "F"))
    v.list(v.lists.after(roots=("A", "B", "C")).signed("A", "B"), refused("T2"))


@scenario("T2")
def trust_roots_that_left_open_no_rollback_alarm(v: Vector) -> None:
    """After the roots changed, an older version signed by the roots that left is refused by T2 without a rollback
    alarm: their signatures open only the fork check of T5.
    """
    first = v.start()
    v.next_list("A", "B", "D", "E", roots=("D", "E", "F"))
    other = small_list(expires=first.expires + 1)
    v.list(other.signed("A", "B"), refused("T2"))


# -- T3


@scenario("T3")
def trust_of_another_federation(v: Vector) -> None:
    """A correctly signed next list of another federation is refused by T3."""
    v.start()
    v.list(v.lists.after(federation="other").signed(), refused("T3"))


def _with(at: int, value: Any) -> Any:
    return lambda fields: [*fields[:at], value, *fields[at + 1 :]]


def _member(at: int, value: Any) -> Any:
    def change(fields: list[Any]) -> list[Any]:
        fields[8][0][at] = value
        return fields

    return change


@variants(
    "T3",
    "trust-form",
    {
        "other-magic": _with(0, "suar-trust/2"),
        "one-field-more": lambda fields: [*fields, 0],
        "one-field-less": lambda fields: fields[:-1],
        "version-as-text": _with(2, "2"),
        "version-as-float": _with(2, 2.0),
        "version-above-2-53": _with(2, 2**53),
        "issued-negative": _with(3, -1),
        "prev-of-31-bytes": _with(5, bytes(31)),
        "roots-as-map": _with(7, {}),
        "federation-as-bytes": _with(1, b"asean-test"),
        "unknown-status": _member(2, "resting"),
        "code-in-lower-case": _member(0, "sg"),
        "code-with-a-line-end": _member(0, "SG\n"),
        "rights-as-text": _member(4, "*"),
        "a-map": lambda fields: {str(n): field for n, field in enumerate(fields)},
    },
    words={
        "other-magic": "with the magic suar-trust/2",
        "one-field-more": "with one field more",
        "one-field-less": "with one field less",
        "version-as-text": "whose version is a text",
        "version-as-float": "whose version is a float",
        "version-above-2-53": "whose version is 2^53, above the largest integer allowed",
        "issued-negative": "whose time of issue is negative",
        "prev-of-31-bytes": "whose prev has 31 bytes",
        "roots-as-map": "whose roots are a map",
        "federation-as-bytes": "whose federation is binary instead of text",
        "unknown-status": "with a member of unknown status",
        "code-in-lower-case": "with a member code in lower case",
        "code-with-a-line-end": "with a line end after a member code",
        "rights-as-text": "in which the rights of a member to publish are a text",
        "a-map": "that is a map instead of an array",
    },
)
def trust_form(v: Vector, change: Any) -> None:
    """A next list {} is refused by T3, although enough roots signed it: its fields do not have the specified form."""
    v.start()
    v.list(sign_raw(encode(change(v.lists.after().fields()))), refused("T3"))


@variants(
    "T3",
    "trust-form",
    {
        "bytes-after-it": lambda raw: raw + b"\0",
        "not-msgpack": lambda _: b"\xc1",
        "holder-not-utf-8": lambda raw: raw.replace(b"Holder C", b"Holder \xff"),
    },
    words={
        "bytes-after-it": "with a byte after it",
        "not-msgpack": "that is not msgpack",
        "holder-not-utf-8": "in which the holder of a root is not valid UTF-8",
    },
)
def trust_bytes(v: Vector, change: Any) -> None:
    """A next list {} is refused by T3, although enough roots signed these very bytes."""
    v.start()
    v.list(sign_raw(change(v.lists.after().raw())), refused("T3"))


# -- T4


@variants(
    "T4",
    "trust-threshold",
    {
        "one-of-one": (1, ("A",), ("A", "B")),
        "half-of-the-roots": (2, ("A", "B", "C", "D"), ("A", "B")),
        "zero": (0, ("A", "B", "C"), ("A", "B")),
        "above-the-roots": (4, ("A", "B", "C"), ("A", "B", "C")),
    },
    words={
        "one-of-one": "one root and a threshold of 1",
        "half-of-the-roots": "four roots and a threshold of 2",
        "zero": "three roots and a threshold of 0",
        "above-the-roots": "three roots and a threshold of 4",
    },
)
def trust_threshold(v: Vector, case: tuple[int, tuple[str, ...], tuple[str, ...]]) -> None:
    """A next list with {} is refused by T4: a threshold is at least 2, more than half of the roots and no more than
    all of them.
    """
    threshold, roots, signers = case
    v.start()
    v.list(v.lists.after(threshold=threshold, roots=roots).signed(*signers), refused("T4"))


@scenario("T4")
def trust_threshold_of_all_roots(v: Vector) -> None:
    """A next list with three roots and a threshold of 3 is accepted when all three sign it: T4 allows a threshold
    of all roots.
    """
    v.start()
    v.next_list("A", "B", "C", threshold=3)


# -- T5, T6, T7


@scenario("T5")
def trust_fork(v: Vector) -> None:
    """A second list of the current version is refused by T5 with the alarm fork: enough roots signed two lists of
    one version.
    """
    v.start()
    first = v.lists
    v.next_list()
    v.list(first.after(issued=first.issued + 2).signed(), refused("T5", ["fork"]))


@scenario("T5")
def trust_fork_by_roots_that_left(v: Vector) -> None:
    """A second list of the current version, signed by the roots that admitted the current one and left with it, is
    refused by T5 with the alarm fork.
    """
    first = v.start()
    v.next_list("A", "B", "D", "E", roots=("D", "E", "F"))
    v.list(first.after().signed("A", "B"), refused("T5", ["fork"]))


@scenario("T5")
def trust_fork_of_the_first_list(v: Vector) -> None:
    """Another list of the first list's version, signed by its roots, is refused by T5 with the alarm fork: a first
    list counts as admitted by its own roots.
    """
    first = v.start()
    v.list(small_list(expires=first.expires + 1).signed(), refused("T5", ["fork"]))


@scenario("T5")
def trust_rollback(v: Vector) -> None:
    """A list of a lower version that was never accepted is refused by T5 with the alarm rollback, because enough
    current roots signed it.
    """
    first = v.start()
    v.next_list()
    v.list(small_list(expires=first.expires + 1).signed(), refused("T5", ["rollback"]))


@scenario("T6")
def trust_skipped_version(v: Vector) -> None:
    """A list of version 3 after version 1 is refused by T6, and version 2 is accepted afterwards: no version may be
    skipped.
    """
    v.start()
    v.list(v.lists.after(version=3).signed(), refused("T6"))
    v.next_list()


@scenario("T7")
def trust_broken_chain(v: Vector) -> None:
    """A next list whose prev is not the hash of the current one is refused by T7."""
    v.start()
    v.list(v.lists.after(prev=b"\x01" * 32).signed(), refused("T7"))


@scenario("T7")
def trust_issued_before_the_current_one(v: Vector) -> None:
    """A next list issued a millisecond before the current one is refused by T7, and one issued at the same time is
    accepted.
    """
    v.start()
    v.list(v.lists.after(issued=v.lists.issued - 1).signed(), refused("T7"))
    v.next_list(issued=v.lists.issued)


# -- T8


@variants(
    "T8",
    "trust-dates",
    {
        "issued-in-5-min": ({"issued": NOW + 5 * MINUTE}, OK),
        "issued-after-5-min": ({"issued": NOW + 5 * MINUTE + 1}, refused("T8")),
        "400-days": ({"issued": NOW, "expires": NOW + 400 * DAY}, OK),
        "over-400-days": ({"issued": NOW, "expires": NOW + 400 * DAY + 1}, refused("T8")),
        "expires-when-issued": ({"issued": NOW, "expires": NOW}, refused("T8")),
        "one-millisecond": ({"issued": NOW, "expires": NOW + 1}, OK),
    },
    words={
        "issued-in-5-min": "issued exactly 5 minutes ahead of the clock is accepted: T8 allows no more",
        "issued-after-5-min": "issued a millisecond more than 5 minutes ahead of the clock is refused by T8",
        "400-days": "that is valid for exactly 400 days is accepted: T8 allows no more",
        "over-400-days": "that is valid for a millisecond more than 400 days is refused by T8",
        "expires-when-issued": "that expires when it is issued is refused by T8",
        "one-millisecond": "that is valid for one millisecond is accepted: T8 sets no other minimum",
    },
)
def trust_dates(v: Vector, case: tuple[dict[str, Any], Any]) -> None:
    """A next list {}."""
    v.start()
    v.list(v.lists.after(**case[0]).signed(), case[1])


# -- T9


def _listed(**changes: Any) -> list[list[Any]]:
    """Rows of SG, TH and VN, TH's made with other keys."""
    return [member_row(SG), member_row(TH, keys=[changes["key"]]), member_row(VN)]


def _row_of(public: bytes, name: bytes | None = None) -> list[Any]:
    return [name or kid(public), public, NOW - DAY, NOW + 300 * DAY, None]


_IDENTITY_POINT = b"\x01" + bytes(31)
_ORDER_8 = bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
_NOT_CANONICAL = bytes.fromhex("f0" + "ff" * 30 + "7f")  # y = p + 3


@variants(
    "T9",
    "trust-key",
    {
        "not-of-its-kid": _row_of(TH.public, VN.kid),
        "of-another-member": key_row(VN),
        "of-a-root": _row_of(root("A")[1]),
        "all-zero": _row_of(bytes(32)),
        "identity-point": _row_of(_IDENTITY_POINT),
        "of-low-order": _row_of(_ORDER_8),
        "with-a-torsion-part": _row_of(sodium.crypto_core_ed25519_add(TH.public, _ORDER_8)),
        "not-canonical": _row_of(_NOT_CANONICAL),
        "not-on-the-curve": _row_of(b"\x02" + bytes(31)),
    },
    words={
        "not-of-its-kid": "has the kid of another key",
        "of-another-member": "is that of VN too",
        "of-a-root": "is that of root A too",
        "all-zero": "is all zero",
        "identity-point": "is the identity point",
        "of-low-order": "is a point of order 8",
        "with-a-torsion-part": "is a valid point plus one of order 8",
        "not-canonical": "is not encoded canonically",
        "not-on-the-curve": "is not on the curve",
    },
)
def trust_key(v: Vector, row: list[Any]) -> None:
    """A next list in which the key of TH {} is refused by T9: keys are distinct points of the prime-order group,
    each under its own kid.
    """
    v.start()
    v.list(v.lists.after(members=_listed(key=row)).signed(), refused("T9"))


@scenario("T9")
def trust_root_key_not_of_its_kid(v: Vector) -> None:
    """A next list in which the kid of a root is not that of its key is refused by T9."""
    v.start()
    fields = v.lists.after().fields()
    fields[7][2][0] = bytes(16)
    v.list(sign_raw(encode(fields)), refused("T9"))


@scenario("T9")
def trust_root_key_with_a_torsion_part(v: Vector) -> None:
    """A next list in which the key of a root is a valid point plus one of order 8 is refused by T9, although its
    kid matches.
    """
    v.start()
    fields = v.lists.after().fields()
    public = sodium.crypto_core_ed25519_add(root("C")[1], _ORDER_8)
    fields[7][2][:2] = [kid(public), public]
    v.list(sign_raw(encode(fields)), refused("T9"))


@scenario("T9")
def trust_one_root_twice(v: Vector) -> None:
    """A next list that names root B twice is refused by T9: no key may be used twice."""
    v.start()
    v.list(v.lists.after(roots=("A", "B", "B")).signed(), refused("T9"))


@variants(
    "T9",
    "trust-members",
    {
        "not-sorted": [member_row(TH), member_row(SG), member_row(VN)],
        "one-twice": [member_row(SG), member_row(TH), member_row(Actor("TH", seed("TH second"))), member_row(VN)],
    },
    words={
        "not-sorted": "are not in the order of their codes",
        "one-twice": "include TH twice with different keys",
    },
)
def trust_members(v: Vector, rows: list[Any]) -> None:
    """A next list whose members {} is refused by T9: members are sorted by code and unique."""
    v.start()
    v.list(v.lists.after(members=rows).signed(), refused("T9"))


def _revoked(**changes: Any) -> list[list[Any]]:
    return _listed(key=key_row(TH, revoked_at=0))


@scenario("T9")
def trust_key_revoked_no_more(v: Vector) -> None:
    """A next list in which a key that the current list revokes is valid again is refused by T9: a revocation is for
    ever.
    """
    v.start()
    v.next_list(members=_revoked())
    v.list(v.lists.after(members=small_list().members).signed(), refused("T9"))


@scenario("T9")
def trust_key_revoked_then_absent_then_not(v: Vector) -> None:
    """A key that one list revoked and the next one left out is still revoked: a list in which it is valid again is
    refused by T9.
    """
    v.start()
    v.next_list(members=_revoked())
    v.next_list(members=[member_row(SG), member_row(VN)])
    v.list(v.lists.after(members=small_list().members).signed(), refused("T9"))


@scenario("T9")
def trust_list_does_not_show_a_revoke(v: Vector) -> None:
    """A next list in which a key with a Revoke is valid is accepted, and the Revoke stays in force beside it: a
    bundle of the key is refused by K2.
    """
    v.start()
    v.revoke(TH, make_revoke(TH))
    v.next_list()
    v.bundle(TH, refused("K2"))


@scenario("T9")
def trust_second_key_of_a_member(v: Vector) -> None:
    """A member may have two keys in a list: a bundle of each of them is accepted."""
    second = Actor("TH", seed("TH second"))
    v.start(small_list(members=[member_row(SG), member_row(TH, keys=[key_row(TH), key_row(second)]), member_row(VN)]))
    v.bundle(TH)
    v.bundle(second)


# -- T10


@scenario("T10")
def trust_roots_replaced_signed_by_old_only(v: Vector) -> None:
    """A list that replaces all roots, signed by two old ones only, is refused by T10: as many new roots as its
    threshold says must sign too.
    """
    v.start()
    v.list(v.lists.after(roots=("D", "E", "F")).signed("A", "B"), refused("T10"))


@scenario("T10")
def trust_roots_replaced_signed_by_too_few_new(v: Vector) -> None:
    """A list that replaces all roots, signed by two old ones and one new one, is refused by T10: its own threshold
    is two.
    """
    v.start()
    v.list(v.lists.after(roots=("D", "E", "F")).signed("A", "B", "D"), refused("T10"))


@scenario("T2")
def trust_roots_replaced_signed_by_new_only(v: Vector) -> None:
    """A list that replaces all roots, signed by the new ones only, is refused by T2: as many current roots as the
    current threshold says must sign.
    """
    v.start()
    v.list(v.lists.after(roots=("D", "E", "F")).signed("D", "E", "F"), refused("T2"))


@scenario("T10")
def trust_roots_replaced_all_at_once(v: Vector) -> None:
    """A list that replaces all roots is accepted when two old and two new ones sign it, and the list after it needs
    signatures of new ones only.
    """
    v.start()
    v.next_list("A", "B", "D", "E", roots=("D", "E", "F"))
    v.next_list("D", "E")


@scenario("T10")
def trust_first_list_with_too_few_roots(v: Vector) -> None:
    """A first list that has the pinned hash but the signature of one root only is refused by T10, which the pin
    does not replace.
    """
    v.list(v.lists.signed("A"), refused("T10"))


@scenario("T10")
def trust_first_list_with_an_invalid_signature(v: Vector) -> None:
    """A first list that has the pinned hash, with one valid and one invalid signature, is refused by T10: only
    valid signatures count towards its threshold.
    """
    raw = v.lists.raw()
    bad = trustlist.Signature(kid(root("B")[1]), bytes(64))
    v.list(trustlist.assemble(raw, [trustlist.sign_list(raw, *root("A")), bad]), refused("T10"))


# -- T12


def _running(v: Vector) -> Sending:
    v.start()
    th = v.epoch()
    v.frame(th, th.frame(alert()), ok(alert()))
    return th


_NEXT = alert("TH-ALERT-2027-000002")


@variants(
    "T12",
    "trust-closes-epochs-of-a",
    {
        "suspended-member": [member_row(SG), member_row(TH, "suspended"), member_row(VN)],
        "revoked-key": _revoked(),
        "member-that-left": [member_row(SG), member_row(VN)],
        "key-that-left": [member_row(SG), member_row(Actor("TH", seed("TH second"))), member_row(VN)],
    },
    words={
        "suspended-member": "suspends TH",
        "revoked-key": "revokes the key of TH",
        "member-that-left": "no longer has TH",
        "key-that-left": "has TH with another key only",
    },
)
def trust_closes(v: Vector, rows: list[Any]) -> None:
    """A list that {} closes the open epoch of TH in the same transaction: the next frame of it is refused by F2."""
    th = _running(v)
    v.next_list(members=rows)
    v.frame(th, th.frame(_NEXT), refused("F2"))


@scenario("T12")
def trust_closes_no_epoch_of_others(v: Vector) -> None:
    """A list that suspends VN leaves the epoch of TH open: the next frame of TH is accepted."""
    th = _running(v)
    v.next_list(members=[member_row(SG), member_row(TH), member_row(VN, "suspended")])
    v.frame(th, th.frame(_NEXT), ok(_NEXT))


@scenario("T12")
def trust_returned_member_opens_a_new_epoch(v: Vector) -> None:
    """After a suspension ended, frames of the epoch that it closed are still refused by F2, and a new epoch of the
    member is accepted with its frame.
    """
    th = _running(v)
    end = th.link
    v.next_list(members=[member_row(SG), member_row(TH, "suspended"), member_row(VN)])
    v.next_list(members=small_list().members)
    v.frame(th, th.frame(_NEXT), refused("F2"))
    again = v.epoch(link=end, not_before=NOW)
    v.frame(again, again.frame(_NEXT), ok(_NEXT))


# -- T14


@scenario("T14")
def clock_5_min_back(v: Vector) -> None:
    """A clock exactly 5 minutes below the highest time seen is still used: the bundle is judged and accepted."""
    v.start()
    v.later(-5 * MINUTE)
    v.bundle(TH, OK)


@scenario("T14")
def clock_more_than_5_min_back(v: Vector) -> None:
    """A clock more than 5 minutes below the highest time seen makes every object wait by T14, valid or not; the
    frame is accepted when the clock is right again.
    """
    v.start()
    th = v.epoch()
    frame = th.frame(alert())
    v.later(-5 * MINUTE - 1)
    v.list(v.lists.after().signed(), WAIT)
    v.list(v.lists.after().signed("A"), WAIT)
    v.bundle(TH, WAIT)
    v.frame(th, frame, WAIT)
    v.frame(th, frame[:-1], WAIT)
    v.revoke(VN, make_revoke(VN), WAIT)
    v.later(1)
    v.frame(th, frame, ok(alert()))


@scenario("T14")
def clock_back_refuses_no_subject(v: Vector) -> None:
    """While T14 holds, an object whose subject does not parse waits and enters no table, because T14 is judged
    before S1, which refuses it afterwards.
    """
    v.start()
    v.later(-5 * MINUTE - 1)
    v.receive("tip.v1.th.a.keys.all", b"", WAIT)
    v.receive("", b"", WAIT)
    v.later(1)
    v.expired()
    v.receive("tip.v1.th.a.keys.all", b"", refused("S1"))
    v.receive("", b"", refused("S1"))


@scenario("T14")
def clock_back_below_the_highest_time_of_any_object(v: Vector) -> None:
    """The highest time seen is that of any object: after a bundle judged an hour later, a clock set back by that
    hour makes the next one wait by T14.
    """
    v.start()
    v.later(HOUR)
    v.bundle(TH, OK)
    v.later(-HOUR)
    v.bundle(VN, WAIT)


# -- R1


@scenario("R1")
def revoke_takes_effect_at_once(v: Vector) -> None:
    """A Revoke takes effect at once: the next frame under the key is refused by F2, its bundle by K2 and a new
    epoch by E4.
    """
    th = _running(v)
    v.revoke(TH, make_revoke(TH))
    v.frame(th, th.frame(_NEXT), refused("F2"))
    v.bundle(TH, refused("K2"))
    v.epoch(refused("E4"), not_before=NOW)


@scenario("R1")
def revoke_of_the_far_future_takes_effect_now(v: Vector) -> None:
    """A Revoke whose time is 1,000 days ahead takes effect at once, because that time only informs: the bundle of
    the key is refused by K2.
    """
    v.start()
    v.revoke(TH, make_revoke(TH, at=NOW + 1000 * DAY))
    v.bundle(TH, refused("K2"))


@scenario("R1")
def revoke_of_one_key_of_two(v: Vector) -> None:
    """A Revoke of one of two keys of a member leaves the other valid: a bundle of the first is refused by K2, one
    of the second is accepted.
    """
    second = Actor("TH", seed("TH second"))
    v.start(small_list(members=[member_row(SG), member_row(TH, keys=[key_row(TH), key_row(second)]), member_row(VN)]))
    v.revoke(TH, make_revoke(TH))
    v.bundle(TH, refused("K2"))
    v.bundle(second, OK)


@scenario("R1")
def revoke_again(v: Vector) -> None:
    """A Revoke that was accepted is a no-op when it comes again."""
    v.start()
    v.revoke(TH, make_revoke(TH))
    v.revoke(TH, make_revoke(TH), NOOP)


@scenario("R1")
def revoke_of_a_revoked_key_at_another_time(v: Vector) -> None:
    """Only the first Revoke of a key is kept, also after a list revoked the key: a second valid one with another
    time is a no-op, and so is the first one again.
    """
    v.start(small_list(members=[member_row(SG), member_row(TH), member_row(VN, keys=[key_row(VN, revoked_at=NOW)])]))
    for who in (TH, VN):
        v.revoke(who, make_revoke(who))
        v.revoke(who, make_revoke(who, at=NOW + 1), NOOP)
        v.revoke(who, make_revoke(who), NOOP)


@scenario("R1")
def revoke_does_not_undo_what_was_accepted(v: Vector) -> None:
    """A Revoke withdraws nothing that was accepted before it; the same frame presented after it is refused by F2,
    which is judged before duplicates.
    """
    v.start()
    th = v.epoch()
    frame = th.frame(alert())
    v.frame(th, frame, ok(alert()))
    v.frame(th, frame, DUPLICATE)
    v.revoke(TH, make_revoke(TH))
    v.frame(th, frame, refused("F2"))


@scenario("R1")
def revoke_of_an_unknown_key_waits(v: Vector) -> None:
    """A Revoke of a key that no list has waits; after the list with that key it is accepted, and a bundle of the
    key is refused by K2.
    """
    new = Actor("MY")
    v.start()
    v.revoke(new, make_revoke(new), WAIT)
    v.next_list(members=[member_row(new), *small_list().members])
    v.revoke(new, make_revoke(new), OK)
    v.bundle(new, refused("K2"))


@scenario("R1")
def revoke_of_a_key_that_left_the_list(v: Vector) -> None:
    """A Revoke of a key that only an earlier list has is accepted: the key is known."""
    v.start()
    v.next_list(members=[member_row(SG), member_row(VN)])
    v.revoke(TH, make_revoke(TH), OK)


def _revoke(fields: list[Any], signer: Actor = TH, *, outer: bytes = TH.kid, label: str = "revoke") -> bytes:
    raw = encode(fields)
    return revoke.MAGIC + outer + sign(label, signing_key(signer.identity), raw) + raw


_GOOD = ["suar-revoke/1", "asean-test", TH.kid, NOW]


@variants(
    "R1",
    "revoke",
    {
        "signed-by-another-key": _revoke(_GOOD, VN),
        "signed-as-a-list": _revoke(_GOOD, label="trust"),
        "of-two-kids": _revoke([*_GOOD[:2], VN.kid, NOW]),
        "of-another-federation": _revoke([_GOOD[0], "other", *_GOOD[2:]]),
        "other-magic": _revoke(["suar-revoke/2", *_GOOD[1:]]),
        "one-field-more": _revoke([*_GOOD, 0]),
        "at-as-text": _revoke([*_GOOD[:3], "now"]),
        "unknown-object-magic": b"SUR2" + _revoke(_GOOD)[4:],
        "of-no-bytes-after-the-signature": _revoke(_GOOD)[:84],
    },
    words={
        "signed-as-a-list": "signed with the label of a trust list",
        "of-two-kids": "whose inner kid is not the outer one",
        "other-magic": "with the magic suar-revoke/2",
        "one-field-more": "with one field more",
        "at-as-text": "whose time is a text",
        "unknown-object-magic": "with the object magic SUR2",
        "of-no-bytes-after-the-signature": "with nothing after its signature",
    },
)
def revoke_form(v: Vector, data: bytes) -> None:
    """A Revoke {} is refused by R1, and a bundle of the key is accepted afterwards."""
    v.start()
    v.revoke(TH, data, refused("R1"))
    v.bundle(TH, OK)


@variants(
    "R1",
    "revoke-each",
    {"truncation": "truncation", "bit-flip": "bit-flip"},
    words={
        "bit-flip": "single bit flip",
    },
)
def revoke_each(v: Vector, each: str) -> None:
    """Every {} of a Revoke is refused, or waits where it names an unknown key, and the Revoke as it was signed is
    accepted afterwards.
    """
    v.start()
    v.revoke(TH, make_revoke(TH), ANY_REFUSAL, each=each)
    v.revoke(TH, make_revoke(TH), OK)


@variants(
    "R1",
    "revoke",
    {"of-1024-bytes": (895, OK), "of-1025-bytes": (896, refused("R1"))},
    words={
        "of-1024-bytes": "1,024 bytes is accepted: R1 allows no more",
        "of-1025-bytes": "1,025 bytes is refused by R1, which allows at most 1 KiB",
    },
)
def revoke_size(v: Vector, case: tuple[int, Any]) -> None:
    """A Revoke of {}."""
    v.start(small_list(federation="f" * case[0]))
    data = make_revoke(TH, v.federation)
    assert len(data) == case[0] + 129
    v.revoke(TH, data, case[1])


@scenario("R1")
def revoke_comes_from_any_member(v: Vector) -> None:
    """A Revoke of the key of TH that VN brings is accepted and takes effect: it is signed by the revoked key
    itself, whoever brings it.
    """
    v.start()
    v.receive(subjects.hub("VN", subjects.revoke(TH.kid)), make_revoke(TH), OK)
    v.bundle(TH, refused("K2"))

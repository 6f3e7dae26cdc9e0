"""The most costly object that each rule refuses, or lets pass: what docs/bounds.md says of it is measured with these.

Each is made for SG, a gateway with its store, whose federation has as many roots as a list can have signatures. Each
maker may first bring the gateway into the state in which its object costs most.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from msgspec.structs import replace

from suar.protocol.base import limits, subjects
from suar.protocol.base.limits import DAY, HOUR, MINUTE
from suar.protocol.base.primitives import Secret, kid, public_of, sign, signing_key
from suar.protocol.base.wire import encode
from suar.protocol.message import messages
from suar.protocol.message.messages import Receipt
from suar.protocol.transport import epoch as epochs
from suar.protocol.transport.content import digest
from suar.protocol.transport.epoch import Link
from suar.protocol.transport.world import ChainKey, MissingEpoch
from suar.protocol.trust import revoke
from suar.service.trust import trust_sync
from suar.store.messages.rows import NewMessage, insert_messages
from suar.store.outbound import outbox
from support.corekit import CoreKit, bundle_of, epoch_of
from support.kit import (
    NOW,
    Actor,
    ListMaker,
    Sending,
    actor,
    alert,
    beat,
    craft_epoch,
    head,
    key_row,
    make_bundle,
    make_revoke,
    member_row,
    seed,
    sign_raw,
)

SG, TH, MY = actor("SG"), actor("TH"), Actor("MY")
MEMBERS = ("SG", "TH", "VN")
ROOTS = tuple(f"R{n}" for n in range(limits.TRUST_SIGNATURES))
Object = tuple[str, bytes]


class WideList(ListMaker):
    """Signed by as many roots as a list can have signatures."""

    def signed(self, *signers: str) -> bytes:
        return super().signed(*(signers or ROOTS))


def first_list() -> ListMaker:
    rows = [member_row(actor(code)) for code in MEMBERS]
    return WideList(roots=ROOTS, threshold=17, members=rows)


class Costly(NamedTuple):
    rule: str
    case: str  # what it is, as the document says it
    make: Callable[[CoreKit], Object]


CASES: list[Costly] = []


def costly(rule: str, case: str) -> Callable[[Callable[[CoreKit], Object]], Callable[[CoreKit], Object]]:
    def keep(make: Callable[[CoreKit], Object]) -> Callable[[CoreKit], Object]:
        CASES.append(Costly(rule, case, make))
        return make

    return keep


def settle(kit: CoreKit) -> None:
    """Everybody has a bundle; ours left long ago."""
    trust_sync.renew_bundle(kit.core)
    with kit.core.transaction() as connection:
        rows = [(row.n, NOW - outbox.AGAIN_AFTER) for row in outbox.unpublished(connection, 100)]
        outbox.mark_published(connection, rows)
    kit.receive(*(bundle_of(actor(code)) for code in MEMBERS if code != "SG"))


# -- subjects and lists


@costly("S1", "the largest object")
def _subject(_: CoreKit) -> Object:
    return "tip.v1." + "x" * 4_000, bytes(1_000_000)


def _list(data: bytes, sender: str = "VN") -> Object:
    return subjects.hub(sender, subjects.trust(2)), data


def _padded(lists: ListMaker, *signers: str, cut: int = 0) -> bytes:
    """The largest list of this content: a root's holder has so long a name."""
    names = signers or ROOTS
    room = limits.TRUST_BYTES - len(lists.signed(*names)) - 8
    fields = lists.fields()
    fields[7][-1][2] += "x" * (room - cut)
    return sign_raw(encode(fields), *names)


@costly("T1", "a byte too long")
def _too_long(kit: CoreKit) -> Object:
    data = _padded(kit.lists.after())
    return _list(data + bytes(limits.TRUST_BYTES + 1 - len(data)))


@costly("T2", "of whoever has no root key: signatures of all roots, none valid")
def _strangers(kit: CoreKit) -> Object:
    _other_root(kit)
    data = bytearray(_padded(kit.lists.after(), *kit.lists.roots))
    for last_byte in range(84, 85 + 80 * limits.TRUST_SIGNATURES, 80):
        data[last_byte] ^= 1
    return _list(bytes(data))


def _other_root(kit: CoreKit) -> None:
    """A list with one root replaced: those who admitted it are others than its own."""
    kit.lists = kit.lists.after(roots=(*ROOTS[1:], "last"))
    kit.receive(_list(kit.lists.signed(*ROOTS)))
    assert kit.core.world.trust.version == 2


@costly("T2", "of who has all root keys but one: the last signature is not valid")
def _nearly_all(kit: CoreKit) -> Object:
    _other_root(kit)
    names = kit.lists.roots
    data = bytearray(_padded(kit.lists.after(version=2, prev=kit.lists.prev, issued=kit.lists.issued), *names))
    data[5 + 80 * limits.TRUST_SIGNATURES - 1] ^= 1
    return _list(bytes(data))


@costly("T3", "of a majority of root keys: the largest list, wrong in its last field")
def _malformed(kit: CoreKit) -> Object:
    fields = kit.lists.after().fields()
    fields[7][-1][2] += "x" * 250_000
    fields[8][-1][5] = [7]
    return _list(sign_raw(encode(fields), *ROOTS))


def _after(kit: CoreKit, **changes: Any) -> Object:
    return _list(_padded(kit.lists.after(**changes)))


@costly("T4", "the same with a threshold that is no majority")
def _threshold(kit: CoreKit) -> Object:
    return _after(kit, threshold=16)


@costly("T5", "the same of our version: a fork")
def _fork(kit: CoreKit) -> Object:
    return _after(kit, version=1)


@costly("T6", "the same, a version too far")
def _skipped(kit: CoreKit) -> Object:
    return _after(kit, version=3)


@costly("T7", "the same after another list")
def _other_chain(kit: CoreKit) -> Object:
    return _after(kit, prev=bytes(32))


@costly("T8", "the same from the future")
def _future(kit: CoreKit) -> Object:
    return _after(kit, issued=NOW + HOUR)


@costly("T9", "the same with as many keys as fit, the members not in order")
def _many_keys(kit: CoreKit) -> Object:
    keys = [[kid(public := public_of(seed(f"key {n}"))), public, 0, 0, None] for n in range(MANY_KEYS)]
    rows = [member_row(TH), member_row(SG, keys=[key_row(SG), *keys])]
    return _list(kit.lists.after(members=rows).signed(*ROOTS))


MANY_KEYS = 4_500
"""Keys of 57 bytes in a list of 256 KiB, beside its 32 signatures and roots."""


@costly("T10", "the same, signed by all old roots and too few of the new ones")
def _few_new(kit: CoreKit) -> Object:
    more = tuple(f"N{n}" for n in range(40))
    return _after(kit, roots=(*ROOTS, *more), threshold=37)


@costly("T11", "a list that is accepted: the largest")
def _accepted_list(kit: CoreKit) -> Object:
    return _after(kit)


@costly("T12", "a list that is accepted and suspends a member with 100 epochs")
def _suspends(kit: CoreKit) -> Object:
    settle(kit)
    _flood(kit, 100)
    rows = [member_row(actor(code), "suspended" if code == "TH" else "active") for code in MEMBERS]
    return _after(kit, members=rows)


@costly("R1", "the largest, of another federation")
def _long_revoke(_: CoreKit) -> Object:
    data = make_revoke(TH, "x" * 895)
    return subjects.hub("VN", subjects.revoke(TH.kid)), data


@costly("R1", "signed by another key")
def _false_revoke(kit: CoreKit) -> Object:
    raw = encode(["suar-revoke/1", kit.lists.federation, TH.kid, NOW])
    signed = revoke.MAGIC + TH.kid + sign("revoke", signing_key(MY.identity), raw) + raw
    return subjects.hub("VN", subjects.revoke(TH.kid)), signed


@costly("R1", "of a key that no list has: it waits")
def _unknown_revoke(_: CoreKit) -> Object:
    return subjects.hub("VN", subjects.revoke(MY.kid)), make_revoke(MY)


# -- bundles


def _bundle(who: Actor, data: bytes) -> Object:
    return subjects.hub(who.code, subjects.keys(who.kid)), data


@costly("K1", "a byte too long")
def _long_bundle(_: CoreKit) -> Object:
    return _bundle(TH, make_bundle(TH).ljust(limits.BUNDLE_BYTES + 1, b"\0"))


@costly("K2", "the largest, of a key that no list has: it waits")
def _unknown_bundle(_: CoreKit) -> Object:
    return subjects.hub("VN", subjects.keys(MY.kid)), make_bundle(MY).ljust(limits.BUNDLE_BYTES, b"\0")


@costly("K3", "the largest, whose signature is not valid")
def _false_bundle(_: CoreKit) -> Object:
    return _bundle(TH, make_bundle(TH).ljust(limits.BUNDLE_BYTES, b"\0"))


@costly("K4", "a window of 8 days")
def _wide_bundle(_: CoreKit) -> Object:
    return _bundle(TH, make_bundle(TH, not_after=NOW + 8 * DAY))


@costly("K5", "older than the last one")
def _older_bundle(kit: CoreKit) -> Object:
    settle(kit)
    return _bundle(TH, make_bundle(TH, not_before=NOW - 2 * HOUR))


@costly("K6", "an X25519 part of zeros, which only raises when it is used")
def _useless_bundle(_: CoreKit) -> Object:
    return _bundle(TH, make_bundle(TH, kem_public=TH.kem_public[:1184] + bytes(32)))


@costly("K6", "one that is accepted")
def _good_bundle(_: CoreKit) -> Object:
    return _bundle(TH, make_bundle(TH))


# -- epochs


def _epoch(sending: Sending) -> Object:
    return epoch_of(sending)


def _largest(data: bytes, members: int = len(MEMBERS)) -> bytes:
    return data.ljust(epochs.size_limit(members), b"\0")


@costly("E1", "the largest, of a key that no list has: it waits")
def _unknown_epoch(kit: CoreKit) -> Object:
    sending = craft_epoch(MY, kit.lists)
    return subjects.hub("VN", subjects.epoch("actual", "all", sending.opened.id)), _largest(sending.opened.data)


@costly("E2", "the largest, whose signature is not valid")
def _false_epoch(kit: CoreKit) -> Object:
    subject, data = _epoch(craft_epoch(TH, kit.lists))
    return subject, _largest(data)


@costly("E3", "on the subject of another channel")
def _misplaced(kit: CoreKit) -> Object:
    sending = craft_epoch(TH, kit.lists, to=MEMBERS)
    return subjects.hub("TH", subjects.epoch("actual", "SG", sending.opened.id)), sending.opened.data


@costly("E3", "under a list up to 64 versions ahead: it waits")
def _ahead(kit: CoreKit) -> Object:
    return _epoch(craft_epoch(TH, kit.lists, to=MEMBERS, trust_version=65))


@costly("E4", "of a suspended member")
def _suspended(kit: CoreKit) -> Object:
    rows = [member_row(actor(code), "suspended" if code == "TH" else "active") for code in MEMBERS]
    kit.lists = kit.lists.after(members=rows)
    kit.receive(_list(kit.lists.signed(*ROOTS)))
    return _epoch(craft_epoch(TH, kit.lists, to=MEMBERS))


@costly("E5", "of 25 hours")
def _long_epoch(kit: CoreKit) -> Object:
    return _epoch(craft_epoch(TH, kit.lists, to=MEMBERS, not_after=NOW + 25 * HOUR))


@costly("E6", "of our version with another hash")
def _other_list(kit: CoreKit) -> Object:
    return _epoch(craft_epoch(TH, kit.lists, to=MEMBERS, trust_hash=bytes(32)))


@costly("E7", "without one of its wraps")
def _dropped(kit: CoreKit) -> Object:
    return _epoch(craft_epoch(TH, kit.lists, to=MEMBERS, wraps=lambda wraps: wraps[1:]))


@costly("E7", "for the channel of nobody")
def _channel_of_nobody(kit: CoreKit) -> Object:
    return _epoch(craft_epoch(TH, kit.lists, channel="ZZ", to=MEMBERS))


@costly("E8", "before the last one of its chain")
def _earlier(kit: CoreKit) -> Object:
    kit.receive(_epoch(craft_epoch(TH, kit.lists, to=MEMBERS)))
    return _epoch(craft_epoch(TH, kit.lists, to=MEMBERS, not_before=NOW - HOUR, not_after=NOW))


@costly("E8", "accepted; it names a predecessor that we lack, and as many are recorded already")
def _missing_answer(kit: CoreKit) -> Object:
    settle(kit)
    chain = kit.core.world.chain(ChainKey(TH.kid, "actual", "all"))
    chain.missing |= {n.to_bytes(32, "big"): MissingEpoch(1, bytes(32)) for n in range(limits.EPOCHS_MISSING)}
    return _epoch(craft_epoch(TH, kit.lists, to=MEMBERS, link=Link(b"\xff" * 32, 1, bytes(32))))


@costly("E9", "accepted in its chain, but its secret is not the one that it commits to; we are left out, and ask")
def _two_secrets(kit: CoreKit) -> Object:
    return _epoch(craft_epoch(TH, kit.lists, to=MEMBERS, wrapped=bytes(32)))


@costly("E9", "accepted in its chain; we are left out, publish our bundle and ask")
def _left_out(kit: CoreKit) -> Object:
    settle(kit)
    return _epoch(craft_epoch(TH, kit.lists, to=("TH", "VN")))


@costly("E10", "one more than 240 in its hour")
def _one_more(kit: CoreKit) -> Object:
    chain = kit.core.world.chain(ChainKey(TH.kid, "actual", "all"))
    chain.hours[(NOW - MINUTE) // HOUR] = limits.EPOCHS_AN_HOUR
    return _epoch(craft_epoch(TH, kit.lists, to=MEMBERS))


def _flood(kit: CoreKit, count: int) -> Sending:
    sending = None
    for n in range(count):
        link = sending.link if sending else None
        sending = craft_epoch(TH, kit.lists, to=MEMBERS, link=link, not_before=NOW - HOUR + n)
        kit.receive(_epoch(sending))
    assert sending is not None
    return sending


# -- frames


def _sending(kit: CoreKit) -> Sending:
    """TH's open epoch, of which a frame of one message is held."""
    settle(kit)
    sending = craft_epoch(TH, kit.lists, to=MEMBERS)
    kit.receive(_epoch(sending), (sending.subject, sending.frame(alert())))
    return sending


LARGEST = 200 + (limits.FRAME_BYTES_MAX - 200) // limits.PAD_BLOCK * limits.PAD_BLOCK
"""Bytes of the largest frame."""


def _large(sending: Sending, **parts: Any) -> Object:
    """The largest frame: one body of its own, not a list of messages."""
    return sending.subject, sending.craft(body=bytes(LARGEST - 200 - limits.PAD_BLOCK), count=1, **parts)


@costly("F1", "a block too long")
def _long_frame(kit: CoreKit) -> Object:
    sending = _sending(kit)
    return sending.subject, sending.craft(body=bytes(LARGEST), count=1)


@costly("F2", "the largest, of an epoch that we do not know: it waits")
def _homeless(kit: CoreKit) -> Object:
    return _large(craft_epoch(TH, kit.lists))


@costly("F2", "the largest, of an epoch that E7 refused")
def _of_a_refused_epoch(kit: CoreKit) -> Object:
    sending = craft_epoch(TH, kit.lists, channel="ZZ", to=("TH",))
    kit.receive(_epoch(sending))
    return _large(sending)


@costly("F3", "the largest, on another channel's subject")
def _misplaced_frame(kit: CoreKit) -> Object:
    sending = _sending(kit)
    return subjects.hub("TH", subjects.frame("actual", "SG", sending.opened.id)), _large(sending)[1]


@costly("F4", "the largest, whose signature is not valid")
def _false_frame(kit: CoreKit) -> Object:
    return _large(_sending(kit), signing=signing_key(MY.identity))


@costly("F5", "the largest, sent after its epoch")
def _late_frame(kit: CoreKit) -> Object:
    return _large(_sending(kit), ts=NOW + DAY)


@costly("F6", "the largest, another under a number that we hold")
def _second(kit: CoreKit) -> Object:
    return _large(_sending(kit), seq=0, prev=bytes(32))


@costly("F6", "the largest, after all that could be missing")
def _last(kit: CoreKit) -> Object:
    return _large(_sending(kit), seq=65_535, prev=bytes(32))


@costly("F7", "the largest, sealed with another secret; our own seed is used anew after a restart")
def _unopened(kit: CoreKit) -> Object:
    sending = _sending(kit)
    kit.core.load()
    return _large(sending, secret=Secret(bytes(32)))


@costly("F8", "256 messages, none of them in the JSON form")
def _formless(kit: CoreKit) -> Object:
    sending = _sending(kit)
    return sending.subject, sending.frame(*[b"{" * 3_000] * 256)


TEXTS = [{"lang": lang, "title": "t" * 120, "summary": "s" * 500} for lang in ("en", "th", "vi")]


def _messages(first: int, **changes: Any) -> list[bytes]:
    return [alert(f"TH-ALERT-2027-{first + n:06}", text=TEXTS, **changes) for n in range(256)]


@costly("F8", "256 messages to others than their audience")
def _over_shared(kit: CoreKit) -> Object:
    sending = _sending(kit)
    return sending.subject, sending.frame(*_messages(100, audience={"members": ["VN"]}))


@costly("F9", "256 messages, each another text than the one that we hold")
def _two_texts(kit: CoreKit) -> Object:
    sending = _sending(kit)
    kit.receive((sending.subject, sending.frame(*_messages(100))))
    return sending.subject, sending.frame(*_messages(100, severity="minor"))


@costly("F10", "256 messages that are accepted")
def _accepted(kit: CoreKit) -> Object:
    sending = _sending(kit)
    return sending.subject, sending.frame(*_messages(100))


REVISIONS = 9_000
"""Revisions of `REVISED` that are held, of 9,999 that it can have."""
REVISED = "TH-ALERT-2027-000002"


def _revisions(kit: CoreKit) -> tuple[Sending, list[bytes]]:
    """TH's epoch, and a message of which so many revisions are held: further 256, each with three texts."""
    sending, data = _sending(kit), alert(REVISED)
    first = messages.read(data)
    assert not isinstance(first, Receipt)
    made = [NewMessage(replace(first, rev=n), data, digest(data), "TH", NOW) for n in range(1, REVISIONS + 1)]
    with kit.core.transaction() as connection:
        insert_messages(connection, kit.core.vault, made)
    return sending, [alert(REVISED, rev=REVISIONS + n, action="update", text=TEXTS) for n in range(1, 257)]


@costly("F10", "256 further revisions of a message of which we hold 9,000")
def _revised(kit: CoreKit) -> Object:
    sending, further = _revisions(kit)
    return sending.subject, sending.frame(*further)


@costly("F10", "the cancel of a message of which we hold 256 revisions that came in one frame")
def _cancelled(kit: CoreKit) -> Object:
    sending = _sending(kit)
    revisions = [alert(REVISED, rev=n, action="new" if n == 1 else "update", text=TEXTS) for n in range(1, 257)]
    kit.receive((sending.subject, sending.frame(*revisions)))
    return sending.subject, sending.frame(alert(REVISED, rev=257, action="cancel", reason="found to be untrue"))


HEADS = 481
"""Heads of 136 bytes in a heartbeat of 64 KiB: the most that fit."""


def signed_heads(kit: CoreKit) -> tuple[Sending, list[list[object]]]:
    """TH's open epoch, and as many heads of it as fit, each with another number and hash, which TH signed."""
    sending = _sending(kit)
    ahead = Sending(TH, sending.opened, "actual", "all")
    for _ in range(472):
        ahead.frame(b"{}")
    return sending, [head(ahead, n) for n in range(3, 473)]


@costly("F11", "a heartbeat of as many heads as fit, each of another number and none of them signed")
def _heads(kit: CoreKit) -> Object:
    sending = _sending(kit)
    heads = [head(sending, 1, frames=2 + n % 126, hash=n.to_bytes(32, "big")) for n in range(HEADS)]
    return sending.subject, sending.frame(body=beat(kit.lists, heads_of_mine=heads))


@costly("F11", "the same, each signed by its sender: gaps that it could announce as frames")
def _signed_heads(kit: CoreKit) -> Object:
    sending, heads = signed_heads(kit)
    return sending.subject, sending.frame(body=beat(kit.lists, heads_of_mine=heads))


@costly("F11", "the same by a third member: claims about one epoch, for which its sender is asked once")
def _claims(kit: CoreKit) -> Object:
    ahead = _sending(kit)
    claimant = craft_epoch(actor("VN"), kit.lists, to=MEMBERS)
    kit.receive(_epoch(claimant))
    for _ in range(472):
        ahead.frame(b"{}")
    heads = [head(ahead, n) for n in range(3, 473)]
    return claimant.subject, claimant.frame(body=beat(kit.lists, heads_seen=heads))

"""A federation in memory for protocol tests: keys from published seeds, every object made by hand.

What it makes goes around the checks of `sender.py` on purpose: hostile objects are made here too.
"""

import hashlib
import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Unpack

import msgspec

from suar.protocol.base import limits, subjects
from suar.protocol.base.primitives import (
    ZERO32,
    KemKey,
    KemPublic,
    bundle_kid,
    hash_,
    kid,
    public_of,
    signing_key,
)
from suar.protocol.base.wire import encode
from suar.protocol.transport import epoch as epochs
from suar.protocol.transport import frame as frames
from suar.protocol.transport.admission import admit
from suar.protocol.transport.epoch import Link, Opened, Terms
from suar.protocol.transport.frame import Position
from suar.protocol.transport.heartbeat import Heartbeat
from suar.protocol.transport.heartbeat import write as write_heartbeat
from suar.protocol.transport.outcome import Outcome
from suar.protocol.transport.world import Memory, World
from suar.protocol.trust import bundle as bundles
from suar.protocol.trust import revoke, trustlist
from suar.protocol.trust.bundle import Bundle
from support.crafted import EPOCH_FIELDS, CraftedEpoch, CraftedFrame, EpochParts, FrameParts

NOW = 1_800_000_000_000  # 2027-01-15T08:00:00Z
FEDERATION = "asean-test"
MEMBERS = ("KH", "SG", "TH", "VN")


def seed(name: str) -> bytes:
    """A published seed: SHA-256 of its name. Test keys only."""
    return hashlib.sha256(f"suar test seed {name}".encode()).digest()


@cache
def _public_of(identity: bytes) -> bytes:
    return public_of(identity)


@cache
def _kem_public(kem_seed: bytes) -> bytes:
    return KemKey(kem_seed).public


@cache
def _recipient(code: str, kem_seed: bytes) -> tuple[str, bytes, KemPublic]:
    public = _kem_public(kem_seed)
    return code, bundle_kid(code, public), KemPublic(public)


@dataclass
class Actor:
    """A member with its keys; `kem_seed` may be rotated by the test."""

    code: str
    identity: bytes = b""
    kem_seed: bytes = b""

    def __post_init__(self) -> None:
        self.identity = self.identity or seed(f"{self.code} identity")
        self.kem_seed = self.kem_seed or seed(f"{self.code} kem")

    @property
    def public(self) -> bytes:
        return _public_of(self.identity)

    @property
    def kid(self) -> bytes:
        return kid(self.public)

    @property
    def kem_public(self) -> bytes:
        return _kem_public(self.kem_seed)

    def recipient(self) -> tuple[str, bytes, KemPublic]:
        return _recipient(self.code, self.kem_seed)


def actor(code: str) -> Actor:
    return Actor(code)


def key_row(who: Actor, *, revoked_at: int | None = None, **window: int) -> list[Any]:
    begin, end = window.get("not_before", NOW - limits.DAY), window.get("not_after", NOW + 300 * limits.DAY)
    return [who.kid, who.public, begin, end, revoked_at]


def member_row(who: Actor, status: str = "active", **more: Any) -> list[Any]:
    keys = more.get("keys") or [key_row(who)]
    return [who.code, f"State {who.code}", status, keys, more.get("publish", ["*"]), more.get("read", ["*"])]


@cache
def root(name: str) -> tuple[bytes, bytes]:
    """(seed, public key) of a root key holder."""
    own = seed(f"root {name}")
    return own, public_of(own)


@dataclass
class ListMaker:
    """The raw fields of a trust list, each open to be wrong."""

    version: int = 1
    issued: int = NOW - limits.HOUR
    expires: int = NOW + 180 * limits.DAY
    prev: bytes = ZERO32
    threshold: int = 2
    roots: tuple[str, ...] = ("A", "B", "C")
    members: list[list[Any]] = field(default_factory=lambda: [member_row(actor(code)) for code in MEMBERS])
    federation: str = FEDERATION

    def raw(self) -> bytes:
        roots = [[kid(root(name)[1]), root(name)[1], f"Holder {name}"] for name in self.roots]
        return encode(
            ["suar-trust/1", self.federation, self.version, self.issued, self.expires, self.prev, self.threshold, roots,
             self.members]
        )  # fmt: skip

    def signed(self, *signers: str) -> bytes:
        raw = self.raw()
        return trustlist.assemble(raw, [trustlist.sign_list(raw, *root(name)) for name in signers or ("A", "B")])

    def fields(self) -> list[Any]:
        """The list as msgpack has it, for a test that breaks its form."""
        return list(msgspec.msgpack.decode(self.raw()))

    def hash(self) -> bytes:
        return hash_("trust", self.raw())

    def after(self, **changes: Any) -> "ListMaker":
        """The next version of this list, with changes."""
        base: dict[str, Any] = {
            "version": self.version + 1,
            "prev": self.hash(),
            "issued": self.issued + 1,
            "expires": self.expires,
        }
        kept = {
            "roots": self.roots,
            "members": self.members,
            "threshold": self.threshold,
            "federation": self.federation,
        }
        return ListMaker(**(base | kept | changes))


def sign_raw(raw: bytes, *signers: str) -> bytes:
    """A list object over any raw bytes."""
    return trustlist.assemble(raw, [trustlist.sign_list(raw, *root(name)) for name in signers or ("A", "B")])


def make_bundle(who: Actor, *, member: str | None = None, **changes: Any) -> bytes:
    fields: dict[str, Any] = {
        "magic": "suar-keys/1",
        "federation": FEDERATION,
        "member": member or who.code,
        "not_before": NOW - limits.HOUR,
        "not_after": NOW + 2 * limits.DAY,
        "kem_public": who.kem_public,
        "trust_version": 1,
        "trust_hash": ZERO32,
    }
    return bundles.make(Bundle(**(fields | changes)), signing_key(who.identity), who.public)


@dataclass
class Sending:
    """An epoch of a sender and its frames, made without any check."""

    who: Actor
    opened: Opened
    realm: str
    channel: str
    seq: int = 0
    prev: bytes = b""
    sent: list[frames.Sealed] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.prev = self.prev or self.opened.id

    @property
    def link(self) -> Link:
        return Link(self.opened.id, self.seq, self.prev)

    @property
    def subject(self) -> str:
        return subjects.hub(self.who.code, subjects.frame(self.realm, self.channel, self.opened.id))

    @property
    def epoch_subject(self) -> str:
        return subjects.hub(self.who.code, subjects.epoch(self.realm, self.channel, self.opened.id))

    def frame(self, *contents: bytes, ts: int = NOW, body: bytes | None = None, is_last: bool = False) -> bytes:
        at = Position(self.opened.id, self.seq, self.prev)
        sealed = frames.seal_frame(
            self.realm, self.opened.secret, self.opened.signing, at, ts, contents, body=body, is_last=is_last
        )
        self.seq, self.prev = self.seq + 1, sealed.hash
        self.sent.append(sealed)
        return sealed.data

    def crafted(self, *contents: bytes, **parts: Unpack[FrameParts]) -> CraftedFrame:
        """The next frame, of which any part is what the test says."""
        own = {
            "realm": self.realm, "epoch_id": self.opened.id, "seq": self.seq, "prev": self.prev, "ts": NOW,
            "secret": self.opened.secret, "signing": self.opened.signing,
        }  # fmt: skip
        changed = {name: value for name, value in parts.items() if value is not None}
        return CraftedFrame(contents=contents, **(own | changed))  # type: ignore[arg-type]  # by name, as FrameParts has them

    def craft(self, *contents: bytes, moves_on: bool = True, **parts: Unpack[FrameParts]) -> bytes:
        """Its bytes; the next one is behind it if the sending `moves_on`."""
        made = self.crafted(*contents, **parts)
        if moves_on:
            self.seq, self.prev = made.seq + 1, made.hash
        return made.data


def open_sending(
    who: Actor, lists: ListMaker, *, channel: str = "all", realm: str = "actual", link: Link | None = None,
    to: tuple[str, ...] = MEMBERS, **changes: Any,
) -> Sending:  # fmt: skip
    terms: dict[str, Any] = {
        "federation": FEDERATION,
        "realm": realm,
        "sender": who.code,
        "channel": channel,
        "not_before": NOW - limits.MINUTE,
        "not_after": NOW + 6 * limits.HOUR,
        "trust_version": lists.version,
        "trust_hash": lists.hash(),
    }
    recipients = [actor(code).recipient() for code in to]
    opened = epochs.open_epoch(
        Terms(**(terms | changes)), link or Link(), recipients, signing_key(who.identity), who.public
    )
    return Sending(who, opened, realm, channel)


def craft_epoch(who: Actor, lists: ListMaker, **parts: Unpack[EpochParts]) -> Sending:
    """A signed epoch of which any part is what the test says."""
    fields: dict[str, Any] = {n: v for n, v in parts.items() if n in EPOCH_FIELDS and n not in {"channel", "realm"}}
    channel, realm = parts.get("channel", "all"), parts.get("realm", "actual")
    labels, link, signer = parts.get("labels") or realm, parts.get("link") or Link(), parts.get("signer") or who
    secret = parts.get("secret") or seed(f"secret {who.code} {fields}")
    frame_seed = seed(f"frames {who.code} {fields}")
    recipients = [actor(code).recipient() for code in parts.get("to", ("SG", "TH"))]
    values: dict[str, Any] = {
        "magic": "suar-epoch/1", "federation": lists.federation, "realm": realm, "sender": who.code,
        "channel": channel, "not_before": NOW - limits.MINUTE, "not_after": NOW + 6 * limits.HOUR,
        "trust_version": lists.version, "trust_hash": lists.hash(), "public": public_of(frame_seed),
        "commit": hash_("commit", secret, labels), "prev_epoch": link.epoch_id, "prev_frames": link.frames,
        "prev_hash": link.hash,
        "recipients": [[code, name] for code, name, _ in recipients],
    }  # fmt: skip
    made = CraftedEpoch(
        fields=values | fields | (parts.get("fields_replaced") or {}), kid=who.kid, identity=signer.identity,
        secret=secret, frame_seed=frame_seed, recipients=recipients, labels=labels, wraps=parts.get("wraps", list),
        wrapped=parts.get("wrapped"), label=parts.get("label", "epoch"), extra=parts.get("extra", ()),
    )  # fmt: skip
    return Sending(who, made.opened(), realm, channel)


def beat(lists: ListMaker, **changes: Any) -> bytes:
    """A heartbeat's body that says what everybody knows."""
    values: dict[str, Any] = {
        "heads_of_mine": [], "heads_seen": [], "trust_version": lists.version, "trust_hash": lists.hash(),
        "revokes": hash_("revoke", b""), "bundle_kid": bytes(16), "faults": [],
    }  # fmt: skip
    return write_heartbeat(Heartbeat(**(values | changes)))


def head(sending: Sending, frames_: int, **changes: Any) -> list[Any]:
    """The head that says: `frames_` frames, the last one as it was sent."""
    last = sending.sent[frames_ - 1]
    values = {"epoch_id": sending.opened.id, "frames": frames_, "hash": last.hash, "signature": last.signature}
    return list((values | changes).values())


@dataclass
class Receiver:
    """A world that admits, and keeps what it admitted as a store would."""

    member: str = "SG"
    lists: ListMaker = field(default_factory=ListMaker)
    now: int = NOW

    def __post_init__(self) -> None:
        self.memory = Memory()
        self.world = World(FEDERATION, self.member, self.memory, self.lists.hash())
        self.world.add_kem_seed(actor(self.member).kem_seed)

    def receive(self, subject: str, data: bytes, now: int | None = None) -> Outcome:
        out = admit(self.world, subject, data, now or self.now)
        self.memory.commit(self.world.pop_changes())
        return out

    def trust(self) -> "Receiver":
        out = self.receive_list(self.lists.signed())
        assert out.result == "ok", out
        return self

    def receive_list(self, data: bytes, now: int | None = None) -> Outcome:
        return self.receive("tip.v1.xa.a.trust.all.1", data, now)

    def receive_bundle(self, who: Actor, data: bytes, now: int | None = None) -> Outcome:
        return self.receive(subjects.hub(who.code, subjects.keys(who.kid)), data, now)

    def receive_revoke(self, who: Actor, data: bytes, sender: str = "XA") -> Outcome:
        return self.receive(subjects.hub(sender, subjects.revoke(who.kid)), data)

    def receive_epoch(self, sending: Sending, now: int | None = None) -> Outcome:
        return self.receive(sending.epoch_subject, sending.opened.data, now)

    def receive_frame(self, sending: Sending, data: bytes, now: int | None = None) -> Outcome:
        return self.receive(sending.subject, data, now)


def alert(id_: str = "TH-ALERT-2027-000001", **changes: Any) -> bytes:
    """A small valid alert, to everybody, as its gateway would send it."""
    value = {
        "kind": "alert", "schema": "alert/1.0", "id": id_, "rev": 1, "action": "new", "status": "actual",
        "issuer": {"member": id_[:2], "body": "National desk", "sector": "law-enforcement"},
        "sent": "2027-01-15T08:00:00Z", "expires": "2027-02-14T08:00:00Z", "tlp": "AMBER",
        "audience": {"members": "all"},
        "text": [{"lang": "en", "title": "Office jobs abroad", "summary": "Recruiters promise office work"}],
        "source": {"type": "investigation", "reliability": "B", "credibility": 2, "confidence": 70},
        "event": "recruitment-campaign", "urgency": "expected", "severity": "severe", "certainty": "likely",
        "request": [{"action": "acknowledge"}], "desk": f"{id_[:2]}-CONTACT-2027-000001",
    }  # fmt: skip
    return json.dumps({k: v for k, v in (value | changes).items() if v is not None}, ensure_ascii=False).encode()


def id_of(number: int) -> str:
    """The id of TH's alert of that number."""
    return f"TH-ALERT-2027-{number:06}"


def urgent(number: int, urgency: str = "immediate", **changes: Any) -> bytes:
    """TH's alert of that number and urgency."""
    return alert(id_of(number), urgency=urgency, ack_within=24 if urgency == "immediate" else None, **changes)


def make_revoke(who: Actor, federation: str = FEDERATION, *, at: int = NOW) -> bytes:
    """A Revoke of the member's key, by itself."""
    return revoke.make(federation, who.identity, who.public, at)

"""The epoch: one secret, wrapped for each recipient, and the key that signs its frames (protocol.md section 5).

This module judges what the bytes and the trust lists alone decide; chains are in `world.py`, the order of the checks in
`admission.py`.
"""

from typing import Annotated, Final, Literal, NamedTuple

import msgspec

from suar.protocol.base import limits
from suar.protocol.base.errors import Refused, Wait
from suar.protocol.base.primitives import (
    ZERO32,
    CryptoError,
    KemKey,
    KemPublic,
    Secret,
    Signer,
    d,
    hash_,
    is_equal,
    kid,
    public_of,
    random_seed,
    sign,
    signing_key,
    verify,
)
from suar.protocol.base.subjects import Subject
from suar.protocol.base.wire import Array, Bytes16, Bytes32, Code, Malformed, UInt, decode, encode
from suar.protocol.trust.members import TrustStore
from suar.protocol.trust.trustlist import TrustList

MAGIC: Final = b"SUE1"
_HEAD: Final = 84  # magic, signer kid, signature
_Channel = Annotated[str, msgspec.Meta(pattern=r"^(all|[A-Z]{2})\Z")]  # a bare $ lets a newline pass


class Recipient(Array, frozen=True):
    """A member and the name of the bundle that its wrap is for."""

    member: Code
    kid: Bytes16


class Epoch(Array, frozen=True):
    """The signed content, apart from the wraps."""

    magic: Literal["suar-epoch/1"]
    federation: str
    realm: Literal["actual", "exercise"]
    sender: Code
    channel: _Channel
    not_before: UInt
    not_after: UInt
    trust_version: UInt
    trust_hash: Bytes32
    public: Bytes32
    commit: Bytes32
    prev_epoch: Bytes32
    prev_frames: UInt
    prev_hash: Bytes32
    recipients: list[Recipient]


_decoder = msgspec.msgpack.Decoder(Epoch)
_NOBODY: Final[list[Recipient]] = []


class Parsed(NamedTuple):
    """An epoch object split into its parts, not verified."""

    signer: bytes
    signature: bytes
    raw: bytes
    wraps: bytes
    data: bytes


class Verified(NamedTuple):
    """[E2] An epoch signed by the identity key that it names, with the labels of its subject's realm."""

    id: bytes
    signer: bytes
    epoch: Epoch
    raw: bytes
    wraps: bytes
    data: bytes

    def wrap(self, index: int) -> bytes:
        """Return the wrap of the recipient at `index`."""
        return self.wraps[limits.WRAP_BYTES * index : limits.WRAP_BYTES * (index + 1)]


def size_limit(members: int) -> int:
    """[E1] Return the most bytes of an epoch in a federation of `members`."""
    return limits.EPOCH_BYTES_BASE + limits.EPOCH_BYTES_MEMBER * members


def parse(data: bytes, members: int) -> Parsed:
    """[E1] Check size and parts. Raises Refused."""
    if len(data) > size_limit(members) or len(data) < _HEAD + 4 or data[:4] != MAGIC:
        raise Refused("E-EPOCH-SIZE", "E1")
    length = int.from_bytes(data[_HEAD : _HEAD + 4], "big")
    end = _HEAD + 4 + length
    if end > len(data):
        raise Refused("E-EPOCH-SIZE", "E1")
    return Parsed(data[4:20], data[20:_HEAD], data[_HEAD + 4 : end], data[end:], data)


def id_of(data: bytes, realm: str) -> bytes:
    """Return the id (32 bytes) of an epoch object: the hash of everything after its signature."""
    return hash_("epoch", data[_HEAD:], realm)


def verify_signature(parsed: Parsed, public: bytes, realm: str) -> Verified:
    """[E2] Check the signature, then the types. Raises Refused."""
    id_ = id_of(parsed.data, realm)
    try:
        verify("epoch", public, id_, parsed.signature, realm)
    except CryptoError as error:
        raise Refused("E-EPOCH-SIGNATURE", "E2") from error
    try:
        epoch = decode(_decoder, parsed.raw)
    except Malformed as error:
        raise Refused("E-EPOCH-FORM", "E2") from error
    return Verified(id_, parsed.signer, epoch, parsed.raw, parsed.wraps, parsed.data)


def content(data: bytes) -> Epoch:
    """Return the content of an epoch that was judged before, or that we created."""
    return _decoder.decode(parse(data, limits.TRUST_BYTES).raw)


def check_subject(trust: TrustStore, verified: Verified, subject: Subject) -> None:
    """[E3] It must be of this federation and match its subject; it waits if its list is up to 64 versions ahead."""
    epoch = verified.epoch
    if (
        epoch.federation != trust.federation
        or epoch.realm != subject.realm
        or not epoch.sender == trust.owner(verified.signer) == subject.sender
        or epoch.channel != subject.channel
    ):
        raise Refused("E-EPOCH-SUBJECT", "E3")
    if 0 < epoch.trust_version - trust.version <= limits.TRUST_AHEAD:
        raise Wait("E-EPOCH-TRUST", "E3")


def check_signer(trust: TrustStore, verified: Verified) -> None:
    """[E4] The member must be active, the key not revoked and valid when the epoch begins."""
    key = trust.key(verified.signer)
    if (
        not trust.is_active(verified.epoch.sender)
        or trust.is_revoked(verified.signer)
        or key is None
        or not key.is_valid(verified.epoch.not_before)
    ):
        raise Refused("E-EPOCH-SIGNER", "E4")


def check_window(trust: TrustStore, verified: Verified, now: int) -> None:
    """[E5] At most 24 h, within its signer's key, not older than the streams' retention, and begun (else it waits)."""
    epoch, key = verified.epoch, trust.key(verified.signer)
    if (
        not 0 < epoch.not_after - epoch.not_before <= limits.EPOCH_LIFETIME_MAX
        or key is None
        or epoch.not_after > key.not_after
        or epoch.not_before < now - limits.EPOCH_AGE_MAX
    ):
        raise Refused("E-EPOCH-WINDOW", "E5")
    if epoch.not_before > now + limits.CLOCK_TOLERANCE:
        raise Wait("E-EPOCH-WINDOW", "E5", for_time=epoch.not_before)


def named_list(trust: TrustStore, epoch: Epoch) -> TrustList:
    """[E6] Return the list that the epoch names: ours, or an earlier one that was current when the epoch began."""
    held = trust.history.get(epoch.trust_version)
    if held is None or not is_equal(held.hash, epoch.trust_hash):
        is_same_version = epoch.trust_version == trust.version
        raise Refused("E-EPOCH-TRUST", "E6", claimant=epoch.sender, is_same_version=is_same_version)
    if is_too_late(trust, epoch):
        raise Refused("E-EPOCH-TRUST", "E6", claimant=epoch.sender, is_same_version=False)
    return held.list


def is_too_late(trust: TrustStore, epoch: Epoch) -> bool:
    """[E6] Whether the epoch begins more than TRUST_SUCCESSOR_SLACK after its list had a successor; then it is refused
    for good.
    """
    successor = trust.issued_after(epoch.trust_version)
    return successor is not None and epoch.not_before > successor + limits.TRUST_SUCCESSOR_SLACK


def check_recipients(verified: Verified, named: TrustList) -> None:
    """[E7] It must be a channel of that list, with sorted, unique recipients of the channel, each with its wrap."""
    epoch = verified.epoch
    if not named.has_channel(epoch.sender, epoch.channel):
        raise Refused("E-EPOCH-RECIPIENTS", "E7")
    codes = [recipient.member for recipient in epoch.recipients]
    allowed = named.channel_members(epoch.sender, epoch.channel) | {epoch.sender}
    if codes != sorted(set(codes)) or not allowed.issuperset(codes):
        raise Refused("E-EPOCH-RECIPIENTS", "E7")
    if len(verified.wraps) != limits.WRAP_BYTES * len(codes):
        raise Refused("E-EPOCH-RECIPIENTS", "E7")


def without_recipients(epoch: Epoch) -> Epoch:
    """Return an epoch as kept in memory: a member may send 200,000 of them ([E10]), each naming all members."""
    return msgspec.structs.replace(epoch, recipients=_NOBODY)


def unwrap(epoch: Epoch, raw: bytes, wrap: bytes, key: KemKey, name: bytes) -> Secret:
    """[E9] Return the epoch's secret; it must be the one that the epoch commits to, else a frame could have two
    contents.
    """
    try:
        secret = key.unwrap(wrap, wrap_info(epoch.realm, raw, name))
    except CryptoError as error:
        raise Refused("E-EPOCH-SECRET", "E9") from error
    if len(secret) != 32 or not is_equal(hash_("commit", secret, epoch.realm), epoch.commit):
        raise Refused("E-EPOCH-SECRET", "E9")
    return secret


def wrap_info(realm: str, raw: bytes, name: bytes) -> bytes:
    """Return the bytes that bind a wrap to its epoch and its recipient's key."""
    return d(realm, "epoch") + hash_("einfo", raw, realm) + name


# -- the sending side


class Link(NamedTuple):
    """The end of a chain, as the next epoch names it."""

    epoch_id: bytes = ZERO32
    frames: int = 0
    hash: bytes = ZERO32


class Opened(NamedTuple):
    """A new epoch of ours: its object, and the secrets that are kept in memory only ([E11])."""

    id: bytes
    epoch: Epoch
    data: bytes
    secret: Secret
    signing: Secret


class Terms(NamedTuple):
    """The properties of a new epoch."""

    federation: str
    realm: str
    sender: str
    channel: str
    not_before: int
    not_after: int
    trust_version: int
    trust_hash: bytes


def open_epoch(
    terms: Terms,
    link: Link,
    recipients: list[tuple[str, bytes, KemPublic]],
    identity64: bytes | Signer,
    identity: bytes,
) -> Opened:
    """Return a signed epoch, its secret wrapped for each of `recipients` (member, bundle kid, key), sorted by member.

    No other code of the protocol draws randomness.
    """
    secret, seed = random_seed(), random_seed()
    ordered = sorted(recipients, key=lambda item: item[0])
    body = Epoch(
        "suar-epoch/1",
        terms.federation,
        terms.realm,  # type: ignore[arg-type]  # a realm of ours
        terms.sender,
        terms.channel,
        terms.not_before,
        terms.not_after,
        terms.trust_version,
        terms.trust_hash,
        public_of(seed),
        hash_("commit", secret, terms.realm),
        *link,
        [Recipient(member, name) for member, name, _ in ordered],
    )
    raw = encode(body)
    wraps = b"".join(key.wrap(secret, wrap_info(terms.realm, raw, name)) for _, name, key in ordered)
    tail = len(raw).to_bytes(4, "big") + raw + wraps
    id_ = hash_("epoch", tail, terms.realm)
    signature = sign("epoch", identity64, id_, terms.realm)
    return Opened(id_, body, MAGIC + kid(identity) + signature + tail, secret, signing_key(seed))

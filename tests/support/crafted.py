"""Frames and epochs of which any part is what a test says: by name, the others as an honest sender has them."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypedDict

from suar.protocol.base.primitives import (
    KemPublic,
    Secret,
    frame_key,
    hash_,
    salts,
    seal,
    sign,
    sign_hash,
    signing_key,
)
from suar.protocol.base.primitives import root as root_of
from suar.protocol.base.wire import encode
from suar.protocol.transport import epoch as epochs
from suar.protocol.transport.epoch import Link, Opened

if TYPE_CHECKING:
    from collections.abc import Callable

EPOCH_FIELDS = (
    "magic", "federation", "realm", "sender", "channel", "not_before", "not_after", "trust_version", "trust_hash",
    "public", "commit", "prev_epoch", "prev_frames", "prev_hash", "recipients",
)  # fmt: skip


class FrameParts(TypedDict, total=False):
    """What may be said of a frame; None: as an honest sender has it."""

    seq: int | None
    ts: int
    count: int | None
    flags: int
    prev: bytes | None
    magic: bytes
    epoch_id: bytes | None
    body: bytes | None  # instead of the list of contents
    plain: bytes | None  # instead of the padded body
    committed: tuple[bytes, ...] | None  # what the root covers
    secret: bytes | None
    signing: Any
    label: str  # of the signature
    labels: str | None  # the realm in every label


@dataclass(frozen=True, kw_only=True)
class CraftedFrame:
    """A signed frame."""

    realm: str
    epoch_id: bytes
    seq: int
    prev: bytes
    secret: Secret | bytes
    signing: Any
    ts: int
    contents: tuple[bytes, ...]
    count: int | None = None
    flags: int = 0
    magic: bytes = b"SUF1"
    body: bytes | None = None
    plain: bytes | None = None
    committed: tuple[bytes, ...] | None = None
    label: str = "frame"
    labels: str | None = None

    @property
    def padded(self) -> bytes:
        """The body as it is sealed."""
        data = (encode(list(self.contents)) if self.body is None else self.body) + b"\x80"
        return data + bytes(-len(data) % 256)

    @property
    def header(self) -> bytes:
        """Position, time, count, flags, and the root over what it commits to."""
        stated = len(self.contents) if self.count is None else self.count
        values = (self.magic, self.epoch_id, self.seq, self.ts, stated, self.flags, self.prev)
        head = struct.pack(">4s32sQQHH32s", *values)
        covered = self.contents if self.body is None else (self.body,)
        covered = covered if self.committed is None else self.committed
        return head + root_of(self.realm, salts(self.realm, self.secret, head, max(stated, len(covered))), covered)

    @cached_property
    def unsigned(self) -> bytes:
        """Header and sealed body."""
        header = self.header
        plain = self.padded if self.plain is None else self.plain
        return header + seal(frame_key(self.realm, self.secret, header), plain, header)

    @property
    def hash(self) -> bytes:
        """What is signed, and what the next frame names."""
        return hash_("frame", self.unsigned, self.labels or self.realm)

    @property
    def data(self) -> bytes:
        """The frame as it travels."""
        return self.unsigned + sign_hash(self.label, self.signing, self.hash, self.labels or self.realm)


class EpochParts(TypedDict, total=False):
    """What may be said of an epoch: first what makes it, then each of its fields."""

    channel: str
    realm: str
    link: Link | None
    to: tuple[str, ...]
    wraps: Callable[[list[bytes]], list[bytes]]
    secret: bytes | None
    wrapped: bytes | None
    signer: Any  # an actor, who signs under the kid of the sender
    label: str
    labels: str | None
    extra: tuple[Any, ...]
    fields_replaced: dict[str, Any] | None
    magic: Any
    federation: Any
    sender: Any
    not_before: Any
    not_after: Any
    trust_version: Any
    trust_hash: Any
    public: Any
    commit: Any
    prev_epoch: Any
    prev_frames: Any
    prev_hash: Any
    recipients: Any


@dataclass(frozen=True, kw_only=True)
class CraftedEpoch:
    """A signed epoch; `labels` is the realm of every label, `wrapped` the secret in the wraps where it is another."""

    fields: dict[str, Any]
    kid: bytes
    identity: bytes  # who signs
    secret: bytes
    frame_seed: bytes
    recipients: list[tuple[str, bytes, KemPublic]]
    labels: str
    wraps: Callable[[list[bytes]], list[bytes]] = list
    wrapped: bytes | None = None
    label: str = "epoch"
    extra: tuple[Any, ...] = field(default=())

    @property
    def raw(self) -> bytes:
        """The fields as they are signed."""
        return encode([*(self.fields[name] for name in EPOCH_FIELDS), *self.extra])

    def opened(self) -> Opened:
        """As its sender has it, without what only a reader has."""
        raw, secret = self.raw, self.wrapped or self.secret
        made = [kem.wrap(secret, epochs.wrap_info(self.labels, raw, name)) for _, name, kem in self.recipients]
        tail = len(raw).to_bytes(4, "big") + raw + b"".join(self.wraps(made))
        id_ = hash_("epoch", tail, self.labels)
        signature = sign(self.label, signing_key(self.identity), id_, self.labels)
        data = epochs.MAGIC + self.kid + signature + tail
        return Opened(id_, None, data, Secret(self.secret), signing_key(self.frame_seed))  # type: ignore[arg-type]  # an epoch as its sender has it, without what only a reader has

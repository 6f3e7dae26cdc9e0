"""Our own epochs and frames as read from a stream: verified, and opened where our seed is available.

A gateway wraps each epoch to itself too, so that a state restored from a backup can read what it sent afterwards.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from sqlalchemy import Connection

from suar.protocol.base import limits
from suar.protocol.base.errors import Refused
from suar.protocol.base.primitives import ACTUAL, EXERCISE, KemKey, Secret
from suar.protocol.base.reasons import Invalid
from suar.protocol.message.kinds import Receipt
from suar.protocol.message.messages import read
from suar.protocol.transport import epoch as epochs
from suar.protocol.transport import frame as frames
from suar.protocol.transport.epoch import Epoch, Link
from suar.protocol.transport.frame import Verified
from suar.service.core.core import Core
from suar.store.recovery import readback as recovery


class NotOurs(Exception):  # noqa: N818 - a finding, not a failure
    """The object is in our stream, and no key of ours signed it."""


class OwnEpoch(NamedTuple):
    """An epoch of ours; `secret` is None when the seed of its bundle is not in this state."""

    id: bytes
    signer: bytes
    epoch: Epoch
    secret: Secret | None

    @property
    def readers(self) -> list[str]:
        """Whom it was sealed to, but for us."""
        return [each.member for each in self.epoch.recipients if each.member != self.epoch.sender]


def realm_of(home_subject: str) -> str:
    """Return the realm of an own subject."""
    return EXERCISE if home_subject.startswith("x.") else ACTUAL


def read_epoch(core: Core, data: bytes, realm: str) -> OwnEpoch:
    """[E1] [E2] An epoch under one of our identity keys; raises NotOurs."""
    try:
        parsed = epochs.parse(data, limits.TRUST_BYTES)  # bounded already by the largest object of the stream
        verified = epochs.verify_signature(parsed, _public(core, parsed.signer), realm)
    except Refused:
        raise NotOurs from None
    if verified.epoch.sender != core.member:
        raise NotOurs
    return OwnEpoch(
        verified.id, verified.signer, verified.epoch, secret_of(verified, core.member, core.world.kem_keys.get)
    )


def _public(core: Core, signer: bytes) -> bytes:
    """Whether it is of a key in the keyring, or of one that a list knew as ours: an older keyring may be missing the
    newest.
    """
    identity = core.keyring.find(signer)
    if identity is not None:
        return identity.public
    if core.world.trust.owner(signer) != core.member:
        raise NotOurs
    return core.world.trust.public(signer)


def secret_of(verified: epochs.Verified, member: str, key_of: Callable[[bytes], KemKey | None]) -> Secret | None:
    """What an epoch is sealed with, ours or to us; None without the key of the bundle that it was wrapped to."""
    recipients = verified.epoch.recipients
    at = next((i for i, each in enumerate(recipients) if each.member == member), None)
    key = key_of(recipients[at].kid) if at is not None else None
    if at is None or key is None:
        return None
    try:
        return epochs.unwrap(verified.epoch, verified.raw, verified.wrap(at), key, recipients[at].kid)
    except Refused:
        return None


class OwnEpochs:
    """Epochs of ours by id, those of this store among them."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._known: dict[bytes, OwnEpoch] = {}

    def add(self, epoch: OwnEpoch) -> None:
        """Remember one that was read."""
        self._known[epoch.id] = epoch

    def find(self, connection: Connection, epoch_id: bytes, realm: str) -> OwnEpoch:
        """The epoch of a frame; raises NotOurs when we never had it."""
        if epoch_id not in self._known:
            data = recovery.epoch_data(connection, epoch_id)
            if data is None:
                raise NotOurs
            self.add(read_epoch(self._core, data, realm))
        return self._known[epoch_id]


def read_frame(own: OwnEpoch, data: bytes) -> Verified:
    """[F1] [F4] A frame of that epoch; raises NotOurs."""
    try:
        return frames.verify_signature(frames.parse(data), own.epoch.public, own.epoch.realm)
    except Refused:
        raise NotOurs from None


def open_contents(own: OwnEpoch, frame: Verified) -> list[bytes] | None:
    """[F7] What a frame carries; None when this state cannot open it."""
    if own.secret is None:
        return None
    try:
        return frames.open_content(frame.parsed, own.secret, own.epoch.realm)
    except Refused:
        return None


def receipts_in_frame(own: OwnEpoch, frame: Verified) -> Iterator[bytes]:
    """The receipts among what a frame carries; none when this state cannot open it."""
    for plain in open_contents(own, frame) or ():
        try:
            if isinstance(read(plain), Receipt):
                yield plain
        except Invalid:
            continue


def link_after(own: OwnEpoch, frame: Verified | None) -> Link:
    """How the next epoch names this one when `frame` was its last."""
    return Link(own.id, frame.parsed.seq + 1, frame.hash) if frame else Link(own.id, 0, own.id)

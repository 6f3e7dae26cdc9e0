"""The epochs of frames that evidence is exported for: verified, with their secret while it can still be opened."""

from msgspec import Struct
from sqlalchemy import Connection

from suar.protocol.base import limits
from suar.protocol.base.errors import Refused
from suar.protocol.base.primitives import ACTUAL, EXERCISE, KemKey, Secret
from suar.protocol.transport import epoch as epochs
from suar.protocol.transport import frame as frames
from suar.protocol.transport.epoch import Verified
from suar.protocol.transport.heartbeat import SentFrame
from suar.service.access.own_objects import secret_of
from suar.service.core.core import Core
from suar.store.inbound import world_rows


class KnownEpoch(Struct, frozen=True):
    """An epoch signed by a listed key. `secret` is None after the seed that it was wrapped to was erased ([K8])."""

    data: bytes
    realm: str
    version: int
    public: bytes  # the key that signs its frames
    secret: Secret | None

    def has_sent(self, data: bytes, name: bytes) -> bool:
        """[F1] [F4] Whether these bytes are the frame of that hash, signed with the key of this epoch."""
        try:
            return frames.verify_signature(frames.parse(data), self.public, self.realm).hash == name
        except Refused:
            return False

    def sent(self, data: bytes) -> SentFrame:
        """Return what a head is compared with, of a frame of this epoch."""
        parsed = frames.parse(data)
        return SentFrame(
            parsed.epoch_id, parsed.seq, parsed.ts, frames.frame_hash(data, self.realm), self.public, self.realm
        )


def parse_stored(data: bytes) -> frames.Parsed | None:
    """Return a frame of the store in parts; None for bytes that are no frame: somebody altered the row."""
    try:
        return frames.parse(data)
    except Refused:
        return None


class EpochSecrets:
    """A cache of epochs by id, so that each is opened once."""

    def __init__(self, core: Core, connection: Connection) -> None:
        self._core, self._connection = core, connection
        self._known: dict[bytes, KnownEpoch | None] = {}

    def find(self, epoch_id: bytes, data: bytes | None) -> KnownEpoch | None:
        """Return the epoch, or None if it is not stored or no member's key signed it."""
        known = self._known.get(epoch_id)
        if known is None and data is not None:
            known = self._known[epoch_id] = self._read(data)
        return known

    def _read(self, data: bytes) -> KnownEpoch | None:
        verified = self._verified(data)
        if verified is None:
            return None
        secret = secret_of(verified, self._core.member, self._seed)
        return KnownEpoch(data, verified.epoch.realm, verified.epoch.trust_version, verified.epoch.public, secret)

    def _seed(self, kid: bytes) -> KemKey | None:
        """Return the private bundle key of that name, or None after its seed was erased."""
        return world_rows.kem_key(self._connection, self._core.vault, kid)

    def _verified(self, data: bytes) -> Verified | None:
        trust = self._core.status.trust
        try:
            parsed = epochs.parse(data, limits.TRUST_BYTES)
        except Refused:
            return None
        if trust.owner(parsed.signer) is None:
            return None
        for realm in (ACTUAL, EXERCISE):
            try:
                return epochs.verify_signature(parsed, trust.public(parsed.signer), realm)
            except Refused:
                continue
        return None

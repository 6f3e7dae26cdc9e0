"""Epochs of frames that are to be proved: verified, and with their secret while that can still be opened."""

from msgspec import Struct
from sqlalchemy import Connection

from suar.protocol.base import limits
from suar.protocol.base.errors import Refused
from suar.protocol.base.primitives import ACTUAL, EXERCISE, KemKey, Secret
from suar.protocol.transport import epoch as epochs
from suar.protocol.transport.epoch import Verified
from suar.service.access.own_objects import secret_of
from suar.service.core.core import Core
from suar.store.inbound import world_rows


class KnownEpoch(Struct, frozen=True):
    """An epoch that a listed key signed; its secret is None once the seed that it was wrapped to is erased ([K8])."""

    data: bytes
    realm: str
    version: int
    secret: Secret | None


class EpochSecrets:
    """Epochs by their ids, each opened once."""

    def __init__(self, core: Core, connection: Connection) -> None:
        self._core, self._connection = core, connection
        self._known: dict[bytes, KnownEpoch | None] = {}

    def find(self, epoch_id: bytes, data: bytes | None) -> KnownEpoch | None:
        """The epoch; None when it is not kept, or its signer is nobody's."""
        if epoch_id not in self._known:
            self._known[epoch_id] = self._read(data) if data is not None else None
        return self._known[epoch_id]

    def _read(self, data: bytes) -> KnownEpoch | None:
        verified = self._verified(data)
        if verified is None:
            return None
        secret = secret_of(verified, self._core.member, self._seed)
        return KnownEpoch(data, verified.epoch.realm, verified.epoch.trust_version, secret)

    def _seed(self, kid: bytes) -> KemKey | None:
        """The private bundle key of that name, unless its seed is erased."""
        return world_rows.kem_key(self._connection, self._core.vault, kid)

    def _verified(self, data: bytes) -> Verified | None:
        parsed, trust = epochs.parse(data, limits.TRUST_BYTES), self._core.status.trust
        if trust.owner(parsed.signer) is None:
            return None
        for realm in (ACTUAL, EXERCISE):
            try:
                return epochs.verify_signature(parsed, trust.public(parsed.signer), realm)
            except Refused:
                continue
        return None

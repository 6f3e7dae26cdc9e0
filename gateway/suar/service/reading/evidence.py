"""The evidence of one message, assembled from the store: frame as sent, epoch, lists, receipts.

The salts come from the epoch's secret, which opens with the seed of the bundle that it was wrapped to: so a message can
be proved until that seed is erased ([K8], about a month). To keep the proof for longer, export it before.
"""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct
from sqlalchemy import Connection, Row

from suar.protocol.base import limits
from suar.protocol.base.errors import Fault, Refused
from suar.protocol.base.primitives import ACTUAL, EXERCISE, KemKey, Secret
from suar.protocol.files import evidence as files
from suar.protocol.files.evidence import Carrier, Evidence
from suar.protocol.transport import epoch as epochs
from suar.protocol.transport import frame as frames
from suar.protocol.transport.epoch import Verified
from suar.service.access.act_notes import note_reading
from suar.service.access.own_objects import secret_of
from suar.service.core.core import Core
from suar.service.reading import views
from suar.store.inbound import world_rows
from suar.store.messages import proofs
from suar.store.messages import rows as messages
from suar.store.recovery import readback as recovery

_LATE: Final = "a message is proved until the keys that opened it are erased, about a month: export it before"


class Exported(Struct, frozen=True):
    """A file of evidence, and which message it is about."""

    id: str
    rev: int
    data: bytes
    status: str = "actual"


class _Epoch(Struct, frozen=True):
    data: bytes
    realm: str
    version: int
    secret: Secret


def export(core: Core, id_: str, rev: int | None) -> Exported | None:
    """The file; None when there is no such message or the policy does not show it. Fault when it cannot be proved.

    For any thread. Who is given it is noted before (`note`).
    """
    shown = views.message(core, id_, rev)  # asks the policy
    if shown is None:
        return None
    found = shown["rev"]
    with core.database.reading() as connection:
        row = messages.find(connection, id_, found)
        text = messages.body_of(core.vault, row) if row is not None else None
        if row is None or text is None:
            raise Fault(f"the text of {id_} is destroyed", "a recalled message is proved only by a file made before")
        data = files.write(_Collected(core, connection).collect(row, text))
    return Exported(id_, found, data, row.realm)


def note_export(core: Core, exported: Exported, who: str) -> None:
    """Note who is given a file of evidence."""
    note_reading(core, who, "evidence", f"{exported.id} {exported.rev}")


class _Collected:
    """One export: each epoch is opened once."""

    def __init__(self, core: Core, connection: Connection) -> None:
        self.core, self.connection = core, connection
        self._epochs: dict[bytes, _Epoch | None] = {}

    def collect(self, row: Row[tuple[object, ...]], text: bytes) -> Evidence:
        """Everything about the message of `row`."""
        is_own = row.origin == self.core.member
        carriers = list(self._own(row, text) if is_own else self._received(row, text))
        if not carriers:
            waits = "it has not left yet, or its frame or the keys that opened it are gone"
            raise Fault(f"{row.id} cannot be proved: {waits}", _LATE)
        receipts = tuple(self._receipts(carriers)) if is_own else ()
        used = [epoch for epoch in self._epochs.values() if epoch is not None]
        trust, last = self.core.status.trust, max(epoch.version for epoch in used)
        lists = tuple(held.data for version, held in sorted(trust.history.items()) if version <= last)
        known = {key.kid for v, held in trust.history.items() if v <= last for m in held.list.members for key in m.keys}
        revokes = tuple(data for kid, data in trust.revokes.items() if kid in known)
        return Evidence(lists, revokes, tuple(epoch.data for epoch in used), text, tuple(carriers), receipts)

    def _own(self, row: Row[tuple[object, ...]], text: bytes) -> Iterator[Carrier]:
        for place, data, epoch_id in proofs.own_frames(self.connection, row.id, row.rev):
            content, carrier = self._open(data, place, recovery.epoch_data(self.connection, epoch_id))
            if carrier is not None and content == text:
                yield carrier

    def _received(self, row: Row[tuple[object, ...]], text: bytes) -> Iterator[Carrier]:
        data = proofs.frame_of(self.connection, row.n, row.frame_hash) if row.frame_hash else None
        if data is not None:
            content, carrier = self._open(data, row.place, proofs.epoch_of(self.connection, data[4:36]))
            if carrier is not None and content == text:
                yield carrier

    def _receipts(self, carriers: list[Carrier]) -> Iterator[tuple[bytes, Carrier]]:
        """Others' receipts; one whose frame does not open any more is left out."""
        realm = {epoch.realm for epoch in self._epochs.values() if epoch is not None}.pop()
        about = [(frames.frame_hash(each.frame, realm), each.place) for each in carriers]
        for row in proofs.receipts_about(self.connection, about):
            data = bytes(row.data)
            content, carrier = self._open(data, row.place, proofs.epoch_of(self.connection, data[4:36]))
            if carrier is not None:
                yield content, carrier

    def _open(self, frame: bytes, place: int, epoch: bytes | None) -> tuple[bytes, Carrier | None]:
        parsed = frames.parse(frame)
        known = self._epoch(parsed.epoch_id, epoch)
        if known is None:
            return b"", None
        try:
            return files.carrier(parsed, known.secret, known.realm, place)
        except Refused:
            return b"", None

    def _epoch(self, epoch_id: bytes, data: bytes | None) -> _Epoch | None:
        if epoch_id not in self._epochs:
            self._epochs[epoch_id] = self._read_epoch(data) if data is not None else None
        return self._epochs[epoch_id]

    def _read_epoch(self, data: bytes) -> _Epoch | None:
        verified = self._verified(data)
        secret = secret_of(verified, self.core.member, self._seed) if verified else None
        if verified is None or secret is None:
            return None
        return _Epoch(data, verified.epoch.realm, verified.epoch.trust_version, secret)

    def _seed(self, kid: bytes) -> KemKey | None:
        """The private bundle key of that name, unless its seed is erased."""
        return world_rows.kem_key(self.connection, self.core.vault, kid)

    def _verified(self, data: bytes) -> Verified | None:
        parsed, trust = epochs.parse(data, limits.TRUST_BYTES), self.core.status.trust
        if trust.owner(parsed.signer) is None:
            return None
        for realm in (ACTUAL, EXERCISE):
            try:
                return epochs.verify_signature(parsed, trust.public(parsed.signer), realm)
            except Refused:
                continue
        return None

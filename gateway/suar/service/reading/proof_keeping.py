"""What proves a message, kept sealed for as long as the message: the salts and leaves of the frames that carry it.

They follow from the epoch's secret, which opens for about a month. They are kept before, some time after the frame came
or left, beside the core; of our own frames the frame and its epoch too, since the outbox keeps those for a month only.
A recall destroys them with the frame (store/outbound/recalls.py).
"""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection

from suar.protocol.base import limits
from suar.protocol.base.errors import Refused
from suar.protocol.files.evidence import FrameProof, frame_proof
from suar.protocol.transport import frame as frames
from suar.service.core.core import Core
from suar.service.reading.epoch_secrets import EpochSecrets
from suar.store.messages import kept, proofs
from suar.store.messages.kept import Kept
from suar.store.recovery import readback as recovery

AT_ONCE: Final = 128  # frames
_SALT: Final = 16
_LEAF: Final = 32


def collect(core: Core) -> list[Kept]:
    """Proofs of frames of which none is kept yet; empty when there is nothing to do. For any thread."""
    with core.database.reading() as connection:
        found = _Proofs(core, connection)
        return [*found.received(), *found.sent()]


def keep(core: Core, proofs_: list[Kept]) -> None:
    """Keep them; one of a frame that a recall destroyed in between is not."""
    with core.transaction() as connection:
        kept.keep(connection, [each for each in proofs_ if kept.is_wanted(connection, each.frame_hash)])


def find(core: Core, connection: Connection, frame_hash: bytes) -> FrameProof | None:
    """The kept proof of a frame."""
    row = kept.find(connection, frame_hash)
    if row is None:
        return None
    blob = core.vault.open(bytes(row.sealed), bytes(row.sealed_key), _about(frame_hash))
    count = len(blob) // (_SALT + _LEAF)
    return FrameProof(blob[: _SALT * count], blob[_SALT * count :])


def _about(frame_hash: bytes) -> str:
    return f"proof {frame_hash.hex()}"


class _Proofs:
    """One collection: each epoch is opened once."""

    def __init__(self, core: Core, connection: Connection) -> None:
        self._core, self._connection = core, connection
        self._epochs = EpochSecrets(core, connection)

    def received(self) -> Iterator[Kept]:
        for name in kept.unkept(self._connection, AT_ONCE):
            data = kept.frame_of(self._connection, name)
            epoch = proofs.epoch_of(self._connection, data[4:36]) if data is not None else None
            yield self._proof(name, data, epoch, is_own=False)

    def sent(self) -> Iterator[Kept]:
        for name, queued in kept.unkept_sent(self._connection, AT_ONCE):
            found = proofs.own_frame(self._connection, name, queued)
            if found is None and self._core.clock() - queued < limits.DAY:
                continue  # it has not left yet
            data, epoch_id = found or (None, b"")
            yield self._proof(name, data, recovery.epoch_data(self._connection, epoch_id), is_own=True)

    def _proof(self, name: bytes, data: bytes | None, epoch: bytes | None, *, is_own: bool) -> Kept:
        """The proof of a frame; an empty one where the frame or what opens it is gone: it is not looked at again."""
        proof = self._opened(data, epoch) if data is not None and epoch is not None else None
        blob = proof.salts + proof.leaves if proof else b""
        is_whole = is_own and proof is not None
        return Kept(
            name, data if is_whole else None, epoch if is_whole else None, *self._core.vault.seal(blob, _about(name))
        )

    def _opened(self, data: bytes, epoch: bytes) -> FrameProof | None:
        parsed = frames.parse(data)
        known = self._epochs.find(parsed.epoch_id, epoch)
        if known is None or known.secret is None:
            return None
        try:
            return frame_proof(parsed, known.secret, known.realm)[1]
        except Refused:
            return None

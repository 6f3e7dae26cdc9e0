"""Seals a frame to the offline evidence keys before a recall destroys it, as proof of its other messages.

The two keys are those of [evidence] sealed_to; two persons hold them, and this gateway never has their secrets. The
salt of a destroyed text is omitted, so that not even they can confirm a guess at the text. Without keys nothing is
kept.
"""

from collections.abc import Collection
from typing import Final, Literal

import msgspec
from sqlalchemy import Connection

from suar.protocol.base.errors import Refused
from suar.protocol.base.sealing import seal
from suar.protocol.files.evidence import FrameProof, frame_proof
from suar.protocol.transport import frame as frames
from suar.service.core.core import Core
from suar.service.reading import proof_keeping
from suar.service.reading.epoch_secrets import EpochSecrets
from suar.store.messages import kept, proofs, sealed_frames
from suar.store.outbound import recalls

_SALT: Final = 16


class SealedFrame(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    """The sealed content: a frame as sent, its leaves, and the salts of the remaining messages (else zeros)."""

    magic: Literal["suar-sealed-frame/1"]
    frame: bytes
    salts: bytes
    leaves: bytes


def keep_other_texts(core: Core, connection: Connection, id_: str, below: int) -> None:
    """Seal the frames with texts of a message below a revision, in the transaction that destroys them."""
    publics = [bytes.fromhex(each) for each in core.config.evidence.sealed_to]
    epochs = EpochSecrets(core, connection) if publics else None
    for name in recalls.frames_below(connection, id_, below, core.member) if epochs else ():
        indexes = sealed_frames.other_indexes(connection, name, id_, below)
        data = kept.frame_of(connection, core.vault, name) if indexes else None
        if data is None or epochs is None:
            continue
        proof = _proof(core, connection, epochs, name, data)
        if proof is None:
            core.log_event("frame_not_sealed", "warning", frame=name.hex())
            continue
        content = SealedFrame("suar-sealed-frame/1", data, _only(proof.salts, indexes), proof.leaves)
        sealed_frames.keep(connection, name, data[4:36], seal(publics, msgspec.msgpack.encode(content)), core.clock())


def _proof(
    core: Core, connection: Connection, epochs: EpochSecrets, name: bytes, data: bytes
) -> FrameProof | None:  # fmt: skip
    """Return the salts and leaves of a frame: from the epoch's secret, or from the kept copy."""
    known = epochs.find(data[4:36], proofs.epoch_of(connection, data[4:36]))
    if known is not None and known.secret is not None:
        try:
            return frame_proof(frames.parse(data), known.secret, known.realm)[1]
        except Refused:
            return None
    found = proof_keeping.find(core, connection, name)
    return found if found is not None and found.leaves else None


def _only(salts: bytes, indexes: Collection[int]) -> bytes:
    """Return the salts at these indexes, zeros for the others."""
    each = [salts[at : at + _SALT] for at in range(0, len(salts), _SALT)]
    return b"".join(salt if at in indexes else bytes(_SALT) for at, salt in enumerate(each))

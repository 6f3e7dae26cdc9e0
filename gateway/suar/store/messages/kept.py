"""Salts and leaves of frames, stored sealed as long as the frame's messages, so that a proof outlives the epoch's
secret.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, delete, select

from suar.store import tables as t
from suar.store.engine.keys import row_keys, stored_frames
from suar.store.engine.prepared import Insert
from suar.store.engine.vault import Vault
from suar.store.tables.columns import blob

_KEPT: Final = Insert(t.kept_proof, "frame_hash", "frame", "epoch", "sealed", "sealed_key", keep=True)


SALT: Final = 16
LEAF: Final = 32
ENTRY: Final = SALT + LEAF
"""Bytes of what is sealed in a row, for each message of its frame."""


def about(frame_hash: bytes) -> str:
    """Return what the proof of a frame is bound to by its seal."""
    return f"proof {frame_hash.hex()}"


class Kept(NamedTuple):
    """The proof of one frame, empty if none can be made any more; `frame` and `epoch` only for own frames."""

    frame_hash: bytes
    frame: bytes | None
    epoch: bytes | None
    sealed: bytes
    sealed_key: bytes


def unkept(connection: Connection, limit: int) -> list[bytes]:
    """Return hashes of received frames with messages or receipts without a stored proof: at most `limit` of each."""
    found: list[bytes] = []
    for name in (t.message.c.frame_hash, t.receipt_frame.c.hash):
        wanted = select(name).where(name.is_not(None), ~_is_kept(name)).distinct().limit(limit)
        found += map(bytes, connection.execute(wanted).scalars())
    return list(dict.fromkeys(found))


def frame_of(connection: Connection, vault: Vault, frame_hash: bytes) -> bytes | None:
    """Return the frame as received; None if it is destroyed."""
    data = _stored(connection, frame_hash)
    return stored_frames.read(connection, vault, data) if data is not None else None


def epoch_id_of(connection: Connection, frame_hash: bytes) -> bytes | None:
    """Return the id of the epoch of a received frame; None if the frame is destroyed."""
    data = _stored(connection, frame_hash)
    return stored_frames.epoch_id(data) if data is not None else None


def _stored(connection: Connection, frame_hash: bytes) -> bytes | None:
    m, f = t.message, t.receipt_frame
    for wanted in (
        select(m.c.frame).where(m.c.frame_hash == frame_hash, m.c.frame.is_not(None)),
        select(f.c.data).where(f.c.hash == frame_hash),
    ):
        data = connection.execute(wanted.limit(1)).scalar()
        if data is not None:
            return blob(data)
    return None


def unkept_sent(connection: Connection, limit: int) -> list[tuple[bytes, int]]:
    """Return (hash, time of sealing) of own frames with messages without a stored proof."""
    p, f = t.place, t.own_frame
    wanted = select(p.c.frame_hash, f.c.queued).join(f, f.c.hash == p.c.frame_hash)
    wanted = wanted.where(~_is_kept(p.c.frame_hash), p.c.frame_hash.not_in(_with_erased()))
    rows = connection.execute(wanted.distinct().limit(limit))
    return [(blob(row.frame_hash), row.queued) for row in rows]


def _with_erased() -> Any:
    """Return a query for own frames with a message whose text was erased."""
    p, r = t.place.alias(), t.recalled
    return select(p.c.frame_hash).join(r, (p.c.id == r.c.id) & (p.c.rev < r.c.below))


def _is_kept(column: Any) -> ColumnElement[bool]:
    return select(t.kept_proof.c.frame_hash).where(t.kept_proof.c.frame_hash == column).exists()


def is_wanted(connection: Connection, frame_hash: bytes) -> bool:
    """Whether the frame is an own one, or a message or receipt of it is still stored with its frame."""
    m, f, p = t.message, t.receipt_frame, t.place
    there = (
        select(m.c.n).where(m.c.frame_hash == frame_hash, m.c.frame.is_not(None)),
        select(f.c.hash).where(f.c.hash == frame_hash),
        select(p.c.place).where(p.c.frame_hash == frame_hash, p.c.frame_hash.not_in(_with_erased())),
    )
    return any(connection.execute(each.limit(1)).first() is not None for each in there)


def keep(connection: Connection, vault: Vault, proofs: Sequence[Kept]) -> None:
    """Store these proofs; an existing one is kept."""
    frames = stored_frames.seal(connection, vault, [each.frame for each in proofs])
    keys = row_keys.put(connection, [each.sealed_key for each in proofs])
    rows = zip(proofs, frames, keys, strict=True)
    _KEPT.insert(connection, [each._replace(frame=frame, sealed_key=key) for each, frame, key in rows])


def find(connection: Connection, frame_hash: bytes) -> Row[Any, Any] | None:
    """Return the stored proof of a frame: `sealed`, and the salt of its key as `sealed_key`."""
    p = t.kept_proof
    wanted = select(p.c.sealed, row_keys.salt_of(p.c.sealed_key)).where(p.c.frame_hash == frame_hash)
    return connection.execute(wanted).first()


def own_frames(connection: Connection, vault: Vault, id_: str, rev: int) -> list[tuple[int, bytes, bytes]]:
    """Return (index, frame, epoch) of stored own frames with that message."""
    p, k = t.place, t.kept_proof
    wanted = select(p.c.place, k.c.frame, k.c.epoch).join(k, k.c.frame_hash == p.c.frame_hash)
    rows = connection.execute(wanted.where(p.c.id == id_, p.c.rev == rev, k.c.frame.is_not(None))).all()
    found = [(row.place, stored_frames.read(connection, vault, blob(row.frame)), blob(row.epoch)) for row in rows]
    return [(index, data, epoch) for index, data, epoch in found if data is not None]


def drop(connection: Connection, hashes: Iterable[bytes]) -> bool:
    """Destroy the stored proofs of these frames: the salts could confirm a guess at a text.

    Returns whether the table has to be written anew, because a row had its own key.
    """
    p = t.kept_proof
    gone = delete(p).where(p.c.frame_hash.in_(list(hashes)))
    rows = connection.execute(gone.returning(p.c.sealed_key, stored_frames.beginning(p.c.frame).label("frame"))).all()
    in_row = row_keys.drop(connection, [row.sealed_key for row in rows])
    return stored_frames.drop(connection, [row.frame for row in rows]) or in_row

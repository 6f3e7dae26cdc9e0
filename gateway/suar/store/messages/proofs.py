"""The proof of a message for third parties: the frames that contain it, their epochs, and the receipts' frames."""

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, false, or_, select

from suar.protocol.base import limits
from suar.store import tables as t
from suar.store.engine.keys import stored_frames
from suar.store.engine.prepared import Insert, Prepared
from suar.store.engine.vault import Vault
from suar.store.tables.columns import blob

_FRAMES: Final = Insert(t.receipt_frame, "hash", "data", keep=True)
_PLACES: Final = Insert(t.receipt_place, "digest", "frame_hash", "place", keep=True)
_KEPT: Final = Prepared(select(t.receipt.c.digest).where(t.receipt.c.digest == bindparam("digest")))


def keep_receipts(
    connection: Connection, vault: Vault, frame_hash: bytes, data: bytes, inside: Sequence[tuple[bytes, int]]
) -> None:
    """Store a frame with the positions of those of its receipts (digest, position) that stated something new."""
    kept = [(digest, frame_hash, index) for digest, index in inside if _KEPT.rows(connection, digest=digest)]
    _PLACES.insert(connection, kept)
    if kept:
        _FRAMES.insert(connection, [(frame_hash, *stored_frames.seal(connection, vault, [data]))])


def own_frames(connection: Connection, id_: str, rev: int) -> list[tuple[int, bytes, bytes, bytes]]:
    """Return (index, its hash, frame, epoch_id) of each own frame with the message that is still in the outbox.

    The search uses the time of sending, because the outbox is not indexed by hash, and a frame is sent near the time of
    its message.
    """
    p, f = t.place, t.own_frame
    indexes = select(p.c.frame_hash, p.c.place, f.c.queued).join(f, f.c.hash == p.c.frame_hash)
    rows = connection.execute(indexes.where(p.c.id == id_, p.c.rev == rev)).all()
    named = [(row.place, blob(row.frame_hash), row.queued) for row in rows]
    found = [(index, name, own_frame(connection, name, queued)) for index, name, queued in named]
    return [(index, name, *frame) for index, name, frame in found if frame is not None]


def own_frame(connection: Connection, frame_hash: bytes, queued: int) -> tuple[bytes, bytes] | None:
    """Return (frame, epoch_id) of a sent frame that is still in the outbox and was sealed at `queued`."""
    o = t.outbox
    frame = select(o.c.data, o.c.epoch_id).where(o.c.frame_hash == frame_hash)
    sent = frame.where(o.c.published >= queued).order_by(o.c.published).limit(1)
    again = frame.where(o.c.published.is_(None), o.c.again_at.is_not(None)).limit(1)
    one = connection.execute(sent).first() or connection.execute(again).first()
    return None if one is None else (blob(one.data), blob(one.epoch_id))


def frame_of(connection: Connection, vault: Vault, n: int, frame_hash: bytes) -> bytes | None:
    """Return the frame of the message of row `n`; it is stored with its first message, a few rows before."""
    m = t.message
    near = m.c.n.between(n - limits.FRAME_MESSAGES_MAX, n)
    found = select(m.c.frame).where(near, m.c.frame_hash == frame_hash, m.c.frame.is_not(None)).limit(1)
    data = connection.execute(found).scalar()
    return stored_frames.read(connection, vault, blob(data)) if data is not None else None


def epoch_of(connection: Connection, epoch_id: bytes) -> bytes | None:
    """Return an epoch of another member as it was received."""
    data = connection.execute(select(t.epoch.c.data).where(t.epoch.c.id == epoch_id)).scalar()
    return blob(data) if data is not None else None


def receipts_about(
    connection: Connection, vault: Vault, frames: Sequence[tuple[bytes, int]]
) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield (index in the frame, frame, encrypted bytes) of each receipt about these."""
    s, r, f, statements = t.statement, t.receipt_place, t.receipt_frame, t.receipt
    about = [
        (s.c.frame_hash == name) & or_(s.c.places == "", s.c.places.contains(f",{index},")) for name, index in frames
    ]
    receipts = select(s.c.receipt).where(or_(*about)) if about else select(s.c.receipt).where(false())
    columns = select(r.c.place, f.c.data, statements.c.data.label("said"))
    joined = columns.join(f, f.c.hash == r.c.frame_hash).join(statements, statements.c.digest == r.c.digest)
    wanted = joined.where(r.c.digest.in_(receipts))
    for row in connection.execute(wanted).all():
        if not (isinstance(row.place, int) and isinstance(row.data, bytes) and isinstance(row.said, bytes)):
            continue  # SQLite keeps any type in any column
        data = stored_frames.read(connection, vault, row.data)
        if data is not None:
            yield row.place, data, row.said

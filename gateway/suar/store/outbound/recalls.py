"""The effect of a cancel: bodies of other members' messages, the keys of their rows, and their frames are destroyed.

A frame is encrypted to this member and stored as the evidence of all its messages. If one of them is recalled, the
evidence of the others is destroyed too, because nothing that remains may disclose the body; a copy that is sealed to
offline keys remains where the operator has set them (sealed_frames.py). The heads of all messages remain.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, exists, or_, select, update

from suar.protocol.base import limits
from suar.protocol.base.stages import HELD_BY_LAW, RECALLED
from suar.store import tables as t
from suar.store.engine.keys import row_keys, stored_frames
from suar.store.engine.upsert import insert_new, upsert
from suar.store.engine.verifying import sound
from suar.store.messages import kept, sealed_frames
from suar.store.outbound import leftovers
from suar.store.outbound.delivery_view import Delivery, deliveries
from suar.store.tables.columns import octets

_BATCH: Final = 512  # rows that one statement names

_c, _m = t.carried, t.message


def add_copy(
    connection: Connection, frame_hash: bytes, holder: tuple[str, int] | None, inside: Iterable[tuple[str, int]]
) -> None:
    """Record that the frame contains further copies of messages (id, rev); it is stored with message `holder`."""
    id_, rev = holder or (None, None)
    kept = {"frame_hash": frame_hash, "holder_id": id_, "holder_rev": rev}
    insert_new(connection, _c, [{"id": each[0], "rev": each[1]} | kept for each in inside])


def cancel_of(connection: Connection, id_: str) -> int:
    """Return the revision that cancels the message; 0 if no cancel is stored."""
    wanted = select(_m.c.rev).where(_m.c.id == id_, _m.c.action == "cancel")
    return connection.execute(wanted).scalar() or 0


def load(connection: Connection) -> dict[str, int]:
    """Return the recalled ids, each with the revision that cancelled it. Raises AlteredError."""
    rows = connection.execute(select(t.recalled)).all()
    return {row.id: row.below for row in sound(connection, t.recalled, rows)}


def note(connection: Connection, id_: str, below: int, now: int) -> None:
    """Record permanently that no text of the id below that revision is shown."""
    upsert(connection, t.recalled, [{"id": id_, "below": below, "at": now}])


def find_reappeared(connection: Connection, n: int | None = None) -> list[int]:
    """Return rows of recalled messages that have a text or a frame again; only row `n` if given."""
    r, first = t.recalled, t.message.alias()
    near = first.c.n.between(_m.c.n - limits.FRAME_MESSAGES_MAX, _m.c.n)
    with_frame = exists().where(first.c.frame_hash == _m.c.frame_hash, near, first.c.frame.is_not(None))
    wanted = select(_m.c.n).join(r, and_(_m.c.id == r.c.id, _m.c.rev < r.c.below))
    wanted = wanted.where(_m.c.id.in_(select(r.c.id)))  # only those few are searched for, not every message
    wanted = wanted.where(or_(_m.c.body.is_not(None), with_frame))
    return list(connection.execute(wanted if n is None else wanted.where(_m.c.n == n)).scalars())


def destroy(connection: Connection, id_: str, below: int, own: str, in_row: set[str]) -> list[int]:
    """Destroy every body of the id below that revision, unless it is an own one; return the revisions that had one.

    `in_row` gets the tables of which a row was destroyed that had its text, its frame or its key in it.
    """
    rows, again = _received_below(connection, id_, below, own), _copies(connection, id_, below)
    done = set[bytes]()
    for row in rows:
        hashes = _frames(row, again[row.rev])
        if done.issuperset(hashes):
            continue  # an earlier revision came with the same frames
        done.update(hashes)
        in_row |= leftovers.destroy_copies(connection, row.origin, hashes, kept.epoch_id_of)
        in_row |= _destroy_frames(connection, hashes, _kept_with(row, again[row.rev]))
    for first in range(0, len(rows), _BATCH):
        in_row |= _destroy_bodies(connection, [row.n for row in rows[first : first + _BATCH]])
    names = sorted(done)
    for first in range(0, len(names), _BATCH):
        sealed_frames.drop_unneeded(connection, names[first : first + _BATCH])
    return [row.rev for row in rows if row.is_held]


def _destroy_frames(connection: Connection, hashes: Sequence[bytes], holders: ColumnElement[bool]) -> set[str]:
    """Destroy the frames of these hashes and what proves them; returns as `destroy`. `holders`: rows that have one."""
    f = t.receipt_frame
    found = connection.execute(select(stored_frames.beginning(_m.c.frame)).where(holders, _m.c.frame.is_not(None)))
    begun = list(found.scalars())
    connection.execute(update(_m).where(holders).values(frame=None))
    gone = delete(f).where(f.c.hash.in_(hashes)).returning(stored_frames.beginning(f.c.data))
    of_receipts = list(connection.execute(gone).scalars())
    were_open = {
        "message": stored_frames.drop(connection, begun),
        "receipt_frame": stored_frames.drop(connection, of_receipts),
        "kept_proof": kept.drop(connection, hashes),
    }
    return {table for table, was_open in were_open.items() if was_open}


def _destroy_bodies(connection: Connection, numbers: Sequence[int]) -> set[str]:
    """Destroy the bodies of these rows and their keys; returns as `destroy`."""
    here = _m.c.n.in_(numbers)
    keys = list(connection.execute(select(_m.c.body_key).where(here, _m.c.body_key.is_not(None))).scalars())
    connection.execute(update(_m).where(here).values(body=None, body_key=None))
    return {"message"} if row_keys.drop(connection, keys) else set()


def frames_below(connection: Connection, id_: str, below: int, own: str) -> list[bytes]:
    """Return the hashes of the frames that `destroy` destroys."""
    rows, again = _received_below(connection, id_, below, own), _copies(connection, id_, below)
    return list(dict.fromkeys(name for row in rows for name in _frames(row, again[row.rev])))


def _received_below(connection: Connection, id_: str, below: int, own: str) -> Sequence[Row[Any]]:
    columns = (_m.c.n, _m.c.id, _m.c.rev, _m.c.origin, _m.c.frame_hash, (octets(_m.c.body) > 0).label("is_held"))
    return connection.execute(select(*columns).where(_m.c.id == id_, _m.c.rev < below, _m.c.origin != own)).all()


def _copies(connection: Connection, id_: str, below: int) -> Mapping[int, Sequence[Row[Any]]]:
    """Return the further copies of each revision of the id below that one."""
    found = defaultdict[int, list[Row[Any]]](list)
    for row in connection.execute(select(_c).where(_c.c.id == id_, _c.c.rev < below)):
        found[row.rev].append(row)
    return found


def _frames(row: Row[Any], again: Sequence[Row[Any]]) -> list[bytes]:
    return [bytes(name) for name in (row.frame_hash, *(each.frame_hash for each in again)) if name is not None]


def kept_below(connection: Connection, id_: str, below: int | None, own: str) -> list[int]:
    """Return the revisions of another member's message below that one, or of any, whose text is there."""
    here = select(_m.c.rev).where(_m.c.id == id_, _m.c.origin != own, _m.c.body.is_not(None))
    wanted = here if below is None else here.where(_m.c.rev < below)
    return list(connection.execute(wanted.order_by(_m.c.rev)).scalars())


def revisions_below(connection: Connection, id_: str, below: int) -> list[int]:
    """Return the stored revisions of the id below that one."""
    wanted = select(_m.c.rev).where(_m.c.id == id_, _m.c.rev < below).order_by(_m.c.rev)
    return list(connection.execute(wanted).scalars())


def destroy_own(connection: Connection, id_: str, below: int, in_row: set[str]) -> list[int]:
    """Destroy the own bodies of the id below that revision, and what proves its frames; return the revisions.

    `in_row` as of `destroy`.
    """
    held = select(_m.c.n, _m.c.rev).where(_m.c.id == id_, _m.c.rev < below, _m.c.body.is_not(None))
    rows = connection.execute(held).all()
    inside = select(t.place.c.frame_hash).where(t.place.c.id == id_, t.place.c.rev < below)
    numbers = [row.n for row in rows]
    hashes = connection.execute(inside.distinct()).scalars().all()
    in_row |= _destroy_frames(connection, hashes, _m.c.n.in_(numbers)) | _destroy_bodies(connection, numbers)
    return [row.rev for row in rows]


def has_every_text(connection: Connection, id_: str) -> bool:
    """Return whether the text of every stored revision is there."""
    destroyed = select(_m.c.n).where(_m.c.id == id_, _m.c.body.is_(None)).limit(1)
    return connection.execute(destroyed).first() is None


def is_queued(connection: Connection, id_: str, below: int) -> bool:
    """Return whether a revision below that one is still to be sealed for somebody."""
    wanted = select(t.queue.c.n).where(t.queue.c.id == id_, t.queue.c.rev < below).limit(1)
    return connection.execute(wanted).first() is not None


def noted_at(connection: Connection, id_: str) -> int | None:
    """Return when the texts of the id were recalled or erased here (ms), or None."""
    return connection.execute(select(t.recalled.c.at).where(t.recalled.c.id == id_)).scalar()


def _kept_with(row: Row[Any], again: Sequence[Row[Any]]) -> ColumnElement[bool]:
    """Return the rows that hold a frame with the message.

    The messages of a frame are stored in sequence, the frame with the first of them.
    """
    first = row.n - limits.FRAME_MESSAGES_MAX
    here = [and_(_m.c.n.between(first, row.n), _m.c.frame_hash == row.frame_hash)]
    here += [and_(_m.c.id == each.holder_id, _m.c.rev == each.holder_rev) for each in again if each.holder_id]
    return or_(*here)


def confirmed(connection: Connection, id_: str, cancel: int, rows: Sequence[Delivery]) -> list[Delivery]:
    """Return deliveries of an own cancel; a member that recalled every earlier revision sent to it is `recalled`.

    It is `held-by-law` when a legal hold keeps some of them there.
    """
    earlier = [row.rev for row in connection.execute(select(_m.c.rev).where(_m.c.id == id_, _m.c.rev < cancel))]
    before: dict[str, list[Delivery]] = defaultdict(list)
    for rev in earlier:
        for each in deliveries(connection, id_, rev):
            if each.refused is None or each.stored is not None:
                before[each.member].append(each)
    return [_with_recall(row, before[row.member]) for row in rows]


def _with_recall(row: Delivery, before: Sequence[Delivery]) -> Delivery:
    recalled = [each.recalled for each in before if each.recalled is not None]
    held = [each.held_by_law for each in before if each.held_by_law is not None and each.recalled is None]
    if not before or len(recalled) + len(held) < len(before):
        return row
    if held:
        return row._replace(state=HELD_BY_LAW, held_by_law=max(held))
    return row._replace(state=RECALLED, recalled=max(recalled))

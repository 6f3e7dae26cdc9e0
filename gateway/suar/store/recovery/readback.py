"""The rows for reconciliation: known objects, and deliveries that nothing would send any more ([E12])."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, delete, exists, or_, select, tuple_, update

from suar.protocol.base.primitives import message_id
from suar.protocol.transport.epoch import Link
from suar.store import tables as t
from suar.store.engine.upsert import insert_new, upsert
from suar.store.messages import rows as messages
from suar.store.outbound import deliveries, delivery_rows, outbox
from suar.store.outbound.delivery_view import split_codes

CHOSEN_BEYOND: Final = 10_000
"""Numbers that an own id may be ahead of the last one. A skip passes over fewer, but for one after a long absence."""

# -- objects


def sealed_row(connection: Connection, data: bytes) -> Row[Any] | None:
    """Return the outbox row of exactly this object."""
    o = t.outbox
    return connection.execute(select(o).where(o.c.msg_id == message_id(data)).limit(1)).first()


def epoch_data(connection: Connection, epoch_id: bytes) -> bytes | None:
    """Return an own epoch as it was sent."""
    o = t.outbox
    return connection.execute(select(o.c.data).where(o.c.epoch_id == epoch_id, o.c.seq.is_(None)).limit(1)).scalar()


def keep_published(connection: Connection, row: dict[str, Any], now: int) -> None:
    """Store an object that was sent without this store's knowledge."""
    outbox.append(connection, [row | {"at": now}])
    o = t.outbox
    mine = and_(o.c.msg_id == message_id(row["data"]), o.c.published.is_(None))
    connection.execute(update(o).where(mine), {"published": now})


def mark_published(connection: Connection, row: Row[Any], now: int) -> None:
    """Record that an own object in transit has arrived in the own stream."""
    outbox.mark_published(connection, [(row.n, now)])
    if row.messages:
        deliveries.mark_sent(connection, [(row.frame_hash, row.channel, now)])


def set_head(connection: Connection, signer: bytes, realm: str, channel: str, link: Link, not_before: int) -> None:
    """Set the true head of an own chain."""
    row = {
        "signer": signer, "realm": realm, "channel": channel, "epoch_id": link.epoch_id, "frames": link.frames,
        "hash": link.hash, "not_before": not_before,
    }  # fmt: skip
    upsert(connection, t.own_head, [row])


def pop_unpublished(connection: Connection, realm: str, channel: str) -> list[Row[Any]]:
    """Remove the sealed objects of a chain that were never sent from the outbox; return them in order."""
    o = t.outbox
    mine = and_(o.c.published.is_(None), o.c.again_at.is_(None), o.c.realm == realm, o.c.channel == channel)
    rows = list(connection.execute(select(o).where(mine, o.c.epoch_id.is_not(None)).order_by(o.c.n)))
    if rows:
        connection.execute(delete(o).where(o.c.n.in_([row.n for row in rows])))
    for row in rows:
        if row.messages:
            _forget_frame(connection, row.frame_hash)
    return rows


def _forget_frame(connection: Connection, frame_hash: bytes) -> None:
    """Delete a frame that is never sent; its messages get rows of their own."""
    f, p = t.own_frame, t.place
    _split_frame(connection, frame_hash)
    connection.execute(delete(p).where(p.c.frame_hash == frame_hash))
    connection.execute(delete(f).where(f.c.hash == frame_hash))


def _split_frame(connection: Connection, frame_hash: bytes) -> None:
    f = t.own_frame
    for waits in connection.execute(select(f.c.waits).where(f.c.hash == frame_hash)).scalars().all():
        for member in split_codes(waits):
            delivery_rows.split_by_message(connection, frame_hash, member)


def abandon_frame(connection: Connection, frame_hash: bytes, now: int) -> None:
    """Abandon a frame in transit that no receiver will accept: its messages are `queued` again.

    Its indexes remain, because a receiver that does not know yet that the frame is invalid accepts it and refers to it.
    A frame that was sent is not changed.
    """
    f = t.own_frame
    mine = and_(f.c.hash == frame_hash, f.c.sent.is_(None))
    if connection.execute(select(f.c.hash).where(mine)).first() is not None:
        _split_frame(connection, frame_hash)
        connection.execute(update(f).where(mine), {"sent": now})


# -- messages of ours


def messages_in(connection: Connection, frame_hash: bytes) -> list[tuple[str, int]]:
    """Return (id, rev) of the own messages in a frame, in order."""
    p = t.place
    wanted = select(p.c.id, p.c.rev).where(p.c.frame_hash == frame_hash).order_by(p.c.place)
    return [(row.id, row.rev) for row in connection.execute(wanted)]


def record_index(connection: Connection, frame_hash: bytes, index: int, id_: str, rev: int) -> None:
    """Record the message at that index; receipts refer to it."""
    insert_new(connection, t.place, [{"frame_hash": frame_hash, "place": index, "id": id_, "rev": rev, "owed": False}])


def newest_sent_to(
    connection: Connection, member: str, realm: str, named: Sequence[tuple[bytes, Sequence[int] | None]]
) -> tuple[str, int] | None:
    """Return (id, at) of the newest message of ours among those (frame hash, indexes) that went to the member."""
    f, p, m = t.own_frame, t.place, t.message
    joined = p.join(f, f.c.hash == p.c.frame_hash).join(m, and_(m.c.id == p.c.id, m.c.rev == p.c.rev))
    went = and_(f.c.channel.in_(("all", member)), f.c.sent.is_not(None), m.c.realm == realm)
    whole = p.c.frame_hash.in_({name for name, indexes in named if indexes is None})
    parts = [and_(p.c.frame_hash == name, p.c.place.in_(indexes)) for name, indexes in named if indexes is not None]
    wanted = select(m.c.id, m.c.at).select_from(joined).where(went, or_(whole, *parts))
    row = connection.execute(wanted.order_by(m.c.at.desc(), m.c.id.desc()).limit(1)).first()
    return (str(row.id), int(row.at)) if row is not None else None


def keep_frame(connection: Connection, frame_hash: bytes, channel: str, at: int) -> None:
    """Store an own frame that was sent without this store's knowledge; its messages have rows of their own."""
    deliveries.keep_frames(connection, [deliveries.OwnFrame(frame_hash, channel, 0, at, at, "")])


def refuse_own(connection: Connection, id_: str, rev: int, code: str, now: int) -> None:
    """Record that an own message must never be sent, because another text with its id was sent."""
    delivery_rows.refuse_message(connection, id_, rev, code, now)
    connection.execute(delete(t.queue).where(t.queue.c.id == id_, t.queue.c.rev == rev))


def unserved_deliveries(connection: Connection) -> list[Row[Any]]:
    """Return (id, rev, member, realm) of deliveries that nothing queued or sealed will ever complete."""
    d, q, p, f, m = t.delivery, t.queue, t.place, t.own_frame, t.message
    queued = select(q.c.id, q.c.rev, q.c.channel).where(q.c.id.is_not(None), q.c.channel.is_not(None))
    has_left = exists().where(p.c.id == d.c.id, p.c.rev == d.c.rev, f.c.hash == p.c.frame_hash)
    is_sealed = has_left.where(f.c.sent.is_(None), or_(f.c.channel == "all", f.c.channel == d.c.member))
    joined = d.join(m, and_(m.c.id == d.c.id, m.c.rev == d.c.rev))
    wanted = select(d.c.id, d.c.rev, d.c.member, m.c.realm).select_from(joined)
    wanted = wanted.where(d.c.state.in_(("queued", "no-valid-key")), tuple_(d.c.id, d.c.rev, d.c.member).not_in(queued))
    return list(connection.execute(wanted.where(~is_sealed)))


def drop_served(connection: Connection) -> None:
    """Delete queue items of sent messages; the rows of their deliveries name the members that still wait."""
    d, q = t.delivery, t.queue
    with_rows = select(d.c.id, d.c.rev)
    whole = and_(q.c.id.is_not(None), q.c.channel.is_(None))
    connection.execute(delete(q).where(whole, tuple_(q.c.id, q.c.rev).in_(with_rows)))


def raise_number(connection: Connection, kind: str, year: int, at_least: int) -> None:
    """Reserve all numbers up to this one. One that is more than CHOSEN_BEYOND ahead is that of an id which its
    publisher chose: it is passed over when the numbers get there, and does not use up those before it.
    """
    if 0 < at_least - messages.last_number(connection, kind, year) <= CHOSEN_BEYOND:
        messages.reserve_numbers(connection, {(kind, year): at_least})


def numbers_of_year(connection: Connection, year: int, kinds: Sequence[str], skip: int) -> None:
    """Skip `skip` ids of every kind, because own messages that cannot be read here use them."""
    taken = {(kind, year): messages.last_number(connection, kind, year) + skip for kind in kinds}
    messages.reserve_numbers(connection, taken)

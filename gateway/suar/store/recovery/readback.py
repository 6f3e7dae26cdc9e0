"""What reading back needs of the store: which objects are known, and what still lacks a way out ([E12])."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, exists, or_, select, tuple_, update

from suar.protocol.base.primitives import message_id
from suar.protocol.transport.epoch import Link
from suar.store import tables as t
from suar.store.engine.upsert import insert_new, upsert
from suar.store.messages import rows as messages
from suar.store.outbound import deliveries, delivery_rows, outbox
from suar.store.outbound.delivery_view import split_codes

# -- objects


def sealed_row(connection: Connection, data: bytes) -> Row[Any] | None:
    """The outbox row of this very object."""
    o = t.outbox
    return connection.execute(select(o).where(o.c.msg_id == message_id(data)).limit(1)).first()


def epoch_data(connection: Connection, epoch_id: bytes) -> bytes | None:
    """An epoch of ours as it left."""
    o = t.outbox
    return connection.execute(select(o.c.data).where(o.c.epoch_id == epoch_id, o.c.seq.is_(None)).limit(1)).scalar()


def keep_published(connection: Connection, row: dict[str, Any], now: int) -> None:
    """Remember an object that left without this store's knowledge."""
    outbox.append(connection, [row | {"at": now}])
    o = t.outbox
    mine = and_(o.c.msg_id == message_id(row["data"]), o.c.published.is_(None))
    connection.execute(update(o).where(mine), {"published": now})


def mark_published(connection: Connection, row: Row[Any], now: int) -> None:
    """An object of ours that was on its way has arrived in the own stream."""
    outbox.mark_published(connection, [(row.n, now)])
    if row.messages:
        deliveries.mark_sent(connection, [(row.frame_hash, row.channel, now)])


def set_head(connection: Connection, signer: bytes, realm: str, channel: str, link: Link, not_before: int) -> None:
    """Where a chain of ours truly ends."""
    row = {
        "signer": signer, "realm": realm, "channel": channel, "epoch_id": link.epoch_id, "frames": link.frames,
        "hash": link.hash, "not_before": not_before,
    }  # fmt: skip
    upsert(connection, t.own_head, [row])


def pop_unpublished(connection: Connection, realm: str, channel: str) -> list[Row[Any]]:
    """Take sealed objects of a chain that never left out of the outbox, in order."""
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
    """It never left, and never will: its messages are answered for one by one."""
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
    """A frame that did not leave yet is on its way, and no receiver will take it: its messages are `queued`.

    Its places stay: who does not know yet that it is to be refused takes it, and speaks of it. What left is left alone.
    """
    f = t.own_frame
    mine = and_(f.c.hash == frame_hash, f.c.sent.is_(None))
    if connection.execute(select(f.c.hash).where(mine)).first() is not None:
        _split_frame(connection, frame_hash)
        connection.execute(update(f).where(mine), {"sent": now})


# -- messages of ours


def messages_in(connection: Connection, frame_hash: bytes) -> list[tuple[str, int]]:
    """(id, rev) of our messages in a frame, in order."""
    p = t.place
    wanted = select(p.c.id, p.c.rev).where(p.c.frame_hash == frame_hash).order_by(p.c.place)
    return [(row.id, row.rev) for row in connection.execute(wanted)]


def record_index(connection: Connection, frame_hash: bytes, place: int, id_: str, rev: int) -> None:
    """Which message stands there; receipts name it so."""
    insert_new(connection, t.place, [{"frame_hash": frame_hash, "place": place, "id": id_, "rev": rev, "owed": False}])


def keep_frame(connection: Connection, frame_hash: bytes, channel: str, at: int) -> None:
    """A frame of ours that left without this store's knowledge; each of its messages is answered for by itself."""
    deliveries.keep_frames(connection, [deliveries.OwnFrame(frame_hash, channel, 0, at, at, "")])


def refuse_own(connection: Connection, id_: str, rev: int, code: str, now: int) -> None:
    """A message of ours that must never leave: another text of its id did."""
    delivery_rows.refuse_message(connection, id_, rev, code, now)
    connection.execute(delete(t.queue).where(t.queue.c.id == id_, t.queue.c.rev == rev))


def unserved_deliveries(connection: Connection) -> list[Row[Any]]:
    """(id, rev, member, realm) of deliveries that nothing queued or sealed will ever serve."""
    d, q, p, f, m = t.delivery, t.queue, t.place, t.own_frame, t.message
    queued = select(q.c.id, q.c.rev, q.c.channel).where(q.c.id.is_not(None), q.c.channel.is_not(None))
    has_left = exists().where(p.c.id == d.c.id, p.c.rev == d.c.rev, f.c.hash == p.c.frame_hash)
    is_sealed = has_left.where(f.c.sent.is_(None), or_(f.c.channel == "all", f.c.channel == d.c.member))
    joined = d.join(m, and_(m.c.id == d.c.id, m.c.rev == d.c.rev))
    wanted = select(d.c.id, d.c.rev, d.c.member, m.c.realm).select_from(joined)
    wanted = wanted.where(d.c.state.in_(("queued", "no-valid-key")), tuple_(d.c.id, d.c.rev, d.c.member).not_in(queued))
    return list(connection.execute(wanted.where(~is_sealed)))


def drop_served(connection: Connection) -> None:
    """Queue items of messages that left, for whom nobody else waits for them: their rows say for whom not."""
    d, q = t.delivery, t.queue
    with_rows = select(d.c.id, d.c.rev)
    whole = and_(q.c.id.is_not(None), q.c.channel.is_(None))
    connection.execute(delete(q).where(whole, tuple_(q.c.id, q.c.rev).in_(with_rows)))


def raise_number(connection: Connection, kind: str, year: int, at_least: int) -> None:
    """No id up to this number is given again."""
    if messages.last_number(connection, kind, year) < at_least:
        messages.reserve_numbers(connection, {(kind, year): at_least})


def numbers_of_year(connection: Connection, year: int, kinds: Sequence[str], skip: int) -> None:
    """Skip as many ids of every kind: messages of ours that nobody here can read carry them."""
    taken = {(kind, year): messages.last_number(connection, kind, year) + skip for kind in kinds}
    messages.reserve_numbers(connection, taken)

"""What reading back needs of the store: which objects are known, and what still lacks a way out ([E12])."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, exists, or_, select, update

from suar.protocol.epoch import Link
from suar.protocol.primitives import message_id
from suar.store import messages, outbox
from suar.store import tables as t
from suar.store.upsert import insert_new, upsert

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
    outbox.put(connection, [row | {"at": now}])
    o = t.outbox
    mine = and_(o.c.msg_id == message_id(row["data"]), o.c.published.is_(None))
    connection.execute(update(o).where(mine), {"published": now})


def mark_published(connection: Connection, row: Row[Any], now: int) -> None:
    """An object of ours that was on its way has arrived in the own stream."""
    outbox.mark_published(connection, [row.n], now)
    if row.messages:
        messages.mark_sent(connection, [(row.frame_hash, row.channel)], now)


def set_head(connection: Connection, signer: bytes, realm: str, channel: str, link: Link, not_before: int) -> None:
    """Where a chain of ours truly ends."""
    row = {
        "signer": signer, "realm": realm, "channel": channel, "epoch_id": link.epoch_id, "frames": link.frames,
        "hash": link.hash, "not_before": not_before,
    }  # fmt: skip
    upsert(connection, t.own_head, [row])


def take_unpublished(connection: Connection, realm: str, channel: str) -> list[Row[Any]]:
    """Take sealed objects of a chain that never left out of the outbox, in order."""
    o = t.outbox
    mine = and_(o.c.published.is_(None), o.c.again_at.is_(None), o.c.realm == realm, o.c.channel == channel)
    rows = list(connection.execute(select(o).where(mine, o.c.epoch_id.is_not(None)).order_by(o.c.n)))
    if rows:
        connection.execute(delete(o).where(o.c.n.in_([row.n for row in rows])))
    return rows


# -- messages of ours


def keep_place(connection: Connection, frame_hash: bytes, place: int, id_: str, rev: int) -> None:
    """Which message stands there; receipts name it so."""
    insert_new(connection, t.place, [{"frame_hash": frame_hash, "place": place, "id": id_, "rev": rev}])


def expect(connection: Connection, id_: str, rev: int, members: Sequence[str], now: int) -> None:
    """Delivery rows for those members that have none."""
    rows = [{"id": id_, "rev": rev, "member": member, "state": "queued", "queued": now} for member in members]
    insert_new(connection, t.delivery, rows)


def mark_sent(connection: Connection, id_: str, rev: int, members: Sequence[str], now: int) -> None:
    """The message was sealed for these members and left."""
    d = t.delivery
    here = and_(d.c.id == id_, d.c.rev == rev, d.c.member.in_(members), d.c.state.in_(("queued", "no-valid-key")))
    connection.execute(update(d).where(here), {"state": "sent", "sent": now})


def refuse_own(connection: Connection, id_: str, rev: int, code: str, now: int) -> None:
    """A message of ours that must never leave: another text of its id did."""
    d, q = t.delivery, t.queue
    here = and_(d.c.id == id_, d.c.rev == rev)
    connection.execute(update(d).where(here), {"state": "refused", "refused": now, "refused_code": code})
    connection.execute(delete(q).where(q.c.id == id_, q.c.rev == rev))


def without_way_out(connection: Connection) -> list[Row[Any]]:
    """(id, rev, member, realm) of deliveries that nothing queued or sealed will ever serve."""
    d, q, p, o, m = t.delivery, t.queue, t.place, t.outbox, t.message
    is_queued = exists().where(
        q.c.id == d.c.id, q.c.rev == d.c.rev, or_(q.c.channel.is_(None), q.c.channel == d.c.member)
    )
    is_sealed = (
        exists()
        .where(p.c.id == d.c.id, p.c.rev == d.c.rev, o.c.frame_hash == p.c.frame_hash)
        .where(o.c.published.is_(None), or_(o.c.channel == "all", o.c.channel == d.c.member))
    )
    joined = d.join(m, and_(m.c.id == d.c.id, m.c.rev == d.c.rev))
    wanted = select(d.c.id, d.c.rev, d.c.member, m.c.realm).select_from(joined)
    return list(connection.execute(wanted.where(d.c.state.in_(("queued", "no-valid-key")), ~is_queued, ~is_sealed)))


def drop_served(connection: Connection) -> None:
    """Queue items whose message has left for everybody that it is for."""
    d, q = t.delivery, t.queue
    is_awaited = exists().where(d.c.id == q.c.id, d.c.rev == q.c.rev, d.c.state.in_(("queued", "no-valid-key")))
    connection.execute(delete(q).where(q.c.id.is_not(None), q.c.channel.is_(None), ~is_awaited))


def raise_number(connection: Connection, kind: str, year: int, at_least: int) -> None:
    """No id up to this number is given again."""
    if messages.last_number(connection, kind, year) < at_least:
        messages.take_numbers(connection, {(kind, year): at_least})


def numbers_of_year(connection: Connection, year: int, kinds: Sequence[str], skip: int) -> None:
    """Skip as many ids of every kind: messages of ours that nobody here can read carry them."""
    taken = {(kind, year): messages.last_number(connection, kind, year) + skip for kind in kinds}
    messages.take_numbers(connection, taken)

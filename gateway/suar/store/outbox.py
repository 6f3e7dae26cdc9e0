"""What leaves: messages and receipts that wait to be sealed, sealed objects that wait to be published, own heads."""

from collections.abc import Collection, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Executable, and_, bindparam, case, delete, func, insert, or_, select, update

from suar.protocol.dispatch import Outgoing, SendingChain
from suar.protocol.epoch import Link
from suar.protocol.primitives import message_id
from suar.protocol.subjects import ALL
from suar.store import tables as t
from suar.store.bulk import Bulk
from suar.store.prepared import Prepared, Rows
from suar.store.upsert import upsert

AGAIN_MARGIN: Final = 5_000  # ms behind the duplicate window of OUTBOX
AGAIN_AFTER: Final = 120_000 + AGAIN_MARGIN  # as the stream is made; the true window is asked of it
AGAIN_RETRY: Final = 30_000  # ms: a server that was restarted remembers for longer
AGAIN: Final = -1  # in `again_at`: on its way once more
RELEASED_AT_ONCE: Final = 2_000  # objects of one channel, once a second

# -- the queue: not yet sealed


_COLUMNS: Final = ("realm", "priority", "channel", "kind", "id", "rev", "audience", "body", "parked")
_QUEUE: Final = Bulk(t.queue, *_COLUMNS)
_PLACES: Final = Bulk(t.place, "frame_hash", "place", "id", "rev", "owed")


class Queued(NamedTuple):
    """Something to be sealed: a message of ours, for its audience or for one `channel`; or a receipt's `body`."""

    realm: str
    priority: int
    kind: str
    channel: str | None = None
    id: str | None = None
    rev: int | None = None
    audience: str | None = None
    body: bytes | None = None
    parked: bool = False


class Accepted(NamedTuple):
    """A message of ours that was accepted in this transaction, with the columns that `due` answers of one that waits.

    Sealed in the same transaction it never stands in the queue.
    """

    realm: str
    priority: int
    kind: str
    id: str
    rev: int
    audience: str
    accepted_at: int
    readers: str
    data: bytes
    n: None = None
    channel: None = None
    body: None = None

    def queued(self) -> Queued:
        """Its row of the queue."""
        return Queued(self.realm, self.priority, self.kind, id=self.id, rev=self.rev, audience=self.audience)


def enqueue(connection: Connection, items: Sequence[Queued]) -> None:
    """Queue messages and receipts."""
    rows = [(i.realm, i.priority, i.channel, i.kind, i.id, i.rev, i.audience, i.body, i.parked) for i in items]
    _QUEUE.insert(connection, rows)


def _due() -> Executable:
    q, m = t.queue, t.message
    joined = q.outerjoin(m, and_(m.c.id == q.c.id, m.c.rev == q.c.rev))
    columns = (*q.c, m.c.body.label("sealed"), m.c.body_key, m.c.at.label("accepted_at"), m.c.readers)
    wanted = select(*columns).select_from(joined)
    wanted = wanted.where(q.c.parked.is_(False), q.c.priority <= bindparam("least_urgent"))
    return wanted.order_by(q.c.priority, q.c.n).limit(bindparam("limit"))


_DUE: Final = Prepared(_due())
_IS_DUE: Final = Prepared(
    select(t.queue.c.n).where(t.queue.c.parked.is_(False), t.queue.c.priority <= bindparam("least_urgent")).limit(1)
)
_DEQUEUE: Final = Prepared(delete(t.queue).where(t.queue.c.n == bindparam("number")))


def due(connection: Connection, limit: int, least_urgent: int) -> Rows:
    """What may be sealed now with the bodies of its messages, up to that priority, the most urgent first, in order."""
    return _DUE.rows(connection, least_urgent=least_urgent, limit=limit)


def is_due(connection: Connection, least_urgent: int) -> bool:
    """Whether something of that priority or a higher one waits to be sealed."""
    return bool(_IS_DUE.rows(connection, least_urgent=least_urgent))


def dequeue(connection: Connection, numbers: Sequence[int]) -> None:
    """Take sealed items out of the queue."""
    _DEQUEUE.run_all(connection, [{"number": number} for number in numbers])


def park(connection: Connection, numbers: Sequence[int]) -> None:
    """Leave items for later: their member has no valid key."""
    if numbers:
        connection.execute(update(t.queue).where(t.queue.c.n.in_(numbers)), {"parked": True})


def unpark(connection: Connection, member: str) -> int:
    """The member has a key again; how many items may go now."""
    q = t.queue
    done = connection.execute(update(q).where(q.c.channel == member, q.c.parked.is_(True)), {"parked": False})
    return done.rowcount


def queued_for(connection: Connection, member: str) -> set[tuple[str, int]]:
    """(id, rev) of the messages that wait to be sealed for this member alone."""
    q = t.queue
    wanted = select(q.c.id, q.c.rev).where(q.c.channel == member, q.c.id.is_not(None))
    return {(id_, rev) for id_, rev in connection.execute(wanted)}


def parked_members(connection: Connection) -> list[str]:
    """Members for whom something is parked."""
    q = t.queue
    return list(connection.execute(select(q.c.channel).where(q.c.parked.is_(True)).distinct()).scalars())


# -- the outbox: sealed, in the order it must leave


_GIVEN: Final = ("subject", "data", "at", "epoch_id", "seq", "frame_hash", "channel", "realm")
_PUT: Final = Prepared(insert(t.outbox).values({n: bindparam(n) for n in (*_GIVEN, "msg_id", "messages")}))


def put(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Append objects that are ready to be published."""
    if rows:
        filled = [
            {name: row.get(name) for name in _GIVEN}
            | {"msg_id": message_id(row["data"]), "messages": row.get("messages", 0)}
            for row in rows
        ]
        _PUT.run_all(connection, filled)


def put_sealed(connection: Connection, outgoing: Sequence[Outgoing], now: int) -> None:
    """Append epochs and frames of ours."""
    put(
        connection,
        [
            {
                "subject": item.subject, "data": item.data, "at": now, "epoch_id": item.epoch_id,
                "seq": item.frame.seq if item.frame else None, "frame_hash": item.frame.hash if item.frame else None,
                "channel": item.channel, "realm": item.realm, "messages": item.frame.count if item.frame else 0,
            }
            for item in outgoing
        ],
    )  # fmt: skip


_IS_AGAIN: Final = case((t.outbox.c.again_at.is_(None), 0), else_=1)
_UNPUBLISHED: Final = Prepared(
    select(t.outbox).where(t.outbox.c.published.is_(None)).order_by(_IS_AGAIN, t.outbox.c.n).limit(bindparam("limit"))
)
_PUBLISHED: Final = Prepared(
    update(t.outbox)
    .where(t.outbox.c.n == bindparam("number"))
    .values({"published": bindparam("now"), "again_at": None})
)


def unpublished(connection: Connection, limit: int, without: Collection[int] = ()) -> Rows:
    """The next objects to publish, in order, but not these row numbers; what goes once more after what is new."""
    rows = _UNPUBLISHED.rows(connection, limit=limit + len(without))
    return [row for row in rows if row.n not in without][:limit]


def mark_published(connection: Connection, numbers: Sequence[int], now: int) -> None:
    """The own server has them on disk."""
    _PUBLISHED.run_all(connection, [{"number": number, "now": now} for number in numbers])


def not_taken_again(connection: Connection, numbers: Sequence[int], now: int) -> None:
    """The own server still took these for the copies that it has: once more, later."""
    if numbers:
        connection.execute(update(t.outbox).where(t.outbox.c.n.in_(numbers)), {"again_at": now + AGAIN_RETRY})


def backlog(connection: Connection) -> int:
    """Bytes that are sealed and not yet published."""
    o = t.outbox
    return connection.execute(select(func.sum(func.length(o.c.data))).where(o.c.published.is_(None))).scalar() or 0


_IS_OURS: Final = Prepared(select(t.outbox.c.n).where(t.outbox.c.msg_id == bindparam("msg_id")).limit(1))
_OF_EPOCH: Final = t.outbox.c.epoch_id == bindparam("epoch_id")
_LAST_SEQ: Final = Prepared(select(func.max(t.outbox.c.seq).label("last")).where(_OF_EPOCH))
_HAS_SEQ: Final = Prepared(select(t.outbox.c.seq).where(_OF_EPOCH, t.outbox.c.seq == bindparam("seq")).limit(1))


def is_ours(connection: Connection, data: bytes, epoch_id: bytes = b"") -> bool:
    """Whether this very object left from here; a frame of `epoch_id` may be one that was purged since."""
    if _IS_OURS.rows(connection, msg_id=message_id(data)):
        return True
    seq, last = int.from_bytes(data[36:44], "big"), _LAST_SEQ.rows(connection, epoch_id=epoch_id)[0].last
    return last is not None and seq < last and not _HAS_SEQ.rows(connection, epoch_id=epoch_id, seq=seq)


def put_again(connection: Connection, row: dict[str, Any], after: int = AGAIN_AFTER) -> None:
    """Publish an object once more. A copy that left lately goes again instead, when the own stream takes it.

    So it has one row in `after` ms, however often it is asked for.
    """
    o = t.outbox
    lately = or_(o.c.published.is_(None), o.c.published > row["at"] - after)
    copy = select(o.c.n, o.c.published).where(o.c.msg_id == message_id(row["data"]), lately).order_by(o.c.n.desc())
    held = connection.execute(copy.limit(1)).first()
    if held is None:
        put(connection, [row])
    elif held.published is not None:
        is_asked = o.c.again_at >= 0
        this = and_(o.c.n == held.n, or_(o.c.again_at.is_(None), ~is_asked))
        connection.execute(update(o).where(this), {"again_at": held.published + after})


def republish(
    connection: Connection, epoch_id: bytes, first: int, last: int, member: str, after: int = AGAIN_AFTER
) -> int:
    """Publish the epoch and a range of its frames again, the same bytes, if `member` gets them; how many objects.

    Each `after` ms, when the own stream no longer takes it for the copy that it stored (its duplicate window).
    """
    o = t.outbox
    wanted = and_(
        o.c.epoch_id == epoch_id,
        o.c.channel.in_((ALL, member)),
        case((o.c.seq.is_(None), first), else_=o.c.seq).between(first, last),
    )
    is_asked = o.c.again_at >= 0
    asked = update(o).where(wanted, o.c.published.is_not(None), or_(o.c.again_at.is_(None), ~is_asked))
    return connection.execute(asked.values(again_at=o.c.published + after)).rowcount


def release(connection: Connection, now: int) -> int:
    """Let go what was asked for again and may leave now; how many objects.

    So many of each channel at once: one member that asks for an epoch of 60,000 frames delays neither what others ask
    for nor what is new.
    """
    o = t.outbox
    due = o.c.again_at.between(0, now)
    turn = func.row_number().over(partition_by=o.c.channel, order_by=o.c.n).label("turn")
    waiting = select(o.c.n, turn).where(due).subquery()
    numbers = select(waiting.c.n).where(waiting.c.turn <= RELEASED_AT_ONCE)
    return connection.execute(update(o).where(o.c.n.in_(numbers)), {"published": None, "again_at": AGAIN}).rowcount


def never_later(connection: Connection, now: int) -> None:
    """After a clock that ran ahead: what was published then was published by now, and may be sent again in time."""
    o = t.outbox
    connection.execute(update(o).where(o.c.published > now), {"published": now})
    connection.execute(update(o).where(o.c.again_at > now + AGAIN_AFTER), {"again_at": now + AGAIN_AFTER})


def frames_of(connection: Connection, epoch_id: bytes, first: int, last: int) -> list[tuple[bytes, int]]:
    """(hash, messages) of our frames with messages in a range."""
    o = t.outbox
    wanted = and_(o.c.epoch_id == epoch_id, o.c.seq.between(first, last), o.c.messages > 0)
    rows = connection.execute(select(o.c.frame_hash, o.c.messages).where(wanted).order_by(o.c.seq))
    return [(frame_hash, messages) for frame_hash, messages in rows]


def keep_places(connection: Connection, rows: Sequence[tuple[bytes, int, str, int, bool]]) -> None:
    """Which message stands at which place of which frame: (frame hash, place, id, rev, whether its frame owes it)."""
    _PLACES.insert(connection, rows)


def purge(connection: Connection, before: int, heartbeats_before: int) -> None:
    """Forget published objects that no peer can ask for any more; heartbeats sooner."""
    o = t.outbox
    connection.execute(delete(o).where(o.c.published < before))
    idle = and_(o.c.messages == 0, o.c.seq.is_not(None), o.c.published < heartbeats_before)
    connection.execute(delete(o).where(idle))


# -- own heads


def save_heads(connection: Connection, signer: bytes, chains: Sequence[SendingChain]) -> None:
    """[E12] Where each of our chains stands, in the transaction of what was sealed."""
    rows = [
        {
            "signer": signer, "realm": chain.realm, "channel": chain.channel, "epoch_id": chain.end.epoch_id,
            "frames": chain.end.frames, "hash": chain.end.hash, "not_before": chain.not_before,
        }
        for chain in chains
    ]  # fmt: skip
    upsert(connection, t.own_head, rows)


def load_heads(connection: Connection, signer: bytes) -> list[tuple[str, str, Link, int]]:
    """(realm, channel, link, not_before) of every chain of that key."""
    h = t.own_head
    rows = connection.execute(select(h).where(h.c.signer == signer))
    return [(row.realm, row.channel, Link(row.epoch_id, row.frames, row.hash), row.not_before) for row in rows]

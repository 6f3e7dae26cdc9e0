"""The queue of messages and receipts to be sealed, most urgent first."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    and_,
    bindparam,
    delete,
    literal_column,
    select,
    true,
    update,
)

from suar.protocol.message.urgency import OVER, REST
from suar.store import tables as t
from suar.store.engine.keys import row_keys
from suar.store.engine.prepared import Insert, Prepared, Rows
from suar.store.messages.rows import BOUND

_COLUMNS: Final = ("realm", "priority", "channel", "kind", "id", "rev", "audience", "body", "parked")
_QUEUE: Final = Insert(t.queue, *_COLUMNS)


class Queued(NamedTuple):
    """An item to be sealed: a message of ours, for its audience or for one `channel`; or a receipt's `body`."""

    realm: str
    priority: int
    kind: str
    channel: str | None = None
    id: str | None = None
    rev: int | None = None
    audience: str | None = None
    body: bytes | None = None
    is_parked: bool = False


class Accepted(NamedTuple):
    """A message of ours that was accepted in this transaction, with the columns that `due` returns.

    If it is sealed in the same transaction it is never in the queue.
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
        """Return its row for the queue."""
        return Queued(self.realm, self.priority, self.kind, id=self.id, rev=self.rev, audience=self.audience)


def enqueue(connection: Connection, items: Sequence[Queued]) -> None:
    """Queue messages and receipts."""
    rows = [(i.realm, i.priority, i.channel, i.kind, i.id, i.rev, i.audience, i.body, i.is_parked) for i in items]
    _QUEUE.insert(connection, rows)


def _due(wanted_too: ColumnElement[bool]) -> Executable:
    q, m = t.queue, t.message
    joined = q.outerjoin(m, and_(m.c.id == q.c.id, m.c.rev == q.c.rev))
    bound = (column.label(f"bound_{column.name}") for column in BOUND)
    columns = (
        *q.c, m.c.n.label("message_n"), m.c.body.label("sealed"), row_keys.salt_of(m.c.body_key),
        m.c.at.label("accepted_at"), m.c.readers, *bound,
    )  # fmt: skip
    wanted = select(*columns).select_from(joined)
    wanted = wanted.where(q.c.parked.is_(False), q.c.priority <= bindparam("least_urgent"), wanted_too)
    return wanted.order_by(q.c.priority, q.c.n).limit(bindparam("limit"))


_DUE: Final = Prepared(_due(true()))
_DUE_NOT_ORDINARY: Final = Prepared(
    _due(t.queue.c.priority.not_in([literal_column(str(lane)) for lane in (REST, OVER)]))
)
_IS_DUE: Final = Prepared(
    select(t.queue.c.n).where(t.queue.c.parked.is_(False), t.queue.c.priority <= bindparam("least_urgent")).limit(1)
)
_DEQUEUE: Final = Prepared(delete(t.queue).where(t.queue.c.n == bindparam("number")))


def due(connection: Connection, limit: int, least_urgent: int, *, no_ordinary: bool = False) -> Rows:
    """Return items that can be sealed now, up to that priority, with the bodies of the messages, the most urgent first.

    `no_ordinary` excludes messages that are not alerts.
    """
    statement = _DUE_NOT_ORDINARY if no_ordinary else _DUE
    return statement.rows(connection, least_urgent=least_urgent, limit=limit)


def is_due(connection: Connection, least_urgent: int) -> bool:
    """Whether something of that or a higher priority waits to be sealed."""
    return bool(_IS_DUE.rows(connection, least_urgent=least_urgent))


def dequeue(connection: Connection, numbers: Sequence[int]) -> None:
    """Remove sealed items from the queue."""
    _DEQUEUE.run_all(connection, [{"number": number} for number in numbers])


def park(connection: Connection, numbers: Sequence[int]) -> None:
    """Keep items for later, because their member has no valid key."""
    if numbers:
        connection.execute(update(t.queue).where(t.queue.c.n.in_(numbers)), {"parked": True})


def unpark(connection: Connection, member: str) -> int:
    """Release the items of a member that has a valid key again; returns how many."""
    q = t.queue
    done = connection.execute(update(q).where(q.c.channel == member, q.c.parked.is_(True)), {"parked": False})
    return done.rowcount


_UNPARK: Final = Prepared(update(t.queue).where(t.queue.c.n == bindparam("number")).values(parked=False))


def parked(connection: Connection, member: str) -> list[tuple[int, str, str | None]]:
    """Return (number, kind, id) of what is parked for a member."""
    q = t.queue
    wanted = select(q.c.n, q.c.kind, q.c.id).where(q.c.parked.is_(True), q.c.channel == member)
    return [(n, kind, id_) for n, kind, id_ in connection.execute(wanted.order_by(q.c.n))]


def unpark_items(connection: Connection, numbers: Sequence[int]) -> None:
    """Release these items."""
    _UNPARK.run_all(connection, [{"number": number} for number in numbers])


def queued_for(connection: Connection, member: str) -> set[tuple[str, int]]:
    """Return (id, rev) of the messages that wait to be sealed for this member alone."""
    q = t.queue
    wanted = select(q.c.id, q.c.rev).where(q.c.channel == member, q.c.id.is_not(None))
    return {(id_, rev) for id_, rev in connection.execute(wanted)}


_PARKED_MEMBERS: Final = Prepared(select(t.queue.c.channel).where(t.queue.c.parked.is_(True)).distinct())


def parked_members(connection: Connection) -> list[str]:
    """Return the members for which something is parked."""
    return [row.channel for row in _PARKED_MEMBERS.rows(connection)]

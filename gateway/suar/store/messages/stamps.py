"""Time-stamped trees: values that are not stamped yet, the trees, and the position of each value in them."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row, func, insert, or_, select

from suar.store import tables as t
from suar.store.engine.prepared import Insert, Lookup
from suar.store.engine.verifying import is_as_written

AUTHOR_ACTS: Final = ("publish", "hold", "release")
"""What the audit calls the acts by which a message was published."""
_STAMPED: Final = Insert(t.stamped, "value", "stamp", "position", keep=True)
_FOUND: Final = Lookup(t.stamped.c.value, t.stamped.c.stamp, t.stamped.c.position)


class Stamped(NamedTuple):
    """The number of the tree that contains a value, and the position of the value in it, from 0."""

    value: bytes
    tree: int
    position: int


class Tree(NamedTuple):
    """A stored tree with its token; `leaves` are sealed."""

    at: int
    line: int
    kid: bytes
    signature: bytes
    root: bytes
    token: bytes
    leaves: bytes
    leaves_key: bytes


def unstamped_frames(connection: Connection, limit: int) -> list[bytes]:
    """Return at most `limit` hashes of sent or received frames with messages or receipts that are in no tree yet."""
    found: dict[bytes, None] = {}
    for column in (t.message.c.frame_hash, t.place.c.frame_hash, t.receipt_frame.c.hash):
        is_stamped = select(t.stamped.c.value).where(t.stamped.c.value == column).exists()
        wanted = select(column).where(column.is_not(None), ~is_stamped).distinct().limit(limit)
        found |= dict.fromkeys(bytes(value) for value in connection.execute(wanted).scalars())
    return list(found)[:limit]


def last(connection: Connection) -> Row[Any] | None:
    """Return the newest tree."""
    return connection.execute(select(t.stamp).order_by(t.stamp.c.n.desc()).limit(1)).first()


def lines_after(connection: Connection, n: int, limit: int) -> list[tuple[int, bytes]]:
    """Return (number, hash) of the audit lines after line `n`."""
    a = t.audit
    rows = connection.execute(select(a.c.n, a.c.hash).where(a.c.n > n).order_by(a.c.n).limit(limit))
    return [(row.n, bytes(row.hash)) for row in rows]


def newest_head(connection: Connection) -> Row[Any] | None:
    """Return the newest signed head of the audit log."""
    return connection.execute(select(t.audit_head).order_by(t.audit_head.c.n.desc()).limit(1)).first()


def about(connection: Connection, what: Iterable[str], about_: str) -> list[Row[Any]]:
    """Return the audit lines about one revision of a message."""
    a = t.audit
    is_it = or_(a.c.about == about_, a.c.about.startswith(f"{about_} ", autoescape=True))
    return list(connection.execute(select(a).where(a.c.what.in_(list(what)), is_it).order_by(a.c.n)))


def line_hash_at(connection: Connection, n: int) -> bytes | None:
    """Return the hash of that audit line."""
    found = connection.execute(select(t.audit.c.hash).where(t.audit.c.n == n)).scalar()
    return None if found is None else bytes(found)


def not_stamped(connection: Connection, values: Iterable[bytes]) -> list[bytes]:
    """Return those of the values that are in no tree yet."""
    wanted = list(dict.fromkeys(values))
    known = _FOUND.find(connection, wanted)
    return [value for value in wanted if value not in known]


def keep(connection: Connection, tree: Tree, values: Sequence[bytes]) -> None:
    """Store a tree and the positions of its first values; `add_positions` stores those of the others."""
    n = (connection.execute(select(func.max(t.stamp.c.n))).scalar() or 0) + 1
    connection.execute(insert(t.stamp), {"n": n, **tree._asdict()})
    add_positions(connection, [Stamped(value, n, position) for position, value in enumerate(values)])


def add_positions(connection: Connection, rows: Sequence[Stamped]) -> None:
    """Store the positions of values; a value that is in an earlier tree keeps its position there."""
    _STAMPED.insert(connection, rows)


def positions(connection: Connection, values: Iterable[bytes]) -> dict[bytes, tuple[int, int]]:
    """Return the number of the tree, and the position in it, for each stamped value."""
    return {value: (row.stamp, row.position) for value, row in _FOUND.find(connection, values).items()}


def tree(connection: Connection, n: int) -> Row[Any] | None:
    """Return the tree with that number; None if there is none that this gateway wrote."""
    row = connection.execute(select(t.stamp).where(t.stamp.c.n == n)).first()
    return row if row is not None and is_as_written(connection, t.stamp, row) else None

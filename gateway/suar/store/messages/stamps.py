"""Time-stamped trees: what is not stamped yet, the trees that are, and where in them a value stands."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row, func, insert, or_, select

from suar.store import tables as t
from suar.store.engine.prepared import Insert, Lookup

_STAMPED: Final = Insert(t.stamped, "value", "stamp", "position", keep=True)
_FOUND: Final = Lookup(t.stamped.c.value, t.stamped.c.stamp, t.stamped.c.position)


class Tree(NamedTuple):
    """A tree with its token, as it is kept; `leaves` are sealed."""

    at: int
    line: int
    kid: bytes
    signature: bytes
    root: bytes
    token: bytes
    leaves: bytes
    leaves_key: bytes


def unstamped_frames(connection: Connection, limit: int) -> list[bytes]:
    """Hashes of frames with messages or receipts, received or sent, in no tree yet: at most so many."""
    found: dict[bytes, None] = {}
    for column in (t.message.c.frame_hash, t.place.c.frame_hash, t.receipt_frame.c.hash):
        is_stamped = select(t.stamped.c.value).where(t.stamped.c.value == column).exists()
        wanted = select(column).where(column.is_not(None), ~is_stamped).distinct().limit(limit)
        found |= dict.fromkeys(bytes(value) for value in connection.execute(wanted).scalars())
    return list(found)[:limit]


def last(connection: Connection) -> Row[Any] | None:
    """The newest tree."""
    return connection.execute(select(t.stamp).order_by(t.stamp.c.n.desc()).limit(1)).first()


def lines_after(connection: Connection, n: int, limit: int) -> list[tuple[int, bytes]]:
    """(number, hash) of lines of the audit behind line `n`."""
    a = t.audit
    rows = connection.execute(select(a.c.n, a.c.hash).where(a.c.n > n).order_by(a.c.n).limit(limit))
    return [(row.n, bytes(row.hash)) for row in rows]


def newest_head(connection: Connection) -> Row[Any] | None:
    """The newest signed head of the audit."""
    return connection.execute(select(t.audit_head).order_by(t.audit_head.c.n.desc()).limit(1)).first()


def about(connection: Connection, what: Iterable[str], about_: str) -> list[Row[Any]]:
    """Lines of the audit about one revision of a message."""
    a = t.audit
    is_it = or_(a.c.about == about_, a.c.about.startswith(f"{about_} ", autoescape=True))
    return list(connection.execute(select(a).where(a.c.what.in_(list(what)), is_it).order_by(a.c.n)))


def line_hash_at(connection: Connection, n: int) -> bytes | None:
    """The hash of that line of the audit."""
    found = connection.execute(select(t.audit.c.hash).where(t.audit.c.n == n)).scalar()
    return None if found is None else bytes(found)


def not_stamped(connection: Connection, values: Iterable[bytes]) -> list[bytes]:
    """Those of the values that stand in no tree yet."""
    wanted = list(dict.fromkeys(values))
    known = _FOUND.find(connection, wanted)
    return [value for value in wanted if value not in known]


def keep(connection: Connection, tree: Tree, values: Sequence[bytes]) -> None:
    """Keep a tree, and where its values stand; a value that stands in an earlier one keeps that place."""
    n = (connection.execute(select(func.max(t.stamp.c.n))).scalar() or 0) + 1
    connection.execute(insert(t.stamp), {"n": n, **tree._asdict()})
    _STAMPED.insert(connection, [(value, n, position) for position, value in enumerate(values)])


def positions(connection: Connection, values: Iterable[bytes]) -> dict[bytes, tuple[int, int]]:
    """For each value that is stamped: the tree's number, and its position there."""
    return {value: (row.stamp, row.position) for value, row in _FOUND.find(connection, values).items()}


def tree(connection: Connection, n: int) -> Row[Any] | None:
    """The tree of that number."""
    return connection.execute(select(t.stamp).where(t.stamp.c.n == n)).first()

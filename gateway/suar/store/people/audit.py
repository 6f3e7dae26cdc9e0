"""Reading the audit log: its lines and its signed heads. access.py writes the lines."""

from collections.abc import Collection, Iterator
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row, bindparam, delete, exists, func, insert, select

from suar.protocol.base import limits
from suar.protocol.base.primitives import ZERO32
from suar.protocol.files.auditlog import ALGORITHM, head_raw, line_hash
from suar.protocol.files.merkle import Peaks
from suar.store import tables as t
from suar.store.engine.prepared import Prepared, Rows
from suar.store.people import access
from suar.store.tables.columns import blob
from suar.store.tables.gateway import EXPORTED

NEWEST: Final = 4_096  # lines in which recent acts are searched
_HASH: Final = 32
_MANY: Final = 500  # values in one statement
_KEPT: Final = limits.HOUR  # only the newest head of an hour is kept: it covers what earlier ones covered


class Head(NamedTuple):
    """A signed head: line `n` was the last one at `at`."""

    n: int
    at: int
    hash: bytes
    key: bytes
    signature: bytes
    peaks: bytes | None  # of the tree of all lines up to it; None: a head of suar-audit/1


_LINES: Final = Prepared(
    select(*(t.audit.c[name] for name in ("n", "at", "who", "what", "about", "hash")))
    .where(t.audit.c.n > bindparam("after"))
    .order_by(t.audit.c.n)
    .limit(bindparam("limit"))
)


def lines(connection: Connection, after: int, limit: int) -> Rows:
    """Return lines (n, at, who, what, about, hash) after number `after`, the oldest first."""
    rows = _LINES.rows(connection, after=after, limit=limit)
    return [row if isinstance(row.hash, bytes) else row._replace(hash=blob(row.hash)) for row in rows]


def lines_about(connection: Connection, abouts: Collection[str], *, is_all: bool) -> Iterator[Row[Any]]:
    """Yield lines about any of these that are bound to the previous line: among the newest ones, or among all."""
    a, before = t.audit, t.audit.alias()
    last = access.own_last(connection) or access.last_note(connection)
    first = 0 if is_all else last[0] - NEWEST
    columns = (a, func.coalesce(before.c.hash, ZERO32).label("hash_before"))
    joined = a.outerjoin(before, before.c.n == a.c.n - 1)
    names = sorted(abouts)
    for at in range(0, len(names), _MANY):
        wanted = select(*columns).select_from(joined).where(a.c.n > first, a.c.about.in_(names[at : at + _MANY]))
        for row in connection.execute(wanted):
            if line_hash(blob(row.hash_before), row.n, row.at, row.who, row.what, row.about) == row.hash:
                yield row


def exports(connection: Connection, about: str, until: int | None = None) -> int:
    """Return how many lines record that a text was handed out as a file, about exactly this, until a time (ms)."""
    wanted = select(func.count()).select_from(t.audit).where(t.audit.c.about == about, EXPORTED)
    wanted = wanted if until is None else wanted.where(t.audit.c.at <= until)
    return int(connection.execute(wanted).scalar_one())


_HASH_AT: Final = Prepared(select(t.audit.c.hash).where(t.audit.c.n == bindparam("number")))


def hash_at(connection: Connection, n: int) -> bytes | None:
    """Return the stored hash of line `n`; None if there is no such line."""
    rows = _HASH_AT.rows(connection, number=n)
    return blob(rows[0].hash) if rows else None


def forget_heads(connection: Connection) -> None:
    """Delete heads of lines that no longer exist as they were signed."""
    h, a = t.audit_head, t.audit
    is_there = exists().where(a.c.n == h.c.n, a.c.hash == h.c.hash)
    connection.execute(delete(h).where(~is_there))


def heads(connection: Connection, after: int, last: int) -> list[Row[Any]]:
    """Return heads that sign one of the lines after `after`, up to `last`."""
    h = t.audit_head
    return list(connection.execute(select(h).where(h.c.n > after, h.c.n <= last).order_by(h.c.n)))


_NEWEST_HEAD: Final = Prepared(select(t.audit_head).order_by(t.audit_head.c.n.desc()).limit(1))


def newest_head(connection: Connection) -> Row[Any] | None:
    """Return the newest head."""
    return next(iter(_NEWEST_HEAD.rows(connection)), None)


def peaks_of(head: Row[Any]) -> Peaks | None:
    """Return the tree that a head of suar-audit/2 is about. Raises ValueError for a root that this gateway did not
    write.
    """
    if head.peaks is None:
        return None
    data = blob(head.peaks)
    return Peaks(head.n, tuple(data[at : at + _HASH] for at in range(0, len(data), _HASH)))


def raw_of(head: Row[Any], federation: str, member: str) -> bytes:
    """Return the bytes that a head's signature covers. Raises ValueError like `peaks_of`."""
    peaks = peaks_of(head)
    root = peaks.root(ALGORITHM) if peaks is not None else None
    return head_raw(federation, member, head.n, head.at, blob(head.hash), root)


def put_head(connection: Connection, head: Head, before: Row[Any] | None) -> None:
    """Store a head; it replaces the previous one of the same hour."""
    h = t.audit_head
    if before is not None and before.at // _KEPT == head.at // _KEPT:
        connection.execute(delete(h).where(h.c.n == before.n))
    connection.execute(insert(h), head._asdict())

"""Messages by urgency: the list that is shown to people, and the lanes that a feed reads one after the other.

Within a lane, messages have the order in which they were stored, so that a lane and a row number are a permanent
position.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, or_, select

from suar.protocol.message.urgency import LANES, OVER
from suar.store import tables as t
from suar.store.engine.keys import row_keys
from suar.store.engine.prepared import Lookup, Prepared
from suar.store.messages.rows import BOUND
from suar.store.tables.columns import blob, octets

BEGINNING: Final = (-1, 0)

m = t.message


class Selection(NamedTuple):
    """A selection of messages by kind, origin or realm, without those of `not_origin`; None selects all."""

    kind: str | None = None
    origin: str | None = None
    realm: str | None = None
    not_origin: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the criteria that are set."""
        return tuple(name for name, value in zip(self._fields, self, strict=True) if value)

    @property
    def values(self) -> dict[str, str | None]:
        """Return the values of `names`, under their names in prepared statements."""
        return {f"selected_{name}": getattr(self, name) for name in self.names}


def _conditions(names: Iterable[str]) -> list[ColumnElement[bool]]:
    """Return a condition for each of these names of a Selection, with parameters for its values."""
    found = list[ColumnElement[bool]]()
    for name in names:
        value: Any = bindparam(f"selected_{name}")
        found.append(m.c.origin != value if name == "not_origin" else m.c[name] == value)
    return found


def position_of(connection: Connection, number: int) -> tuple[int, int] | None:
    """Return (lane, row number) of a message, its position by urgency; None if there is no row with that number."""
    found = connection.execute(select(m.c.lane, m.c.n).where(m.c.n == number)).first()
    return (found.lane, found.n) if found is not None else None


# -- lanes


def lane_after(
    connection: Connection, lane: int, between: tuple[int, int], selection: Selection, limit: int, most: int
) -> list[Any]:
    """Return the heads of one lane above a row number, up to another one: rows without bodies and frames.

    At most `limit` rows and about `most` bytes of bodies, but at least one row: what a slow reader has not read yet
    uses memory. `last_rev` is the chain's highest revision, `is_held` states whether there is a body.
    """
    found = _lane_after(selection.names).rows(
        connection, lane=lane, number=between[0], last=between[1], most=limit, **selection.values
    )  # fmt: skip
    total = 0
    for count, row in enumerate(found):
        total += row.size
        if count and total > most:
            return found[:count]
    return found


def revision(connection: Connection, id_: str, rev: int) -> Any:
    """Return the head of one revision as `lane_after` does, or None."""
    return next(iter(_REVISION.rows(connection, id=id_, rev=rev)), None)


def expired_after(
    connection: Connection, position: tuple[int, int], now: int, selection: Selection, limit: int
) -> list[Any]:
    """Return heads of what has expired by `now` (ms), in that order, after a position (expiry, row number); as
    `lane_after`.

    Left out are messages that had expired before they were stored here, and cancels, which do not expire.
    """
    expires, number = position
    statement = _expired_after(selection.names)
    return statement.rows(connection, expires=expires, number=number, now=now, most=limit, **selection.values)


def with_bodies(connection: Connection, numbers: Iterable[int]) -> list[Any]:
    """Return rows by their numbers, each with its head and its body."""
    return _WITH_BODIES.rows(connection, numbers)


def bound_of(head: Any) -> tuple[Any, ...]:
    """Return what the body of a row is bound to: the row number, all columns that never change, and the salt of its
    key.
    """
    return tuple(head[: len(_BOUND)])


_BOUND: Final = (m.c.n, m.c.id, m.c.rev, *BOUND, row_keys.salt_of(m.c.body_key))
_other: Final = t.message.alias()
_HEAD: Final = (
    *_BOUND, m.c.read_at, (octets(m.c.body) > 0).label("is_held"), octets(m.c.body).label("size"),
    select(func.max(_other.c.rev)).where(_other.c.id == m.c.id).scalar_subquery().label("last_rev"),
)  # fmt: skip
_REVISION: Final = Prepared(select(*_HEAD).where(m.c.id == bindparam("id"), m.c.rev == bindparam("rev")))
_WITH_BODIES: Final = Lookup(m.c.n, *_BOUND[1:], m.c.body)


@cache
def _lane_after(names: tuple[str, ...]) -> Prepared:
    here = (m.c.lane == bindparam("lane"), m.c.n > bindparam("number"), m.c.n <= bindparam("last"))
    wanted = select(*_HEAD).where(*here, *_conditions(names))
    return Prepared(wanted.order_by(m.c.n).limit(bindparam("most")))


@cache
def _expired_after(names: tuple[str, ...]) -> Prepared:
    expires: Any = bindparam("expires")
    now: Any = bindparam("now")
    is_behind = or_(m.c.expires > expires, and_(m.c.expires == expires, m.c.n > bindparam("number")))
    wanted = select(*_HEAD).where(m.c.expires >= expires, m.c.expires <= now, is_behind, *_conditions(names))
    wanted = wanted.where(m.c.lane != OVER, m.c.action != "cancel")
    return Prepared(wanted.order_by(m.c.expires, m.c.n).limit(bindparam("most")))


def newest(connection: Connection, last: int) -> tuple[int, ...]:
    """Return the highest row number of each lane up to `last`, 0 if the lane is empty."""
    highest = select(func.max(m.c.n)).where(m.c.n.between(1, last))
    return tuple(connection.execute(highest.where(m.c.lane == lane)).scalar() or 0 for lane in range(len(LANES)))


def digest_at(connection: Connection, number: int) -> bytes | None:
    """Return the digest of the message in that row."""
    found = connection.execute(select(m.c.digest).where(m.c.n == number)).scalar()
    return blob(found) if found is not None else None

"""Acts that one person requested and a second one has to confirm; the details are encrypted.

Several people may request the same act: each has one row about it, whose `about` is the id and a short hash of the
person. Rows of earlier versions name the id alone, and are void. This table also contains, for the same time, the
highest number of an order of a legal hold that has ended (`custody/hold_names.py`).
"""

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, delete, func, select

from suar.protocol.base.primitives import hash_
from suar.store import tables as t
from suar.store.engine.upsert import upsert
from suar.store.engine.vault import Vault
from suar.store.engine.verifying import table_sound

_p = t.proposal
_ASKER: Final = 8  # bytes of the hash; a person with the same hash replaces the row of the other, and confirms nothing


def _key(id_: str, who: str) -> str:
    return f"{id_} {hash_('asks', who.encode())[:_ASKER].hex()}"


def _bound(act: str, about: str) -> str:
    return f"proposal {act} {about}"


def _of(act: str, id_: str) -> tuple[ColumnElement[bool], ...]:
    return _p.c.act == act, _p.c.about.startswith(f"{id_} ", autoescape=True)


def id_of(row: Row[Any]) -> str:
    """Return the id that a proposal is about."""
    return str(row.about).partition(" ")[0]


def about(connection: Connection, act: str, id_: str, since: int) -> list[Row[Any]]:
    """Return the proposals of an act made at `since` (ms) or later, the oldest first. Raises AlteredError."""
    wanted = select(_p).where(*_of(act, id_), _p.c.at >= since).order_by(_p.c.at, _p.c.about)
    table_sound(connection, _p)  # an older row would be a request that ended
    return list(connection.execute(wanted).all())


def every(connection: Connection, act: str, since: int) -> list[Row[Any]]:
    """Return the proposals of an act about any id, as `about` does. Raises AlteredError."""
    wanted = select(_p).where(_p.c.act == act, _p.c.about.contains(" "), _p.c.at >= since).order_by(_p.c.at, _p.c.about)
    table_sound(connection, _p)  # an older row would be a request that ended
    return list(connection.execute(wanted).all())


def of(connection: Connection, names: Iterable[str]) -> list[Row[Any]]:
    """Return the proposals that any of these made. Raises AlteredError."""
    wanted = select(_p).where(_p.c.who.in_(sorted(names))).order_by(_p.c.at, _p.c.about)
    table_sound(connection, _p)  # an older row would be a request that ended
    return list(connection.execute(wanted).all())


def details(vault: Vault, row: Row[Any]) -> bytes:
    """Return the sealed details of a proposal. Raises Fault."""
    return bytes(vault.unwrap(row.sealed, _bound(row.act, row.about)))


def put(
    connection: Connection, vault: Vault, act: str, id_: str, data: bytes, who: str, counts_as: str, at: int
) -> None:
    """Store a proposal; it replaces an earlier one of the same person about the same act and id."""
    key = _key(id_, who)
    withdraw(connection, act, id_, who)
    row = {"act": act, "about": key, "sealed": vault.wrap(data, _bound(act, key)), "who": who, "counts_as": counts_as}
    upsert(connection, _p, [row | {"at": at}])


def withdraw(connection: Connection, act: str, id_: str, who: str) -> bool:
    """Delete a person's request; returns False if there is none."""
    return bool(connection.execute(delete(_p).where(*_of(act, id_), _p.c.who == who)).rowcount)


def remove(connection: Connection, rows: Iterable[Row[Any]]) -> None:
    """Delete proposals that are done or void."""
    for row in rows:
        connection.execute(delete(_p).where(_p.c.act == row.act, _p.c.about == row.about))


def count(connection: Connection, who: str) -> int:
    """Return the number of proposals of a person."""
    return connection.execute(select(func.count()).select_from(_p).where(_p.c.who == who)).scalar_one()


def forget(connection: Connection, before: int) -> None:
    """Delete proposals that nobody confirmed in time (ms)."""
    connection.execute(delete(_p).where(_p.c.at < before))

"""Registered agencies, the texts that they received, and when tokens were last used."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from suar.store import tables as t
from suar.store.engine.prepared import Insert, Lookup
from suar.store.engine.upsert import upsert
from suar.store.engine.verifying import sound, table_sound
from suar.store.tables.columns import has_types

a, g = t.agency, t.agency_given
_KNOWN: Final = Lookup(g.c.id, where=(g.c.rev == bindparam("rev"), g.c.agency == bindparam("agency")))
_NEW: Final = Insert(g, "id", "rev", "agency", "at", keep=True)


def insert_agency(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Store an agency by its columns; returns False when the name is in use."""
    if connection.execute(select(a.c.name).where(a.c.name == row["name"])).first():
        return False
    connection.execute(insert(a), dict(row))
    return True


def agencies(connection: Connection) -> list[Row[Any]]:
    """Return every agency that was ever registered, oldest first. Raises AlteredError."""
    table_sound(connection, a)
    return list(connection.execute(select(a).order_by(a.c.created_at, a.c.name)))


def change_agency(connection: Connection, name: str, values: Mapping[str, Any]) -> bool:
    """Set columns of an agency that is not revoked; returns False if there is none of that name."""
    done = connection.execute(update(a).where(a.c.name == name, a.c.revoked_at.is_(None)).values(dict(values)))
    return done.rowcount == 1


class AgencyText(NamedTuple):
    """Record that an agency first received a text `at` (ms)."""

    id: str
    rev: int
    agency: str
    at: int


def add_received(connection: Connection, texts: Sequence[AgencyText]) -> list[AgencyText]:
    """Store which texts agencies received; returns the new ones. Of earlier ones the first time remains."""
    known = _known(connection, texts)
    new = dict[tuple[str, int, str], AgencyText]()
    for each in texts:
        if each[:3] not in known:
            new.setdefault(each[:3], each)
    _NEW.insert(connection, list(new.values()))
    return list(new.values())


def _known(connection: Connection, texts: Sequence[AgencyText]) -> set[tuple[str, int, str]]:
    """Return those that are stored, by their whole key, at a cost that does not depend on the number of
    other agencies.
    """
    ids = defaultdict[tuple[int, str], list[str]](list)
    for each in texts:
        ids[each.rev, each.agency].append(each.id)
    return {
        (row.id, rev, agency)
        for (rev, agency), some in ids.items()
        for row in _KNOWN.rows(connection, some, rev=rev, agency=agency)
    }


def find_received(connection: Connection, id_: str) -> list[AgencyText]:
    """Return each agency that received a revision of the message, and when first."""
    found = connection.execute(select(g).where(g.c.id == id_))
    return [AgencyText(row.id, row.rev, row.agency, row.at) for row in found]


def token_makers(connection: Connection, names: Iterable[str]) -> set[str]:
    """Return everybody who was ever shown a token of these agencies."""
    rows = connection.execute(select(a).where(a.c.name.in_(list(names)))).all()
    return {each for row in sound(connection, a, rows) for each in (row.token_makers or row.maker).split()}


def keep_last_uses(connection: Connection, at: Mapping[str, int]) -> None:
    """Set when each token was last used, by name. Rows that are of no token's name are deleted."""
    connection.execute(delete(t.last_use).where(~has_types(t.last_use)))
    upsert(connection, t.last_use, [{"name": name, "at": when} for name, when in at.items()])


def last_uses(connection: Connection) -> dict[str, int]:
    """Return when each token was last used, by name."""
    return {row.name: row.at for row in connection.execute(select(t.last_use).where(has_types(t.last_use)))}

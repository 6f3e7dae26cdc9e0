"""Messages, ours and others': their rows and their sealed bodies."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row, bindparam, select, update

from suar.protocol.base.instants import instant, milliseconds
from suar.protocol.message.messages import Publication, kind_of
from suar.protocol.message.urgency import lane_on_arrival
from suar.store import tables as t
from suar.store.engine.prepared import Insert, Prepared
from suar.store.engine.upsert import upsert
from suar.store.engine.vault import Vault


class NewMessage(NamedTuple):
    """A message to be stored: ours, or one that a frame brought."""

    message: Publication
    data: bytes
    digest: bytes
    origin: str
    at: int
    frame_hash: bytes | None = None
    place: int | None = None
    frame: bytes | None = None  # the frame as received, stored once, with its first message
    readers: str | None = None  # of ours: the members that it is for, `delivery_view.join_codes`


_MESSAGES: Final = Insert(
    t.message, "id", "rev", "digest", "origin", "kind", "realm", "action", "tlp", "at", "sent", "expires", "lane",
    "frame_hash", "place", "frame", "body", "body_key", "readers",
)  # fmt: skip


def _about(id_: str, rev: int) -> str:
    return f"message {id_} {rev}"


def insert_messages(connection: Connection, vault: Vault, arrived: Sequence[NewMessage]) -> None:
    """Store accepted messages, their bodies sealed."""
    rows = []
    for item in arrived:
        message, now = item.message, instant(item.at)
        body, salt = vault.seal(item.data, _about(message.id, message.rev))
        rows.append(
            (
                message.id, message.rev, item.digest, item.origin, kind_of(message), message.status, message.action,
                message.tlp, item.at, milliseconds(message.sent), milliseconds(message.expires),
                lane_on_arrival(message, message.expires, now), item.frame_hash, item.place, item.frame, body, salt,
                item.readers,
            )
        )  # fmt: skip
    _MESSAGES.insert(connection, rows)


def body_of(vault: Vault, row: Row[Any]) -> bytes | None:
    """The message's bytes as signed; None once they were destroyed, also when the row was put back since."""
    if row.body is None or row.rev < vault.recalled.get(row.id, 0):
        return None
    return vault.open(row.body, row.body_key, _about(row.id, row.rev))


def find(connection: Connection, id_: str, rev: int | None = None) -> Row[Any] | None:
    """The message's row, of the highest revision when none is named."""
    m = t.message
    wanted = select(m).where(m.c.id == id_).order_by(m.c.rev.desc()).limit(1)
    return connection.execute(wanted if rev is None else wanted.where(m.c.rev == rev)).first()


def chain_of(connection: Connection, id_: str) -> list[Row[Any]]:
    """Every revision of the id, oldest first, without bodies."""
    m = t.message
    columns = (m.c.rev, m.c.action, m.c.at, m.c.origin, m.c.frame_hash)
    return list(connection.execute(select(*columns).where(m.c.id == id_).order_by(m.c.rev)))


def chains_of(connection: Connection, ids: Collection[str]) -> dict[str, list[Row[Any]]]:
    """The same of many ids, at most some hundreds, in one statement."""
    m, found = t.message, dict[str, list[Row[Any]]]()
    columns = (m.c.id, m.c.rev, m.c.action)
    rows: list[Row[Any]] = list(connection.execute(select(*columns).where(m.c.id.in_(ids)).order_by(m.c.rev)))
    for row in rows:
        found.setdefault(row.id, []).append(row)
    return found


def newest_id(connection: Connection, kind: str, origin: str) -> str | None:
    """The id of the message of that kind and origin that was stored last."""
    m = t.message
    wanted = select(m.c.id).where(m.c.kind == kind, m.c.origin == origin).order_by(m.c.n.desc()).limit(1)
    return connection.execute(wanted).scalar()


_LAST_NUMBER: Final = Prepared(
    select(t.number.c.last).where(t.number.c.kind == bindparam("kind"), t.number.c.year == bindparam("year"))
)


def last_number(connection: Connection, kind: str, year: int) -> int:
    """The highest number taken of our ids of that kind and year."""
    rows = _LAST_NUMBER.rows(connection, kind=kind, year=year)
    return int(rows[0].last) if rows else 0


def reserve_numbers(connection: Connection, taken: Mapping[tuple[str, int], int]) -> None:
    """(kind, year) -> the highest number taken, with the caller's transaction."""
    upsert(connection, t.number, [{"kind": kind, "year": year, "last": last} for (kind, year), last in taken.items()])


def mark_opened(connection: Connection, id_: str, rev: int, now: int) -> bool:
    """Note the first time that a person got the body; False when it was not the first."""
    m = t.message
    done = connection.execute(
        update(m).where(m.c.id == id_, m.c.rev == rev, m.c.opened_at.is_(None)), {"opened_at": now}
    )
    return done.rowcount == 1


_READ_ROW: Final = Prepared(
    update(t.message)
    .where(t.message.c.n == bindparam("number"), t.message.c.read_at.is_(None), t.message.c.body.is_not(None))
    .values({"read_at": bindparam("now")})
)


def mark_row_read(connection: Connection, number: int, now: int) -> bool:
    """Note the first time that a program got the body of that row, on a hot path; never of a body that is destroyed."""
    return _READ_ROW.run(connection, number=number, now=now) == 1

"""Rows of messages, ours and others', and their sealed bodies."""

import contextlib
from collections.abc import Collection, Mapping, Sequence
from operator import attrgetter
from types import SimpleNamespace
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Connection, Row, bindparam, delete, select, update

from suar.protocol.base.errors import Fault
from suar.protocol.base.instants import instant, milliseconds
from suar.protocol.message.kinds import Receipt
from suar.protocol.message.messages import Publication, kind_of, readable
from suar.protocol.message.urgency import in_force_until, lane_on_arrival
from suar.protocol.transport.content import digest as digest_of
from suar.store import tables as t
from suar.store.engine.keys import row_keys, stored_frames
from suar.store.engine.prepared import Insert, Lookup, Prepared
from suar.store.engine.upsert import upsert
from suar.store.engine.vault import Vault
from suar.store.engine.verifying import table_sound
from suar.store.tables.columns import blob


class NewMessage(NamedTuple):
    """A message to be stored: ours, or one that a frame delivered."""

    message: Publication
    data: bytes
    digest: bytes
    origin: str
    at: int
    frame_hash: bytes | None = None
    place: int | None = None
    frame: bytes | None = None  # the frame as received, stored once, with its first message
    readers: str | None = None  # of an own message: its recipients, as `delivery_view.join_codes`


class _Head(NamedTuple):
    """The columns of a row that never change, in the table's order."""

    id: str
    rev: int
    digest: bytes
    origin: str
    kind: str
    realm: str
    action: str
    tlp: str
    at: int
    sent: int
    expires: int
    lane: int
    frame_hash: bytes | None
    place: int | None


_MESSAGES: Final = Insert(
    t.message, "n", "id", "rev", "digest", "origin", "kind", "realm", "action", "tlp", "at", "sent", "expires", "lane",
    "frame_hash", "place", "frame", "body", "body_key", "readers",
)  # fmt: skip


class AlteredRow(Fault):
    """A message's row is not as this gateway wrote it."""

    def __init__(self, row: Any) -> None:
        super().__init__(
            f"the stored row of message {row.id} {row.rev} was altered",
            "treat it as an incident (keys/playbooks/ALARMS.md, store-altered); it is asked for again if it came from "
            "another member",
        )
        self.n = row.n


def _about(row: Any) -> str:
    """Return what a body is bound to, besides its number: all columns that never change."""
    return (
        f"message {row.id} {row.rev} {row.digest.hex()} {row.origin} {row.kind} {row.realm} {row.action} {row.tlp} "
        f"{row.at} {row.sent} {row.expires} {row.lane} {row.frame_hash.hex() if row.frame_hash else '-'} {row.place}"
    )


BOUND: Final = tuple(t.message.c[name] for name in _Head._fields[2:])
"""The columns besides id and revision that a body is bound to (`open_body`)."""


def insert_messages(connection: Connection, vault: Vault, arrived: Sequence[NewMessage]) -> None:
    """Store accepted messages with sealed bodies."""
    if not arrived:
        return
    heads = [_head(item) for item in arrived]
    numbers = vault.numbers.assign(connection, len(heads))
    sealed = [seal_body(vault, head, n, item.data) for n, head, item in zip(numbers, heads, arrived, strict=True)]
    frames = stored_frames.seal(connection, vault, [item.frame for item in arrived])
    keys = row_keys.put(connection, [salt for _, salt in sealed])
    rows = [
        (n, *head, frame, body, key, item.readers)
        for n, head, item, frame, (body, _), key in zip(numbers, heads, arrived, frames, sealed, keys, strict=True)
    ]
    _MESSAGES.insert(connection, rows)


def _head(item: NewMessage) -> _Head:
    message = item.message
    return _Head(
        message.id, message.rev, item.digest, item.origin, kind_of(message), message.status, message.action,
        message.tlp, item.at, milliseconds(message.sent), in_force_until(message, item.at),
        lane_on_arrival(message, message.expires, instant(item.at)), item.frame_hash, item.place,
    )  # fmt: skip


def seal_body(vault: Vault, row: Any, n: int, data: bytes) -> tuple[bytes, bytes]:
    """Return the body of row `n`, encrypted and bound to the number and all columns that never change, and its salt."""
    return vault.seal(data, f"{_about(row)} {n}")


def body_of(vault: Vault, row: Row[Any]) -> bytes | None:
    """Return the message's signed bytes, or None after they were destroyed. Raises AlteredRow."""
    if row.body is None:
        return None
    return open_body(vault, row, row.body)


def open_body(vault: Vault, row: Any, sealed: bytes | None) -> bytes:
    """Return the bytes of a row whose columns are as they were written. Raises AlteredRow."""
    try:
        about = _about(row)
        try:
            return vault.open(blob(sealed), blob(row.body_key), f"{about} {row.n}")
        except Fault:
            if not vault.numbers.may_be_unbound(row.n):
                raise
        with contextlib.suppress(Fault):
            return vault.open(blob(sealed), blob(row.body_key), about)  # of before
        data = vault.open(blob(sealed), blob(row.body_key), f"message {row.id} {row.rev}")  # of long before
    except (Fault, AttributeError) as error:  # SQLite keeps any type in any column
        raise AlteredRow(row) from error
    if not _is_consistent(row, data):
        raise AlteredRow(row)
    return data


def open_queued(vault: Vault, row: Any) -> bytes:
    """Return the bytes of the message of a queue row (`queue.due`), which has the columns BOUND as `bound_NAME`.

    Raises AlteredRow.
    """
    head = _Head(row.id, row.rev, *(getattr(row, f"bound_{each.name}") for each in BOUND))
    return open_body(vault, SimpleNamespace(n=row.message_n, body_key=row.body_key, **head._asdict()), row.sealed)


def _is_consistent(row: Any, data: bytes) -> bool:
    """Whether the columns of an older row agree with its body."""
    message = readable(data)
    if message is None:  # it was read before it was stored, and its digest is that of the row
        return digest_of(data) == row.digest and _is_unread_consistent(row, msgspec.json.decode(data))
    if isinstance(message, Receipt):
        return False
    stated = (
        digest_of(data), message.id[:2], kind_of(message), message.status, message.action, message.tlp,
        milliseconds(message.sent), milliseconds(message.expires),
        lane_on_arrival(message, message.expires, instant(row.at)),
    )  # fmt: skip
    return stated == (
        row.digest, row.origin, row.kind, row.realm, row.action, row.tlp, row.sent, row.expires, row.lane,
    )  # fmt: skip


def _is_unread_consistent(row: Any, tree: dict[str, Any]) -> bool:
    """Whether the columns agree with a message that this version cannot read; the lane alone is not compared."""
    stated = (tree["id"][:2], *map(tree.get, ("kind", "status", "action", "tlp")), milliseconds(tree["sent"]))
    columns = (row.origin, row.kind, row.realm, row.action, row.tlp, row.sent, row.expires)
    return (*stated, milliseconds(tree["expires"])) == columns


_WHOLE: Final = tuple(row_keys.salt_of(column) if column.name == "body_key" else column for column in t.message.c)
"""The columns of a row as they are read: `body_key` is the salt itself."""
LEAN: Final = tuple(column for column in _WHOLE if column.name != "frame")
"""The same without the frame, which may be large."""
_OF_ID: Final = t.message.c.id == bindparam("id")
_NEWEST: Final = Prepared(select(*_WHOLE).where(_OF_ID).order_by(t.message.c.rev.desc()).limit(1))
_REVISION: Final = Prepared(select(*_WHOLE).where(_OF_ID, t.message.c.rev == bindparam("rev")))


def find(connection: Connection, id_: str, rev: int | None = None) -> Row[Any] | None:
    """Return the message's row, by default of the highest revision, or None."""
    rows = _NEWEST.rows(connection, id=id_) if rev is None else _REVISION.rows(connection, id=id_, rev=rev)
    return rows[0] if rows else None


def lean(connection: Connection, id_: str, rev: int | None = None) -> Row[Any] | None:
    """Return the same without the frame, which may be large."""
    m = t.message
    wanted = select(*LEAN).where(m.c.id == id_).order_by(m.c.rev.desc()).limit(1)
    return connection.execute(wanted if rev is None else wanted.where(m.c.rev == rev)).first()


def at(connection: Connection, n: int) -> Row[Any] | None:
    """Return the row of that number, or None."""
    return connection.execute(select(*_WHOLE).where(t.message.c.n == n)).first()


def of_frame(connection: Connection, frame_hash: bytes) -> list[Row[Any]]:
    """Return the rows of the messages that a frame delivered first, without the frame."""
    return list(connection.execute(select(*LEAN).where(t.message.c.frame_hash == frame_hash)))


def remove(connection: Connection, n: int) -> None:
    """Delete a row that this gateway did not write, and its keys."""
    m = t.message
    gone = delete(m).where(m.c.n == n).returning(m.c.body_key, stored_frames.beginning(m.c.frame).label("frame"))
    for row in connection.execute(gone).all():
        row_keys.drop(connection, [row.body_key])
        stored_frames.drop(connection, [row.frame])


def revisions_after(connection: Connection, id_: str, rev: int, limit: int) -> list[Row[Any]]:
    """Return the rows of the newest `limit` revisions after `rev` of the id, oldest first: a cancel is the last one."""
    m = t.message
    later = select(*_WHOLE).where(m.c.id == id_, m.c.rev > rev).order_by(m.c.rev.desc())
    return list(connection.execute(later.limit(limit)))[::-1]


_CHAIN: Final = Prepared(
    select(*(t.message.c[name] for name in ("rev", "action", "at", "origin", "frame_hash")))
    .where(_OF_ID)
    .order_by(t.message.c.rev)
)


def chain_of(connection: Connection, id_: str) -> list[Row[Any]]:
    """Return every revision of the id, oldest first, without bodies."""
    return _CHAIN.rows(connection, id=id_)


_REVISIONS: Final = Lookup(t.message.c.id, t.message.c.rev, t.message.c.action)


def chains_of(connection: Connection, ids: Collection[str]) -> dict[str, list[Row[Any]]]:
    """Return the same for many ids (at most some hundreds) in one statement."""
    found = dict[str, list[Row[Any]]]()
    for row in sorted(_REVISIONS.rows(connection, ids), key=attrgetter("rev")):
        found.setdefault(row.id, []).append(row)
    return found


def newest_id(connection: Connection, kind: str, origin: str) -> str | None:
    """Return the id of the message of that kind and origin that was stored last, or None."""
    m = t.message
    wanted = select(m.c.id).where(m.c.kind == kind, m.c.origin == origin).order_by(m.c.n.desc()).limit(1)
    return connection.execute(wanted).scalar()


_LAST_NUMBER: Final = Prepared(
    select(t.number.c.last).where(t.number.c.kind == bindparam("kind"), t.number.c.year == bindparam("year"))
)


def last_number(connection: Connection, kind: str, year: int) -> int:
    """Return the highest number used in our ids of that kind and year. Raises AlteredError."""
    table_sound(connection, t.number)  # a number that was used names another text
    rows = _LAST_NUMBER.rows(connection, kind=kind, year=year)
    return int(rows[0].last) if rows else 0


def numbers_since(connection: Connection, year: int) -> list[tuple[str, int, int]]:
    """Return (kind, year, highest number used in our ids) for every kind, from `year` on."""
    n = t.number.c
    rows = connection.execute(select(n.kind, n.year, n.last).where(n.year >= year).order_by(n.year, n.kind))
    return [(row.kind, row.year, row.last) for row in rows]


def reserve_numbers(connection: Connection, taken: Mapping[tuple[str, int], int]) -> None:
    """Store (kind, year) -> the highest number used, in the caller's transaction."""
    upsert(connection, t.number, [{"kind": kind, "year": year, "last": last} for (kind, year), last in taken.items()])


def mark_opened(connection: Connection, id_: str, rev: int, now: int) -> bool:
    """Record the first time that a person received the text; returns False if it was not the first."""
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
    """Record the first time that a program received that row's text; False if it was not, or the text is destroyed."""
    return _READ_ROW.run(connection, number=number, now=now) == 1

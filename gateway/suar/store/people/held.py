"""Held messages: message and reasons, sealed until the decision; then the decision, its author and its reason."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, bindparam, func, insert, select, tuple_, update

from suar.protocol.base.reasons import Reason
from suar.store import tables as t
from suar.store.engine.prepared import Prepared
from suar.store.engine.vault import Vault
from suar.store.engine.verifying import sound, table_sound

HELD: Final = "held"
RELEASED: Final = "released"
REJECTED: Final = "rejected"
BYTES: Final = 4 * 1024 * 1024  # of sealed messages in one page

_h = t.held
_PENDING: Final = Prepared(select(_h.c.rev).where(_h.c.id == bindparam("id"), _h.c.state == HELD))


class HeldMessage(msgspec.Struct, frozen=True):
    """A held message: its bytes as its publisher wrote them, with the true counts, and the reasons.

    `has_new_reasons`: some were found after its publication, when somebody tried to release it.
    """

    data: bytes
    reasons: tuple[Reason, ...]
    has_new_reasons: bool = False


_decode: Final = msgspec.msgpack.Decoder(HeldMessage).decode


def insert_held(connection: Connection, vault: Vault, row: dict[str, Any], waiting: HeldMessage) -> None:
    """Store a message until a second person decides.

    `row`: id, rev, kind, realm, tlp, at, who, readers, counts_as, editors.
    """
    about = _about(row["id"], row["rev"], row["who"], row["counts_as"])
    sealed, salt = vault.seal(msgspec.msgpack.encode(waiting), about)
    # a revision that was rejected never left, so its number is free again
    connection.execute(_h.delete().where(_h.c.id == row["id"], _h.c.rev == row["rev"], _h.c.state == REJECTED))
    connection.execute(insert(_h), {**row, "state": HELD, "sealed": sealed, "sealed_key": salt})


def is_pending(connection: Connection, id_: str) -> bool:
    """Return whether a revision of this id is held."""
    return bool(_PENDING.rows(connection, id=id_))


def find(connection: Connection, id_: str) -> Row[Any] | None:
    """Return the last revision of an id that was ever held. Raises AlteredError."""
    table_sound(connection, _h)  # an older row would say that the message still waits
    return connection.execute(select(_h).where(_h.c.id == id_).order_by(_h.c.rev.desc()).limit(1)).first()


def page(connection: Connection, after: tuple[int, str], limit: int) -> list[Row[Any]]:
    """Return held messages after a position (time, id), the oldest first: `limit` rows or BYTES, at least one row."""
    position = tuple_(_h.c.at, _h.c.id)
    size = func.coalesce(func.length(_h.c.sealed), 0).label("size")
    wanted = select(_h.c.id, _h.c.rev, size).where(_h.c.state == HELD, position > after)
    kept, total = list[tuple[str, int]](), 0
    for row in connection.execute(wanted.order_by(_h.c.at, _h.c.id).limit(limit)):
        total += row.size
        if kept and total > BYTES:
            break
        kept.append((row.id, row.rev))
    found = (connection.execute(select(_h).where(_h.c.id == id_, _h.c.rev == rev)).first() for id_, rev in kept)
    rows = [row for row in found if row is not None and row.state == HELD]  # it may be decided in the meantime
    sound(connection, _h, rows)
    return rows


def count_of(connection: Connection, who: str) -> int:
    """Return the number of held messages that this token published."""
    wanted = select(func.count()).select_from(_h).where(_h.c.state == HELD, _h.c.who == who)
    return int(connection.execute(wanted).scalar_one())


def pending_of(connection: Connection, id_: str) -> Sequence[Row[Any]]:
    """Return the held revisions of this id: at most one, unless the state was restored."""
    table_sound(connection, _h)
    return connection.execute(select(_h).where(_h.c.id == id_, _h.c.state == HELD)).all()


def rejected_since(connection: Connection, realm: str, since: int, limit: int) -> list[Row[Any]]:
    """Return the rows of a realm that were rejected since `since` (ms), the last decided first."""
    return _decided(connection, _h.c.state == REJECTED, realm, since, limit)


def released_alone_since(connection: Connection, realm: str, since: int, limit: int) -> list[Row[Any]]:
    """Return the rows of a realm that their publisher released alone since `since` (ms), the last first."""
    return _decided(connection, (_h.c.state == RELEASED) & _h.c.is_alone, realm, since, limit)


def _decided(
    connection: Connection, decision: ColumnElement[bool], realm: str, since: int, limit: int
) -> list[Row[Any]]:
    """Return sound rows of a decision. The limit is of the realm's own rows: no exercise displaces an actual one."""
    wanted = select(_h).where(decision, _h.c.realm == realm, _h.c.decided_at >= since)
    rows = list(connection.execute(wanted.order_by(_h.c.decided_at.desc()).limit(limit)))
    sound(connection, _h, rows)
    return rows


def open_row(vault: Vault, row: Row[Any]) -> HeldMessage:
    """Return the content of a row that is not decided yet."""
    return _decode(vault.open(row.sealed, row.sealed_key, _about_row(row)))


def replace_reasons(
    connection: Connection, vault: Vault, row: Row[Any], waiting: HeldMessage, reasons: tuple[Reason, ...]
) -> None:
    """Store the current reasons why a message waits."""
    kept = HeldMessage(waiting.data, reasons, has_new_reasons=True)
    sealed, salt = vault.seal(msgspec.msgpack.encode(kept), _about_row(row))
    here = update(_h).where(_h.c.id == row.id, _h.c.rev == row.rev, _h.c.state == HELD)
    connection.execute(here.values(sealed=sealed, sealed_key=salt))


def decide(
    connection: Connection, vault: Vault, row: Row[Any], state: str, who: str, now: int, note: str = "", *,
    is_alone: bool = False,
) -> None:  # fmt: skip
    """Record a release or rejection: the message is destroyed here, the decision and its `note` remain."""
    sealed, salt = vault.seal(note.encode(), _about_row(row))
    decided = {"state": state, "decided_at": now, "decided_by": who, "sealed": sealed, "sealed_key": salt}
    decided["is_alone"] = is_alone
    connection.execute(update(_h).where(_h.c.id == row.id, _h.c.rev == row.rev).values(decided))


def mark_left(connection: Connection, id_: str, rev: int, now: int) -> None:
    """Record that the message was sent before this state was restored: it is not held, and its text is destroyed."""
    decided = {"state": RELEASED, "decided_at": now, "decided_by": "gateway", "sealed": None, "sealed_key": None}
    connection.execute(update(_h).where(_h.c.id == id_, _h.c.rev == rev, _h.c.state == HELD).values(decided))


def note_of(vault: Vault, row: Row[Any]) -> str:
    """Return the reason of the decision."""
    return vault.open(row.sealed, row.sealed_key, _about_row(row)).decode()


def bind_publishers(connection: Connection, vault: Vault) -> None:
    """Seal rows of an older version again, whose sealed content does not include their publisher."""
    for id_, rev in connection.execute(select(_h.c.id, _h.c.rev).where(_h.c.sealed.is_not(None))).all():
        row = connection.execute(select(_h).where(_h.c.id == id_, _h.c.rev == rev)).one()
        content = vault.open(row.sealed, row.sealed_key, f"held {id_} {rev}")
        sealed, salt = vault.seal(content, _about_row(row))
        here = update(_h).where(_h.c.id == id_, _h.c.rev == rev)
        connection.execute(here.values(sealed=sealed, sealed_key=salt))


def _about_row(row: Row[Any]) -> str:
    return _about(row.id, row.rev, row.who, row.counts_as)


def _about(id_: str, rev: int, who: str, counts_as: str | None) -> str:
    """Return the associated data of the sealed content, which includes the publisher."""
    return f"held {id_} {rev} {who} {counts_as or '-'}"


_USED: Final = Prepared(
    select(func.min(t.message.c.id).label("id"))
    .where(t.message.c.id.between(bindparam("low"), bindparam("high")))
    .union_all(select(func.min(t.held.c.id)).where(t.held.c.id.between(bindparam("low"), bindparam("high"))))
)


def next_used(connection: Connection, prefix: str, number: int) -> int | None:
    """Return the lowest number from this one on of an id with `prefix`, that was sent or is held; None if none is."""
    rows = _USED.rows(connection, low=f"{prefix}{number:06d}", high=f"{prefix}999999")
    return min((int(row.id[len(prefix) :]) for row in rows if row.id is not None), default=None)

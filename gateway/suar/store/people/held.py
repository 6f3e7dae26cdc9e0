"""What waits for a second person: message and reasons sealed until it is decided, then who decided what, and why."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, bindparam, func, insert, select, tuple_, update

from suar.protocol.base.reasons import Reason
from suar.store import tables as t
from suar.store.engine.prepared import Prepared
from suar.store.engine.vault import Vault
from suar.store.engine.verifying import sound

HELD: Final = "held"
RELEASED: Final = "released"
REJECTED: Final = "rejected"
BYTES: Final = 4 * 1024 * 1024  # of sealed messages in one page

_h = t.held
_PENDING: Final = Prepared(select(_h.c.rev).where(_h.c.id == bindparam("id"), _h.c.state == HELD))


class HeldMessage(msgspec.Struct, frozen=True):
    """A held message: its bytes with the true counts, as its publisher wrote them, and why it waits."""

    data: bytes
    reasons: tuple[Reason, ...]


_decode: Final = msgspec.msgpack.Decoder(HeldMessage).decode


def insert_held(connection: Connection, vault: Vault, row: dict[str, Any], waiting: HeldMessage) -> None:
    """Keep a message until a second person decides.

    `row`: id, rev, kind, realm, tlp, at, who, readers, counts_as, editors.
    """
    about = _about(row["id"], row["rev"], row["who"], row["counts_as"])
    sealed, salt = vault.seal(msgspec.msgpack.encode(waiting), about)
    # a revision that was rejected never left, so its number is free again
    connection.execute(_h.delete().where(_h.c.id == row["id"], _h.c.rev == row["rev"], _h.c.state == REJECTED))
    connection.execute(insert(_h), {**row, "state": HELD, "sealed": sealed, "sealed_key": salt})


def is_pending(connection: Connection, id_: str) -> bool:
    """Whether a revision of this id waits."""
    return bool(_PENDING.rows(connection, id=id_))


def find(connection: Connection, id_: str) -> Row[Any] | None:
    """The last revision of an id that was ever held. Raises AlteredError."""
    row = connection.execute(select(_h).where(_h.c.id == id_).order_by(_h.c.rev.desc()).limit(1)).first()
    sound(connection, _h, [] if row is None else [row])
    return row


def page(connection: Connection, after: tuple[int, str], limit: int) -> list[Row[Any]]:
    """What waits, oldest first, behind a place (time, id): `limit` rows or BYTES of them, one row or more."""
    place = tuple_(_h.c.at, _h.c.id)
    size = func.coalesce(func.length(_h.c.sealed), 0).label("size")
    wanted = select(_h.c.id, _h.c.rev, size).where(_h.c.state == HELD, place > after)
    kept, total = list[tuple[str, int]](), 0
    for row in connection.execute(wanted.order_by(_h.c.at, _h.c.id).limit(limit)):
        total += row.size
        if kept and total > BYTES:
            break
        kept.append((row.id, row.rev))
    found = (connection.execute(select(_h).where(_h.c.id == id_, _h.c.rev == rev)).first() for id_, rev in kept)
    rows = [row for row in found if row is not None and row.state == HELD]  # it may be decided meanwhile
    sound(connection, _h, rows)
    return rows


def count_of(connection: Connection, who: str) -> int:
    """How many messages wait that this token published."""
    wanted = select(func.count()).select_from(_h).where(_h.c.state == HELD, _h.c.who == who)
    return int(connection.execute(wanted).scalar_one())


def pending_of(connection: Connection, id_: str) -> Sequence[Row[Any]]:
    """The revisions of this id that wait: one at most, unless the state was put back."""
    return sound(connection, _h, connection.execute(select(_h).where(_h.c.id == id_, _h.c.state == HELD)).all())


def open_row(vault: Vault, row: Row[Any]) -> HeldMessage:
    """What a row that waits holds."""
    return _decode(vault.open(row.sealed, row.sealed_key, _about_row(row)))


def decide(
    connection: Connection, vault: Vault, row: Row[Any], state: str, who: str, now: int, note: str = "", *,
    is_alone: bool = False,
) -> None:  # fmt: skip
    """Released or rejected: the message is destroyed here, the decision and its `note` stay."""
    sealed, salt = vault.seal(note.encode(), _about_row(row))
    decided = {"state": state, "decided_at": now, "decided_by": who, "sealed": sealed, "sealed_key": salt}
    decided["is_alone"] = is_alone
    connection.execute(update(_h).where(_h.c.id == row.id, _h.c.rev == row.rev).values(decided))


def mark_left(connection: Connection, id_: str, rev: int, now: int) -> None:
    """It had left before this state was put back: it waits no more, and its text is destroyed."""
    decided = {"state": RELEASED, "decided_at": now, "decided_by": "gateway", "sealed": None, "sealed_key": None}
    connection.execute(update(_h).where(_h.c.id == id_, _h.c.rev == rev, _h.c.state == HELD).values(decided))


def note_of(vault: Vault, row: Row[Any]) -> str:
    """Why it was decided so."""
    return vault.open(row.sealed, row.sealed_key, _about_row(row)).decode()


def bind_publishers(connection: Connection, vault: Vault) -> None:
    """Rows of before, whose sealed content does not name who published it, are sealed again with that."""
    for id_, rev in connection.execute(select(_h.c.id, _h.c.rev).where(_h.c.sealed.is_not(None))).all():
        row = connection.execute(select(_h).where(_h.c.id == id_, _h.c.rev == rev)).one()
        content = vault.open(row.sealed, row.sealed_key, f"held {id_} {rev}")
        sealed, salt = vault.seal(content, _about_row(row))
        here = update(_h).where(_h.c.id == id_, _h.c.rev == rev)
        connection.execute(here.values(sealed=sealed, sealed_key=salt))


def _about_row(row: Row[Any]) -> str:
    return _about(row.id, row.rev, row.who, row.counts_as)


def _about(id_: str, rev: int, who: str, counts_as: str | None) -> str:
    """What the sealed content is bound to: whose message it is, too."""
    return f"held {id_} {rev} {who} {counts_as or '-'}"

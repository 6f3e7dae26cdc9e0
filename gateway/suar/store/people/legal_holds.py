"""Legal holds: messages whose texts are kept after a recall.

A row has the orders of a message, and is deleted with the last. Where offline evidence keys are set, a recalled text is
kept sealed to them (`held_text`), and its row is destroyed.
"""

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import msgspec
from sqlalchemy import Connection, Row, delete, select

from suar.protocol.base.primitives import hash_
from suar.store import tables as t
from suar.store.engine.upsert import insert_new, upsert
from suar.store.engine.vault import Vault
from suar.store.engine.verifying import sound, table_sound

_h, _t = t.legal_hold, t.held_text
NOTHING: Final = "nothing"
FACT: Final = "fact"
AUTHORITY: Final = "authority"
NOTE_MAX: Final = 200  # characters, as of any note of a receipt


class HoldDetails(msgspec.Struct):
    """An order.

    `tell`: what its publisher may be informed of; with an authority also its name. `since` 0: of an older row, which
    had one order: then it is the row's. `salt`, in hexadecimal digits: with it the audit identifies the authority
    without naming it; empty in requests, and in older orders.
    """

    authority: str
    until: int
    persons: list[str] = []
    tell: str = NOTHING  # as of holds that were set before this could be chosen
    since: int = 0
    salt: str = ""

    @property
    def digest(self) -> str | None:
        """Return what the audit has instead of the authority; None without a salt, when it could be guessed."""
        return hash_("authority", bytes.fromhex(self.salt) + self.authority.encode()).hex() if self.salt else None


class Order(HoldDetails):
    """An order in force; `number` is its own, and no other order of the message has it (`custody/hold_names.py`).

    Rows of earlier versions have none: their orders are numbered from 1, the oldest first, and keep that number.
    """

    number: int = 0

    @property
    def name(self) -> str:
        """Return the unique name of this order in 64 hexadecimal digits: `digest`, if it has a salt."""
        if self.digest is not None:
            return self.digest
        parts = (self.authority, self.until, self.tell, self.persons, self.since)
        return hash_("order", msgspec.json.encode(parts)).hex()


Orders: TypeAlias = list[Order]
_asked_for: Final = msgspec.json.Decoder(HoldDetails).decode
_details: Final = msgspec.json.Decoder(Order | Orders).decode


def note_of(orders: Sequence[HoldDetails]) -> str | None:
    """Return the note of the receipt about a hold; None if none may be sent: what every order allows is disclosed."""
    allowed = {each.tell for each in orders}
    if NOTHING in allowed:
        return None
    names = "; ".join(each.authority for each in orders)
    return names if allowed == {AUTHORITY} and len(names) <= NOTE_MAX else ""


def _bound(id_: str) -> str:
    return f"legal hold {id_}"


def holds(connection: Connection) -> list[Row[Any]]:
    """Return every hold, the oldest first. Raises AlteredError."""
    table_sound(connection, _h)
    return list(connection.execute(select(_h).order_by(_h.c.since, _h.c.id)))


def find(connection: Connection, id_: str) -> Row[Any] | None:
    """Return the hold of a message. Raises AlteredError."""
    return next((row for row in holds(connection) if row.id == id_), None)


def notes(connection: Connection, vault: Vault) -> dict[str, str | None]:
    """Return the messages under a hold, each with the note about it, None if none may be sent.

    Raises AlteredError, Fault.
    """
    return {row.id: note_of(orders(vault, row)) for row in holds(connection)}


def over(connection: Connection, now: int) -> list[Row[Any]]:
    """Return the holds of which an order has ended by its date. Raises AlteredError."""
    return list(sound(connection, _h, connection.execute(select(_h).where(_h.c.until <= now)).all()))


def orders(vault: Vault, row: Row[Any]) -> Orders:
    """Return the sealed orders of a hold, the oldest first. Raises Fault."""
    found = _details(bytes(vault.unwrap(row.sealed, _bound(row.id))))
    each = [found] if isinstance(found, Order) else found
    return [
        msgspec.structs.replace(order, since=order.since or row.since, number=order.number or at)
        for at, order in enumerate(each, 1)
    ]


def details_of(data: bytes) -> HoldDetails:
    """Return an order as it was requested."""
    return _asked_for(data)


def put(connection: Connection, vault: Vault, id_: str, orders: Orders) -> None:
    """Store the orders of a hold, at least one; the row's `until` is when the first of them ends (ms)."""
    sealed = vault.wrap(msgspec.json.encode(orders), _bound(id_))
    since, until = min(each.since for each in orders), min(each.until for each in orders)
    upsert(connection, _h, [{"id": id_, "sealed": sealed, "since": since, "until": until}])


def remove(connection: Connection, id_: str) -> None:
    """Delete the hold of a message."""
    connection.execute(delete(_h).where(_h.c.id == id_))


# -- texts that are sealed to offline keys


def with_sealed_texts(connection: Connection) -> set[str]:
    """Return the messages with texts that are kept under offline keys alone. Raises AlteredError."""
    table_sound(connection, _t)
    return set(connection.execute(select(_t.c.id).distinct()).scalars())


def keep_text(connection: Connection, id_: str, rev: int, sealed: bytes, now: int) -> None:
    """Store the sealed text of a revision; an existing one is kept."""
    insert_new(connection, _t, [{"id": id_, "rev": rev, "sealed": sealed, "at": now}])


def sealed_text(connection: Connection, id_: str, rev: int) -> bytes | None:
    """Return the sealed text of a revision."""
    found = connection.execute(select(_t.c.sealed).where(_t.c.id == id_, _t.c.rev == rev)).scalar()
    return None if found is None else bytes(found)


def sealed_revisions(connection: Connection, id_: str) -> list[int]:
    """Return the revisions of a message whose texts are sealed."""
    return list(connection.execute(select(_t.c.rev).where(_t.c.id == id_).order_by(_t.c.rev)).scalars())


def drop_texts(connection: Connection, id_: str) -> list[int]:
    """Delete the sealed texts of a message; return their revisions."""
    revisions = sealed_revisions(connection, id_)
    connection.execute(delete(_t).where(_t.c.id == id_))
    return revisions

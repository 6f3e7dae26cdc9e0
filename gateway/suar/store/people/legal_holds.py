"""Legal holds: messages whose texts are kept after a recall. A row is deleted with the end of its hold.

Where offline evidence keys are set, a recalled text is kept sealed to them (`held_text`), and its row is destroyed.
"""

from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, delete, insert, select

from suar.store import tables as t
from suar.store.engine.upsert import insert_new
from suar.store.engine.vault import Vault
from suar.store.engine.verifying import table_sound

_h, _t = t.legal_hold, t.held_text
NOTHING: Final = "nothing"
FACT: Final = "fact"
AUTHORITY: Final = "authority"


class HoldDetails(msgspec.Struct):
    """What is sealed with a hold; `tell`: what its publisher may be told of it, with an authority also its name."""

    authority: str
    until: int
    persons: list[str] = []
    tell: str = NOTHING  # as of holds that were set before this could be chosen

    def note(self) -> str | None:
        """Return the note of the receipt that tells of the hold; None if none may."""
        return {FACT: "", AUTHORITY: self.authority}.get(self.tell)


_details: Final = msgspec.json.Decoder(HoldDetails).decode


def _bound(id_: str) -> str:
    return f"legal hold {id_}"


def holds(connection: Connection) -> list[Row[Any]]:
    """Return every hold, the oldest first. Raises AlteredError."""
    table_sound(connection, _h)
    return list(connection.execute(select(_h).order_by(_h.c.since, _h.c.id)))


def notes(connection: Connection, vault: Vault) -> dict[str, str | None]:
    """Return the messages under a hold, each with the note that tells of it, None if none may.

    Raises AlteredError, Fault.
    """
    return {row.id: details(vault, row).note() for row in holds(connection)}


def over(connection: Connection, now: int) -> list[str]:
    """Return the messages whose hold has ended by its date."""
    return list(connection.execute(select(_h.c.id).where(_h.c.until <= now)).scalars())


def details(vault: Vault, row: Row[Any]) -> HoldDetails:
    """Return the sealed details of a hold. Raises Fault."""
    return _details(bytes(vault.unwrap(row.sealed, _bound(row.id))))


def add(connection: Connection, vault: Vault, id_: str, said: HoldDetails, since: int) -> None:
    """Store a hold of a message that has none; times in ms."""
    sealed = vault.wrap(msgspec.json.encode(said), _bound(id_))
    row = {"id": id_, "sealed": sealed, "since": since, "until": said.until}
    connection.execute(insert(_h), row)


def remove(connection: Connection, id_: str) -> None:
    """Delete the hold of a message."""
    connection.execute(delete(_h).where(_h.c.id == id_))


# -- texts that are sealed to offline keys


def with_sealed_texts(connection: Connection) -> set[str]:
    """Return the messages with texts that are kept under offline keys alone. Raises AlteredError."""
    table_sound(connection, _t)
    return set(connection.execute(select(_t.c.id).distinct()).scalars())


def keep_text(connection: Connection, id_: str, rev: int, sealed: bytes, now: int) -> None:
    """Keep the sealed text of a revision; one that is there stays."""
    insert_new(connection, _t, [{"id": id_, "rev": rev, "sealed": sealed, "at": now}])


def sealed_text(connection: Connection, id_: str, rev: int) -> bytes | None:
    """Return the sealed text of a revision."""
    found = connection.execute(select(_t.c.sealed).where(_t.c.id == id_, _t.c.rev == rev)).scalar()
    return None if found is None else bytes(found)


def drop_texts(connection: Connection, id_: str) -> list[int]:
    """Delete the sealed texts of a message; return their revisions."""
    revisions = list(connection.execute(select(_t.c.rev).where(_t.c.id == id_).order_by(_t.c.rev)).scalars())
    connection.execute(delete(_t).where(_t.c.id == id_))
    return revisions

"""The markings of texts that were destroyed: who could read them is asked later, when an agency is told of the recall.

A marking has no word of the text. It is sealed, since an audience or a handling label may be sensitive by itself.
"""

from typing import Final

import msgspec
from sqlalchemy import Connection, select

from suar.protocol.message.marking import Marking
from suar.store import tables as t
from suar.store.engine.upsert import insert_new
from suar.store.engine.vault import Vault

_d = t.destroyed_marking
_decode: Final = msgspec.json.Decoder(Marking).decode


def _bound(id_: str, rev: int) -> str:
    return f"destroyed marking {id_} {rev}"


def keep(connection: Connection, vault: Vault, id_: str, rev: int, marking: Marking) -> None:
    """Keep the marking of a revision whose text is about to be destroyed."""
    sealed = vault.wrap(msgspec.json.encode(marking), _bound(id_, rev))
    insert_new(connection, _d, [{"id": id_, "rev": rev, "sealed": sealed}])


def find(connection: Connection, vault: Vault, id_: str, rev: int) -> Marking | None:
    """Return the marking that was kept of a revision, or None. Raises Fault for one that does not open."""
    sealed = connection.execute(select(_d.c.sealed).where(_d.c.id == id_, _d.c.rev == rev)).scalar()
    return None if sealed is None else _decode(bytes(vault.unwrap(sealed, _bound(id_, rev))))

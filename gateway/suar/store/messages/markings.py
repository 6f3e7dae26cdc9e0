"""Earlier revisions of a message and the markings of destroyed texts, which show who could read the message before.

A marking contains no word of the text. It is sealed, since an audience or a handling label may be sensitive by itself.
"""

from collections.abc import Collection, Iterator
from functools import cache
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, bindparam, select

from suar.protocol.message.marking import Marking
from suar.store import tables as t
from suar.store.engine.prepared import Prepared
from suar.store.engine.upsert import insert_new
from suar.store.engine.vault import Vault
from suar.store.messages.rows import LEAN

EARLIER: Final = 256
"""Revisions of a message that are examined for what a reader could read before."""
EARLIER_BATCH: Final = 8

_d = t.destroyed_marking
_decode: Final = msgspec.json.Decoder(Marking).decode


_m = t.message
_OF_ID: Final = _m.c.id == bindparam("id")
_RECALLED: Final = Prepared(
    select(*LEAN).where(_OF_ID, _m.c.rev < bindparam("rev"), _m.c.action != "cancel").order_by(_m.c.rev.desc()).limit(1)
)
_REPLACING: Final = Prepared(
    select(_m.c.n, _m.c.at).where(_OF_ID, _m.c.rev > bindparam("rev")).order_by(_m.c.n).limit(1)
)


def _bound(id_: str, rev: int) -> str:
    return f"destroyed marking {id_} {rev}"


def keep(connection: Connection, vault: Vault, id_: str, rev: int, marking: Marking) -> None:
    """Keep the marking of a revision whose text is about to be destroyed."""
    sealed = vault.wrap(msgspec.json.encode(marking), _bound(id_, rev))
    insert_new(connection, _d, [{"id": id_, "rev": rev, "sealed": sealed}])


def find(connection: Connection, vault: Vault, id_: str, rev: int) -> Marking | None:
    """Return the stored marking of a revision, or None. Raises Fault if it cannot be decrypted."""
    sealed = connection.execute(select(_d.c.sealed).where(_d.c.id == id_, _d.c.rev == rev)).scalar()
    return None if sealed is None else _decode(bytes(vault.unwrap(sealed, _bound(id_, rev))))


def earlier(connection: Connection, id_: str, rev: int, tlps: Collection[str]) -> Iterator[Any]:
    """Yield the revisions before `rev` of one of these TLPs, the newest first, without their frames.

    At most EARLIER of them, of which a few are in memory at once.
    """
    values = {f"tlp_{number}": tlp for number, tlp in enumerate(tlps)}
    for _ in range(EARLIER // EARLIER_BATCH if values else 0):
        found = _earlier(tuple(values)).rows(connection, id=id_, rev=rev, **values)
        yield from found
        if len(found) < EARLIER_BATCH:
            return
        rev = found[-1].rev


def recalled(connection: Connection, id_: str, rev: int) -> Any:
    """Return the newest revision before the cancel `rev` that is none itself, without its frame; None if there is
    none.
    """
    return next(iter(_RECALLED.rows(connection, id=id_, rev=rev)), None)


def replacing(connection: Connection, id_: str, rev: int) -> Any:
    """Return (n, at) of what was stored first of the revisions after `rev`; None if there is none."""
    return next(iter(_REPLACING.rows(connection, id=id_, rev=rev)), None)


@cache
def _earlier(names: tuple[str, ...]) -> Prepared:
    m = t.message
    of_tlp = m.c.tlp.in_([bindparam(name) for name in names])
    wanted = select(*LEAN).where(m.c.id == bindparam("id"), m.c.rev < bindparam("rev"), of_tlp)
    return Prepared(wanted.order_by(m.c.rev.desc()).limit(EARLIER_BATCH))

"""The ledger of released cells: of every trend that left, its cells with their true values, sealed.

A row is one sheet of one message: what can stand in one sum (protocol/privacy/cells.py). It is written in the
transaction of the message, and found by the hash of the sheet's name.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, bindparam, insert, select

from suar.protocol.content import digest
from suar.protocol.privacy.cells import Cell, Sheet
from suar.protocol.privacy.ledger import Fact, Release, Released
from suar.store import meta
from suar.store import tables as t
from suar.store.prepared import Prepared
from suar.store.vault import Vault

GAP: Final = "ledger_gap"
_OF_SHEET: Final = Prepared(
    select(t.released.c.id, t.released.c.rev, t.released.c.sealed, t.released.c.sealed_key)
    .where(t.released.c.sheet == bindparam("sheet"))
    .order_by(t.released.c.n)
)


def released(connection: Connection, vault: Vault, sheets: Iterable[Sheet]) -> Released:
    """What was released of these sheets, oldest first."""
    found: Released = {}
    for sheet in sheets:
        rows = _OF_SHEET.rows(connection, sheet=_name(sheet))
        if rows:
            found[sheet] = [_read(vault.open(row.sealed, row.sealed_key, _about(row.id, row.rev))) for row in rows]
    return found


def record(
    connection: Connection, vault: Vault, id_: str, rev: int, releases: Mapping[Sheet, Release], before: Released
) -> None:
    """Keep what a message releases; a sheet that stands there unchanged already is not kept twice."""
    rows: list[dict[str, Any]] = []
    for sheet, release in releases.items():
        if release in before.get(sheet, ()):
            continue
        sealed, salt = vault.seal(_written(release), _about(id_, rev))
        rows.append({"sheet": _name(sheet), "id": id_, "rev": rev, "sealed": sealed, "sealed_key": salt})
    if rows:
        connection.execute(insert(t.released), rows)


def has_gap(connection: Connection) -> bool:
    """Whether something was released that this state cannot know: it was put back from an older copy."""
    return meta.get(connection, GAP) is not None


def note_gap(connection: Connection, now: int) -> None:
    """Messages of ours left that this state cannot open, so the ledger may lack cells."""
    meta.put(connection, GAP, str(now))


def _name(sheet: Sheet) -> bytes:
    return digest("\0".join(sheet).encode())


def _about(id_: str, rev: int) -> str:
    return f"released {id_} {rev}"


def _written(release: Release) -> bytes:
    return msgspec.msgpack.encode([release.k, release.open, release.facts])


def _read(data: bytes) -> Release:
    k, is_open, facts = msgspec.msgpack.decode(data)
    return Release(k, is_open, tuple(Fact(_cell(cell), value, mark) for cell, value, mark in facts))


def _cell(written: list[Any]) -> Cell:
    period, admin1, locode, dims = written
    return Cell(period, admin1, locode, tuple((name, code) for name, code in dims))

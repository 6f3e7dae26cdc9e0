"""The ledger of released cells: the cells of every sent trend with their true values, sealed.

A row is one sheet of one message (protocol/privacy/proof/cells.py) and contains the sheet's name. It is written in the
message's transaction and found by its family: everything that counts the same people in a year. A row of an older
version, whose family is unknown (ledger_adopt.py), is found by the hash of its sheet's name.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Connection, bindparam, func, insert, or_, select

from suar.protocol.base.errors import Fault
from suar.protocol.privacy.proof.cells import Cell, Sheet
from suar.protocol.privacy.proof.families import family_of
from suar.protocol.privacy.proof.ledger import SUPPRESSED, Fact, Release, Released, is_known
from suar.protocol.transport.content import digest
from suar.store import tables as t
from suar.store.engine import meta
from suar.store.engine.prepared import Prepared
from suar.store.engine.vault import Vault
from suar.store.engine.verifying import sound, table_sound

GAP: Final = "ledger_gap"
UNKNOWN: Final = b""
"""The family of an older row whose sheet cannot be determined any more."""
_r: Final = t.released.c
OF_FAMILY: Final = Prepared(select(t.released).where(_r.family == bindparam("family")))
HOW_MANY: Final = Prepared(
    select(func.count().label("rows"), func.max(_r.n).label("last")).where(_r.family == bindparam("family"))
)
_OF_BEFORE: Final = or_(_r.family.is_(None), _r.family == UNKNOWN)
OF_SHEET: Final = Prepared(select(t.released).where(_r.sheet == bindparam("sheet"), _OF_BEFORE))
_SALT: Final = Prepared(select(_r.sealed_key).where(_r.n == bindparam("n")))


class Version(NamedTuple):
    """The state of the ledger in some families: the number of rows, and the salt of the newest, which is random.

    `of_before`: rows of earlier versions, which are found by their sheet alone.
    """

    rows: int = 0
    newest: bytes = b""
    of_before: tuple[int, ...] = ()


def version(connection: Connection, vault: Vault, families: Iterable[str], sheets: Iterable[Sheet] = ()) -> Version:
    """Return the state of these families, which changes with every release; arguments as `released`."""
    counts = [HOW_MANY.rows(connection, family=_family(vault, name))[0] for name in families]
    of_before = [row.n for sheet in sheets for row in OF_SHEET.rows(connection, sheet=name_of(sheet))]
    numbers = [count.last for count in counts if count.rows] + of_before
    if not numbers:
        return Version()
    newest = bytes(_SALT.rows(connection, n=max(numbers))[0].sealed_key)
    return Version(sum(count.rows for count in counts) + len(of_before), newest, tuple(of_before))


class Earlier(NamedTuple):
    """What was released before. `messages`: the id of the message of each release by its number, from 1."""

    releases: Released
    messages: tuple[str, ...] = ()


def released(connection: Connection, vault: Vault, families: Iterable[str], sheets: Iterable[Sheet] = ()) -> Earlier:
    """Return every release of these families, oldest first; of `sheets` also the rows of earlier versions.

    Raises AlteredError.
    """
    rows = _rows(connection, vault, families, sheets)
    found: Released = {}
    for order, n in enumerate(sorted(rows), 1):
        row, named = rows[n]
        own, release = open_row(vault, row, order)
        name = named or own
        if name is None:
            raise Fault(f"row {n} of the ledger does not say of which sheet it is", "restore the state from a backup")
        found.setdefault(name, []).append(release)
    return Earlier(found, tuple(rows[n][0].id for n in sorted(rows)))


def hidden_by(connection: Connection, vault: Vault, families: Iterable[str], sheets: Iterable[Sheet], cell: str) -> str:
    """Return the newest message that released a cell as hidden, the cell in words, or ""; other arguments as
    `released`.
    """
    for _, (row, _) in sorted(_rows(connection, vault, families, sheets).items(), reverse=True):
        _, release = open_row(vault, row)
        if any(fact.mark == SUPPRESSED and str(fact.cell.as_value()) == cell for fact in release.facts):
            return str(row.id)
    return ""


def _rows(
    connection: Connection, vault: Vault, families: Iterable[str], sheets: Iterable[Sheet]
) -> dict[int, tuple[Any, Sheet | None]]:
    """Return the rows by number, each with its sheet if the row does not name it. Raises AlteredError."""
    rows: dict[int, tuple[Any, Sheet | None]] = {}
    for family in families:
        rows |= {row.n: (row, None) for row in OF_FAMILY.rows(connection, family=_family(vault, family))}
    for sheet in sheets:
        rows |= {row.n: (row, sheet) for row in OF_SHEET.rows(connection, sheet=name_of(sheet))}
    sound(connection, t.released, [row for row, _ in rows.values()])
    return rows


def record(
    connection: Connection, vault: Vault, id_: str, rev: int, releases: Mapping[Sheet, Release], before: Released
) -> None:
    """Store what a message releases; a sheet that is stored unchanged already is not stored twice.

    Raises AlteredError if a row is missing, which for a moment would be in no other look at the table.
    """
    table_sound(connection, t.released)
    fresh = [(sheet, each) for sheet, each in releases.items() if not is_known(each, before.get(sheet, ()))]
    rows = [
        {"sheet": name_of(sheet), "id": id_, "rev": rev, **seal_row(vault, id_, rev, sheet, release)}
        for sheet, release in fresh
    ]
    if rows:
        connection.execute(insert(t.released), rows)


def seal_row(vault: Vault, id_: str, rev: int, sheet: Sheet, release: Release) -> dict[str, Any]:
    """What a row has of its sheet: the family's name, and the content with the sheet's own."""
    body = msgspec.msgpack.encode([release.k, release.is_open, release.facts, sheet if sheet.body else sheet[:3]])
    data, salt = vault.seal(body, _about(id_, rev))
    return {"family": _family(vault, family_of(sheet)), "sealed": data, "sealed_key": salt}


def open_row(vault: Vault, row: Any, order: int = 0) -> tuple[Sheet | None, Release]:
    """Return the content of a row; older ones do not contain the sheet's name."""
    content = vault.open(row.sealed, row.sealed_key, _about(row.id, row.rev))
    k, is_open, facts, *named = msgspec.msgpack.decode(content)
    sheet = Sheet(*named[0]) if named else None
    return sheet, Release(k, is_open, tuple(Fact(_cell(cell), value, mark) for cell, value, mark in facts), order)


def has_gap(connection: Connection) -> bool:
    """Whether something was released that this state does not contain, because an older copy was restored."""
    return meta.get(connection, GAP) is not None


def note_gap(connection: Connection, now: int) -> None:
    """Record that messages of ours were sent that this state cannot open, so the ledger may be missing cells."""
    meta.put(connection, GAP, str(now))


def name_of(sheet: Sheet) -> bytes:
    """The hash of a sheet's name, which ends with the year where everybody's records are counted."""
    return digest("\0".join(sheet if sheet.body else sheet[:3]).encode())


def _family(vault: Vault, name: str) -> bytes:
    return vault.fingerprint(f"family {name}".encode())


def _about(id_: str, rev: int) -> str:
    return f"released {id_} {rev}"


def _cell(written: Sequence[Any]) -> Cell:
    period, admin1, locode, dims = written
    return Cell(period, admin1, locode, tuple((name, code) for name, code in dims))

"""Add the family and the sheet's name to rows of the ledger that an older version wrote, once, at a start.

The row contains the hash of the name. The name is searched among the sheets of the message that released the row or, if
the text of that message has been destroyed, among all sheets that a trend can have in that year. A row whose name is
not found keeps only the hash.

An older version had the numbers of a single body (coverage.scope agency) among the country's: such a row gets the name
of the body, once too, if the text of its message exists.
"""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select, update

from suar.protocol.base.codelists import codes
from suar.protocol.message.kinds import Trend
from suar.protocol.message.messages import readable
from suar.protocol.privacy.proof.cells import Sheet
from suar.protocol.privacy.tables.protecting import sheets
from suar.store import tables as t
from suar.store.engine import meta
from suar.store.engine.database import Database
from suar.store.engine.vault import Vault
from suar.store.messages import ledger
from suar.store.messages import rows as messages

BATCH: Final = 500  # rows in one transaction
_r: Final = t.released.c
NAMED: Final = "ledger_bodies"
"""Set once rows have the names of bodies."""
_EVERY: Final = select(_r.n, _r.id, _r.rev, _r.sheet, _r.sealed, _r.sealed_key)
_OLD: Final = _EVERY.where(_r.family.is_(None))


def adopt(database: Database, vault: Vault) -> int:
    """Add the family to every row without one; returns the number of these rows."""
    done = 0
    while True:
        with database.begin() as connection:
            rows = connection.execute(_OLD.order_by(_r.n).limit(BATCH)).all()
            _adopt(connection, vault, rows)
        done += len(rows)
        if len(rows) < BATCH:
            return done


def name_bodies(database: Database, vault: Vault) -> int:
    """Add the name of the body to every row of a table that counts one body's records; returns their number."""
    done = last = 0
    while True:
        with database.begin() as connection:
            if not last and meta.get(connection, NAMED) is not None:
                return 0
            rows = connection.execute(_EVERY.where(_r.n > last).order_by(_r.n).limit(BATCH)).all()
            sheets_of = ((row, _sheet_of_body(connection, vault, row)) for row in rows)
            found = {row.n: _of_body(vault, row, sheet) for row, sheet in sheets_of if sheet is not None}
            _change(connection, found, ("sheet", "family", "sealed", "sealed_key"))
            if len(rows) < BATCH:
                meta.put(connection, NAMED, "1")
                return done + len(found)
        done, last = done + len(found), rows[-1].n


def _of_body(vault: Vault, row: Any, sheet: Sheet) -> dict[str, Any]:
    return {"sheet": ledger.name_of(sheet), **_named(vault, row, sheet)}


def _sheet_of_body(connection: Connection, vault: Vault, row: Any) -> Sheet | None:
    try:
        sheet = _of_its_message(connection, vault, row)
    except messages.AlteredRow:  # which its readers report; the row stays among the country's
        return None
    return sheet if sheet is not None and sheet.body and ledger.name_of(sheet) != bytes(row.sheet) else None


def _change(connection: Connection, found: dict[int, dict[str, Any]], columns: Sequence[str]) -> None:
    if found:
        change = update(t.released).where(_r.n == bindparam("row"))
        values: Any = {name: bindparam(f"new_{name}") for name in columns}
        rows = [{"row": n, **{f"new_{name}": new[name] for name in columns}} for n, new in found.items()]
        connection.execute(change.values(values), rows)


def _adopt(connection: Connection, vault: Vault, rows: Sequence[Any]) -> None:
    found: dict[int, dict[str, Any]] = {}
    lost: dict[str, dict[bytes, list[Any]]] = {}  # by year, by the hash of the name
    for row in rows:
        sheet = _of_its_message(connection, vault, row)
        if sheet is not None:
            found[row.n] = _named(vault, row, sheet)
        else:
            lost.setdefault(_year(vault, row), {}).setdefault(bytes(row.sheet), []).append(row)
    for year, wanted in lost.items():
        for sheet in possible_sheets(year) if year else ():
            for row in wanted.get(ledger.name_of(sheet), ()):
                found[row.n] = _named(vault, row, sheet)
    if not rows:
        return
    unknown = [row.n for row in rows if row.n not in found]
    if unknown:
        connection.execute(update(t.released).where(_r.n.in_(unknown)), {"family": ledger.UNKNOWN})
    _change(connection, found, ("family", "sealed", "sealed_key"))


def _named(vault: Vault, row: Any, sheet: Sheet) -> dict[str, Any]:
    return ledger.seal_row(vault, row.id, row.rev, sheet, ledger.open_row(vault, row)[1])


def _of_its_message(connection: Connection, vault: Vault, row: Any) -> Sheet | None:
    """Return the sheet with that name, with or without its body, in the message that released it."""
    kept = messages.find(connection, row.id, row.rev)
    body = messages.body_of(vault, kept) if kept is not None else None
    if body is None:
        return None
    message = readable(body)
    own = sheets(message) if isinstance(message, Trend) else ()
    name = bytes(row.sheet)
    return next((sheet for sheet in own if name in (ledger.name_of(sheet), _name_without_body(sheet))), None)


def _name_without_body(sheet: Sheet) -> bytes:
    return ledger.name_of(sheet._replace(body=""))


def _year(vault: Vault, row: Any) -> str:
    _, release = ledger.open_row(vault, row)
    return release.facts[0].cell.period[:4] if release.facts else ""


def possible_sheets(year: str) -> Iterator[Sheet]:
    """Yield every possible sheet of a year: some hundred thousand."""
    lists = ("status", "trend-indicator", "unit", "date-basis", "place-role")
    for series in itertools.product(*map(codes, lists)):
        name = "|".join(series)
        for country in codes("country"):
            yield Sheet(name, country, year)

"""Add the family and the sheet's name to rows of the ledger that an older version wrote, once, at a start.

The row contains the hash of the name. The name is searched among the sheets of the message that released the row or, if
the text of that message has been destroyed, among all sheets that a trend can have in that year. A row whose name is
not found keeps only the hash.
"""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select, update

from suar.protocol.base.codelists import codes
from suar.protocol.base.reasons import Invalid
from suar.protocol.message.kinds import Trend
from suar.protocol.message.messages import read
from suar.protocol.privacy.proof.cells import Sheet
from suar.protocol.privacy.tables.protecting import sheets
from suar.store import tables as t
from suar.store.engine.database import Database
from suar.store.engine.vault import Vault
from suar.store.messages import ledger
from suar.store.messages import rows as messages

AT_ONCE: Final = 500  # rows in one transaction
_r: Final = t.released.c
_OLD: Final = select(_r.n, _r.id, _r.rev, _r.sheet, _r.sealed, _r.sealed_key).where(_r.family.is_(None))


def adopt(database: Database, vault: Vault) -> int:
    """Add the family to every row without one; returns the number of these rows."""
    done = 0
    while True:
        with database.begin() as connection:
            rows = connection.execute(_OLD.order_by(_r.n).limit(AT_ONCE)).all()
            _adopt(connection, vault, rows)
        done += len(rows)
        if len(rows) < AT_ONCE:
            return done


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
    if found:
        change = update(t.released).where(_r.n == bindparam("row"))
        values: Any = {name: bindparam(name) for name in ("family", "sealed", "sealed_key")}
        connection.execute(change.values(values), [{"row": n, **new} for n, new in found.items()])


def _named(vault: Vault, row: Any, sheet: Sheet) -> dict[str, Any]:
    return ledger.seal_row(vault, row.id, row.rev, sheet, ledger.open_row(vault, row)[1])


def _of_its_message(connection: Connection, vault: Vault, row: Any) -> Sheet | None:
    """Return the sheet with that name in the message that released it."""
    kept = messages.find(connection, row.id, row.rev)
    body = messages.body_of(vault, kept) if kept is not None else None
    if body is None:
        return None
    try:
        message = read(body)
    except Invalid:
        return None
    own = sheets(message) if isinstance(message, Trend) else ()
    return next((sheet for sheet in own if ledger.name_of(sheet) == bytes(row.sheet)), None)


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

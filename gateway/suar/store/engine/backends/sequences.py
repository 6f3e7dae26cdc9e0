"""The sequences that number rows in PostgreSQL. Their positions are in no comparison, and who may write can set them.

A row's number is the highest one of its table and one more, as SQLite gives it. So a sequence that is below its rows,
or above every number that a store reaches, is set behind the rows: when the store is opened, and after a statement that
failed because of it.
"""

from typing import Final

from sqlalchemy import BigInteger, Connection, text

from suar.store.tables import metadata

HIGHEST: Final = 1 << 40
"""No store numbers rows above it: a row or a sequence that is above was put there from outside."""
HINT: Final = "nothing to do: it is set behind its rows with the next change; find out who writes the database"
_LIMIT, _OCCUPIED = "2200H", "23505"  # SQLSTATE of a sequence at its end, and of a number that a row has already
_TABLES: Final = frozenset(
    str(table.name)
    for table in metadata.tables.values()
    if "n" in table.c and isinstance(table.c.n.type, BigInteger) and table.autoincrement_column is table.c.n
)
_NUMBERED_HERE: Final = {"audit", "message", "stamp"}  # the program gives the numbers of their rows
_KEYS: Final = frozenset(f"{table}_pkey" for table in _TABLES - _NUMBERED_HERE)
_SET: Final = (
    "SELECT setval('public.{table}_n_seq', greatest(top, 1), top > 0) FROM public.{table}_n_seq,"
    " (SELECT coalesce(max(n), 0) AS top FROM public.{table} WHERE n BETWEEN 1 AND {highest}) AS found"
    " WHERE last_value - CASE WHEN is_called THEN 0 ELSE 1 END NOT BETWEEN top AND {highest}"
)


def set_behind_rows(connection: Connection) -> None:
    """Set each sequence that would give a number that is occupied, or none, behind the rows of its table; it is not
    taken back with the transaction. For a store whose schema was compared.
    """
    for table in sorted(_TABLES):
        connection.execute(text(_SET.format(table=table, highest=HIGHEST)))


def is_at_fault(error: object) -> bool:
    """Whether a statement failed because of the position of a sequence; `error` is the driver's."""
    state, details = getattr(error, "sqlstate", None), getattr(error, "diag", None)
    return state == _LIMIT or (state == _OCCUPIED and getattr(details, "constraint_name", None) in _KEYS)


def is_named(reason: str) -> bool:
    """Whether the driver's message is one of those errors."""
    return "of sequence" in reason or any(f'"{key}"' in reason for key in _KEYS)

"""Salts of sealed rows in a small table of their own, where a database keeps earlier versions of its rows (PostgreSQL).

A changed row leaves its older version in its table's file until the table is written anew, which takes as long as the
table is large. So a salt is in `row_key`, which has nothing else, and its row has a random name in place of it. Without
the salt the rest cannot be decrypted: only this table is written anew (engine/backends/erasing.py). A store in a file
overwrites what is deleted; there, and in rows that came from such a store, the salt is in the row itself.
"""

import os
from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, select

from suar.store import tables as t
from suar.store.engine.prepared import Insert, Prepared

NAME: Final = 16  # bytes; a salt has 32
_k: Final = t.row_key
_ADD: Final = Insert(_k, "name", "salt")
_FIND: Final = Prepared(select(_k.c.salt).where(_k.c.name == bindparam("name")))
IN_ROW: Final = frozenset(("message", "kept_proof", "receipt_frame", "quarantine", "alarm", "sample"))
"""Tables whose rows can have a text, a frame or a key in them that a recall destroys."""
_BATCH: Final = 512  # names that one statement deletes


def has_key_table(connection: Connection) -> bool:
    """Whether new salts are kept in the table."""
    return connection.dialect.name == "postgresql"


def put(connection: Connection, salts: Sequence[bytes]) -> Sequence[bytes]:
    """Store salts in the caller's transaction; returns what their rows have in place of them, in order."""
    if not has_key_table(connection):
        return salts
    names = [os.urandom(NAME) for _ in salts]
    _ADD.insert(connection, list(zip(names, salts, strict=True)))
    return names


def salt_of(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the salt of a row, for a query that has the row's `column`; labelled as that column."""
    own = select(_k.c.salt).where(_k.c.name == column).scalar_subquery()
    return func.coalesce(own, column).label(str(column.key))


def find(connection: Connection, name: bytes) -> bytes:
    """Return the salt of what a row has, which is the salt itself in an older row; b"" after it was destroyed."""
    if len(name) != NAME:
        return name
    rows = _FIND.rows(connection, name=name)
    return bytes(rows[0].salt) if rows else b""


def drop(connection: Connection, names: Iterable[bytes | None]) -> bool:
    """Destroy the salts of what rows have; returns whether one was in its row, whose table has to be written anew."""
    every = [bytes(each) for each in names if each]
    named = [each for each in every if len(each) == NAME]
    for first in range(0, len(named), _BATCH):
        connection.execute(delete(_k).where(_k.c.name.in_(named[first : first + _BATCH])))
    return len(named) < len(every)

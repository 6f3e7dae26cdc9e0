"""Common parts of tables: their metadata, the number of a row, the keyed hash of a row, the size and type of a
value.
"""

import sqlite3
from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, MetaData, Table, and_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import GenericFunction

_HAS_OCTETS: Final = sqlite3.sqlite_version_info >= (3, 43)
metadata = MetaData()
_Serial = BigInteger().with_variant(Integer, "sqlite")  # SQLite assigns row numbers to INTEGER only


def serial() -> "Column[int]":
    """Return the column `n`: the order in which rows were written."""
    return Column("n", _Serial, primary_key=True, autoincrement=True)


def mac() -> "Column[bytes]":
    """Return the last column: a keyed hash of the others, written by the engine (engine/protection.py)."""
    return Column("mac", LargeBinary(32))


class octets(GenericFunction[int]):  # noqa: N801 - written as a function of SQL
    """The bytes of a value, 0 of NULL. The value itself is not read: it may be above what SQLite may return."""

    type = Integer()
    inherit_cache = True


@compiles(octets)
def _octets(element: octets, compiler: SQLCompiler, **how: Any) -> str:
    value = compiler.process(element.clauses, **how)
    if compiler.dialect.name != "sqlite" or _HAS_OCTETS:
        return f"coalesce(octet_length({value}), 0)"
    return f"coalesce(length({value}), 0)"  # of an older SQLite: not read if it is a blob


class is_typed(GenericFunction[bool]):  # noqa: N801 - written as a function of SQL
    """Whether a value has the type of its column and at most VALUE_MAX bytes; a text has printable ASCII alone.

    SQLite keeps any type in any column. For tables without a keyed hash, of which no text has other characters.
    """

    type = Boolean()
    inherit_cache = True


VALUE_MAX: Final = 1024 * 1024


@compiles(is_typed)
def _typed_by_server(element: is_typed, compiler: SQLCompiler, **how: Any) -> str:
    return "true"


@compiles(is_typed, "sqlite")
def _typed(element: is_typed, compiler: SQLCompiler, **how: Any) -> str:
    (column,) = element.clauses
    value, wanted = compiler.process(column, **how), _TYPES.get(column.type.python_type, "text")
    size = f"octet_length({value})" if _HAS_OCTETS else f"length({value})"
    is_strange = f"{value} GLOB '*[^ -~]*'" if wanted == "text" else "0"
    other = "NULL" if getattr(column, "nullable", False) else wanted
    return (
        f"(CASE WHEN typeof({value}) NOT IN ('{wanted}', '{other.lower()}') THEN 0"
        f" WHEN {value} IS NOT NULL AND {size} > {VALUE_MAX} THEN 0 ELSE NOT coalesce({is_strange}, 0) END)"
    )


_TYPES: Final = {int: "integer", bytes: "blob", bool: "integer"}


def has_types(table: Table) -> ColumnElement[bool]:
    """Return the condition that every value of a row is as `is_typed` says."""
    return and_(*(is_typed(column) for column in table.c))


NO_UTF8: Final = "\0"  # the first character of what is read for a text that is no UTF-8; this gateway writes none


def text_of(data: bytes) -> str:
    """Return a text of an SQLite file; of one that is no UTF-8 another text, which this gateway never writes.

    So it ends no reading, and differs from what was hashed.
    """
    try:
        return data.decode()
    except UnicodeDecodeError:
        return NO_UTF8 + data.decode(errors="replace")


def blob(value: object) -> bytes:
    """Return the content of a column that should hold bytes; nothing of a value of another type."""
    return value if isinstance(value, bytes) else b""

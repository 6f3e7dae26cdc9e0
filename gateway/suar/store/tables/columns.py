"""Common parts of tables: their metadata, the number of a row, the keyed hash of a row."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData

metadata = MetaData()
_Serial = BigInteger().with_variant(Integer, "sqlite")  # SQLite assigns row numbers to INTEGER only


def serial() -> "Column[int]":
    """Return the column `n`: the order in which rows were written."""
    return Column("n", _Serial, primary_key=True, autoincrement=True)


def mac() -> "Column[bytes]":
    """Return the last column: a keyed hash of the others, written by the engine (engine/protection.py)."""
    return Column("mac", LargeBinary(32))

"""What tables share: their metadata, a row's number, a row's keyed hash."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData

metadata = MetaData()
_Serial = BigInteger().with_variant(Integer, "sqlite")  # SQLite gives row numbers to INTEGER alone


def serial() -> "Column[int]":
    """`n`: the order in which rows were written."""
    return Column("n", _Serial, primary_key=True, autoincrement=True)


def mac() -> "Column[bytes]":
    """A keyed hash of the row's other columns, written by the engine (engine/protection.py); last in its table."""
    return Column("mac", LargeBinary(32))

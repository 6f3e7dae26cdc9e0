"""What all tables share: their metadata, and a row's number."""

from sqlalchemy import BigInteger, Column, Integer, MetaData

metadata = MetaData()
_Serial = BigInteger().with_variant(Integer, "sqlite")  # SQLite gives row numbers to INTEGER alone


def serial() -> "Column[int]":
    """`n`: the order in which rows were written."""
    return Column("n", _Serial, primary_key=True, autoincrement=True)

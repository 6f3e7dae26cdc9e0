"""The store's account of itself, and which messages were recalled."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table

from suar.store.tables.columns import mac, metadata

integrity = Table(  # one row: how many rows each protected table has and what they add up to; see engine/account.py
    "integrity",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),
)

recalled = Table(  # messages of others that were cancelled: what came before is not shown, whatever stands in its row
    "recalled",
    metadata,
    Column("id", String(48), primary_key=True),
    Column("below", Integer, nullable=False),  # the revision that cancelled them
    Column("at", BigInteger, nullable=False),
    mac(),
)

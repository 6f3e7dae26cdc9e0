"""The store's account of itself, and which messages were recalled."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table

from suar.store.tables.columns import mac, metadata

integrity = Table(  # one row: the number of rows and the sum of each protected table; see engine/account.py
    "integrity",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),
)

recalled = Table(  # cancelled messages of others: no earlier revision is shown, whatever its row contains
    "recalled",
    metadata,
    Column("id", String(48), primary_key=True),
    Column("below", Integer, nullable=False),  # the revision that cancelled them
    Column("at", BigInteger, nullable=False),
    mac(),
)

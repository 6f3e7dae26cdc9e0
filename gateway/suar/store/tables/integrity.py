"""The store's account of itself, which messages were recalled, and which of their copies are still to be deleted."""

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

inbox_erasure = Table(  # frames of recalled messages that the own INBOX may still hold
    "inbox_erasure",
    metadata,
    Column("frame_hash", LargeBinary(32), primary_key=True),
    Column("subject", String(80), nullable=False),  # under which the hub delivered it
    Column("realm", String(8), nullable=False),
    mac(),
)

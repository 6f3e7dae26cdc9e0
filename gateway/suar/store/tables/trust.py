"""Trust: accepted trust lists, Revokes and key bundles, and the seeds of own bundles."""

from sqlalchemy import BigInteger, Column, LargeBinary, Table

from suar.store.tables.columns import mac, metadata

trust_list = Table(
    "trust_list",
    metadata,
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
    Column("accepted_at", BigInteger, nullable=False),
    mac(),
)

revoke = Table(
    "revoke",
    metadata,
    Column("kid", LargeBinary(16), primary_key=True),
    Column("data", LargeBinary, nullable=False),
    Column("accepted_at", BigInteger, nullable=False),
    mac(),
)

bundle = Table(
    "bundle",
    metadata,
    Column("signer", LargeBinary(16), primary_key=True),
    Column("data", LargeBinary, nullable=False),
    Column("accepted_at", BigInteger, nullable=False),
    mac(),
)

kem_seed = Table(
    "kem_seed",
    metadata,
    Column("kid", LargeBinary(16), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("not_before", BigInteger, nullable=False),
    Column("not_after", BigInteger, nullable=False),
    mac(),
)

"""The people who sign in at the console, and the sessions that are open."""

from sqlalchemy import BigInteger, Column, LargeBinary, String, Table, Text

from suar.store.tables.columns import mac, metadata

person = Table(
    "people",
    metadata,
    Column("id", String(32), primary_key=True),  # the user name; tokens and people share one namespace
    Column("state", String(12), nullable=False),  # invited, active, suspended
    Column("roles", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", String(64), nullable=False),
    Column("seen_at", BigInteger),  # of the last sign-in
    Column("totp_step", BigInteger, nullable=False),  # the last step whose code was used: each works once
    Column("link_hash", LargeBinary(32), unique=True),  # of the link by which the person sets a password and a factor
    Column("link_until", BigInteger),
    Column("pending", String(12)),  # what waits for a second coordinator: invite, roles, recover, resume
    Column("pending_roles", Text, nullable=False),
    Column("pending_by", String(64)),
    Column("sealed", LargeBinary, nullable=False),  # name, language, time zone, and what is checked at sign-in
    Column("sealed_key", LargeBinary, nullable=False),
    mac(),
)

session = Table(
    "sessions",
    metadata,
    Column("hash", LargeBinary(32), primary_key=True),
    Column("person", String(32), nullable=False, index=True),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("fresh_at", BigInteger, nullable=False),  # when a factor was last confirmed
    mac(),
)

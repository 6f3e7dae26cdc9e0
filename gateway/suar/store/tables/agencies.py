"""Agencies that a member has registered, what they propose to the focal point, and when a token was last used."""

from sqlalchemy import BigInteger, Boolean, Column, Index, LargeBinary, String, Table, Text, false

from suar.store.tables.columns import mac, metadata

agency = Table(
    "agency",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("hash", LargeBinary(32), nullable=False, unique=True),  # of its token
    Column("old_hash", LargeBinary(32)),  # of the token before the last rotation
    Column("old_until", BigInteger),
    Column("sector", String(64), nullable=False),
    Column("kinds", Text, nullable=False),
    Column("highest_tlp", String(16), nullable=False),
    Column("realms", Text, nullable=False),
    Column("is_automated", Boolean, nullable=False),  # it decides about people with no person between
    Column("maker", String(64), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("suspended_at", BigInteger),
    Column("revoked_at", BigInteger),
    Column("may_propose", Boolean, nullable=False, server_default=false()),
    Column("token_makers", Text),  # everybody who was ever shown a token of it; None in older rows: `maker`
    mac(),
)

last_use = Table(  # by whom the API was last called, to the minute
    "last_use",
    metadata,
    Column("name", String(64), primary_key=True),  # of a token, or `agency/` and the name of an agency
    Column("at", BigInteger, nullable=False),
)

contribution = Table(  # what an agency proposes to the focal point; its text is destroyed with the decision
    "contribution",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("agency", String(32), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("realm", String(8), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("state", String(12), nullable=False),  # proposed, editing, held, published, rejected
    Column("changed_at", BigInteger, nullable=False),
    Column("changed_by", String(64), nullable=False),
    Column("draft", String(32), index=True),  # the draft into which somebody took it
    Column("message", String(48)),  # as what it waits for a second person, or was published
    Column("reason", LargeBinary),  # sealed: why it was rejected
    Column("sealed", LargeBinary),  # None once it is published or rejected
    Column("sealed_key", LargeBinary),
    mac(),
    Index("contribution_agency", "agency", "at", "id"),
    Index("contribution_state", "state", "at", "id"),
)

"""Agencies that a member has registered, and when a token was last used."""

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, String, Table, Text

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
    mac(),
)

last_use = Table(  # by whom the API was last called, to the minute
    "last_use",
    metadata,
    Column("name", String(64), primary_key=True),  # of a token, or `agency/` and the name of an agency
    Column("at", BigInteger, nullable=False),
)

feed_reader = Table(  # agencies that read FEED of the own NATS server
    "feed_reader",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("nkey", String(56), nullable=False),  # the public one of its user
    Column("run", Integer, nullable=False),  # how often it began anew; part of the ids of messages
    Column("position", Text, nullable=False),  # of the feed: what was published; empty: nothing
    Column("floor", BigInteger, nullable=False),  # the sequence up to which it had acknowledged everything
    Column("unread", BigInteger, nullable=False),  # the first sequence that it had not; 0: none
    Column("last", BigInteger, nullable=False),  # the sequence that was published last
    Column("saved_at", BigInteger, nullable=False),
    mac(),
)

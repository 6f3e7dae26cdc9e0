"""Receipts: of others about our frames, with their evidence, and what we state ourselves."""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from suar.store.tables.columns import mac, metadata, serial

receipt = Table(
    "receipt",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("member", String(2), nullable=False),
    Column("stage", String(16), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

statement = Table(  # what receipts say of our frames, one row an entry
    "statement",
    metadata,
    Column("frame_hash", LargeBinary(32), nullable=False),
    Column("member", String(2), nullable=False),
    Column("stage", String(16), nullable=False),
    Column("places", Text, nullable=False),  # empty: every message of the frame; else `,0,5,`
    Column("code", String(32)),
    Column("at", BigInteger, nullable=False),
    Column("receipt", LargeBinary(32), nullable=False),
    mac(),
    PrimaryKeyConstraint("frame_hash", "member", "stage", "places"),
    sqlite_with_rowid=False,
)

receipt_note = Table(  # what a person of another member wrote when they acknowledged, one row an entry, sealed
    "receipt_note",
    metadata,
    Column("frame_hash", LargeBinary(32), nullable=False),
    Column("member", String(2), nullable=False),
    Column("stage", String(16), nullable=False),
    Column("role", String(16), nullable=False),
    Column("places", Text, nullable=False),  # as in `statement`
    Column("at", BigInteger, nullable=False),
    Column("note", LargeBinary, nullable=False),
    PrimaryKeyConstraint("frame_hash", "member", "stage", "role", "places"),
    sqlite_with_rowid=False,
)

receipt_frame = Table(  # frames that brought receipts about messages of ours, as received: their evidence
    "receipt_frame",
    metadata,
    Column("hash", LargeBinary(32), primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

receipt_place = Table(  # where in its frame each receipt stands
    "receipt_place",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("frame_hash", LargeBinary(32), nullable=False),
    Column("place", Integer, nullable=False),
    sqlite_with_rowid=False,
)

own_statement = Table(  # what we state about a message of another member beside `stored`: each once, whatever is asked
    "own_statement",
    metadata,
    serial(),
    Column("id", String(48), nullable=False),
    Column("rev", Integer, nullable=False),
    Column("stage", String(16), nullable=False),
    Column("role", String(16), nullable=False),
    Column("sector", String(32)),
    Column("note", LargeBinary),  # sealed
    Column("at", BigInteger, nullable=False),
    Column("who", String(64), nullable=False),  # the token that said so
    Column("state", String(8), nullable=False),  # unproved: a body is destroyed and may stand in the log; due; queued
    mac(),
    UniqueConstraint("id", "rev", "stage", "role"),
    Index("own_statement_state", "state", "n"),
)

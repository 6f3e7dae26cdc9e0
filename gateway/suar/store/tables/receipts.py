"""Receipts of others about own frames, with their evidence, and own statements."""

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

statement = Table(  # the statements of receipts about own frames, one row for each entry
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

receipt_note = Table(  # sealed notes of people of other members in acknowledgements, one row for each entry
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

receipt_frame = Table(  # received frames with receipts about own messages: their evidence
    "receipt_frame",
    metadata,
    Column("hash", LargeBinary(32), primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

receipt_place = Table(  # the index of each receipt in its frame
    "receipt_place",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("frame_hash", LargeBinary(32), nullable=False),
    Column("place", Integer, nullable=False),
    sqlite_with_rowid=False,
)

own_statement = Table(  # own statements about messages of others except `stored`; each exists once
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
    Column("who", String(64), nullable=False),  # the token of the statement
    Column("state", String(8), nullable=False),  # unproved: the destroyed body may still be in the log; due; queued
    mac(),
    UniqueConstraint("id", "rev", "stage", "role"),
    Index("own_statement_state", "state", "n"),
)

"""Received chains: epochs of other members, the position of each frame in them, and missing epochs."""

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, PrimaryKeyConstraint, String, Table

from suar.store.tables.columns import mac, metadata, serial

epoch = Table(
    "epoch",
    metadata,
    serial(),
    Column("id", LargeBinary(32), nullable=False, unique=True),
    Column("signer", LargeBinary(16), nullable=False),
    Column("realm", String(8), nullable=False),
    Column("channel", String(3), nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("not_before", BigInteger, nullable=False, index=True),
    Column("kind", String(8), nullable=False),
    Column("live", Boolean, nullable=False),
    Column("next", BigInteger, nullable=False),
    Column("last_hash", LargeBinary(32), nullable=False),
    Column("missing", LargeBinary, nullable=False),  # msgpack of [first, last] ranges
    Column("bound", BigInteger),
    Column("tail_hash", LargeBinary(32)),
    Column("frozen", Boolean, nullable=False),
    Column("tip_frames", BigInteger, nullable=False),
    Column("tip_signature", LargeBinary(64), nullable=False),
    mac(),
)

missing_epoch = Table(
    "missing_epoch",
    metadata,
    Column("signer", LargeBinary(16), nullable=False),
    Column("realm", String(8), nullable=False),
    Column("channel", String(3), nullable=False),
    Column("id", LargeBinary(32), nullable=False),
    Column("frames", BigInteger, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    mac(),
    PrimaryKeyConstraint("signer", "realm", "channel", "id"),
)

frame = Table(
    "frame",
    metadata,
    Column("epoch_id", LargeBinary(32), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("prev", LargeBinary(32), nullable=False),
    Column("messages", Integer),  # the number of its new messages, see held_frames.py; null in rows of older versions
    Column("tag", LargeBinary(16)),
    PrimaryKeyConstraint("epoch_id", "seq"),
    sqlite_with_rowid=False,
)

by_hand = Table(  # frames from a carried file: their first copy on the link is not a replay
    "by_hand",
    metadata,
    Column("frame_hash", LargeBinary(32), primary_key=True),
    Column("at", BigInteger, nullable=False, index=True),
    mac(),
    sqlite_with_rowid=False,
)

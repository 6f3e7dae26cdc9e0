"""Messages of others and own ones: their rows, copies in other frames, assigned numbers, released cells."""

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
    text,
)

from suar.store.tables.columns import mac, metadata, serial

_HAS_FRAME = text("frame_hash IS NOT NULL")  # messages of others; those of own frames are in `place`

message = Table(
    "message",
    metadata,
    serial(),
    Column("id", String(48), nullable=False),
    Column("rev", Integer, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("origin", String(2), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("realm", String(8), nullable=False),
    Column("action", String(8), nullable=False),
    Column("tlp", String(16), nullable=False),
    Column("at", BigInteger, nullable=False),  # when it was published or stored here
    Column("sent", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("lane", Integer, nullable=False),  # its urgency, see protocol/message/urgency.py
    Column("frame_hash", LargeBinary(32)),  # of the frame that contained it; for an own message in `place`
    Column("place", Integer),
    Column("frame", LargeBinary),  # the frame as received: its evidence; see engine/keys/stored_frames.py
    Column("body", LargeBinary),  # sealed under the row's key; null once recalled
    Column("body_key", LargeBinary),  # the salt of the row's key (vault.py), or its name in `row_key`
    Column("opened_at", BigInteger),  # when a person first read the text here
    Column("read_at", BigInteger),  # when a program first read it here
    Column("readers", Text),  # of an own message: its recipients, each code followed by a comma
    UniqueConstraint("id", "rev"),
    Index("message_listing", "origin", "kind", "n"),
    Index("message_urgency", "lane", "n"),
    Index("message_expiry", "expires", "n"),
    Index("message_frame", "frame_hash", sqlite_where=_HAS_FRAME, postgresql_where=_HAS_FRAME),
    Index("message_inbox", "realm", "origin", "kind", "lane", "n", "expires", "action"),
)

carried = Table(  # further copies of messages in another frame, which is stored as evidence
    "carried",
    metadata,
    Column("id", String(48), nullable=False),
    Column("rev", Integer, nullable=False),
    Column("frame_hash", LargeBinary(32), nullable=False),
    Column("holder_id", String(48)),  # the message whose row contains that frame
    Column("holder_rev", Integer),
    mac(),
    PrimaryKeyConstraint("id", "rev", "frame_hash"),
)

number = Table(
    "number",
    metadata,
    Column("kind", String(16), nullable=False),
    Column("year", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    mac(),
    PrimaryKeyConstraint("kind", "year"),
)

released = Table(  # the ledger of released cells: true values, sealed, indexed by the persons counted
    "released",
    metadata,
    serial(),
    Column("sheet", LargeBinary(32), nullable=False, index=True),
    Column("id", String(48), nullable=False),
    Column("rev", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("sealed_key", LargeBinary, nullable=False),
    Column("family", LargeBinary(32), index=True),  # keyed hash of its table family; null in older rows
    mac(),
)

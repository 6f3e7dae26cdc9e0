"""Messages, of others and our own: their rows, copies in other frames, numbers given, cells released."""

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

_HAS_FRAME = text("frame_hash IS NOT NULL")  # others' messages; of our own frames `place` knows

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
    Column("at", BigInteger, nullable=False),  # published here, or stored here
    Column("sent", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("lane", Integer, nullable=False),  # how urgent, see protocol/message/urgency.py
    Column("frame_hash", LargeBinary(32)),  # of the frame that brought it; of our own it stands in `place`
    Column("place", Integer),
    Column("frame", LargeBinary),  # the frame as received: its evidence
    Column("body", LargeBinary),  # sealed under the row's key; null once recalled
    Column("body_key", LargeBinary),  # the salt of the row's key; see vault.py
    Column("opened_at", BigInteger),  # a person here got the text first
    Column("read_at", BigInteger),  # a program here did
    Column("readers", Text),  # of our own: the members that it is for, each code with a comma behind it
    UniqueConstraint("id", "rev"),
    Index("message_listing", "origin", "kind", "n"),
    Index("message_urgency", "lane", "n"),
    Index("message_frame", "frame_hash", sqlite_where=_HAS_FRAME, postgresql_where=_HAS_FRAME),
    Index("message_inbox", "realm", "origin", "kind", "lane", "n", "expires", "action"),
)

carried = Table(  # messages that stand once more in another frame, which is kept as the evidence of what it brought
    "carried",
    metadata,
    Column("id", String(48), nullable=False),
    Column("rev", Integer, nullable=False),
    Column("frame_hash", LargeBinary(32), nullable=False),
    Column("holder_id", String(48)),  # the message whose row keeps that frame
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

released = Table(  # the ledger of released cells: true values, sealed, found by whom they count
    "released",
    metadata,
    serial(),
    Column("sheet", LargeBinary(32), nullable=False, index=True),
    Column("id", String(48), nullable=False),
    Column("rev", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("sealed_key", LargeBinary, nullable=False),
    Column("family", LargeBinary(32), index=True),  # keyed hash of what it is looked at together with; null: of before
    mac(),
)

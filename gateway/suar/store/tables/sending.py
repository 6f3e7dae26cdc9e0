"""Sending: the queue, sealed objects, the heads of own chains, and deliveries."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

from suar.store.tables.columns import mac, metadata, serial

_IS_MESSAGE = text("id IS NOT NULL")  # receipts have none

queue = Table(
    "queue",
    metadata,
    serial(),
    Column("realm", String(8), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("channel", String(3)),  # for receipts and resealing; otherwise derived from the audience at sealing
    Column("kind", String(16), nullable=False),
    Column("id", String(48)),
    Column("rev", Integer),
    Column("audience", Text),  # `all`, or codes with commas
    Column("body", LargeBinary),  # the bytes of a receipt; those of a message are in its row
    Column("parked", Boolean, nullable=False),  # until its member has a valid key again
    mac(),
    Index("queue_next", "parked", "priority", "n"),
    Index("queue_message", "id", "rev", sqlite_where=_IS_MESSAGE, postgresql_where=_IS_MESSAGE),
)

_IS_EPOCH = text("seq IS NULL AND epoch_id IS NOT NULL")  # few in comparison with frames

outbox = Table(
    "outbox",
    metadata,
    serial(),
    Column("subject", String(80), nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("msg_id", String(64), nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("published", BigInteger, index=True),  # null: not sent yet
    Column("again_at", BigInteger, index=True),  # requested again: when the own stream will accept it again
    Column("epoch_id", LargeBinary(32)),
    Column("seq", BigInteger),
    Column("frame_hash", LargeBinary(32)),
    Column("channel", String(3)),
    Column("realm", String(8)),
    Column("messages", Integer, nullable=False),
    Index("outbox_epoch", "epoch_id", "seq"),
    Index("outbox_epochs", "channel", "realm", "n", sqlite_where=_IS_EPOCH, postgresql_where=_IS_EPOCH),
)

account = Table(  # bytes sent because of requests and receipts of a member, by day (UTC)
    "account",
    metadata,
    Column("member", String(2), nullable=False),
    Column("day", Integer, nullable=False),
    Column("name", String(8), nullable=False),  # again, receipts; refused: that a refusal was sent
    Column("bytes", BigInteger, nullable=False),
    mac(),
    PrimaryKeyConstraint("member", "day", "name"),
)

returned = Table(  # members that returned from suspension: the range of own messages to search
    "returned",
    metadata,
    Column("member", String(2), primary_key=True),
    Column("version", BigInteger, nullable=False),  # of the list with which it returned
    Column("since", BigInteger, nullable=False),  # ms: when the list was issued that suspended it
    Column("before", BigInteger, nullable=False),  # messages below this row number are not searched yet; 0: none
    mac(),
)

own_head = Table(
    "own_head",
    metadata,
    Column("signer", LargeBinary(16), nullable=False),
    Column("realm", String(8), nullable=False),
    Column("channel", String(3), nullable=False),
    Column("epoch_id", LargeBinary(32), nullable=False),
    Column("frames", BigInteger, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("not_before", BigInteger, nullable=False),
    mac(),
    PrimaryKeyConstraint("signer", "realm", "channel"),
)

_WAITED_FOR = text("waits <> ''")  # the few frames that `pending` counts

own_frame = Table(  # own frames with messages, stored as long as these
    "own_frame",
    metadata,
    Column("hash", LargeBinary(32), primary_key=True),
    Column("channel", String(3), nullable=False),
    Column("messages", Integer, nullable=False),  # the number of messages it represents: `owed` in their rows
    Column("queued", BigInteger, nullable=False),  # when the oldest of them was accepted
    Column("sent", BigInteger),
    Column("waits", Text, nullable=False),  # members that have not answered, as in `message.readers`
    mac(),
    Index("own_frame_waits", "waits", "queued", "messages", sqlite_where=_WAITED_FOR, postgresql_where=_WAITED_FOR),
    sqlite_with_rowid=False,
)

place = Table(
    "place",
    metadata,
    Column("frame_hash", LargeBinary(32), nullable=False),
    Column("place", Integer, nullable=False),
    Column("id", String(48), nullable=False),
    Column("rev", Integer, nullable=False),
    Column("owed", Boolean, nullable=False),  # false: resealed for one member; its state is in the row of `delivery`
    mac(),
    PrimaryKeyConstraint("frame_hash", "place"),
    Index("place_message", "id", "rev"),
    sqlite_with_rowid=False,
)

delivery = Table(  # one message and one member, only if the row of the frame cannot represent it: see delivery_rows.py
    "delivery",
    metadata,
    Column("id", String(48), nullable=False),
    Column("rev", Integer, nullable=False),
    Column("member", String(2), nullable=False),
    Column("state", String(16), nullable=False),
    Column("queued", BigInteger, nullable=False),
    Column("sent", BigInteger),
    Column("refused", BigInteger),
    Column("refused_code", String(32)),
    mac(),
    PrimaryKeyConstraint("id", "rev", "member"),
    Index("delivery_state", "state", "member", "queued"),
    sqlite_with_rowid=False,
)

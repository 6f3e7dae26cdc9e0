"""What is kept. Times are milliseconds, hashes and keys raw bytes; texts of messages only ever sealed.

Portable between SQLite and PostgreSQL: no type or function that only one of them has.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData()
_Serial = BigInteger().with_variant(Integer, "sqlite")  # SQLite gives row numbers to INTEGER alone


def _serial() -> "Column[int]":
    return Column("n", _Serial, primary_key=True, autoincrement=True)


meta = Table("meta", metadata, Column("name", String(64), primary_key=True), Column("value", Text, nullable=False))

trust_list = Table(
    "trust_list",
    metadata,
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
    Column("accepted_at", BigInteger, nullable=False),
)

revoke = Table(
    "revoke",
    metadata,
    Column("kid", LargeBinary(16), primary_key=True),
    Column("data", LargeBinary, nullable=False),
    Column("accepted_at", BigInteger, nullable=False),
)

bundle = Table(
    "bundle",
    metadata,
    Column("signer", LargeBinary(16), primary_key=True),
    Column("data", LargeBinary, nullable=False),
    Column("accepted_at", BigInteger, nullable=False),
)

kem_seed = Table(
    "kem_seed",
    metadata,
    Column("kid", LargeBinary(16), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("not_before", BigInteger, nullable=False),
    Column("not_after", BigInteger, nullable=False),
)

epoch = Table(
    "epoch",
    metadata,
    _serial(),
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
    PrimaryKeyConstraint("signer", "realm", "channel", "id"),
)

frame = Table(
    "frame",
    metadata,
    Column("epoch_id", LargeBinary(32), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("prev", LargeBinary(32), nullable=False),
    PrimaryKeyConstraint("epoch_id", "seq"),
    sqlite_with_rowid=False,
)

message = Table(
    "message",
    metadata,
    _serial(),
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
    Column("lane", Integer, nullable=False),  # how urgent, see protocol/urgency.py
    Column("frame_hash", LargeBinary(32)),  # of the frame that brought it; of our own it stands in `place`
    Column("place", Integer),
    Column("frame", LargeBinary),  # the frame as received: its evidence
    Column("body", LargeBinary),  # sealed under the row's key; null once recalled
    Column("body_key", LargeBinary),  # the salt of the row's key; see vault.py
    Column("opened_at", BigInteger),
    Column("readers", Text),  # of our own: the members that it is for, each code with a comma behind it
    UniqueConstraint("id", "rev"),
    Index("message_listing", "origin", "kind", "n"),
    Index("message_urgency", "lane", "n"),
)

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
    PrimaryKeyConstraint("frame_hash", "member", "stage", "places"),
    sqlite_with_rowid=False,
)

delivery = Table(  # one message and one member, only where no frame's row can say it: see delivery_rows.py
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
    PrimaryKeyConstraint("id", "rev", "member"),
    Index("delivery_state", "state", "member", "queued"),
    sqlite_with_rowid=False,
)

queue = Table(
    "queue",
    metadata,
    _serial(),
    Column("realm", String(8), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("channel", String(3)),  # given for receipts and resealing; else found from the audience when sealed
    Column("kind", String(16), nullable=False),
    Column("id", String(48)),
    Column("rev", Integer),
    Column("audience", Text),  # `all`, or codes with commas
    Column("body", LargeBinary),  # a receipt's bytes; a message's stand in its row
    Column("parked", Boolean, nullable=False),  # until its member has a valid key again
    Index("queue_next", "parked", "priority", "n"),
)

_WAITED_FOR = text("waits <> ''")  # the few frames that `pending` counts

own_frame = Table(  # our frames with messages, kept as long as these
    "own_frame",
    metadata,
    Column("hash", LargeBinary(32), primary_key=True),
    Column("channel", String(3), nullable=False),
    Column("messages", Integer, nullable=False),  # that it answers for: `owed` in their places
    Column("queued", BigInteger, nullable=False),  # when the oldest of them was accepted
    Column("sent", BigInteger),
    Column("waits", Text, nullable=False),  # members that have not answered, as in `message.readers`
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
    Column("owed", Boolean, nullable=False),  # false: sealed again for one member, whose `delivery` row says how it is
    PrimaryKeyConstraint("frame_hash", "place"),
    Index("place_message", "id", "rev"),
    sqlite_with_rowid=False,
)

outbox = Table(
    "outbox",
    metadata,
    _serial(),
    Column("subject", String(80), nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("msg_id", String(64), nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("published", BigInteger, index=True),  # null: still to be sent
    Column("again_at", BigInteger, index=True),  # asked for again: when the own stream will take it once more
    Column("epoch_id", LargeBinary(32)),
    Column("seq", BigInteger),
    Column("frame_hash", LargeBinary(32)),
    Column("channel", String(3)),
    Column("realm", String(8)),
    Column("messages", Integer, nullable=False),
    Index("outbox_epoch", "epoch_id", "seq"),
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
    PrimaryKeyConstraint("signer", "realm", "channel"),
)

waiting = Table(
    "waiting",
    metadata,
    _serial(),
    Column("sender", String(2), nullable=False),
    Column("type", String(8), nullable=False),
    Column("subject", String(80), nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("size", Integer, nullable=False),
    Column("code", String(32), nullable=False),
    Column("rule", String(4), nullable=False),
    Column("epoch_id", LargeBinary(32), index=True),
    Column("for_time", BigInteger),
    Column("since", BigInteger, nullable=False),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Index("waiting_share", "sender", "type", "size"),
    Index("waiting_since", "since"),
    Index("waiting_time", "for_time"),
)

quarantine = Table(
    "quarantine",
    metadata,
    _serial(),
    Column("sender", String(2), nullable=False),
    Column("code", String(32), nullable=False),
    Column("rule", String(4), nullable=False),
    Column("path", Text, nullable=False),
    Column("frame_hash", LargeBinary(32)),
    Column("place", Integer),
    Column("size", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("sealed_key", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("quarantine_share", "sender", "n", "size"),
)

sample = Table(
    "sample",
    metadata,
    _serial(),
    Column("origin", String(2), nullable=False, index=True),
    Column("code", String(32), nullable=False),
    Column("rule", String(4), nullable=False),
    Column("subject", String(120), nullable=False),
    Column("data", LargeBinary, nullable=False),  # the first 1,024 bytes
    Column("at", BigInteger, nullable=False),
)

alarm = Table(
    "alarm",
    metadata,
    _serial(),
    Column("name", String(32), nullable=False),
    Column("member", String(2), nullable=False),
    Column("first", BigInteger),
    Column("last", BigInteger),
    Column("epoch_id", LargeBinary(32), nullable=False),
    Column("message_id", String(48), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("seen_again", BigInteger, nullable=False),  # how often the same was raised since
    Column("evidence", LargeBinary),  # the object that raised it; last, for SQLite reads a row up to what it wants
    Index("alarm_same", "name", "member", "epoch_id", "message_id", "last"),
)

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("member", String(2), primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("trust_version", BigInteger, nullable=False),
    Column("faults", Text, nullable=False),
)

token = Table(
    "token",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("hash", LargeBinary(32), nullable=False, unique=True),
    Column("scopes", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
)

request = Table(
    "request",
    metadata,
    Column("key", LargeBinary(32), primary_key=True),  # hash of token and Idempotency-Key, or of token and bytes
    Column("answer", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False, index=True),
)

number = Table(
    "number",
    metadata,
    Column("kind", String(16), nullable=False),
    Column("year", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    PrimaryKeyConstraint("kind", "year"),
)

audit = Table(  # lines without gaps, each bound to the one before it: see protocol/auditlog.py
    "audit",
    metadata,
    _serial(),
    Column("at", BigInteger, nullable=False),
    Column("who", String(64), nullable=False),
    Column("what", String(64), nullable=False),
    Column("about", Text, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
)

audit_head = Table(  # how far the audit was signed, and with which key of ours
    "audit_head",
    metadata,
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("key", LargeBinary(32), nullable=False),
    Column("signature", LargeBinary(64), nullable=False),
)

released = Table(  # the ledger of released cells: true values, sealed, found by what can stand in one sum
    "released",
    metadata,
    _serial(),
    Column("sheet", LargeBinary(32), nullable=False, index=True),
    Column("id", String(48), nullable=False),
    Column("rev", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("sealed_key", LargeBinary, nullable=False),
)

held = Table(  # what waits for a second person; the texts go when it is decided
    "held",
    metadata,
    Column("id", String(48), nullable=False),
    Column("rev", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("realm", String(8), nullable=False),
    Column("tlp", String(16), nullable=False),
    Column("at", BigInteger, nullable=False, index=True),
    Column("who", String(64), nullable=False),  # the token that published it
    Column("readers", Text, nullable=False),
    Column("state", String(8), nullable=False),  # held, released, rejected
    Column("decided_at", BigInteger),
    Column("decided_by", String(64)),
    Column("sealed", LargeBinary),  # message and reasons
    Column("sealed_key", LargeBinary),
    PrimaryKeyConstraint("id", "rev"),
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
    _serial(),
    Column("id", String(48), nullable=False),
    Column("rev", Integer, nullable=False),
    Column("stage", String(16), nullable=False),
    Column("role", String(16), nullable=False),
    Column("sector", String(32)),
    Column("note", LargeBinary),  # sealed
    Column("at", BigInteger, nullable=False),
    Column("who", String(64), nullable=False),  # the token that said so
    Column("state", String(8), nullable=False),  # unproved: a body is destroyed and may stand in the log; due; queued
    UniqueConstraint("id", "rev", "stage", "role"),
    Index("own_statement_state", "state", "n"),
)

carried = Table(  # messages that stand once more in another frame, which is kept as the evidence of what it brought
    "carried",
    metadata,
    Column("id", String(48), nullable=False),
    Column("rev", Integer, nullable=False),
    Column("frame_hash", LargeBinary(32), nullable=False),
    Column("holder_id", String(48)),  # the message whose row keeps that frame
    Column("holder_rev", Integer),
    PrimaryKeyConstraint("id", "rev", "frame_hash"),
)

deadline = Table(  # alerts that are to be acknowledged by a time: when to look at each again
    "deadline",
    metadata,
    Column("id", String(48), nullable=False),
    Column("rev", Integer, nullable=False),
    Column("sent", BigInteger, nullable=False),
    Column("within", BigInteger, nullable=False),  # ms
    Column("step", Integer, nullable=False),
    Column("due", BigInteger, nullable=False, index=True),
    PrimaryKeyConstraint("id", "rev"),
)

peer_said = Table(  # what a member's last live heartbeat said of chains, and its clock beside ours
    "peer_said",
    metadata,
    Column("member", String(2), primary_key=True),
    Column("at", BigInteger, nullable=False),  # by our clock
    Column("sent", BigInteger, nullable=False),  # by its own
    Column(
        "heads", LargeBinary, nullable=False
    ),  # msgpack: [[epoch, frames] of its own], [[epoch, frames] that it saw]
)

announced = Table(  # epochs that end further on, by a head under their own key, than what came
    "announced",
    metadata,
    Column("epoch_id", LargeBinary(32), primary_key=True),
    Column("frames", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
)

asked_for = Table(  # epochs of others of which something is missing: when it was last asked for
    "asked_for",
    metadata,
    Column("epoch_id", LargeBinary(32), primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("times", Integer, nullable=False),
)

not_sent_again = Table(  # what we asked for, and the origin's signed refusal
    "not_sent_again",
    metadata,
    Column("epoch_id", LargeBinary(32), nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("code", String(64), nullable=False),
    Column("at", BigInteger, nullable=False),
    PrimaryKeyConstraint("epoch_id", "first", "last"),
    sqlite_with_rowid=False,
)

asked_of_us = Table(  # what others say that they miss of ours, and what we did about it
    "asked_of_us",
    metadata,
    Column("member", String(2), nullable=False),
    Column("epoch_id", LargeBinary(32), nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("answer", String(64), nullable=False),  # sent-again, resealed, or the code of the refusal
    PrimaryKeyConstraint("member", "epoch_id", "first", "last"),
    Index("asked_of_us_at", "member", "at"),
    sqlite_with_rowid=False,
)

by_hand = Table(  # frames that came in a carried file: their first copy on the line is no replay
    "by_hand",
    metadata,
    Column("frame_hash", LargeBinary(32), primary_key=True),
    Column("at", BigInteger, nullable=False, index=True),
    sqlite_with_rowid=False,
)

notice = Table(  # what people here are still to be told, each once a person and channel; no text, gone when it was told
    "notice",
    metadata,
    _serial(),
    Column("key", String(40), nullable=False, unique=True),  # the receiver's idempotency id
    Column("person", String(64), nullable=False),
    Column("channel", String(64), nullable=False),
    Column("event", String(16), nullable=False),  # alert, deadline, escalation
    Column("id", String(48), nullable=False),
    Column("rev", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("action", String(8), nullable=False),
    Column("origin", String(2), nullable=False),
    Column("status", String(8), nullable=False),
    Column("urgency", String(16), nullable=False),
    Column("lane", Integer, nullable=False),  # see protocol/urgency.py
    Column("role", String(32), nullable=False),  # whose step it is, of a deadline
    Column("members", Text, nullable=False),  # who owes the acknowledgement, as `delivery_view.joined`
    Column("at", BigInteger, nullable=False),
    Column("batch", String(40), nullable=False),  # the key of the digest that it is told in
    Index("notice_next", "person", "channel", "batch", "lane", "n"),
    Index("notice_newest", "person", "channel", "n"),
    Index("notice_about", "id", "rev"),
)

drill = Table(  # which exercises belong together
    "drill",
    metadata,
    Column("name", String(64), nullable=False),
    Column("id", String(48), nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("who", String(64), nullable=False),
    PrimaryKeyConstraint("name", "id"),
)

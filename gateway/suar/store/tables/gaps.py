"""What did not come: how far others say that chains go, what was asked for, and what was answered."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, PrimaryKeyConstraint, String, Table, Text

from suar.store.tables.columns import mac, metadata

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("member", String(2), primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("trust_version", BigInteger, nullable=False),
    Column("faults", Text, nullable=False),
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
    mac(),
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

"""Missing frames: the lengths of chains as others state them, requests, and the answers."""

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

peer_said = Table(  # the chains in a member's last live heartbeat, and the difference of its clock
    "peer_said",
    metadata,
    Column("member", String(2), primary_key=True),
    Column("at", BigInteger, nullable=False),  # by the own clock
    Column("sent", BigInteger, nullable=False),  # by the member's clock
    Column(
        "heads", LargeBinary, nullable=False
    ),  # msgpack: [[epoch, frames] of its own], [[epoch, frames] that it has received]
)

audit_commitment = Table(  # commitments in other members' heartbeats to the ends of their audit logs
    "audit_commitment",
    metadata,
    Column("member", String(2), nullable=False),
    Column("hour", BigInteger, nullable=False),  # since 1970, by the own clock
    Column("at", BigInteger, nullable=False),  # by the member's clock
    Column("commitment", LargeBinary(32), nullable=False),
    mac(),
    PrimaryKeyConstraint("member", "hour"),
)

announced = Table(  # epochs that are longer, by a head under their own key, than the received frames
    "announced",
    metadata,
    Column("epoch_id", LargeBinary(32), primary_key=True),
    Column("frames", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
)

asked_for = Table(  # epochs of others with missing frames, and the time of the last request
    "asked_for",
    metadata,
    Column("epoch_id", LargeBinary(32), primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("times", Integer, nullable=False),
)

not_sent_again = Table(  # requested frames that the origin refused in a signed statement
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

asked_of_us = Table(  # own frames that others state they miss, and how the gateway answered
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

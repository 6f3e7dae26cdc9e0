"""Objects that were not accepted: waiting for their dependencies, or stored as evidence; and the alarms."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text

from suar.store.tables.columns import mac, metadata, serial

waiting = Table(
    "waiting",
    metadata,
    serial(),
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
    serial(),
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
    Index("quarantine_frame", "frame_hash"),
)

sample = Table(
    "sample",
    metadata,
    serial(),
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
    serial(),
    Column("name", String(32), nullable=False),
    Column("member", String(2), nullable=False),
    Column("first", BigInteger),
    Column("last", BigInteger),
    Column("epoch_id", LargeBinary(32), nullable=False),
    Column("message_id", String(48), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("seen_again", BigInteger, nullable=False),  # how often it was raised again since
    Column("ended_at", BigInteger),  # when its cause ended
    Column("acknowledged_at", BigInteger),
    Column("acknowledged_by", String(64)),
    Column("note", Text),  # by the person who acknowledged it
    Column("evidence", LargeBinary),  # the object that raised it; after what a list reads
    Column("evidence_digest", LargeBinary(32)),  # of that object
    mac(),
    Index("alarm_same", "name", "member", "epoch_id", "message_id", "last"),
)
Index(
    "alarm_not_ended", alarm.c.n, sqlite_where=alarm.c.ended_at.is_(None), postgresql_where=alarm.c.ended_at.is_(None)
)

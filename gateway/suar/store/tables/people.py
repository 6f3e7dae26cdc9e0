"""Work for people: held messages, deadlines and notifications; and drills."""

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
    false,
)

from suar.store.tables.columns import mac, metadata, serial

held = Table(  # messages that wait for a second person; the texts are deleted with the decision
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
    Column("counts_as", Text),  # the responsible persons: `who` and their makers; null in older rows
    Column("editors", Text),  # the people who wrote it, if a session published it; None: a token did
    Column("is_alone", Boolean, nullable=False, server_default=false()),  # released by its publisher
    mac(),
    PrimaryKeyConstraint("id", "rev"),
    Index("held_next", "state", "at", "id"),
)

deadline = Table(  # deadlines of alerts, with the time of the next check
    "deadline",
    metadata,
    Column("id", String(48), nullable=False),
    Column("rev", Integer, nullable=False),
    Column("sent", BigInteger, nullable=False),
    Column("within", BigInteger, nullable=False),  # ms
    Column("step", Integer, nullable=False),
    Column("due", BigInteger, nullable=False, index=True),
    mac(),
    PrimaryKeyConstraint("id", "rev"),
)

notice = Table(  # unsent notifications, one for each person and channel; without text, deleted when sent
    "notice",
    metadata,
    serial(),
    Column("key", String(40), nullable=False, unique=True),  # the receiver's idempotency id
    Column("person", String(64), nullable=False),
    Column("channel", String(64), nullable=False),
    Column("event", String(16), nullable=False),  # one of EVENTS (service/settings/sections/notify_config.py)
    Column("id", String(48), nullable=False),
    Column("rev", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("action", String(8), nullable=False),
    Column("origin", String(2), nullable=False),
    Column("status", String(8), nullable=False),
    Column("urgency", String(16), nullable=False),
    Column("lane", Integer, nullable=False),  # see protocol/message/urgency.py
    Column("role", String(32), nullable=False),  # the role of a deadline's step
    Column("members", Text, nullable=False),  # the members that have not acknowledged, as `delivery_view.join_codes`
    Column("at", BigInteger, nullable=False),
    Column("batch", String(40), nullable=False),  # the key of its digest
    mac(),
    Index("notice_next", "person", "channel", "batch", "lane", "n"),
    Index("notice_newest", "person", "channel", "n"),
    Index("notice_about", "id", "rev"),
)

draft = Table(  # texts that people write in a session before publication; deleted with it
    "draft",
    metadata,
    Column("id", String(32), nullable=False),
    Column("version", Integer, nullable=False),  # counts the saved versions: saving an older one is an error
    Column("realm", String(8), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("begun", BigInteger, nullable=False),
    Column("saved", BigInteger, nullable=False, index=True),
    Column("saved_by", String(64), nullable=False),
    Column("editors", Text, nullable=False),  # everybody who ever saved it
    Column("message", String(48)),  # the message that waits for a second person: locked until the decision
    Column("until", BigInteger),  # when it is destroyed; None: when nobody has saved it for a long time
    Column("sealed", LargeBinary, nullable=False),
    Column("sealed_key", LargeBinary, nullable=False),
    mac(),
    PrimaryKeyConstraint("id"),
    Index("draft_message", "message"),
)

drill = Table(  # the exercises of each drill
    "drill",
    metadata,
    Column("name", String(64), nullable=False),
    Column("id", String(48), nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("who", String(64), nullable=False),
    mac(),
    PrimaryKeyConstraint("name", "id"),
)

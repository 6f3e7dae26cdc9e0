"""Agencies that a member has registered, their webhooks and proposals, and when a token was last used."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table, Text, false

from suar.store.tables.columns import mac, metadata

agency = Table(
    "agency",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("hash", LargeBinary(32), nullable=False, unique=True),  # of its token
    Column("old_hash", LargeBinary(32)),  # of the token before the last rotation
    Column("old_until", BigInteger),
    Column("sector", String(64), nullable=False),
    Column("kinds", Text, nullable=False),
    Column("highest_tlp", String(16), nullable=False),
    Column("realms", Text, nullable=False),
    Column("is_automated", Boolean, nullable=False),  # it decides about people without a person in between
    Column("maker", String(64), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("suspended_at", BigInteger),
    Column("revoked_at", BigInteger),
    Column("may_propose", Boolean, nullable=False, server_default=false()),
    Column("token_makers", Text),  # everybody who was ever shown its token; None in older rows: `maker`
    mac(),
)

agency_given = Table(  # when an agency first received a text
    "agency_given",
    metadata,
    Column("id", String(48), primary_key=True),
    Column("rev", Integer, primary_key=True, autoincrement=False),
    Column("agency", String(32), primary_key=True),
    Column("at", BigInteger, nullable=False),
    mac(),
)

last_use = Table(  # when a token last called the API, to the minute
    "last_use",
    metadata,
    Column("name", String(64), primary_key=True),  # of a token, or `agency/` and the name of an agency
    Column("at", BigInteger, nullable=False),
)

webhook = Table(  # of an agency; address and secrets sealed
    "webhook",
    metadata,
    Column("agency", String(32), primary_key=True),
    Column("url", LargeBinary, nullable=False),
    Column("secret", LargeBinary, nullable=False),
    Column("old_secret", LargeBinary),  # the one before the last rotation
    Column("old_until", BigInteger),
    mac(),
)

webhook_progress = Table(  # the position of each webhook
    "webhook_progress",
    metadata,
    Column("agency", String(32), primary_key=True),
    Column("position", Text, nullable=False),  # in the agency's feed: earlier events were delivered, or wait below
    Column("outcome", String(32)),  # of the last call
    Column("delivered_at", BigInteger),
    Column("failing_since", BigInteger),
    Column("stopped_at", BigInteger),  # the receiver answered 410
    mac(),
)

webhook_event = Table(  # events that were not delivered: their ids, not their content
    "webhook_event",
    metadata,
    Column("agency", String(32), primary_key=True),
    Column("id", String(48), primary_key=True),  # of the message
    Column("rev", Integer, primary_key=True),
    Column("is_expiry", Boolean, primary_key=True),
    Column("position", Text, nullable=False),  # after it
    Column("first_at", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_at", BigInteger, nullable=False),
    Column("outcome", String(32), nullable=False),  # of the last call
    Column("dead_at", BigInteger),  # it is not sent again automatically
    mac(),
)

feed_reader = Table(  # agencies that read FEED of the own NATS server
    "feed_reader",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("nkey", String(56), nullable=False),  # the public one of its user
    Column("run", Integer, nullable=False),  # how many times it began again; part of the ids of messages
    Column("position", Text, nullable=False),  # of the feed: the last published one; empty: none
    Column("floor", BigInteger, nullable=False),  # the sequence up to which everything was acknowledged
    Column("unread", BigInteger, nullable=False),  # the first unacknowledged sequence; 0: none
    Column("last", BigInteger, nullable=False),  # the sequence that was published last
    Column("saved_at", BigInteger, nullable=False),
    mac(),
)

contribution = Table(  # proposals of agencies to the focal point; the text is destroyed with the decision
    "contribution",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("agency", String(32), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("realm", String(8), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("state", String(12), nullable=False),  # proposed, editing, held, published, rejected
    Column("changed_at", BigInteger, nullable=False),
    Column("changed_by", String(64), nullable=False),
    Column("draft", String(32), index=True),  # the draft into which somebody accepted it
    Column("message", String(48)),  # the message that waits for a second person, or was published
    Column("reason", LargeBinary),  # sealed: why it was rejected
    Column("sealed", LargeBinary),  # None once it is published or rejected
    Column("sealed_key", LargeBinary),
    mac(),
    Index("contribution_agency", "agency", "at", "id"),
    Index("contribution_state", "state", "at", "id"),
)

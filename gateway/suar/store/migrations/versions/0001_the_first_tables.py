"""the first tables"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:  # noqa: PLR0915 - one statement a table and an index
    op.create_table(
        "alarm",
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("member", sa.String(length=2), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=True),
        sa.Column("last", sa.BigInteger(), nullable=True),
        sa.Column("epoch_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("message_id", sa.String(length=48), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("seen_again", sa.BigInteger(), nullable=False),
        sa.Column("evidence", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_index("alarm_same", "alarm", ["name", "member", "epoch_id", "message_id", "last"], unique=False)
    op.create_table(
        "audit",
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=64), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_table(
        "audit_head",
        sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=64), nullable=False),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_table(
        "bundle",
        sa.Column("signer", sa.LargeBinary(length=16), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("signer"),
    )
    op.create_table(
        "carried",
        sa.Column("id", sa.String(length=48), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("frame_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("holder_id", sa.String(length=48), nullable=True),
        sa.Column("holder_rev", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", "rev", "frame_hash"),
    )
    op.create_table(
        "deadline",
        sa.Column("id", sa.String(length=48), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=False),
        sa.Column("within", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", "rev"),
    )
    op.create_index(op.f("ix_deadline_due"), "deadline", ["due"], unique=False)
    op.create_table(
        "delivery",
        sa.Column("id", sa.String(length=48), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("member", sa.String(length=2), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("queued", sa.BigInteger(), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=True),
        sa.Column("refused", sa.BigInteger(), nullable=True),
        sa.Column("refused_code", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", "rev", "member"),
        sqlite_with_rowid=False,
    )
    op.create_index("delivery_state", "delivery", ["state", "member", "queued"], unique=False)
    op.create_table(
        "epoch",
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("signer", sa.LargeBinary(length=16), nullable=False),
        sa.Column("realm", sa.String(length=8), nullable=False),
        sa.Column("channel", sa.String(length=3), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("next", sa.BigInteger(), nullable=False),
        sa.Column("last_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("missing", sa.LargeBinary(), nullable=False),
        sa.Column("bound", sa.BigInteger(), nullable=True),
        sa.Column("tail_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("frozen", sa.Boolean(), nullable=False),
        sa.Column("tip_frames", sa.BigInteger(), nullable=False),
        sa.Column("tip_signature", sa.LargeBinary(length=64), nullable=False),
        sa.PrimaryKeyConstraint("n"),
        sa.UniqueConstraint("id"),
    )
    op.create_index(op.f("ix_epoch_not_before"), "epoch", ["not_before"], unique=False)
    op.create_table(
        "frame",
        sa.Column("epoch_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("prev", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("epoch_id", "seq"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "heartbeat",
        sa.Column("member", sa.String(length=2), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("trust_version", sa.BigInteger(), nullable=False),
        sa.Column("faults", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("member"),
    )
    op.create_table(
        "held",
        sa.Column("id", sa.String(length=48), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("realm", sa.String(length=8), nullable=False),
        sa.Column("tlp", sa.String(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("readers", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", "rev"),
    )
    op.create_index(op.f("ix_held_at"), "held", ["at"], unique=False)
    op.create_table(
        "kem_seed",
        sa.Column("kid", sa.LargeBinary(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("not_after", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kid"),
    )
    op.create_table(
        "message",
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=48), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("origin", sa.String(length=2), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("realm", sa.String(length=8), nullable=False),
        sa.Column("action", sa.String(length=8), nullable=False),
        sa.Column("tlp", sa.String(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("frame_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("frame", sa.LargeBinary(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("body_key", sa.LargeBinary(), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=True),
        sa.Column("readers", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("n"),
        sa.UniqueConstraint("id", "rev"),
    )
    op.create_index("message_listing", "message", ["origin", "kind", "n"], unique=False)
    op.create_index("message_urgency", "message", ["lane", "n"], unique=False)
    op.create_table(
        "meta",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "missing_epoch",
        sa.Column("signer", sa.LargeBinary(length=16), nullable=False),
        sa.Column("realm", sa.String(length=8), nullable=False),
        sa.Column("channel", sa.String(length=3), nullable=False),
        sa.Column("id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("frames", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("signer", "realm", "channel", "id"),
    )
    op.create_table(
        "number",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "year"),
    )
    op.create_table(
        "outbox",
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("msg_id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("published", sa.BigInteger(), nullable=True),
        sa.Column("again_at", sa.BigInteger(), nullable=True),
        sa.Column("epoch_id", sa.LargeBinary(length=32), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("frame_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("channel", sa.String(length=3), nullable=True),
        sa.Column("realm", sa.String(length=8), nullable=True),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_index(op.f("ix_outbox_again_at"), "outbox", ["again_at"], unique=False)
    op.create_index("outbox_epoch", "outbox", ["epoch_id", "seq"], unique=False)
    op.create_index(op.f("ix_outbox_msg_id"), "outbox", ["msg_id"], unique=False)
    op.create_index(op.f("ix_outbox_published"), "outbox", ["published"], unique=False)
    op.create_table(
        "own_frame",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("channel", sa.String(length=3), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("queued", sa.BigInteger(), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=True),
        sa.Column("waits", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "own_frame_waits",
        "own_frame",
        ["waits", "queued", "messages"],
        unique=False,
        sqlite_where=sa.text("waits <> ''"),
        postgresql_where=sa.text("waits <> ''"),
    )
    op.create_table(
        "own_head",
        sa.Column("signer", sa.LargeBinary(length=16), nullable=False),
        sa.Column("realm", sa.String(length=8), nullable=False),
        sa.Column("channel", sa.String(length=3), nullable=False),
        sa.Column("epoch_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("frames", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("signer", "realm", "channel"),
    )
    op.create_table(
        "own_statement",
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=48), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("sector", sa.String(length=32), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("n"),
        sa.UniqueConstraint("id", "rev", "stage", "role"),
    )
    op.create_index("own_statement_state", "own_statement", ["state", "n"], unique=False)
    op.create_table(
        "place",
        sa.Column("frame_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=48), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("owed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("frame_hash", "place"),
        sqlite_with_rowid=False,
    )
    op.create_index("place_message", "place", ["id", "rev"], unique=False)
    op.create_table(
        "quarantine",
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("sender", sa.String(length=2), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("rule", sa.String(length=4), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("frame_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_index("quarantine_share", "quarantine", ["sender", "n", "size"], unique=False)
    op.create_table(
        "queue",
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("realm", sa.String(length=8), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=3), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("id", sa.String(length=48), nullable=True),
        sa.Column("rev", sa.Integer(), nullable=True),
        sa.Column("audience", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("parked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_index("queue_next", "queue", ["parked", "priority", "n"], unique=False)
    op.create_table(
        "receipt",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("member", sa.String(length=2), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_table(
        "receipt_frame",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_table(
        "receipt_place",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("frame_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "released",
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("sheet", sa.LargeBinary(length=32), nullable=False),
        sa.Column("id", sa.String(length=48), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_index(op.f("ix_released_sheet"), "released", ["sheet"], unique=False)
    op.create_table(
        "request",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index(op.f("ix_request_at"), "request", ["at"], unique=False)
    op.create_table(
        "revoke",
        sa.Column("kid", sa.LargeBinary(length=16), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kid"),
    )
    op.create_table(
        "sample",
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("origin", sa.String(length=2), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("rule", sa.String(length=4), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_index(op.f("ix_sample_origin"), "sample", ["origin"], unique=False)
    op.create_table(
        "statement",
        sa.Column("frame_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("member", sa.String(length=2), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("places", sa.Text(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("receipt", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("frame_hash", "member", "stage", "places"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "token",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name"),
        sa.UniqueConstraint("hash"),
    )
    op.create_table(
        "trust_list",
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("version"),
    )
    op.create_table(
        "waiting",
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("sender", sa.String(length=2), nullable=False),
        sa.Column("type", sa.String(length=8), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("rule", sa.String(length=4), nullable=False),
        sa.Column("epoch_id", sa.LargeBinary(length=32), nullable=True),
        sa.Column("for_time", sa.BigInteger(), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("n"),
        sa.UniqueConstraint("digest"),
    )
    op.create_index(op.f("ix_waiting_epoch_id"), "waiting", ["epoch_id"], unique=False)
    op.create_index("waiting_share", "waiting", ["sender", "type", "size"], unique=False)
    op.create_index("waiting_since", "waiting", ["since"], unique=False)
    op.create_index("waiting_time", "waiting", ["for_time"], unique=False)

"""gaps and carried files"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "peer_said",
        sa.Column("member", sa.String(length=2), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=False),
        sa.Column("heads", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("member"),
    )
    op.create_table(
        "announced",
        sa.Column("epoch_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("frames", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("epoch_id"),
    )
    op.create_table(
        "asked_for",
        sa.Column("epoch_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("epoch_id"),
    )
    op.create_table(
        "not_sent_again",
        sa.Column("epoch_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("epoch_id", "first", "last"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "asked_of_us",
        sa.Column("member", sa.String(length=2), nullable=False),
        sa.Column("epoch_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("member", "epoch_id", "first", "last"),
        sqlite_with_rowid=False,
    )
    op.create_index("asked_of_us_at", "asked_of_us", ["member", "at"], unique=False)
    op.create_table(
        "by_hand",
        sa.Column("frame_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("frame_hash"),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_by_hand_at"), "by_hand", ["at"], unique=False)

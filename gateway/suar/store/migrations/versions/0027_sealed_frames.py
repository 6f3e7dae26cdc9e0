"""frames of recalled messages, and texts under a legal hold, sealed to the offline evidence keys"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sealed_frame",
        sa.Column("frame_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("epoch_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=True),
        sa.PrimaryKeyConstraint("frame_hash"),
    )
    op.create_table(
        "held_text",
        sa.Column("id", sa.String(length=48), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", "rev"),
    )

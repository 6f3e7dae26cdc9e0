"""notes that people of other members wrote when they acknowledged"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "receipt_note",
        sa.Column("frame_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("member", sa.String(2), nullable=False),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("places", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("frame_hash", "member", "stage", "role", "places"),
        sqlite_with_rowid=False,
    )

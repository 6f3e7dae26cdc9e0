"""commitments of other members to their audit logs, and the tree that a signed head of ours is about"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_commitment",
        sa.Column("member", sa.String(length=2), nullable=False),
        sa.Column("hour", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(length=32), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=True),
        sa.PrimaryKeyConstraint("member", "hour"),
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"  # before the keyed hash, which stays the last column of its row
    with op.batch_alter_table("audit_head", recreate="always" if is_sqlite else "never") as table:
        peaks = sa.Column("peaks", sa.LargeBinary(), nullable=True)
        table.add_column(peaks, insert_after="signature" if is_sqlite else None)

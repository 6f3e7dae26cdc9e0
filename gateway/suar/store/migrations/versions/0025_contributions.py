"""what agencies propose, which agencies may, and who was shown their tokens"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contribution",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("agency", sa.String(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("realm", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.String(length=64), nullable=False),
        sa.Column("draft", sa.String(length=32), nullable=True),
        sa.Column("message", sa.String(length=48), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=True),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_contribution_draft", "contribution", ["draft"])
    op.create_index("contribution_agency", "contribution", ["agency", "at", "id"])
    op.create_index("contribution_state", "contribution", ["state", "at", "id"])
    # before the keyed hash, which stays the last column of its row
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("agency", recreate="always" if is_sqlite else "never") as table:
        table.add_column(
            sa.Column("may_propose", sa.Boolean(), server_default=sa.false(), nullable=False),
            insert_after="revoked_at" if is_sqlite else None,
        )
        table.add_column(
            sa.Column("token_makers", sa.Text(), nullable=True), insert_after="may_propose" if is_sqlite else None
        )

"""drafts of the console, and whose act a publication and a decision are where people have sessions"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "draft",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("realm", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("begun", sa.BigInteger(), nullable=False),
        sa.Column("saved", sa.BigInteger(), nullable=False),
        sa.Column("saved_by", sa.String(length=64), nullable=False),
        sa.Column("editors", sa.Text(), nullable=False),
        sa.Column("message", sa.String(length=48), nullable=True),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_draft_saved", "draft", ["saved"])
    op.create_index("draft_message", "draft", ["message"])
    op.add_column("held", sa.Column("editors", sa.Text(), nullable=True))
    op.add_column("held", sa.Column("is_alone", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("token", sa.Column("user", sa.String(length=64), nullable=True))

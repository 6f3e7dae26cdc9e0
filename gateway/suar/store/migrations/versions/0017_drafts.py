"""drafts of the console, and whose act a publication and a decision are where people have sessions"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_ADDED: tuple[tuple[str, str, tuple[sa.Column[object], ...]], ...] = (
    (
        "held", "counts_as",
        (
            sa.Column("editors", sa.Text(), nullable=True),
            sa.Column("is_alone", sa.Boolean(), server_default=sa.false(), nullable=False),
        ),
    ),
    ("token", "is_old", (sa.Column("user", sa.String(length=64), nullable=True),)),
)  # fmt: skip


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
    # before the keyed hash, which stays the last column of its row
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name, behind, columns in _ADDED:
        with op.batch_alter_table(name, recreate="always" if is_sqlite else "never") as table:
            before = behind
            for column in columns:
                table.add_column(column, insert_after=before if is_sqlite else None)
                before = column.name

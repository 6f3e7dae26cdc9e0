"""rows that grant, decide or count carry a keyed hash, and the store has an account of them"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_TABLES = (
    "account", "alarm", "audit_head", "bundle", "by_hand", "carried", "deadline", "delivery", "drill", "epoch", "held",
    "kem_seed", "meta", "missing_epoch", "not_sent_again", "notice", "number", "own_frame", "own_head",
    "own_statement", "place", "queue", "released", "returned", "revoke", "statement", "token", "trust_list",
)  # fmt: skip


def upgrade() -> None:
    for name in _TABLES:
        op.add_column(name, sa.Column("mac", sa.LargeBinary(length=32), nullable=True))
    op.create_table(
        "integrity",
        sa.Column("id", sa.Integer(), autoincrement=False, primary_key=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "recalled",
        sa.Column("id", sa.String(length=48), primary_key=True),
        sa.Column("below", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=True),
    )

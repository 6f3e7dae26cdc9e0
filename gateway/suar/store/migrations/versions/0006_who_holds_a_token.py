"""who holds a token: its roles, its maker, whether its holder claimed it"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("token", sa.Column("roles", sa.Text(), nullable=False, server_default=""))
    op.add_column("token", sa.Column("is_person", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("token", sa.Column("maker", sa.String(64), nullable=True))
    op.add_column("token", sa.Column("claim_hash", sa.LargeBinary(32), nullable=True))
    op.add_column("token", sa.Column("claimed_at", sa.BigInteger(), nullable=True))
    op.add_column("token", sa.Column("is_old", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE token SET is_old = (1 = 1)")  # those of before keep what their scopes allowed
    op.add_column("message", sa.Column("read_at", sa.BigInteger(), nullable=True))

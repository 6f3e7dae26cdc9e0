"""how many messages each frame of others brought, so that one that is taken out is missed"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("frame", sa.Column("messages", sa.Integer(), nullable=True))
    op.add_column("frame", sa.Column("tag", sa.LargeBinary(length=16), nullable=True))

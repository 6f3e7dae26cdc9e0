"""the number of messages in each received frame, so that a removed message is detected"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("frame", sa.Column("messages", sa.Integer(), nullable=True))
    op.add_column("frame", sa.Column("tag", sa.LargeBinary(length=16), nullable=True))

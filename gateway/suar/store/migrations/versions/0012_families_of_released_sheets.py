"""released sheets are found by the people whom they count"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("released", sa.Column("family", sa.LargeBinary(length=32), nullable=True))
    op.create_index("ix_released_family", "released", ["family"])

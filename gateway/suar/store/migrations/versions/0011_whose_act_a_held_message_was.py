"""whose act a held message was when it was published, and pages of what waits"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("held", sa.Column("counts_as", sa.Text(), nullable=True))
    op.create_index("held_next", "held", ["state", "at", "id"])

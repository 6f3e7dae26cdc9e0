"""epochs of ours, found without their frames"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    is_epoch = sa.text("seq IS NULL AND epoch_id IS NOT NULL")
    op.create_index(
        "outbox_epochs",
        "outbox",
        ["channel", "realm", "n"],
        unique=False,
        sqlite_where=is_epoch,
        postgresql_where=is_epoch,
    )

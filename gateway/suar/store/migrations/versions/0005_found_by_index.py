"""the inbox and what a key exposed, found by index"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    has_frame = sa.text("frame_hash IS NOT NULL")
    op.create_index(
        "message_frame",
        "message",
        ["frame_hash"],
        unique=False,
        sqlite_where=has_frame,
        postgresql_where=has_frame,
    )
    op.create_index(
        "message_inbox",
        "message",
        ["realm", "origin", "kind", "lane", "n", "expires", "action"],
        unique=False,
    )
    op.create_index("quarantine_frame", "quarantine", ["frame_hash"], unique=False)
    is_message = sa.text("id IS NOT NULL")
    op.create_index(
        "queue_message",
        "queue",
        ["id", "rev"],
        unique=False,
        sqlite_where=is_message,
        postgresql_where=is_message,
    )

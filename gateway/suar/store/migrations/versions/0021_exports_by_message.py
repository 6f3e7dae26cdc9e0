"""exports of a message, found by index"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    exported = sa.text("what IN ('export', 'evidence')")
    op.create_index("audit_given", "audit", ["about"], unique=False, sqlite_where=exported, postgresql_where=exported)

"""alarms that end, and that an operator acknowledges"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_COLUMNS = (
    ("ended_at", sa.BigInteger()),
    ("acknowledged_at", sa.BigInteger()),
    ("acknowledged_by", sa.String(length=64)),
    ("note", sa.Text()),
)


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"  # it reads a row from its front: the evidence stays the last
    before: str | None = "seen_again" if is_sqlite else None
    with op.batch_alter_table("alarm", recreate="always" if is_sqlite else "never") as table:
        for name, type_ in _COLUMNS:
            table.add_column(sa.Column(name, type_), insert_after=before)
            before = name if is_sqlite else None
    is_open = sa.text("ended_at IS NULL")
    op.create_index("alarm_not_ended", "alarm", ["n"], unique=False, sqlite_where=is_open, postgresql_where=is_open)

"""hashes of rows of time stamps, digests of the objects of alarms, and heartbeats that are kept as witnesses"""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("stamp", "stamped"):
        op.add_column(name, sa.Column("mac", sa.LargeBinary(length=32), nullable=True))
    op.add_column("alarm", sa.Column("evidence_digest", sa.LargeBinary(length=32), nullable=True))
    _fill(op.get_bind())
    op.create_table(
        "peer_heartbeat",
        sa.Column("member", sa.String(length=2), nullable=False),
        sa.Column("hour", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("frame", sa.LargeBinary(), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=True),
        sa.PrimaryKeyConstraint("member", "hour"),
    )


def _fill(connection: sa.Connection) -> None:
    """Write the digest of each object that is stored; one object is in memory at a time."""
    alarm = sa.table("alarm", sa.column("n"), sa.column("evidence"), sa.column("evidence_digest"))
    numbers = connection.execute(sa.select(alarm.c.n).where(alarm.c.evidence.is_not(None))).scalars().all()
    for n in numbers:
        data = connection.execute(sa.select(alarm.c.evidence).where(alarm.c.n == n)).scalar_one()
        digest = hashlib.blake2b(bytes(data), digest_size=32).digest()
        connection.execute(sa.update(alarm).where(alarm.c.n == n).values(evidence_digest=digest))

"""no change of a table: the body of a message is sealed to its number, which an older version cannot open"""

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing: the version alone keeps an older version from the store (docs/adr/0073)."""

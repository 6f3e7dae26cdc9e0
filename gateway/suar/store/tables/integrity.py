"""The store's account of its rows, recalled messages, and their copies that are still to be deleted."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, PrimaryKeyConstraint, String, Table, Text

from suar.store.tables.columns import mac, metadata

integrity = Table(  # one row: the number of rows and the sum of each protected table; see engine/account.py
    "integrity",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),
)

recalled = Table(  # cancelled messages of others, erased own ones: no earlier revision is shown, whatever its row has
    "recalled",
    metadata,
    Column("id", String(48), primary_key=True),
    Column("below", Integer, nullable=False),  # the revision that cancelled it, or the first one that was not erased
    Column("at", BigInteger, nullable=False),
    mac(),
)

destroyed_marking = Table(  # who could read a destroyed text: agencies that could are informed of the recall
    "destroyed_marking",
    metadata,
    Column("id", String(48), nullable=False),
    Column("rev", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    mac(),
    PrimaryKeyConstraint("id", "rev"),
)

inbox_erasure = Table(  # frames of recalled messages that the own INBOX may still hold
    "inbox_erasure",
    metadata,
    Column("frame_hash", LargeBinary(32), primary_key=True),
    Column("subject", String(80), nullable=False),  # under which the hub delivered it
    Column("realm", String(8), nullable=False),
    mac(),
)

proposal = Table(  # acts that one person requested and a second one has to confirm
    "proposal",
    metadata,
    Column("act", String(16), nullable=False),  # erase, hold-add, hold-end
    Column("about", String(48), nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # the details, which both persons state
    Column("who", String(64), nullable=False),
    Column("counts_as", Text, nullable=False),  # the responsible persons: `who` and their makers
    Column("at", BigInteger, nullable=False),
    mac(),
    PrimaryKeyConstraint("act", "about"),
)

legal_hold = Table(  # messages whose texts are kept after a recall, by order of an authority
    "legal_hold",
    metadata,
    Column("id", String(48), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),  # the authority, and who ordered and confirmed it here
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    mac(),
)

held_text = Table(  # recalled texts under a legal hold, sealed to the offline evidence keys
    "held_text",
    metadata,
    Column("id", String(48), nullable=False),
    Column("rev", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
    mac(),
    PrimaryKeyConstraint("id", "rev"),
)

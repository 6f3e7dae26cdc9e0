"""The gateway itself: its values by name, its tokens, its answers to requests, and its audit log."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, LargeBinary, String, Table, Text, false, text

from suar.store.tables.columns import mac, metadata, serial

meta = Table(
    "meta",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
    mac(),
)

token = Table(
    "token",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("hash", LargeBinary(32), nullable=False, unique=True),
    Column("scopes", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
    Column("roles", Text, nullable=False, server_default=""),  # the roles in which its holder acknowledges
    Column("is_person", Boolean, nullable=False, server_default=false()),  # a single person holds it
    Column("maker", String(64)),  # the token that created it; null if created by an older version
    Column("claim_hash", LargeBinary(32)),  # of the one-time code; remains after its use
    Column("claimed_at", BigInteger),
    Column("is_old", Boolean, nullable=False, server_default=false()),  # older than `acknowledge` and `admin`
    Column("user", String(64)),  # the person of the console who holds the token
    mac(),
)

request = Table(
    "request",
    metadata,
    Column("key", LargeBinary(32), primary_key=True),  # 16 bytes of a hash of token and key, or of token and bytes
    Column("answer", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False, index=True),
)

content = Table(
    "content",
    metadata,
    Column("name", LargeBinary(32), primary_key=True),  # keyed hash of a published trend without its dates
    Column("id", String(48), nullable=False),
    Column("at", BigInteger, nullable=False, index=True),
)

EXPORTED: Final = text("what IN ('export', 'evidence')")
"""Lines about exporting a text as a file. A query has the same words: SQLite then uses the index of these lines."""

audit = Table(  # lines without gaps, each bound to the previous one: see protocol/files/auditlog.py
    "audit",
    metadata,
    serial(),
    Column("at", BigInteger, nullable=False),
    Column("who", String(64), nullable=False),
    Column("what", String(64), nullable=False),
    Column("about", Text, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Index("audit_given", "about", sqlite_where=EXPORTED, postgresql_where=EXPORTED),
)

audit_head = Table(  # how far the audit was signed, and with which key of ours
    "audit_head",
    metadata,
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("key", LargeBinary(32), nullable=False),
    Column("signature", LargeBinary(64), nullable=False),
    Column("peaks", LargeBinary),  # of the tree of all lines, whose root is signed; null: a head of suar-audit/1
    mac(),
)

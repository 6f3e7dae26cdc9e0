"""The audit read and signed: a head under our identity key at most once a minute, and whenever somebody reads.

The lines are chained when they are written (store/access.py); a signature a line would cost more than the line.
"""

from typing import Any, Final

from suar.protocol import limits
from suar.protocol.auditlog import MAGIC, head_raw, sign_head
from suar.service.core import Core
from suar.store import access, audit

SIGN_EVERY: Final = limits.MINUTE
PAGE_MAX: Final = 1_000


def keep_signed(core: Core) -> bool:
    """Sign what is new, when the last head is a minute old; whether a head was made."""
    with core.transaction() as connection:
        head = audit.newest_head(connection)
        if head is not None and 0 <= core.clock() - head.at < SIGN_EVERY:
            return False
    return sign(core)


def sign(core: Core) -> bool:
    """Sign the chain as it stands; False when nothing is new."""
    with core.transaction() as connection:
        (n, digest), before = access.last_note(connection), audit.newest_head(connection)
        if not n or (before is not None and before.n == n):
            return False
        now, identity = core.clock(), core.sender.identity
        raw = head_raw(core.federation, core.member, n, now, digest)
        head = audit.Head(n, now, digest, identity.public, sign_head(identity.signing, raw))
        audit.put_head(connection, head, before)
    return True


def page(core: Core, after: int, limit: int, who: str) -> dict[str, Any]:
    """Lines behind number `after`, with the heads that sign them. Whoever begins to read is noted, then all is signed.

    Together the pages are an exported log: title, lines, heads, in the shapes of protocol/auditlog.py.
    """
    if not after:
        with core.transaction() as connection:
            access.note(connection, who, "audit", "read", core.clock())
        sign(core)
    with core.transaction() as connection:
        rows = audit.lines(connection, after, min(limit, PAGE_MAX))
        heads = audit.heads(connection, after, rows[-1].n) if rows else []
    title = {"audit": MAGIC, "federation": core.federation, "member": core.member}
    lines = [
        {"n": row.n, "at": row.at, "who": row.who, "what": row.what, "about": row.about, "hash": row.hash.hex()}
        for row in rows
    ]
    signed = [
        {
            "head": row.n, "at": row.at, "hash": row.hash.hex(), "key": row.key.hex(),
            "signature": row.signature.hex(),
        }
        for row in heads
    ]  # fmt: skip
    return {"title": title, "lines": lines, "heads": signed}

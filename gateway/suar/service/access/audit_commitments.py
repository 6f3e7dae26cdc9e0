"""Commitments to the end of the audit log: ours in heartbeats, and those of other members that we keep ([F11]).

Ours are about the last line that this process has verified (core.audit), never about the present content of the store,
under salts that are derived from the keyring: whoever rewrites the store cannot make other commitments, and cannot open
those that were sent.
"""

from typing import Any, Final

from sqlalchemy import Connection

from suar.protocol.base import limits
from suar.protocol.files.commitments import LAST_DAY, MAGIC, commit, day_of
from suar.service.core.core import Core
from suar.store.inbound import commitments

NONE: Final = b""
PAGE_MAX: Final = 1_000


def own(core: Core, at: int) -> bytes:
    """Return our commitment for a heartbeat whose frame states `at`; empty if the settings or the log have none."""
    known, day = core.audit.at, day_of(at)
    if not core.config.bus.commit_audit or known is None or not known.n or not 0 <= day <= LAST_DAY:
        return NONE
    return commit(core.audit_salts.of(day).salt, core.federation, core.member, at, known.n, known.digest)


def keep(connection: Connection, member: str, sent: int, commitment: bytes, now: int) -> None:
    """Keep the commitment of a member's live heartbeat, the first of each hour by our clock."""
    if commitment:
        commitments.keep(connection, member, now // limits.HOUR, sent, commitment)


def page(core: Core, member: str, after: int, limit: int) -> dict[str, Any]:
    """Return what we keep of a member behind hour `after`, at most PAGE_MAX of them. For any thread."""
    with core.database.reading() as connection:
        rows = commitments.kept(connection, member, after, min(limit, PAGE_MAX))
    title = {"commitments": MAGIC, "federation": core.federation, "member": member, "kept_by": core.member}
    found = [{"at": row.at, "commitment": row.commitment.hex()} for row in rows]
    return {"title": title, "commitments": found, "after": rows[-1].hour if rows else after}

"""Reads and signs the audit. Its head is signed with our identity key at most once a minute, and before every reading.

The lines are chained by hash when they are written (store/people/access.py); one signature for each line would cost
more than the line. An attacker with write access to the store can write another chain, so only lines that continue the
known chain are signed. At the start the known chain is the line signed last, as the keyring has it; then it is the last
verified line (core.audit).
"""

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row

from suar.observe.hooks import Happened
from suar.protocol.base import limits
from suar.protocol.base.primitives import ZERO32, kid
from suar.protocol.files.auditlog import (
    ALGORITHM,
    MAGIC_2,
    BrokenLog,
    SignedHead,
    follow,
    head_raw,
    is_head,
    sign_head,
)
from suar.protocol.files.merkle import Peaks
from suar.service.access.act_notes import note_reading
from suar.service.core.audit_cursor import AuditPosition, AuditTree
from suar.service.core.core import Core
from suar.service.status import audit_tree
from suar.store.people import access, audit
from suar.store.tables.columns import blob

SIGN_EVERY: Final = limits.MINUTE
PAGE_MAX: Final = 1_000
STEP: Final = 4_096  # lines verified in one call: about 20 ms of the core's thread
START: Final = AuditPosition(0, ZERO32)


def sign_due(core: Core) -> bool:
    """Verify new lines, and sign the head if the last signature is a minute old; returns whether a head was signed."""
    if core.audit.broken is not None:
        return False
    with core.transaction() as connection:
        head = audit.newest_head(connection)
        signed = _if_ours(core, head)
        known, tree = _followed(core, connection, signed, STEP)
        is_due = head is None or not 0 <= core.clock() - head.at < SIGN_EVERY
        peaks = _tree(core, connection, known, tree, signed, STEP)
        is_signed = known is not None and is_due and _sign(core, connection, known, head, peaks)
    return is_signed and _keep(core)


def sign(core: Core) -> bool:
    """Verify and sign all lines; returns False if nothing is new or the chain is not the one that was signed before."""
    if core.audit.broken is not None:
        return False
    with core.transaction() as connection:
        head = audit.newest_head(connection)
        signed = _if_ours(core, head)
        known, tree = _followed(core, connection, signed, None)
        peaks = _tree(core, connection, known, tree, signed, audit_tree.ADDED_MAX)
        is_signed = known is not None and _sign(core, connection, known, head, peaks)
    return is_signed and _keep(core)


def restart_log(core: Core, who: str, reason: str) -> None:
    """Accept the stored log as valid from now on, and record who did so and why as its next line.

    For an operator with the passphrase who installed another store, or has examined what was changed in this one.
    """
    with core.transaction() as connection:
        last, removed = access.accept_notes(connection)
        audit.forget_heads(connection)
        gone = f"; removed: {removed} lines of others, whose numbers did not follow" if removed else ""
        access.note(connection, who, "audit-anew", f"from line {last[0]}: {reason}{gone}", core.clock())
    core.audit.restart(AuditPosition(*last))
    sign(core)


def _followed(
    core: Core, connection: Connection, signed: Row[Any] | None, most: int | None
) -> tuple[AuditPosition | None, AuditTree | None]:  # fmt: skip
    """Return the last verified line, at most `most` lines further than before, and the tree, grown with these lines.

    `signed`: our newest head. No line if the log was replaced or altered.
    """
    known, tree = core.audit.at or _first(signed), core.audit.tree
    try:
        _check_head(connection, signed)
        known, tree = _follow(core, connection, known, tree, most)
    except BrokenLog as broken:
        _report_broken(core, broken)
        return None, None
    core.run_after_commit(lambda: core.audit.advance(known))
    return known, tree


def _follow(
    core: Core, connection: Connection, known: AuditPosition, tree: AuditTree | None, most: int | None
) -> tuple[AuditPosition, AuditTree | None]:
    if known.n and audit.hash_at(connection, known.n) != known.digest:
        raise BrokenLog(known.n, f"line {known.n}, or one before it, is not the one that was signed")
    other = access.audit_difference(connection)
    if other is not None:
        raise BrokenLog(known.n + 1, other)
    left, until = most, known.n + audit_tree.ADDED_MAX
    while left is None or left > 0:
        rows = audit.lines(connection, known.n, STEP)
        before, known = known, AuditPosition(*follow(known.n, known.digest, rows))
        if tree is not None and tree.at == before and known.n <= until:  # else it is grown later, by itself
            tree = AuditTree(known, tree.peaks.plus(ALGORITHM, audit_tree.leaves(core, rows)))
        left = None if left is None else left - STEP
        if len(rows) < STEP:
            break
    return known, tree


def _check_head(connection: Connection, signed: Row[Any] | None) -> None:
    """Raise BrokenLog unless our newest head's line is stored; after a crash the keyring may be behind that head."""
    if signed is not None and audit.hash_at(connection, signed.n) != blob(signed.hash):
        raise BrokenLog(signed.n, f"line {signed.n}, or one before it, is not the one that was signed")


def _first(signed: Row[Any] | None) -> AuditPosition:
    """Return where verification begins if the keyring names no line, as after an update: our newest head, else the
    start.
    """
    return START if signed is None else AuditPosition(signed.n, blob(signed.hash))


def _if_ours(core: Core, head: Row[Any] | None) -> Row[Any] | None:
    """Return the head if one of our keys signed it."""
    return head if head is not None and _is_ours(core, head) else None


def _is_ours(core: Core, head: Row[Any]) -> bool:
    key = blob(head.key)
    if core.keyring.find(kid(key)) is None:
        return False
    try:
        raw = audit.raw_of(head, core.federation, core.member)
    except ValueError:  # peaks that others wrote
        return False
    return is_head(key, raw, blob(head.signature))


def _tree(
    core: Core, connection: Connection, known: AuditPosition | None, tree: AuditTree | None, signed: Row[Any] | None,
    most: int,
) -> Peaks | None:  # fmt: skip
    """Return the tree up to the last verified line; None where there is none."""
    if known is None or not known.n:
        return None
    return audit_tree.advance(core, connection, known, tree, signed, most)


def _sign(
    core: Core, connection: Connection, known: AuditPosition, before: Row[Any] | None, peaks: Peaks | None
) -> bool:
    """Sign the head at that line, in the caller's transaction; returns False if it is signed already, or nothing may be
    signed.
    """
    if not known.n or not core.sender.identity.is_ready or (before is not None and before.n >= known.n):
        return False
    now, identity = core.clock(), core.sender.identity
    root = peaks.root(ALGORITHM) if peaks is not None else None
    raw = head_raw(core.federation, core.member, known.n, now, known.digest, root)
    tree = b"".join(peaks.hashes) if peaks is not None else None
    head = audit.Head(known.n, now, known.digest, identity.public, sign_head(identity.signing, raw), tree)
    audit.put_head(connection, head, before)
    return True


def _keep(core: Core) -> bool:
    """Write the signed position to the keyring after the commit, so that the keyring is never ahead of the store;
    returns True, also where that fails, which is logged.
    """
    known = core.audit.at
    if known is not None:
        try:
            core.keyring.save_audit(*known)
        except OSError as error:
            facts = {"error": str(error.strerror)}
            core.hooks(Happened(at=core.clock(), event="keyring_not_written", level="error", facts=facts))
    return True


def _report_broken(core: Core, broken: BrokenLog) -> None:
    core.audit.mark_broken(broken.text)
    core.log_event("audit_altered", "error", line=broken.n, finding=broken.text)


def begin_reading(core: Core, who: str) -> None:
    """Record who begins to read the audit, then sign all of it."""
    note_reading(core, who, "audit", "read")
    sign(core)


def length(core: Core) -> int:
    """Return how many lines there are; for any thread."""
    with core.database.reading() as connection:
        return access.last_note(connection)[0]


def page(core: Core, after: int, limit: int) -> dict[str, Any]:
    """Return the lines after number `after`, at most `PAGE_MAX`, with our heads that sign them. For any thread.

    The pages together are an exported log: title, lines and heads, in the shapes of protocol/files/auditlog.py.
    A head that none of our keys signed is left out. `altered`: how the log differs from the one that this gateway
    wrote, as it found when it last verified it, or that there is such a head; else None.
    """
    with core.database.reading() as connection:
        rows = audit.lines(connection, after, min(limit, PAGE_MAX))
        heads = audit.heads(connection, after, rows[-1].n) if rows else []
    title = {"audit": MAGIC_2, "federation": core.federation, "member": core.member}
    lines = [
        {
            "n": row.n, "at": row.at, "who": row.who, "what": row.what, "about": row.about, "hash": row.hash.hex(),
            "salt": audit_tree.salt_of(core, row).hex(),
        }
        for row in rows
    ]  # fmt: skip
    strange = [row.n for row in heads if not _is_ours(core, row)]
    shown = [msgspec.to_builtins(shown_head(row)) for row in heads if row.n not in strange]
    altered = f"the head at line {strange[0]} is not signed by a key of this gateway" if strange else None
    return {"title": title, "lines": lines, "heads": shown, "altered": core.audit.broken or altered}


def pages(core: Core) -> Iterator[dict[str, Any]]:
    """Yield the whole exported log, page by page. For any thread."""
    after, size = 0, PAGE_MAX
    while size == PAGE_MAX:
        lines = page(core, after, PAGE_MAX)
        size = len(lines["lines"])
        after = lines["lines"][-1]["n"] if size else after
        yield lines


def shown_head(row: Row[Any]) -> SignedHead:
    """Return a stored head as an exported log has it."""
    return SignedHead(
        head=row.n, at=row.at, hash=blob(row.hash).hex(), key=blob(row.key).hex(),
        signature=blob(row.signature).hex(), **_root(row),
    )  # fmt: skip


def _root(head: Row[Any]) -> dict[str, str]:
    """Return the root that a head of suar-audit/2 signs; for altered peaks, a value that no verifier accepts."""
    try:
        peaks = audit.peaks_of(head)
        return {} if peaks is None else {"root": peaks.root(ALGORITHM).hex()}
    except ValueError:
        return {"root": ""}

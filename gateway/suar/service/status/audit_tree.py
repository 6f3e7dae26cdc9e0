"""The tree of all lines of the audit, whose root a signed head states (protocol/files/auditline.py).

It grows with the lines that are verified, and its peaks are stored with each signed head. Where no head has them, as
after an update, it is computed from the first line on, in parts; until then heads of suar-audit/1 are signed.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row

from suar.protocol.base.primitives import ZERO32
from suar.protocol.files.auditline import line_salt
from suar.protocol.files.auditlog import ALGORITHM, BrokenLog, follow, leaf
from suar.protocol.files.merkle import Peaks
from suar.service.core.audit_cursor import AuditPosition, AuditTree
from suar.service.core.core import Core
from suar.store.people import audit
from suar.store.tables.columns import blob

PAGE: Final = 4_096  # lines at a time
ADDED_MAX: Final = 32_768
"""Most lines that one reading adds to the tree: about 0.3 s of the core's thread, once after an update."""
START: Final = AuditTree(AuditPosition(0, ZERO32), Peaks())


def advance(
    core: Core, connection: Connection, known: AuditPosition, tree: AuditTree | None, signed: Row[Any] | None,
    most: int,
) -> Peaks | None:  # fmt: skip
    """Return the tree of all lines up to `known`, the last verified one; None while it is behind, or cannot be made.

    At most `most` lines are added to `tree`, or to that of `signed`, our newest head.
    """
    if not core.audit.has_tree:
        return None
    try:
        tree = _grown(core, connection, tree or _begun(signed), known, most)
    except (BrokenLog, ValueError) as broken:
        core.audit.abandon_tree()
        core.log_event("audit_altered", "error", line=getattr(broken, "n", 0), finding=str(broken))
        return None
    core.run_after_commit(lambda: core.audit.grow(tree))
    return tree.peaks if tree.at == known else None


def _begun(signed: Row[Any] | None) -> AuditTree:
    peaks = audit.peaks_of(signed) if signed is not None else None
    if signed is None or peaks is None:
        return START
    return AuditTree(AuditPosition(signed.n, blob(signed.hash)), peaks)


def _grown(core: Core, connection: Connection, tree: AuditTree, known: AuditPosition, most: int) -> AuditTree:
    at, peaks = tree
    while at.n < known.n and most > 0:
        rows = audit.lines(connection, at.n, min(PAGE, most, known.n - at.n))
        at = AuditPosition(*follow(at.n, at.digest, rows))
        peaks = peaks.plus(ALGORITHM, leaves(core, rows))
        most -= len(rows)
        if not rows:
            raise BrokenLog(at.n + 1, f"line {at.n + 1} was removed")
    if at.n == known.n and at.digest != known.digest:
        raise BrokenLog(at.n, f"line {at.n}, or one before it, is not the one that was signed")
    return AuditTree(at, peaks)


def leaves(core: Core, rows: Sequence[Row[Any]]) -> Iterator[bytes]:
    """Yield the leaves of lines."""
    secret = core.audit_salts.of_lines
    for row in rows:
        yield leaf(line_salt(secret, row.n, blob(row.hash)), row.n, row.at, row.who, row.what, row.about)


def salt_of(core: Core, row: Row[Any]) -> bytes:
    """Return the salt of a line, 16 bytes."""
    return line_salt(core.audit_salts.of_lines, row.n, blob(row.hash))

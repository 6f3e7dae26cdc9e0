"""Paths from lines of the audit to the newest signed head, for the container of a message (docs/evidence.md).

A path needs the leaves of all lines that the head signs. Therefore the roots of whole blocks of lines are kept in
memory and computed in parts: the first container after a start waits for all of them, a second for 100,000 lines.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row

from suar.protocol.files import auditline
from suar.protocol.files.auditlog import ALGORITHM, BrokenLog, Line, SignedHead
from suar.protocol.files.merkle import Tree
from suar.service.core.core import Core
from suar.service.status import audit_tree, auditing
from suar.store.messages import stamps
from suar.store.people import audit
from suar.store.tables.columns import blob

BLOCK: Final = 4_096  # lines: a whole part of the tree
BATCH: Final = 4  # blocks in one call


def is_author_shown(core: Core, id_: str) -> bool:
    """Whether the member agrees that the container of this message discloses who published it."""
    return id_[:2] == core.member and core.config.evidence.show_author


async def prove_author(core: Core, id_: str, rev: int) -> bytes | None:
    """Return the lines about who published a revision of ours, as a report under a signed head; None without any.

    The log is signed to its end first. What a verifier would refuse is left out.
    """
    if not is_author_shown(core, id_):
        return None
    await core.run(auditing.sign, core)
    while await core.run_read_only(make_blocks, core):
        pass
    return await core.run_read_only(report_author, core, id_, rev)


def make_blocks(core: Core) -> bool:
    """Compute the roots of the next blocks of signed lines; returns whether there may be more.

    On the reader's thread.
    """
    known = core.audit.blocks
    with core.database.reading() as connection:
        head = audit.newest_head(connection)
        last = head.n // BLOCK if head is not None else 0
        for number in range(len(known), min(last, len(known) + BATCH)):
            core.yield_to_writer()
            known.append(Tree(ALGORITHM, _leaves(core, connection, number * BLOCK, BLOCK)).root)
    return len(known) < last


def report_author(core: Core, id_: str, rev: int) -> bytes | None:
    """Return the report that `prove_author` makes, from the blocks that are there. On the reader's thread."""
    with core.database.reading() as connection:
        head = audit.newest_head(connection)
        signed = auditing.shown_head(head) if head is not None else None
        if signed is None or not isinstance(signed.root, str):
            return None
        about = stamps.about(connection, stamps.AUTHOR_ACTS, f"{id_} {rev}")
        rows = [row for row in about if row.n <= signed.head]
        if not rows:
            return None
        made = _report(core, connection, id_, rows, signed)
    try:
        auditline.verify_report(made)
    except BrokenLog:  # the log was altered; the check audit-signed reports it
        core.audit.blocks.clear()
        return None
    return made


def _report(core: Core, connection: Connection, id_: str, rows: Sequence[Row[Any]], head: SignedHead) -> bytes:
    title = auditline.ReportTitle(
        audit_report=auditline.REPORT, federation=core.federation, member=core.member, about=id_, person=None,
        since=None, until=None,
    )  # fmt: skip
    lines = [
        Line(
            n=row.n, at=row.at, who=row.who, what=row.what, about=row.about, hash=blob(row.hash).hex(),
            salt=audit_tree.salt_of(core, row).hex(),
        )
        for row in rows
    ]  # fmt: skip

    def path_of(index: int) -> tuple[bytes, ...]:
        return _path(core, connection, index, head.head)

    return b"".join(auditline.write_report(title, head, lines, path_of))


def _path(core: Core, connection: Connection, index: int, size: int) -> tuple[bytes, ...]:
    """Return the path of a leaf: within its block, then among the blocks, of which the last may be shorter."""
    block, whole = index // BLOCK, size // BLOCK
    roots = core.audit.blocks[:whole]
    if size % BLOCK:
        roots.append(Tree(ALGORITHM, _leaves(core, connection, whole * BLOCK, size % BLOCK)).root)
    inside = _leaves(core, connection, block * BLOCK, min(BLOCK, size - block * BLOCK))
    return (*Tree(ALGORITHM, inside).path(index % BLOCK), *Tree(ALGORITHM, roots).path(block))


def _leaves(core: Core, connection: Connection, after: int, count: int) -> list[bytes]:
    return list(audit_tree.leaves(core, audit.lines(connection, after, count)))

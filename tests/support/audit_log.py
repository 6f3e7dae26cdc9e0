"""The audit log of a gateway in tests: lines in it, its export, and a rewritten one."""

from pathlib import Path

from suar.protocol.files.auditlog import exported_lines, line_hash
from suar.store.people import access
from support import read_out, stores
from support.corekit import CoreKit


def act(kit: CoreKit, *names: str) -> None:
    """A line for each name."""
    with kit.core.transaction() as connection:
        access.notes(connection, [(kit.now, "desk", "publish", name) for name in names])


def exported(kit: CoreKit) -> list[bytes]:
    """The whole log as a file has it."""
    return list(exported_lines(iter([read_out.audit_page(kit.core, 0, 1_000, "auditor")])))


def rewrite(folder: Path, n: int, who: str = "somebody-else", *, keep_heads: bool = False) -> None:
    """Line `n` as done by another, every hash behind it anew, no head left: by who can write the folder's store."""
    with stores.outsider(folder) as store:
        if stores.is_sqlite():
            store.execute("begin immediate")  # a gateway that runs adds lines
        lines = store.execute("select n, at, who, what, about, hash from audit order by n").fetchall()
        before = next((line[5] for line in lines if line[0] == n - 1), bytes(32))
        for number, at, was, what, about, _ in (line for line in lines if line[0] >= n):
            named = who if number == n else was
            before = line_hash(before, number, at, named, what, about)
            store.execute("update audit set who = ?, hash = ? where n = ?", (named, before, number))
        if not keep_heads:
            store.execute("delete from audit_head")

"""Copies of an SQLite store: created while a gateway writes to it, checked, and marked as restored."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import ZERO32
from suar.protocol.files.auditlog import line_hash
from suar.store.migrations import schema
from suar.store.recovery.positions import HOLDS_OPEN, RESTORED, RIGHTS_DIFFER, RIGHTS_OF
from suar.store.tables.columns import blob

STORE = "suar.db"
_WAIT = 30.0  # seconds for a writer to finish


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path, timeout=_WAIT)
    try:
        yield connection
    finally:
        connection.close()


def is_on_server(url: str) -> bool:
    """Return whether the store of that URL is in PostgreSQL (server_copies.py, which needs its driver)."""
    return url.startswith("postgresql")


def copy(source: Path, target: Path) -> None:
    """Copy the committed state of one moment, without the log. `target` is new and gets mode 0600. Fault on failure.

    All pages are copied in one step: a reader of one snapshot does not block writers, and no writer restarts it.
    """
    target.touch(mode=0o600, exist_ok=False)
    try:
        with _opened(source) as read, _opened(target) as write:
            read.backup(write, pages=-1)
            write.execute("PRAGMA journal_mode=DELETE")  # one file
    except sqlite3.Error as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_FULL:  # only `target` is written
            raise Fault(f"the disk of {target.parent} is full", "make room there, or write to another disk") from None
        raise Fault(f"the store {source} cannot be copied: {error}", "check its disk and permissions") from None


def revision(path: Path) -> str:
    """Return the revision that a store of any version states; "" where there is no store, or it cannot be read."""
    if not path.exists():
        return ""
    try:
        with _opened(path) as store:
            return schema.stated(store)
    except (sqlite3.Error, Fault):
        return ""


def describe(path: Path) -> tuple[str, int]:
    """Return (revision of the schema, version of the current trust list) of an intact store; otherwise Fault."""
    try:
        with _opened(path) as store:
            schema.check(store)
            sound = store.execute("PRAGMA integrity_check").fetchone()[0]
            revision = store.execute("SELECT version_num FROM alembic_version").fetchone()[0]
            version = store.execute("SELECT max(version) FROM trust_list").fetchone()[0]
    except (sqlite3.Error, TypeError) as error:
        raise Fault(f"{path.name} in the backup is no store: {error}", "take an older backup") from None
    if sound != "ok":
        raise Fault(f"{path.name} in the backup is damaged: {sound}", "take an older backup")
    return str(revision), int(version or 0)


def schema_fault(path: Path) -> Fault | None:
    """Return why a gateway would not start with the schema of this store; None if it would, or if there is no store."""
    if not path.exists():
        return None
    try:
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as store:
            schema.check(store)
    except Fault as fault:
        return fault
    except sqlite3.Error as error:
        return Fault(f"the store {path} cannot be read: {error}", schema.NEXT)
    return None


def sealed_account(path: Path) -> bytes | None:
    """Return the sealed account of a store's rows, None if it has none; the store is not changed. Fault on failure."""
    try:
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as store:
            row = store.execute("SELECT sealed FROM integrity WHERE id = 1").fetchone()
    except sqlite3.Error as error:
        raise Fault(f"the store {path} cannot be read: {error}", schema.NEXT) from None
    return None if row is None else blob(row[0])


def texts_of_others(path: Path, own: str) -> int:
    """Return the number of other members' messages whose text the store has: those that a cancel would destroy."""
    with _opened(path) as store:
        wanted = "SELECT count(*) FROM message WHERE body IS NOT NULL AND origin <> ?"
        return int(store.execute(wanted, (own,)).fetchone()[0])


def is_known(revision: str) -> bool:
    """Return whether this version of suar can read a store with that schema."""
    return revision in schema.revisions()


def has_open_holds(path: Path) -> bool:
    """Return whether a restored store waits for the confirmation of its legal holds (positions.mark_restored)."""
    with _opened(path) as store:
        row = store.execute("SELECT value FROM meta WHERE name = ?", (HOLDS_OPEN,)).fetchone()
        return bool(row and row[0])


def has_account(path: Path) -> bool:
    """Return whether the store belongs to a version with an account of its rows."""
    with _opened(path) as store:
        wanted = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'integrity'"
        return bool(store.execute(wanted).fetchone()[0])


def mark_restored(path: Path, now: int, *, holds: bool, as_of: int) -> None:
    """Mark a store without an account of its rows as a copy that was restored at `now` (ms).

    `holds`, `as_of`: as of positions.mark_restored; such a store is older than legal holds.
    """
    with _opened(path) as store, store:
        marks = [(name, str(now)) for name in ((RESTORED, HOLDS_OPEN) if holds else (RESTORED,))]
        marks += [(RIGHTS_OF, str(as_of)), (RIGHTS_DIFFER, "")]
        store.executemany("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", marks)
        n, digest = store.execute("SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1").fetchone() or (0, ZERO32)
        line = (n + 1, now, "operator", "restore", "this state was put back from a backup")
        row = (*line, line_hash(digest, *line))
        store.execute("INSERT INTO audit (n, at, who, what, about, hash) VALUES (?, ?, ?, ?, ?, ?)", row)

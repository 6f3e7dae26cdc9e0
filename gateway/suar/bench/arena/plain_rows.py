"""The plain program's store: rows as long as in the gateway's table `message`, SQLite with WAL and full syncs."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

_PRAGMAS: Final = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000")
TABLE: Final = """
CREATE TABLE IF NOT EXISTS message (
  n INTEGER PRIMARY KEY, id VARCHAR(48) NOT NULL, rev INTEGER NOT NULL, digest BLOB NOT NULL,
  origin VARCHAR(2) NOT NULL, kind VARCHAR(16) NOT NULL, realm VARCHAR(8) NOT NULL, action VARCHAR(8) NOT NULL,
  tlp VARCHAR(16) NOT NULL, at BIGINT NOT NULL, sent BIGINT NOT NULL, expires BIGINT NOT NULL, lane INTEGER NOT NULL,
  frame_hash BLOB, place INTEGER, frame BLOB,
  body BLOB, body_key BLOB, opened_at BIGINT, read_at BIGINT, readers TEXT, published BIGINT, UNIQUE (id, rev)
);
CREATE INDEX IF NOT EXISTS message_listing ON message (origin, kind, n);
CREATE INDEX IF NOT EXISTS message_urgency ON message (lane, n);
CREATE INDEX IF NOT EXISTS message_expiry ON message (expires, n);
CREATE INDEX IF NOT EXISTS message_frame ON message (frame_hash) WHERE frame_hash IS NOT NULL;
CREATE INDEX IF NOT EXISTS message_inbox ON message (realm, origin, kind, lane, n, expires, action);
"""
_INSERT: Final = (
    "INSERT INTO message"
    " (id, rev, digest, origin, kind, realm, action, tlp, at, sent, expires, lane, frame_hash, place, body, body_key)"
    " VALUES (?, 1, ?, 'TH', 'alert', 'actual', 'new', 'AMBER', 1, 1, 1, 1, ?, 0, ?, ?) ON CONFLICT DO NOTHING"
)
_MARK: Final = "UPDATE message SET published = 1 WHERE n BETWEEN ? AND ?"
_FILL: Final = bytes(32)  # replaces hashes that the plain program does not compute, so that rows are as long


class Rows:
    """One SQLite file and the thread that writes it."""

    def __init__(self, path: str) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for pragma in _PRAGMAS:
            self.connection.execute(f"PRAGMA {pragma}").fetchall()
        self.connection.executescript(TABLE)
        self._thread = ThreadPoolExecutor(1)

    async def insert(self, bodies: Sequence[tuple[int, bytes]]) -> None:
        """Insert (number, body) rows; committed when it returns."""
        rows = [(f"TH-ALERT-2027-{number:06}", _FILL, _FILL, body, _FILL) for number, body in bodies]
        await self._commit(lambda: self.connection.executemany(_INSERT, rows))

    async def mark(self, first: int, last: int) -> None:
        """Mark rows `first` to `last` as published."""
        await self._commit(lambda: self.connection.execute(_MARK, (first, last)))

    async def count(self) -> int:
        """Return the number of rows."""
        loop = asyncio.get_running_loop()
        counted = self.connection.execute
        found = await loop.run_in_executor(self._thread, lambda: counted("SELECT count(*) FROM message").fetchone())
        return int(found[0])

    async def _commit(self, write: Callable[[], object]) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._transaction, write)

    def _transaction(self, write: Callable[[], object]) -> None:
        self.connection.execute("BEGIN IMMEDIATE")
        write()
        self.connection.execute("COMMIT")


def fresh(path: Path) -> None:
    """Remove the file of a process that does not run."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)

"""The connections to the store: how each is opened, which are kept, and SQLite's log, written into its file beside.

A commit appends to the log. By itself SQLite checkpoints within the commit that makes the log long, which then takes
megabytes and two more fsyncs. On a separate thread it delays nobody, and what is on disk after a commit is the same. If
the writer is faster, SQLite checkpoints by itself when the log has LOG_PAGES pages.
"""

import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from threading import Lock
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

FOLD_EVERY: Final = 0.5  # seconds, at most
LOG_PAGES: Final = 4_000  # 32 MiB
CACHE_KIB: Final = 8 * 1024  # of pages that a connection keeps; with SQLite's 2 MiB those of random keys are read again
VALUE_MAX: Final = 32 * 1024 * 1024  # bytes of a value or row that SQLite reads or writes: none is near it
BUSY_MS: Final = 5_000
_PRAGMAS: Final = (
    "PRAGMA page_size=8192",  # of a new store: two or three messages a page, where 4 KiB hold one and waste the rest
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # acknowledged means on disk
    "PRAGMA secure_delete=ON",  # a destroyed body leaves nothing behind
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={BUSY_MS}",
    f"PRAGMA wal_autocheckpoint={LOG_PAGES}",
    f"PRAGMA cache_size=-{CACHE_KIB}",
    "PRAGMA temp_store=MEMORY",  # triggers of this connection alone: row_macs.py
    "PRAGMA trusted_schema=OFF",  # what stands in the file calls no function of ours
)


def engines(url: URL, *, is_sqlite: bool) -> tuple[Engine, Engine]:
    """The engine that writes and the one that reads: with SQLite two, whose transactions begin differently."""
    if not is_sqlite:
        both = create_engine(url, pool_size=4)
        return both, both
    found = []
    for begin in (_begin_immediate, _begin):
        made = create_engine(
            url, poolclass=QueuePool, pool_size=2, connect_args={"check_same_thread": False, "isolation_level": None}
        )
        event.listen(made, "connect", _set_pragmas)
        event.listen(made, "begin", begin)
        found.append(made)
    return found[0], found[1]


class Checkpointer:
    """Notified of every commit by the thread that commits."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="fold")
        self._going: Future[None] | None = None
        self._due = 0.0

    def schedule(self) -> None:
        """Schedule a checkpoint, because the log has new content."""
        now = time.monotonic()
        if now >= self._due and (self._going is None or self._going.done()):
            self._due = now + FOLD_EVERY
            self._going = self._thread.submit(self.checkpoint)

    def checkpoint(self) -> None:
        """Write the part of the log that no reader needs. A full disk is reported by the next commit."""
        with (
            suppress(DBAPIError, self._engine.dialect.loaded_dbapi.Error),
            closing(self._engine.raw_connection()) as raw,
        ):
            raw.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")

    def close(self) -> None:
        """Wait for a checkpoint in progress."""
        self._thread.shutdown(wait=True)


class KeptConnection:
    """One connection kept between transactions, because taking one from the pool costs more than a small change."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._kept: Connection | None = None
        self._lock = Lock()

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Return the kept connection, or another one while that is in use.

        A connection that failed is not used again.
        """
        if not self._lock.acquire(blocking=False):
            with self.engine.connect() as other:
                yield other
            return
        try:
            self._kept = self._kept or self.engine.connect()
            yield self._kept
        except BaseException:
            self._forget()
            raise
        finally:
            self._lock.release()

    def _forget(self) -> None:
        kept, self._kept = self._kept, None
        if kept is not None:
            with suppress(Exception):  # what it failed with is on its way up
                kept.close()

    def close(self) -> None:
        """Close it and every other."""
        self._forget()
        self.engine.dispose()


def _set_pragmas(connection: Any, _record: Any) -> None:
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, VALUE_MAX)
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin(connection: Connection) -> None:
    _execute(connection, "BEGIN")


def _begin_immediate(connection: Connection) -> None:
    """Take SQLite's write lock at the start, so that a transaction never fails half way as busy."""
    _execute(connection, "BEGIN IMMEDIATE")


def _execute(connection: Connection, words: str) -> None:
    """Run a statement with the driver's cursor; SQLAlchemy's overhead exceeds a small transaction."""
    cursor = connection.connection.cursor()
    try:
        cursor.execute(words)
    finally:
        cursor.close()

"""A store in an SQLite file: how each connection is opened, and the checkpoints of SQLite's log.

A commit appends to the log. By default SQLite checkpoints within the commit that makes the log long, which then takes
megabytes and two more fsyncs. A separate thread does it without a delay, and what is on disk after a commit is the
same. If the writer is faster, SQLite checkpoints by itself when the log has LOG_PAGES pages.
"""

import sqlite3
import time
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from suar.observe.numbers import SharedStore
from suar.store.engine.backends.lease import Lease
from suar.store.tables.columns import text_of

FOLD_EVERY: Final = 1.0  # seconds, at most; each copies the pages of random keys again
LOG_PAGES: Final = 4_000  # 32 MiB
CACHE_KIB: Final = 8 * 1024  # pages in a connection's cache; with SQLite's 2 MiB those of random keys are read again
VALUE_MAX: Final = 32 * 1024 * 1024  # upper limit in bytes of a value or row; real ones are far smaller
BUSY_MS: Final = 5_000
BUSY_PAUSE: Final = 0.005  # seconds between attempts where SQLite itself does not wait
_PRAGMAS: Final = (
    "PRAGMA page_size=8192",  # of a new store: two or three messages a page, where 4 KiB hold one and waste the rest
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # acknowledged means on disk
    "PRAGMA secure_delete=ON",  # a destroyed body leaves no copy
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={BUSY_MS}",
    f"PRAGMA wal_autocheckpoint={LOG_PAGES}",
    f"PRAGMA cache_size=-{CACHE_KIB}",
    "PRAGMA temp_store=MEMORY",  # triggers of this connection alone: row_macs.py
    "PRAGMA trusted_schema=OFF",  # nothing in the file can call a function of this process
)


class SqliteFile:
    """One file with its log."""

    lease: Lease | None = None  # the lock of the state folder prevents a second writer
    erasure_waits_for = ""  # the length of the log shows a reader that blocks it

    def __init__(self, url: URL) -> None:
        self.path = Path(url.database or "")
        self.writer, self.readers = _engine(url, _begin_immediate), _engine(url, _begin)
        self._folding = Checkpointer(self.readers)

    @property
    def display_name(self) -> str:
        """The file."""
        return str(self.path)

    def prepare(self) -> None:
        """Set the file mode before SQLite opens the store, because the log file gets the same mode."""
        with suppress(OSError):  # reported when it is opened
            self.path.touch(mode=0o600)
            for each in (self.path, self._side_file("-wal"), self._side_file("-shm")):
                if each.exists():
                    each.chmod(0o600)

    def _side_file(self, end: str) -> Path:
        return self.path.with_name(self.path.name + end)

    def lock_migration(self, connection: Connection) -> None:
        """Do nothing: the transaction began with SQLite's write lock."""

    def note_commit(self) -> None:
        """Copy the log into the file, on another thread."""
        self._folding.schedule()

    def hint(self, reason: str) -> str:
        """Return what to do if the disk or the file failed."""
        if "full" in reason:
            return "make room on the disk of the state folder; nothing that was accepted is lost"
        return "check the disk and the permissions of the state folder; the gateway goes on by itself once it can write"

    def note_misnumbered(self, error: object) -> bool:
        """Return False: SQLite numbers rows by the rows that are there."""
        return False

    def view_of(self, connection: Connection) -> Hashable:
        """Return SQLite's number of what other connections committed; only comparable within this connection."""
        raw: Any = connection.connection.driver_connection
        return raw, raw.execute("PRAGMA data_version").fetchone()[0]

    def log_bytes(self) -> int:
        """Return the size of SQLite's log, 0 if there is none."""
        try:
            return self._side_file("-wal").stat().st_size
        except OSError:
            return 0

    def erase(self, destroyed: int, tables: frozenset[str]) -> bool:
        """Copy SQLite's whole log into the file, which zeroes what is deleted, and truncate the log.

        Returns False while a reader needs the log.
        """
        with closing(self.writer.raw_connection()) as raw:
            cursor = raw.cursor()
            try:
                cursor.execute("PRAGMA busy_timeout=0")  # the core's thread does not wait for a reader
                return bool(cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)
            except sqlite3.OperationalError:
                return False
            finally:
                cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")

    def shared_store(self, connection: Connection) -> SharedStore | None:
        """Return None: no other machine reaches the store."""
        return None

    def close(self) -> None:
        """Wait for a checkpoint in progress."""
        self._folding.close()


def _engine(url: URL, begin: Callable[[Connection], None]) -> Engine:
    made = create_engine(
        url, poolclass=QueuePool, pool_size=2, connect_args={"check_same_thread": False, "isolation_level": None}
    )
    event.listen(made, "connect", _set_pragmas)
    event.listen(made, "begin", begin)
    return made


class Checkpointer:
    """Copies the log into the file; the committing thread notifies it of every commit."""

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


def _set_pragmas(connection: Any, _record: Any) -> None:
    connection.text_factory = text_of
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, VALUE_MAX)
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        _execute_when_free(cursor, pragma)
    cursor.close()


def _execute_when_free(cursor: sqlite3.Cursor, statement: str) -> None:
    """Execute a statement that SQLite may refuse as busy at once: two that open a new store both put it into WAL."""
    until = time.monotonic() + BUSY_MS / 1000
    while True:
        try:
            cursor.execute(statement)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(BUSY_PAUSE)
        else:
            return


@contextmanager
def any_size(connection: Connection) -> Iterator[None]:
    """Let statements of this connection read values of any size until the block ends."""
    raw: Any = connection.connection.driver_connection
    raw.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 0x7FFFFFFF)
    try:
        yield
    finally:
        raw.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, VALUE_MAX)


def _begin(connection: Connection) -> None:
    _execute(connection, "BEGIN")


def _begin_immediate(connection: Connection) -> None:
    """Take SQLite's write lock at the start, so that another writer never makes a transaction fail later."""
    _execute(connection, "BEGIN IMMEDIATE")


def _execute(connection: Connection, statement: str) -> None:
    """Run a statement with the driver's cursor; SQLAlchemy's overhead exceeds a small transaction."""
    cursor = connection.connection.cursor()
    try:
        cursor.execute(statement)
    finally:
        cursor.close()

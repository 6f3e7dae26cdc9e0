"""Removes destroyed rows from PostgreSQL's files.

A row that is changed or deleted leaves its older version in its table's file, also after VACUUM. VACUUM FULL writes a
table again and removes the old file, and a replica does the same once it has replayed that. It locks the table in the
meantime, so it runs in parallel with the core and gives up if a reader holds the table. That takes as long as the table
is large, so the keys of bodies and frames have a small one of their own (engine/keys/row_keys.py). The server's log
(pg_wal) and its archives keep what was written, as backups do: docs/operators.md.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from sqlalchemy import URL, NullPool, text
from sqlalchemy.exc import DBAPIError

from suar.store.engine.backends.replicas import Position, Replicas, position
from suar.store.engine.backends.sessions import open_engine

KEYS: Final = "row_key"
"""The table that is written again after every destruction."""
LOCK_WAIT: Final = "1s"  # for the lock of a table; the writer waits for it too
_FAILED: Final = "the database, where a table is read for long or which is away"


class Eraser:
    """Rewrites those tables, on a separate thread and connection."""

    def __init__(self, url: URL) -> None:
        self._engine = open_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        self._replicas = Replicas(self._engine, url)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="erase")
        self._going: Future[bool] | None = None
        self._written: Position | None = None  # after the tables were written again
        self._tables: list[str] = []
        self._destroyed: int | None = None  # the number of the last destruction that this run covers
        self.waits_for = ""  # what has not followed so far, as text for people; read by any thread

    def erase(self, destroyed: int, tables: frozenset[str]) -> bool:
        """Erase what was destroyed from the files of the server and of its replicas, in parallel; returns False while a
        file may still contain it.

        `destroyed` is another number after each further destruction; `tables` had a text, a frame or a key in a row
        that was destroyed. An unreachable replica is waited for.
        """
        if self._going is not None and not self._going.done():
            return False
        if self._destroyed != destroyed:
            self._destroyed, self._written, self._going = destroyed, None, None
            self._tables = [KEYS, *sorted(tables)]
        if self._going is not None and self._going.result():
            return True
        self._going = self._thread.submit(self._advance)
        return False

    def _advance(self) -> bool:
        """Write the tables again, once, and compare the replicas; returns False while that has failed or one has not
        followed.
        """
        try:
            self._written = self._written or self._rewrite()
            with self._engine.connect() as connection:
                self.waits_for = self._replicas.waits_for(connection, self._written)
        except DBAPIError:  # once more
            self.waits_for = _FAILED
            return False
        return not self.waits_for

    def _rewrite(self) -> Position:
        with self._engine.connect() as connection:
            connection.execute(text(f"SET lock_timeout = '{LOCK_WAIT}'"))
            for table in self._tables:
                connection.execute(text(f"VACUUM (FULL) {table}"))
            return position(connection)

    def close(self) -> None:
        """Wait for a run in progress."""
        self._thread.shutdown(wait=True)

"""What was destroyed leaves PostgreSQL's files.

A row that is changed or deleted leaves its older version in its table's file, also after VACUUM. VACUUM FULL writes a
table anew and removes the old file, and a standby does the same when it has replayed that. It keeps the table locked
meanwhile, so it runs beside the core and gives up where a reader holds the table. The server's log (pg_wal) and its
archives keep what was written, as backups do: docs/operators.md.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from sqlalchemy import URL, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

TABLES: Final = ("message", "kept_proof", "receipt_frame", "quarantine", "alarm", "sample")
"""Where a recall destroys texts, their keys, and frames."""
LOCK_WAIT: Final = "1s"  # for a reader of a table, in which the writer waits too
_BEHIND: Final = text(
    "SELECT (SELECT count(*) FROM pg_stat_replication WHERE replay_lsn IS NULL OR replay_lsn < CAST(:lsn AS pg_lsn))"
    " + (SELECT count(*) FROM pg_replication_slots WHERE slot_type = 'physical' AND NOT active)"
)


class Eraser:
    """Writes those tables anew, on a thread and a connection of its own."""

    def __init__(self, url: URL, connect_args: dict[str, object]) -> None:
        self._engine = create_engine(
            url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=connect_args, hide_parameters=True
        )
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="erase")
        self._going: Future[str] | None = None
        self._destroyed: int | None = None  # the last that the rewriting covers

    def has_erased(self, destroyed: int) -> bool:
        """Whether what was destroyed is in no file of the server and of its standbys; else it is begun beside.

        `destroyed`: another number once more was destroyed. A standby that is away is waited for.
        """
        if self._going is not None and not self._going.done():
            return False
        if self._going is None or self._destroyed != destroyed:
            self._destroyed, self._going = destroyed, self._thread.submit(self._rewrite)
            return False
        try:
            return self._is_replayed(self._going.result())
        except DBAPIError:  # a reader held a table, or the server is away: once more
            self._going = None
            return False

    def _rewrite(self) -> str:
        """The position in the server's log behind all of it."""
        with self._engine.connect() as connection:
            connection.execute(text(f"SET lock_timeout = '{LOCK_WAIT}'"))
            for table in TABLES:
                connection.execute(text(f"VACUUM (FULL) {table}"))
            connection.execute(text("CHECKPOINT"))
            return str(connection.execute(text("SELECT pg_current_wal_lsn()")).scalar_one())

    def _is_replayed(self, position: str) -> bool:
        with self._engine.connect() as connection:
            return bool(connection.execute(_BEHIND, {"lsn": position}).scalar_one() == 0)

    def close(self) -> None:
        """Wait for one that is going on."""
        self._thread.shutdown(wait=True)

"""A store in a database of PostgreSQL: one connection that writes, three that read, each reader in one read-only view.

The database compares texts byte by byte (locale C) and holds UTF-8, as SQLite's file does. Both therefore list, compare
and find rows alike, and no index depends on the locales of a machine. docs/operators.md describes how to create it.
"""

from collections.abc import Hashable
from typing import Final

from sqlalchemy import URL, Connection, Engine, event, text

from suar.observe.numbers import SharedStore
from suar.store.engine.backends import sequences
from suar.store.engine.backends.erasing import Eraser
from suar.store.engine.backends.lease import KEPT, UNREADY, Lease, leading_of, waiting
from suar.store.engine.backends.server_checks import is_plain, missing_roles, prepare_session, require_database
from suar.store.engine.backends.sessions import WAIT, open_engine, sync_commits

READERS: Final = 3
_MIGRATION: Final = 0x73756172  # the advisory lock of the process that migrates: "suar"
_SNAPSHOT: Final = text("SELECT CAST(pg_current_snapshot() AS text)")
_REPLICAS: Final = text(
    "SELECT count(*) AS every, count(*) FILTER (WHERE sync_state IN ('sync', 'quorum')) AS synchronous"
    " FROM pg_stat_replication WHERE state = 'streaming'"
)


class PostgresqlDatabase:
    """One database of a cluster."""

    def __init__(self, url: URL) -> None:
        self._url = url.set(drivername="postgresql+psycopg")
        self.writer = _engine(self._url, 1)
        event.listen(self.writer, "connect", sync_commits)
        event.listen(self.writer, "begin", self._number_again)
        self._is_misnumbered = False  # since a statement failed because of a sequence
        self.readers: Engine = _engine(self._url, READERS).execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        self.lease: Lease | None = Lease(self.writer, self._url)
        self._eraser = Eraser(self._url)

    @property
    def display_name(self) -> str:
        """The URL without its password."""
        return self._url.render_as_string(hide_password=True)

    def prepare(self) -> None:
        """Refuse a database whose erasure or order of texts differs from SQLite's, or a connection that would keep the
        lease after its gateway is gone. Raises StoreFault.
        """
        with self.readers.connect() as connection:
            prepare_session(connection.connection.driver_connection)
            require_database(connection, self.display_name)

    def lock_migration(self, connection: Connection) -> None:
        """Wait until no other process migrates the store."""
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION})

    def note_commit(self) -> None:
        """Do nothing: the server writes its own checkpoints."""

    def hint(self, reason: str) -> str:
        """Return what to do if the server or the connection to it failed."""
        if "No space left" in reason:
            return "make room on the disk of the database; nothing that was accepted is lost"
        if "permission denied" in reason:
            return "give the role of store.url its rights of before: it owns the database and the tables of the store"
        if sequences.is_named(reason):
            return sequences.HINT
        return "check the database and the way to it; the gateway goes on by itself once it can write"

    def note_misnumbered(self, error: object) -> bool:
        """Note that a sequence's position made a statement fail; False: it did not. The next transaction sets it behind
        the rows.
        """
        if not sequences.is_at_fault(error):
            return False
        self._is_misnumbered = True
        return True

    def _number_again(self, connection: Connection) -> None:
        if self._is_misnumbered:
            self._is_misnumbered = False
            sequences.set_behind_rows(connection)

    def view_of(self, connection: Connection) -> Hashable:
        """Return the server's snapshot: the transactions that the connection sees."""
        return connection.execute(_SNAPSHOT).scalar_one()  # type: ignore[no-any-return]

    def log_bytes(self) -> int:
        """Return 0: the server's log belongs to its administrators."""
        return 0

    def erase(self, destroyed: int, tables: frozenset[str]) -> bool:
        """Remove what was destroyed from the tables' files, in parallel; return whether that is complete."""
        return self._eraser.erase(destroyed, tables)

    def shared_store(self, connection: Connection) -> SharedStore | None:
        """Return the state of the lease, the waiting gateways and the replicas, as this connection sees it."""
        leading, replicas = leading_of(connection.execute(text(KEPT)).scalar()), connection.execute(_REPLICAS).one()
        return SharedStore(
            term=leading.term if leading else 0,
            standbys=waiting(connection),
            unready=waiting(connection, UNREADY),
            replicas=replicas.every,
            synchronous=replicas.synchronous,
            missing_roles=missing_roles(connection),
            is_plain=is_plain(connection.connection.driver_connection),
        )

    @property
    def erasure_waits_for(self) -> str:
        """Return the replica that has not followed, or the reader that holds a table."""
        return self._eraser.waits_for

    def close(self) -> None:
        """Wait for an erasure in progress."""
        self._eraser.close()


def _engine(url: URL, connections: int) -> Engine:
    """Return an engine with at most `connections`."""
    return open_engine(url, pool_size=connections, max_overflow=0, pool_timeout=WAIT)

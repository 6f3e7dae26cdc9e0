"""Opening, migrating and committing, in either database (backends); one writer, the core's thread."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, Final, Protocol

from sqlalchemy import Connection, make_url
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from suar.observe.numbers import SharedStore
from suar.store.engine.backends.postgresql import PostgresqlDatabase
from suar.store.engine.backends.seam import Backend, KeptConnection
from suar.store.engine.backends.sqlite import SqliteFile, any_size
from suar.store.engine.bookkeeping import Books
from suar.store.engine.hashing import triggers
from suar.store.engine.hashing.sqlite_schema import SqliteSchema
from suar.store.engine.row_macs import KEEPER, READS, Columns, RowMacs, Way
from suar.store.faults import StoreFault
from suar.store.migrations import schema

_TOO_BIG: Final = "too big"
_ALTERED: Final = ("malformed", "not a database", "no such", _TOO_BIG)
"""What SQLite and its driver say of a file that others wrote."""
_DENIED: Final = "42501"  # SQLSTATE of a role without the right
_BY_SETTINGS: Final = (_DENIED, "25006", "40001", "55P03", "57014")
"""SQLSTATEs of statements that fail by a setting of the role: a right, read only, isolation, two limits of time."""
_OURS: Final = (DataError, IntegrityError, ProgrammingError)  # a wrong statement is a bug, never a state of the disk

__all__ = ["Database", "StoreFault"]


def _any_thread() -> None:
    """Accept every thread."""


def _import_hashing() -> None:
    """Import what only a store in PostgreSQL needs, so that a standby has it before it takes over."""
    from suar.store.engine.hashing import notices, postgresql_schema  # noqa: F401


class SchemaGuard(Protocol):
    """Compares the schema of a protected store with the code's: hashing/sqlite_schema.py, postgresql_schema.py."""

    def before_writing(self, connection: Connection, books: Books) -> None:
        """Check the schema at the start of a transaction that writes."""

    def before_commit(self, connection: Connection, books: Books) -> None:
        """Check the schema at the end of such a transaction."""

    def while_reading(self, connection: Connection, books: Books) -> None:
        """Check the schema when a view of the store begins."""

    def after_failure(self, connection: Connection, books: Books) -> None:
        """Check the schema in a view of the store after a statement failed: a change closes the store."""

    def compare(self, connection: Connection, books: Books) -> None:
        """Compare the whole schema; a finding closes the store."""


class Database:
    """The store of one gateway. `url` is SQLAlchemy's; None means `suar.db` in the state folder."""

    def __init__(self, state: Path, url: str | None = None) -> None:
        self.url = make_url(url or f"sqlite:///{state / 'suar.db'}")
        self.path = Path(self.url.database or "")  # of the embedded store
        self._backend: Backend = SqliteFile(self.url) if self.is_sqlite else PostgresqlDatabase(self.url)
        self.engine, self.lease = self._backend.writer, self._backend.lease
        self._writer, self._reader = KeptConnection(self.engine), KeptConnection(self._backend.readers)
        self.books: Books | None = None
        self._schema: SchemaGuard | None = None  # once the store is protected
        self.verified_schema: str | None = None  # of an earlier version, whose rows were verified before `migrate`
        self._check_writing: Callable[[], None] = _any_thread
        self._check_reading: Callable[[], None] = _any_thread
        if not self.is_sqlite:
            _import_hashing()

    def guard(self, check_writing: Callable[[], None], check_reading: Callable[[], None]) -> None:
        """Register checks that run before every transaction and every view.

        They raise on a thread that may not start one.
        """
        self._check_writing, self._check_reading = check_writing, check_reading

    def protect(self, books: Books) -> None:
        """Update the account of protected rows with every transaction from now on; for a store of this version."""
        self._schema, way, columns = (self._with_triggers if self.is_sqlite else self._with_notices)(books.macs)
        books.macs.install(self.engine, columns, way)
        books.is_shared = self.lease is not None
        books.may_keep = lambda: self.lease is None or not self.lease.is_over
        self.books = books

    def _with_triggers(self, macs: RowMacs) -> tuple[SchemaGuard, Way, dict[str, Columns]]:
        made = SqliteSchema()
        with self.reading() as connection:
            made.learn(connection)
            columns = triggers.columns_of(connection)
        self._writer.close()
        return made, triggers.Triggers(macs), columns

    def _with_notices(self, macs: RowMacs) -> tuple[SchemaGuard, Way, dict[str, Columns]]:
        """Keep the hashes in the writing session, which stays open because it has the lease."""
        from suar.store.engine.backends.sequences import set_behind_rows
        from suar.store.engine.hashing.notices import Notices
        from suar.store.engine.hashing.postgresql_schema import PostgresqlSchema

        way = Notices(macs)
        made = PostgresqlSchema(way)
        with self.begin() as connection:
            columns = way.prepare(connection, is_missing=made.is_different(connection))
        with self.reading() as connection:
            made.learn(connection)
        with self.begin() as connection:
            set_behind_rows(connection)
        return made, way, columns

    def find_columns(self, macs: RowMacs, connection: Connection) -> None:
        """Read the columns of protected tables as the store has them, whatever its version is."""
        if self.is_sqlite:
            macs.columns, macs.way = triggers.columns_of(connection), triggers.Triggers(macs)
            return
        from suar.store.engine.hashing import notices, postgresql_columns

        macs.columns, macs.way = postgresql_columns.columns_of(connection), notices.Notices(macs)

    @property
    def is_sqlite(self) -> bool:
        """Whether the store is the embedded one."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def is_leading(self) -> bool:
        """Whether this process may send what it wrote: always, if no other machine reaches the store. Any thread."""
        return self.lease is None or self.lease.is_fresh

    def acquire(self) -> None:
        """Make this process the only one that writes. LeaseFault while another gateway leads; nothing for a file.

        Call it before `migrate`; `claim` follows it, before anything else.
        """
        if self.lease is None:
            return
        self.lease.require()
        try:
            with self._writer.connection():
                pass
        except DBAPIError as error:
            raise self._fault(str(error.orig)) from error

    def claim(self, keyrings: tuple[str, ...], host: str) -> None:
        """Begin a term of the lease, if there is one: see `Lease.claim`."""
        if self.lease is not None:
            with self.begin() as connection:
                self.lease.claim(connection, keyrings, host)

    def migrate(self) -> None:
        """Migrate the schema to this version. A store of a newer version is refused."""
        self.prepare()
        if (self.check_schema() if self.is_sqlite else self._revision_of()) == schema.newest():
            return
        from alembic.util import CommandError

        with self.begin() as connection:
            self._backend.lock_migration(connection)
            if self.is_sqlite:
                schema.check(connection.connection.driver_connection)  # no other process writes any more
            try:
                schema.upgrade(connection, "head")
            except CommandError as error:
                raise StoreFault(
                    f"the store {self.display_name} was written by another version of suar: {error}",
                    "install the version that wrote it, or a newer one",
                ) from error

    def _revision_of(self) -> str | None:
        """Return the revision of a store in PostgreSQL; None for an empty database. Raises AlteredError."""
        with self.reading() as connection:
            return schema.stated_on_server(connection)

    def check_schema(self) -> str | None:
        """Compare the schema with the expected one of its revision, and return the revision; None for an empty store.

        Raises AlteredError.
        """
        with self.reading() as connection:
            return schema.check(connection.connection.driver_connection)

    def prepare(self) -> None:
        """Check or create what the store needs. Raises StoreFault."""
        try:
            self._backend.prepare()
        except DBAPIError as error:
            raise self._fault(str(error.orig)) from error

    @property
    def display_name(self) -> str:
        """The store's name without a password."""
        return self._backend.display_name

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Run one transaction: committed on disk at the end of the block, rolled back if it raises."""
        self._check_writing()
        try:
            with self._writer.connection() as connection, connection.begin():
                if self.books and self._schema:
                    self._schema.before_writing(connection, self.books)
                    self.books.begin(connection)
                yield connection
                if self.books and self._schema:
                    self._schema.before_commit(connection, self.books)
                    self.books.finish(connection)
            if self.books:
                self._anchor(self.books)
            self._backend.note_commit()
        except DBAPIError as error:
            if isinstance(error, _OURS) and not self._note_fault(error.orig):
                self._refuse_altered()
                raise
            raise self._failure(error.orig, self._writer) from error
        except self._driver.Error as error:  # from the hot paths that use the driver's own cursor
            wrong = (self._driver.DataError, self._driver.IntegrityError, self._driver.ProgrammingError)
            if isinstance(error, wrong) and not self._note_fault(error):
                self._refuse_altered()
                raise
            raise self._failure(error, self._writer) from error

    def _note_fault(self, error: object) -> bool:
        """Note why a statement failed; returns False if it is itself wrong, and not the state of the store."""
        is_denied = getattr(error, "sqlstate", None) == _DENIED
        return is_denied or _TOO_BIG in str(error) or self._backend.note_misnumbered(error)

    def _refuse_altered(self) -> None:
        """Raise AlteredError if a statement failed because the schema was altered, not because of its values."""
        if self.books is None or self._schema is None:
            return
        with suppress(DBAPIError), self._reader.connection() as connection, connection.begin():
            self._schema.after_failure(connection, self.books)
        if self.books.is_closed:
            raise self.books.fault()

    def any_size(self, connection: Connection) -> AbstractContextManager[None]:
        """Let statements of this connection read values of any size until the block ends: to remove them."""
        return any_size(connection) if self.is_sqlite else nullcontext()

    def compare_schema(self, connection: Connection) -> None:
        """Compare the whole schema; a finding closes the store."""
        if self.books and self._schema:
            self._schema.compare(connection, self.books)

    def _anchor(self, books: Books) -> None:
        try:
            books.note_commit()
        except OSError as error:
            raise StoreFault(
                f"the anchor {books.anchor.path} cannot be written: {error.strerror}",
                "make room on its disk; what was committed stands, and is anchored with the next change",
            ) from error

    @property
    def _driver(self) -> Any:
        return self.engine.dialect.dbapi

    def _failure(self, error: object, kept: KeptConnection) -> StoreFault:
        """Return the fault of a statement that failed; end its session if another one may have other settings."""
        if getattr(error, "sqlstate", None) in _BY_SETTINGS:
            kept.close()
        return self._fault(str(error))

    def _fault(self, reason: str) -> StoreFault:
        """Return the driver's message without its parameters, which may be content."""
        if self.is_sqlite and triggers.NOT_READ in reason:
            return triggers.not_read("a row to change")
        is_altered = self.is_sqlite and any(word in reason for word in _ALTERED)
        hint = schema.NEXT if is_altered else self._backend.hint(reason)
        first, _, _ = reason.partition("\n")[0].partition(" with text ")  # what follows either may be content
        return StoreFault(f"the store {self.display_name} failed: {first}", hint)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Return one view of committed data, concurrent with the writer."""
        self._check_reading()
        try:
            generation = self.books.generation if self.books else 1
            with self._reader.connection() as connection, connection.begin():
                connection.info[READS] = generation
                connection.info[KEEPER] = self.books.macs if self.books else None
                if self.books and self._schema:
                    self._schema.while_reading(connection, self.books)
                yield connection
        except (DBAPIError, PoolTimeoutError, self._driver.Error) as error:
            raise self._failure(getattr(error, "orig", error), self._reader) from error

    def view_of(self, connection: Connection) -> Hashable:
        """Return which committed data `reading` sees: equal values see the same; every commit changes the value."""
        return self._backend.view_of(connection)

    def log_bytes(self) -> int:
        """Return the size of SQLite's log, 0 if there is none."""
        return self._backend.log_bytes()

    def erase(self, destroyed: int, tables: frozenset[str]) -> bool:
        """Remove what transactions destroyed from the store's files, including SQLite's log; False: call it again.

        Not inside a transaction. The arguments are those of `Backend.erase`.
        """
        self._check_writing()
        return self._backend.erase(destroyed, tables)

    def shared_store(self, connection: Connection) -> SharedStore | None:
        """Return the state of a store that several machines reach, in that view; None for a file."""
        return self._backend.shared_store(connection)

    @property
    def erasure_waits_for(self) -> str:
        """Return what prevents `erase` from completing, as text for people; empty if nothing is known. Any thread."""
        return self._backend.erasure_waits_for

    def close(self) -> None:
        """Close every connection; SQLite then writes its log into the file."""
        self._backend.close()
        self._reader.close()
        self._writer.close()
        if self.books:
            self.books.anchor.close()

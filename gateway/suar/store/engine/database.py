"""Opening, migrating and committing. SQLite: WAL, synchronous FULL, secure_delete; one writer, the core's thread."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.pool import QueuePool

from suar.protocol.base.errors import Fault
from suar.store.engine.folding import LOG_PAGES, Checkpointer

MIGRATIONS: Final = Path(__file__).parents[1] / "migrations"
_BUSY_MS: Final = 5_000
_PRAGMAS: Final = (
    "PRAGMA page_size=8192",  # of a new store: two or three messages a page, where 4 KiB hold one and waste the rest
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # acknowledged means on disk
    "PRAGMA secure_delete=ON",  # a destroyed body leaves nothing behind
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={_BUSY_MS}",
    f"PRAGMA wal_autocheckpoint={LOG_PAGES}",
)


def refuses_data(error: BaseException) -> bool:
    """Whether a statement failed for the values that it was given, not for the state of the store: other values pass.

    By SQLAlchemy's classes, the driver's own (from the hot paths), and Python's where a value has no form in the store.
    """
    names = {each.__name__ for each in type(error).__mro__}
    return bool(names & {"DataError", "IntegrityError"}) or isinstance(error, (OverflowError, UnicodeEncodeError))


_OURS: Final = (DataError, IntegrityError, ProgrammingError)  # a wrong statement is a bug, never a state of the disk


def _any_thread() -> None:
    """No thread is refused."""


class StoreFault(Fault):
    """The store cannot write or read now: our own fault, never the peer's."""


class Database:
    """The store of one gateway. `url` is SQLAlchemy's; None means `suar.db` in the state folder."""

    def __init__(self, state: Path, url: str | None = None) -> None:
        self.url = make_url(url or f"sqlite:///{state / 'suar.db'}")
        self.path = Path(self.url.database or "")  # of the embedded store
        options: dict[str, Any] = {"poolclass": QueuePool, "pool_size": 2} if self.is_sqlite else {"pool_size": 4}
        if self.is_sqlite:
            options["connect_args"] = {"check_same_thread": False, "isolation_level": None}
        self.engine: Engine = create_engine(self.url, **options)
        if self.is_sqlite:
            event.listen(self.engine, "connect", _set_pragmas)
            event.listen(self.engine, "begin", _begin_immediate)
        readers = self.engine
        if self.is_sqlite:
            readers = create_engine(self.url, **options)
            event.listen(readers, "connect", _set_pragmas)
            event.listen(readers, "begin", _begin)
        self._writer, self._reader = _KeptConnection(self.engine), _KeptConnection(readers)
        self._folding = Checkpointer(readers) if self.is_sqlite else None
        self._check_writing: Callable[[], None] = _any_thread
        self._check_reading: Callable[[], None] = _any_thread

    def guard(self, check_writing: Callable[[], None], check_reading: Callable[[], None]) -> None:
        """Ask these before every transaction and every view: they raise on a thread that may not have one."""
        self._check_writing, self._check_reading = check_writing, check_reading

    @property
    def is_sqlite(self) -> bool:
        """Whether the store is the embedded one."""
        return self.url.get_backend_name() == "sqlite"

    def migrate(self) -> None:
        """Bring the schema to this version; a store of a newer version is refused."""
        if self.is_sqlite:
            self._make_private()
        from alembic import command
        from alembic.config import Config
        from alembic.util import CommandError

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with self.begin() as connection:
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError as error:
                raise StoreFault(
                    f"the store {self.display_name} was written by another version of suar: {error}",
                    "install the version that wrote it, or a newer one",
                ) from error

    def _make_private(self) -> None:
        """Before SQLite opens it: the log that it makes beside it takes the mode of the store."""
        with suppress(OSError):  # told when it is opened
            self.path.touch(mode=0o600)
            for each in (self.path, self._side_file("-wal"), self._side_file("-shm")):
                if each.exists():
                    each.chmod(0o600)

    def _side_file(self, end: str) -> Path:
        return self.path.with_name(self.path.name + end)

    @property
    def display_name(self) -> str:
        """The store's name without a password."""
        return str(self.path) if self.is_sqlite else self.url.render_as_string(hide_password=True)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One transaction: committed, on disk, when the block ends; rolled back when it raises."""
        self._check_writing()
        try:
            with self._writer.connection() as connection, connection.begin():
                yield connection
            if self._folding:
                self._folding.schedule()
        except DBAPIError as error:
            if isinstance(error, _OURS):
                raise
            raise self._fault(str(error.orig)) from error
        except self._driver.Error as error:  # from the hot paths that use the driver's own cursor
            if isinstance(error, (self._driver.DataError, self._driver.IntegrityError, self._driver.ProgrammingError)):
                raise
            raise self._fault(str(error)) from error

    @property
    def _driver(self) -> Any:
        return self.engine.dialect.dbapi

    def _fault(self, reason: str) -> StoreFault:
        """The driver's words without its parameters, which may be content."""
        hint = "check the disk and the permissions of the state folder; the gateway goes on by itself once it can write"
        if "full" in reason:
            hint = "make room on the disk of the state folder; nothing that was accepted is lost"
        return StoreFault(f"the store {self.display_name} failed: {reason}", hint)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One view of what is committed, beside the writer."""
        self._check_reading()
        try:
            with self._reader.connection() as connection, connection.begin():
                yield connection
        except (DBAPIError, self._driver.Error) as error:
            raise self._fault(str(getattr(error, "orig", error))) from error

    def log_bytes(self) -> int:
        """The size of SQLite's log; 0 where there is none."""
        log = self._side_file("-wal") if self.is_sqlite else None
        try:
            return log.stat().st_size if log else 0
        except OSError:
            return 0

    def truncate_log(self) -> bool:
        """Fold SQLite's log in whole and cut it to nothing; False while a reader needs it. Not inside a transaction.

        What a transaction destroyed stands in the log until then.
        """
        self._check_writing()
        if not self.is_sqlite:
            return True
        with closing(self.engine.raw_connection()) as raw:
            cursor = raw.cursor()
            try:
                cursor.execute("PRAGMA busy_timeout=0")  # the core's thread does not wait for a reader
                return bool(cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)
            except self._driver.OperationalError:
                return False
            finally:
                cursor.execute(f"PRAGMA busy_timeout={_BUSY_MS}")

    def close(self) -> None:
        """Close every connection; SQLite folds its log into the file."""
        if self._folding:
            self._folding.close()
        self._reader.close()
        self._writer.close()


class _KeptConnection:
    """One connection that is kept between transactions: taking one from the pool costs more than a small change."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._kept: Connection | None = None
        self._lock = Lock()

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """The kept one; another when that is in use. One that failed is not used again."""
        if not self._lock.acquire(blocking=False):
            with self._engine.connect() as other:
                yield other
            return
        try:
            self._kept = self._kept or self._engine.connect()
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
        self._engine.dispose()


def _set_pragmas(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin(connection: Connection) -> None:
    _execute(connection, "BEGIN")


def _begin_immediate(connection: Connection) -> None:
    """SQLite: take the writer's place at once, so a transaction never fails halfway as busy."""
    _execute(connection, "BEGIN IMMEDIATE")


def _execute(connection: Connection, words: str) -> None:
    """By the driver's own cursor: SQLAlchemy's way to one costs more than a small transaction."""
    cursor = connection.connection.cursor()
    try:
        cursor.execute(words)
    finally:
        cursor.close()

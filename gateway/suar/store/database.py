"""Opening, migrating and committing. SQLite: WAL, synchronous FULL, secure_delete; one writer, the core's thread."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.pool import QueuePool

from suar.protocol.errors import Fault

MIGRATIONS: Final = Path(__file__).parent / "migrations"
_BUSY_MS: Final = 5_000
_PRAGMAS: Final = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # acknowledged means on disk
    "PRAGMA secure_delete=ON",  # a destroyed body leaves nothing behind
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={_BUSY_MS}",
)


_OURS: Final = (DataError, IntegrityError, ProgrammingError)  # a wrong statement is a bug, never a state of the disk


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

    @property
    def is_sqlite(self) -> bool:
        """Whether the store is the embedded one."""
        return self.url.get_backend_name() == "sqlite"

    def migrate(self) -> None:
        """Bring the schema to this version; a store of a newer version is refused."""
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
                    f"the store {self.where} was written by another version of suar: {error}",
                    "install the version that wrote it, or a newer one",
                ) from error
        if self.is_sqlite:
            self.path.chmod(0o600)

    @property
    def where(self) -> str:
        """The store's name without a password."""
        return str(self.path) if self.is_sqlite else self.url.render_as_string(hide_password=True)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One transaction: committed, on disk, when the block ends; rolled back when it raises."""
        try:
            with self.engine.begin() as connection:
                yield connection
        except DBAPIError as error:
            if isinstance(error, _OURS):
                raise
            raise self._fault(str(error.orig)) from error
        except self._driver_fault as error:  # from the hot paths that use the driver's own cursor
            raise self._fault(str(error)) from error

    @property
    def _driver_fault(self) -> type[Exception]:
        return self.engine.dialect.dbapi.OperationalError  # type: ignore[union-attr]

    def _fault(self, reason: str) -> StoreFault:
        """The driver's words without its parameters, which may be content."""
        hint = "check the disk and the permissions of the state folder; the gateway goes on by itself once it can write"
        if "full" in reason:
            hint = "make room on the disk of the state folder; nothing that was accepted is lost"
        return StoreFault(f"the store {self.where} failed: {reason}", hint)

    def close(self) -> None:
        """Close every connection; SQLite folds its log into the file."""
        self.engine.dispose()


def _set_pragmas(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    """SQLite: take the writer's place at once, so a transaction never fails halfway as busy."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")

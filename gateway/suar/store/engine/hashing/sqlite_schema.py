"""SQLite's schema is compared once in full for each connection that writes, then by SQLite's number of it."""

from typing import Any, Final

from sqlalchemy import Connection

from suar.store.engine.bookkeeping import Books
from suar.store.engine.scanning import Finding
from suar.store.migrations import schema

_CHECKED: Final = "schema"  # in the `info` of a connection: its schema was compared with this version's


class SqliteSchema:
    """The schema of one file, as it was when the store was opened."""

    def __init__(self) -> None:
        self._revision: str | None = None  # revision of the compared schema; None before
        self._cookie: int | None = None  # SQLite's number of that schema

    def learn(self, connection: Connection) -> None:
        """Compare it for the first time. Raises AlteredError."""
        raw = connection.connection.driver_connection
        self._revision = schema.check(raw)
        if self._revision not in schema.revisions():
            schema.require(raw)
        self._cookie = schema.cookie(raw)

    def before_writing(self, connection: Connection, books: Books) -> None:
        """Check that the schema is the one that was compared.

        In the transaction, so that nobody changes it in the meantime. Raises AlteredError, and closes the store.
        """
        raw: Any = connection.connection.driver_connection
        is_known = connection.info.get(_CHECKED, False)
        if is_known and schema.cookie(raw) == self._cookie:
            return
        if not is_known:
            raw.execute("PRAGMA writable_schema=RESET")  # SQLite reads it again: as it is in this transaction
        self.compare(connection, books)
        if books.is_closed:
            raise books.fault()
        connection.info[_CHECKED] = True

    def before_commit(self, connection: Connection, books: Books) -> None:
        """Do nothing: no other process writes in the meantime."""

    def while_reading(self, connection: Connection, books: Books) -> None:
        """Check the schema when a view of the store begins: a change closes the store."""
        if schema.cookie(connection.connection.driver_connection) != self._cookie:
            self.compare(connection, books)

    def after_failure(self, connection: Connection, books: Books) -> None:
        """Do the same after a statement failed."""
        self.while_reading(connection, books)

    def compare(self, connection: Connection, books: Books) -> None:
        """Compare the whole schema, whatever SQLite's number is; a finding closes the store."""
        raw = connection.connection.driver_connection
        found = schema.difference(raw, self._revision)
        if found is None and schema.cookie(raw) != self._cookie:
            found = "it was changed while the gateway ran"
        if found is not None:
            books.found("sqlite_master", Finding(f"the schema was altered: {found}", is_closing=True))

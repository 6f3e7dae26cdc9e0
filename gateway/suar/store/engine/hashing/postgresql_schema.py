"""PostgreSQL's schema is compared in full at each opening and by the sweep, and by a number before each commit.

A foreign trigger, rule, default or function would change what a statement writes, and that would be hashed as ours. One
that affected a statement cannot be removed before the transaction ends, so the check at the end finds it.
"""

import os
from typing import Final

from sqlalchemy import Connection

from suar.store.engine.backends.server_checks import require_session
from suar.store.engine.bookkeeping import Books
from suar.store.engine.hashing.notices import Notices
from suar.store.engine.scanning import Finding
from suar.store.faults import AlteredError
from suar.store.migrations import schema_postgresql as schema

TABLE: Final = "pg_catalog"  # name under which a finding is recorded


class PostgresqlSchema:
    """The schema of one database, as it was when the store was opened."""

    def __init__(self, way: Notices) -> None:
        self._way = way
        self._seed = int.from_bytes(os.urandom(8), "big", signed=True)  # random: nobody can aim at the same number
        self._number: int | None = None

    def is_different(self, connection: Connection) -> bool:
        """Whether it is not this version's: the triggers may not exist yet."""
        return schema.difference(connection) is not None

    def learn(self, connection: Connection) -> None:
        """Compare it for the first time. Raises AlteredError."""
        found = schema.difference(connection)
        if found is not None:
            raise AlteredError(f"the schema of the store was altered from outside: {found}", schema.NEXT)
        self._number = schema.number(connection, self._seed)

    def before_writing(self, connection: Connection, books: Books) -> None:
        """Do nothing: others may change the schema at any time, so it is compared at the end."""

    def before_commit(self, connection: Connection, books: Books) -> None:
        """Check that the schema that was compared was in force for what was written. Raises AlteredError, and closes
        the store; StoreFault, which closes nothing, where the session's settings were changed.
        """
        books.macs.settle(connection)
        if not self._way.has_written or schema.number(connection, self._seed, writes=True) == self._number:
            return
        require_session(connection)
        self.compare(connection, books)
        raise books.fault()

    def while_reading(self, connection: Connection, books: Books) -> None:
        """Do nothing: reading hashes nothing."""

    def after_failure(self, connection: Connection, books: Books) -> None:
        """Compare the schema if its number differs: a change closes the store."""
        if schema.number(connection, self._seed) != self._number:
            self.compare(connection, books)

    def compare(self, connection: Connection, books: Books) -> None:
        """Compare the whole schema; a finding closes the store."""
        found = schema.difference(connection)
        if found is None and schema.number(connection, self._seed) != self._number:
            found = "it was changed while the gateway ran"
        if found is not None:
            books.found(TABLE, Finding(f"the schema was altered: {found}", is_closing=True))

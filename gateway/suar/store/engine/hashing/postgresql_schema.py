"""PostgreSQL's schema is compared in full at each opening and by the sweep, and by a number before each commit.

A trigger, a rule, a default or a function of others would change what a statement writes, and that would be hashed as
ours. One that a statement met cannot be removed before the transaction ends, so it is found at its end.
"""

import os
from typing import Final

from sqlalchemy import Connection

from suar.store.engine.bookkeeping import Books
from suar.store.engine.faults import AlteredError
from suar.store.engine.hashing.notices import Notices
from suar.store.engine.scanning import Finding
from suar.store.migrations import schema_postgresql as schema

TABLE: Final = "pg_catalog"  # under which a finding is kept


class PostgresqlSchema:
    """The schema of one database, as it was when the store was opened."""

    def __init__(self, way: Notices) -> None:
        self._way = way
        self._seed = int.from_bytes(os.urandom(8), "big", signed=True)  # nobody can aim at a number of before
        self._number: int | None = None

    def differs(self, connection: Connection) -> bool:
        """Whether it is not this version's: what hears of changed rows may not be made yet."""
        return schema.difference(connection) is not None

    def learn(self, connection: Connection) -> None:
        """Compare it for the first time. Raises AlteredError."""
        found = schema.difference(connection)
        if found is not None:
            raise AlteredError(f"the schema of the store was altered from outside: {found}", schema.NEXT)
        self._number = schema.number(connection, self._seed)

    def before_writing(self, connection: Connection, books: Books) -> None:
        """Nothing: others may change it at any time, so it is compared at the end."""

    def before_commit(self, connection: Connection, books: Books) -> None:
        """What was written was written by the schema that was compared. Raises AlteredError, and closes the store."""
        if not self._way.has_written or schema.number(connection, self._seed) == self._number:
            return
        self.compare(connection, books)
        raise books.fault()

    def while_reading(self, connection: Connection, books: Books) -> None:
        """Nothing: what is read is not hashed."""

    def compare(self, connection: Connection, books: Books) -> None:
        """Compare all of it; a finding closes the store."""
        found = schema.difference(connection)
        if found is None and schema.number(connection, self._seed) != self._number:
            found = "it was changed while the gateway ran"
        if found is not None:
            books.found(TABLE, Finding(f"the schema was altered: {found}", closes=True))

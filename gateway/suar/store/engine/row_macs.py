"""Keyed hashes of protected rows, kept by the writer's own connection.

Every statement of that connection that changes a protected row is reported to this process (hashing/): it writes the
row's hash and updates the account (account.py). A change by other means lacks the hash, which needs the key, and
differs from the account. Before a row is changed or deleted, its earlier state is verified.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple, Protocol

import msgspec
from sqlalchemy import Connection, Engine, event

from suar.protocol.base.primitives import Secret, is_equal
from suar.store.engine.protection import MAC, TABLES

KEEPER: Final = "row_macs"  # in the `info` of a connection
READS: Final = "reads"  # the same, of one that reads: the store's generation before its view was opened
_PERSON: Final = b"suar/store/mac"
_encode: Final = msgspec.msgpack.Encoder().encode
ALTERED_MAX: Final = 20  # rows that are named in a finding


class Columns(NamedTuple):
    """The columns of a protected table as the file has them: all in the hash, and its primary key."""

    hashed: tuple[str, ...]
    key: tuple[str, ...]


class Change(NamedTuple):
    """The changes of one transaction to one table."""

    total: int = 0
    rows: int = 0


class Way(Protocol):
    """How the hashes of rows are written in a database: hashing/triggers.py, hashing/notices.py."""

    def install(self, writer: Engine) -> None:
        """Keep the hashes in every connection that this engine opens from now on."""

    def settle(self, connection: Connection) -> None:
        """Write the hash of each row that the connection's transaction changed so far."""

    def begin(self) -> None:
        """Reset at the start of a transaction."""

    def forget(self) -> None:
        """Discard changes since the last savepoint."""

    def rows(self, connection: Connection, table: str, names: Iterable[str]) -> Iterator[Any]:
        """Yield these columns of every row."""

    def rehash(self, connection: Connection, table: str, keys: Iterable[tuple[Any, ...]]) -> None:
        """Hash these rows of a table as they are: their content was verified by other means."""

    def adopt(self, connection: Connection, table: str) -> None:
        """Hash every row of a table as it is."""


class _Before(NamedTuple):
    """The changes of a transaction up to a savepoint."""

    changes: dict[str, Change]
    taken_out: dict[str, int]
    audit: tuple[int, bytes] | None


class RowMacs:
    """Hashes the rows of one store, and adds up the changes of the open transaction."""

    def __init__(self, store_key: Secret) -> None:
        self._hash = hashlib.blake2b(digest_size=64, key=bytes(store_key), person=_PERSON)
        self._columns: dict[str, Columns] = {}
        self._begun: dict[str, Any] = {}  # table -> the hash with the common prefix of its rows
        self.is_open = False
        self.way: Way | None = None
        self.books: Any = None  # keeps the account of these rows (bookkeeping.py)
        self.audit: tuple[int, bytes] | None = None  # the last line of the audit that the transaction wrote
        self.changes: dict[str, Change] = {}
        self.altered: list[tuple[str, str]] = []  # (table, key) of rows that were not as this gateway wrote them
        self.taken_out: dict[str, int] = {}  # the number of such rows in a table that is verified by content
        self._before: list[_Before] = []  # at each savepoint

    def __repr__(self) -> str:
        return "RowMacs(...)"

    # -- hashing

    @property
    def columns(self) -> dict[str, Columns]:
        """Return the protected tables and their columns."""
        return self._columns

    @columns.setter
    def columns(self, columns: dict[str, Columns]) -> None:
        self._columns, self._begun = columns, {}
        for table, each in columns.items():
            begun = self._hash.copy()
            begun.update(_encode((table, each.hashed)))
            self._begun[table] = begun

    def pair(self, table: str, values: Iterable[Any]) -> bytes:
        """Return 64 bytes of a row: its hash, and the secret value that it adds to its table's sum.

        Hashed are the names of the table and its columns, then the values.
        """
        made = self._begun[table].copy()
        made.update(_encode(tuple(values)))
        digest: bytes = made.digest()
        return digest

    def has_its_mac(self, table: str, row: Any) -> bool:
        """Whether a row, its columns by name, is as this gateway wrote it; any row before the store is open."""
        if not self.is_open:
            return True
        values = [plain(getattr(row, name)) for name in self.columns[table].hashed]
        return is_mac(self.pair(table, values), row.mac)

    # -- changes that a database reports

    def added(self, table: str, *values: Any) -> bytes | None:
        """Count a row that was inserted, or a changed one as it is now; return its hash, None before the start."""
        if not self.is_open:
            return None
        pair = self.pair(table, values)
        self._count(table, int.from_bytes(pair[32:], "big"), 1)
        return pair[:32]

    def gone(self, table: str, mac: bytes | None, *values: Any) -> None:
        """Verify and subtract a row that was deleted, or a changed one as it was before."""
        if not self.is_open:
            return
        pair = self.pair(table, values)
        is_wrong = not is_mac(pair, mac)
        if is_wrong and len(self.altered) < ALTERED_MAX:
            self.altered.append((table, name_of(self.columns[table], values)))
        if is_wrong and TABLES[table].judged_by is not None:  # it was never counted
            self.taken_out[table] = self.taken_out.get(table, 0) + 1
        else:
            self._count(table, -int.from_bytes(pair[32:], "big"), -1)

    def noted(self, n: int, digest: bytes) -> None:
        """Record a new line of the audit."""
        if self.audit is None or n > self.audit[0]:
            self.audit = (n, digest)

    def _count(self, table: str, value: int, rows: int) -> None:
        total, before = self.changes.get(table, _NOTHING)
        self.changes[table] = Change(total + value, before + rows)

    # -- transactions

    def begin(self) -> None:
        """Reset at the start of a transaction."""
        self.changes, self.taken_out, self.audit, self.altered, self._before = {}, {}, None, [], []
        if self.way is not None:
            self.way.begin()

    def _savepoint(self, connection: Connection, *_: object) -> None:
        self.settle(connection)
        self._before.append(_Before(dict(self.changes), dict(self.taken_out), self.audit))

    def _rolled_back(self, *_: object) -> None:
        if self.way is not None:
            self.way.forget()
        if self._before:
            self.changes, self.taken_out, self.audit = self._before.pop()

    def _released(self, *_: object) -> None:
        if self._before:
            self._before.pop()

    # -- connections

    @property
    def has_changes(self) -> bool:
        """Whether the transaction changed protected rows, or wrote a line of the audit."""
        return bool(self.changes or self.audit)

    def install(self, writer: Engine, columns: dict[str, Columns], way: "Way") -> None:
        """Keep the hashes in every connection that this engine opens from now on."""
        self.columns, self.way = columns, way
        event.listen(writer, "savepoint", self._savepoint)
        event.listen(writer, "rollback_savepoint", self._rolled_back)
        event.listen(writer, "release_savepoint", self._released)
        way.install(writer)

    def rows(self, connection: Connection, table: str, names: Iterable[str] = ()) -> Iterator[Any]:
        """Yield these columns of every row of a table; by default what is hashed, then its hash."""
        if self.way is None:
            raise ValueError("the store is not protected yet")
        return self.way.rows(connection, table, names or (*self.columns[table].hashed, MAC))

    def settle(self, connection: Connection) -> None:
        """Write the hash of each row that the connection's transaction changed so far, and count it."""
        if self.way is not None:
            self.way.settle(connection)


_NOTHING: Final = Change()


def is_mac(pair: bytes, found: Any) -> bool:
    """Whether a row has the hash that it should have."""
    return isinstance(found, bytes) and is_equal(pair[:32], found)


def name_of(columns: Columns, values: Sequence[Any]) -> str:
    """Return a row's primary key as text for people."""
    row = dict(zip(columns.hashed, values, strict=False))
    return " ".join(value.hex() if isinstance(value, bytes) else str(value) for value in map(row.get, columns.key))


def plain(value: Any) -> Any:
    """Return a value as it is hashed: without the type that only one driver returns."""
    return int(value) if isinstance(value, bool) else value


def quoted(names: Iterable[str]) -> str:
    """Return names of columns as a statement lists them."""
    return ", ".join(f'"{name}"' for name in names)

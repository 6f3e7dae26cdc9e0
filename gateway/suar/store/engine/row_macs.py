"""Keyed hashes of protected rows, kept by the writer's own connection.

Each connection that writes has temporary triggers, which stand in no file: whatever statement changes a protected row,
its hash is written with it and the account (account.py) carried on. Whoever writes the file with other means has none
of them, and the account tells. A row that is changed or deleted is checked as it was before.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Engine, event

from suar.protocol.base.primitives import Secret, equal
from suar.store.engine.protection import MAC, TABLES

KEEPER: Final = "row_macs"  # in the `info` of a connection
READS: Final = "reads"  # the same, of one that reads: the store's generation before its view was opened
_PERSON: Final = b"suar/store/mac"
_encode: Final = msgspec.msgpack.Encoder().encode
ALTERED_MAX: Final = 20  # rows that are named


class Columns(NamedTuple):
    """The columns of a protected table as the file has them: all in the hash, and its primary key."""

    hashed: tuple[str, ...]
    key: tuple[str, ...]


class Change(NamedTuple):
    """What a transaction did to one table."""

    total: int = 0
    rows: int = 0


class _Before(NamedTuple):
    """What a transaction did up to a savepoint."""

    changes: dict[str, Change]
    taken_out: dict[str, int]
    audit: tuple[int, bytes] | None


class RowMacs:
    """Hashes the rows of one store, and adds up what the transaction that is going on changes."""

    def __init__(self, store_key: Secret) -> None:
        self._hash = hashlib.blake2b(digest_size=64, key=bytes(store_key), person=_PERSON)
        self._columns: dict[str, Columns] = {}
        self._begun: dict[str, Any] = {}  # table -> the hash with what is the same for each of its rows
        self.is_open = False
        self.books: Any = None  # what keeps the account of these rows (bookkeeping.py)
        self.audit: tuple[int, bytes] | None = None  # the last line that the transaction wrote
        self.changes: dict[str, Change] = {}
        self.altered: list[tuple[str, str]] = []  # (table, key) of rows that were not as this gateway wrote them
        self.taken_out: dict[str, int] = {}  # how many such rows of a table that is judged by what its rows say
        self._before: list[_Before] = []  # at each savepoint

    def __repr__(self) -> str:
        return "RowMacs(...)"

    # -- hashing

    @property
    def columns(self) -> dict[str, Columns]:
        """The protected tables and their columns."""
        return self._columns

    @columns.setter
    def columns(self, columns: dict[str, Columns]) -> None:
        self._columns, self._begun = columns, {}
        for table, each in columns.items():
            begun = self._hash.copy()
            begun.update(_encode((table, each.hashed)))
            self._begun[table] = begun

    def pair(self, table: str, values: Iterable[Any]) -> bytes:
        """64 bytes of a row: its hash, and what it adds to its table's sum, which nobody sees.

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
        values = [_plain(getattr(row, name)) for name in self.columns[table].hashed]
        return is_mac(self.pair(table, values), row.mac)

    # -- what SQLite calls

    def _added(self, table: str, *values: Any) -> bytes | None:
        if not self.is_open:
            return None
        pair = self.pair(table, values)
        self._count(table, int.from_bytes(pair[32:], "big"), 1)
        return pair[:32]

    def _gone(self, table: str, mac: bytes | None, *values: Any) -> None:
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

    def _noted(self, n: int, digest: bytes) -> None:
        if self.audit is None or n > self.audit[0]:
            self.audit = (n, digest)

    def _count(self, table: str, value: int, rows: int) -> None:
        total, before = self.changes.get(table, _NOTHING)
        self.changes[table] = Change(total + value, before + rows)

    # -- transactions

    def begin(self) -> None:
        """A transaction begins; what one before it left undone is forgotten."""
        self.changes, self.taken_out, self.audit, self.altered, self._before = {}, {}, None, [], []

    def _savepoint(self, *_: object) -> None:
        self._before.append(_Before(dict(self.changes), dict(self.taken_out), self.audit))

    def _rolled_back(self, *_: object) -> None:
        if self._before:
            self.changes, self.taken_out, self.audit = self._before.pop()

    def _released(self, *_: object) -> None:
        if self._before:
            self._before.pop()

    # -- connections

    def install(self, writer: Engine, columns: dict[str, Columns]) -> None:
        """Every connection that this engine opens from now on keeps the hashes."""
        self.columns = columns
        event.listen(writer, "connect", self._connected)
        event.listen(writer, "savepoint", self._savepoint)
        event.listen(writer, "rollback_savepoint", self._rolled_back)
        event.listen(writer, "release_savepoint", self._released)

    def _connected(self, raw: Any, record: Any) -> None:
        record.info[KEEPER] = self
        self.add_functions(raw)
        for statement in self._triggers():
            raw.execute(statement)

    def add_functions(self, raw: Any) -> None:
        """What the triggers call."""
        functions: dict[str, Callable[..., Any]] = {
            "suar_added": self._added, "suar_gone": self._gone, "suar_noted": self._noted,
        }  # fmt: skip
        for name, function in functions.items():
            raw.create_function(name, -1, function)

    def _triggers(self) -> list[str]:
        made = ["CREATE TEMP TRIGGER noted AFTER INSERT ON audit BEGIN SELECT suar_noted(NEW.n, NEW.hash); END"]
        for table, columns in self.columns.items():
            gone = f"SELECT suar_gone('{table}', OLD.{MAC}, {_of('OLD', columns.hashed)});"
            here = " AND ".join(f'"{name}" = NEW."{name}"' for name in columns.key)
            call = f"suar_added('{table}', {_of('NEW', columns.hashed)})"
            added = f'UPDATE "{table}" SET {MAC} = {call} WHERE {here};'  # noqa: S608 - of the schema
            quoted = ", ".join(f'"{name}"' for name in columns.hashed)
            made += [
                f'CREATE TEMP TRIGGER "{table}_added" AFTER INSERT ON "{table}" BEGIN {added} END',
                f'CREATE TEMP TRIGGER "{table}_gone" AFTER DELETE ON "{table}" BEGIN {gone} END',
                f'CREATE TEMP TRIGGER "{table}_changed" AFTER UPDATE OF {quoted} ON "{table}" BEGIN {gone} {added} END',
            ]
        return made

    def hash_anew(self, raw: Any, table: str, keys: Iterable[tuple[Any, ...]]) -> None:
        """Hash these rows of a table as they are: what they say was verified otherwise."""
        columns = self.columns[table]
        first = columns.hashed[0]
        here = " AND ".join(f'"{name}" IS ?' for name in columns.key)
        raw.executemany(f'UPDATE "{table}" SET "{first}" = "{first}" WHERE {here}', keys)  # noqa: S608 - of the schema

    def adopt(self, raw: Any, table: str) -> None:
        """Hash every row of a table as it stands."""
        columns = self.columns[table]
        quoted = ", ".join(f'"{name}"' for name in columns.hashed)
        raw.execute(f"UPDATE \"{table}\" SET {MAC} = suar_added('{table}', {quoted})")  # noqa: S608 - of the schema


_NOTHING: Final = Change()


def is_mac(pair: bytes, found: Any) -> bool:
    """Whether a row has the hash that it should have."""
    return isinstance(found, bytes) and equal(pair[:32], found)


def columns_of(raw: Any) -> dict[str, Columns]:
    """Of each protected table that the file has: its columns in their order."""
    found = {}
    for table, how in TABLES.items():
        info = raw.execute(f'PRAGMA table_xinfo("{table}")').fetchall()
        names = [row[1] for row in info]
        if MAC in names:
            hashed = tuple(name for name in names if name != MAC and name not in how.unhashed)
            key = tuple(row[1] for row in sorted(info, key=lambda row: row[5]) if row[5])
            found[table] = Columns(hashed, key)
    return found


def name_of(columns: Columns, values: Sequence[Any]) -> str:
    """A row by its primary key, for people."""
    row = dict(zip(columns.hashed, values, strict=False))
    return " ".join(value.hex() if isinstance(value, bytes) else str(value) for value in map(row.get, columns.key))


def _of(row: str, names: Iterable[str]) -> str:
    return ", ".join(f'{row}."{name}"' for name in names)


def _plain(value: Any) -> Any:
    """As the driver gives it."""
    return int(value) if isinstance(value, bool) else value

"""PostgreSQL: triggers tell this process of each changed row, in a notice of the same session, and it writes the hash.

A trigger of PostgreSQL cannot call a function of this process. It raises a notice that has the row as it was and as it
is; the driver hands that over with the answer to the statement. The hash is written before the session reads again,
makes a savepoint or commits. What the database itself does to a row (a default, a trigger of others) would be hashed
with it, so its schema is compared before the commit (postgresql_schema.py). Whoever removes our triggers gets rows
without a hash, which are found.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec
from psycopg import Cursor
from sqlalchemy import Connection, Engine, event

from suar.store.engine.backends.lease import ROW
from suar.store.engine.hashing.postgresql_columns import columns_and_types
from suar.store.engine.protection import MAC, TABLES
from suar.store.engine.row_macs import KEEPER, Columns, RowMacs, plain, quoted
from suar.store.faults import StoreFault

FUNCTION: Final = "suar_row_changed"
TRIGGER: Final = "suar_row"
STATE: Final = "SU001"  # the SQLSTATE of our notices
BODY: Final = f"""
BEGIN
  RAISE NOTICE USING ERRCODE = '{STATE}', MESSAGE = TG_TABLE_NAME, DETAIL = jsonb_build_array(
    CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) - coalesce(TG_ARGV, '{{}}') END,
    CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) - coalesce(TG_ARGV, '{{}}') END)::text;
  RETURN NULL;
END
"""
_SESSION: Final = ("SET client_min_messages = notice", "SET bytea_output = hex")
_WRITES: Final = ("INSERT", "UPDATE", "DELETE")
_BYTES: Final = "bytea"
_BOOLEAN: Final = "boolean"
_AUDIT: Final = "audit"
_AUDIT_LEFT_OUT: Final = ("at", "who", "what", "about")
_BATCH: Final = 500  # rows
NOTICES_MAX: Final = 1_000  # notices that are held as texts; then their rows are hashed
NOTICE_CHARACTERS_MAX: Final = 4 * 1024 * 1024  # the same, of their texts; a last one may be longer
WRITE_AT: Final = 10_000  # hashes that are held before the next statement; then they are written first
HASHES_MAX: Final = 250_000  # that one statement may leave to be written: beyond it the transaction is refused
_LEFT_OUT: Final = {"meta": f" WHERE name <> '{ROW}'"}  # the lease: by whoever leads, before it reads the store


class Notices:
    """The hashes of rows that a transaction changed are written after the statements that changed them."""

    def __init__(self, macs: RowMacs) -> None:
        self._macs = macs
        self._raw: Any = None  # the session that writes
        self.has_written = False  # whether its transaction has run a statement that writes, or a row was changed
        self._received: list[tuple[str, str]] = []  # (table, row before and after) of notices, in order
        self._characters = 0  # of their texts
        self._failed: Exception | None = None  # why the transaction has no hashes: it cannot go on
        self._pending: dict[str, dict[tuple[Any, ...], bytes]] = {}  # table -> hashes that are not written yet
        self._types: dict[str, dict[str, str]] = {}  # table -> the types of its columns

    # -- sessions

    def install(self, writer: Engine) -> None:
        """Every session that this engine opens from now on keeps the hashes."""
        event.listen(writer, "connect", self._connected)

    def prepare(self, connection: Connection, *, is_missing: bool) -> dict[str, Columns]:
        """Keep the hashes in this session, which writes, with the caller's transaction. Returns the protected tables.

        `is_missing`: function and triggers are made, whatever was there.
        """
        columns, self._types = columns_and_types(connection)
        made = (function(), *triggers(columns)) if is_missing else ()
        for statement in (*made, *_SESSION):
            connection.exec_driver_sql(statement)
        record: Any = connection.connection
        self._attach(record.driver_connection, record)
        return columns

    def _connected(self, raw: Any, record: Any) -> None:
        with raw.cursor() as cursor:
            for statement in _SESSION:
                cursor.execute(statement)
        raw.commit()
        self._attach(raw, record)

    def _attach(self, raw: Any, record: Any) -> None:
        record.info[KEEPER] = self._macs
        raw.add_notice_handler(self._note)
        raw.cursor_factory = self._cursor
        self._raw = raw
        self.forget()

    def _note(self, notice: Any) -> None:
        if notice.sqlstate != STATE or self._failed is not None:
            return
        self.has_written = True  # also where a statement that reads ran a function of others
        detail = str(notice.message_detail)
        self._received.append((str(notice.message_primary), detail))
        self._characters += len(detail)
        if len(self._received) < NOTICES_MAX and self._characters < NOTICE_CHARACTERS_MAX:
            return
        try:
            self._judge()
        except Exception as error:  # the driver would drop it; `_write` raises it
            self._failed = error

    def _cursor(self, raw: Any, **options: Any) -> "_WriterCursor":
        made = _WriterCursor(raw, **options)
        made.notices = self
        return made

    # -- hashes

    def before(self, statement: Any) -> None:
        """The session is about to run a statement: what may read has the hashes of before."""
        if str(statement).lstrip()[:6].upper().startswith(_WRITES):
            self.has_written = True
            if self._hashes() + len(self._received) >= WRITE_AT:
                self._write()
        elif self._failed or self._received or self._pending:
            self._write()

    def settle(self, connection: Connection) -> None:
        """Each row that this session changed so far has its hash."""
        if connection.connection.driver_connection is self._raw:
            self._write()

    def forget(self) -> None:
        """What was heard and not written is of a transaction, or a part of one, that is taken back."""
        self._received, self._pending, self._characters, self._failed = [], {}, 0, None

    def begin(self) -> None:
        """A transaction begins."""
        self.forget()
        self.has_written = False

    def _hashes(self) -> int:
        return sum(map(len, self._pending.values()))

    def _write(self) -> None:
        if self._failed is not None:
            raise self._failed
        self._judge()
        pending, self._pending = self._pending, {}
        with Cursor(self._raw) as cursor:
            for table, hashes in pending.items():
                self._put(cursor, table, hashes)

    def _put(self, cursor: Any, table: str, hashes: dict[tuple[Any, ...], bytes]) -> None:
        if hashes:
            rows = [(mac, *key) for key, mac in hashes.items()]
            cursor.executemany(f'UPDATE "{table}" SET {MAC} = %s WHERE {self._where(table)}', rows)  # noqa: S608 - names of the schema

    def _where(self, table: str) -> str:
        return " AND ".join(f'"{name}" = %s' for name in self._macs.columns[table].key)

    def _judge(self) -> None:
        """Carry the account on by what was heard; a row of before is compared with its hash."""
        received, self._received, self._characters = self._received, [], 0
        for table, detail in received:
            before, after = msgspec.json.decode(detail)
            if table == _AUDIT:
                self._macs.noted(after["n"], _bytes_of(after["hash"]))
            elif not _is_left_out(table, before or after):
                self._gone(table, before)
                self._added(table, after)
        if self._hashes() > HASHES_MAX:
            self._pending = {}
            raise StoreFault(
                f"one statement changed more than {HASHES_MAX} protected rows, and is taken back",
                "report it: what the gateway does is bounded below that",
            )

    def _gone(self, table: str, row: dict[str, Any] | None) -> None:
        if row is None:
            return
        values = self._values(table, row)
        written = self._pending.get(table, {}).pop(self._key(table, values), None)
        kept = row[MAC]
        self._macs.gone(table, written or (None if kept is None else _bytes_of(kept)), *values)

    def _added(self, table: str, row: dict[str, Any] | None) -> None:
        if row is None:
            return
        values = self._values(table, row)
        mac = self._macs.added(table, *values)
        if mac is not None:
            self._pending.setdefault(table, {})[self._key(table, values)] = mac

    def _values(self, table: str, row: dict[str, Any]) -> tuple[Any, ...]:
        types = self._types[table]
        return tuple([
            _bytes_of(row[name]) if types[name] == _BYTES and row[name] is not None else plain(row[name])
            for name in self._macs.columns[table].hashed
        ])  # fmt: skip

    def _key(self, table: str, values: tuple[Any, ...]) -> tuple[Any, ...]:
        columns = self._macs.columns[table]
        return self._as_stored(table, [values[columns.hashed.index(name)] for name in columns.key])

    def _as_stored(self, table: str, key: Iterable[Any]) -> tuple[Any, ...]:
        """A key as the database compares it: `plain` made a number of a boolean."""
        types, names = self._types[table], self._macs.columns[table].key
        return tuple([bool(each) if types[name] == _BOOLEAN else each for name, each in zip(names, key, strict=True)])

    # -- whole tables

    def rows(self, connection: Connection, table: str, names: Iterable[str]) -> Iterator[Any]:
        """These columns of every row that has a hash."""
        raw: Any = connection.connection.driver_connection
        with Cursor(raw) as cursor:
            for row in cursor.stream(_every(table, names)):
                yield tuple(map(plain, row))

    def rehash(self, connection: Connection, table: str, keys: Iterable[tuple[Any, ...]]) -> None:
        """Hash these rows of a table as they are: what they say was verified otherwise."""
        first = self._macs.columns[table].hashed[0]
        with connection.connection.driver_connection.cursor() as cursor:  # type: ignore[union-attr]  # it is open
            wanted = f'UPDATE "{table}" SET "{first}" = "{first}" WHERE {self._where(table)}'  # noqa: S608 - the same
            cursor.executemany(wanted, [self._as_stored(table, key) for key in keys])
        self.settle(connection)

    def adopt(self, connection: Connection, table: str) -> None:
        """Hash every row of a table as it stands."""
        raw: Any = connection.connection.driver_connection
        with raw.cursor(name="rows") as reading, raw.cursor() as cursor:
            reading.execute(_every(table, self._macs.columns[table].hashed))
            while part := [tuple(map(plain, row)) for row in reading.fetchmany(_BATCH)]:
                hashes = {self._key(table, row): self._macs.added(table, *row) or b"" for row in part}
                self._put(cursor, table, hashes)


class _WriterCursor(Cursor[Any]):
    """A cursor of the session that writes: rows that were changed have their hashes before it reads."""

    notices: Notices

    def execute(self, query: Any, *args: Any, **options: Any) -> "_WriterCursor":
        self.notices.before(query)
        return super().execute(query, *args, **options)

    def executemany(self, query: Any, *args: Any, **options: Any) -> None:
        self.notices.before(query)
        super().executemany(query, *args, **options)


def function() -> str:
    """The statement that makes the function of the triggers."""
    return f"CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $${BODY}$$"


def triggers(columns: dict[str, Columns]) -> Iterator[str]:
    """The statements that make the triggers: of each protected table and of the audit."""
    yield _trigger(_AUDIT, "INSERT", _AUDIT_LEFT_OUT)
    for table, each in columns.items():
        events = f"INSERT OR DELETE OR UPDATE OF {quoted(each.hashed)}"
        yield _trigger(table, events, TABLES[table].unhashed)


def _trigger(table: str, events: str, left_out: Iterable[str]) -> str:
    call = f"{FUNCTION}({', '.join(map(repr, left_out))})"
    return f'CREATE OR REPLACE TRIGGER {TRIGGER} AFTER {events} ON "{table}" FOR EACH ROW EXECUTE FUNCTION {call}'


def _every(table: str, names: Iterable[str]) -> str:
    return f'SELECT {quoted(names)} FROM "{table}"{_LEFT_OUT.get(table, "")}'  # noqa: S608 - names of the schema


def _is_left_out(table: str, row: dict[str, Any]) -> bool:
    return table == "meta" and row["name"] == ROW


def _bytes_of(value: str) -> bytes:
    return bytes.fromhex(value[2:])

"""Each protected table: a row that is edited, deleted, put in, or an older one put back, by whoever writes the store.

A file is copied for each test; in PostgreSQL whoever writes is taken back, after it was looked for.
"""

import hashlib
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Integer,
    LargeBinary,
    Table,
    create_engine,
    insert,
    inspect,
    select,
    update,
)

from suar.protocol.base.primitives import Secret
from suar.store import tables as t
from suar.store.engine import verifying
from suar.store.engine.account import AccountSeal
from suar.store.engine.anchor import Anchor
from suar.store.engine.bookkeeping import Books
from suar.store.engine.database import Database
from suar.store.engine.protection import MAC, TABLES, Protected
from suar.store.engine.row_macs import Columns, RowMacs
from suar.store.recovery import adopting
from support.postgresql import Cluster
from support.stores import POSTGRESQL

KEY = Secret(bytes(range(32)))


class Store(NamedTuple):
    """A store with two rows in each protected table; `older`: one of each as it was before it was changed."""

    folder: Path
    older: dict[str, tuple[Any, ...]]
    url: str | None = None  # in PostgreSQL
    writer: Connection | None = None  # there, whoever writes it


def opened(folder: Path, url: str | None = None) -> tuple[Database, Books]:
    database, books = Database(folder, url), books_of(folder)
    database.migrate()
    database.protect(books)
    return database, books


def books_of(folder: Path) -> Books:
    seal = AccountSeal(KEY)
    return Books("TH", RowMacs(KEY), seal, Anchor(folder, seal))


def value(column: "Column[Any]", seed: int) -> Any:
    if isinstance(column.type, Boolean):
        return bool(seed % 2)
    if isinstance(column.type, Integer | BigInteger):
        return seed
    if isinstance(column.type, LargeBinary):
        return bytes([seed]) * (column.type.length or 8)
    return chr(96 + seed)


def filled(table: Table, seed: int) -> dict[str, Any]:
    row = {column.name: value(column, seed) for column in table.c if column.name != MAC}
    digest = TABLES[table.name].digest
    return row if digest is None else row | {digest[1]: hashlib.blake2b(row[digest[0]], digest_size=32).digest()}


def changeable(table: Table) -> "list[Column[Any]]":
    return [column for column in table.c if column.name not in (MAC, *TABLES[table.name].unhashed)]


@pytest.fixture(scope="module")
def in_a_file(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return filled_store(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="module")
def in_postgresql(tmp_path_factory: pytest.TempPathFactory, cluster: Cluster) -> Iterator[Store]:
    cluster.execute("CREATE DATABASE protected_rows TEMPLATE migrated")
    url = cluster.url("protected_rows")
    made = filled_store(tmp_path_factory.mktemp("template"), url)
    engine = create_engine(url)
    with engine.connect() as writer:
        yield made._replace(writer=writer)
    engine.dispose()
    cluster.execute("DROP DATABASE protected_rows")


def filled_store(folder: Path, url: str | None = None) -> Store:
    database, books = opened(folder, url)
    with database.begin() as connection:
        books.adopt(connection, adopting.schema_of(connection))
    older = {}
    with database.begin() as connection:
        for name in TABLES:
            table = t.metadata.tables[name]
            for seed in (2, 4):
                connection.execute(insert(table).values(filled(table, seed)))
            first = next(iter(table.primary_key))
            older[name] = tuple(connection.execute(select(table).where(first == value(first, 2))).one())
    with database.begin() as connection:
        for name in TABLES:
            table = t.metadata.tables[name]
            key = next(iter(table.primary_key))
            plain = next((each for each in changeable(table) if not each.primary_key), None)
            if plain is not None:
                connection.execute(update(table).where(key == value(key, 2)).values({plain.name: value(plain, 6)}))
    database.close()
    return Store(folder, older, url)


@pytest.fixture
def store(each_store: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if each_store == POSTGRESQL:
        kept: Store = request.getfixturevalue("in_postgresql")
        assert kept.writer is not None
        with kept.writer.begin() as writing:
            yield kept
            writing.rollback()
        return
    kept = request.getfixturevalue("in_a_file")
    folder = tmp_path / "store"
    shutil.copytree(kept.folder, folder)
    yield Store(folder, kept.older)


def sql(store: Store, statement: str, *values: Any) -> None:
    """As whoever writes the store."""
    if store.writer is not None:
        assert store.writer.exec_driver_sql(statement.replace("?", "%s"), values).rowcount == 1
        return
    with sqlite3.connect(store.folder / "suar.db") as connection:
        assert connection.execute(statement, values).rowcount == 1
    connection.close()


def findings(store: Store) -> dict[str, str]:
    if store.writer is not None:
        database, books = Database(store.folder, store.url), books_of(store.folder)
        database.find_columns(books.macs, store.writer)
        found = altered(store.writer, books)
    else:
        database, books = opened(store.folder)
        with database.reading() as connection:
            found = altered(connection, books)
    database.close()
    return found


def altered(connection: Connection, books: Books) -> dict[str, str]:
    kept = books.kept(connection)
    verifying.compare_with_anchor(books, kept, books.anchor.read(), is_known=True)
    assert kept is not None
    return {name: text for name, _, text in verifying.everything(connection, books, kept) if text is not None}


def at_a_start(store: Store) -> dict[str, str]:
    """What a start finds where nothing but the rows was altered."""
    database, books = Database(store.folder, store.url), books_of(store.folder)
    with database.reading() as reading:
        connection = store.writer or reading
        database.find_columns(books.macs, connection)
        kept = books.kept(connection)
        assert kept is not None
        verifying.at_start(connection, books, kept)
    database.close()
    return books.findings


def here(table: Table, seed: int) -> tuple[str, list[Any]]:
    keys = list(table.primary_key)
    return " AND ".join(f'"{key.name}" = ?' for key in keys), [value(key, seed) for key in keys]


def test_nothing_is_found_where_nobody_wrote(store: Store) -> None:
    assert findings(store) == {}


CELLS = [(name, column.name) for name in TABLES for column in changeable(t.metadata.tables[name])]


@pytest.mark.parametrize(("name", "column"), CELLS)
def test_an_edited_column_is_found(store: Store, name: str, column: str) -> None:
    table = t.metadata.tables[name]
    where, key = here(table, 4)
    sql(store, f'UPDATE "{name}" SET "{column}" = ? WHERE {where}', value(table.c[column], 9), *key)
    assert set(findings(store)) == {name}


@pytest.mark.parametrize("data", [None, b"", b"another object"])
def test_an_object_outside_the_hash_that_was_removed_or_exchanged_is_found(store: Store, data: bytes | None) -> None:
    """Whoever removes what proves an alarm; the row and its hash stay."""
    where, key = here(t.alarm, 4)
    sql(store, f'UPDATE "alarm" SET evidence = ? WHERE {where}', data, *key)
    assert findings(store) == {"alarm": "the object of row 4 is not the one that this gateway wrote"}


def test_a_start_looks_whether_objects_are_there_and_reads_none(store: Store) -> None:
    where, key = here(t.alarm, 4)
    sql(store, f'UPDATE "alarm" SET evidence = ? WHERE {where}', None, *key)
    found = at_a_start(store)
    assert found == {"alarm": "the object of row 4 is not the one that this gateway wrote"}


@pytest.mark.parametrize("name", TABLES)
def test_a_deleted_row_is_found(store: Store, name: str) -> None:
    where, key = here(t.metadata.tables[name], 4)
    sql(store, f'DELETE FROM "{name}" WHERE {where}', *key)
    assert findings(store) == {name: "1 rows where this gateway wrote 2"}


@pytest.mark.parametrize("mac", [None, bytes(32), "text"])
@pytest.mark.parametrize("name", TABLES)
def test_a_row_that_was_put_in_is_found(store: Store, name: str, mac: object) -> None:
    row = filled(t.metadata.tables[name], 8) | {MAC: mac}
    names = ", ".join(f'"{each}"' for each in row)
    sql(store, f'INSERT INTO "{name}" ({names}) VALUES ({", ".join("?" * len(row))})', *row.values())
    assert set(findings(store)) == {name}


@pytest.mark.parametrize("name", TABLES)
def test_an_older_row_that_was_put_back_is_found(store: Store, name: str) -> None:
    """With its own hash, which the gateway made."""
    table = t.metadata.tables[name]
    if len(changeable(table)) == len(table.primary_key):
        pytest.fail(f"{name} has nothing that changes")
    where, key = here(table, 2)
    names = [column.name for column in table.c]
    sql(store, f'UPDATE "{name}" SET {", ".join(f"{each} = ?" for each in map(quoted, names))} WHERE {where}',
        *store.older[name], *key)  # fmt: skip
    assert findings(store) == {name: "an older row was put in the place of a newer one"}


def quoted(name: str) -> str:
    return f'"{name}"'


@pytest.mark.sqlite
def test_rows_of_two_tables_do_not_stand_for_each_other(store: Store) -> None:
    """A hash says of which table it is: a row of one is none of the other, with the same columns."""
    macs = RowMacs(KEY)
    macs.columns = {name: Columns(("a", "b", "c"), ("a",)) for name in ("revoke", "bundle")}
    assert macs.pair("revoke", (b"k", b"d", 1)) != macs.pair("bundle", (b"k", b"d", 1))


def test_a_table_without_its_hashes_is_found(store: Store) -> None:
    """The account has it, and nobody would verify it."""
    database, books = opened(store.folder, store.url)
    with database.reading() as connection:
        kept = books.kept(connection)
        assert kept is not None
        books.macs.columns = {name: each for name, each in books.macs.columns.items() if name != "recalled"}
        found = {name: text for name, _, text in verifying.everything(connection, books, kept) if text is not None}
        verifying.at_start(connection, books, kept)
    database.close()
    assert found == {"recalled": "it has no column for its hashes any more"}
    assert books.is_closed


@pytest.mark.sqlite
def test_columns_do_not_stand_for_each_other() -> None:
    """Two columns of a file that changed their names change what a row says, so they change its hash."""
    one, other = RowMacs(KEY), RowMacs(KEY)
    one.columns = {"token": Columns(("name", "is_person", "is_old"), ("name",))}
    other.columns = {"token": Columns(("name", "is_old", "is_person"), ("name",))}
    assert one.pair("token", ("x", 0, 1)) != other.pair("token", ("x", 0, 1))


# -- the schema and the document

DOCUMENT = Path(__file__).parents[3] / "docs" / "store.md"


def listed() -> dict[str, str]:
    """Table -> how it is protected, by docs/store.md."""
    rows = [line.split("|") for line in DOCUMENT.read_text().splitlines() if line.startswith("| `")]
    return {row[1].strip().strip("`"): row[2].strip() for row in rows}


@pytest.mark.sqlite
def test_each_table_of_the_schema_is_in_the_document() -> None:
    assert set(listed()) == set(t.metadata.tables)


@pytest.mark.sqlite
def test_the_document_says_what_the_code_does() -> None:
    documented = {name: how for name, how in listed().items() if how.startswith("protected")}
    assert documented == {name: words(how) for name, how in TABLES.items()}


def words(how: Protected) -> str:
    """How a table is protected, as the document says it."""
    named = {"closes": how.is_deciding, "judged": how.judged_by, "again": how.may_return, "prompt": how.is_prompt}
    return ", ".join(["protected", *(word for word, holds in named.items() if holds)])


@pytest.mark.sqlite
def test_protected_tables_have_the_column_last_and_the_others_do_not() -> None:
    with_hash = {name for name, table in t.metadata.tables.items() if MAC in table.c}
    assert with_hash == set(TABLES)
    assert all([*t.metadata.tables[name].c][-1].name == MAC for name in TABLES)


def test_each_protected_column_of_the_store_is_edited_by_a_test(store: Store) -> None:
    """By the store that the migrations make: a column that is added later is edited too, or this test fails."""
    database, _ = opened(store.folder, store.url)
    with database.reading() as connection:
        found = inspect(connection)
        columns = {(name, column["name"]) for name in found.get_table_names() for column in found.get_columns(name)}
    database.close()
    protected = {name for name, column in columns if column == MAC}
    edited = {*CELLS, *((name, column) for name, how in TABLES.items() for column in (MAC, *how.unhashed))}
    assert protected == set(TABLES)
    assert {each for each in columns if each[0] in protected} == edited


@pytest.mark.sqlite
def test_only_what_is_signed_or_sealed_is_outside_the_hash() -> None:
    assert {name: how.unhashed for name, how in TABLES.items() if how.unhashed} == {
        "alarm": ("evidence",),
        "epoch": ("data",),
        "stamp": ("leaves",),
    }

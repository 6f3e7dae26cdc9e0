"""Whatever statement changes protected rows, they have their hashes and the account is carried on."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import Connection, delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from suar.protocol.base.primitives import Secret
from suar.store import tables as t
from suar.store.engine import meta, verifying
from suar.store.engine.account import AccountSeal
from suar.store.engine.anchor import Anchor
from suar.store.engine.bookkeeping import Books
from suar.store.engine.database import Database
from suar.store.engine.prepared import Insert
from suar.store.engine.protection import MAC
from suar.store.engine.row_macs import RowMacs
from suar.store.engine.upsert import insert_new, upsert
from suar.store.faults import AlteredError
from suar.store.recovery import adopting
from support import stores

KEY = Secret(bytes(range(32)))
_INSERT = Insert(t.place, "frame_hash", "place", "id", "rev", "owed", keep=True)
n = t.number


class Kept(NamedTuple):
    """A protected store, open."""

    database: Database
    books: Books


@pytest.fixture
def kept(each_store: str, tmp_path: Path) -> Iterator[Kept]:
    if not stores.is_sqlite():
        stores.new_url(tmp_path)
    database, seal = stores.opened(tmp_path), AccountSeal(KEY)
    database.migrate()
    books = Books("TH", RowMacs(KEY), seal, Anchor(tmp_path, seal))
    database.protect(books)
    with database.begin() as connection:
        books.adopt(connection, adopting.schema_of(connection))
    yield Kept(database, books)
    database.close()


def rows_of(kept: Kept, name: str) -> int:
    """How many rows the account has of a table; each row has its hash, and nothing is wrong with any table."""
    with kept.database.reading() as connection:
        account = kept.books.kept(connection)
        assert account is not None
        found = {table: finding for table, _, finding in verifying.everything(connection, kept.books, account)}
        assert not any(found.values()), found
        table = t.metadata.tables[name]
        assert all(mac is not None for mac in connection.execute(select(table.c[MAC])).scalars())
        assert account.audit == (kept.books.account.audit if kept.books.account else None)
        return account.tables[name].rows


def place_rows(count: int) -> list[tuple[object, ...]]:
    return [(bytes([i // 256, i % 256]) * 16, i, f"TH-ALERT-2027-{i:06d}", 1, True) for i in range(count)]


def test_a_row_that_is_put_in_changed_and_deleted(kept: Kept) -> None:
    with kept.database.begin() as connection:
        connection.execute(insert(t.meta).values(name="a", value="1"))
        connection.execute(insert(t.meta).values(name="b", value="1"))
    assert rows_of(kept, "meta") == 2
    with kept.database.begin() as connection:
        connection.execute(update(t.meta).where(t.meta.c.name == "a").values(value="2"))
    assert rows_of(kept, "meta") == 2
    with kept.database.begin() as connection:
        connection.execute(delete(t.meta).where(t.meta.c.name == "b"))
    assert rows_of(kept, "meta") == 1


def test_a_row_that_is_changed_several_times_at_once(kept: Kept) -> None:
    with kept.database.begin() as connection:
        for value in ("1", "2", "1"):
            meta.put(connection, "a", value)
        connection.execute(delete(t.meta))
        meta.put(connection, "a", "3")
        meta.put(connection, "a", "3")
    assert rows_of(kept, "meta") == 1


def test_a_row_that_is_put_in_and_deleted_at_once(kept: Kept) -> None:
    with kept.database.begin() as connection:
        meta.put(connection, "a", "1")
        connection.execute(delete(t.meta))
    assert rows_of(kept, "meta") == 0


def test_a_row_of_which_the_key_changes(kept: Kept) -> None:
    with kept.database.begin() as connection:
        meta.put(connection, "a", "1")
        connection.execute(update(t.meta).values(name="b"))
    with kept.database.begin() as connection:
        connection.execute(update(t.meta).values(name="c"))
    assert rows_of(kept, "meta") == 1


def test_many_rows_at_once(kept: Kept) -> None:
    with kept.database.begin() as connection:
        _INSERT.insert(connection, place_rows(700))
    assert rows_of(kept, "place") == 700
    with kept.database.begin() as connection:
        connection.execute(update(t.place).values(owed=False))
        connection.execute(delete(t.place).where(t.place.c.place < 100))
    assert rows_of(kept, "place") == 600


def test_rows_that_replace_others_or_leave_them(kept: Kept) -> None:
    with kept.database.begin() as connection:
        upsert(connection, t.meta, [{"name": name, "value": "1"} for name in "abc"])
    with kept.database.begin() as connection:
        upsert(connection, t.meta, [{"name": name, "value": "2"} for name in "cde"])
        insert_new(connection, t.meta, [{"name": name, "value": "3"} for name in "efg"])
    assert rows_of(kept, "meta") == 7
    with kept.database.reading() as connection:
        found = connection.execute(select(t.meta.c.name, t.meta.c.value).order_by(t.meta.c.name)).all()
    assert "".join(name + value for name, value in found) == "a1b1c2d2e2f3g3"


def test_what_a_savepoint_takes_back(kept: Kept) -> None:
    with kept.database.begin() as connection:
        meta.put(connection, "a", "1")
        outer = connection.begin_nested()
        meta.put(connection, "a", "2")
        meta.put(connection, "b", "2")
        inner = connection.begin_nested()
        connection.execute(delete(t.meta))
        inner.rollback()
        assert values(connection) == {"a": "2", "b": "2"}
        meta.put(connection, "c", "2")
        outer.rollback()
        assert values(connection) == {"a": "1"}
        with connection.begin_nested():
            meta.put(connection, "d", "1")
    assert rows_of(kept, "meta") == 2


def test_what_a_statement_that_fails_takes_back(kept: Kept) -> None:
    with kept.database.begin() as connection:
        meta.put(connection, "a", "1")
        savepoint = connection.begin_nested()
        with pytest.raises(IntegrityError):
            connection.execute(text("INSERT INTO meta (name, value) VALUES ('b', '1'), ('a', '1')"))
        savepoint.rollback()
    assert rows_of(kept, "meta") == 1


def test_a_transaction_that_is_taken_back(kept: Kept) -> None:
    with pytest.raises(RuntimeError):
        put_and_fail(kept)
    with kept.database.begin() as connection:
        meta.put(connection, "b", "1")
    assert rows_of(kept, "meta") == 1


def test_a_row_is_verified_in_the_transaction_that_wrote_it(kept: Kept) -> None:
    with kept.database.begin() as connection:
        meta.put(connection, "a", "1")
        found = connection.execute(select(t.meta)).all()
        assert verifying.sound(connection, t.meta, found) == found
        meta.put(connection, "a", "2")
        verifying.table_sound(connection, t.meta)


def test_values_of_every_type(kept: Kept) -> None:
    """With what JSON, hexadecimal digits and a placeholder could make of them."""
    odd = 'a "quoted" \\x00ff % %s ไทย 🜁 \n'
    with kept.database.begin() as connection:
        meta.put(connection, odd, odd)
        _INSERT.insert(connection, [(bytes(range(32)), 2**31 - 1, "x", 1, False)])
        connection.execute(insert(t.returned).values(member="VN", **others(t.returned)))
    with kept.database.begin() as connection:
        meta.put(connection, odd, "")
        connection.execute(update(t.place).values(owed=True))
    assert rows_of(kept, "meta") == rows_of(kept, "place") == rows_of(kept, "returned") == 1


def put_and_fail(kept: Kept) -> None:
    with kept.database.begin() as connection:
        meta.put(connection, "a", "1")
        raise RuntimeError


def others(table: object) -> dict[str, object]:
    return {column.name: 2**62 for column in table.c if column.name not in ("member", MAC)}  # type: ignore[attr-defined]  # a table


def test_a_line_of_the_audit_is_in_the_account(kept: Kept) -> None:
    with kept.database.begin() as connection:
        connection.execute(insert(t.audit).values(n=1, at=1, who="a", what="b", about="c", hash=bytes([7]) * 32))
    assert kept.books.account is not None
    assert kept.books.account.audit == (1, bytes([7]) * 32)


def test_a_row_that_somebody_changed_stops_the_transaction_that_changes_it(kept: Kept) -> None:
    with kept.database.begin() as connection:
        meta.put(connection, "a", "1")
    written_by_others(kept, "UPDATE meta SET value = '2'")
    with pytest.raises(AlteredError, match="table meta: row a"), kept.database.begin() as connection:
        meta.put(connection, "a", "3")
    with pytest.raises(AlteredError), kept.database.begin():
        pass


def written_by_others(kept: Kept, statement: str) -> None:
    other = Database(kept.database.path.parent, kept.database.url.render_as_string(hide_password=False))
    with other.begin() as connection:
        connection.execute(text(statement))
    other.close()


def values(connection: Connection) -> dict[str, str]:
    return {row.name: row.value for row in connection.execute(select(t.meta))}

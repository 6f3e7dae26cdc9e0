"""Rows that are inserted in blocks: as many, in the same order, with the same hashes as one by one."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Connection, select

from suar.store import tables as t
from suar.store.engine.database import Database
from suar.store.engine.prepared import Insert
from suar.store.engine.verifying import is_as_written
from suar.store.people import access
from support.corekit import CoreKit

_CONTENTS = Insert(t.content, "name", "id", "at", keep=True)
_STRICT = Insert(t.content, "name", "id", "at")
_INSERT = Insert(t.place, "frame_hash", "place", "id", "rev", "owed")


def _contents(first: int, last: int) -> list[tuple[Any, ...]]:
    return [(number.to_bytes(32, "big"), f"TH-TREND-2027-{number:06}", number) for number in range(first, last)]


def _stored(connection: Connection) -> list[tuple[Any, ...]]:
    c = t.content.c
    return [tuple(row) for row in connection.execute(select(c.name, c.id, c.at).order_by(c.at))]


@pytest.mark.parametrize("count", [0, 1, 31, 32, 33, 64, 100])
def test_every_row_is_stored_unchanged_and_counted(database: Database, count: int) -> None:
    with database.begin() as connection:
        assert _CONTENTS.insert(connection, _contents(0, count)) == count
        assert _stored(connection) == _contents(0, count)


def test_a_row_that_is_there_stays_and_is_not_counted(database: Database) -> None:
    with database.begin() as connection:
        _CONTENTS.insert(connection, [(name, "first", at) for name, _, at in _contents(0, 50)])
        assert _CONTENTS.insert(connection, _contents(20, 120)) == 70
        assert {id_ for _, id_, at in _stored(connection) if at < 50} == {"first"}


def test_a_block_with_a_row_that_is_refused_leaves_nothing(database: Database) -> None:
    with database.begin() as connection:
        _STRICT.insert(connection, _contents(40, 41))
    with pytest.raises(Exception, match=r"(?i)unique"), database.begin() as connection:
        _STRICT.insert(connection, _contents(0, 64))
    with database.begin() as connection:
        assert _stored(connection) == _contents(40, 41)


@pytest.mark.sqlite
def test_a_hundred_rows_are_few_statements(database: Database) -> None:
    statements: list[str] = []
    with database.begin() as connection:
        raw: Any = connection.connection.driver_connection
        raw.set_trace_callback(statements.append)
        _CONTENTS.insert(connection, _contents(0, 96))
        raw.set_trace_callback(None)
    assert len(statements) == 3


@pytest.mark.sqlite
def test_protected_rows_in_blocks_have_their_hashes(make_core: Callable[..., CoreKit]) -> None:
    core = make_core().core
    with core.transaction() as connection:
        _INSERT.insert(connection, [(bytes(32), n, f"TH-ALERT-2027-{n:06}", 1, n % 2 == 0) for n in range(70)])
    with core.transaction() as connection:
        rows = connection.execute(select(t.place).order_by(t.place.c.place)).all()
        assert [row.place for row in rows] == list(range(70))
        assert all(is_as_written(connection, t.place, row) for row in rows)
        altered = SimpleNamespace(**rows[-1]._asdict() | {"rev": 2})
        assert not is_as_written(connection, t.place, altered)
    assert not core.database.books or not core.database.books.findings


@pytest.mark.sqlite
def test_lines_of_the_audit_keep_their_order_and_the_last_one_is_noted(make_core: Callable[..., CoreKit]) -> None:
    core = make_core().core
    with core.transaction() as connection:
        before, _ = access.last_note(connection)
        access.notes(connection, [(1, "desk", "publish", str(n)) for n in range(80)])
        last = access.last_note(connection)
        wanted = select(t.audit.c.about).where(t.audit.c.n > before).order_by(t.audit.c.n)
        assert list(connection.execute(wanted).scalars()) == [str(n) for n in range(80)]
    books = core.database.books
    assert books is not None
    assert books.account is not None
    assert books.account.audit == last

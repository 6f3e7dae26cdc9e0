"""A writer of the store changes the type of a value: SQLite keeps any type in any column, and text that is no UTF-8."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Table

from suar.protocol.base.errors import Fault
from suar.protocol.transport.outcome import Alarm
from suar.service.access.authentication import Authentication
from suar.service.access.last_uses import LastUses
from suar.service.access.registry import AgencyRegistry
from suar.service.process import run
from suar.service.recovery import reanchor
from suar.store import tables as t
from suar.store.engine.protection import TABLES
from suar.store.faults import AlteredError
from suar.store.outbound import leftovers
from suar.store.people import access, agencies, audit
from support.corekit import PASSPHRASE, CoreKit, core_with_bundles, epoch_of, frame_of, rows
from support.kit import actor, alert, open_sending

pytestmark = pytest.mark.sqlite

NO_UTF8 = "cast(x'61fffe' as text)"
VALUES = ("'text'", "x'80'", "7", "9223372036854775807", "9.5", "null", NO_UTF8)
OUTSIDE = [name for name in t.metadata.tables if name not in TABLES and name not in ("audit", "integrity")]
NAMED = [name for name, how in TABLES.items() if not how.is_deciding]
DECIDING = [name for name, how in TABLES.items() if how.is_deciding]

EVIDENCE = "table alarm: the object of row 1 is not the one that this gateway wrote"


@pytest.fixture
def th(tmp_path: Path) -> Iterator[CoreKit]:
    with core_with_bundles(tmp_path / "th", "TH") as made:
        made.keyring.save()
        sending = open_sending(actor("VN"), made.lists)
        made.receive(epoch_of(sending), frame_of(sending, alert("VN-ALERT-2027-000001")))
        with made.core.transaction() as connection:
            made.core.raise_alarm(connection, Alarm("A-SILENCE", "VN"), b"what was sent")
        yield made


def plain_value(column: "Column[Any]", number: int) -> object:
    kind = column.type.python_type
    return number if kind in (int, bool) else b"%032d" % number if kind is bytes else f"a{number}"


def spoil(kit: CoreKit, names: Iterable[str], value: str) -> None:
    """Add to each table a row for each column, which has the value there, and none where the schema refuses it."""
    with closing(sqlite3.connect(kit.folder / "suar.db", timeout=120)) as store, store:
        for name in names:
            for number, column in enumerate(t.metadata.tables[name].c, 9_000):
                insert_one(store, t.metadata.tables[name], column.name, value, number)


def insert_one(store: sqlite3.Connection, table: Table, spoiled: str, value: str, number: int) -> None:
    others = [column for column in table.c if column.name != spoiled]
    names = ", ".join(f'"{name}"' for name in (spoiled, *(column.name for column in others)))
    columns = ", ".join((value, *("?" for _ in others)))
    with contextlib.suppress(sqlite3.IntegrityError):  # a NULL where none may be, a text for a number of rows
        store.execute(
            f"insert into {table.name} ({names}) values ({columns})", [plain_value(c, number) for c in others]
        )


def sql(kit: CoreKit, *statements: str) -> None:
    with closing(sqlite3.connect(kit.folder / "suar.db", timeout=120)) as store, store:
        for statement in statements:
            assert store.execute(statement).rowcount > 0, statement


def verify_all(kit: CoreKit) -> None:
    kit.now += 1
    while kit.core.integrity.verified_at != kit.now:  # as many steps as it takes here
        kit.aside(kit.core.integrity.verify_next, kit.now, kit.core.pause_between_reads)


def of_store(kit: CoreKit) -> dict[str, str]:
    """What `suar audit verify --store` says, by table; the gateway is stopped."""
    kit.core.close()
    return {table: text for table, _, text in run.verified(kit.folder, PASSPHRASE, {}) if text is not None}


@pytest.mark.parametrize("value", VALUES)
def test_no_value_of_any_type_in_any_column_ends_the_start_the_sweep_or_the_verification(
    th: CoreKit, value: str
) -> None:
    sql(th, f"update alarm set evidence = {value} where n = 1")
    verify_all(th)
    assert th.core.integrity.finding == EVIDENCE
    assert of_store(th) == {"alarm": EVIDENCE.partition(": ")[2]}
    spoil(th, [*OUTSIDE, *NAMED], value)
    th.restart()
    verify_all(th)
    th.core.integrity.require_unaltered()  # named, not closed
    with th.core.transaction() as connection:
        leftovers.evidence_after(connection, 0)
        agencies.last_uses(connection)
    spoil(th, ["audit", *DECIDING], value)
    verify_all(th)
    assert {"alarm", "token"} <= of_store(th).keys()
    with pytest.raises(Fault, match="the store was altered from outside: table"):
        th.restart()


async def lists(kit: CoreKit, uses: LastUses) -> list[dict[str, object]]:
    """What GET /v1/tokens and /v1/agencies answer."""
    return await Authentication(kit.core, uses).list() + await AgencyRegistry(kit.core, uses, lambda _: None).list()


def test_text_that_is_no_utf8_where_no_hash_is_shuts_no_call_and_is_told(th: CoreKit) -> None:
    """Tokens, agencies and the audit answered 503 for good, with a hint to another schema, and no check named it."""
    with th.core.transaction() as connection:
        access.note(connection, "desk", "publish", "a", th.now)
    uses = LastUses(th.core)
    sql(th, f"insert into last_use values ({NO_UTF8}, 5)", f"update audit set about = {NO_UTF8} where n = 1")
    assert asyncio.run(lists(th, uses)) == []
    with th.core.database.reading() as connection:
        assert audit.lines(connection, 0, 10)
    verify_all(th)
    what = "has a text that is no UTF-8, which this gateway does not write"
    named = {"audit": f"row 1 {what}", "last_use": f"row a\ufffd\ufffd {what}"}
    assert th.core.integrity.books.findings == named
    th.core.integrity.require_unaltered()
    assert of_store(th) == named
    th.restart()
    uses = LastUses(th.core)
    uses.note("desk")
    th.aside(uses.keep, at_once=True)
    assert rows(th, "select name from last_use") == [("desk",)]


def test_text_that_is_no_utf8_in_a_protected_row_is_named_with_the_right_step(th: CoreKit) -> None:
    sql(th, f"update alarm set member = {NO_UTF8}")
    verify_all(th)
    named = "row 1 is not as this gateway wrote it"
    assert th.core.integrity.finding == f"table alarm: {named}"
    assert of_store(th) == {"alarm": named}
    with pytest.raises(AlteredError, match="table alarm has a text that is no UTF-8") as fault:
        reanchor.as_it_is(th.folder, th.keyring, "why", None, th.now)
    assert "suar restore" in fault.value.hint
    th.restart()
    with pytest.raises(AlteredError, match="no UTF-8") as changed, th.core.transaction() as connection:
        connection.exec_driver_sql("delete from alarm")
    assert "suar audit verify --store" in changed.value.hint


@pytest.mark.parametrize("value", [value for value in VALUES if value != "null"])
def test_an_account_of_another_type_is_refused_by_its_name(th: CoreKit, value: str) -> None:
    sql(th, f"update integrity set sealed = {value}")
    with pytest.raises(Fault, match="the store's account of its rows was altered"):
        th.restart()

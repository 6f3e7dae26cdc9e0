"""What a member may ask for by a receipt of a few bytes is found by an index, not by a look at all that ever left."""

import sqlite3
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import Connection, select

from suar.store import tables as t
from suar.store.engine.database import Database
from suar.store.messages import exposure, inbox
from suar.store.messages.urgency import Selection
from suar.store.outbound import outbox, sent_before
from support.again import republish

pytestmark = pytest.mark.sqlite
EPOCH = bytes(32)
LAST = 1 << 40


def test_an_epoch_and_its_successor(database: Database) -> None:
    with database.begin() as connection:
        epoch = {"subject": "s", "data": b"", "at": 1, "epoch_id": EPOCH, "channel": "SG", "realm": "actual"}
        outbox.append(connection, [epoch, epoch | {"data": b"frame", "seq": 0, "frame_hash": EPOCH, "messages": 1}])
        found = explained(connection)
        assert sent_before.of_epoch(connection, EPOCH, "SG") == (EPOCH, 1, 0)
        republish(connection, EPOCH, 3, 4, "SG")
        assert len(exposure.own_epochs(connection)) == 1
        assert list(outbox.frames_named(connection, EPOCH, {EPOCH})) == [b"frame"]
    steps = [each for each in found if "outbox" in each]
    assert len(steps) >= 4
    assert [each for each in steps if "USING" not in each] == []
    assert any("outbox_epochs (channel=? AND realm=? AND n>?)" in each for each in steps)
    assert any("outbox_epoch (epoch_id=? AND seq>? AND seq<?)" in each for each in steps)


def explained(connection: Connection) -> list[str]:
    """How SQLite goes about each further statement of this connection, those of the driver's own cursor too."""
    found: list[str] = []
    raw = connection.connection.dbapi_connection
    assert raw is not None

    def explain(statement: str) -> None:
        if statement.startswith("SELECT"):
            with closing(sqlite3.connect(path_of(connection))) as other:
                found.extend(row[3] for row in other.execute(f"EXPLAIN QUERY PLAN {statement}"))

    raw.set_trace_callback(explain)
    return found


def path_of(connection: Connection) -> str:
    return str(connection.exec_driver_sql("PRAGMA database_list").fetchall()[0][2])


ROW = {
    "rev": 1, "digest": EPOCH, "tlp": "AMBER", "at": 1, "sent": 1, "body": b"body", "body_key": b"salt",
    "action": "new",
}  # fmt: skip


def fill(connection: Connection, first: int = 0) -> None:
    """Messages of three members in both realms, of two kinds and three lanes, in turns; every fifth is over."""
    rows = [
        ROW
        | {
            "id": f"{first + n}", "origin": ("TH", "SG", "VN")[n % 3], "realm": ("actual", "exercise")[n % 2],
            "kind": ("alert", "trend")[n // 2 % 2], "lane": n // 4 % 3, "expires": 10 if n % 5 == 0 else 1000,
            "frame_hash": bytes([n % 256]) * 32,
        }
        for n in range(600)
    ]  # fmt: skip
    connection.execute(t.message.insert(), rows)


@pytest.mark.parametrize("after", [None, 0, 77])
@pytest.mark.parametrize("state", [None, True, False])
@pytest.mark.parametrize(
    "selection",
    [
        Selection(),
        Selection(realm="actual", not_origin="TH"),
        Selection(kind="trend", origin="SG"),
        Selection("alert", None, "exercise", "VN"),
    ],
)
def test_the_inbox(database: Database, selection: Selection, state: bool | None, after: int | None) -> None:
    """In either order, with any selection, the same rows as a look at all; and never a look at all."""
    with database.begin() as connection:
        fill(connection)
    with database.begin() as connection:
        found = explained(connection)
        numbers = inbox.received(connection, selection, after, 20, state, 100, LAST)
        urgent = inbox.by_urgency(connection, selection, (1, after or 0), 20, state, 100, LAST)
        (rows,) = inbox.pages(connection, urgent)
        assert [row.n for row in rows] == urgent
    steps = [each for each in found if "message" in each]
    assert [each for each in steps if each.startswith("SCAN")] == []
    assert [each for each in steps if "message_inbox" not in each and "PRIMARY KEY" not in each] == []
    with database.begin() as connection:
        every = [row for row in connection.execute(select(t.message)) if is_wanted(row, selection, state)]
    later = [row.n for row in every if after is None or row.n > after]
    assert numbers == (later[-20:] if after is None else later[:20])
    ordered = sorted((row.lane, row.n) for row in every)
    assert urgent == [n for lane, n in ordered if (lane, n) > (1, after or 0)][:20]


@pytest.mark.parametrize("state", [None, True])
def test_a_list_costs_the_same_in_a_store_ten_times_as_large(database: Database, state: bool | None) -> None:
    """Counted in SQLite's own steps; what is in force stands at hand."""
    counts: list[int] = []
    for copies in (1, 9):
        with database.begin() as connection:
            for copy in range(copies):
                fill(connection, first=len(counts) * 600 + copy * 600)
        with database.begin() as connection:
            raw = connection.connection.dbapi_connection
            assert raw is not None
            steps: list[None] = []
            raw.set_progress_handler(lambda: steps.append(None), 10)  # noqa: B023 - called within this turn of the loop
            inbox.received(connection, Selection(realm="actual", not_origin="TH"), 0, 5, state, 100, LAST)
            inbox.by_urgency(connection, Selection(realm="actual", not_origin="TH"), (-1, 0), 5, state, 100, LAST)
            raw.set_progress_handler(None, 0)
            counts.append(len(steps))
    assert counts[1] < 1.5 * counts[0], counts


def is_wanted(row: Any, selection: Selection, state: bool | None) -> bool:
    named = ((selection.kind, row.kind), (selection.origin, row.origin), (selection.realm, row.realm))
    is_named = all(wanted in (None, value) for wanted, value in named) and row.origin != selection.not_origin
    return is_named and (state is None or state == (row.expires > 100))


def test_a_page_of_large_messages_is_read_in_parts(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the frames that are kept with them."""
    monkeypatch.setattr(inbox, "BYTES", 25)
    body = {"body": b"0123456789", "frame": bytes(1000), "origin": "SG", "realm": "actual", "kind": "alert", "lane": 1}
    with database.begin() as connection:
        connection.execute(t.message.insert(), [ROW | body | {"id": f"{n}", "expires": 1} for n in range(7)])
        parts = list(inbox.pages(connection, [1, 2, 3, 4, 5, 6, 7]))
    assert [[row.n for row in part] for part in parts] == [[1, 2], [3, 4], [5, 6], [7]]
    assert not hasattr(parts[0][0], "frame")


def test_what_a_key_exposed(database: Database) -> None:
    with database.begin() as connection:
        fill(connection)
        connection.execute(
            t.frame.insert(),
            [{"epoch_id": EPOCH, "seq": n, "hash": bytes([n % 256]) * 32, "prev": EPOCH} for n in range(1, 200)],
        )
    with database.begin() as connection:
        found = explained(connection)
        assert len(exposure.received(connection, [EPOCH])) > 400
        assert exposure.quarantined(connection, [EPOCH]) == 0
        assert exposure.published(connection, [EPOCH]) == []
        assert exposure.frames_of(connection, [EPOCH]) == set()
        rows = exposure.own_messages(connection, "TH", "alert", 0, 0, 50)
        assert len(rows) == 50
        assert exposure.frames_with(connection, rows) == {}
    steps = [each for each in found if each.startswith("SCAN") and "SUBQUERY" not in each]
    assert steps == []
    assert any("message_frame" in each for each in found)
    assert any("quarantine_frame" in each for each in found)

"""What a hostile object may leave behind is bounded: waiting, quarantine, samples, alarms (docs/bounds.md)."""

from typing import Any

import pytest
import sqlalchemy as sa

from suar.protocol.base import limits
from suar.protocol.base.primitives import Secret
from suar.protocol.transport import outcome
from suar.protocol.transport.outcome import Alarm
from suar.store import tables as t
from suar.store.engine.database import Database
from suar.store.engine.vault import Vault
from suar.store.inbound import incidents
from support.kit import NOW

VAULT = Vault(Secret(bytes(32)))


def row(sender: str, type_: str = "frame", **more: Any) -> dict[str, Any]:
    base = {"sender": sender, "type": type_, "subject": "tip", "code": "E-FRAME-EPOCH", "rule": "F2", "since": NOW}
    return base | {"epoch_id": bytes(32), "for_time": None} | more


def held(connection: sa.Connection, table: sa.Table = t.waiting, **where: str) -> tuple[int, int]:
    """(rows, bytes) of a table with `size`."""
    wanted = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(table.c.size), 0)).filter_by(**where)
    rows, size = connection.execute(wanted).one()
    return rows, size


# -- waiting


def test_one_large_frame_displaces_as_many_small_ones_as_it_needs(database: Database) -> None:
    small, large = 4_096, limits.FRAME_BYTES_MAX
    with database.begin() as connection:
        for n in range(limits.WAIT_FRAME_BYTES // small):
            assert incidents.add_waiting(connection, row("TH"), n.to_bytes(8, "big").ljust(small)) == []
        gone = incidents.add_waiting(connection, row("TH"), bytes(large))
        assert len(gone) == large // small
        assert [each.data[:8] for each in gone[:2]] == [bytes(8), (1).to_bytes(8, "big")]
        assert held(connection) == (limits.WAIT_FRAME_BYTES // small - len(gone) + 1, limits.WAIT_FRAME_BYTES)


def test_what_waits_is_read_a_few_at_a_time_and_may_go_meanwhile(database: Database) -> None:
    with database.begin() as connection:
        for n in range(100):
            incidents.add_waiting(connection, row("TH"), bytes([n]) * limits.FRAME_BYTES_MIN)
        seen = []
        for each in incidents.waiting_objects(connection, everything=True):
            seen.append(each.data[0])
            incidents.delete_waiting(connection, [each.n, each.n + 50])
        assert seen[:50] == list(range(50))
        assert len(seen) <= 50 + incidents.PAGE
        assert held(connection) == (0, 0)


def test_what_is_due_is_what_has_waited_a_day_and_what_waited_for_this_time(database: Database) -> None:
    with database.begin() as connection:
        incidents.add_waiting(connection, row("TH"), b"stays".ljust(limits.FRAME_BYTES_MIN))
        incidents.add_waiting(
            connection, row("TH", since=NOW - limits.WAIT_MAX), b"too long".ljust(limits.FRAME_BYTES_MIN)
        )
        incidents.add_waiting(connection, row("TH", for_time=NOW), b"its time has come".ljust(limits.FRAME_BYTES_MIN))
        incidents.add_waiting(connection, row("TH", for_time=NOW + limits.HOUR), b"later".ljust(limits.FRAME_BYTES_MIN))
        assert [each.data.rstrip() for each in incidents.waiting_due(connection, NOW)] == [
            b"too long",
            b"its time has come",
        ]


# -- quarantine


def refused(*texts: bytes) -> list[tuple[dict[str, Any], bytes]]:
    own = {"code": "E-MESSAGE-FORM", "rule": "F8", "path": "$"}
    return [(own | {"place": index}, text) for index, text in enumerate(texts)]


def quarantine(connection: sa.Connection, sender: str, *texts: bytes) -> int:
    common = {"sender": sender, "frame_hash": bytes(32), "at": NOW}
    return incidents.quarantine(connection, VAULT, common, refused(*texts))


def test_quarantine_keeps_so_many_rows_of_a_sender_the_newest(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "QUARANTINE_ROWS", 600)
    with database.begin() as connection:
        assert quarantine(connection, "SG", b"of another") == 0
        assert [quarantine(connection, "TH", *[b"x"] * 256) for _ in range(4)] == [0, 0, 168, 256]
        assert held(connection, t.quarantine, sender="TH") == (600, 600)
        assert held(connection, t.quarantine, sender="SG") == (1, 10)


def test_quarantine_keeps_so_many_bytes_of_a_sender(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "QUARANTINE_BYTES", 1_000)
    with database.begin() as connection:
        quarantine(connection, "TH", *[b"x" * 100] * 10)
        assert quarantine(connection, "TH", b"y" * 850) == 9
        assert held(connection, t.quarantine) == (2, 950)
        newest = connection.execute(sa.select(t.quarantine).order_by(t.quarantine.c.n.desc()).limit(1)).one()
        assert VAULT.open(newest.sealed, newest.sealed_key, "quarantine TH") == b"y" * 850


def test_samples_are_a_ring_and_cut(database: Database) -> None:
    with database.begin() as connection:
        for n in range(limits.SAMPLES + 5):
            sample = {"origin": "TH", "code": "E-FRAME-FORM", "rule": "F1", "subject": "s" * 4_000, "at": n}
            incidents.keep_sample(connection, sample, bytes(limits.FRAME_BYTES_MAX))
        kept = connection.execute(sa.select(t.sample).order_by(t.sample.c.n)).all()
        assert [each.at for each in kept] == list(range(5, limits.SAMPLES + 5))
        assert {(len(each.data), len(each.subject)) for each in kept} == {(1_024, 120)}


# -- alarms


def raised(connection: sa.Connection, number: int, now: int = NOW, size: int = 10, name: str = outcome.GAP) -> bool:
    return incidents.raise_alarm(connection, Alarm(name, "TH", number, number), bytes(size), now)


def alarms(connection: sa.Connection, name: str = outcome.GAP) -> list[Any]:
    a = t.alarm
    columns = (a.c.first, a.c.seen_again, sa.func.coalesce(sa.func.length(a.c.evidence), 0).label("bytes"))
    return list(connection.execute(sa.select(*columns).where(a.c.name == name).order_by(a.c.n)))


def test_the_first_alarms_of_a_day_stand_and_the_flood_after_them_is_counted(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ALARM_ROWS", 20)
    with database.begin() as connection:
        assert [raised(connection, n) for n in range(100)] == [True] * 20 + [False] * 80
        assert raised(connection, 0, name=outcome.EQUIVOCATION)
        kept = alarms(connection)
        assert [each.first for each in kept] == list(range(20))
        assert [each.seen_again for each in kept] == [0] * 19 + [80]
        assert raised(connection, 500, NOW + limits.DAY + 1)
        assert [each.first for each in alarms(connection)] == [*range(1, 20), 500]


def test_evidence_is_kept_of_the_first_alarms_and_gives_way_after_a_day(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ALARM_BYTES", 100)
    with database.begin() as connection:
        assert [raised(connection, n, size=30) for n in range(5)] == [True] * 5
        assert [each.bytes for each in alarms(connection)] == [30, 30, 30, 0, 0]
        assert raised(connection, 5, NOW + limits.DAY, size=50)
        assert [each.bytes for each in alarms(connection)] == [0, 0, 30, 0, 0, 50]


def test_the_same_alarm_is_counted_for_a_day(database: Database) -> None:
    with database.begin() as connection:
        assert [raised(connection, 7, at) for at in (NOW, NOW + 1, NOW + limits.DAY)] == [True, False, True]
        assert [(each.first, each.seen_again) for each in alarms(connection)] == [(7, 1), (7, 0)]

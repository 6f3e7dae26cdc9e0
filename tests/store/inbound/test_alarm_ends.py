"""Alarms that ended or were acknowledged: what a further one of the same sort does to them."""

import pytest

from suar.protocol.base import limits
from suar.protocol.transport import outcome
from suar.protocol.transport.outcome import Alarm
from suar.store.engine.database import Database
from suar.store.inbound import alarm_ends, incidents
from support.kit import NOW

GAP = Alarm(outcome.GAP, "TH", 3, 5, epoch_id=bytes(32))
ROLLBACK = Alarm(outcome.ROLLBACK, "TH")


def test_what_ends_is_open_no_more_and_begins_again_when_it_comes_back(database: Database) -> None:
    with database.begin() as connection:
        assert incidents.raise_alarm(connection, GAP, b"", NOW)
        (row,) = alarm_ends.open_alarms(connection)
        assert alarm_ends.acknowledge(connection, row.n, "desk", "known", NOW + 1)
        assert alarm_ends.open_alarms(connection) == []
        assert not incidents.raise_alarm(connection, GAP, b"", NOW + 2)  # it goes on, and stays acknowledged
        assert alarm_ends.open_alarms(connection) == []
        alarm_ends.end(connection, [row.n], NOW + 3)
        assert alarm_ends.active_alarms(connection, {outcome.GAP}) == []
        assert incidents.raise_alarm(connection, GAP, b"", NOW + 4)
        (again,) = alarm_ends.open_alarms(connection)
        assert (again.n, again.seen_again, again.acknowledged_by, again.note) == (row.n, 2, None, None)
        assert again.at == NOW + 4  # its age is that of the new opening


def test_one_that_is_acknowledged_and_continues_stays_so_for_longer_than_a_day(database: Database) -> None:
    with database.begin() as connection:
        incidents.raise_alarm(connection, GAP, b"", NOW)
        (row,) = alarm_ends.open_alarms(connection)
        alarm_ends.acknowledge(connection, row.n, "desk", "", NOW)
        assert not incidents.raise_alarm(connection, GAP, b"", NOW + 3 * limits.DAY)
        assert alarm_ends.open_alarms(connection) == []


def test_a_further_event_is_not_covered_by_the_acknowledgement_of_the_first(database: Database) -> None:
    with database.begin() as connection:
        incidents.raise_alarm(connection, ROLLBACK, b"", NOW, is_event=True)
        (row,) = alarm_ends.open_alarms(connection)
        alarm_ends.acknowledge(connection, row.n, "desk", "", NOW)
        assert incidents.raise_alarm(connection, ROLLBACK, b"", NOW + 1, is_event=True)
        assert len(alarm_ends.open_alarms(connection)) == 1


def test_a_flood_behind_an_acknowledged_alarm_shows(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound the newest row counts on: were that one acknowledged, all that follow would hide behind it."""
    monkeypatch.setattr(limits, "ALARM_ROWS", 2)
    with database.begin() as connection:
        for n in range(2):
            incidents.raise_alarm(connection, GAP._replace(first=n), b"", NOW)
        for row in alarm_ends.open_alarms(connection):
            alarm_ends.acknowledge(connection, row.n, "desk", "", NOW)
        assert not incidents.raise_alarm(connection, GAP._replace(first=7), b"", NOW)
        assert len(alarm_ends.open_alarms(connection)) == 1


def test_who_acknowledged_first_stays(database: Database) -> None:
    with database.begin() as connection:
        incidents.raise_alarm(connection, GAP, b"", NOW)
        (row,) = alarm_ends.open_alarms(connection)
        assert alarm_ends.acknowledge(connection, row.n, "desk", "mine", NOW)
        assert not alarm_ends.acknowledge(connection, row.n, "other", "theirs", NOW + 1)
        found = alarm_ends.find(connection, row.n)
        assert found is not None
        assert (found.acknowledged_by, found.note, found.acknowledged_at) == ("desk", "mine", NOW)
        assert alarm_ends.find(connection, row.n + 1) is None

"""A recall empties quarantine, alarms and samples too, and nothing that comes afterwards is kept there again."""

import json
from pathlib import Path
from typing import Any

import pytest

from suar.service.access.act_notes import note_reading
from suar.service.reading import human_receipts
from suar.service.receive import recall
from suar.service.settings.state import backups, last_backup, note_backup
from suar.store.inbound import incidents
from suar.store.outbound import leftovers
from support import read_out
from support.corekit import CoreKit, epoch_of, frame_of, rows
from support.kit import Sending, actor, alert, id_of, open_sending

SECRET = "seventeen passports in a blue van"
TEXT = [{"lang": "en", "title": "Office jobs abroad", "summary": SECRET}]


def alert_body(number: int = 1, **changes: Any) -> bytes:
    return alert(id_of(number), text=TEXT, **changes)


def cancel(number: int = 1, rev: int = 2) -> bytes:
    bare = [{"lang": "en", "title": "Cancelled", "summary": "Cancelled"}]
    return alert(id_of(number), rev=rev, action="cancel", reason="wrong border post", text=bare)


@pytest.fixture
def th(sg: CoreKit) -> Sending:
    sending = open_sending(actor("TH"), sg.lists)
    sg.receive(epoch_of(sending))
    return sending


def prove(kit: CoreKit) -> None:
    while kit.core.due.is_log_suspect:
        kit.aside(recall.purge_log, kit.core)


def quarantined(kit: CoreKit) -> list[bytes]:
    """What stands in quarantine, opened; nothing for a row that was emptied."""
    found = rows(kit, "select sender, sealed, sealed_key from quarantine order by n")
    return [kit.core.vault.open(row.sealed, row.sealed_key, f"quarantine {row.sender}") if row.sealed else b""
            for row in found]  # fmt: skip


def evidence(kit: CoreKit) -> list[bytes]:
    return [row.evidence or b"" for row in rows(kit, "select evidence from alarm order by n")]


def files(kit: CoreKit) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(kit.folder.iterdir()) if path.is_file())


def test_another_text_under_the_same_number_goes_with_it(sg: CoreKit, th: Sending) -> None:
    """A text that was refused [F9] is one of the recalled message too; others stay, with all that was said of them."""
    sg.receive(
        frame_of(th, alert_body(1), alert_body(2)),
        frame_of(th, alert_body(1, certainty="observed"), alert_body(2, certainty="observed")),
    )
    assert [SECRET.encode() in each for each in quarantined(sg)] == [True, True]
    heads = rows(sg, "select sender, code, rule, place, at from quarantine order by n")
    sg.receive(frame_of(th, cancel(1)))
    prove(sg)
    assert [SECRET.encode() in each for each in quarantined(sg)] == [False, True]
    assert rows(sg, "select sender, code, rule, place, at from quarantine order by n") == heads


def test_evidence_of_an_alarm_is_emptied_and_the_alarm_stays(sg: CoreKit, th: Sending) -> None:
    first, _, third = frame_of(th, alert_body(2)), frame_of(th, alert_body(3)), frame_of(th, alert_body(1))
    sg.receive(first, third)
    assert third[1] in evidence(sg), "a gap is proved by the frame behind it"
    alarms = rows(sg, "select name, member, first, last from alarm order by n")
    sg.receive(frame_of(th, cancel(1)))
    prove(sg)
    assert third[1] not in evidence(sg)
    assert rows(sg, "select name, member, first, last from alarm order by n") == alarms
    assert third[1][120:] not in files(sg)
    while sg.core.integrity.verified_at != sg.now:  # as many steps as it takes here
        sg.aside(sg.core.integrity.verify_next, sg.now, sg.core.pause_between_reads)
    assert sg.core.integrity.finding is None, "the recall emptied it, and nobody else"


def test_evidence_without_the_text_stays(sg: CoreKit, th: Sending) -> None:
    sg.receive(frame_of(th, alert_body(1)))
    th.frame(alert_body(3))
    gap = frame_of(th, alert_body(2))
    sg.receive(gap)
    assert evidence(sg) == [gap[1]]
    sg.receive(frame_of(th, cancel(1)))
    prove(sg)
    assert evidence(sg) == [gap[1]]


def test_what_comes_after_the_recall_is_not_kept_either(sg: CoreKit, th: Sending) -> None:
    sg.receive(frame_of(th, alert_body(1)), frame_of(th, cancel(1)))
    prove(sg)
    sg.receive(frame_of(th, alert_body(1, certainty="observed")))
    th.frame(alert_body(3))
    sg.receive(frame_of(th, alert_body(1, certainty="possible")))
    assert rows(sg, "select count(*) from quarantine where size > 0") == [(0,)]
    assert {row.name for row in rows(sg, "select name from alarm")} >= {"gap"}
    assert not any(evidence(sg))


def test_what_cannot_be_read_goes_by_the_numbers_that_it_mentions(sg: CoreKit, th: Sending) -> None:
    sg.receive(frame_of(th, alert_body(1)))
    row = {"sender": "TH", "code": "E-MESSAGE-JSON", "rule": "F8", "frame_hash": None, "place": 0, "at": 1}
    broken = [alert_body(number)[:-1] for number in (1, 2)]
    with sg.core.transaction() as connection:
        incidents.quarantine(connection, sg.core.vault, row, [({"path": "$"}, each) for each in broken])
    sg.receive(frame_of(th, cancel(1)))
    prove(sg)
    assert quarantined(sg) == [b"", broken[1]]


def test_a_whole_frame_in_quarantine_and_its_sample_go(sg: CoreKit, th: Sending) -> None:
    frame = frame_of(th, alert_body(1))
    sg.receive((frame[0], frame[1][:-1] + bytes([frame[1][-1] ^ 1])))  # its signature is wrong
    assert rows(sg, "select count(*) from sample") == [(1,)]
    sg.receive(frame)
    row = {"sender": "TH", "code": "E-X", "rule": "F6", "frame_hash": None, "place": None, "at": 1, "path": "$"}
    with sg.core.transaction() as connection:
        incidents.quarantine(connection, sg.core.vault, row, [({}, frame[1])])
    sg.receive(frame_of(th, cancel(1)))
    prove(sg)
    assert quarantined(sg) == [b""]
    assert rows(sg, "select count(*) from sample") == [(0,)]


def test_recalled_is_stated_after_the_copies_are_gone(
    sg: CoreKit, th: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leftovers, "ROWS", 2)
    frames = [frame_of(th, alert_body(number)) for number in range(1, 7)]
    sg.receive(*frames, *(frame_of(th, alert_body(number, certainty="observed")) for number in range(1, 7)))
    sg.receive(*(frame_of(th, cancel(number)) for number in (1, 6)))
    states = []
    while sg.core.due.is_log_suspect:
        sg.aside(recall.purge_log, sg.core)
        left = sum(1 for each in quarantined(sg) if id_of(1).encode() in each or id_of(6).encode() in each)
        has_statement = rows(sg, "select count(*) from own_statement where state <> 'unproved'") != [(0,)]
        states.append((left, has_statement))
    assert len(states) > 3, "some at each call"
    assert all(not has_statement for left, has_statement in states if left)
    assert states[-1] == (0, True)


def test_after_a_crash_it_continues(sg: CoreKit, th: Sending) -> None:
    sg.receive(frame_of(th, alert_body(1)), frame_of(th, alert_body(1, certainty="observed")), frame_of(th, cancel(1)))
    assert SECRET.encode() in quarantined(sg)[0]
    sg.restart()
    prove(sg)
    assert quarantined(sg) == [b""]


def test_frames_in_inbox_are_noted_by_their_subject(sg: CoreKit, th: Sending) -> None:
    sg.receive(frame_of(th, alert_body(1), alert_body(2)))
    sg.receive(frame_of(th, cancel(1)))
    with sg.core.transaction() as connection:
        [row] = leftovers.inbox_copies(connection)
        assert (row.frame_hash, row.subject, row.realm) == (th.sent[0].hash, th.subject, "actual")
        leftovers.mark_deleted(connection, [row.frame_hash])
        assert leftovers.inbox_copies(connection) == []


# -- what a recall does not reach: it is named


def test_exports_and_backups_are_named(sg: CoreKit, th: Sending) -> None:
    note_backup(sg.folder, sg.now - 1)
    sg.receive(frame_of(th, alert_body(1)))
    note_backup(sg.folder, sg.now + 1000)
    sg.now += 2000
    sg.aside(human_receipts.note_received, sg.core, id_of(1), 1, "analyst", "export", is_person=True)
    sg.aside(note_reading, sg.core, "registry", "evidence", f"{id_of(1)} 1")
    sg.aside(note_reading, sg.core, "analyst", "open", f"{id_of(1)} 1")
    sg.receive(frame_of(th, cancel(1)))
    prove(sg)
    note_backup(sg.folder, sg.now + 5000)
    shown = read_out.show(sg.core, id_of(1), 1, "analyst", is_person=True)
    assert shown is not None
    assert shown["tombstone"]["exports"] == 2
    assert shown["tombstone"]["backups"] == ["2027-01-15T08:00:01Z"]
    assert "analyst" not in json.dumps(shown["tombstone"])


def test_times_of_backups_are_kept_and_bounded(tmp_path: Path) -> None:
    assert backups(tmp_path) == []
    (tmp_path / "backup.json").write_text('{"at": 5}')  # as versions before wrote it
    assert backups(tmp_path) == [5]
    for at in range(6, 1000):
        note_backup(tmp_path, at)
    assert len(backups(tmp_path)) == 400
    assert (backups(tmp_path)[-1], last_backup(tmp_path)) == (999, 999)
    (tmp_path / "backup.json").write_text('{"at": 9, "made": [1, "x", 99, 7]}')
    assert backups(tmp_path) == [1, 7, 9]

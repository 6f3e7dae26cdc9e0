"""An object of which the store refuses a value ends alone: it is kept as it came, named by the alarm `poison`, and the
rest of its batch, what waits for it, and the process go on. A trigger makes the store refuse, as a constraint or an
encoding would.
"""

import sqlite3
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError, ProgrammingError

from suar.observe.checks import every as checks
from suar.observe.checks.finding import SELF
from suar.protocol.base import subjects
from suar.protocol.base.errors import Fault
from suar.protocol.transport import frame as frames
from suar.protocol.transport.admission import admit
from suar.service.core import altered_rows
from suar.service.receive import inbound, poison, recall
from suar.service.receive.batch import Arrival, Effect
from suar.service.status.snapshot import BusState, ProcessState, read_snapshot
from suar.store.faults import StoreFault, may_be_of_object
from suar.store.inbound import alarm_ends, incidents
from suar.store.inbound.text import storable
from suar.store.migrations import schema_postgresql
from suar.store.recovery import positions
from support.corekit import CoreKit, epoch_of, frame_of, rows
from support.kit import actor, alert, id_of, open_sending
from support.poison import HOSTILE, poisoned, receive, refuse


@pytest.fixture(autouse=True)
def seen_by_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """The trigger of a test is in the database for all, and would close the store."""
    monkeypatch.setattr(schema_postgresql, "number", lambda *_, **__: 0)


def messages(kit: CoreKit) -> list[str]:
    return [row.id for row in rows(kit, "select id from message order by id")]


def test_the_others_of_its_batch_are_taken_and_it_is_kept_as_it_came(sg: CoreKit) -> None:
    sending = open_sending(actor("TH"), sg.lists)
    refuse(sg, "message", f"new.id = '{id_of(2)}'")
    frames = [frame_of(sending, alert(id_of(n))) for n in (1, 2, 3)]
    effect = receive(sg, epoch_of(sending), *frames)
    assert messages(sg) == [id_of(1), id_of(3)]
    assert poisoned(sg) == [("TH", 0)]
    ((sealed, key, code),) = rows(sg, "select sealed, sealed_key, code from quarantine")
    assert code == "E-ALARM-POISON"
    assert sg.core.vault.open(sealed, key, "quarantine TH") == frames[1][1]
    assert effect.queued > 0, "what was taken is confirmed"
    assert sg.core.stream_positions.last_known(positions.INBOX) == 7, "its stream goes on behind it"
    again = receive(sg, frames[1])
    assert (again.is_trust_new, poisoned(sg)) == (False, [("TH", 1)])


def test_a_frame_after_it_is_judged_and_the_hole_is_reported(sg: CoreKit) -> None:
    sending = open_sending(actor("TH"), sg.lists)
    refuse(sg, "message", f"new.id = '{id_of(1)}'")
    receive(sg, epoch_of(sending), frame_of(sending, alert(id_of(1))), frame_of(sending, alert(id_of(2))))
    named = [(row.name, row.first, row.last) for row in rows(sg, "select name, first, last from alarm order by n")]
    assert named == [("poison", None, None), ("gap", 0, 0)]


def test_a_good_object_is_not_blamed_for_what_waited_for_it(sg: CoreKit) -> None:
    """The epoch, and a list all the more, must be taken, though the frame that waited for it cannot be."""
    sending = open_sending(actor("TH"), sg.lists)
    frames = [frame_of(sending, alert(id_of(n))) for n in (1, 2, 3)]
    receive(sg, *frames)
    assert rows(sg, "select count(*) from waiting") == [(3,)]
    refuse(sg, "message", f"new.id = '{id_of(2)}'")
    receive(sg, epoch_of(sending))
    assert sending.opened.id in sg.core.world.epochs
    assert messages(sg) == [id_of(1), id_of(3)]
    assert poisoned(sg) == [("TH", 0)]
    assert rows(sg, "select count(*) from waiting") == [(0,)]


def test_a_list_by_hand_is_taken_whatever_waits(sg: CoreKit) -> None:
    sending = open_sending(actor("TH"), sg.lists)
    frame = frame_of(sending, alert(id_of(1)))
    receive(sg, frame)
    refuse(sg, "message", f"new.id = '{id_of(1)}'")
    receive(sg, epoch_of(sending))
    sg.aside(poison.guarded, inbound.judge_everything, sg.core)
    assert poisoned(sg) == [("TH", 0)]


@pytest.mark.parametrize("call", [inbound.judge_everything, inbound.judge_due], ids=["all", "due"])
def test_what_waits_is_judged_apart_where_one_of_it_cannot_be_kept(
    sg: CoreKit, call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: object) -> Effect:
        raise IntegrityError("insert", {}, Exception("no"))

    sending = open_sending(actor("TH"), sg.lists)
    receive(sg, frame_of(sending, alert(id_of(1))))
    sg.aside(poison.guarded, call, sg.core)
    assert sg.aside(poison.guarded, refused, sg.core) == Effect(0, is_trust_new=False)
    assert rows(sg, "select count(*) from waiting") == [(1,)], "it waits on: nothing is wrong with it"


@pytest.mark.parametrize(
    ("error", "is_of_object"),
    [
        (IntegrityError("x", {}, Exception()), True), (OverflowError(), True),
        (UnicodeEncodeError("utf-8", "\ud800", 0, 1, "no"), True), (ValueError(), True), (KeyError(), True),
        (ProgrammingError("x", {}, Exception()), False), (sqlite3.ProgrammingError(), False), (MemoryError(), False),
        (OSError(), False), (Fault("no", "now"), False), (StoreFault("no", "now"), False), (SystemExit(), False),
    ],
)  # fmt: skip
def test_a_fault_of_ours_is_none_of_the_object(error: BaseException, is_of_object: bool, sg: CoreKit) -> None:
    """Else a wrong statement would throw away what everybody sends."""
    assert may_be_of_object(error) is is_of_object
    if not is_of_object:

        def fails(_: object) -> Effect:
            raise error

        with pytest.raises(type(error)):
            sg.aside(poison.guarded, fails, sg.core)


# -- an object that makes our own code raise


def raise_at(monkeypatch: pytest.MonkeyPatch, *numbers: int) -> None:
    """Admission raises for the frames with these numbers in their epoch, whoever sent them."""

    def raising(world: Any, subject: str, data: bytes, *others: Any) -> Any:
        if data[:4] == frames.MAGIC and frames.parse(data).seq in numbers:
            raise KeyError("an unexpected value")
        return admit(world, subject, data, *others)

    monkeypatch.setattr("suar.service.receive.inbound.admit", raising)


def from_stream(*objects: tuple[str, bytes]) -> list[Arrival]:
    return [Arrival(each[0], each[1], stream="INBOX_SG", number=n) for n, each in enumerate(objects, 40)]


def alarm_findings(kit: CoreKit) -> list[tuple[str, str]]:
    numbers = read_snapshot(kit.core, ProcessState(BusState(), is_settled=True, has_stood_down=False))
    return [(each.entity, each.text) for each in checks.run(numbers, 30_000) if each.id == "alarms"]


def test_it_is_set_aside_and_named_by_stream_number_subject_and_signer(
    sg: CoreKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before, it ended the process, at every start again."""
    sending = open_sending(actor("TH"), sg.lists)
    raise_at(monkeypatch, 1)
    sent = (epoch_of(sending), *(frame_of(sending, alert(id_of(n))) for n in (1, 2, 3)))
    with pytest.raises(KeyError):
        sg.aside(inbound.receive_batch, sg.core, from_stream(*sent), 43)
    sg.aside(poison.receive_separately, sg.core, from_stream(*sent), 43)
    assert messages(sg) == [id_of(1), id_of(3)]
    assert poisoned(sg) == [("TH", 0)]
    about, *_, named = alarm_findings(sg)
    assert (about[0], about[1].startswith("alarm poison about TH")) == ("TH", True)
    assert named == (
        SELF,
        "1 object could not be processed, and is kept unjudged: "
        f"INBOX_SG number 42, subject {sending.subject}, signed by TH",
    )
    ((sealed, key),) = rows(sg, "select sealed, sealed_key from quarantine")
    assert sg.core.vault.open(sealed, key, "quarantine TH") == sent[2][1]


def test_nobody_is_blamed_for_what_nobody_signed(sg: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    sending = open_sending(actor("TH"), sg.lists)
    raise_at(monkeypatch, 0)
    subject, data = frame_of(sending, alert(id_of(1)))
    forged = (subject, data[:-1] + bytes([data[-1] ^ 1]))
    sg.aside(poison.receive_separately, sg.core, from_stream(epoch_of(sending), forged), 41)
    assert poisoned(sg) == [("", 0)]
    findings = alarm_findings(sg)
    assert {entity for entity, _ in findings} == {SELF}
    assert findings[-1][1].endswith(f"INBOX_SG number 41, subject {subject}, signed by nobody known")


def test_no_copy_is_kept_where_it_is_not_known_what_is_recalled(sg: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    """The search for copies of recalled texts must not end the process with what admission set aside."""

    def raising(*_: object) -> Any:
        raise KeyError("an unexpected value")

    sending = open_sending(actor("TH"), sg.lists)
    raise_at(monkeypatch, 0)
    sent = epoch_of(sending), frame_of(sending, alert(id_of(1)))
    sg.aside(poison.receive_separately, sg.core, from_stream(*sent), 41)
    with sg.core.transaction():
        sg.core.record_recall(id_of(9), 2)
    monkeypatch.setattr(altered_rows, "messages_in", raising)
    assert altered_rows.without_recalled(sg.core, sent[1][1]) == b""
    sg.core.due.note_destroyed()
    sg.aside(recall.purge_log, sg.core)
    assert poisoned(sg) == [("TH", 0)]


def test_many_are_counted_and_the_newest_named_until_they_are_acknowledged(
    sg: CoreKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    sending = open_sending(actor("TH"), sg.lists)
    raise_at(monkeypatch, *range(5))
    sent = (epoch_of(sending), *(frame_of(sending, alert(id_of(n))) for n in range(1, 6)))
    sg.aside(poison.receive_separately, sg.core, from_stream(*sent), 45)
    text = alarm_findings(sg)[-1][1]
    assert text.startswith("5 objects could not")
    assert [f"number {n}," in text for n in range(41, 46)] == [False, False, True, True, True]
    assert text.endswith("; and 2 more")
    with sg.core.transaction() as connection:
        for row in alarm_ends.open_alarms(connection):
            alarm_ends.acknowledge(connection, row.n, "desk", "seen", sg.now)
    assert alarm_findings(sg) == [(SELF, "no open alarm")]


# -- text that a peer chose


@pytest.mark.parametrize("text", HOSTILE, ids=[ascii(each) for each in HOSTILE])
def test_text_of_a_peer_has_one_storable_form(text: str, sg: CoreKit) -> None:
    kept = storable(text)
    assert kept.isprintable()
    kept.encode()
    row = {"sender": "TH", "code": "E-MESSAGE-RULE", "rule": "F8", "at": sg.now, "frame_hash": None, "place": 0}
    sample = {"origin": "TH", "code": "E-SUBJECT", "rule": "S1", "subject": text, "at": sg.now}
    with sg.core.transaction() as connection:
        incidents.quarantine(connection, sg.core.vault, row | {"path": f"$.{text}"}, [({}, b"x")])
        incidents.keep_sample(connection, sample, b"x")
    assert [each.path for each in rows(sg, "select path from quarantine")] == [f"$.{kept}"]
    assert [each.subject for each in rows(sg, "select subject from sample")] == [kept]


def test_names_that_are_text_stay_as_they_are() -> None:
    for text in ("$.text[0].title", "ชื่อ", "thử", "\u200b"):
        assert storable(text) == text


@pytest.mark.parametrize("name", ["\\u0000", "\\u001b[2J", "\\n", "\\u2028"])
def test_a_field_whose_name_has_a_control_character_is_refused_and_kept(name: str, sg: CoreKit) -> None:
    """In a message that a member signed: where it was wrong is kept as text of one line."""
    sending = open_sending(actor("TH"), sg.lists)
    data = alert(id_of(1))[:-1] + f',"x{name}y":1}}'.encode()
    receive(sg, epoch_of(sending), frame_of(sending, data, alert(id_of(2))))
    ((path,),) = rows(sg, "select path from quarantine")
    assert path.isprintable()
    assert messages(sg) == [id_of(2)]
    assert poisoned(sg) == []
    assert subjects.parse(sending.subject).sender == "TH"

"""Opened, acknowledged, cancelled, recalled: between the cores of a publisher and a receiver."""

import json
import time
from typing import Any

import msgspec
import pytest

from suar.observe.hooks import Happened, ReceiptReceived
from suar.protocol.base.errors import Refused
from suar.protocol.base.reasons import Invalid
from suar.protocol.message.kinds import DECLARED, PUBLISHED
from suar.protocol.message.messages import read
from suar.published import schemas_dir
from suar.service.publish import accepting, cancelling, held, sealing
from suar.service.reading import human_receipts, views
from suar.service.receive import recall
from suar.store.outbound import recalls, receipt_notes
from suar.store.outbound.receipt_notes import Statement
from support import read_out
from support.corekit import CoreKit
from support.kind_examples import example_of
from support.pairs import SECRET, Two, new, record_statement
from support.stored_pieces import is_on_disk, opened, sealed


def alarms_of(kit: CoreKit) -> list[tuple[str, str]]:
    """(stage, role) of every receipt that is queued."""
    sealing.seal_queued(kit.core, with_receipts=False)
    with kit.core.transaction() as connection:
        if kit.core.due.has_statements:
            human_receipts.queue_due(kit.core, connection)
        bodies = connection.exec_driver_sql("select body from queue where body is not null").scalars()
        receipts = [json.loads(bytes(kit.core.vault.unwrap(body, "receipt"))) for body in bodies]
    return [(receipt["stage"], receipt["role"]) for receipt in receipts]


# -- opened


def test_opened_is_reported_once_over_restarts(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    two.open(id_)
    assert ("opened", "gateway") in alarms_of(two.sg)
    two.to_th()
    assert two.states(id_)["state"] == "opened"
    assert two.states(id_)["opened"]
    two.sg.restart()
    two.open(id_)
    assert read_out.content(two.sg.core, id_, None, "analyst", is_person=True)
    assert alarms_of(two.sg) == []


def test_opened_survives_a_crash_before_it_left(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    two.to_th()
    two.open(id_)
    two.sg.restart()
    assert alarms_of(two.sg) == [("opened", "gateway")]


def test_what_is_stated_beside_the_sealing_is_not_forgotten(two: Two) -> None:
    """Both in one transaction, which the sealing begins."""
    [id_, other] = two.publish(new("a"), new("b"))
    two.to_sg()
    two.open(id_)
    with two.sg.core.transaction():
        sealing.seal_queued(two.sg.core)
        two.open(other)
    two.to_th()
    assert {two.states(each)["state"] for each in (id_, other)} == {"opened"}


def test_what_a_failed_commit_took_back_is_stated_again(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    two.open(id_)

    def fail() -> None:
        with two.sg.core.transaction():
            sealing.seal_queued(two.sg.core)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    two.to_th()
    assert two.states(id_)["state"] == "opened"


def test_an_export_opens_too(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    read_out.content(two.sg.core, id_, None, "analyst", is_person=True)
    two.to_th()
    assert two.states(id_)["state"] == "opened"


def test_a_program_opens_nothing(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    assert read_out.content(two.sg.core, id_, None, "exporter")
    assert read_out.show(two.sg.core, id_, None, "collector")
    assert alarms_of(two.sg) == [("stored", "gateway")]
    two.to_th()
    assert two.states(id_)["state"] == "stored"
    two.open(id_)
    two.to_th()
    assert two.states(id_)["state"] == "opened"


def test_our_own_message_is_not_opened(two: Two) -> None:
    [id_] = two.publish(new("a"))
    assert read_out.show(two.th.core, id_, None, "analyst", is_person=True)
    assert alarms_of(two.th) == []


def test_a_hundred_opened_are_one_receipt(two: Two) -> None:
    ids = two.publish(*(new(f"m{n}") for n in range(100)))
    two.to_sg()
    two.to_th()
    for id_ in ids:
        two.open(id_)
    assert alarms_of(two.sg) == [("opened", "gateway")]
    two.to_th()
    assert {two.states(id_)["state"] for id_ in ids} == {"opened"}


# -- acknowledged, acting


def test_acknowledged_then_acting(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    first = record_statement(two, id_, "acknowledged", sector="border-immigration", note="two teams")
    assert first is not None
    assert (first["rev"], first["new"]) == (1, True)
    two.to_th()
    assert two.states(id_)["state"] == "acknowledged"
    record_statement(two, id_, "acting")
    two.to_th()
    row = two.states(id_)
    assert row["state"] == "acting"
    assert all(row[stage] for stage in ("stored", "acknowledged", "acting"))
    stages = {record.stage for record in two.th.records if isinstance(record, ReceiptReceived)}
    assert stages == {"stored", "acknowledged", "acting"}


def test_the_same_again_sends_nothing_another_role_does(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    record_statement(two, id_, "acknowledged")
    two.to_th()
    two.sg.restart()
    again = record_statement(two, id_, "acknowledged")
    assert again is not None
    assert again["new"] is False
    assert alarms_of(two.sg) == []
    record_statement(two, id_, "acknowledged", "focal-point")
    assert alarms_of(two.sg) == [("acknowledged", "focal-point")]
    assert [each["role"] for each in two.open(id_)["said"] if each["stage"] == "acknowledged"] == [
        "duty-officer", "focal-point",
    ]  # fmt: skip


def test_the_note_is_sealed_at_rest(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    record_statement(two, id_, "acting", note="two teams are on their way")
    with two.sg.core.transaction() as connection:
        rows = connection.exec_driver_sql("select note from own_statement").scalars().all()
    assert b"two teams" not in bytes(rows[0])


def test_notes_reach_the_publisher_one_a_role(two: Two) -> None:
    [id_, other] = two.publish(new("a"), new("b"))
    two.to_sg()
    record_statement(two, id_, "acknowledged", note="two teams")
    two.to_th()
    record_statement(two, id_, "acknowledged", "focal-point", note="confirmed by us")
    record_statement(two, id_, "acting")
    two.to_th()
    notes = two.states(id_)["notes"]
    assert [(each["stage"], each["role"], each["note"]) for each in notes] == [
        ("acknowledged", "duty-officer", "two teams"),
        ("acknowledged", "focal-point", "confirmed by us"),
    ]
    assert two.states(other)["notes"] == []
    with two.th.core.transaction() as connection:
        kept = connection.exec_driver_sql("select note from receipt_note").scalars().all()
    assert not [note for note in kept if b"team" in bytes(note)]


def test_notes_of_a_member_are_as_many_as_messages_and_roles(two: Two) -> None:
    """A member that says the same without end makes no more rows."""
    [id_, _] = two.publish(new("a"), new("b"))
    two.to_sg()
    record_statement(two, id_, "acknowledged", note="first")
    two.to_th()
    with two.th.core.transaction() as connection:
        [row] = connection.exec_driver_sql("select frame_hash, places from receipt_note").all()
        for n in range(300):
            statement = Statement("SG", "acknowledged", "duty-officer", n)
            receipt_notes.keep(connection, statement, [(bytes(row.frame_hash), (0, 1, n % 2))], lambda about: b"again")
        kept = connection.exec_driver_sql("select places from receipt_note").scalars().all()
    assert len(kept) == 2


@pytest.mark.parametrize(
    ("note", "code"),
    [
        ("call +66 81 234 5678", "E-PRIVACY-IDENTIFIER"),
        ("Mr Somchai Suksai waits at the terminal", "E-PRIVACY-NAME"),
        ("bernama Siti Aminah", "E-PRIVACY-NAME"),
    ],
)
def test_a_note_leads_to_nobody(two: Two, note: str, code: str) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    with pytest.raises(Invalid) as refused:
        record_statement(two, id_, "acting", note=note)
    (reason,) = refused.value.reasons
    assert (reason.code, reason.path) == (code, "$.note")
    assert reason.marked
    assert all(words in note for words in reason.marked)
    record_statement(
        two, id_, "acting", note="Cafe\u0301 raided"
    )  # two code points that NFC makes one: else no reader takes it
    two.to_th()
    assert two.states(id_)["state"] == "acting"


def test_a_note_has_the_characters_of_every_text(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    with pytest.raises(Invalid) as refused:
        record_statement(two, id_, "acting", note="raided \U00010efd")
    assert [(reason.code, reason.path) for reason in refused.value.reasons] == [("E-MESSAGE-FORM", "$.note")]


def test_a_revision_that_was_not_read_is_not_acknowledged(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    assert record_statement(two, id_, "acknowledged") is not None  # the only one: nothing else can be meant
    human_receipts.note_received(two.sg.core, id_, 1, "officer", "open", is_person=True)
    two.publish(new("stop everything", action="update", id=id_))
    two.to_sg()
    for rev in (None, 1, 3):
        with pytest.raises(Refused) as stale:
            record_statement(two, id_, "acting", rev=rev)
        assert stale.value.code == "E-CHANGED"
    assert (statement := record_statement(two, id_, "acting", rev=2)) is not None
    assert statement["rev"] == 2
    human_receipts.note_received(two.sg.core, id_, 2, "another", "open", is_person=True)
    with pytest.raises(Refused):  # what another token was given does not count
        record_statement(two, id_, "acknowledged")
    human_receipts.note_received(two.sg.core, id_, 2, "officer", "open", is_person=True)
    assert (statement := record_statement(two, id_, "acknowledged")) is not None
    assert statement["rev"] == 2
    two.to_th()
    assert two.states(id_, 1)["acting"] is None


def test_what_cannot_be_acknowledged(two: Two) -> None:
    assert record_statement(two, "TH-ALERT-2027-000999", "acting") is None
    [id_] = two.publish(new("a"))
    with pytest.raises(Refused) as own:
        human_receipts.publish_statement(two.th.core, id_, "officer", "acting", "duty-officer")
    assert own.value.code == "E-OWN-MESSAGE"
    two.to_sg()
    two.cancel(id_)
    two.to_sg()
    with pytest.raises(Refused) as cancelled:
        record_statement(two, id_, "acting")
    assert cancelled.value.code == "E-CANCELLED"


# -- recalled


def test_a_cancel_destroys_the_body_everywhere_in_the_file(two: Two) -> None:
    [id_, other] = two.publish(new("a"), new("another"))
    two.to_sg()
    pieces = sealed(two.sg, id_)
    assert SECRET.encode() in opened(two.sg)
    assert is_on_disk(two.sg, pieces)
    two.cancel(id_)
    two.to_sg()
    assert opened(two.sg).count(SECRET.encode()) == 1  # the other's body; no frame any more
    two.to_th()
    assert not is_on_disk(two.sg, pieces)
    assert views.message(two.sg.core, other, None)
    row = two.states(id_)
    assert (row["state"], row["recalled"] is not None) == ("recalled", True)
    assert two.states(id_, 1)["state"] == "recalled"


@pytest.mark.sqlite
def test_recalled_is_not_stated_while_the_log_may_hold_it(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    two.cancel(id_)
    two.to_sg()
    with two.sg.core.database.reading() as reader:
        reader.exec_driver_sql("select count(*) from message").scalar()
        assert not recall.purge_log(two.sg.core)
        assert "recalled" not in {stage for stage, _ in alarms_of(two.sg)}
    while not recall.purge_log(two.sg.core):  # the thread that folds the log is at it: put off to the next look
        time.sleep(0.01)
    assert ("recalled", "gateway") in alarms_of(two.sg)


def test_recalled_is_stated_after_a_crash(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    two.cancel(id_)
    two.to_sg()
    two.sg.restart()
    two.to_th()
    assert two.states(id_)["state"] == "recalled"


def test_head_and_tombstone_stay(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    two.cancel(id_, "wrong border post")
    two.to_sg()
    now, before = two.open(id_), two.open(id_, 1)
    assert (now["rev"], now["state"], now["message"]["reason"]) == (2, "cancelled", "wrong border post")
    assert (before["message"], before["origin"], before["state"]) == (None, "TH", "cancelled")
    assert before["frame_hash"]
    assert (before["tombstone"]["rev"], before["tombstone"]["reason"]) == (2, "wrong border post")
    assert before["tombstone"]["destroyed"]
    [line] = views.inbox(two.sg.core, kind=None, origin=None, status=None, after=None, limit=10)
    assert (line["rev"], line["state"], line["title"]) == (2, "cancelled", f"Cancelled: {id_}")
    assert read_out.content(two.sg.core, id_, 1, "analyst") is None


def test_a_cancel_in_the_frame_of_its_message(two: Two) -> None:
    """Both came while the receiver was away, in one frame."""
    items = two.publish(new("a"))
    done = two.cancel(items[0])
    assert done.verdict.rev == 2
    two.to_sg()
    assert SECRET.encode() not in opened(two.sg)
    two.to_th()
    assert two.states(items[0])["state"] == "recalled"


def test_a_cancel_before_its_message(two: Two) -> None:
    [id_] = two.publish(new("a"))
    first = two.leave(two.th)
    two.cancel(id_)
    later = two.leave(two.th)
    epochs = [each for each in first if each[0].split(".")[5] == "epoch" or ".epoch" in each[0]]
    frames = [each for each in first if each not in epochs]
    two.sg.receive(*epochs, *later)
    two.to_th()
    assert two.states(id_)["state"] != "recalled"
    two.sg.receive(*frames)
    assert SECRET.encode() not in opened(two.sg)
    assert two.open(id_)["state"] == "cancelled"
    two.to_th()
    assert two.states(id_)["state"] == "recalled"


def test_every_revision_goes_and_the_publisher_keeps_its_own(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.publish(new("b", id=id_, action="update"))
    two.to_sg()
    assert two.open(id_)["rev"] == 2
    two.cancel(id_)
    two.to_sg()
    assert SECRET.encode() not in opened(two.sg)
    two.to_th()
    lines = [each.facts for each in two.sg.records if isinstance(each, Happened) and each.event == "recalled"]
    assert lines == [{"id": id_, "rev": 2, "revisions": 2}], "one line, of however many revisions"
    assert two.states(id_)["state"] == "recalled"
    assert [two.states(id_, rev)["state"] for rev in (1, 2)] == ["recalled", "recalled"]
    mine = views.message(two.th.core, id_, 1)
    assert mine is not None
    assert mine["message"]["text"][0]["summary"] == SECRET


def test_our_own_text_is_never_destroyed(two: Two) -> None:
    """It is the author's record; whatever calls for it."""
    [id_] = two.publish(new("a"))
    with two.th.core.transaction() as connection:
        assert recalls.destroy(connection, id_, 2, "TH", set()) == []
    assert SECRET.encode() in opened(two.th)


def test_a_frame_kept_for_a_neighbour_goes_too(two: Two) -> None:
    """Sealed again for one member, the message stands a second time, in the frame that brought a new one."""
    [id_] = two.publish(new("a"))
    two.to_sg()
    from suar.service.receipts.receipts import reseal_row
    from suar.store.outbound import queue

    with two.th.core.transaction() as connection:
        queue.enqueue(connection, [reseal_row("actual", "SG", id_, 1)])
    two.publish(new("another") | {"text": [{"lang": "en", "title": "b", "summary": "nothing"}]})
    two.to_sg()
    assert opened(two.sg).count(SECRET.encode()) == 3
    two.cancel(id_)
    two.to_sg()
    assert SECRET.encode() not in opened(two.sg)
    with two.th.core.transaction() as connection:
        queue.enqueue(connection, [reseal_row("actual", "SG", id_, 1)])
    two.publish(new("third") | {"text": [{"lang": "en", "title": "c", "summary": "nothing"}]})
    two.to_sg()
    assert SECRET.encode() not in opened(two.sg)


# -- cancel


def test_a_cancel_repeats_nothing_and_may_be_stated_twice(two: Two) -> None:
    [id_] = two.publish(new("a"))
    done = two.cancel(id_)
    again = two.cancel(id_)
    assert (again.verdict.id, again.verdict.rev, again.verdict.is_replayed) == (id_, 2, True)
    assert done.verdict.verdict == "published"
    shown = views.message(two.th.core, id_, None)
    assert SECRET not in json.dumps(shown)


def test_with_its_replacement(two: Two) -> None:
    [id_] = two.publish(new("a"))
    done = two.cancel(id_, replacement=new("corrected"))
    assert done.replacement is not None
    two.to_sg()
    found = two.open(str(done.replacement.id))
    assert found["message"]["related"] == [{"rel": "same-as", "id": id_}]
    assert two.open(id_)["state"] == "cancelled"


@pytest.mark.parametrize("changes", [{"tlp": "PINK"}, {"action": "update"}, {"related": "x"}])
def test_with_a_replacement_that_is_refused_nothing_happens(two: Two, changes: dict[str, Any]) -> None:
    [id_] = two.publish(new("a"))
    done = two.cancel(id_, replacement=new("corrected") | changes)
    assert (done.verdict.verdict, done.replacement) == ("refused", None)
    assert done.verdict.reasons
    shown = views.message(two.th.core, id_, None)
    assert shown is not None
    assert (shown["rev"], shown["state"]) == (1, "current")


def test_a_reason_that_leads_to_a_person_is_refused(two: Two) -> None:
    [id_] = two.publish(new("a"))
    done = two.cancel(id_, "call +66 81 234 5678")
    assert done.verdict.verdict == "refused"


def test_others_messages_and_unknown_ones(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    with pytest.raises(Refused) as refused:
        cancelling.cancel(two.sg.core, id_, "desk", "not ours")
    assert refused.value.code == "E-MESSAGE-SENDER"
    assert cancelling.cancel(two.sg.core, "SG-ALERT-2027-000009", "desk", "none") is None


def test_it_goes_to_everybody_who_may_hold_a_revision(two: Two) -> None:
    [id_] = two.publish(new("a") | {"audience": {"members": "all"}, "tlp": "GREEN"})
    two.publish(new("b", id=id_, action="update") | {"tlp": "RED"})
    done = two.cancel(id_)
    assert done.verdict.verdict == "published", done.verdict
    shown = views.message(two.th.core, id_, None)
    assert shown is not None
    assert (shown["message"]["audience"], shown["message"]["tlp"]) == ({"members": "all"}, "GREEN")


def test_an_extreme_alert_is_recalled_without_a_second_person(two: Two) -> None:
    body = json.dumps(new("a") | {"severity": "extreme", "urgency": "immediate", "ack_within": 6}).encode()
    [verdict] = accepting.accept(two.th.core, [(body, None)], realm="actual", token="desk")
    assert verdict.verdict == "held"
    held.release(two.th.core, str(verdict.id), "approver")
    assert two.cancel(str(verdict.id)).verdict.verdict == "published"


EXAMPLES = (*map(example_of, PUBLISHED), "trend-exploitation-by-age")


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_kind_can_be_cancelled(two: Two, name: str) -> None:
    whole = json.loads((schemas_dir() / f"examples/valid/{name}.json").read_bytes())
    body = {
        key: value for key, value in whole.items() if key not in ("schema", "id", "rev", "sent", "status", "privacy")
    }
    body |= {"issuer": {key: value for key, value in whole["issuer"].items() if key != "member"}}
    body |= {"audience": {"members": "all"}, "expires": "2027-03-01T00:00:00Z"}
    passed = [dated.field for dated in DECLARED[whole["kind"]].dates if dated.years_ahead == 0]
    body |= {key: "2026-12-01"[: len(body[key])] for key in passed if key in body}
    [verdict] = accepting.accept(two.th.core, [(json.dumps(body).encode(), None)], realm="actual", token="desk")
    assert verdict.verdict in ("published", "held"), verdict
    if verdict.verdict == "held":
        held.release(two.th.core, str(verdict.id), "approver")
    done = two.cancel(str(verdict.id))
    assert done.verdict.verdict == "published", done.verdict
    shown = views.message(two.th.core, str(verdict.id), None)
    assert shown is not None
    read(msgspec.json.encode(shown["message"]))
    as_json = json.dumps(shown["message"])
    assert all(text["summary"] not in as_json for text in whole["text"])
    assert all(str(cell["value"]) not in str(shown["message"]["obs"]) for cell in whole.get("obs", []) if cell["value"])


def test_an_expired_message_says_so(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    assert two.open(id_)["state"] == "current"
    two.sg.now += 40 * 86_400_000
    assert two.open(id_)["state"] == "expired"
    [line] = views.inbox(two.sg.core, kind=None, origin=None, status=None, after=None, limit=10)
    assert line["state"] == "expired"

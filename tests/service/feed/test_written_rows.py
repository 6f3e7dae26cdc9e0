"""Somebody writes rows of messages, of the queue and of what we state, and has none of the keyring's secrets: what is
shown, sealed and said comes from what was signed and sealed, and what says otherwise is kept apart and told."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from suar.protocol.base.primitives import ACTUAL
from suar.protocol.files.auditlog import line_hash
from suar.service.feed import feed
from suar.service.feed.positions import FeedPosition, FeedSelection
from suar.service.publish import accepting, sealing
from suar.service.reading import evidence, human_receipts, views
from suar.service.receive import store_checks
from suar.store.messages import rows as messages
from suar.store.messages.rows import AlteredRow
from suar.store.people import access
from support import read_out, stores
from support.corekit import CoreKit, rows
from support.gateways import draft
from support.pairs import EXPIRES, SECRET, Two, new, record_statement

NOBODY = "TH-ALERT-2027-000077"  # no message has it


def sql(kit: CoreKit, *statements: tuple[str, tuple[Any, ...]]) -> None:
    """Beside the running gateway, by somebody who has the file and none of the keys."""
    with stores.outsider(kit.folder) as store:
        for statement, values in statements:
            assert store.execute(statement, values).rowcount > 0, statement


def hashed(kit: CoreKit, *statements: tuple[str, tuple[Any, ...]]) -> None:
    """As if the writer had the key of the rows' hashes too: what is judged by content is judged by it alone."""
    with kit.core.transaction() as connection:
        for statement, values in statements:
            assert connection.exec_driver_sql(statement, values).rowcount > 0, statement


each_writer = pytest.mark.parametrize("write", [sql, hashed])
Write = Callable[..., None]


def altered(kit: CoreKit) -> list[str]:
    return [row.message_id for row in rows(kit, "select message_id from alarm where name = 'store-altered'")]


def check_store(kit: CoreKit) -> None:
    """As the look loop does, over all messages."""
    walk = store_checks.Walk(kit.core)
    while kit.aside(walk.step):
        pass
    kit.aside(store_checks.settle, kit.core)


def listed(kit: CoreKit) -> list[str]:
    lines = views.inbox(kit.core, kind=None, origin=None, status=None, after=None, limit=100)
    return [line["id"] for line in lines]


def fed(kit: CoreKit) -> list[str]:
    page = feed.next_page(kit.core, FeedSelection(realm="all"), FeedPosition())
    return [json.loads(event.data)["subject"] for event in page.events]


def one_received(two: Two, **changes: Any) -> str:
    [id_] = two.publish(new("a", **changes))
    two.to_sg()
    return id_


# -- the queue


def strict(th: CoreKit) -> str:
    """A text for SG alone, which waits in the queue."""
    made = draft("for one member", ["SG"], expires=EXPIRES, tlp="AMBER+STRICT")
    made["text"][0]["summary"] = SECRET
    (verdict,) = accepting.accept(th.core, [(json.dumps(made).encode(), None)], realm=ACTUAL, token="desk")
    assert verdict.id is not None
    return verdict.id


def channels(th: CoreKit) -> set[str]:
    """Whom anything that carries a message was sealed for."""
    return {row.channel for row in rows(th, "select channel from outbox where messages > 0")}


@each_writer
def test_a_text_for_one_member_is_not_sealed_for_another(two: Two, write: Write) -> None:
    strict(two.th)
    write(two.th, ("update queue set channel = 'VN'", ()))
    sealing.seal_queued(two.th.core)
    assert "VN" not in channels(two.th)
    assert rows(two.th, "select n from queue") == []
    assert altered(two.th)[0].startswith("queue ")


@each_writer
def test_nor_by_another_audience(two: Two, write: Write) -> None:
    strict(two.th)
    write(two.th, ("update queue set audience = 'all'", ()))
    sealing.seal_queued(two.th.core)
    assert channels(two.th) == set()
    assert altered(two.th)


def test_nor_by_other_readers_of_its_row(two: Two) -> None:
    id_ = strict(two.th)
    sql(two.th, ("update message set readers = 'SG,VN,'", ()))
    while sealing.seal_queued(two.th.core):
        pass
    assert channels(two.th) <= {"SG"}
    assert id_


@each_writer
def test_a_text_of_another_member_is_not_passed_on_as_ours(two: Two, write: Write) -> None:
    id_ = one_received(two)
    columns = "realm, priority, channel, kind, id, rev, audience, body, parked"
    statement = f"insert into queue ({columns}) values ('actual', 0, 'VN', 'alert', ?, 1, 'all', null, false)"
    write(two.sg, (statement, (id_,)))
    sealing.seal_queued(two.sg.core)
    assert rows(two.sg, "select n from outbox where messages > 0 and channel = 'VN'") == []
    assert altered(two.sg)


def test_a_row_about_no_message_stops_nothing(two: Two) -> None:
    columns = "realm, priority, channel, kind, id, rev, audience, body, parked"
    sql(
        two.th,
        (f"insert into queue ({columns}) values ('actual', 0, 'VN', 'alert', ?, 1, 'all', null, false)", (NOBODY,)),
        (f"insert into queue ({columns}) values ('actual', 0, 'VN', 'receipt', null, null, null, x'00', false)", ()),
    )  # fmt: skip
    id_ = strict(two.th)
    sealing.seal_queued(two.th.core)
    assert two.th.states(id_) == {"SG": "queued"}
    assert channels(two.th) == {"SG"}
    assert len(altered(two.th)) == 2


@each_writer
def test_what_a_person_answered_goes_to_nobody_else(two: Two, write: Write) -> None:
    """The note in an acknowledgement is for the publisher."""
    id_ = one_received(two)
    two.to_th()
    assert record_statement(two, id_, "acknowledged", note="we look into it")
    two.sg.core.due.note_statements()
    with two.sg.core.transaction() as connection:
        human_receipts.queue_due(two.sg.core, connection)
    write(two.sg, ("update queue set channel = 'VN'", ()))
    sealing.seal_queued(two.sg.core)
    assert rows(two.sg, "select n from outbox where channel = 'VN' and seq is not null") == []
    assert altered(two.sg)


# -- columns


COLUMNS = (
    "tlp = 'CLEAR'", "origin = 'VN'", "sent = sent - 86400000", "at = at - 86400000", "expires = expires + 1",
    "realm = 'exercise'", "kind = 'trend'", "action = 'update'", "lane = 0", "digest = zeroblob(32)", "place = 5",
    "frame_hash = zeroblob(32)", "id = 'VN-ALERT-2027-000001'", "rev = 7",
)  # fmt: skip


@pytest.mark.parametrize("change", COLUMNS)
def test_a_row_that_says_something_else_is_not_shown(two: Two, change: str) -> None:
    one_received(two)
    [other] = two.publish(new("another"))
    two.to_sg()
    sql(two.sg, (f"update message set {change} where n = 1", ()))
    ((shown,),) = rows(two.sg, "select id from message where n = 1")
    assert listed(two.sg) == [other]
    assert fed(two.sg) == [other]
    for read in (
        lambda: views.message(two.sg.core, shown, None),
        lambda: read_out.content(two.sg.core, shown, None, "analyst", is_person=True),
        lambda: evidence.export(two.sg.core, shown, None),
    ):
        with pytest.raises(AlteredRow):
            read()
    check_store(two.sg)
    assert [name.split()[0] for name in altered(two.sg)] == ["message"]
    assert [row.n for row in rows(two.sg, "select n from message")] == [2]
    assert len(rows(two.sg, "select n from quarantine")) == 1, "as it stood there"


def test_what_is_ours_stays_and_is_not_shown(two: Two) -> None:
    id_ = one_received(two)
    sql(two.th, ("update message set tlp = 'CLEAR'", ()))
    check_store(two.th)
    assert altered(two.th) == [f"message {id_} 1"]
    assert len(rows(two.th, "select n from message")) == 1
    with pytest.raises(AlteredRow):
        views.message(two.th.core, id_, None)


def test_a_row_of_before_is_compared_with_its_text(two: Two) -> None:
    """Rows of before are bound to their id alone; the store says up to which number there are such."""
    id_ = one_received(two)
    core = two.sg.core
    hashed(two.sg, ("delete from meta where name = 'message_numbers'", ()))
    core.request_reload()
    with core.transaction() as connection:
        row = messages.find(connection, id_)
        assert row is not None
        body, salt = core.vault.seal(messages.open_body(core.vault, row, row.body), f"message {row.id} {row.rev}")
    sql(two.sg, ("update message set body = ?, body_key = ?", (body, salt)))
    assert listed(two.sg) == [id_]
    check_store(two.sg)
    assert altered(two.sg) == []
    sql(two.sg, ("update message set tlp = 'CLEAR'", ()))
    assert listed(two.sg) == []
    check_store(two.sg)
    assert altered(two.sg) == [f"message {id_} 1"]


def test_a_made_up_head_does_not_hide_a_message(two: Two) -> None:
    """A row without a text under a higher revision: nothing destroyed it."""
    id_ = one_received(two)
    columns = "n, id, rev, digest, origin, kind, realm, action, tlp, at, sent, expires, lane"
    copied = f"insert into message ({columns}) select n + 1, id, 9, {columns[12:]} from message"
    sql(two.sg, (copied, ()))
    check_store(two.sg)
    assert altered(two.sg) == [f"message {id_} 9"]
    assert listed(two.sg) == [id_]


# -- below a cancel


def recalled(two: Two) -> tuple[str, tuple[Any, ...]]:
    """An id whose text was destroyed at SG, and the row as it was before."""
    id_ = one_received(two)
    with stores.outsider(two.sg.folder) as store:
        row = store.execute(f"select body, {stores.SALT}, frame from message where id = ?", (id_,)).fetchone()
    two.cancel(id_)
    two.to_sg()
    return id_, row


def test_a_text_that_came_back_after_its_recall_is_not_shown_and_destroyed_again(two: Two) -> None:
    id_, row = recalled(two)
    sql(two.sg, ("update message set body = ?, body_key = ?, frame = ? where rev = 1", row))
    shown = views.message(two.sg.core, id_, 1)
    assert shown is not None
    assert (shown["message"], shown["state"]) == (None, "cancelled")
    assert read_out.content(two.sg.core, id_, 1, "analyst", is_person=True) is None
    of_cancel = read_out.content(two.sg.core, id_, 2, "analyst", is_person=True)
    assert of_cancel is None or SECRET not in str(of_cancel)
    check_store(two.sg)
    assert rows(two.sg, "select body, body_key, frame from message where rev = 1") == [(None, None, None)]
    assert altered(two.sg) == [f"message {id_} 1"]


def test_it_is_not_shown_either_when_the_cancel_says_something_else(two: Two) -> None:
    id_, row = recalled(two)
    sql(
        two.sg,
        ("update message set body = ?, body_key = ?, frame = ? where rev = 1", row),
        ("update message set action = 'update' where rev = 2", ()),
        ("delete from own_statement", ()),
    )
    with pytest.raises(AlteredRow):
        views.message(two.sg.core, id_, 1)


def test_nor_when_the_cancel_is_gone(two: Two) -> None:
    id_, row = recalled(two)
    sql(
        two.sg,
        ("update message set body = ?, body_key = ?, frame = ? where rev = 1", row),
        ("delete from message where rev = 2", ()),
    )
    shown = views.message(two.sg.core, id_, 1)
    assert shown is not None
    assert shown["message"] is None
    check_store(two.sg)
    assert f"message {id_} 1" in altered(two.sg)
    assert rows(two.sg, "select body from message where rev = 1") == [(None,)]


def test_a_start_destroys_it_again(two: Two) -> None:
    id_, row = recalled(two)
    sql(two.sg, ("update message set body = ?, body_key = ?, frame = ? where rev = 1", row))
    two.sg.restart()
    store_checks.settle(two.sg.core)
    assert rows(two.sg, "select body from message where rev = 1") == [(None,)]
    assert altered(two.sg) == [f"message {id_} 1"]


# -- what we state


def statement(id_: str, stage: str, at: int, who: str = "officer", role: str = "duty-officer") -> tuple[str, Any]:
    columns = "id, rev, stage, role, sector, note, at, who, state"
    values = (id_, 1, stage, role, None, None, at, who, "due")
    return f"insert into own_statement ({columns}) values (?, ?, ?, ?, ?, ?, ?, ?, ?)", values


def noted(kit: CoreKit, who: str, what: str, about: str, at: int) -> tuple[str, Any]:
    """A line of the audit that is bound to the one before it."""
    with stores.outsider(kit.folder) as store:
        n, before = store.execute("select n, hash from audit order by n desc limit 1").fetchone()
    digest = line_hash(before, n + 1, at, who, what, about)
    return "insert into audit (n, at, who, what, about, hash) values (?, ?, ?, ?, ?, ?)", (
        n + 1, at, who, what, about, digest,
    )  # fmt: skip


def stages(two: Two) -> list[str]:
    """What TH is told by SG of its messages, beside `stored`."""
    two.sg.core.due.note_statements()
    two.to_th()
    return [row.stage for row in rows(two.th, "select stage from statement where stage <> 'stored'")]


@each_writer
@pytest.mark.parametrize(
    ("stage", "who", "role"),
    [
        ("acknowledged", "officer", "duty-officer"),
        ("acting", "officer", "duty-officer"),
        ("opened", "officer", "gateway"),
        ("recalled", "gateway", "gateway"),
        ("stored", "gateway", "gateway"),
    ],
)
def test_what_nobody_did_here_is_not_signed(two: Two, stage: str, who: str, role: str, write: Write) -> None:
    id_ = one_received(two)
    write(two.sg, statement(id_, stage, two.sg.now, who, role))
    assert stages(two) == []
    assert altered(two.sg) == ["own_statement 1"]
    assert rows(two.sg, "select state from own_statement") == [("altered",)]
    shown = views.message(two.sg.core, id_, None)
    assert shown is not None
    assert shown["said"] == []


@each_writer
@pytest.mark.parametrize("minutes", [-57, 57])
def test_nor_with_a_line_of_the_audit_before_the_message_was_here_or_after_now(
    two: Two, minutes: int, write: Write
) -> None:
    two.sg.now += 3_600_000
    two.th.now += 3_600_000
    id_ = one_received(two)
    at = two.sg.now + minutes * 60_000
    write(two.sg, statement(id_, "acknowledged", at))
    write(two.sg, noted(two.sg, "officer", "acknowledged", f"{id_} 1 duty-officer", at))
    assert stages(two) == []
    assert altered(two.sg) == ["own_statement 1"]


@each_writer
def test_a_line_of_the_audit_that_is_bound_to_none_is_no_line(two: Two, write: Write) -> None:
    id_ = one_received(two)
    text, values = noted(two.sg, "officer", "acknowledged", f"{id_} 1 duty-officer", two.sg.now)
    write(two.sg, statement(id_, "acknowledged", two.sg.now), (text, (*values[:-1], bytes(32))))
    assert stages(two) == []


@pytest.mark.parametrize("change", ["who = 'analyst'", "at = at - 3600000", "hash = zeroblob(32)"])
def test_nothing_is_stated_of_which_the_line_of_the_audit_was_altered(two: Two, change: str) -> None:
    id_ = one_received(two)
    record_statement(two, id_, "acknowledged")
    sql(two.sg, (f"update audit set {change} where what = 'acknowledged'", ()))
    assert stages(two) == []
    assert altered(two.sg) == ["own_statement 1"]


@each_writer
def test_what_a_person_said_is_not_stated_by_another_or_of_another_message(two: Two, write: Write) -> None:
    id_ = one_received(two)
    record_statement(two, id_, "acknowledged")
    write(two.sg, ("update own_statement set stage = 'acting'", ()))
    assert stages(two) == []
    assert altered(two.sg) == ["own_statement 1"]


def test_what_a_person_did_is_stated_also_long_after(two: Two) -> None:
    """Its line is not among the newest any more."""
    id_ = one_received(two)
    two.open(id_)
    record_statement(two, id_, "acknowledged")
    with two.sg.core.transaction() as connection:
        access.notes(connection, [(two.sg.now, "desk", "publish", str(n)) for n in range(5000)])
    assert sorted(stages(two)) == ["acknowledged", "opened"]
    assert altered(two.sg) == []

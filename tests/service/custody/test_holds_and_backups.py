"""Legal holds that are told when they are set, and the backups that a receipt of a recall names."""

from typing import Any

import pytest
from msgspec import UNSET

from service.custody.test_holds_disclosed import COURT, end, hold, insert_statement, switch_on
from suar.protocol.base import limits
from suar.protocol.base.instants import instant
from suar.protocol.message.kinds import Entry
from suar.protocol.message.messages import read
from suar.service.custody import holds
from suar.service.reading import human_receipts
from suar.service.reading.remains import backups_note
from suar.service.receipts import receipts
from suar.service.receipts.receipts import SEALED_AS
from suar.service.settings.state import note_backup
from suar.store.outbound import own_statements
from support.corekit import CoreKit, rows
from support.pairs import Two, new

APPEAL = "Court of Appeal, case 4"


@pytest.fixture
def newer(two: Two) -> Two:
    """SG writes receipt/1.1."""
    switch_on(two.sg)
    return two


@pytest.fixture
def stored(newer: Two) -> str:
    """A message of TH that SG has."""
    [id_] = newer.publish(new("a"))
    newer.to_sg()
    newer.to_th()
    return id_


def hold_statements(two: Two, id_: str, rev: int | None = None) -> list[tuple[str, str]]:
    """(stage, note) of what TH is shown that SG's gateway stated."""
    state = two.states(id_, rev)
    notes = {each["stage"]: each["note"] for each in state["notes"]}
    return [(each["stage"], notes.get(each["stage"], "")) for each in state["roles"]]


def queued(kit: CoreKit) -> list[Any]:
    """The receipts that the gateway makes next."""
    core = kit.core
    with core.transaction() as connection:
        human_receipts.queue_due(core, connection)
        found = connection.exec_driver_sql("select body from queue where kind = 'receipt' order by n").all()
    return [read(bytes(core.vault.unwrap(row.body, SEALED_AS))) for row in found]


def statements(kit: CoreKit) -> list[tuple[int, str, str]]:
    wanted = "select rev, stage, state from own_statement where stage in ('held-by-law', 'recalled') order by rev"
    return [(row.rev, row.stage, row.state) for row in rows(kit, wanted)]


# -- when the hold is set


def test_the_fact_is_reported_when_the_hold_is_set(newer: Two, stored: str) -> None:
    hold(newer.sg, stored, "fact")
    [receipt] = queued(newer.sg)
    assert (receipt.schema, receipt.stage, receipt.role) == ("receipt/1.1", "held-by-law", "gateway")
    assert (receipt.note, receipt.exports) == (UNSET, UNSET)
    newer.to_th()
    assert hold_statements(newer, stored) == [("held-by-law", "")]
    state = newer.states(stored)
    assert (state["state"], state["held_by_law"]) == ("stored", None), "nothing was recalled: no stage moves"


def test_the_name_is_reported_where_every_order_allows_it(newer: Two, stored: str) -> None:
    hold(newer.sg, stored, "authority")
    newer.to_th()
    assert hold_statements(newer, stored) == [("held-by-law", COURT)]
    for who in ("anan", "boon"):
        holds.add(newer.sg.core, stored, who, APPEAL, newer.sg.now + limits.DAY, "authority")
    newer.to_th()
    assert hold_statements(newer, stored) == [("held-by-law", f"{COURT}; {APPEAL}")]
    assert rows(newer.th, "select count(*) from receipt_note") == [(1,)]


@pytest.mark.parametrize("disclosure", ["nothing", "fact"])
def test_nothing_is_disclosed_that_may_not_be(two: Two, disclosure: str) -> None:
    """`--tell nothing`, and any hold while not every member reads receipt/1.1."""
    if disclosure == "nothing":
        switch_on(two.sg)
    [id_] = two.publish(new("a"))
    two.to_sg()
    two.to_th()
    hold(two.sg, id_, disclosure)
    assert queued(two.sg) == []
    assert statements(two.sg) == []


def test_an_order_that_may_not_be_reported_ends_what_is_reported(newer: Two, stored: str) -> None:
    """A second authority forbids it before the receipt has left: none leaves."""
    hold(newer.sg, stored, "fact")
    for who in ("anan", "boon"):
        holds.add(newer.sg.core, stored, who, APPEAL, newer.sg.now + limits.DAY, "nothing")
    assert queued(newer.sg) == []


def test_the_recall_of_a_text_that_is_held_is_reported_again(newer: Two, stored: str) -> None:
    hold(newer.sg, stored, "fact")
    newer.to_th()
    newer.cancel(stored)
    newer.to_sg()
    newer.to_th()
    for rev in (1, 2):
        assert newer.states(stored, rev)["state"] == "held-by-law"
    end(newer.sg, stored)
    newer.to_th()
    assert newer.states(stored, 1)["state"] == "recalled"
    assert statements(newer.sg) == [(1, "held-by-law", "queued"), (1, "recalled", "queued")]


def test_it_is_shown_at_a_later_revision_too(newer: Two, stored: str) -> None:
    hold(newer.sg, stored, "authority")
    newer.to_th()
    newer.cancel(stored, replacement=new("b"))
    assert hold_statements(newer, stored, 2) == [("held-by-law", COURT)]


def test_a_hold_that_is_over_is_not_stated(newer: Two, stored: str) -> None:
    """Neither what was not sent yet, nor, after a restore, what was: and a later hold is told anew."""
    hold(newer.sg, stored, "fact")
    end(newer.sg, stored)
    assert queued(newer.sg) == []
    hold(newer.sg, stored, "fact")
    newer.to_th()
    end(newer.sg, stored)
    with newer.sg.core.transaction() as connection:
        own_statements.requeue_since(connection, 0)
    newer.sg.core.due.note_statements()
    assert {each.stage for each in queued(newer.sg)} == set()
    assert statements(newer.sg) == []
    hold(newer.sg, stored, "authority")
    newer.to_th()
    assert hold_statements(newer, stored) == [("held-by-law", COURT)]


@pytest.mark.parametrize("when", ["nobody set it", "it came later", "no gateway said it"])
def test_a_statement_is_judged_again_before_it_is_signed(newer: Two, stored: str, when: str) -> None:
    """Also one whose row is as this gateway wrote it."""
    who, at = own_statements.GATEWAY, newer.sg.now
    if when != "nobody set it":
        hold(newer.sg, stored, "fact")
        queued(newer.sg)
    if when == "it came later":
        at -= limits.HOUR
    if when == "no gateway said it":
        who = "anan"
    statement = own_statements.OwnStatement(stored, 1, "held-by-law", own_statements.GATEWAY, at, who)
    with newer.sg.core.transaction() as connection:
        own_statements.forget(connection, stored, "held-by-law")
        connection.exec_driver_sql("delete from queue where kind = 'receipt'")
        human_receipts.keep_statement(newer.sg.core, connection, statement)
    assert queued(newer.sg) == []
    assert statements(newer.sg) == [(1, "held-by-law", "altered")]


def test_no_hold_is_reported_that_is_not_in_force(newer: Two, stored: str) -> None:
    """Whoever writes the database has no receipt signed of a hold that nobody set."""
    insert_statement(newer.sg, stored)
    assert queued(newer.sg) == []
    assert statements(newer.sg) == [(1, "held-by-law", "altered")]


def test_a_member_that_states_it_without_end_makes_no_rows(newer: Two, stored: str) -> None:
    core = newer.th.core
    [row] = rows(newer.th, f"select frame_hash, place from place where id = '{stored}'")
    for n in range(5):
        details = receipts.StatementDetails(note=f"order {n}")
        entries = [Entry(frame=row.frame_hash.hex(), messages=(row.place,))]
        data = receipts.make_receipt("SG", "actual", "held-by-law", entries, newer.sg.now + n, details=details)
        with core.transaction() as connection:
            receipts.apply_receipt(core, connection, read(data), data)  # type: ignore[arg-type]  # it is one
    assert hold_statements(newer, stored) == [("held-by-law", "order 4")]
    assert rows(newer.th, "select count(*) from receipt_note") == [(1,)]
    assert rows(newer.th, "select count(*) from receipt where stage = 'held-by-law'") == [(0,)]


# -- backups


def recalled_after_a_backup(two: Two) -> str:
    """A message that a backup of SG has, and that SG has destroyed a day later; its receipt has not left."""
    [id_] = two.publish(new("a"))
    two.to_sg()
    two.to_th()
    note_backup(two.sg.folder, two.sg.now)
    two.th.now += limits.DAY
    two.sg.now += limits.DAY
    two.cancel(id_)
    two.to_sg()
    return id_


def test_the_publisher_learns_which_backups_have_the_recalled_text(two: Two) -> None:
    note_backup(two.sg.folder, two.sg.now - limits.DAY)  # before it came
    id_ = recalled_after_a_backup(two)
    note_backup(two.sg.folder, two.sg.now + limits.HOUR)  # after it was destroyed
    two.to_th()
    day = instant(two.sg.now - limits.DAY)[:10]
    for rev in (1, 2):
        assert hold_statements(two, id_, rev) == [("recalled", f"Backups still have it, of {day}")]
        assert two.states(id_, rev)["state"] == "recalled"
    schemas = rows(two.sg, "select count(*) from own_statement where stage = 'recalled'")
    assert schemas == [(1,)]


def test_a_member_that_names_no_days_states_that_there_are_backups(two: Two) -> None:
    file = two.sg.folder / "suar.toml"
    file.write_text(file.read_text() + "\n[retention]\nname_backup_days = false\n")
    two.sg.restart()
    id_ = recalled_after_a_backup(two)
    two.to_th()
    assert hold_statements(two, id_, 1) == [("recalled", "Backups still have it")]
    assert two.states(id_, 1)["state"] == "recalled"


def test_nothing_is_stated_of_backups_where_none_has_it(two: Two) -> None:
    note_backup(two.sg.folder, two.sg.now - limits.DAY)
    [id_] = two.publish(new("a"))
    two.to_sg()
    two.cancel(id_)
    two.to_sg()
    two.to_th()
    assert hold_statements(two, id_, 1) == []
    assert rows(two.th, "select count(*) from receipt_note") == [(0,)]


def test_many_backups_fit_into_the_note_of_a_receipt() -> None:
    start = 1_800_000_000_000
    made = [start + n * limits.DAY // 2 for n in range(2_000)]
    note = backups_note(made, start, made[-1])
    assert len(note) <= 200
    assert note.endswith(", and of 988 earlier days")
    assert note.count("20") >= 12
    assert backups_note(made, start - 9, start - 1) == ""
    assert backups_note(made, start, start) == "Backups still have it, of 2027-01-15"

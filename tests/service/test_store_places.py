"""Whoever writes the store changes what stood beside the keyed hashes: the order of messages, their size, whether they
were read. Before, an alert was in no list and no feed, or lists and checks were shut, and nothing told it."""

from typing import Any

import pytest

from suar.service.core import altered_rows
from suar.service.feed import feed, positions
from suar.service.feed.positions import FeedPosition, FeedSelection
from suar.service.publish import sealing
from suar.service.reading import views
from suar.service.receive import store_checks
from suar.service.status import peers, snapshot
from suar.service.trust import trust_sync
from suar.store import tables as t
from suar.store.engine.numbering import BLOCK
from suar.store.outbound import outbox
from support import stores
from support.corekit import CoreKit, alter, rows
from support.pairs import Two, new

SEEN = snapshot.ProcessState(snapshot.BusState(), is_settled=True, has_stood_down=False)
HIGHEST = 2**63 - 1
LARGE = "zeroblob(34000000)"


def received(two: Two, *titles: str) -> list[str]:
    found = []
    for title in titles:
        found += two.publish(new(title))
        two.to_sg()
    return found


def check_store(kit: CoreKit) -> None:
    """As the look loop does, over all that is here."""
    walk, frames = store_checks.Walk(kit.core), store_checks.FrameWalk(kit.core)
    while kit.aside(walk.step):
        kit.aside(store_checks.settle, kit.core)
    kit.aside(store_checks.settle, kit.core)
    while kit.aside(frames.step):
        pass
    kit.aside(store_checks.ask_again, kit.core)


def receive_again(two: Two) -> None:
    """SG's question goes to TH, whose answer comes: the same bytes."""
    check_store(two.sg)
    two.to_th()
    two.th.now += outbox.AGAIN_AFTER
    trust_sync.release_parked(two.th.core)
    two.sg.receive(*two.publish_due(two.th))


def listed(kit: CoreKit, limit: int = 100, **how: Any) -> list[str]:
    lines = views.inbox(kit.core, kind=None, origin=None, status=None, limit=limit, **{"after": None} | how)
    return [line["id"] for line in lines]


def alarmed(kit: CoreKit) -> set[str]:
    return {row.message_id for row in rows(kit, "select message_id from alarm where name = 'store-altered'")}


def read_on(kit: CoreKit, position: FeedPosition) -> tuple[set[str], FeedPosition]:
    page = feed.next_page(kit.core, FeedSelection(realm="all"), position)
    return {entry.about[0] for entry in page.entries}, page.position


# -- the number of a row


@pytest.mark.parametrize("number", [-1, 0, HIGHEST, 10_000])
def test_a_message_under_a_number_that_was_not_given_comes_again(two: Two, number: int) -> None:
    """Below 1 it was in no list; behind the highest, SQLite numbered all that followed at random."""
    first, hidden = received(two, "a", "b")
    _, position = read_on(two.sg, FeedPosition())
    alter(two.sg, f"update message set n = {number} where id = ?", values=(hidden,))
    [later] = received(two, "c")
    shown, position = read_on(two.sg, position)
    assert shown == {later}, "the position of a reader is not behind what a stranger wrote"
    assert positions.latest_position(two.sg.core).lanes == position.lanes
    receive_again(two)
    assert f"message {hidden} 1" in alarmed(two.sg)
    assert read_on(two.sg, position)[0] == {hidden}
    for how in ({}, {"order": "urgency"}, {"after": 0}):
        assert sorted(listed(two.sg, **how)) == [first, hidden, later]
    numbers = [row.n for row in rows(two.sg, "select n from message")]
    assert all(0 < n < 3 * BLOCK for n in numbers)


def test_numbers_that_were_exchanged_are_noticed(two: Two) -> None:
    """Whoever has read up to the third would not have seen the third again, which is now the first."""
    ids = received(two, "a", "b", "c")
    numbers = {row.id: row.n for row in rows(two.sg, "select id, n from message")}
    for before, after in ((numbers[ids[0]], 900), (numbers[ids[2]], numbers[ids[0]]), (900, numbers[ids[2]])):
        alter(two.sg, f"update message set n = {after} where n = {before}")
    check_store(two.sg)
    assert alarmed(two.sg) >= {f"message {ids[0]} 1", f"message {ids[2]} 1"}
    receive_again(two)
    assert sorted(listed(two.sg)) == ids


def test_a_number_is_given_once_also_when_the_newest_rows_are_gone(two: Two) -> None:
    """A reader that was behind them would not see what got their numbers."""
    ids = received(two, "a", "b")
    _, position = read_on(two.sg, FeedPosition())
    alter(two.sg, "delete from message")
    two.sg.restart()
    [later] = received(two, "c")
    assert read_on(two.sg, position)[0] == {later}
    receive_again(two)
    assert read_on(two.sg, position)[0] == {*ids, later}


def test_a_row_in_the_way_of_the_next_number_stops_nothing(two: Two) -> None:
    received(two, "a")
    (row,) = rows(two.sg, "select * from message")
    values = row._asdict() | {"n": row.n + 1, "id": "TH-ALERT-2027-000777", "body_key": bytes(32), "frame": None}
    marks = ", ".join("?" * len(values))
    alter(two.sg, f"insert into message ({', '.join(values)}) values ({marks})", values=tuple(values.values()))
    [later] = received(two, "b")
    check_store(two.sg)
    assert listed(two.sg)[-1] == later
    assert "message TH-ALERT-2027-000777 1" in alarmed(two.sg)
    assert len(rows(two.sg, "select n from message")) == 2


def test_an_upgrade_takes_the_numbers_that_are_there_and_no_later_ones(two: Two) -> None:
    """Bodies of before are bound to no number: they open up to the highest number of then."""
    [old] = received(two, "a")
    core = two.sg.core
    with core.transaction() as connection:
        connection.exec_driver_sql("delete from meta where name = 'message_numbers'")
    core.request_reload()
    with core.transaction():
        assert core.vault.numbers.may_be_unbound(1)
    assert listed(two.sg) == [old]
    [later] = received(two, "b")
    (row,) = rows(two.sg, f"select n from message where id = '{later}'")
    assert not core.vault.numbers.may_be_unbound(row.n)


def test_what_many_made_up_rows_push_out_of_a_page_is_shown(two: Two) -> None:
    wanted = received(two, "a", "b")
    (row, *_) = rows(two.sg, "select * from message order by n")
    values = row._asdict() | {"body_key": bytes(32), "frame": None}
    with stores.outsider(two.sg.folder) as store:
        for number in range(10, 40):  # above what was given, and below
            values |= {"n": number, "id": f"TH-ALERT-2027-{number:06d}"}
            marks = ", ".join("?" * len(values))
            store.execute(f"insert into message ({', '.join(values)}) values ({marks})", tuple(values.values()))
    wanted += received(two, "c")
    assert listed(two.sg, 3) == wanted
    check_store(two.sg)
    assert listed(two.sg, 3) == wanted


# -- a value that no message has


@pytest.mark.sqlite
@pytest.mark.parametrize("column", ["body", "frame", "readers", "action", "tlp"])
def test_a_value_larger_than_any_message_shuts_no_list(two: Two, column: str) -> None:
    ids = received(two, "a", "b", "c")
    alter(two.sg, f"update message set {column} = {LARGE} where id = ?", values=(ids[1],))
    if column in ("body", "readers"):
        assert listed(two.sg) == [ids[0], ids[2]], "before it is found"
    if column == "body":
        assert read_on(two.sg, FeedPosition())[0] == {ids[0], ids[2]}
    receive_again(two)
    assert f"message {ids[1]} 1" in alarmed(two.sg)
    assert sorted(listed(two.sg)) == ids
    assert len(rows(two.sg, "select n from message")) == 3


@pytest.mark.sqlite
def test_of_our_own_message_it_is_taken_out_and_the_row_stays(two: Two) -> None:
    [id_] = two.publish(new("a"))
    alter(two.th, f"update message set body = {LARGE}, readers = {LARGE} where id = ?", values=(id_,))
    check_store(two.th)
    assert f"message {id_} 1" in alarmed(two.th)
    assert [row.id for row in rows(two.th, "select id from message where body is null")] == [id_]


# -- whether it was read


def test_an_alert_that_nobody_opened_is_not_shown_as_read(two: Two) -> None:
    [id_] = received(two, "a")
    alter(two.sg, "update message set opened_at = 1")
    (line,) = views.inbox(two.sg.core, kind=None, origin=None, status=None, after=None, limit=9)
    assert line["unread"]
    two.open(id_)
    two.to_th()
    assert two.states(id_)["state"] == "opened"
    alter(two.sg, "update message set opened_at = null")
    (line,) = views.inbox(two.sg.core, kind=None, origin=None, status=None, after=None, limit=9)
    assert not line["unread"]


# -- tables without a hash


COLUMNS = "n, sender, type, subject, data, size, code, rule, epoch_id, for_time, since, digest"
WAITING = [
    "5,'SG','frame','x',x'00',1,'E','F1',NULL,1796118000000,0,x'03'",
    "5,'SG','frame','x',x'00',1,'E','F1',NULL,'x',0,x'03'",
    "1,x'ff',7,8,'text','z',x'00',x'00','t','u','v','w'",
    "5,'SG','epoch','x',x'00',1,'E','F1',x'00',NULL,'v',x'02'",
    "5,cast(x'ff' as text),'epoch','x',x'00',1,'E','F1',x'00',NULL,9,x'02'",
    f"5,'SG','epoch','x',{LARGE},1,'E','F1',NULL,1,1,x'02'",
]


@pytest.mark.sqlite
@pytest.mark.parametrize("values", WAITING)
def test_a_row_of_waiting_that_is_of_no_object_ends_no_start_and_no_check(two: Two, values: str) -> None:
    alter(two.sg, f"insert into waiting ({COLUMNS}) values ({values})")
    snapshot.read_snapshot(two.sg.core, SEEN)
    two.sg.restart()
    snapshot.read_snapshot(two.sg.core, SEEN)
    [id_] = received(two, "a")
    assert listed(two.sg) == [id_]
    two.sg.aside(store_checks.find_strange, two.sg.core)
    assert two.sg.aside(altered_rows.remove_strange_waiting, two.sg.core) == 1
    assert rows(two.sg, "select n from waiting") == []
    assert len(alarmed(two.sg)) == 1
    assert two.sg.aside(altered_rows.remove_strange_waiting, two.sg.core) == 0


JUNK = [
    "insert into heartbeat values ('TH', 'x', 'y', x'00')",
    "insert into heartbeat values ('ZZ', 1, 1, cast(x'ff' as text))",
    "insert into peer_said values ('TH', 'q', 1e300, 'x')",
    "insert into peer_said values ('TH', 1, 1, x'00')",
    f"insert into peer_said values ('TH', 1, 1, {LARGE})",
    "insert into announced values ('x', 'y', 'z')",
    "insert into asked_for values ('x', 'y', 'z')",
]


@pytest.mark.sqlite
def test_junk_in_derived_tables_ends_no_start_and_no_call(two: Two) -> None:
    for statement in JUNK:
        table = statement.split()[2]
        stores.write(two.sg.folder, f"delete from {table}")
        alter(two.sg, statement)
        two.sg.restart()
        peers.list_peers(two.sg.core, snapshot.read_snapshot(two.sg.core, SEEN))


@pytest.mark.sqlite
def test_a_large_object_in_the_outbox_stops_no_other(two: Two) -> None:
    two.publish(new("a"))
    sealing.seal_queued(two.th.core)
    columns = ", ".join(column.name for column in t.outbox.c if column.name not in ("n", "data"))
    unpublished = f"select 0, {LARGE}, {columns} from outbox where published is null limit 1"
    alter(two.th, f"insert into outbox (n, data, {columns}) {unpublished}")
    assert two.publish_due(two.th)
    two.th.aside(store_checks.find_strange, two.th.core)
    assert two.th.aside(altered_rows.withdraw_objects, two.th.core) == 1
    assert alarmed(two.th) == {"outbox 0"}

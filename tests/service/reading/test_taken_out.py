"""Somebody takes messages of other members out of the store: each frame's row says how many it brought, so they are
missed, told and asked for again, and come again from who sent them."""

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from suar.observe.checks import every
from suar.protocol.transport.replay import Ranges
from suar.service.pacing.wake import Wake
from suar.service.process import run
from suar.service.process.background.loop_periodic import PeriodicTasks
from suar.service.process.gateway import Gateway
from suar.service.process.running import LoopContext
from suar.service.reading import proof_keeping, views
from suar.service.receipts.receipts import SEALED_AS
from suar.service.receive import store_checks
from suar.service.recovery import whole_store
from suar.service.status import snapshot
from suar.service.trust import trust_sync
from suar.store.inbound import incidents
from suar.store.outbound import leftovers, outbox
from support import stores
from support.corekit import PASSPHRASE, CoreKit, alter, rows
from support.pairs import Two, new, record_statement


def check_store(kit: CoreKit) -> int:
    """As the look loop does, over all that is here; how many frames are asked for again."""
    walk, frames = store_checks.Walk(kit.core), store_checks.FrameWalk(kit.core)
    while kit.aside(walk.step):
        pass
    kit.aside(store_checks.settle, kit.core)
    while kit.aside(frames.step):
        pass
    count: int = kit.aside(store_checks.ask_again, kit.core)
    assert kit.core.lost == set(), "they are requested once"
    return count


def check_sent(kit: CoreKit) -> int:
    """The same of what left; how many messages are reported."""
    walk = store_checks.SentWalk(kit.core)
    while kit.aside(walk.step):
        pass
    count: int = kit.aside(store_checks.report_lost, kit.core)
    return count


def altered(kit: CoreKit) -> list[str]:
    return [row.message_id for row in rows(kit, "select message_id from alarm where name = 'store-altered'")]


def open_requests(kit: CoreKit) -> list[dict[str, Any]]:
    """What is queued to be asked for."""
    bodies = [row.body for row in rows(kit, "select body from queue where body is not null")]
    receipts = [json.loads(bytes(kit.core.vault.unwrap(body, SEALED_AS))) for body in bodies]
    return [entry for each in receipts if each["stage"] == "missing" for entry in each["of"]]


def received(two: Two, *titles: str) -> list[str]:
    ids = two.publish(*(new(title) for title in titles))
    two.to_sg()
    two.to_th()
    return ids


def resend(two: Two) -> None:
    """SG's question goes to TH, whose answer comes: the same bytes."""
    two.to_th()
    two.th.now += outbox.AGAIN_AFTER
    trust_sync.release_parked(two.th.core)
    two.sg.receive(*two.publish_due(two.th))


def test_a_deleted_message_is_requested_and_received_again(two: Two) -> None:
    [id_] = received(two, "a")
    assert check_store(two.sg) == 0
    alter(two.sg, "delete from message")
    assert check_store(two.sg) == 1
    ((epoch_id, seq),) = rows(two.sg, "select id, 0 from epoch where kind = 'open' and channel = 'SG'")
    assert open_requests(two.sg) == [{"epoch": epoch_id.hex(), "first": seq, "last": seq}]
    assert altered(two.sg) == [f"frame {epoch_id.hex()[:16]} {seq}"]
    resend(two)
    assert [row.id for row in rows(two.sg, "select id from message")] == [id_]
    assert views.message(two.sg.core, id_, None)
    assert check_store(two.sg) == 0


def test_one_of_several_in_a_frame_is_missed(two: Two) -> None:
    ids = received(two, "a", "b", "c")
    alter(two.sg, f"delete from message where id = '{ids[1]}'")
    assert check_store(two.sg) == 1
    resend(two)
    assert sorted(row.id for row in rows(two.sg, "select id from message")) == sorted(ids)
    assert check_store(two.sg) == 0, "those that stayed count with the one that came again"


@pytest.mark.parametrize(
    "besides",
    [
        "delete from frame where messages > 0",
        "update frame set messages = 0 where messages > 0",
        "update frame set messages = 0, tag = (select tag from frame where messages = 0) where messages > 0",
        "update frame set messages = 'x', tag = 7 where messages > 0",
        "update frame set messages = null, tag = null where messages > 0",
    ],
)
def test_it_is_missed_whatever_the_row_of_its_frame_says(two: Two, besides: str) -> None:
    [id_] = received(two, "a")
    if "'x'" in besides and not stores.is_sqlite():
        with pytest.raises(DBAPIError):  # it keeps no text in a column of numbers
            alter(two.sg, besides)
        return
    alter(two.sg, "delete from message", besides)
    assert check_store(two.sg) >= 1
    resend(two)
    assert [row.id for row in rows(two.sg, "select id from message")] == [id_]


def test_an_altered_row_is_taken_out_and_its_message_comes_again(two: Two) -> None:
    [id_] = received(two, "a")
    alter(two.sg, "update message set tlp = 'CLEAR'")
    assert check_store(two.sg) == 1
    resend(two)
    shown = views.message(two.sg.core, id_, None)
    assert shown is not None
    assert shown["message"]["tlp"] == "AMBER"


def test_a_recalled_message_is_not_gone(two: Two) -> None:
    [id_] = received(two, "a")
    two.cancel(id_)
    two.to_sg()
    assert check_store(two.sg) == 0
    assert altered(two.sg) == []


def test_a_cancel_that_was_taken_out_comes_again_and_destroys(two: Two) -> None:
    [id_] = received(two, "a")
    with stores.outsider(two.sg.folder) as store:
        body, salt = store.execute(f"select body, {stores.SALT} from message").fetchone()
    two.cancel(id_)
    two.to_sg()
    alter(two.sg, "delete from message where rev = 2")
    with stores.outsider(two.sg.folder) as store:
        store.execute("update message set body = ?, body_key = ?", (body, salt))
    assert check_store(two.sg) == 1
    resend(two)
    assert rows(two.sg, "select rev, body is null from message order by rev") == [(1, 1), (2, 0)]


def test_an_own_message_that_was_deleted_is_reported_once(two: Two) -> None:
    """It does not come again: who has it are the others."""
    gone, kept = received(two, "one", "another")
    assert check_sent(two.th) == 0
    alter(two.th, f"delete from message where id = '{gone}'")
    assert check_sent(two.th) == 1
    assert altered(two.th) == [f"message {gone} 1"]
    assert check_sent(two.th) == 0
    lines = rows(two.th, "select about from audit where what = 'alarm'")
    assert [row.about for row in lines] == [f"store-altered TH message {gone} 1"]
    assert views.message(two.th.core, kept, None) is not None


def test_each_of_many_own_messages_is_looked_for(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """A step looks at so many, and the next one goes on at the beginning of a frame."""
    monkeypatch.setattr(store_checks, "CONTENTS", 5)
    ids = [id_ for n in range(4) for id_ in received(two, *(f"{n} {each}" for each in range(4)))]
    alter(two.th, "delete from message")
    assert check_sent(two.th) == len(ids)
    assert sorted(altered(two.th)) == sorted(f"message {id_} 1" for id_ in ids)


def test_a_made_up_index_of_a_frame_reports_no_message(two: Two) -> None:
    received(two, "one")
    made_up = "insert into place select frame_hash, 7, 'TH-ALERT-2027-000077', 1, owed, mac from place"
    alter(two.th, made_up)
    assert check_sent(two.th) == 0
    assert altered(two.th) == []


def test_a_deleted_message_of_a_suspended_member_is_not_requested(two: Two) -> None:
    received(two, "a")
    for state in two.sg.core.world.epochs.values():
        state.is_live = False
    alter(two.sg, "delete from message")
    assert check_store(two.sg) == 0


def test_a_number_that_no_frame_has_costs_nothing(two: Two) -> None:
    received(two, "a")
    alter(two.sg, "update frame set seq = 900000000000 where messages > 0")
    assert check_store(two.sg) == 1


def test_one_number_may_be_lost_anywhere() -> None:
    for held in ([], [(1, 2)], [(4, 5)], [(1, 2), (4, 5)], [(0, 9)]):
        ranges = Ranges(list(held))
        before = {n for first, last in held for n in range(first, last + 1)}
        ranges.insert(3)
        assert {n for first, last in ranges for n in range(first, last + 1)} == before | {3}
        assert all(last + 1 < first for (_, last), (first, _) in zip(list(ranges), list(ranges)[1:], strict=False))


# -- without a gateway: `suar audit verify --store`


def verified(kit: CoreKit) -> dict[str, str]:
    """What is found, by table; the state folder is as it was afterwards."""
    kit.keyring.save()
    kit.close()
    found = run.verified(kit.folder, PASSPHRASE, {})
    assert run.verified(kit.folder, PASSPHRASE, {}) == found, "it changes nothing"
    assert set(whole_store.WALKS) <= {table for table, _, _ in found}
    kit.restart()
    return {table: text for table, _, text in found if text is not None}


def test_the_whole_store_is_examined_without_a_gateway(two: Two) -> None:
    ids = received(two, "a", "b", "c")
    two.cancel(received(two, "d")[0])
    two.to_sg()
    assert verified(two.sg) == verified(two.th) == {}
    alter(
        two.sg,
        f"delete from message where id = '{ids[0]}'",
        f"update message set tlp = 'CLEAR' where id = '{ids[1]}'",
    )
    alter(two.th, f"delete from message where id = '{ids[2]}'")
    ((epoch_id, seq),) = rows(two.sg, "select epoch_id, seq from frame where messages = 3")
    assert verified(two.sg) == {
        "message": f"1 row is not as this gateway wrote it: {ids[1]} 1",
        "frame": f"1 frame lacks messages that it delivered, or is gone: {bytes(epoch_id).hex()[:16]} {seq}",
    }
    assert verified(two.th) == {"message": f"1 own message that was sent is gone: {ids[2]} 1"}


def test_rows_that_are_sealed_alone_are_examined_without_a_gateway(two: Two) -> None:
    """Before, they were opened when they were used, and by nothing else."""
    [id_] = received(two, "a")
    record_statement(two, id_, "acting", "focal-point", note="two teams")
    two.to_th()
    proof_keeping.keep(two.th.core, proof_keeping.collect(two.th.core))
    row = {"sender": "SG", "code": "E-X", "rule": "F6", "frame_hash": None, "place": None, "at": 1, "path": "$"}
    with two.th.core.transaction() as connection:
        incidents.quarantine(connection, two.th.core.vault, row, [({}, b"first"), ({}, b"second")])
        incidents.quarantine(connection, two.th.core.vault, row, [({}, b"recalled")])
        leftovers.empty_quarantined(connection, [3])
    assert verified(two.th) == {}
    ((proof,),) = rows(two.th, "select frame_hash from kept_proof where frame is not null")
    ((of,),) = rows(two.th, "select frame_hash from receipt_note")
    alter(
        two.th,
        "update quarantine set size = size + 1 where n = 1",
        "update quarantine set sender = 'VN' where n = 2",
        "update kept_proof set epoch = x'00' where frame is not null",
        "update receipt_note set role = 'approver'",
    )
    many, one = "2 rows are not as this gateway wrote them", "1 row is not as this gateway wrote it"
    assert verified(two.th) == {
        "quarantine": f"{many}: 1, 2",
        "kept_proof": f"{one}: {bytes(proof).hex()[:16]}",
        "receipt_note": f"{one}: {bytes(of).hex()[:16]} SG acting approver",
    }
    alter(two.th, "update kept_proof set sealed = x'00'", "delete from quarantine", "delete from receipt_note")
    assert verified(two.th)["kept_proof"].startswith("3 rows")


def test_a_recalled_text_that_is_here_again_is_found_without_a_gateway(two: Two) -> None:
    [id_] = received(two, "a")
    with stores.outsider(two.sg.folder) as store:
        body, salt = store.execute(f"select body, {stores.SALT} from message").fetchone()
    two.cancel(id_)
    two.to_sg()
    with stores.outsider(two.sg.folder) as store:
        store.execute("update message set body = ?, body_key = ? where rev = 1", (body, salt))
    assert verified(two.sg) == {"message": f"1 row is not as this gateway wrote it: {id_} 1"}


@pytest.mark.asyncio
async def test_what_the_running_loop_finds_is_in_the_check_by_its_id(two: Two) -> None:
    """The loop itself, without a server: it walks, and what is gone is named by `store-integrity`."""
    [gone, _] = two.sg.aside(received, two, "one", "another")
    kit = two.th
    alter(kit, f"delete from message where id = '{gone}'")
    wake = Wake()
    bus: Any = SimpleNamespace(is_connected=False, read_failed=None)
    context = LoopContext(kit.core, Gateway(kit.core, wake), bus, wake)
    running = asyncio.create_task(PeriodicTasks(context).run())
    try:
        async with asyncio.timeout(20):
            while not kit.core.lost_own.get((gone, 1)):
                wake.periodic.set()
                await asyncio.sleep(0.01)
    finally:
        wake.stop.set()
        wake.periodic.set()
        await running
    state = snapshot.ProcessState(snapshot.BusState(), is_settled=True, has_stood_down=False)
    numbers = kit.aside(snapshot.read_snapshot, kit.core, state)
    [found] = [each for each in every.run(numbers, 30_000) if each.id == "store-integrity"]
    assert (found.status, f"message {gone} 1" in found.text) == ("warning", True)

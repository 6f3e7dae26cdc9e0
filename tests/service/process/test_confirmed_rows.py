"""What the own server has is written down with another's commit, and leaves once more when it cannot be."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Row

from suar.bus.errors import WRONG_LAST_SEQ, BusError, PublishRefused
from suar.bus.publish import PubAck
from suar.protocol.base.link_names import ONE_HUB
from suar.protocol.base.primitives import ACTUAL
from suar.service.pacing.return_order import ReturnOrder
from suar.service.pacing.wake import Wake
from suar.service.process import loop_publish
from suar.service.process.loop_publish import Publishing
from suar.service.publish import accepting, sealing
from suar.service.recovery.readback import ReadBackReport
from suar.store.engine.database import StoreFault
from suar.store.recovery import positions
from support.corekit import CoreKit
from support.gateways import draft, eventually


class OwnServer:
    """Takes whatever is published; `taken` of its bus: the objects by their ids, in their order."""

    def __init__(self, bus: Any) -> None:
        self._bus = bus

    async def publish_all(
        self, objects: Iterable[tuple[str, bytes, str]], last: int | None
    ) -> Sequence[PubAck | BusError]:
        before = len(self._bus.taken)
        if self._bus.is_put_back:
            return [PublishRefused(WRONG_LAST_SEQ, "wrong last sequence") for _ in objects]
        self._bus.taken += [id_ for _, _, id_ in objects]
        return [PubAck(seq + 1, is_duplicate=False) for seq in range(before, len(self._bus.taken))]


class Ready:
    """Whether objects may be sent: `next_answers` first, then always."""

    def __init__(self) -> None:
        self.next_answers: list[bool] = []

    @property
    def may_send(self) -> bool:
        return self.next_answers.pop(0) if self.next_answers else True


class Running:
    """What the publish loop asks of a running gateway."""

    def __init__(self, kit: CoreKit) -> None:
        self.core, self.wake, self.reports = kit.core, Wake(), list[str]()
        self.taken: list[str] = []
        self.is_put_back = False
        self.settling = SimpleNamespace(read_outbox=self.read_outbox)
        self.unmarked_at_comparison: list[str] = []
        self.bus, self.generation, self.return_order = self, 1, ReturnOrder(ONE_HUB)
        self.ready, self.echoes = Ready(), SimpleNamespace(expect=list)
        self.window = SimpleNamespace(record_backlog=lambda _: False)

    @property
    def is_running(self) -> bool:
        return not self.wake.stop.is_set()

    def log_fault(self, event: str, level: str, **facts: object) -> None:
        self.reports.append(event)

    async def read_outbox(self, *, is_running: bool) -> ReadBackReport:
        """What compares the store with the own stream; afterwards the server takes objects again."""
        rows = await self.core.run_read_only(sealing.next_to_publish, self.core, 100)
        self.unmarked_at_comparison = [row.msg_id for row in rows]
        self.is_put_back = False
        return ReadBackReport()


@pytest.fixture
async def running(vn: CoreKit, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Running]:
    """The publish loop of VN's core before an own server that takes everything."""
    monkeypatch.setattr(loop_publish, "Publisher", OwnServer)
    made = Running(vn)
    loop = asyncio.create_task(Publishing(made).run())  # type: ignore[arg-type]  # a stand-in for the running gateway
    yield made
    made.wake.wake_all()
    made.wake.stop.set()
    await loop


async def until(condition: Any) -> None:
    async def is_so() -> object:
        return await asyncio.to_thread(condition)  # an event loop reads no store

    await eventually(is_so)


def accept(kit: CoreKit, title: str) -> None:
    body = json.dumps(draft(title, expires="2027-01-30T00:00:00Z")).encode()
    assert accepting.accept(kit.core, [(body, None)], realm=ACTUAL, token="test")[0].verdict == "published"


def test_each_row_left_at_its_own_time(vn: CoreKit) -> None:
    accept(vn, "one")
    rows = [each for each in sealing.next_to_publish(vn.core, 100) if each.messages]
    sealing.mark_published(vn.core, rows, times={rows[0].n: vn.now - 150})
    with vn.core.transaction() as connection:
        left = connection.exec_driver_sql("select published from outbox where n = ?", (rows[0].n,)).scalar()
        sent = connection.exec_driver_sql("select sent from own_frame").scalar()
    assert (left, sent) == (vn.now - 150, vn.now - 150)


def test_a_position_that_is_recorded_late_lowers_nothing(vn: CoreKit) -> None:
    """Frames leave while it is written how far the ones before them came."""
    vn.core.stream_positions.record_published(88)
    sealing.mark_published(vn.core, [], sequence=82)
    assert vn.core.stream_positions.last_known(positions.OUTBOX) == 88
    with vn.core.transaction() as connection:
        assert positions.load(connection)[positions.OUTBOX] == 82


def test_a_world_that_begins_again_knows_how_far_we_are(vn: CoreKit) -> None:
    vn.core.stream_positions.record_published(88)
    vn.core.load()
    assert vn.core.stream_positions.last_known(positions.OUTBOX) == 88


def left(kit: CoreKit) -> Sequence[Row[Any]]:
    """What leaves next; the loop does not go on meanwhile."""
    return kit.aside(lambda: sealing.next_to_publish(kit.core, 100))


async def test_what_left_goes_once_and_is_marked_with_the_next_commit(vn: CoreKit, running: Running) -> None:
    vn.aside(accept, vn, "one")
    rows = left(vn)
    running.wake.publish.set()
    await until(lambda: len(running.taken) == len(rows))
    assert vn.core.stream_positions.last_known(positions.OUTBOX) == len(rows)
    running.wake.publish.set()  # whatever woke it: these have left
    await until(lambda: not sealing.next_to_publish(vn.core, 100))
    assert running.taken == [row.msg_id for row in rows]


async def test_what_cannot_be_marked_leaves_once_more(
    vn: CoreKit, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    vn.aside(accept, vn, "one")
    rows, published = left(vn), sealing.mark_published

    def full_once(*_: Any) -> None:
        monkeypatch.setattr(sealing, "mark_published", published)
        raise StoreFault("the disk is full", "make room")

    monkeypatch.setattr(sealing, "mark_published", full_once)
    running.wake.publish.set()
    await until(lambda: not sealing.next_to_publish(vn.core, 100))
    assert sorted(running.taken) == sorted([row.msg_id for row in rows] * 2)
    assert set(running.reports) == {"store_failed"}


async def test_at_the_end_what_left_is_marked(vn: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop_publish, "Publisher", OwnServer)
    running = Running(vn)
    vn.aside(accept, vn, "one")
    running.wake.stop.set()
    await Publishing(running).run()  # type: ignore[arg-type]  # a stand-in for the running gateway
    assert running.taken
    assert left(vn) == []


async def test_confirmations_are_stored_before_the_own_stream_is_compared(
    vn: CoreKit, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mark after the comparison would keep objects lost that the server confirmed and then lost with its disk."""
    monkeypatch.setattr(loop_publish, "MARK_AFTER", 3600.0)
    vn.aside(accept, vn, "confirmed")
    running.wake.publish.set()
    await until(lambda: running.taken)
    confirmed = set(running.taken)
    running.is_put_back = True
    vn.aside(accept, vn, "refused")
    running.wake.publish.set()
    await until(lambda: not running.is_put_back)
    assert running.unmarked_at_comparison
    assert confirmed.isdisjoint(running.unmarked_at_comparison)


async def publish_one(kit: CoreKit, running: Running) -> None:
    """One message is accepted and published, and everything is marked: the loop knows the end of the store."""
    kit.aside(accept, kit, "one")
    running.wake.publish.set()
    await until(lambda: not sealing.next_to_publish(kit.core, 100))


@pytest.mark.parametrize(("name", "bound"), [("MARK_BATCH", 1), ("MARK_BYTES", 1)])
async def test_confirmed_rows_up_to_a_bound_wait_to_be_marked(
    vn: CoreKit, running: Running, monkeypatch: pytest.MonkeyPatch, name: str, bound: int
) -> None:
    monkeypatch.setattr(loop_publish, "MARK_AFTER", 3600.0)
    monkeypatch.setattr(loop_publish, name, bound)
    await publish_one(vn, running)
    assert running.taken


async def test_rows_in_memory_are_published_without_reading_the_store(
    vn: CoreKit, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    await publish_one(vn, running)
    monkeypatch.setattr(loop_publish, "READ_EVERY", 3600.0)
    before = len(running.taken)
    with monkeypatch.context() as patched:
        patched.setattr(sealing, "next_to_publish", no_store)
        vn.aside(accept, vn, "two")
        running.wake.publish.set()
        await until(lambda: len(running.taken) > before)


async def test_with_rows_in_memory_the_store_is_read_every_second(
    vn: CoreKit, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has the objects that are published again, which would otherwise wait for a pause."""
    await publish_one(vn, running)
    monkeypatch.setattr(loop_publish, "READ_EVERY", 0.0)
    read, readings = sealing.next_to_publish, list[int]()

    def counted(*values: Any) -> Any:
        readings.append(1)
        return read(*values)

    monkeypatch.setattr(sealing, "next_to_publish", counted)
    before = len(running.taken)
    vn.aside(accept, vn, "two")
    running.wake.publish.set()
    await until(lambda: len(running.taken) > before)
    assert readings


async def test_a_row_that_may_not_be_sent_now_is_not_overtaken(
    vn: CoreKit, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    await publish_one(vn, running)
    monkeypatch.setattr(loop_publish, "READ_EVERY", 3600.0)
    before = len(running.taken)
    vn.aside(accept, vn, "two")
    running.ready.next_answers = [True, False]  # it stops after the row was taken from memory
    running.wake.publish.set()
    await until(lambda: not running.ready.next_answers)
    vn.aside(accept, vn, "three")
    rows = left(vn)
    running.wake.publish.set()
    await until(lambda: not sealing.next_to_publish(vn.core, 100))
    assert running.taken[before:] == [row.msg_id for row in rows]


def no_store(*_: Any) -> Any:
    raise AssertionError("the store was read")

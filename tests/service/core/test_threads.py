"""Whose the core's objects are: its thread alone uses them, all others read the status that it publishes."""

import asyncio
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest
import pytest_asyncio

from suar.protocol.base import limits
from suar.protocol.transport.admission import admit
from suar.service.access import troubles
from suar.service.core import seams
from suar.service.core.core import Core
from suar.service.core.thread_affinity import Owner, WrongThreadError
from suar.service.pacing.heartbeat_pace import HeartbeatPace
from suar.service.pacing.readiness import Readiness
from suar.service.pacing.wake import Wake
from suar.service.process.loop_heartbeat import Heartbeats
from suar.service.settings import disk_space
from suar.service.settings.disk_space import DiskSpace
from suar.service.trust import trust_sync
from suar.store.engine.database import StoreFault
from support.corekit import CoreKit, core_with_bundles, epoch_of, frame_of
from support.kit import NOW, actor, alert, make_revoke, open_sending

FAR = 10 * limits.MINUTE


@pytest.fixture
def th(tmp_path: Path) -> Iterator[CoreKit]:
    with core_with_bundles(tmp_path / "th", "TH") as made:
        yield made


class Alone:
    """A running gateway as the heartbeat loop sees it: it has not begun to send."""

    def __init__(self, core: Core) -> None:
        self.core, self.wake, self.ready = core, Wake(), Readiness(core)
        self.bus = SimpleNamespace(is_connected=True)
        self.pace = HeartbeatPace(core, self.ready, cast("Any", self.bus))

    @property
    def is_running(self) -> bool:
        return not self.wake.stop.is_set()


# -- the loops read what nothing changes


async def test_a_heartbeat_that_arrives_while_the_loop_reads_the_clocks(
    th: CoreKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The core hears a member for the first time while the heartbeat loop goes through the clocks of the others."""
    core, run = th.core, Alone(th.core)

    def record_heartbeats(member: str) -> None:
        for sent in (th.now, th.now + 1_000):
            core.last_heard[member] = th.now
            core.observations.record_heartbeat(member, sent + FAR, sent)
        with core.transaction():
            pass

    await core.run(record_heartbeats, "SG")
    reads, has_heartbeat = list[str](), troubles.has_recent_heartbeat

    def has_heartbeat_after_a_change(at: Any, code: str, now: int) -> bool:
        if not reads:
            with ThreadPoolExecutor(1) as other:  # the loop stands meanwhile, as where the core's thread is faster
                other.submit(asyncio.run, core.run(record_heartbeats, "VN")).result()
        reads.append(code)
        return has_heartbeat(at, code, now)

    monkeypatch.setattr(troubles, "has_recent_heartbeat", has_heartbeat_after_a_change)
    loop = asyncio.create_task(Heartbeats(run).run())  # type: ignore[arg-type]  # a stand-in for the running gateway
    while "VN" not in reads:
        await asyncio.sleep(0)
        run.wake.beat.set()
        if loop.done():
            break
    run.wake.stop.set()
    run.wake.beat.set()
    await loop
    assert reads[0] == "SG"
    assert "VN" in reads


async def test_the_loops_do_not_ask_the_system_for_the_disk(th: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    calls, run, measure = list[int](), Alone(th.core), shutil.disk_usage

    def disk_usage(path: Path) -> Any:
        calls.append(threading.get_ident())
        return measure(path)

    monkeypatch.setattr(shutil, "disk_usage", disk_usage)
    times, find_troubles = list[None](), troubles.troubles

    def watched(*args: Any) -> Any:
        times.append(None)
        return find_troubles(*args)

    monkeypatch.setattr("suar.service.process.loop_heartbeat.troubles", watched)
    loop = asyncio.create_task(Heartbeats(run).run())  # type: ignore[arg-type]  # a stand-in for the running gateway
    while len(times) < 20:
        await asyncio.sleep(0)
        run.wake.beat.set()
    run.wake.stop.set()
    run.wake.beat.set()
    await loop
    assert threading.get_ident() not in calls


def test_the_disk_is_measured_at_most_every_few_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now, free = [100.0], [7]
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=free[0]))
    disk = DiskSpace(tmp_path, lambda: now[0])
    assert disk.free() == 7
    free[0] = 9
    now[0] += disk_space.EVERY - 0.1
    assert disk.free() == 7
    now[0] += 0.1
    assert disk.free() == 9


# -- the status


def _mutables(value: Any, path: str = "status") -> Iterator[str]:
    """Where something that can be changed in place hangs on a value; what trust lists and keys consist of aside."""
    if isinstance(value, dict | list | set | bytearray):
        yield path
    elif isinstance(value, msgspec.Struct) and value.__struct_config__.frozen and "protocol" in type(value).__module__:
        return  # as it was signed
    elif isinstance(value, msgspec.Struct):
        if not value.__struct_config__.frozen:
            yield path
        for name in value.__struct_fields__:
            yield from _mutables(getattr(value, name), f"{path}.{name}")
    elif hasattr(value, "__dataclass_fields__"):
        if not value.__dataclass_params__.frozen:
            yield path
        for name in value.__dataclass_fields__:
            yield from _mutables(getattr(value, name), f"{path}.{name}")
    elif hasattr(value, "_fields"):
        for name, each in zip(value._fields, value, strict=True):
            yield from _mutables(each, f"{path}.{name}")
    elif isinstance(value, tuple):
        for each in value:
            yield from _mutables(each, f"{path}[]")
    elif hasattr(value, "items"):
        for each in value.values():
            yield from _mutables(each, f"{path}[]")


def test_nothing_of_a_status_can_be_changed(th: CoreKit) -> None:
    sending = open_sending(actor("SG"), th.lists)
    th.receive(epoch_of(sending), frame_of(sending, alert("SG-ALERT-2027-000001")))
    status = th.core.status
    assert status.epochs.get(sending.opened.id) is not None
    assert list(_mutables(status)) == []
    with pytest.raises(AttributeError):
        status.highest_time = 0  # type: ignore[misc]  # what must be refused
    with pytest.raises(TypeError):
        status.last_heard["SG"] = 0  # type: ignore[index]  # what must be refused
    with pytest.raises(TypeError):
        status.epochs.get(sending.opened.id).sequence.missing.add(1, 2)  # type: ignore[union-attr]  # what must be refused
    with pytest.raises(TypeError):
        status.trust.history[9] = None  # type: ignore[index]  # what must be refused


def _as_kept(core: Core) -> Any:
    """The epochs of the world, as a status has them."""
    return {id_: (state.view()[:-1], *_frames(state)) for id_, state in core.world.epochs.items()}


def _frames(state: Any) -> tuple[Any, ...]:
    sequence = state.sequence
    return sequence.next, sequence.bound, sequence.held, tuple(sequence.missing)


def _as_published(core: Core) -> Any:
    return {each.id: (each[:-1], *_frames(each)) for each in core.status.epochs.values()}


def test_a_status_has_what_the_world_has_after_each_commit(th: CoreKit) -> None:
    first = open_sending(actor("SG"), th.lists)
    frames = [frame_of(first, alert(f"SG-ALERT-2027-00000{n}")) for n in range(1, 5)]
    before = th.core.status
    th.receive(epoch_of(first))
    assert _as_published(th.core) == _as_kept(th.core)
    th.receive(frames[0], frames[3])  # two are missing
    assert _as_published(th.core) == _as_kept(th.core)
    (held,) = th.core.status.epochs.values()
    assert (held.sequence.next, list(held.sequence.missing), len(held.sequence.missing)) == (4, [(1, 2)], 2)
    th.receive(frames[1])
    assert list(held.sequence.missing) == [(1, 2)]  # what was published stays as it was
    second = open_sending(actor("VN"), th.lists)
    th.receive(epoch_of(second), frame_of(second, alert("VN-ALERT-2027-000001")))
    assert _as_published(th.core) == _as_kept(th.core)
    th.restart()
    assert _as_published(th.core) == _as_kept(th.core)
    with th.core.transaction():
        for sending, code in ((first, "SG"), (second, "VN")):
            newer = open_sending(actor(code), th.lists, link=sending.link, not_before=NOW)
            assert admit(th.core.world, *epoch_of(newer), th.now).result == "ok"
        th.core.world.forget_old(NOW)  # the first two are no longer the newest of their chains
    assert len(_as_published(th.core)) == 2
    assert _as_published(th.core) == _as_kept(th.core)
    assert list(before.epochs.values()) == []


def test_an_epoch_that_never_came_is_published_and_gone_when_it_comes(th: CoreKit) -> None:
    first = open_sending(actor("SG"), th.lists)
    frame = frame_of(first, alert("SG-ALERT-2027-000001"))
    second = open_sending(actor("SG"), th.lists, link=first.link, not_before=NOW)
    th.receive(epoch_of(second))
    (chain,) = th.core.status.epochs.incomplete
    assert list(chain.missing) == [first.opened.id]
    th.receive(epoch_of(first), frame)
    assert th.core.status.epochs.incomplete == ()
    assert _as_published(th.core) == _as_kept(th.core)


def test_what_was_not_committed_is_not_published(th: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    highest = th.core.status.highest_time

    def fail() -> None:
        with th.core.transaction():
            th.core.world.record_time(th.now + limits.DAY)
            raise StoreFault("the disk is full", "make room")

    with pytest.raises(StoreFault):
        fail()
    status = th.core.status
    assert status.highest_time == highest
    assert (status.store_fault, status.is_store_full(th.now)) == ("the disk is full", True)
    th.core.publish_status()
    assert th.core.status.highest_time == highest
    with th.core.transaction():
        pass
    assert (th.core.status.highest_time, th.core.status.store_fault) == (highest, None)


def test_a_list_and_a_revoke_are_in_the_status_of_their_commit(th: CoreKit) -> None:
    sg, before = actor("SG"), th.core.status.trust
    th.lists = th.lists.after()
    assert trust_sync.import_list(th.core, th.lists.signed(), None, who="test").result == "ok"
    with th.core.transaction():
        th.core.world.apply_revoke(sg.kid, make_revoke(sg))
        assert not th.core.status.trust.is_revoked(sg.kid)
        assert th.core.build_status().trust.is_revoked(sg.kid)
    assert (before.version, th.core.status.trust.version) == (1, 2)
    assert (before.is_revoked(sg.kid), th.core.status.trust.is_revoked(sg.kid)) == (False, True)


def test_a_bundle_is_in_the_status_of_its_commit(th: CoreKit) -> None:
    before = th.core.status
    trust_sync.rotate_bundle(th.core)
    found = [status.bundles.newest_valid("TH", status.trust, th.now) for status in (before, th.core.status)]
    assert found == [None, trust_sync.own_bundle(th.core)]


# -- the check


@pytest_asyncio.fixture
async def running(th: CoreKit) -> CoreKit:
    """A core whose own thread has begun; nothing is lent."""
    await th.unlent.run(lambda: None)
    return th


USES: dict[str, Callable[[Core], object]] = {
    "world": lambda core: core.world,
    "sender": lambda core: core.sender,
    "observations": lambda core: core.observations,
    "last_heard": lambda core: core.last_heard,
    "room": lambda core: core.outbox_capacity,
    "due": lambda core: core.due,
    "transaction": lambda core: core.transaction().__enter__(),
    "begin": lambda core: core.database.begin().__enter__(),
    "erase": lambda core: core.database.erase(0, frozenset()),
    "reading": lambda core: core.database.reading().__enter__(),
}


@pytest.mark.parametrize("name", USES)
async def test_an_event_loop_is_refused(running: CoreKit, name: str) -> None:
    with pytest.raises(WrongThreadError):
        USES[name](running.unlent)


@pytest.mark.parametrize("name", [name for name in USES if name != "reading"])
async def test_the_readers_thread_and_those_that_check_drafts_are_refused(running: CoreKit, name: str) -> None:
    core = running.unlent
    with pytest.raises(WrongThreadError):
        await core.run_read_only(USES[name], core)
    for pool in (core.checkers, core.verifier):
        with pytest.raises(WrongThreadError):
            await asyncio.get_running_loop().run_in_executor(pool, USES[name], core)


async def test_the_readers_thread_reads_and_the_cores_own_thread_does_all(running: CoreKit) -> None:
    core = running.unlent

    def read() -> bool:
        with core.database.reading():
            return True

    assert await core.run_read_only(read)
    for name in ("world", "sender", "observations", "last_heard", "room", "due"):
        assert await core.run(USES[name], core) is not None
    assert await core.run(read)


async def test_what_is_lent_to_a_test_is_not_lent_to_its_event_loop(running: CoreKit) -> None:
    with pytest.raises(WrongThreadError):
        running.core.world  # noqa: B018 - the access is what is refused
    assert running.aside(lambda: running.core.world) is not None


def test_without_the_check_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(seams.CHECK_THREADS)
    assert not seams.is_thread_checked()
    owner = Owner(is_checked=False)
    with ThreadPoolExecutor(1) as other:
        assert other.submit(owner.check, "the store").result() is None


async def test_a_list_gives_way_to_the_core_for_a_moment(running: CoreKit) -> None:
    """While nothing is written it waits for nothing; behind a transaction that stays open it goes on all the same."""
    core, begun, go_on = running.unlent, threading.Event(), threading.Event()

    def write() -> None:
        with core.transaction():
            begun.set()
            go_on.wait(60)

    assert not core.is_writing
    job = asyncio.create_task(core.run(write))
    await asyncio.to_thread(begun.wait, 30)
    assert core.is_writing
    await core.run_read_only(core.yield_to_writer)
    assert not job.done()
    go_on.set()
    await job
    assert not core.is_writing

"""Jobs that share a commit: what each is answered, and what happens to the others when one fails."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from suar.observe.hooks import Happened
from suar.protocol.base.primitives import Secret
from suar.service.core.group_commit import DEFER_SECONDS
from suar.service.pacing.wake import Wake
from suar.store.engine import meta
from suar.store.engine.account import AccountSeal
from suar.store.engine.database import StoreFault
from suar.store.faults import AlteredError
from support.corekit import CoreKit


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[CoreKit]:
    made = CoreKit(tmp_path, "TH")
    yield made
    made.close()


@pytest.fixture
def commits(kit: CoreKit) -> list[None]:
    found: list[None] = []
    event.listen(kit.core.database.engine, "commit", lambda _: found.append(None))
    return found


def put(kit: CoreKit, name: str) -> str:
    with kit.core.transaction() as connection:
        meta.put(connection, name, "here")
        kit.core.log_event(name)
    return name


def fail(kit: CoreKit) -> None:
    with kit.core.transaction() as connection:
        meta.put(connection, "failed", "here")
        raise ValueError("this one alone")


def held(kit: CoreKit, name: str) -> bool:
    def is_there() -> bool:
        with kit.core.database.reading() as connection:
            return meta.get(connection, name) is not None

    return kit.aside(is_there)


def event_names(kit: CoreKit) -> list[str]:
    return [record.event for record in kit.records if isinstance(record, Happened)]


async def together(kit: CoreKit, *jobs: Any) -> list[Any]:
    """Ask for all while the thread is busy, so that they wait for one turn."""
    gate = asyncio.Event()
    loop = asyncio.get_running_loop()
    busy = asyncio.create_task(kit.core.run(lambda: asyncio.run_coroutine_threadsafe(gate.wait(), loop).result()))
    await asyncio.sleep(0)
    tasks = [asyncio.ensure_future(kit.core.run_in_group(*job)) for job in jobs]
    await asyncio.sleep(0)  # each has queued its job in its first step
    gate.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    await busy
    return answers


async def test_a_thread_without_a_loop_submits_for_a_loop(kit: CoreKit, commits: list[None]) -> None:
    """The future is resolved on its own loop, after the commit; a failure is its alone."""
    loop = asyncio.get_running_loop()
    good: asyncio.Future[str] = loop.create_future()
    bad: asyncio.Future[None] = loop.create_future()

    def submit() -> None:
        kit.core.submit(good, put, kit, "by a thread")
        kit.core.submit(bad, fail, kit)

    await loop.run_in_executor(None, submit)
    assert await good == "by a thread"
    with pytest.raises(ValueError, match="this one alone"):
        await bad
    assert held(kit, "by a thread")
    assert len(commits) == 1


async def test_jobs_that_are_submitted_together_share_a_commit(kit: CoreKit, commits: list[None]) -> None:
    names = [f"job{i}" for i in range(5)]
    assert await together(kit, *((put, kit, name) for name in names)) == names
    assert len(commits) == 1
    assert all(held(kit, name) for name in names)
    assert event_names(kit)[-5:] == names


async def test_one_that_fails_harms_no_other_and_leaves_nothing(kit: CoreKit) -> None:
    first, failed, last = await together(kit, (put, kit, "first"), (fail, kit), (put, kit, "last"))
    assert (first, last) == ("first", "last")
    assert isinstance(failed, ValueError)
    assert held(kit, "first")
    assert held(kit, "last")
    assert not held(kit, "failed")
    assert event_names(kit)[-2:] == ["first", "last"]  # once each, though they were done twice


async def test_nobody_is_answered_when_the_commit_fails(kit: CoreKit) -> None:
    def full(_: Any) -> None:
        raise OSError(28, "No space left on device")

    event.listen(kit.core.database.engine, "commit", full)
    answers = await together(kit, (put, kit, "one"), (put, kit, "two"))
    assert [type(answer) for answer in answers] == [StoreFault, StoreFault]
    event.remove(kit.core.database.engine, "commit", full)
    assert not held(kit, "one")
    assert not held(kit, "two")
    assert event_names(kit)[-1:] != ["two"]
    assert await kit.core.run_in_group(put, kit, "three") == "three"  # and it goes on by itself


@pytest.mark.parametrize("is_committed", [True, False])
async def test_a_commit_whose_answer_was_lost_alters_nothing_from_outside(
    each_store: str, kit: CoreKit, monkeypatch: pytest.MonkeyPatch, is_committed: bool
) -> None:
    """As when the server fails while it commits: only the store knows whether it did."""
    dialect = kit.core.database.engine.dialect

    def lose_answer(raw: Any) -> None:
        if is_committed:
            raw.commit()
        raw.driver_connection.close()
        raise dialect.loaded_dbapi.OperationalError("the connection was lost")

    books = kit.core.database.books
    assert books is not None
    generation = books.generation
    with monkeypatch.context() as patched:
        patched.setattr(dialect, "do_commit", lose_answer)
        with pytest.raises(StoreFault):
            await kit.core.run_in_group(put, kit, "lost")
    assert await kit.core.run_in_group(put, kit, "next") == "next"
    assert (held(kit, "lost"), held(kit, "next")) == (is_committed, True)
    assert (books.findings, books.generation) == ({}, generation + 1 + is_committed)
    kit.restart()
    assert await kit.core.run_in_group(put, kit, "after a start") == "after a start"


async def test_an_account_that_was_altered_after_such_a_commit_is_a_fault_of_the_store(
    kit: CoreKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loops of a gateway go on after a fault of its store, and end with any other."""

    def full(_: Any) -> None:
        raise OSError(28, "No space left on device")

    event.listen(kit.core.database.engine, "commit", full)
    with pytest.raises(StoreFault):
        await kit.core.run_in_group(put, kit, "one")
    event.remove(kit.core.database.engine, "commit", full)
    books = kit.core.database.books
    assert books is not None
    monkeypatch.setattr(books, "seal", AccountSeal(Secret(bytes(32))))  # nothing that another key sealed opens
    with pytest.raises(AlteredError, match="account of its rows was altered"):
        await kit.core.run_in_group(put, kit, "two")


async def test_a_world_that_begins_again_ends_the_turn(kit: CoreKit, commits: list[None]) -> None:
    before = kit.core.world

    def change() -> None:
        with kit.core.transaction():
            kit.core.request_reload()

    def is_unchanged() -> bool:
        with kit.core.transaction():
            return kit.core.world is before

    _, is_same = await together(kit, (change,), (is_unchanged,))
    assert not is_same
    assert len(commits) >= 2


async def test_a_last_step_runs_once_and_what_waits_for_the_commit_after_it(kit: CoreKit) -> None:
    order: list[str] = []

    def last(_: object) -> None:
        order.append("last")

    def job(name: str) -> None:
        with kit.core.transaction():
            order.append(name)
            kit.core.run_before_commit(last)
            kit.core.run_after_commit(lambda: order.append(f"{name} committed"))

    await together(kit, (job, "one"), (job, "two"))
    assert order == ["one", "two", "last", "one committed", "two committed"]


async def test_a_rider_goes_with_the_next_commit_or_after_a_moment(kit: CoreKit, commits: list[None]) -> None:
    loop = asyncio.get_running_loop()
    rider = kit.core.run_deferred(put, kit, "rider")
    assert await kit.core.run_in_group(put, kit, "other") == "other"
    assert await rider == "rider"
    assert len(commits) == 1
    begun = loop.time()
    assert await kit.core.run_deferred(put, kit, "alone") == "alone"
    assert loop.time() - begun >= DEFER_SECONDS / 2
    assert held(kit, "alone")


async def test_riders_of_two_loops_each_have_their_timer(kit: CoreKit, commits: list[None]) -> None:
    """The loops of NATS and of HTTP both defer jobs; a timer of one is never cancelled from the other."""
    here = kit.core.run_deferred(put, kit, "here")

    async def alone() -> str:
        return await kit.core.run_deferred(put, kit, "there")

    assert await asyncio.to_thread(asyncio.run, alone()) == "there"
    assert await here == "here"
    assert await kit.core.run_deferred(put, kit, "again") == "again"
    assert held(kit, "again")


async def test_who_leaves_before_the_answer_stops_nothing(kit: CoreKit) -> None:
    task = asyncio.ensure_future(kit.core.run_in_group(put, kit, "left"))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await kit.core.run_in_group(put, kit, "stays") == "stays"
    assert held(kit, "left")


async def test_each_is_answered_on_its_own_loop_and_wakes_the_other(kit: CoreKit) -> None:
    """HTTP runs on a loop of its own: one turn may have jobs of both, and who accepted there wakes the loops here."""
    wake = Wake()

    async def there() -> str:
        done = await kit.core.run_in_group(put, kit, "there")
        wake.publish.set()
        return done

    other = asyncio.to_thread(asyncio.run, there())
    answers = await asyncio.wait_for(
        asyncio.gather(other, kit.core.run_in_group(put, kit, "here"), wake.publish.wait()), 10
    )
    assert [*answers] == ["there", "here", True]
    assert held(kit, "there")
    assert held(kit, "here")

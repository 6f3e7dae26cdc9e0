"""Pages that many open feeds wait for are read in rounds: shared by like agencies while messages go on being committed,
without keeping the reader's thread from others, and each with its own faults."""

import asyncio
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from suar.protocol.base.errors import Fault
from suar.protocol.policy.restrictions import Reader
from suar.service.access.agencies import PREFIX, reader_of, register
from suar.service.feed import pages, rounds, subscriptions
from suar.service.feed.feed import StoreView
from suar.service.feed.pages import Page
from suar.service.feed.positions import FeedPosition, FeedSelection
from suar.service.feed.rounds import Rounds
from suar.service.feed.subscriptions import Feeds, Subscription
from support import stores
from support.corekit import CoreKit, frame_of
from support.kit import Sending, urgent


class Book:
    """Agencies by name; those of the same first letter are registered alike."""

    def find(self, name: str) -> Any:
        kinds = ["alert"] if name.startswith("a") else ["contact"]
        return SimpleNamespace(registration=register(name, "health", kinds, "AMBER"), created_at=0)


async def nothing(*_: object) -> None:
    return None


async def opened(kit: CoreKit, *names: str) -> list[Subscription]:
    book: Any = Book()
    namespace: Any = SimpleNamespace(note=nothing)
    feeds = Feeds(kit.unlent, book, namespace)
    for name in names:
        feeds.mark_noted(PREFIX + name, "all")
    return [await feeds.open(FeedSelection("all", has_own=True, agency=each), PREFIX + each, None) for each in names]


def committing(kit: CoreKit) -> Callable[..., Reader]:
    """As `reader_of`, and somebody else commits something each time."""

    def made(*values: Any) -> Reader:
        with stores.outsider(kit.folder) as store:
            assert store.execute("update message set opened_at = coalesce(opened_at, 0) + 1").rowcount > 0
        return reader_of(*values)

    return made


async def test_like_agencies_share_a_page_while_messages_are_committed(
    vn: CoreKit, th: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "SLICE", 3600)
    monkeypatch.setattr(pages, "SHARED", 3600)
    monkeypatch.setattr(subscriptions, "reader_of", committing(vn))
    vn.receive(frame_of(th, *(urgent(number) for number in range(1, 9))))
    names = [f"{'ac'[number % 2]}{number}" for number in range(12)]
    feeds = await opened(vn, *names)
    first, *others = await asyncio.gather(*(feed.next_page() for feed in feeds[::2]))
    assert len(first.entries) == 8
    for each in others:
        assert each.entries is first.entries
    idle = await asyncio.gather(*(feed.next_page() for feed in feeds[1::2]))
    assert {each.position for each in idle} == {idle[0].position}


async def test_those_who_were_sent_nothing_come_to_one_position_and_share_the_next_page(
    vn: CoreKit, th: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "SLICE", 3600)
    monkeypatch.setattr(pages, "SHARED", 3600)
    feeds = await opened(vn, *(f"c{number}" for number in range(6)))
    for number, feed in enumerate(feeds, 1):  # each has looked at another moment
        vn.receive(frame_of(th, urgent(number)))
        await feed.next_page()
    assert len({feed.position() for feed in feeds}) == 6
    vn.receive(frame_of(th, urgent(9)))
    monkeypatch.setattr(subscriptions, "reader_of", committing(vn))
    found = await asyncio.gather(*(feed.next_page() for feed in feeds))
    assert len({page.position for page in found}) == 1
    again = await asyncio.gather(*(feed.next_page() for feed in feeds))
    assert all(page.entries is again[0].entries for page in again)


def empty(view: StoreView) -> Page:
    return view.page(FeedSelection(), FeedPosition())


async def test_others_have_the_readers_thread_between_two_slices(vn: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "SLICE", 0)
    made, order, is_begun, may_go_on = Rounds(vn.unlent), list[str](), asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def read(name: str) -> Callable[[StoreView], Page]:
        def reading(view: StoreView) -> Page:
            order.append(name)
            loop.call_soon_threadsafe(is_begun.set)
            may_go_on.wait(60)
            return empty(view)

        return reading

    feeds = asyncio.gather(*(made.page(name, read(name)) for name in "abc"))
    await asyncio.wait_for(is_begun.wait(), 60)
    other = asyncio.ensure_future(vn.unlent.run_read_only(order.append, "console"))
    await asyncio.sleep(0)
    may_go_on.set()
    await asyncio.wait_for(asyncio.gather(feeds, other), 60)
    assert order == ["a", "console", "b", "c"]


async def test_a_fault_is_reported_to_whom_it_concerns(vn: CoreKit) -> None:
    made = Rounds(vn.unlent)

    def broken(_: StoreView) -> Page:
        raise Fault("this one's page")

    results = await asyncio.gather(
        *(made.page("alike", read) for read in (empty, broken, empty)), return_exceptions=True
    )
    assert [type(each) for each in results] == [Page, Fault, Page]
    assert isinstance(await made.page("alike", empty), Page)


def noting(order: list[str], name: str) -> Callable[[StoreView], Page]:
    def read(view: StoreView) -> Page:
        order.append(name)
        return empty(view)

    return read


async def test_nothing_is_read_for_who_has_left(vn: CoreKit) -> None:
    made, order = Rounds(vn.unlent), list[str]()
    left, stays = (asyncio.ensure_future(made.page("alike", noting(order, name))) for name in "ab")
    await asyncio.sleep(0)
    left.cancel()
    assert isinstance(await stays, Page)
    assert order == ["b"]


async def test_like_ones_are_read_one_after_the_other(vn: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "SLICE", 3600)
    monkeypatch.setattr(pages, "SHARED", 3600)
    made, order = Rounds(vn.unlent), list[str]()
    await asyncio.gather(*(made.page(name[0], noting(order, name)) for name in ("x1", "y1", "x2", "y2")))
    assert order == ["x1", "x2", "y1", "y2"]


async def test_feeds_that_had_everything_come_before_those_that_catch_up(
    vn: CoreKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "SLICE", 0)
    made, order = Rounds(vn.unlent), list[str]()
    behind = [made.want(f"b{n}", noting(order, f"b{n}"), is_behind=True) for n in range(3)]
    first = [made.want(f"a{n}", noting(order, f"a{n}")) for n in range(6)]
    await asyncio.wait_for(asyncio.gather(*behind, *first), 60)
    assert order == ["a0", "a1", "a2", "b0", "a3", "a4", "a5", "b1", "b2"], "and one slice of four is for the others"


async def test_slices_pause_while_messages_arrive(vn: CoreKit, th: Sending, monkeypatch: pytest.MonkeyPatch) -> None:
    slept, real = list[float](), asyncio.sleep

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await real(0)

    monkeypatch.setattr(rounds, "SLICE", 0)
    monkeypatch.setattr(rounds, "SHARE", 1e-6)
    monkeypatch.setattr(asyncio, "sleep", sleep)
    made = Rounds(vn.unlent)
    await asyncio.gather(*(made.page(name, empty) for name in "abc"))
    assert not any(slept)
    vn.receive(frame_of(th, urgent(1)))
    await asyncio.gather(*(made.page(name, empty) for name in "abc"))
    assert any(slept)


# -- agencies that had everything, and wait


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not is_so():  # noqa: ASYNC110 - nothing is told when a position moves
            await asyncio.sleep(0.01)


async def settled() -> None:
    """Until no page is being read."""
    await until(lambda: not any(task.get_name().startswith("feed") for task in asyncio.all_tasks()))


async def rested(kit: CoreKit, *names: str) -> list[Subscription]:
    """Feeds that had everything."""
    feeds = await opened(kit, *names)
    for feed in feeds:
        while not (await feed.next_page()).is_last:
            pass
    return feeds


async def test_only_those_are_woken_for_whom_there_is_something(vn: CoreKit, th: Sending) -> None:
    quiet_1, active, quiet_2 = await rested(vn, "c1", "a1", "c2")
    before = quiet_1.position()
    vn.receive(frame_of(th, urgent(1)))
    await asyncio.wait_for(active.news.wait(), 60)
    assert len((await active.next_page()).entries) == 1
    await until(lambda: before not in (quiet_1.position(), quiet_2.position()))
    assert [quiet_1.news.is_set(), quiet_2.news.is_set()] == [False] * 2, "they went on behind the message, asleep"
    assert not (await quiet_1.next_page()).entries
    await settled()


async def test_one_look_is_for_all_that_are_alike(vn: CoreKit, th: Sending, monkeypatch: pytest.MonkeyPatch) -> None:
    feeds = await rested(vn, *(f"c{number}" for number in range(20)))
    for feed in feeds:
        await feed.next_page()
    calls, real = list[object](), StoreView.page

    def counted(self: StoreView, *values: Any, **more: Any) -> Page:
        calls.append(values)
        return real(self, *values, **more)

    monkeypatch.setattr(StoreView, "page", counted)
    positions = {feed.position() for feed in feeds}
    vn.receive(frame_of(th, urgent(1)))
    await until(lambda: not positions & {feed.position() for feed in feeds})
    assert len(calls) < len(feeds) / 2, "two, where they looked in two different seconds"
    await settled()


async def test_a_registration_that_changes_meanwhile_is_followed(
    vn: CoreKit, th: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    registered = {"x": "contact"}

    def find(_: object, name: str) -> Any:
        return SimpleNamespace(registration=register(name, "health", [registered[name]], "AMBER"), created_at=0)

    monkeypatch.setattr(Book, "find", find)
    [feed] = await rested(vn, "x")
    real = StoreView.page

    def changing(self: StoreView, *values: Any, **more: Any) -> Page:
        found = real(self, *values, **more)
        registered["x"] = "alert"
        return found

    monkeypatch.setattr(StoreView, "page", changing)
    vn.receive(frame_of(th, urgent(1)))
    await asyncio.wait_for(feed.news.wait(), 60)
    assert len((await feed.next_page()).entries) == 1
    await settled()


async def test_a_look_that_fails_wakes_all(vn: CoreKit, th: Sending, monkeypatch: pytest.MonkeyPatch) -> None:
    feeds = await rested(vn, "c1", "c2")

    def failing(*_: Any, **__: Any) -> Page:
        raise Fault("the store is away")

    with monkeypatch.context() as broken:
        broken.setattr(StoreView, "page", failing)
        vn.receive(frame_of(th, urgent(1)))
        await asyncio.wait_for(asyncio.gather(*(feed.news.wait() for feed in feeds)), 60)
        await settled()


async def test_a_feed_that_ends_waits_for_no_page(vn: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    [feed] = await opened(vn, "a1")
    go_on, real = asyncio.Event(), vn.unlent.run_read_only

    async def held_up(*values: Any) -> Any:
        await go_on.wait()
        return await real(*values)

    monkeypatch.setattr(vn.unlent, "run_read_only", held_up)
    page = asyncio.ensure_future(feed.next_page())
    await asyncio.sleep(0)
    feed.end()
    assert (await asyncio.wait_for(page, 60)).entries == ()
    go_on.set()
    await settled()

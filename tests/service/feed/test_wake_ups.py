"""However many messages are committed, open feeds are woken no more often than the reader's thread can serve them."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from suar.observe.hooks import Hooks, MessagePublished
from suar.service.access.agencies import PREFIX
from suar.service.feed import subscriptions
from suar.service.feed.positions import FeedPosition, FeedSelection
from suar.service.feed.subscriptions import SECONDS_EACH, Feeds, Subscription

NEWS = MessagePublished(at=0, kind="alert", realm="actual", id="TH-ALERT-2027-000001", rev=1)


async def nothing(*_: object) -> None:
    return None


async def opened(hooks: Hooks, monkeypatch: pytest.MonkeyPatch, number: int) -> list[Subscription]:
    monkeypatch.setattr(subscriptions, "first_position", lambda _: FeedPosition())
    core: Any = SimpleNamespace(hooks=hooks, clock=lambda: 0, run_read_only=nothing, run_in_group=nothing)
    other: Any = SimpleNamespace()
    feeds = Feeds(core, other, other)
    return [await feeds.open(FeedSelection("all", agency=f"a{n}"), f"{PREFIX}a{n}", None) for n in range(number)]


async def test_every_feed_is_woken_after_each_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    hooks = Hooks()
    feeds = await opened(hooks, monkeypatch, 3)
    for _ in range(3):
        for feed in feeds:
            feed.news.clear()
        hooks(NEWS)
        await asyncio.wait_for(asyncio.gather(*(feed.news.wait() for feed in feeds)), 60)


async def test_many_feeds_are_woken_once_for_many_commits(monkeypatch: pytest.MonkeyPatch) -> None:
    """450 idle feeds that each look after each of 100 commits a second leave the reader's thread to nobody."""
    hooks, loop = Hooks(), asyncio.get_running_loop()
    feeds = await opened(hooks, monkeypatch, 100)
    begun, woken = loop.time(), 0
    while woken < 3:
        hooks(NEWS)
        await asyncio.sleep(0)
        if feeds[0].news.is_set():
            woken += 1
            feeds[0].news.clear()
    assert loop.time() - begun >= 2 * SECONDS_EACH * len(feeds)

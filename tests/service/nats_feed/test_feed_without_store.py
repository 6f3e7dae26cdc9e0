"""A store that is away for a moment ends neither the loop of the agencies' feed nor, with it, the gateway."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from types import SimpleNamespace

import pytest
from sqlalchemy import Connection

from suar.service.process.background.loop_agency_feed import AgencyFeed
from suar.store.engine.database import StoreFault
from support.corekit import CoreKit

Views = Callable[[], AbstractContextManager[Connection]]


async def test_the_loop_goes_on_while_the_store_is_away(vn: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[str] = []
    wake = SimpleNamespace(agencies=asyncio.Event())
    run = SimpleNamespace(
        core=vn.core, wake=wake, is_running=True, log_fault=lambda event, *_, **__: events.append(event)
    )
    answers: Iterator[BaseException | None] = iter([StoreFault("the store failed", "check it"), None])
    read: Views = vn.core.database.reading

    def reading() -> AbstractContextManager[Connection]:
        wake.agencies.set()
        if (fault := next(answers)) is not None:
            raise fault
        run.is_running = False
        return read()

    monkeypatch.setattr(vn.core.database, "reading", reading)
    await asyncio.wait_for(AgencyFeed(run).run(), 30)  # type: ignore[arg-type]  # what it uses of a running gateway
    assert events == ["agency_feed_failed"]

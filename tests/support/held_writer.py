"""The store's writer stands in the midst of a transaction: what needs it waits, and nothing else may."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator
from typing import Final

from suar.service.core.core import Core
from suar.store.people import access
from support.kit import NOW

WITHIN: Final = 120
"""Seconds for an answer that waits for nobody."""


@contextlib.asynccontextmanager
async def held_open(core: Core) -> AsyncIterator[None]:
    """The core's thread has written something and commits when the block ends."""
    begun, go_on = threading.Event(), threading.Event()

    def write() -> None:
        with core.transaction() as connection:
            access.note(connection, "test", "check", "", NOW)
            begun.set()
            assert go_on.wait(2 * WITHIN)

    job = asyncio.create_task(core.run(write))
    await asyncio.to_thread(begun.wait, WITHIN)
    try:
        yield
        assert not job.done()
    finally:
        go_on.set()
        await job

"""Worker threads that check drafts, so that no draft delays the gateway or another publisher.

Each caller gets one job at a time, in rotation, so a caller with many jobs delays only itself. A caller with too many
waiting jobs gets an error.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from typing import Any, Final, NamedTuple, TypeVar

from suar.protocol.base.errors import Fault
from suar.service.core.core import CHECKERS

T = TypeVar("T")
WAITING_MAX: Final = 64
"""Most jobs of one caller that may wait."""


class QueueFull(Fault):
    """This caller has too many waiting jobs."""

    def __init__(self) -> None:
        super().__init__(f"{WAITING_MAX} calls with this token wait to be checked", "wait for their answers")


class _Job(NamedTuple):
    call: Callable[[], Any]
    future: "asyncio.Future[Any]"


class DraftCheckPool:
    """The worker threads, as the event loop uses them; every method runs on its thread."""

    def __init__(self, threads: Executor) -> None:
        self._threads = threads
        self._waiting: dict[str, deque[_Job]] = {}
        self._running: set[str] = set()
        self._spent: dict[str, float] = {}

    async def run(self, who: str, call: Callable[[], T]) -> T:
        """Return the result of `call`, which runs after the jobs that wait before it. Raises QueueFull."""
        jobs = self._waiting.setdefault(who, deque())
        if len(jobs) >= WAITING_MAX:
            raise QueueFull
        job = _Job(call, asyncio.get_running_loop().create_future())
        jobs.append(job)
        self._next()
        result: T = await job.future
        return result

    def spent(self, who: str) -> float:
        """Return and reset the CPU seconds that the jobs of `who` used."""
        return self._spent.pop(who, 0.0)

    def _next(self) -> None:
        """Start the next jobs; the caller that waited longest is first."""
        for who in [who for who in self._waiting if who not in self._running]:
            if len(self._running) >= CHECKERS:
                return
            jobs = self._waiting.pop(who)
            job = jobs.popleft()
            if jobs:
                self._waiting[who] = jobs  # after all other callers
            if job.future.cancelled():
                continue  # the caller has left
            self._running.add(who)
            begun = asyncio.get_running_loop().run_in_executor(self._threads, _timed, job.call)
            begun.add_done_callback(partial(self._done, who, job))

    def _done(self, who: str, job: _Job, done: "asyncio.Future[Any]") -> None:
        self._running.discard(who)
        if who in self._waiting:
            self._waiting[who] = self._waiting.pop(who)  # after callers that arrived meanwhile and had no job yet
        result, error, seconds = (None, None, 0.0) if done.cancelled() else done.result()
        self._spent[who] = self._spent.get(who, 0.0) + seconds
        if job.future.done():
            pass  # the caller has left
        elif done.cancelled():
            job.future.cancel()
        elif error is not None:
            job.future.set_exception(error)
        else:
            job.future.set_result(result)
        self._next()


def _timed(call: Callable[[], Any]) -> tuple[Any, BaseException | None, float]:
    """Run `call`; returns its result or error, and the CPU time that it used."""
    began = time.thread_time()
    try:
        return call(), None, time.thread_time() - began
    except BaseException as error:
        return None, error, time.thread_time() - began

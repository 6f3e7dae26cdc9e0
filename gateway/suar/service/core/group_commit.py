"""Jobs that share a commit.

Each step of a message is a small change, and a commit costs more than the change. Therefore the core runs all waiting
jobs as one group: one transaction, one commit, then all results. Nothing is answered, published or acknowledged before
the commit of its change. When one job of a group fails, the whole group is rolled back, and each of its jobs is run
again separately.
"""

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, Final, NamedTuple, Protocol

DEFER_SECONDS: Final = 0.2  # seconds that a deferred job waits for another job's commit


class JobRunner(Protocol):
    """Runs several jobs in one transaction: the core."""

    def run_jobs(self, jobs: list[Callable[[], Any]]) -> list[Any]:
        """Run the first jobs, as many as may share a transaction, and commit; returns their results.

        Raises what one of them raises; then all of them are rolled back.
        """


_Answer = tuple["asyncio.Future[Any]", Any, BaseException | None]


class _Job(NamedTuple):
    call: Callable[[], Any]
    future: "asyncio.Future[Any]"


class GroupCommit:
    """The job queue of the core's thread, for any event loop."""

    def __init__(self, core: JobRunner, thread: Executor) -> None:
        self._core, self._thread = core, thread
        self._waiting: deque[_Job] = deque()
        self._lock = threading.Lock()
        self._is_scheduled = False
        self._timers: dict[asyncio.AbstractEventLoop, asyncio.TimerHandle] = {}  # of deferred jobs, by their loop

    def run_in_group(self, call: Callable[[], Any]) -> "asyncio.Future[Any]":
        """Run `call` in the next group; the future is resolved after its commit."""
        future = self._queue(call)
        self._schedule()
        return future

    def submit(self, call: Callable[[], Any], future: "asyncio.Future[Any]") -> None:
        """Run `call` in the next group and resolve `future` on its loop after the commit; for any thread."""
        with self._lock:
            self._waiting.append(_Job(call, future))
        self._start()

    def run_deferred(self, call: Callable[[], Any]) -> "asyncio.Future[Any]":
        """Run `call` without a commit of its own: with the next group, or after DEFER_SECONDS."""
        future = self._queue(call)
        loop = asyncio.get_running_loop()
        if loop not in self._timers:
            self._timers[loop] = loop.call_later(DEFER_SECONDS, self._schedule)
        return future

    def _queue(self, call: Callable[[], Any]) -> "asyncio.Future[Any]":
        job = _Job(call, asyncio.get_running_loop().create_future())
        with self._lock:
            self._waiting.append(job)
        return job.future

    def _schedule(self) -> None:
        timer = self._timers.pop(asyncio.get_running_loop(), None)  # each loop has its own, and no other's
        if timer is not None:
            timer.cancel()
        self._start()

    def _start(self) -> None:
        with self._lock:
            if self._is_scheduled or not self._waiting:
                return
            self._is_scheduled = True
        self._thread.submit(self._run_waiting)

    # -- on the core's thread

    def _run_waiting(self) -> None:
        """Run all waiting jobs in order."""
        with self._lock:
            self._is_scheduled = False
            jobs = list(self._waiting)
            self._waiting.clear()
        while jobs:
            done = self._run_transaction(jobs)
            jobs = jobs[done:]

    def _run_transaction(self, jobs: list[_Job]) -> int:
        """Run the first jobs in one transaction; returns how many."""
        try:
            results = self._core.run_jobs([job.call for job in jobs])
        except BaseException as error:
            if len(jobs) == 1:
                _deliver([(jobs[0].future, None, error)])
            else:
                for job in jobs:
                    self._run_transaction([job])
            return len(jobs)
        _deliver([(job.future, result, None) for job, result in zip(jobs, results, strict=False)])
        return len(results)


def _deliver(answers: list[_Answer]) -> None:
    """Resolve each future on its own event loop, with one call for each loop."""
    loops = {answer[0].get_loop(): list[_Answer]() for answer in answers}
    for answer in answers:
        loops[answer[0].get_loop()].append(answer)
    for loop, its in loops.items():
        with contextlib.suppress(RuntimeError):  # the loop has ended, and nobody waits
            loop.call_soon_threadsafe(_resolve, its)


def _resolve(answers: list[_Answer]) -> None:
    for future, result, error in answers:
        if future.done():
            continue  # the caller was cancelled; the job is done nevertheless
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)

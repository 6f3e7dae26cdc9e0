"""Jobs that share a commit.

On the way of a message each step is a small change, and a commit costs more than the change. So the core takes all
that is asked of it at that moment as one turn: one transaction, one commit, then every answer. Nothing is answered,
published or acknowledged before the commit that holds it. When one job of a turn fails, nothing of the turn has
happened, and each of its jobs is done again alone.
"""

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, Final, NamedTuple, Protocol

DEFER_SECONDS: Final = 0.2  # seconds that a job without hurry waits for another's commit


class JobRunner(Protocol):
    """What makes one transaction of several jobs: the core."""

    def run_jobs(self, jobs: list[Callable[[], Any]]) -> list[Any]:
        """Do the first jobs, as many as may share a transaction, and commit; their results.

        Raises what one of them raises; then nothing of any of them has happened.
        """


_Answer = tuple["asyncio.Future[Any]", Any, BaseException | None]


class _Job(NamedTuple):
    call: Callable[[], Any]
    future: "asyncio.Future[Any]"


class GroupCommit:
    """The queue in front of the core's thread. `join` is for any event loop, `ride` for one of them only."""

    def __init__(self, core: JobRunner, thread: Executor) -> None:
        self._core, self._thread = core, thread
        self._waiting: deque[_Job] = deque()
        self._lock = threading.Lock()
        self._is_scheduled = False
        self._deferred_loop: asyncio.AbstractEventLoop | None = None  # the loop whose jobs ride, and its timer
        self._timer: asyncio.TimerHandle | None = None

    def run_in_group(self, call: Callable[[], Any]) -> "asyncio.Future[Any]":
        """Do `call` in the next turn; the future ends after its commit."""
        future = self._queue(call)
        self._schedule()
        return future

    def run_deferred(self, call: Callable[[], Any]) -> "asyncio.Future[Any]":
        """The same without a commit of its own: with the next turn that somebody joins, or after a moment."""
        future = self._queue(call)
        if self._timer is None:
            self._deferred_loop = asyncio.get_running_loop()
            self._timer = self._deferred_loop.call_later(DEFER_SECONDS, self._schedule)
        return future

    def _queue(self, call: Callable[[], Any]) -> "asyncio.Future[Any]":
        job = _Job(call, asyncio.get_running_loop().create_future())
        with self._lock:
            self._waiting.append(job)
        return job.future

    def _schedule(self) -> None:
        if self._timer is not None and self._deferred_loop is asyncio.get_running_loop():
            self._timer.cancel()
            self._timer = None
        with self._lock:
            if self._is_scheduled or not self._waiting:
                return
            self._is_scheduled = True
        self._thread.submit(self._run_waiting)

    # -- on the core's thread

    def _run_waiting(self) -> None:
        """Everything that waits by now, in its order."""
        with self._lock:
            self._is_scheduled = False
            jobs = list(self._waiting)
            self._waiting.clear()
        while jobs:
            done = self._run_transaction(jobs)
            jobs = jobs[done:]

    def _run_transaction(self, jobs: list[_Job]) -> int:
        """One transaction for the first jobs; how many it took."""
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
    """Each on the loop of who asked; one call a loop."""
    loops = {answer[0].get_loop(): list[_Answer]() for answer in answers}
    for answer in answers:
        loops[answer[0].get_loop()].append(answer)
    for loop, its in loops.items():
        with contextlib.suppress(RuntimeError):  # it has ended, and nobody waits
            loop.call_soon_threadsafe(_resolve, its)


def _resolve(answers: list[_Answer]) -> None:
    for future, result, error in answers:
        if future.done():
            continue  # who asked has left; the job is done all the same
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)

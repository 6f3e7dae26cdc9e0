"""Worker threads that check drafts, so that no draft delays the gateway, and no table an alert or a recall.

Drafts with a table have threads of their own, because the proof of one may take twenty seconds and is not interrupted;
all others have another thread. On each, a caller gets one job at a time, in rotation; tokens that are in the same hands
are one caller (`Authentication.holder`), whose turns they take in rotation, each in its order. A token with too many
waiting jobs gets an error.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from functools import partial
from typing import Any, Final, NamedTuple, TypeVar

import msgspec

from suar.protocol.base.errors import Fault
from suar.protocol.base.wire import UNREADABLE
from suar.protocol.message.kinds import Trend
from suar.service.core.core import CHECKERS, SHORT_CHECKERS

T = TypeVar("T")
WAITING_MAX: Final = 64
"""Most jobs of one caller that may wait, with a table and as many without one."""
SHORT_BYTES: Final = 131_072
"""A longer draft counts as one with a table; the longest without one, 19,760 characters of text, has fewer."""
_TABLE: Final = Trend.__struct_config__.tag


class QueueFull(Fault):
    """This token has too many waiting jobs."""

    def __init__(self) -> None:
        super().__init__(f"{WAITING_MAX} calls with this token wait to be checked", "wait for their answers")


class _Head(msgspec.Struct):
    kind: str = ""


_HEADS: Final = msgspec.json.Decoder(_Head)


def has_table(drafts: Iterable[bytes | None]) -> bool:
    """Whether any of these drafts has a table to be proved, by its kind and size; also if one cannot be read."""
    return any(_has_table(draft) for draft in drafts if draft is not None)


def _has_table(draft: bytes) -> bool:
    if len(draft) > SHORT_BYTES:
        return True
    try:
        return _HEADS.decode(draft).kind == _TABLE
    except UNREADABLE:
        return True


def is_id_of_table(id_: str) -> bool:
    """Whether the message with this id has a table."""
    return id_[3:].partition("-")[0].lower() == _TABLE


class _Job(NamedTuple):
    token: str
    call: Callable[[], Any]
    future: "asyncio.Future[Any]"


class DraftCheckPool:
    """The worker threads, as the event loop uses them; every method runs on its thread.

    `caller_of`: whose work that of a token is.
    """

    def __init__(self, threads: Executor, caller_of: Callable[[str], str] = str) -> None:
        self._caller_of = caller_of
        self._spent: dict[str, float] = {}
        self._tables = _Lane(threads, CHECKERS, self._charge)
        self._short = _Lane(threads, SHORT_CHECKERS, self._charge)

    async def run(self, token: str, call: Callable[[], T], *, is_long: bool) -> T:
        """Return the result of `call`, which runs after the jobs that wait before it. Raises QueueFull.

        `is_long`: it may prove a table (`has_table`).
        """
        lane = self._tables if is_long else self._short
        result: T = await lane.add(self._caller_of(token), token, call)
        return result

    def spent(self, token: str) -> float:
        """Return and reset the CPU seconds that the jobs of a token used."""
        return self._spent.pop(token, 0.0)

    def _charge(self, token: str, seconds: float) -> None:
        self._spent[token] = self._spent.get(token, 0.0) + seconds


class _Lane:
    """Some of the threads, at most `count` of them, and the jobs that wait for these."""

    def __init__(self, threads: Executor, count: int, charge: Callable[[str, float], None]) -> None:
        self._threads, self._count, self._charge = threads, count, charge
        self._waiting: dict[str, dict[str, deque[_Job]]] = {}  # by caller and token
        self._running: set[str] = set()

    def add(self, who: str, token: str, call: Callable[[], Any]) -> "asyncio.Future[Any]":
        """Return the future of a job of the caller `who`. Raises QueueFull."""
        jobs = self._waiting.setdefault(who, {}).setdefault(token, deque())
        if len(jobs) >= WAITING_MAX:
            raise QueueFull
        job = _Job(token, call, asyncio.get_running_loop().create_future())
        jobs.append(job)
        self._next()
        return job.future

    def _next(self) -> None:
        """Start the next jobs; the caller that waited longest is first."""
        for who in [who for who in self._waiting if who not in self._running]:
            if len(self._running) >= self._count:
                return
            job = self._next_of(who)
            if job.future.cancelled():
                continue  # the caller has left
            self._running.add(who)
            begun = asyncio.get_running_loop().run_in_executor(self._threads, _timed, job.call)
            begun.add_done_callback(partial(self._done, who, job))

    def _next_of(self, who: str) -> _Job:
        """Remove and return the next job of a caller: of the token of theirs that waited longest."""
        tokens = self._waiting.pop(who)
        token = next(iter(tokens))
        jobs = tokens.pop(token)
        job = jobs.popleft()
        if jobs:
            tokens[token] = jobs  # after all other tokens of the caller
        if tokens:
            self._waiting[who] = tokens  # after all other callers
        return job

    def _done(self, who: str, job: _Job, done: "asyncio.Future[Any]") -> None:
        self._running.discard(who)
        if who in self._waiting:
            tokens = self._waiting[who] = self._waiting.pop(who)  # after callers that arrived meanwhile
            if job.token in tokens:
                tokens[job.token] = tokens.pop(job.token)  # and after tokens of the same caller that did
        result, error, seconds = (None, None, 0.0) if done.cancelled() else done.result()
        self._charge(job.token, seconds)
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

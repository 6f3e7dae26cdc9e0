"""An event loop in a thread of its own, and how other threads reach it. Before it starts, calls are made directly."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")
Main = Callable[[asyncio.Event], Coroutine[Any, Any, None]]
"""The function that runs in it, until the event that it is passed is set."""


class LoopThread:
    """Started once; `stop` ends it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._started: Future[None] = Future()
        self._ended: Future[None] = Future()

    async def start(self, main: Main) -> None:
        """Run `main` on a new event loop of the kind that the caller's is."""
        factory = type(asyncio.get_running_loop())
        threading.Thread(target=self._run, args=(factory, main), name=self._name, daemon=True).start()
        await asyncio.wrap_future(self._started)

    async def stop(self) -> None:
        """Let `main` end, and wait for that. Raises what it raised."""
        if self._stopping is not None:
            self.call_soon(self._stopping.set)
            await asyncio.wrap_future(self._ended)

    def call_soon(self, function: Callable[..., object], *args: Any) -> None:
        """Call `function` on its loop, later; nothing happens when it has ended."""
        if self._loop is None:
            function(*args)
            return
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(function, *args)

    async def run(self, call: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run a coroutine on its loop and wait for it."""
        if self._loop is None:
            return await call()
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(call(), self._loop))

    def _run(self, factory: Callable[[], asyncio.AbstractEventLoop], main: Main) -> None:
        try:
            with asyncio.Runner(loop_factory=factory) as runner:
                runner.run(self._main(main))
        except BaseException as error:
            self._ended.set_exception(error)
        else:
            self._ended.set_result(None)

    async def _main(self, main: Main) -> None:
        self._stopping = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._started.set_result(None)
        await main(self._stopping)

"""The events that wake the loops: one for each loop, set by the code that creates work for it."""

import asyncio
import contextlib


class Signal(asyncio.Event):
    """An event of the loop that it was made in, which may be set from any thread."""

    def __init__(self) -> None:
        super().__init__()
        self._home = _running()

    def set(self) -> None:
        """Wake who waits for it."""
        if self.is_set():
            return  # the woken loop clears it before it checks for work
        if self._home is None or self._home is _running():
            super().set()
        else:
            with contextlib.suppress(RuntimeError):  # that loop has ended
                self._home.call_soon_threadsafe(super().set)


def _running() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


class Wake:
    """Events of one gateway process; made inside the event loop of its loops."""

    def __init__(self) -> None:
        self.seal = Signal()
        self.publish = Signal()
        self.beat = Signal()
        self.periodic = Signal()
        self.settled = Signal()
        self.evidence = Signal()
        self.anchor = Signal()
        self.erasure = Signal()
        self.agencies = Signal()
        self.stop = Signal()

    def wake_outbound(self) -> None:
        """Something of ours waits to leave."""
        self.seal.set()
        self.publish.set()

    def wake_all(self) -> None:
        """Wake every loop: something changed that each should check."""
        first = (self.seal, self.publish, self.beat, self.periodic)
        for event in (*first, self.settled, self.evidence, self.anchor, self.erasure, self.agencies):
            event.set()


async def wait_for(event: asyncio.Event, seconds: float) -> None:
    """Wait for `event`, at most `seconds`; the event is clear afterwards."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    event.clear()

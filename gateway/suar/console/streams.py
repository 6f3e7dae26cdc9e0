"""The open streams of the console, a few for each session, and answers that are cached briefly for all of them."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any, Final

STREAMS_OF_SESSION: Final = 2
STREAMS_MAX: Final = 200


class Streams:
    """The open streams by session, the oldest first; used on HTTP's event loop."""

    def __init__(self) -> None:
        self._open: OrderedDict[asyncio.Event, bytes] = OrderedDict()

    def open(self, session: bytes) -> asyncio.Event | None:
        """Open a new stream of a session; its oldest one ends if it has more than two. None if there are too many."""
        mine = [each for each, of in self._open.items() if of == session and not each.is_set()]
        if len(mine) >= STREAMS_OF_SESSION:
            mine[0].set()
        elif len(self._open) >= STREAMS_MAX:
            return None
        ended = asyncio.Event()
        self._open[ended] = session
        return ended

    def close(self, ended: asyncio.Event) -> None:
        """Remove a stream that ended."""
        self._open.pop(ended, None)

    def __len__(self) -> int:
        return len(self._open)


class Recent:
    """Answers that are cached briefly, by key; concurrent callers share one computation."""

    def __init__(self) -> None:
        self._kept: dict[Any, tuple[float, int, Any]] = {}
        self._locks: dict[Any, asyncio.Lock] = {}

    async def get(
        self, key: Any, n: int, seconds: float, make: Callable[[], Awaitable[Any]]
    ) -> tuple[Any, bool]:  # fmt: skip
        """Return the answer, and whether it was computed after change `n`; an older one is returned for `seconds`.

        The keys are few: the caller bounds them.
        """
        async with self._locks.setdefault(key, asyncio.Lock()):
            at, known, answer = self._kept.get(key, (float("-inf"), -1, None))
            if known < n and monotonic() - at >= seconds:
                answer, known = await make(), n
                self._kept[key] = (monotonic(), known, answer)
            return answer, known >= n

"""Observers of stores from outside: what another process can read from a SQLite file was committed."""

import asyncio
import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from suar.protocol.base.errors import Fault

WITHIN: Final = 300.0  # seconds after which a run counts as failed
_POLL: Final = 0.002
_SELDOM: Final = 0.01  # receipts take twenty times as long


class Rows:
    """A receiver's table `message`, read by this process: the number of rows with the sender's messages."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
        self._version, self.count, self._last = -1, 0, 0

    def count_rows(self) -> int:
        """Return the number of committed rows; cheap while nothing was committed."""
        version = self._connection.execute("PRAGMA data_version").fetchone()[0]
        if version != self._version:
            self._version = version
            self._read(self._connection)
        return self.count

    def _read(self, connection: sqlite3.Connection) -> None:
        wanted = "SELECT count(*), max(n) FROM message WHERE n > ?"
        count, last = connection.execute(wanted, (self._last,)).fetchone()
        if count:
            self.count, self._last = self.count + count, last

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class Receipts(Rows):
    """The sender's store: how many messages after `last_id` have the signed receipt of every receiver.

    It reads only what is new and the frames that still lack one, so that observing does not slow what it measures.
    """

    def __init__(self, path: Path, last_id: str, receivers: int) -> None:
        super().__init__(path)
        self._last_id, self._receivers = last_id, receivers
        self._next = 0.0
        self._open: dict[bytes, int] = {}  # frame -> number of its messages

    def count_rows(self) -> int:
        """Return the count as of the last 10 ms; reading at each commit of the sender would slow it."""
        if time.perf_counter() >= self._next:
            self._next = time.perf_counter() + _SELDOM
            super().count_rows()
        return self.count

    def _read(self, connection: sqlite3.Connection) -> None:
        for frame, id_ in connection.execute("SELECT frame_hash, id FROM place WHERE id > ?", (self._last_id,)):
            self._open[frame] = self._open.get(frame, 0) + 1
            self._last_id = max(self._last_id, id_)
        stored = "SELECT count(*) FROM statement WHERE frame_hash = ? AND stage = 'stored'"
        for frame, messages in list(self._open.items()):
            if connection.execute(stored, (frame,)).fetchone()[0] == self._receivers:
                self.count += messages
                del self._open[frame]


async def committed(rows: Sequence[Rows], counts: Sequence[int], within: float = WITHIN) -> float:
    """Wait until every receiver has its number of rows; returns the time (perf_counter) when the last one had."""
    deadline = time.perf_counter() + within
    while any(each.count_rows() < count for each, count in zip(rows, counts, strict=True)):
        if time.perf_counter() > deadline:
            held = [each.count for each in rows]
            raise Fault(f"not committed in {within:g} s: {held} of {list(counts)}", "see the gateways' logs")
        await asyncio.sleep(_POLL)
    return time.perf_counter()


class Watch:
    """A thread that records when each next row became visible in each store, with 3000 checks a second."""

    def __init__(self, stores: Sequence[Callable[[], Rows]], count: int) -> None:
        self._stores, self._count = stores, count
        self.times: list[list[float]] = [[] for _ in stores]
        self._stop = threading.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Start the thread and wait until it is ready."""
        self._thread.start()
        self._ready.wait()

    def _run(self) -> None:
        rows = [store() for store in self._stores]
        begun = [each.count_rows() for each in rows]
        self._ready.set()
        while not self._stop.is_set() and any(len(times) < self._count for times in self.times):
            for each, times, before in zip(rows, self.times, begun, strict=True):
                new = each.count_rows() - before - len(times)
                if new:
                    times.extend([time.perf_counter()] * new)
            time.sleep(0.0003)
        for each in rows:
            each.close()

    async def end(self, within: float = WITHIN) -> list[list[float]]:
        """Return, for each store, when each row became visible."""
        await asyncio.to_thread(self._thread.join, within)
        self._stop.set()
        await asyncio.to_thread(self._thread.join)
        if any(len(times) < self._count for times in self.times):
            raise Fault(f"not committed in {within:g} s", "see the gateways' logs")
        return self.times


def last_of(times: Sequence[Sequence[float]]) -> list[float]:
    """Return when each row was visible in the last of several stores."""
    return [max(moments) for moments in zip(*times, strict=True)]


@contextlib.contextmanager
def rows_of(paths: Sequence[Path]) -> Iterator[list[Rows]]:
    """Return readers of these files, closed with the block; they count from the rows that exist now."""
    found = [Rows(path) for path in paths]
    for each in found:
        each.count_rows()
    try:
        yield found
    finally:
        for each in found:
            each.close()

"""SQLite's log, folded into its file on a thread of its own.

A commit appends to the log. Left to itself SQLite folds the log in within the commit that makes it long: whoever waits
for that one waits for megabytes and two more fsyncs. Beside the writer it holds nobody up, and what is on disk when a
commit returns is the same. Should the writer outrun it, the log is folded as ever once it is LOG_PAGES long.
"""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

FOLD_EVERY: Final = 0.25  # seconds, at most
LOG_PAGES: Final = 4_000  # 32 MiB


class Checkpointer:
    """Told of every commit by the thread that commits."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="fold")
        self._going: Future[None] | None = None
        self._due = 0.0

    def schedule(self) -> None:
        """Something is in the log."""
        now = time.monotonic()
        if now >= self._due and (self._going is None or self._going.done()):
            self._due = now + FOLD_EVERY
            self._going = self._thread.submit(self.checkpoint)

    def checkpoint(self) -> None:
        """As much as no reader needs. A disk that is full stops the next commit, which tells of it."""
        with (
            suppress(DBAPIError, self._engine.dialect.loaded_dbapi.Error),
            closing(self._engine.raw_connection()) as raw,
        ):
            raw.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")

    def close(self) -> None:
        """Wait for what goes on."""
        self._thread.shutdown(wait=True)

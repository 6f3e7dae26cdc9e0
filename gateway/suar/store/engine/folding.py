"""Writes SQLite's log into its file (checkpoint) on a separate thread.

A commit appends to the log. By itself SQLite checkpoints within the commit that makes the log long, which then takes
megabytes and two more fsyncs. On a separate thread it delays nobody, and what is on disk after a commit is the same. If
the writer is faster, SQLite checkpoints by itself when the log has LOG_PAGES pages.
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
    """Notified of every commit by the thread that commits."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="fold")
        self._going: Future[None] | None = None
        self._due = 0.0

    def schedule(self) -> None:
        """Schedule a checkpoint, because the log has new content."""
        now = time.monotonic()
        if now >= self._due and (self._going is None or self._going.done()):
            self._due = now + FOLD_EVERY
            self._going = self._thread.submit(self.checkpoint)

    def checkpoint(self) -> None:
        """Write the part of the log that no reader needs. A full disk is reported by the next commit."""
        with (
            suppress(DBAPIError, self._engine.dialect.loaded_dbapi.Error),
            closing(self._engine.raw_connection()) as raw,
        ):
            raw.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")

    def close(self) -> None:
        """Wait for a checkpoint in progress."""
        self._thread.shutdown(wait=True)

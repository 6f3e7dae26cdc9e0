"""The interface between `Database` and a database, and the one connection that is kept between transactions."""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager, suppress
from threading import Lock
from typing import Protocol

from sqlalchemy import Connection, Engine

from suar.observe.numbers import SharedStore
from suar.store.engine.backends.lease import Lease


class Backend(Protocol):
    """One database: the engine that writes, the one that reads, and what differs from other databases.

    Only one transaction of `writer` writes at a time; a transaction of `readers` sees one view of committed data.
    """

    writer: Engine
    readers: Engine
    lease: Lease | None
    """The lease by which one process writes a store that several machines reach; None for a store on one machine."""

    @property
    def display_name(self) -> str:
        """Return the store's name without a password."""

    def prepare(self) -> None:
        """Check or create what the store needs, before it is migrated. Raises StoreFault."""

    def lock_migration(self, connection: Connection) -> None:
        """Wait until no other process migrates this store, and prevent it to the end of the transaction."""

    def note_commit(self) -> None:
        """Called after a transaction was committed."""

    def hint(self, reason: str) -> str:
        """Return what an operator does about a failure, by the driver's message."""

    def note_misnumbered(self, error: object) -> bool:
        """Note that a statement failed because somebody set what numbers rows; returns False if that was not the cause.

        The next transaction sets it behind the rows. `error` is the driver's.
        """

    def view_of(self, connection: Connection) -> Hashable:
        """Return which committed data the transaction of a reader sees: the value changes with every commit."""

    def log_bytes(self) -> int:
        """Return the size of a log that keeps what was destroyed until it is truncated; 0 if there is none."""

    def erase(self, destroyed: int, tables: frozenset[str]) -> bool:
        """Remove what transactions destroyed from the files; False while a file may still contain it: call it again.

        `destroyed` is another number after each further destruction; `tables` had what was destroyed in their rows.
        """

    def shared_store(self, connection: Connection) -> SharedStore | None:
        """Return the state of a store that other machines reach too, in that view; None for a store on one machine."""

    @property
    def erasure_waits_for(self) -> str:
        """Return what an erasure waits for, as text for people; empty if nothing is known. Any thread."""

    def close(self) -> None:
        """Stop what runs in parallel with the connections."""


class KeptConnection:
    """One connection kept between transactions, because taking one from the pool costs more than a small change."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._kept: Connection | None = None
        self._lock = Lock()

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Return the kept connection, or another one while that is in use.

        A connection that failed is not used again.
        """
        if not self._lock.acquire(blocking=False):
            with self.engine.connect() as other:
                yield other
            return
        try:
            self._kept = self._kept or self.engine.connect()
            yield self._kept
        except BaseException:
            self._forget()
            raise
        finally:
            self._lock.release()

    def _forget(self) -> None:
        kept, self._kept = self._kept, None
        if kept is not None:
            with suppress(Exception):  # the error of the connection is already being raised
                kept.close()

    def close(self) -> None:
        """Close it and all others."""
        self._forget()
        self.engine.dispose()

"""What `Database` asks of a database, and the one connection that it keeps between transactions."""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager, suppress
from threading import Lock
from typing import Protocol

from sqlalchemy import Connection, Engine

from suar.observe.numbers import SharedStore
from suar.store.engine.backends.lease import Lease


class Backend(Protocol):
    """One database: the engine that writes, the one that reads, and what differs from other databases.

    A transaction of `writer` is the only one that writes at a time; one of `readers` sees one view of committed data.
    """

    writer: Engine
    readers: Engine
    lease: Lease | None
    """By which one process writes a store that several machines reach; None where it lies on one."""

    @property
    def display_name(self) -> str:
        """The store's name without a password."""

    def prepare(self) -> None:
        """Before the store is migrated: check or make what it stands in. Raises StoreFault."""

    def lock_migration(self, connection: Connection) -> None:
        """To the end of the transaction nobody else migrates this store; wait for whoever does."""

    def committed(self) -> None:
        """A transaction was committed."""

    def hint(self, reason: str) -> str:
        """What an operator does about a failure, by the driver's words."""

    def view_of(self, connection: Connection) -> Hashable:
        """Which committed data the transaction of a reader sees: another value once anybody committed anything."""

    def log_bytes(self) -> int:
        """The size of a log that keeps what was destroyed until it is truncated; 0 where there is none."""

    def erase(self, destroyed: int) -> bool:
        """Have what transactions destroyed leave the files; False while it may stand in one, and is to be asked again.

        `destroyed` is another number once more was destroyed.
        """

    def standing(self, connection: Connection) -> SharedStore | None:
        """How a store stands that other machines reach too, in that view; None where it lies on one."""

    @property
    def erasure_waits_for(self) -> str:
        """What an erasure waits for, for people; empty: for nothing that is known. Any thread."""

    def close(self) -> None:
        """End what runs beside the connections."""


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
            with suppress(Exception):  # what it failed with is on its way up
                kept.close()

    def close(self) -> None:
        """Close it and every other."""
        self._forget()
        self.engine.dispose()

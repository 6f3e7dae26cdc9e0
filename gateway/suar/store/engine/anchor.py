"""STATE/anchor.suar: the store's account outside the database, so that an older store, or one emptied, shows.

It is written after the commit. Where that must stand before anybody is answered, the committing thread writes it; else
a thread of its own does, half a second later at most. So the store may be ahead of it, never behind.
"""

import contextlib
import threading
from pathlib import Path
from typing import Final

from suar.files import atomic_write
from suar.protocol.base.errors import Fault
from suar.store.engine.account import ANCHOR, NEXT, Account, AccountSeal

FILE: Final = "anchor.suar"
DELAY: Final = 0.5  # seconds
MAGIC: Final = b"SUARANCH"


class Anchor:
    """The anchor of one state folder."""

    def __init__(self, folder: Path, seal: AccountSeal) -> None:
        self.path = folder / FILE
        self._seal = seal
        self._writing, self._wanted = threading.Lock(), threading.Condition()
        self._newest: Account | None = None
        self._written = 0
        self._thread: threading.Thread | None = None
        self._is_over = False
        self.fault: str | None = None  # why it could not be written last

    def read(self) -> Account | None:
        """The account that it holds; None where there is none. Fault when it was altered."""
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Fault(f"the anchor {self.path} cannot be read: {error.strerror}", "check its permissions") from None
        return self.opened(data)

    def opened(self, data: bytes) -> Account:
        """The account in the bytes of such a file. Fault when they were altered."""
        if data[: len(MAGIC)] != MAGIC:
            raise Fault(f"the anchor {self.path} was altered", NEXT)
        return self._seal.open(data[len(MAGIC) :], ANCHOR, f"the anchor {self.path}")

    def sealed(self, account: Account) -> bytes:
        """The bytes that stand for an account outside the store: here, or where a pair of gateways shares it."""
        return MAGIC + self._seal.close(account, ANCHOR)

    def write(self, account: Account) -> None:
        """Write it now. OSError when that fails."""
        with self._writing:
            if account.generation <= self._written:
                return
            try:
                atomic_write(self.path, self.sealed(account))
            except OSError as error:
                self.fault = error.strerror
                raise
            self._written, self.fault = account.generation, None

    def write_soon(self, account: Account) -> None:
        """Write it, or a newer one, within DELAY."""
        with self._wanted:
            self._newest = account
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="anchor", daemon=True)
                self._thread.start()
            self._wanted.notify()

    def _run(self) -> None:
        while True:
            with self._wanted:
                self._wanted.wait_for(lambda: self._newest is not None or self._is_over)
                self._wanted.wait_for(lambda: self._is_over, DELAY)  # what comes meanwhile is written with it
                newest, self._newest, is_over = self._newest, None, self._is_over
            if newest is not None:
                with contextlib.suppress(OSError):  # told by `fault`; the next one is newer
                    self.write(newest)
            if is_over:
                return

    def close(self) -> None:
        """Write what is owed, and end."""
        with self._wanted:
            self._is_over = True
            self._wanted.notify()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

"""STATE/anchor.suar: the store's account outside the database, which reveals an older or emptied store.

It is written after the commit: by the committing thread if it must be on disk before a request is answered, otherwise
by a separate thread at most half a second later. The store may therefore be newer than the anchor, never older.
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
        self.fault: str | None = None  # why the last write failed

    def read(self) -> Account | None:
        """Return the account in the file; None if there is no file. Raises Fault if the file was altered."""
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Fault(f"the anchor {self.path} cannot be read: {error.strerror}", "check its permissions") from None
        return self.opened(data)

    def opened(self, data: bytes) -> Account:
        """Return the account in the bytes of such a file. Raises Fault if they were altered."""
        if data[: len(MAGIC)] != MAGIC:
            raise Fault(f"the anchor {self.path} was altered", NEXT)
        return self._seal.open(data[len(MAGIC) :], ANCHOR, f"the anchor {self.path}")

    def sealed(self, account: Account) -> bytes:
        """Return an account as it is kept outside the store: in this file, or where a pair of gateways shares it."""
        return MAGIC + self._seal.close(account, ANCHOR)

    def write(self, account: Account) -> None:
        """Write the account now. Raises OSError if that fails."""
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
        """Write the account, or a newer one, within DELAY."""
        with self._wanted:
            is_waiting_already, self._newest = self._newest is not None, account
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="anchor", daemon=True)
                self._thread.start()
            if not is_waiting_already:
                self._wanted.notify()

    def _run(self) -> None:
        while True:
            with self._wanted:
                self._wanted.wait_for(lambda: self._newest is not None or self._is_over)
                self._wanted.wait_for(lambda: self._is_over, DELAY)  # later ones are written in the same step
                newest, self._newest, is_over = self._newest, None, self._is_over
            if newest is not None:
                with contextlib.suppress(OSError):  # reported by `fault`; the next account replaces this one
                    self.write(newest)
            if is_over:
                return

    def close(self) -> None:
        """Write what is pending, and stop the thread."""
        with self._wanted:
            self._is_over = True
            self._wanted.notify()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

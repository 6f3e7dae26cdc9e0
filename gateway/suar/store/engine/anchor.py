"""STATE/anchor.suar: the store's account outside the database, which reveals an older or emptied store.

It is written after the commit: by the committing thread if it must be on disk before a request is answered, otherwise
by a separate thread at most half a second later. The store may therefore be newer than the anchor, never older.

STATE/closed.suar states the finding that closed the store. It stays until people decide (`suar store restored`,
`suar restore`), also where whoever altered the store has taken the change back.
"""

import contextlib
import threading
import time
from pathlib import Path
from typing import Final, Literal

import msgspec

from suar.files import atomic_write, flush_folder
from suar.protocol.base.errors import Fault
from suar.protocol.base.instants import instant
from suar.store.engine.account import ANCHOR, CLOSED, NEXT, Account, AccountSeal

FILE: Final = "anchor.suar"
CLOSED_FILE: Final = "closed.suar"
TEXT_MAX: Final = 500  # characters of a finding that are kept
_BYTES_MAX: Final = 4096  # of its file
DELAY: Final = 0.5  # seconds
MAGIC: Final = b"SUARANCH"
_CLOSED_MAGIC: Final = b"SUARCLOS"


class Closed(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The finding that closed the store, at a time of the machine's clock (ms)."""

    magic: Literal["suar-closed/1"]
    at: int
    table: str
    text: str

    def named(self) -> str:
        """Return when the store was closed, and by what, as text for people."""
        return f"closed at {instant(self.at)}, found altered from outside: table {self.table}: {self.text}"


_decode: Final = msgspec.msgpack.Decoder(Closed).decode


class ClosedFile:
    """The finding that closed the store of one state folder, sealed like the anchor; no file where none did."""

    def __init__(self, folder: Path, seal: AccountSeal) -> None:
        self.path = folder / CLOSED_FILE
        self._seal = seal
        self.fault: str | None = None  # why the last write failed

    def read(self) -> Closed | None:
        """Return the finding; None if there is no file. Raises Fault if the file was altered or cannot be read."""
        try:
            with self.path.open("rb") as file:
                data = file.read(_BYTES_MAX + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Fault(f"the file {self.path} cannot be read: {error.strerror}", "check its permissions") from None
        what = f"the file {self.path}, by which the store is closed,"
        if data[: len(_CLOSED_MAGIC)] != _CLOSED_MAGIC or len(data) > _BYTES_MAX:
            raise Fault(f"{what} was altered", NEXT)
        try:
            return _decode(self._seal.open_bytes(data[len(_CLOSED_MAGIC) :], CLOSED, what))
        except msgspec.DecodeError:
            raise Fault(f"{what} is of another version of suar", NEXT) from None

    def require_open(self) -> None:
        """Raise Fault while the store is closed by an earlier finding."""
        found = self.read()
        if found is not None:
            raise Fault(f"the store was {found.named()}; it stays closed until people decide", NEXT)

    def named(self) -> str | None:
        """Return the finding as text for people, also of a file that does not open; None if there is no file."""
        try:
            found = self.read()
        except Fault:
            return "closed by a finding that cannot be read"
        return None if found is None else found.named()

    def write(self, table: str, text: str) -> None:
        """Write a finding of now, unless there is one of before. Raises OSError if that fails."""
        if self.path.exists():
            return
        found = Closed("suar-closed/1", time.time_ns() // 1_000_000, table, text[:TEXT_MAX])
        sealed = self._seal.close_bytes(msgspec.msgpack.encode(found), CLOSED)
        try:
            atomic_write(self.path, _CLOSED_MAGIC + sealed)
        except OSError as error:
            self.fault = error.strerror
            raise
        self.fault = None

    def remove(self) -> None:
        """Remove the finding, by decision of people. Raises OSError if that fails."""
        if self.path.exists():
            self.path.unlink()
            flush_folder(self.path.parent)


class Anchor:
    """The anchor of one state folder."""

    def __init__(self, folder: Path, seal: AccountSeal) -> None:
        self.path = folder / FILE
        self.closed = ClosedFile(folder, seal)
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

"""What the core and the event loop share about the own streams; for any thread.

The core knows the stored positions, and the publish loop has the server's acknowledgements before they are stored. Only
the loops observe whether our own objects return from the hub.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Any, Final

from sqlalchemy import Row

from suar.protocol.base.link_names import ONE_HUB, ONLY_HUB, HubLink
from suar.store.recovery import positions

SEALED_MAX: Final = 256
"""Most rows of the outbox in memory; more are read from the store."""
SEALED_BYTES_MAX: Final = 4 * 1024 * 1024
"""Most bytes of their objects."""
RETURNED_EPOCHS_MAX: Final = 64
COUNTED_FRAMES_MAX: Final = 4_096


class StreamPositions:
    """[E12] The last known sequence of each own stream; see store/recovery/positions.py."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: dict[str, int] = {}  # including what the event loop knows of OUTBOX before it is stored
        self._kept: Mapping[str, int] = {}  # the part that the store has

    def last_known(self, name: str) -> int | None:
        """Return the last known sequence; None when that stream was never compared."""
        return self._known.get(name)

    def load(self, kept: Mapping[str, int]) -> None:
        """Set the stored positions after a reload; the event loop may know more of OUTBOX."""
        with self._lock:
            left = self._known.get(positions.OUTBOX, 0)
            is_ahead = left > self._kept.get(positions.OUTBOX, 0)
            self._known = {**kept, **({positions.OUTBOX: left} if is_ahead else {})}
            self._kept = dict(kept)

    def record(self, name: str, number: int) -> bool:
        """Record that the stream is known up to `number`; returns whether the store has less."""
        with self._lock:
            if number > self._known.get(name, 0):  # else the event loop knows more of OUTBOX by now
                self._known[name] = number
            is_more = number > self._kept.get(name, 0)
            if is_more:
                self._kept = {**self._kept, name: number}
            return is_more

    def reset_to(self, name: str, number: int) -> None:
        """Set the position after a comparison with the stream, whose numbers may have restarted."""
        with self._lock:
            self._known[name] = number
            self._kept = {**self._kept, name: number}

    def record_published(self, number: int) -> None:
        """Record that OUTBOX has that sequence; the store does not have it yet."""
        with self._lock:
            self._known[positions.OUTBOX] = max(self._known.get(positions.OUTBOX, 0), number)

    @property
    def kept(self) -> Mapping[str, int]:
        """Return the stored positions; for `restore` after a failed transaction."""
        return self._kept

    def restore(self, kept: Mapping[str, int]) -> None:
        """Restore the positions after a failed transaction."""
        with self._lock:
            self._kept = kept


class Echo:
    """Our own objects as the hub returns them."""

    def __init__(self, links: Sequence[HubLink] = ONE_HUB) -> None:
        self._since: dict[HubLink, int | None] = dict.fromkeys(links)
        self.has_returned = False  # whether an object of ours has returned from any hub since the start

    @property
    def unechoed_since(self) -> int | None:
        """Since when (ms) an object of ours to all has not returned from any hub."""
        since = [each for each in self._since.values() if each is not None]
        return max(since) if len(since) == len(self._since) else None

    def unechoed_by(self, link: HubLink) -> int | None:
        """Since when (ms) an object of ours to all has not returned from this hub."""
        return self._since[link]

    def record_published(self, now: int) -> None:
        """Record an object of ours to all that our server accepted: each hub returns it."""
        self._since = {link: since or now for link, since in self._since.items()}

    def record_echo(self, link: HubLink = ONLY_HUB) -> None:
        """Record that an object of ours returned on this link."""
        self._since[link] = None
        self.has_returned = True


class SealedRows:
    """The rows of the outbox that were committed last, for the publish loop (docs/adr/0062).

    The core adds them after their commit. They are used only while their numbers directly follow the last row that the
    loop knows; what else was put into the outbox has a number between them, and then the loop reads the store.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._rows: deque[Row[Any]] = deque()
        self._bytes = 0
        self._last: int | None = None  # the newest row that the loop knows; None: it has to read the store
        self._wake: Callable[[], None] | None = None

    def wake_by(self, wake: Callable[[], None]) -> None:
        """Let `wake`, which any thread may call, tell the publish loop that rows were added."""
        self._wake = wake

    def add(self, rows: Sequence[Row[Any]]) -> None:
        """Add rows that were committed and wake the loop; more than the bounds allow are left to the store."""
        size = sum(len(row.data) for row in rows)
        with self._lock:
            if len(self._rows) + len(rows) > SEALED_MAX or self._bytes + size > SEALED_BYTES_MAX:
                self._forget()
            else:
                self._rows.extend(rows)
                self._bytes += size
        if self._wake is not None:
            self._wake()

    def pop_next(self) -> list[Row[Any]]:
        """Remove and return the rows that are published next; none if the store has to be read."""
        with self._lock:
            rows, last = self._pop_all(), self._last
            taken = []
            for row in rows:
                if last is not None and row.n == last + 1:
                    last = row.n
                    taken.append(row)
            self._last = last
            return taken

    def begin_reading(self) -> None:
        """Remove all rows: the store is read from here on, and has them."""
        with self._lock:
            self._pop_all()

    def end_reading(self, rows: Sequence[Row[Any]], *, is_all: bool) -> None:
        """Record the unpublished rows that the store returned; `is_all`: it has no others."""
        new = [row.n for row in rows if row.again_at is None]
        with self._lock:
            self._last = max([*new, self._last or 0]) if is_all and (new or self._last is not None) else None

    def forget(self) -> None:
        """Let the loop read the store next: something was not published, or is published again."""
        with self._lock:
            self._forget()

    def _forget(self) -> None:
        self._pop_all()
        self._last = None

    def _pop_all(self) -> list[Row[Any]]:
        rows = list(self._rows)
        self._rows.clear()
        self._bytes = 0
        return rows


class ReturnedObjects:
    """What the hub returned under our own name, signed by us, and this state does not know: epochs, and frames that
    cannot be opened, each of which is counted once. The oldest epochs are forgotten; further frames are not counted.
    """

    def __init__(self) -> None:
        self.epochs: dict[bytes, tuple[bytes, str]] = {}  # id -> its bytes and realm
        self._counted: set[bytes] = set()

    def keep_epoch(self, epoch_id: bytes, data: bytes, realm: str) -> None:
        """Remember an epoch."""
        self.epochs[epoch_id] = (data, realm)
        while len(self.epochs) > RETURNED_EPOCHS_MAX:
            del self.epochs[next(iter(self.epochs))]

    def may_count(self, frame_hash: bytes) -> bool:
        """Return whether the messages of that frame are still to be counted."""
        return frame_hash not in self._counted and len(self._counted) < COUNTED_FRAMES_MAX

    def record_counted(self, frame_hash: bytes) -> None:
        """Record that they were; called after the commit."""
        self._counted.add(frame_hash)

"""What the core and the event loop both know of the own streams: numbers alone, for any thread.

How far they are known is said by the core, which has it in the store, and by the publish loop, which has the server's
answers before they are written down. Whether our own words come back from the hub only the loops see.
"""

from collections.abc import Mapping
from threading import Lock

from suar.store.recovery import positions


class StreamPositions:
    """[E12] How far the own streams are known; see store/recovery/positions.py."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: dict[str, int] = {}  # with what the event loop knows of OUTBOX before it is written down
        self._kept: Mapping[str, int] = {}  # what of it the store has

    def last_known(self, name: str) -> int | None:
        """The number of the last object that is known; None: that stream was never compared."""
        return self._known.get(name)

    def load(self, kept: Mapping[str, int]) -> None:
        """What the store has, read anew; the event loop may know more of OUTBOX."""
        with self._lock:
            left = self._known.get(positions.OUTBOX, 0)
            is_ahead = left > self._kept.get(positions.OUTBOX, 0)
            self._known = {**kept, **({positions.OUTBOX: left} if is_ahead else {})}
            self._kept = dict(kept)

    def record(self, name: str, number: int) -> bool:
        """The stream is known up to `number`; whether the store has less."""
        with self._lock:
            if number > self._known.get(name, 0):  # else the event loop knows more of OUTBOX by now
                self._known[name] = number
            is_more = number > self._kept.get(name, 0)
            if is_more:
                self._kept = {**self._kept, name: number}
            return is_more

    def reset_to(self, name: str, number: int) -> None:
        """The same after a comparison with the stream, which may have begun anew."""
        with self._lock:
            self._known[name] = number
            self._kept = {**self._kept, name: number}

    def record_published(self, number: int) -> None:
        """The own server took what has that number in OUTBOX; the store does not have it yet."""
        with self._lock:
            self._known[positions.OUTBOX] = max(self._known.get(positions.OUTBOX, 0), number)

    @property
    def kept(self) -> Mapping[str, int]:
        """What the store has; for `restore` when a transaction failed."""
        return self._kept

    def restore(self, kept: Mapping[str, int]) -> None:
        """The transaction failed: the store has what it had before."""
        with self._lock:
            self._kept = kept


class Echo:
    """Our own voice as the hub gives it back."""

    def __init__(self) -> None:
        self.unechoed_since: int | None = None  # something of ours for everybody left and did not come back yet

    def record_published(self, now: int) -> None:
        """Our own server took something for everybody: the hub gives that back."""
        self.unechoed_since = self.unechoed_since or now

    def record_echo(self) -> None:
        """Something of ours came back."""
        self.unechoed_since = None

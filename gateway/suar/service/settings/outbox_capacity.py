"""The fill level of OUTBOX, and what may still be sealed into it.

OUTBOX refuses what does not fit (`discard: new`), keeps everything for 30 days and cannot be purged. So it is never
filled completely: above half of it nothing is resent, above seven eighths only alerts and receipts are sealed, in
the last sixteenth only alerts. Heartbeats, bundles, lists and Revokes are always sent. A stream without a known
limit is not restricted.
"""

from typing import Final, NamedTuple

from suar.protocol.base import limits
from suar.protocol.message.urgency import LANES, REST, UNKNOWN
from suar.store.outbound.outbox import AGAIN_AFTER

ORDINARY: Final = (7, 8)
RECEIPTS: Final = (15, 16)
RECEIPT_PRIORITY: Final = len(LANES)  # after every message


class Lanes(NamedTuple):
    """What may be sealed: priorities up to `least_urgent`; `is_without_ordinary`: no messages but alerts."""

    least_urgent: int
    is_without_ordinary: bool


def is_ordinary(priority: int) -> bool:
    """Whether that is the priority of a message that is no alert."""
    return REST <= priority < RECEIPT_PRIORITY


class OutboxCapacity:
    """The capacity of one gateway's OUTBOX; on the core's thread. Updated once a second."""

    def __init__(self) -> None:
        self.taken = 0  # bytes that were committed to leave since the start
        self.held: int | None = None  # bytes in the stream, as last read; None: not known
        self.limit: int | None = None
        self.is_watched = False  # whether the stream is monitored, so that an unknown size will become known
        self.again_after = AGAIN_AFTER  # ms until the stream accepts an object again
        self._ahead = 0  # bytes that were being sent to it then, less those counted in `taken`

    def update(self, held: int, limit: int, backlog: int, taken: int) -> None:
        """Record that the stream holds so many bytes of at most `limit`; a limit not above 0 is none.

        `backlog` bytes were being sent to it when `taken` had the value passed here.
        """
        self.held, self.limit = held, limit if limit > 0 else None
        self._ahead = backlog - taken

    def enable(self) -> None:
        """Record that the stream is monitored from now on."""
        self.is_watched = True

    def set_resend_interval(self, after: int) -> None:
        """Record that the stream accepts an object again after so many ms."""
        self.again_after = after

    def reserve(self, size: int) -> None:
        """So many bytes more were committed to leave."""
        self.taken += size

    @property
    def used_bytes(self) -> int | None:
        """Bytes that the stream holds or will hold once what was committed has left."""
        return None if self.held is None else self.held + self._ahead + self.taken

    @property
    def resend_bytes_left(self) -> int:
        """Bytes that may be sent again before the stream is half full."""
        used = self.used_bytes
        if used is None or self.limit is None:
            return limits.INTEGER_MAX
        return max(0, self.limit // 2 - used)

    @property
    def ordinary_bytes_left(self) -> int:
        """Bytes of messages that are no alerts before the rest is kept for alerts and receipts."""
        used, (part, whole) = self.used_bytes, ORDINARY
        if used is None or self.limit is None:
            return limits.INTEGER_MAX
        return max(0, self.limit * part // whole - used)

    def open_lanes(self, *, with_receipts: bool = True) -> Lanes:
        """What may be sealed now."""
        has_receipts = with_receipts and not self._is_above(RECEIPTS)
        no_ordinary = self.is_ordinary_blocked
        last_message = UNKNOWN if no_ordinary else RECEIPT_PRIORITY - 1
        return Lanes(RECEIPT_PRIORITY if has_receipts else last_message, no_ordinary)

    @property
    def release_bytes_left(self) -> int:
        """Whether requested objects may be sent again: they wait until the stream was read once."""
        return 0 if self.is_watched and self.held is None else self.resend_bytes_left

    @property
    def is_resend_blocked(self) -> bool:
        """Whether nothing is sent again until there is room."""
        return self.resend_bytes_left == 0

    @property
    def is_ordinary_blocked(self) -> bool:
        """Whether messages that are no alerts wait until there is room."""
        return self.ordinary_bytes_left == 0

    def _is_above(self, share: tuple[int, int]) -> bool:
        used, (part, whole) = self.used_bytes, share
        return used is not None and self.limit is not None and used * whole > self.limit * part

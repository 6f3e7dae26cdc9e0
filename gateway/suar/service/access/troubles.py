"""The faults that this gateway reports in its heartbeats ([F11]), and the detection of a wrong clock.

Everything is computed from an immutable status; for any thread.
"""

from statistics import median
from typing import Final

from suar.observe.checks.every import DISK_CRITICAL
from suar.protocol.base import limits
from suar.protocol.transport.heartbeat import Trouble
from suar.service.core.status import Status

AGREE: Final = 2  # members whose clocks differ from ours in one direction: it is ours


def troubles(status: Status, now: int) -> list[Trouble]:
    """In the order of the standard. If the store accepts no change, none of them can be sent."""
    trust = status.trust
    is_full = status.is_store_full(now) or status.disk_free < DISK_CRITICAL
    found: dict[Trouble, bool] = {
        "disk": is_full,
        "clock": is_clock_wrong(status, now),
        "store": not is_full and status.is_store_failing(now),
        "trust": trust.current is None or now >= trust.current.expires,
        "bundle": status.bundles.newest_valid(status.member, trust, now) is None,
    }
    return [trouble for trouble, is_so in found.items() if is_so]


def is_clock_wrong(status: Status, now: int) -> bool:
    """Our own clock is wrong: behind the highest time seen ([T14]), or against the clocks of several members."""
    is_ahead = count_waiting_for_time(status, now) >= AGREE
    return status.is_clock_back(now) or is_ahead or clock_error(status, now) != 0


def count_waiting_for_time(status: Status, now: int) -> int:
    """Of how many members something waits for its time, though their clocks are not known to agree with ours."""
    waits = (code for code, at in status.time_waits.items() if at > now + limits.CLOCK_TOLERANCE)
    return sum(not is_clock_agreed(status, code, now) for code in waits)


def is_clock_agreed(status: Status, code: str, now: int) -> bool:
    """Whether the member's clock agrees with ours by its live heartbeats, whatever else of it waits for its time."""
    offset = status.offsets.get(code)
    return offset is not None and abs(offset) <= limits.CLOCK_TOLERANCE and has_recent_heartbeat(status, code, now)


def clock_error(status: Status, now: int) -> int:
    """Return how far our clock is ahead of the others' (ms) when all live ones agree in the direction; else 0."""
    offsets = [offset for code, offset in status.offsets.items() if has_recent_heartbeat(status, code, now)]
    far = [offset for offset in offsets if abs(offset) > limits.CLOCK_TOLERANCE]
    if len(far) < AGREE or len(far) < len(offsets) or len({offset > 0 for offset in far}) > 1:
        return 0
    return -round(median(far))


def has_recent_heartbeat(status: Status, code: str, now: int) -> bool:
    """Whether a heartbeat arrived within two intervals."""
    last_heard = status.last_heard.get(code)
    return last_heard is not None and now - last_heard <= status.silent_after

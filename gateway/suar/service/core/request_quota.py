"""The quota for requests of other members: a request of a few bytes may name an epoch of sixty thousand frames.

Counted in memory by clock hour; a restart resets it. The quota suffices for a member that lost everything.
"""

from suar.protocol.base import limits


class RequestQuota:
    """Counts the requests, objects and messages processed for each member in this hour."""

    def __init__(self) -> None:
        self._counts: dict[str, tuple[int, int]] = {}  # member -> (clock hour, count)
        self._refused_in: dict[str, int] = {}  # member -> the clock hour of the refusal that was sent to it

    def may_request(self, member: str, now: int) -> bool:
        """Return whether the member has quota left in this hour."""
        return self._count(member, now) < limits.SENT_AGAIN

    def count_refusal(self, member: str, now: int) -> bool:
        """Count a refusal for the member; returns True if it is the first in this hour, which alone is sent."""
        hour, last_hour = now // limits.HOUR, self._refused_in.get(member)
        self._refused_in[member] = hour
        return last_hour != hour

    def record_usage(self, member: str, now: int, number: int) -> None:
        """Add `number` to the usage of the member in this hour."""
        self._counts[member] = (now // limits.HOUR, self._count(member, now) + number)

    def _count(self, member: str, now: int) -> int:
        hour, count = self._counts.get(member, (0, 0))
        return count if hour == now // limits.HOUR else 0

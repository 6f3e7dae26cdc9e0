"""How much is sent again for a member that asks: a request of a few bytes may name an epoch of sixty thousand frames.

Counted in memory, by clock hour: a restart begins anew, and a member that lost everything has enough in one hour.
"""

from suar.protocol.base import limits


class RequestQuota:
    """Requests, objects and messages that were looked at for each member in this hour."""

    def __init__(self) -> None:
        self._counts: dict[str, tuple[int, int]] = {}  # member -> (clock hour, count)
        self._refused_in: dict[str, int] = {}  # member -> the clock hour in which it was told that it asked too much

    def may_request(self, member: str, now: int) -> bool:
        """Whether the member may have more in this hour."""
        return self._count(member, now) < limits.SENT_AGAIN

    def is_first_refusal(self, member: str, now: int) -> bool:
        """Whether the member is told now that it asked too much: once in an hour."""
        hour, told = now // limits.HOUR, self._refused_in.get(member)
        self._refused_in[member] = hour
        return told != hour

    def record_usage(self, member: str, now: int, number: int) -> None:
        """So much was done for it."""
        self._counts[member] = (now // limits.HOUR, self._count(member, now) + number)

    def _count(self, member: str, now: int) -> int:
        hour, count = self._counts.get(member, (0, 0))
        return count if hour == now // limits.HOUR else 0

"""The last audit line that this process has verified; the stored chain must continue from it."""

from typing import Final, NamedTuple

from suar.protocol.base import limits

ACTS_MAX: Final = 20_000
"""Acts of one clock hour that are remembered, about 3 MB; beyond them each act is a line of its own."""

Act = tuple[str, str, str]
"""Who, what, about."""


class AuditPosition(NamedTuple):
    """The number and hash of an audit line; (0, zeros) stands before the first."""

    n: int
    digest: bytes


class AuditCursor:
    """The last verified line; `broken` is the permanent finding when the chain did not match."""

    def __init__(self, kept: tuple[int, bytes] | None) -> None:
        self.at: AuditPosition | None = None if kept is None else AuditPosition(*kept)
        self.broken: str | None = None

    def mark_broken(self, finding: str) -> None:
        """Record that the stored chain differs from the known one: nothing is signed any more."""
        self.broken = finding

    def restart(self, at: AuditPosition) -> None:
        """Accept the stored chain from `at` on, by decision of an operator."""
        self.broken, self.at = None, at

    def advance(self, to: AuditPosition) -> None:
        """Move to a line that was verified; called after the commit."""
        self.at = to


class RecentActs:
    """Acts of reading in this clock hour: each gives one audit line, however often it is repeated."""

    def __init__(self) -> None:
        self._hour = 0
        self._noted: set[Act] = set()

    def is_noted(self, act: Act, now: int) -> bool:
        """Return whether the audit has this act for the current hour."""
        self._begin(now)
        return act in self._noted

    def note(self, act: Act) -> None:
        """Record that the audit has this act; called after the commit."""
        if len(self._noted) < ACTS_MAX:
            self._noted.add(act)

    def _begin(self, now: int) -> None:
        if now // limits.HOUR != self._hour:
            self._hour, self._noted = now // limits.HOUR, set()

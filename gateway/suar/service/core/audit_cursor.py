"""How far this process knows the audit, apart from the store: what is there must go on from it."""

from typing import Final, NamedTuple

from suar.protocol.base import limits

ACTS_MAX: Final = 20_000
"""Acts of one clock hour that are remembered, some 3 MB; beyond them each is a line of its own again."""

Act = tuple[str, str, str]
"""Who, what, about."""


class AuditPosition(NamedTuple):
    """A line of the audit: its number and its hash. (0, zeros): before the first."""

    n: int
    digest: bytes


def later(one: tuple[int, bytes] | None, other: tuple[int, bytes] | None) -> tuple[int, bytes] | None:
    """The one of two known lines that is further on."""
    return max((each for each in (one, other) if each is not None), default=None)


class AuditCursor:
    """The last line that was followed and found as it was written; `broken`: what was found instead, for good."""

    def __init__(self, kept: tuple[int, bytes] | None) -> None:
        self.at: AuditPosition | None = None if kept is None else AuditPosition(*kept)
        self.broken: str | None = None

    def mark_broken(self, finding: str) -> None:
        """The store has another chain than this process knows: nothing is signed any more."""
        self.broken = finding

    def restart(self, at: AuditPosition) -> None:
        """An operator takes the chain as the store has it."""
        self.broken, self.at = None, at

    def advance(self, to: AuditPosition) -> None:
        """These lines are known now; called once what was read is committed."""
        self.at = to


class RecentActs:
    """Acts of reading in this clock hour: each is one line of the audit, however often it is done."""

    def __init__(self) -> None:
        self._hour = 0
        self._noted: set[Act] = set()

    def is_noted(self, act: Act, now: int) -> bool:
        """Whether the audit has it for this hour."""
        self._begin(now)
        return act in self._noted

    def note(self, act: Act) -> None:
        """The audit has it; called once that is committed."""
        if len(self._noted) < ACTS_MAX:
            self._noted.add(act)

    def _begin(self, now: int) -> None:
        if now // limits.HOUR != self._hour:
            self._hour, self._noted = now // limits.HOUR, set()

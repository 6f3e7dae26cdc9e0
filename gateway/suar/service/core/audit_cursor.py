"""How far this process knows the audit, apart from the store: what is there must go on from it."""

from typing import NamedTuple


class Point(NamedTuple):
    """A line of the audit: its number and its hash. (0, zeros): before the first."""

    n: int
    digest: bytes


class AuditCursor:
    """The last line that was followed and found as it was written; `broken`: what was found instead, for good."""

    def __init__(self, kept: tuple[int, bytes] | None) -> None:
        self.at: Point | None = None if kept is None else Point(*kept)
        self.broken: str | None = None

    def found_broken(self, finding: str) -> None:
        """The store has another chain than this process knows: nothing is signed any more."""
        self.broken = finding

    def begin_anew(self, at: Point) -> None:
        """An operator takes the chain as the store has it."""
        self.broken, self.at = None, at

    def move(self, to: Point) -> None:
        """These lines are known now; called once what was read is committed."""
        self.at = to

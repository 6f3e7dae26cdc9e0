"""What this process knows of the audit independently of the store.

The last verified line, from which the stored chain must continue, the acts of this hour, and the salts of commitments
to the log.
"""

from typing import Final, NamedTuple

from suar.protocol.base import limits
from suar.protocol.files.commitments import LAST_DAY, DaySalt, salt_of
from suar.protocol.files.merkle import Peaks
from suar.store.engine.vault import Vault

ACTS_MAX: Final = 20_000
"""Most acts of one clock hour that are remembered, about 3 MB; each further act is a line of its own."""
TITLES_MAX: Final = 50_000
"""Most acts of showing somebody a message in a list or a feed that are remembered, about 9 MB."""

Act = tuple[str, str, str]
"""Who, what, about."""


class AuditPosition(NamedTuple):
    """The number and hash of an audit line; (0, zeros) stands before the first."""

    n: int
    digest: bytes


class AuditTree(NamedTuple):
    """The tree of all lines up to one to which the chain was followed from the first line."""

    at: AuditPosition
    peaks: Peaks


class AuditCursor:
    """The last verified line; `broken` is the permanent finding when the chain did not match.

    `tree` is that of the lines from the first one on; it may be behind. Without `has_tree` none can be made of this
    log, in which an earlier line differs. `blocks`: roots of its first parts (status/audit_paths.py), of the reader's
    thread.
    """

    def __init__(self, kept: tuple[int, bytes] | None) -> None:
        self.at: AuditPosition | None = None if kept is None else AuditPosition(*kept)
        self.broken: str | None = None
        self.tree: AuditTree | None = None
        self.has_tree = True
        self.blocks: list[bytes] = []

    def mark_broken(self, finding: str) -> None:
        """Record that the stored chain differs from the known one: nothing is signed any more."""
        self.broken = finding

    def restart(self, at: AuditPosition) -> None:
        """Accept the stored chain from `at` on, by decision of an operator."""
        self.broken, self.at, self.tree, self.has_tree, self.blocks = None, at, None, True, []

    def grow(self, tree: AuditTree) -> None:
        """Keep the tree of more lines; called after the commit."""
        self.tree = tree

    def abandon_tree(self) -> None:
        """Record that no tree can be made of this log."""
        self.has_tree = False

    def advance(self, to: AuditPosition) -> None:
        """Move to a line that was verified; called after the commit."""
        self.at = to


class AuditSalts:
    """The salts of days and of lines, derived from the keyring; for days the newest requested one is cached."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self.of_lines = vault.audit_secret("lines")  # from which the salts of lines are derived (files/auditline.py)
        self._newest: DaySalt | None = None

    def of(self, day: int) -> DaySalt:
        """Return the salt of a day; 40 ms for the first of a day. Raises ValueError for a day that has none."""
        if self._newest is None or day > self._newest.day:
            self._newest = salt_of(DaySalt(LAST_DAY, self._vault.audit_secret("commitments")), day)
        return salt_of(self._newest, day)


class RecentActs:
    """Acts of reading in this clock hour, at most `most`: each is noted once in the audit, however often repeated."""

    def __init__(self, most: int = ACTS_MAX) -> None:
        self._hour, self._most = 0, most
        self._noted: set[Act] = set()

    def is_noted(self, act: Act, now: int) -> bool:
        """Return whether the audit has this act for the current hour."""
        self._begin(now)
        return act in self._noted

    def is_committed(self, act: Act, now: int) -> bool:
        """The same for any thread, which changes nothing: False means that only the core's thread knows."""
        return now // limits.HOUR == self._hour and act in self._noted

    def note(self, act: Act) -> None:
        """Record that the audit has this act; called after the commit."""
        if len(self._noted) < self._most:
            self._noted.add(act)

    def _begin(self, now: int) -> None:
        if now // limits.HOUR != self._hour:
            self._noted, self._hour = set(), now // limits.HOUR  # in this order: no thread finds old acts in a new hour

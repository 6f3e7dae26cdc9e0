"""The ledger: every cell that a country has released, with its true value, shown or hidden. It is never sent.

The true values of hidden cells are needed to decide whether a later table shows the same number or a new one.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from msgspec import Struct

from suar.protocol.privacy.proof.cells import Cell, Sheet

SHOWN: Final = ""
SUPPRESSED: Final = "S"
MISSING: Final = "M"
DENOMINATOR: Final = "D"
"""The mark of a denominator, which is not a cell of the table (tables/denominators.py). In the order of facts it
follows the table's own figures and precedes the counts that these change (tables/implied.py).
"""
NAMED: Final = "N"
"""The mark of a denominator that its table has as a figure, while a table is proved (tables/denominators.py)."""

ENDED: Final = "E"
"""The mark of a number that is not right any more. It is in no message and not in the ledger (tables/consistent.py)."""

UNSEEN: Final = "U"
"""The mark of a hidden number that is not the one its reader would compute from the others. It is in no message and not
in the ledger (tables/consistent.py).
"""

SMALL, BY_PUBLISHER, PROTECTION, MOVED = "small", "given", "protection", "moved"
"""Why a number is hidden: a small count, the publisher, the protection of another number, a value shown before."""


class Fact(NamedTuple):
    """One released cell. `value`: the true value, None if the publisher submitted none. `mark`: shown, S or M."""

    cell: Cell
    value: int | None
    mark: str = SHOWN


class Release(Struct, frozen=True):
    """The cells of one sheet that one message released, with its k. `is_open`: whether its TLP is CLEAR or GREEN.

    `n`: the number of the release over all sheets that were read, oldest first, from 1; 0 before it is released.
    """

    k: int
    is_open: bool
    facts: tuple[Fact, ...]
    n: int = 0

    def has_same_content(self, other: "Release") -> bool:
        """Whether both have the same content, regardless of the order of release."""
        return (self.k, self.is_open, self.facts) == (other.k, other.is_open, other.facts)

    def figures(self) -> tuple[Fact, ...]:
        """Return the figures of the table, without its denominator and implied numbers."""
        marks = [fact.mark for fact in self.facts]
        return self.facts[: marks.index(DENOMINATOR)] if DENOMINATOR in marks else self.facts


Released = dict[Sheet, list[Release]]
"""The earlier releases of each sheet, oldest first; a sheet that was never released is not in it."""


def is_known(release: Release, before: Iterable[Release]) -> bool:
    """Whether the newest release of `before` has the same content. Returning to older figures is a new release."""
    newest = max(before, key=lambda each: each.n, default=None)
    return newest is not None and release.has_same_content(newest)

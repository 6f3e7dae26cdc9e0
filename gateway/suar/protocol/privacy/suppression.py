"""Which further cells of a sheet to hide until no hidden count can be computed (docs/privacy.md).

[1] every value 0..k-1 is hidden; [2] the sums come from knowledge.py; [3] bounds are propagated, and while a hidden
cell's interval is narrower than k-1 the cheapest cell in one of its sums is hidden too; then the intervals are computed
exactly (polytope.py), and it goes on where one is still too narrow; [4] where nothing is left to hide, the sheet cannot
be protected. At the end every cell that was hidden for nothing is shown again.
"""

from collections.abc import Sequence
from typing import Final

from suar.protocol.privacy.knowledge import Knowledge
from suar.protocol.privacy.ledger import SHOWN, Fact, Number
from suar.protocol.privacy.polytope import Impossible
from suar.protocol.privacy.view import Key, View

WORK_MAX: Final = 8_000_000  # entries touched for one sheet: a few seconds at worst
PRUNE_MAX: Final = 2_000_000  # of them for showing again what was hidden for nothing


class Bare(Exception):  # noqa: N818 - the caller turns it into a refusal with advice
    """No further cell helps `number`; `tired`: the sheet is too large to be proven."""

    def __init__(self, number: Number | None, *, tired: bool = False) -> None:
        super().__init__()
        self.number, self.tired = number, tired


class Contradiction(Exception):  # noqa: N818 - the caller turns it into a refusal
    """The sums of the sheet cannot all be right."""


class Suppression:
    """One sheet while cells are hidden: what `readers` know already, the new cells, and the k of the new message."""

    def __init__(self, readers: Sequence[Knowledge], facts: Sequence[Fact], k: int) -> None:
        self.given = {fact.number for fact in facts if fact.mark != SHOWN}
        self.primary = {fact.number for fact in facts if fact.mark == SHOWN and (fact.value or 0) < k}
        own = {fact.number for fact in facts} - self.given - self.primary
        shown_before = set[Number]().union(*(reader.known for reader in readers))
        hidden_before = set[Number]().union(*(reader.wide for reader in readers))
        self.kept = (own & hidden_before) - shown_before
        self.extra = set(self.kept)
        self.free = own - shown_before  # what hiding can still take away from a reader
        fresh = {fact.number for fact in facts}
        self.views = [View(reader, fresh, k) for reader in readers]

    @property
    def hidden(self) -> set[Number]:
        """What the new message does not show."""
        return self.primary | self.extra | self.given

    @property
    def work(self) -> int:
        """Entries touched so far."""
        return sum(view.work for view in self.views)

    def run(self) -> None:
        """Hide until every reader's intervals are wide. Raises Bare and Contradiction."""
        while bare := self._bare():
            new: set[Number] = set()
            for key, view in bare:
                self._hide_for(key, view, new)
            if not new:
                key, view = bare[0]
                raise Bare(view.members[key][0] if isinstance(key, int) else key)
        self._show_again()

    def _bare(self) -> list[tuple[Key, View]]:
        """Whose interval is too narrow for which reader."""
        if self.work > WORK_MAX:
            raise Bare(None, tired=True)
        try:
            return [(key, view) for view in self.views for key in view.narrow(self.hidden)]
        except Impossible:
            raise Contradiction from None

    def _hide_for(self, key: Key, view: View, new: set[Number]) -> None:
        """Hide one more in the nearest ring that has one; what was hidden for another in this round may do."""
        for ring in view.rings(key, self.hidden):
            if not new.isdisjoint(ring):
                return
            free = [number for number in ring if number in self.free and number not in self.extra]
            if free:
                chosen = min(free, key=lambda number: self._cost(number, view))
                self.extra.add(chosen)
                new.add(chosen)
                return

    def _cost(self, number: Number, view: View) -> tuple[int, int, int, Number]:
        """Few sums in which it would be alone, inner before margin, small before large."""
        cell, value = number
        hidden = self.hidden
        lone = sum(view.is_lone(index, hidden) for index in view.of[number])
        return lone, -len(cell.dims), value or 0, number

    def _show_again(self) -> None:
        """Of what was hidden beyond the small counts, show what can be shown: the largest first."""
        limit = self.work + PRUNE_MAX
        for number in sorted(self.extra - self.kept, key=lambda n: (len(n[0].dims), -(n[1] or 0), n)):
            if self.work > limit:
                return
            self.extra.discard(number)
            if any(view.narrow(self.hidden) for view in self.views):
                self.extra.add(number)

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
from suar.protocol.privacy.tableau import Impossible, Tired
from suar.protocol.privacy.view import View

WORK_MAX: Final = 3_000_000  # entries touched for one message: a few seconds at worst
PRUNE_PART: Final = 5  # of what is left, one in so many for showing again what was hidden for nothing


class Bare(Exception):  # noqa: N818 - the caller turns it into a refusal with advice
    """No further cell helps `number`; None: the sheet is too large to be proven."""

    def __init__(self, number: Number | None) -> None:
        super().__init__()
        self.number = number


class Contradiction(Exception):  # noqa: N818 - the caller turns it into a refusal
    """The sums of the sheet cannot all be right."""


class Suppression:
    """One sheet while cells are hidden: what `readers` know already, the new cells, and the k of the new message."""

    def __init__(self, readers: Sequence[Knowledge], facts: Sequence[Fact], k: int, work: int = WORK_MAX) -> None:
        self.work_max = work
        self.numbers = list(dict.fromkeys([fact.number for fact in facts]))
        for reader in readers:
            named = {number for relation in reader.relations for number in (relation.parent, *relation.parts)}
            self.numbers += sorted(named.difference(self.numbers), key=_order)
        at = {number: i for i, number in enumerate(self.numbers)}
        self.given = {at[fact.number] for fact in facts if fact.mark != SHOWN}
        self.primary = {at[fact.number] for fact in facts if fact.mark == SHOWN and (fact.value or 0) < k}
        fresh = {at[fact.number] for fact in facts}
        self.views = [View(reader, self.numbers, at, fresh, k, work) for reader in readers]
        self.free = fresh - self.given - self.primary
        self.kept = {i for i in self.free if _is_near(self.numbers[i], readers, k)}
        self.extra = set(self.kept)

    @property
    def hidden(self) -> set[int]:
        """What the new message does not show."""
        return self.primary | self.extra | self.given

    def hidden_numbers(self) -> set[Number]:
        """The same as numbers."""
        return {self.numbers[i] for i in self.hidden}

    @property
    def work(self) -> int:
        """Entries touched so far."""
        return sum(view.work for view in self.views)

    def run(self) -> None:
        """Hide until every reader's intervals are wide. Raises Bare and Contradiction."""
        try:
            while bare := self._bare():
                new: set[int] = set()
                for key, view in bare:
                    self._hide_for(key, view, new)
                if not new:
                    key, view = bare[0]
                    raise Bare(self.numbers[view.members[~key][0] if key < 0 else key])
            self._show_again()
        except Impossible:
            raise Contradiction from None
        except Tired:
            raise Bare(None) from None

    def _bare(self) -> list[tuple[int, View]]:
        """Whose interval is too narrow for which reader."""
        if self.work > self.work_max:
            raise Tired
        hidden = self.hidden
        return [(key, view) for view in self.views for key in view.narrow(hidden)]

    def _hide_for(self, key: int, view: View, new: set[int]) -> None:
        """Hide one more in the nearest ring that has one; what was hidden for another in this round may do."""
        hidden = self.hidden
        for ring in view.rings(key, hidden):
            if not new.isdisjoint(ring):
                return
            free = [n for n in ring if n in self.free and n not in self.extra and n not in view.known]
            if free:
                chosen = min(free, key=lambda number: self._cost(number, view, hidden))
                self.extra.add(chosen)
                new.add(chosen)
                return

    def _cost(self, number: int, view: View, hidden: set[int]) -> tuple[int, int, int, int]:
        """Few sums in which it would be alone, inner before margin, small before large."""
        cell, value = self.numbers[number]
        return view.lone(number, hidden), -len(cell.dims), value or 0, number

    def _show_again(self) -> None:
        """Of what was hidden beyond the small counts, show what can be shown: the largest first."""
        limit = self.work + (self.work_max - self.work) // PRUNE_PART
        for number in sorted(self.extra - self.kept, key=self._worth):
            if self.work > limit:
                return
            self.extra.discard(number)
            if not self._is_safe():
                self.extra.add(number)

    def _is_safe(self) -> bool:
        hidden = self.hidden
        try:
            return not any(view.narrow(hidden, first=True) for view in self.views)
        except (Impossible, Tired):
            return False

    def _worth(self, number: int) -> tuple[int, int, int]:
        cell, value = self.numbers[number]
        return len(cell.dims), -(value or 0), number


def _is_near(number: Number, readers: Sequence[Knowledge], k: int) -> bool:
    """Whether the cell was hidden before at nearly the same number: shown now, it would tell the old one nearly."""
    cell, value = number
    return any(
        old is not None and abs(old - (value or 0)) < k for reader in readers for _, old in reader.of_cell.get(cell, ())
    )


def _order(number: Number) -> tuple[object, int]:
    return number[0], -1 if number[1] is None else number[1]

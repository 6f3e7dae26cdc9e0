"""Which further cells of a message to hide until no small count can be computed (docs/privacy.md).

Every value 0..k-1 is hidden. While a number's interval is too narrow for a reader, one of the numbers is hidden on
which the end of that interval rests; where it rests on none of the new message, the message cannot be protected. At the
end every cell that was hidden for nothing is shown again. Which of several serves is decided by the gate's key.
"""

from collections.abc import Sequence
from typing import Final

from suar.protocol.privacy.proof.audit import Audit, Narrow
from suar.protocol.privacy.proof.cells import Sheet, sums
from suar.protocol.privacy.proof.draws import Draw
from suar.protocol.privacy.proof.ledger import GIVEN, MISSING, MOVED, PROTECTION, SHOWN, SMALL
from suar.protocol.privacy.proof.program import WORK_MAX, Budget, Spent
from suar.protocol.privacy.proof.reader import Key, Reader
from suar.protocol.privacy.proof.system import System

PRUNE_PART: Final = 1  # times the work of hiding, for showing again what was hidden for nothing


class UnprotectableCell(Exception):  # noqa: N818 - the caller turns it into a refusal with advice
    """No further cell of the message helps `key`; None: what is implied of a cell that no message names."""

    def __init__(self, key: Key | None) -> None:
        super().__init__()
        self.key = key


class Suppression:
    """One family of sheets while cells of the new message are hidden."""

    def __init__(self, readers: Sequence[Reader], k: int, draw: Draw, budget: Budget, home: str) -> None:
        self.k, self.draw, self.readers, self.budget = k, draw, readers, budget
        self._begun = budget.work
        fresh = readers[0].fresh
        self.fresh = fresh
        self.given = {key for key, fact in fresh.items() if fact.mark not in (SHOWN, MISSING)}
        self.missing = {key for key, fact in fresh.items() if fact.mark == MISSING}
        self.primary = {key for key, fact in fresh.items() if fact.mark == SHOWN and (fact.value or 0) < k}
        free = fresh.keys() - self.given - self.missing - self.primary
        self.moved = {key for key in free if self._has_moved(key)}
        self.kept = {key for key in free if self._stays_hidden(key)}
        self.wished: set[Key] = set()  # hidden for a width beyond k-1
        self.free = free - self.moved
        self.extra = set(self.kept - self.moved)
        widths = {key: draw.width(key[0].series, key[1], k) for key in fresh}
        self.audits = [Audit(System(reader, budget, home), widths) for reader in readers]
        self._sums = self._members()

    @property
    def hidden(self) -> set[Key]:
        """What the new message shows as S."""
        return self.primary | self.extra | self.given | self.moved

    @property
    def unshown(self) -> set[Key]:
        """What it does not show."""
        return self.hidden | self.missing

    def why(self, key: Key) -> str:
        """Why a hidden number is hidden."""
        if key in self.given:
            return GIVEN
        if key in self.primary:
            return SMALL
        return MOVED if key in self.moved else PROTECTION

    def run(self) -> None:
        """Hide until every reader's intervals are wide. Raises Bare, Spent."""
        self._hide_beside()
        self._hide()
        self._show_again()
        for audit in self.audits:
            audit.only_whole()
        self._hide()

    def _hide_beside(self) -> None:
        """In a sum without rest, whoever is hidden alone can be computed: hide another beside it."""
        hidden = self.unshown
        sums_ = [members for members in self.audits[0].system.wholes if not hidden.isdisjoint(members)]
        is_done = False
        while not is_done:
            is_done = True
            for members in sums_:
                lone = [key for key in members if key in hidden]
                free = [key for key in members if key in self.free and key not in hidden]
                if len(lone) == 1 and free:
                    chosen = min(free, key=self._cost)
                    self.extra.add(chosen)
                    hidden.add(chosen)
                    is_done = False

    def _hide(self) -> None:
        while any(self._hide_narrow(small_known=small_known) for small_known in (True, False)):
            pass

    def _hide_narrow(self, *, small_known: bool) -> bool:
        """Hide for each that is too narrow; whether there was one."""
        hidden = self.unshown
        is_one = False
        for audit in self.audits:
            for each in audit.narrow(hidden, small_known=small_known):
                is_one = True
                for key in self._hide_for(audit, each):
                    hidden.add(key)
                    audit.relax(key)
        return is_one

    def _hide_for(self, audit: Audit, each: Narrow) -> set[Key]:
        """Hide one number on which the interval rests."""
        free = [key for key in each.blame if key in self.free and key not in self.extra]
        if free:
            chosen = min(free, key=self._cost)
            self.extra.add(chosen)
            if not audit.small_known:
                self.wished.add(chosen)
            return {chosen}
        if self._must(audit, each):
            raise UnprotectableCell(each.key)
        audit.lost.add((each.name, audit.small_known))  # known before, or wide enough
        return set()

    def _must(self, audit: Audit, each: Narrow) -> bool:
        """Whether it has to be wider. What the gate draws beyond k-1 is wished for and no more."""
        return audit.small_known and (each.is_new or bool(each.blame))

    def _cost(self, key: Key) -> tuple[int, int, int, int]:
        """Few sums in which it would be alone, inner before margin, small before large, then by the gate's key."""
        hidden = self.unshown
        alone = sum(hidden.isdisjoint(members) for members in self._sums.get(key, ()))
        size = (self.fresh[key].value or 0).bit_length()
        return alone, -len(key[1].dims), size, self.draw.of(key[0].series, key[1], self.k)

    def _members(self) -> dict[Key, list[frozenset[Key]]]:
        """Of each number the other members of its sums."""
        by_sheet: dict[Sheet, list[Key]] = {}
        for key in self.readers[0].worlds[-1].values:
            by_sheet.setdefault(key[0], []).append(key)
        found: dict[Key, list[frozenset[Key]]] = {}
        for sheet, keys in by_sheet.items():
            for each in sums(cell for _, cell in keys):
                members = frozenset((sheet, cell) for cell in (each.parent, *each.parts))
                for key in members:
                    found.setdefault(key, []).append(members - {key})
        return found

    def _show_again(self) -> None:
        """Of what was hidden beyond the small counts, show what can be shown: margins first."""
        spent = self.budget.work - self._begun
        limit = min(self.budget.work + PRUNE_PART * spent, WORK_MAX // 2)
        beside = {other for key in self.wished for members in self._sums.get(key, ()) for other in members}
        for key in sorted(self.extra - self.kept - beside, key=self._worth):  # shown, those would tell the wished ones
            if self.budget.work > limit:
                return
            self.extra.discard(key)
            before = [(audit, list(audit.points.values())) for audit in self.audits]
            if not self._is_safe({member for members in self._sums.get(key, ()) for member in members}):
                self.extra.add(key)
                for audit, points in before:
                    audit.restore([*points, *audit.points.values()])

    def _is_safe(self, near: set[Key]) -> bool:
        hidden = self.unshown
        try:
            return not any(
                audit.is_narrow(hidden, near, small_known=small_known)
                for small_known in (True, False)
                for audit in self.audits
            )
        except Spent:
            return False

    def _worth(self, key: Key) -> tuple[int, int]:
        return len(key[1].dims), self.draw.of(key[0].series, key[1], self.k)

    def _has_moved(self, key: Key) -> bool:
        """Whether it was shown less than k away: shown now, it would tell the change."""
        value = self.fresh[key].value or 0
        return any(
            0 < abs(old - value) < self.k
            for reader in self.readers
            if (*key, value) not in reader.known
            for old in reader.shown.get(key, ())
        )

    def _stays_hidden(self, key: Key) -> bool:
        """Whether it was hidden and could tell what it was: decided by the new value alone, never by the old one.

        What protected another stays hidden. What was small is shown once it is k or more away from every small count.
        """
        value = self.fresh[key].value or 0
        readers = [reader for reader in self.readers if (*key, value) not in reader.known]
        old = [old for reader in readers for old in reader.hidden.get(key, ())]
        return any(each >= self.k for each in old) or (bool(old) and value < 2 * self.k - 1)

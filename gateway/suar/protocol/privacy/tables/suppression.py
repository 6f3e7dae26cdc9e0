"""Selects which further cells of a message to hide until no small count can be computed (docs/privacy.md).

Every value 0..k-1 is hidden. While the interval of a number is too narrow for a reader, one of the numbers that
determine an end of the interval is hidden; if none of them belongs to the new message, the message cannot be protected.
At the end, cells that need not be hidden are shown again. The member's gate key decides between equally suitable cells.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from suar.protocol.privacy.proof.audit import Audit, Knowledge, Narrow
from suar.protocol.privacy.proof.cells import Sheet, as_written, sums
from suar.protocol.privacy.proof.draws import Draw
from suar.protocol.privacy.proof.ledger import (
    BY_PUBLISHER,
    DENOMINATOR,
    MISSING,
    MOVED,
    NAMED,
    PROTECTION,
    SHOWN,
    SMALL,
    SUPPRESSED,
)
from suar.protocol.privacy.proof.program import WORK_MAX, Budget, Spent
from suar.protocol.privacy.proof.reader import Key, Number, Reader
from suar.protocol.privacy.proof.system import System

PAIRED_MAX: Final = 24
"""Maximum number of complementary cells for which pairs are tried when cells are shown again."""
PRUNE_PART: Final = 1  # maximum work for showing cells again, as a multiple of the work for hiding


class UnprotectableCell(Exception):  # noqa: N818 - the caller turns it into a refusal with advice
    """No further cell of the message protects `key`; None means a cell that no message names.

    `is_own`: whether the number belongs to the new message, not to an earlier one.
    """

    def __init__(self, key: Key | None, *, is_own: bool) -> None:
        super().__init__()
        self.key, self.is_own = key, is_own


def protected_alone(keys: set[Key], reader: Reader, system: System) -> dict[Key, str] | None:
    """Return which of the numbers `keys` is sent as S, if it follows without a solver, else None.

    It does for one new number that shares its people with no other number of any message. Let C be its finest cells, as
    the only row of its component has them. Nothing else binds a cell of C, and nothing of C any other cell, so every
    non-negative distribution with the sum of C as published is possible, in whole numbers too. A nameable cell is a sum
    over a set S of finest cells:

    - S without a cell of C is not touched by this number and is proved with its own component
    - S with some cells of C, not all: from nothing to the number, v, with v of k or more where it is shown; hidden as
      small, from 0 to k-1; handed in as S, to anything. Each is k-1 wide or wider
    - S with all of C and more: no upper end
    - S equal to C: the number itself, shown, or hidden with every value below k possible, or any value at all

    What an earlier message told of the same cell could narrow it (moved, hidden before): those go to the solver, as do
    numbers that a list, a link between series or a denominator joins with others, since each of these is a row.
    The reader of all messages has every number that other readers have, so no reader has more.
    """
    key = min(keys) if len(keys) == 1 else None
    fact = reader.fresh.get(key) if key is not None and len(reader.worlds) == 1 else None
    if key is None or fact is None or fact.mark not in (SHOWN, SUPPRESSED):
        return None
    number = (*key, fact.value)
    is_new = number not in reader.width and key not in reader.shown and key not in reader.hidden
    if not is_new or not system.program.is_alone(system.row[0][key]):
        return None
    if fact.mark == SUPPRESSED:
        return {key: BY_PUBLISHER}
    return {key: SMALL} if (fact.value or 0) < reader.k else {}


class Suppression:
    """Selects the hidden cells of the new message for one family of sheets.

    `readers`: the modelled readers. `budget`: the limit of work. `home`: the member that published the counts.
    `causes`: for each number that was hidden to protect another, the numbers that disclosed that one together with it.
    """

    def __init__(self, readers: Sequence[Reader], k: int, draw: Draw, budget: Budget, home: str) -> None:
        self.k, self.draw, self.readers, self.budget = k, draw, readers, budget
        self._begun = budget.work
        fresh = readers[0].fresh
        self.fresh = fresh
        self.denominators = {key for key, fact in fresh.items() if fact.mark in (DENOMINATOR, NAMED)}  # never hidden
        shown = {key for key, fact in fresh.items() if fact.mark in (SHOWN, MISSING)}
        self.by_publisher = fresh.keys() - shown - self.denominators
        self.missing = {key for key, fact in fresh.items() if fact.mark == MISSING}
        self.primary = {key for key, fact in fresh.items() if fact.mark == SHOWN and (fact.value or 0) < k}
        free = fresh.keys() - self.by_publisher - self.missing - self.primary - self.denominators
        self.moved = {key for key in free if self._has_moved(key)}
        self.kept = {key for key in free if self._is_kept_hidden(key)}
        self.wished: set[Key] = set()  # hidden to reach a width above k-1
        self.free = free - self.moved
        self.extra = set(self.kept - self.moved)
        self.causes: dict[Key, list[Number]] = {}
        widths = {key: draw.width(key[0].series, as_written(key[1]), k) for key in fresh}
        self.audits = [Audit(System(reader, budget, home), widths) for reader in readers]
        self._sums = self._members()

    @property
    def hidden(self) -> set[Key]:
        """The cells of the new message with status S."""
        return self.primary | self.extra | self.by_publisher | self.moved

    @property
    def unshown(self) -> set[Key]:
        """The cells of the new message without a value: S or M."""
        return self.hidden | self.missing

    def why(self, key: Key) -> str:
        """Return the reason why a number is hidden, one of the marks of the ledger."""
        if key in self.by_publisher:
            return BY_PUBLISHER
        if key in self.primary:
            return SMALL
        return MOVED if key in self.moved else PROTECTION

    def is_kept_hidden(self, key: Key | None) -> bool:
        """Whether a number of k or more stays hidden because it was hidden before with another value."""
        value = None if key is None or key not in self.fresh else self.fresh[key].value
        return key is not None and value is not None and value >= self.k and self._is_kept_hidden(key)

    def run(self) -> None:
        """Hide cells until the intervals are wide for every reader. Raises UnprotectableCell and Spent."""
        if any(self._has_moved(key) or self._is_kept_hidden(key) for key in self.denominators):
            raise UnprotectableCell(None, is_own=True)
        self._hide_second_number()
        self._hide()
        self._show_again()
        for audit in self.audits:
            audit.only_whole()
        self._hide()

    def _hide_second_number(self) -> None:
        """Hide a second number in each complete sum in which only one is hidden, because that one can be computed.

        These are not shown again: they depend on which cells are small and on the gate key, and whether one could be
        shown depends on hidden counts, so that a reader who runs the gate herself would learn about them. Beside a
        denominator they may be, because it often discloses one of them.
        """
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
                    self.causes[chosen] = list(self._newest(members))
                    hidden.add(chosen)
                    is_done = False
        if not self.denominators:
            self.kept |= self.extra

    def _newest(self, keys: Iterable[Key]) -> Iterator[Number]:
        """Yield the numbers of a sum, each with its newest value."""
        for key in keys:
            world = next((each for each in reversed(self.readers[0].worlds) if key in each.values), None)
            if world is not None:
                yield (*key, world.values[key])

    def _hide(self) -> None:
        while any(self._hide_narrow(knowledge) for knowledge in Knowledge):
            pass

    def _hide_narrow(self, knowledge: Knowledge) -> bool:
        """Hide a number for each interval that is too narrow; return whether there was one."""
        hidden = self.unshown
        is_one = False
        for audit in self.audits:
            for each in audit.narrow(hidden, knowledge=knowledge):
                is_one = True
                for key in self._hide_for(audit, each):
                    hidden.add(key)
                    audit.relax(key)
        return is_one

    def _hide_for(self, audit: Audit, each: Narrow) -> set[Key]:
        """Return the number to hide for a narrow interval: one that determines an end of it.

        The set is empty if none can be hidden and the interval need not become wider. Raises UnprotectableCell.
        """
        free = [key for key in each.blame if key in self.free and key not in self.extra]
        if free:
            chosen = min(free, key=self._cost)
            self.extra.add(chosen)
            self.causes[chosen] = audit.numbers(each)
            if audit.knowledge is not Knowledge.SMALL:
                self.wished.add(chosen)
            return {chosen}
        if self._is_widening_required(audit, each):
            own = None if each.key not in self.fresh else (*each.key, self.fresh[each.key].value)
            raise UnprotectableCell(each.key, is_own=each.name == own)
        audit.lost.add((each.name, audit.knowledge))  # known before, or wide enough
        return set()

    def _is_widening_required(self, audit: Audit, each: Narrow) -> bool:
        """Whether the interval must become wider; a drawn width above k-1 is not required."""
        return audit.knowledge is Knowledge.SMALL and (each.is_new or bool(each.blame))

    def _cost(self, key: Key) -> tuple[int, int, int]:
        """Return the sort key of a candidate; the lowest is hidden.

        It prefers few sums in which the cell would be the only hidden one, then inner cells, then the order drawn with
        the gate key. It does not use the count, because the selection would then disclose information about it.
        """
        hidden = self.unshown
        alone = sum(hidden.isdisjoint(members) for members in self._sums.get(key, ()))
        return alone, -len(key[1].dims), self.draw.of(key[0].series, as_written(key[1]), self.k)

    def _members(self) -> dict[Key, list[frozenset[Key]]]:
        """Return for each number its sums, each as the set of the other members."""
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
        """Show complementary cells again that need not be hidden, margins first."""
        spent = self.budget.work - self._begun
        limit = min(self.budget.work + PRUNE_PART * spent, WORK_MAX // 2)
        neighbours = {other for key in self.wished for members in self._sums.get(key, ()) for other in members}
        order = sorted(self.extra - self.kept - neighbours, key=self._worth)  # `neighbours` protect `wished`
        for keys in itertools.chain(((key,) for key in order), self._pairs(order)):
            if self.budget.work > limit:
                return
            if self.extra.issuperset(keys):
                self._show_if_safe(keys)

    def _pairs(self, order: Sequence[Key]) -> Iterator[tuple[Key, Key]]:
        """Yield the pairs of hidden numbers of one sum, if there is a denominator.

        Together with a denominator, one shown number of a pair can disclose the other one, so both are shown at once.
        """
        is_tried = self.denominators and len(order) <= PAIRED_MAX
        for one, other in itertools.combinations(order, 2) if is_tried else ():
            if any(other in members for members in self._sums.get(one, ())):
                yield one, other

    def _show_if_safe(self, keys: Sequence[Key]) -> None:
        self.extra.difference_update(keys)
        before = [(audit, list(audit.points.values())) for audit in self.audits]
        if not self._is_safe({member for key in keys for members in self._sums.get(key, ()) for member in members}):
            self.extra.update(keys)
            for audit, points in before:
                audit.restore([*points, *audit.points.values()])

    def _is_safe(self, near: set[Key]) -> bool:
        hidden = self.unshown
        try:
            return not any(
                audit.is_narrow(hidden, near, knowledge=knowledge) for knowledge in Knowledge for audit in self.audits
            )
        except Spent:
            return False

    def _worth(self, key: Key) -> tuple[int, int]:
        return len(key[1].dims), self.draw.of(key[0].series, as_written(key[1]), self.k)

    def _has_moved(self, key: Key) -> bool:
        """Whether a value that differs by 1 to k-1 was shown before, so that the new value discloses the change."""
        value = self.fresh[key].value or 0
        return any(
            0 < abs(old - value) < self.k
            for reader in self.readers
            if (*key, value) not in reader.known
            for old in reader.shown.get(key, ())
        )

    def _is_kept_hidden(self, key: Key) -> bool:
        """Whether a number was hidden before with another value, which the new value could disclose.

        A number that protected another one stays hidden. A number that was small stays hidden while its new value is
        below 2k-1, that is, less than k above the largest small count.
        """
        value = self.fresh[key].value or 0
        readers = [reader for reader in self.readers if (*key, value) not in reader.known]
        old = [old for reader in readers for old in reader.hidden.get(key, ())]
        return any(each >= self.k for each in old) or (bool(old) and value < 2 * self.k - 1)

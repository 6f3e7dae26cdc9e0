"""The readings in which a table is proved: ways in which a reader may take `other` and the denominators.

A reading with a denominator comes first: it has more constraints, so the cells hidden for it are mostly enough for the
other readings.
"""

from collections.abc import Sequence, Set
from contextlib import suppress
from typing import NamedTuple

from suar.protocol.privacy.proof.cells import Sheet
from suar.protocol.privacy.proof.ledger import Release
from suar.protocol.privacy.proof.program import Budget
from suar.protocol.privacy.proof.reader import Reader, Told
from suar.protocol.privacy.proof.system import Contradiction, System
from suar.protocol.privacy.tables import denominators
from suar.protocol.privacy.tables.consistent import consistent
from suar.protocol.privacy.tables.denominators import TOTAL, Kind, Taken
from suar.protocol.privacy.tables.implied import without_moved, without_small_moves
from suar.protocol.privacy.tables.remainders import is_one_list, is_plain
from suar.protocol.privacy.tables.remainders import readings as readings_of_other


class Reading(NamedTuple):
    """The releases as a reader takes them, and the rows of the reader of everything."""

    earlier: Told
    new: dict[Sheet, Release]
    system: System

    @property
    def bodies(self) -> Set[str]:
        """The bodies that the reader takes for all there are."""
        return self.system.reader.bodies


def plausible(home: str, new: dict[Sheet, Release], earlier: Told, k: int) -> list[Reading]:
    """Return the readings of `other`, and of the denominators, in which the true counts are all right.

    If there is none, the numbers as written, which are then off by as little as can be, and each set of numbers that
    are right together. `home`: the member whose counts these are.
    """
    return _Plausible(home, k).of(earlier, new)


def _bodies(earlier: Told, new: dict[Sheet, Release]) -> Set[str]:
    """Return the bodies whose records are counted, if there are several: all there are, where the true counts fit that.

    Each population in which nobody else counts anybody is one in which others may, so that reading is the narrower one.
    """
    found = {sheet.body for sheet in (*(sheet for sheet, _ in earlier), *new)} - {""}
    return frozenset(found) if len(found) > 1 else frozenset()


class _Plausible:
    def __init__(self, home: str, k: int) -> None:
        self._home, self._k = home, k

    def of(self, earlier: Told, new: dict[Sheet, Release]) -> list[Reading]:
        *by_list, written = readings_of_other(earlier, new)
        every = self._of_other(by_list, written)
        by_kind: dict[Kind | None, list[Taken]] = {}
        for own in every:
            for kind, taken in denominators.readings(*own):
                by_kind.setdefault(kind, []).append(taken)
        without = by_kind.pop(None)
        found = self._first_table(by_kind, new) if not earlier else None
        return self._each(by_kind, without, written) if found is None else found

    def _of_other(self, by_list: list[Taken], written: Taken) -> list[Taken]:
        """Return the readings of `other` that have to be proved: one of two, where it is the narrower one."""
        if not by_list:
            return [written]
        if not is_one_list(*written):
            return [*by_list, written] if is_plain(*written) else by_list
        bare = [taken for own in by_list for kind, taken in denominators.readings(*own) if kind is None]
        return by_list if self._fitting(bare, is_exact=True) else [written]

    def _first_table(self, by_kind: dict[Kind | None, list[Taken]], new: dict[Sheet, Release]) -> list[Reading] | None:
        """Return the readings of a table of people of whom nothing was released, if its denominator may be its total.

        Every population in which it is the total is one in which it is nothing, and one in which it is the number of
        those known in breakdowns in which no figure is `unknown`: nobody else need be. The same holds for the codes
        that all figures share. So these need no proof of their own.
        """
        total = by_kind.get(TOTAL, [])
        found = self._fitting(total, is_exact=True)
        if not found or len(found) < len(total):
            return None
        for kind, each in by_kind.items():
            if kind is not None and denominators.differs_from_total(kind, new):
                found += self._fitting(each, is_exact=True)
        return found

    def _each(self, by_kind: dict[Kind | None, list[Taken]], without: list[Taken], written: Taken) -> list[Reading]:
        bare = self._fitting(without, is_exact=False)
        if not bare:
            _, (earlier, message) = next(denominators.readings(*written))
            bare = [self._reading(without_small_moves(earlier), without_moved(message)), *self._consistent(without)]
        found = []
        for each in by_kind.values():  # a denominator that does not fit counts other people, and needs no slack
            found += self._fitting(each, is_exact=True) or self._consistent(each)
        return [*found, *bare]

    def _reading(self, earlier: Told, new: dict[Sheet, Release], *, is_exact: bool = False) -> Reading:
        if bodies := _bodies(earlier, new):
            with suppress(Contradiction):
                reader = Reader(earlier, new, self._k, bodies=bodies)
                return Reading(earlier, new, System(reader, Budget(), self._home, is_exact=True))
        return Reading(earlier, new, System(Reader(earlier, new, self._k), Budget(), self._home, is_exact=is_exact))

    def _fitting(self, every: Sequence[Taken], *, is_exact: bool) -> list[Reading]:
        found = []
        for own in every:
            with suppress(Contradiction):
                found.append(self._reading(*own, is_exact=is_exact))
        return [each for each in found if not each.system.slack.any()]

    def _consistent(self, every: Sequence[Taken]) -> list[Reading]:
        return [self._reading(*part) for own in every for part in consistent(*own, self._k, self._home)]

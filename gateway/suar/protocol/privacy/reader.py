"""What one reader has: every number that was released, as it stood from one change to the next.

Numbers are of one world until one of them is released anew with another value: then a new world begins, which has the
newest value of each. The same cell with the same value is one number, whichever world and table it stands in.
"""

import copy
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import NamedTuple

from suar.protocol.privacy.cells import Cell, Sheet, sums
from suar.protocol.privacy.ledger import DENOMINATOR, MISSING, SHOWN, Fact, Release

Key = tuple[Sheet, Cell]
Number = tuple[Sheet, Cell, int | None]
Told = Sequence[tuple[Sheet, Release]]
"""What was released, oldest first."""


class Rest(NamedTuple):
    """The parts that one message lists are everything in the parent: the rest is 0. `new`: in the new message."""

    parent: Key
    parts: tuple[Key, ...]
    new: bool


class World(NamedTuple):
    """The numbers that held at one time, and what their sums leave over."""

    values: dict[Key, int | None]
    rests: list[Rest]
    denominators: list[tuple[Key, int]]


class Reader:
    """What a reader of `told` has, and of `new`, which is not shown to anybody yet. `k`: of the new message."""

    def __init__(self, told: Told, new: Mapping[Sheet, Release], k: int) -> None:
        self.k = k
        self.known: set[Number] = set()
        self.width: dict[Number, int] = {}  # hidden before -> how wide its interval has to stay
        self.small: dict[Number, int] = {}  # hidden before for being small -> at most this
        self.shown: dict[Key, list[int]] = {}  # every value that was shown
        self.missing: set[Number] = set()
        for sheet, release in told:
            for fact in release.facts:
                self._take(sheet, fact, release.k)
        for number in self.known:
            self.width.pop(number, None)
            self.small.pop(number, None)
        self.hidden: dict[Key, list[int]] = {}  # every true value that is hidden
        for sheet, cell, value in self.width:
            if value is not None:
                self.hidden.setdefault((sheet, cell), []).append(value)
        self.fresh = {(sheet, fact.cell): fact for sheet, release in new.items() for fact in release.facts}
        self.fresh = {key: fact for key, fact in self.fresh.items() if fact.mark != DENOMINATOR}
        self.worlds = _worlds([*_messages(told), new])

    def only(self, keys: Set[Key]) -> "Reader":
        """The same reader, of these numbers alone."""
        own = copy.copy(self)
        own.fresh = {key: fact for key, fact in self.fresh.items() if key in keys}
        own.worlds = [
            World(
                {key: value for key, value in world.values.items() if key in keys},
                [rest for rest in world.rests if rest.parent in keys],
                [each for each in world.denominators if each[0][0] in {sheet for sheet, _ in keys}],
            )
            for world in self.worlds
        ]
        return own

    def _take(self, sheet: Sheet, fact: Fact, k: int) -> None:
        number = (sheet, fact.cell, fact.value)
        if fact.mark == SHOWN:
            self.known.add(number)
            self.shown.setdefault((sheet, fact.cell), []).append(fact.value or 0)
        elif fact.mark == MISSING:
            self.missing.add(number)
        elif fact.mark != DENOMINATOR:
            self.width[number] = min(k - 1, self.width.get(number, k))
            if fact.value is not None and fact.value < k:
                self.small[number] = max(k - 1, self.small.get(number, 0))

    def number(self, key: Key) -> Number:
        """The number of a key in the newest world."""
        return (*key, self.worlds[-1].values[key])


def _messages(told: Told) -> Iterable[Mapping[Sheet, Release]]:
    """What was released together, oldest first."""
    together: dict[Sheet, Release] = {}
    order = -1
    for sheet, release in told:
        if together and (release.n != order or not order or sheet in together):
            yield together
            together = {}
        order = release.n
        together[sheet] = release
    if together:
        yield together


def _worlds(messages: Sequence[Mapping[Sheet, Release]]) -> list[World]:
    found = [World({}, [], [])]
    for at, message in enumerate(messages):
        values: dict[Key, int | None] = {}
        for sheet, release in message.items():
            for fact in release.facts:
                if fact.mark == DENOMINATOR:
                    found[-1].denominators.append(((sheet, fact.cell), fact.value or 0))
                else:
                    values[sheet, fact.cell] = fact.value
        current = found[-1].values
        if any(current.get(key) not in (None, value) for key, value in values.items() if value is not None):
            current = dict(current)
            found.append(World(current, [], list(found[-1].denominators)))
        current.update({key: value for key, value in values.items() if value is not None or key not in current})
        found[-1].rests.extend(_rests(values, new=at + 1 == len(messages)))
    return found


def _rests(values: Mapping[Key, int | None], *, new: bool) -> list[Rest]:
    """Where the parts of a sum are everything."""
    by_sheet: dict[Sheet, list[Cell]] = {}
    for sheet, cell in values:
        by_sheet.setdefault(sheet, []).append(cell)
    found = []
    for sheet, cells in by_sheet.items():
        for each in sums(cells):
            whole, parts = values[sheet, each.parent], [values[sheet, part] for part in each.parts]
            if whole is not None and None not in parts and whole == sum(part or 0 for part in parts):
                found.append(Rest((sheet, each.parent), tuple((sheet, part) for part in each.parts), new))
    return found

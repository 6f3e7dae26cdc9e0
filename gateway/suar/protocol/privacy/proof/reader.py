"""The released numbers of one kind of reader, divided into worlds.

A world ends when one of its numbers is released again with another value, or is not right any more (`ENDED`); the next
world begins with the newest value of each cell that is still right. The same cell with the same value is one number in
all worlds and tables.
"""

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import NamedTuple

from suar.protocol.privacy.proof.cells import Cell, Sheet
from suar.protocol.privacy.proof.ledger import DENOMINATOR, ENDED, MISSING, NAMED, SHOWN, UNSEEN, Fact, Release

Key = tuple[Sheet, Cell]
Number = tuple[Sheet, Cell, int | None]
OrderedReleases = Sequence[tuple[Sheet, Release]]
"""The releases, oldest first."""


class List(NamedTuple):
    """The numbers that one message lists. `is_new`: whether it is the new message."""

    values: dict[Key, int | None]
    is_new: bool


class World(NamedTuple):
    """The numbers that were valid at one time, and the list of each message. `revised`: those that replaced others."""

    values: dict[Key, int | None]
    lists: list[List]
    revised: frozenset[Key] = frozenset()


class Reader:
    """The numbers of a reader of `released` and of the new message `new`. `k`: the k of the new message.

    `of_two`: the k of a number that was hidden under several: `min` for a reader who knows that it is small, `max` for
    other readers. `bodies`: the bodies that the reader assumes to be complete. `is_one_list`: the reader takes all
    numbers as one message's, so that parts which add up to their total in several are everything.
    """

    def __init__(
        self, released: OrderedReleases, new: Mapping[Sheet, Release], k: int, of_two: Callable[[int, int], int] = min,
        bodies: Set[str] = frozenset(), *, is_one_list: bool = False,
    ) -> None:  # fmt: skip
        self.k, self.of_two, self.bodies = k, of_two, bodies
        self.known: set[Number] = set()
        self.width: dict[Number, int] = {}  # number hidden before -> required width of its interval
        self.small: dict[Number, int] = {}  # number hidden before as small -> its largest possible value
        self.shown: dict[Key, list[int]] = {}  # every value that was shown
        self.missing: set[Number] = set()
        self.unseen: set[Number] = set()  # hidden numbers that have other values for the reader
        self.has_two_k = False  # whether a number was hidden under several k
        for sheet, release in released:
            for fact in release.facts:
                self._add(sheet, fact, release.k)
        for number in self.known:
            self.width.pop(number, None)
            self.small.pop(number, None)
        self.hidden: dict[Key, list[int]] = {}  # every hidden true value
        for sheet, cell, value in self.width:
            if value is not None:
                self.hidden.setdefault((sheet, cell), []).append(value)
        facts = [(sheet, fact) for sheet, release in new.items() for fact in release.facts]
        self.fresh = {(sheet, fact.cell): fact for sheet, fact in facts}
        self.has_two_k |= any(self.width.get((*key, fact.value), k - 1) != k - 1 for key, fact in self.fresh.items())
        self.missing |= {(*key, fact.value) for key, fact in self.fresh.items() if fact.mark == MISSING}
        self.unseen |= {(*key, fact.value) for key, fact in self.fresh.items() if fact.mark == UNSEEN}
        self.unseen -= self.known | self.width.keys()
        self.unprotected = self.missing | self.unseen
        self.worlds = _worlds([*messages(released), new])
        if is_one_list:
            self.worlds = [World(each.values, [List(each.values, is_new=True)]) for each in self.worlds]

    def only(self, keys: Set[Key]) -> "Reader":
        """Return a copy of the reader with the numbers `keys` only."""
        own = copy.copy(self)
        own.fresh = {key: fact for key, fact in self.fresh.items() if key in keys}
        own.worlds = [
            World(
                _only(world.values, keys),
                [List(_only(each.values, keys), each.is_new) for each in world.lists],
                world.revised & keys,
            )
            for world in self.worlds
        ]
        return own

    def _add(self, sheet: Sheet, fact: Fact, k: int) -> None:
        number = (sheet, fact.cell, fact.value)
        if fact.mark in (SHOWN, DENOMINATOR, NAMED):
            self.known.add(number)
            self.shown.setdefault((sheet, fact.cell), []).append(fact.value or 0)
        elif fact.mark == MISSING:
            self.missing.add(number)
        elif fact.mark == UNSEEN:
            self.unseen.add(number)
            self._add_small(number, k)
        elif fact.mark != ENDED:
            before = self.width.get(number, k - 1)
            self.has_two_k |= before != k - 1
            self.width[number] = self.of_two(k - 1, before)
            self._add_small(number, k)

    def _add_small(self, number: Number, k: int) -> None:
        *_, value = number
        if value is not None and value < k:
            self.small[number] = self.of_two(k - 1, self.small.get(number, k - 1))

    def most(self, number: Number, *, is_small: bool) -> int | None:
        """Return the largest possible value of a number hidden as small, else None.

        `is_small`: whether it is also below the k of the new message.
        """
        before = self.small.get(number)
        if not is_small:
            return before
        return self.k - 1 if before is None else self.of_two(before, self.k - 1)

    def number(self, key: Key) -> Number:
        """Return the number with this key in the newest world."""
        return (*key, self.worlds[-1].values[key])


def _only(values: Mapping[Key, int | None], keys: Set[Key]) -> dict[Key, int | None]:
    return {key: value for key, value in values.items() if key in keys}


def messages(released: OrderedReleases) -> Iterable[Mapping[Sheet, Release]]:
    """Yield the releases of each message, oldest message first."""
    together: dict[Sheet, Release] = {}
    order = -1
    for sheet, release in released:
        if together and (release.n != order or not order or sheet in together):
            yield together
            together = {}
        order = release.n
        together[sheet] = release
    if together:
        yield together


def _worlds(messages: Sequence[Mapping[Sheet, Release]]) -> list[World]:
    found = [World({}, [])]
    ended: set[Key] = set()
    for at, message in enumerate(messages):
        is_new = at + 1 == len(messages)
        facts = [((sheet, fact.cell), fact) for sheet, release in message.items() for fact in release.facts]
        if facts and all(fact.mark == ENDED for _, fact in facts):
            ended.update(key for key, _ in facts)
            continue
        values = {key: fact.value for key, fact in facts}
        current = {key: value for key, value in found[-1].values.items() if key not in ended}
        changed = {key for key, value in values.items() if value is not None and current.get(key) not in (None, value)}
        if changed or ended:
            lists = (
                [] if changed else [List(_only(each.values, current.keys()), each.is_new) for each in found[-1].lists]
            )
            found.append(World(current, lists, found[-1].revised | changed))
            ended = set()
        current = found[-1].values
        current.update({key: value for key, value in values.items() if value is not None or key not in current})
        found[-1].lists.append(List(values, is_new))
    return found

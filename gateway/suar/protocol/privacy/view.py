"""One reader's sums while cells are hidden: the parts that hang together, and whose interval is too narrow in each."""

from collections.abc import Iterator, Set
from typing import Final

from suar.protocol.privacy.knowledge import Knowledge
from suar.protocol.privacy.ledger import Number
from suar.protocol.privacy.polytope import Polytope

PASSES: Final = 3  # of propagation: it finds the plain cases, the exact audit finds the rest

Key = Number | int
"""A hidden number, or the unlisted rest of the relation of that index."""


class View:
    """`fresh`: the numbers of the new message, of which those in `hidden` are not shown; all others are known."""

    def __init__(self, knowledge: Knowledge, fresh: Set[Number], k: int) -> None:
        self.knowledge, self.fresh, self.k = knowledge, fresh, k
        self.relations = knowledge.relations
        self.members = [(r.parent, *r.parts) for r in self.relations]
        self.of: dict[Number, list[int]] = {}
        for index, members in enumerate(self.members):
            for number in members:
                self.of.setdefault(number, []).append(index)
        self._judged: dict[frozenset[Key], list[Key]] = {}
        self.work = 0

    def is_variable(self, number: Number, hidden: Set[Number]) -> bool:
        """Whether this reader does not have the number."""
        if number in self.knowledge.known:
            return False
        return number in hidden if number in self.fresh else True

    def narrow(self, hidden: Set[Number]) -> list[Key]:
        """The hidden numbers whose feasible interval is too narrow. Raises Impossible when no values fit the sums."""
        found: list[Key] = []
        for part in self._parts(hidden):
            keys = frozenset(key for index in part for key in self._variables(index, hidden))
            if keys not in self._judged:
                self._judged[keys] = self._judge(part, keys, hidden)
            found += self._judged[keys]
        return found

    def rings(self, key: Key, hidden: Set[Number]) -> Iterator[list[Number]]:
        """The numbers in its sums; then those in the sums of the hidden ones among them, and so on."""
        indexes = {key} if isinstance(key, int) else set(self.of.get(key, ()))
        seen: set[int] = set()
        while indexes := indexes - seen:
            seen |= indexes
            ring = list(dict.fromkeys(number for index in sorted(indexes) for number in self.members[index]))
            yield ring
            indexes = {i for number in ring if self.is_variable(number, hidden) for i in self.of[number]}

    def is_lone(self, index: int, hidden: Set[Number]) -> bool:
        """Whether nothing is hidden in a relation yet."""
        return not self.relations[index].rest and not any(self.is_variable(n, hidden) for n in self.members[index])

    def _variables(self, index: int, hidden: Set[Number]) -> list[Key]:
        found: list[Key] = [number for number in self.members[index] if self.is_variable(number, hidden)]
        if self.relations[index].rest:
            found.append(index)
        return found

    def _parts(self, hidden: Set[Number]) -> list[list[int]]:
        """The relations with something hidden, those that share it together; only where the new message has a part."""
        waiting = {index for index in range(len(self.relations)) if self._variables(index, hidden)}
        self.work += len(self.relations)
        parts = []
        while waiting:
            part, stack = [], [waiting.pop()]
            while stack:
                index = stack.pop()
                part.append(index)
                for number in self.members[index]:
                    if self.is_variable(number, hidden):
                        joined = waiting.intersection(self.of[number])
                        waiting -= joined
                        stack += joined
            if any(number in self.fresh for index in part for number in self.members[index]):
                parts.append(sorted(part))
        return parts

    # -- one part

    def _judge(self, part: list[int], keys: frozenset[Key], hidden: Set[Number]) -> list[Key]:
        order = sorted(keys, key=_sorted)
        at = {key: i for i, key in enumerate(order)}
        low, high = [0] * len(order), [self._high(key) for key in order]
        widths = {i: width for i, key in enumerate(order) if (width := self._width(key))}
        equations = [self._equation(index, at) for index in part]
        bare = self._propagate(list(low), list(high), equations, widths)
        if not bare:
            polytope = Polytope(low, high, equations, [self._start(key) for key in order])
            bare = [i for i in polytope.narrow(widths) if not self._is_large(order[i], polytope.least[i])]
            self.work += polytope.work
        return [order[i] for i in bare]

    def _equation(self, index: int, at: dict[Key, int]) -> tuple[dict[int, int], int]:
        """parent - parts - rest = 0, with what is known on the right."""
        coefficients, right = {}, 0
        for number, sign in zip(self.members[index], [1] + [-1] * len(self.members[index]), strict=False):
            if number in at:
                coefficients[at[number]] = sign
            else:
                right -= sign * (number[1] or 0)
        if index in at:
            coefficients[at[index]] = -1
        return coefficients, right

    def _high(self, key: Key) -> int | None:
        if isinstance(key, int):
            return None
        if key in self.fresh:
            return self.k - 1 if key[1] is not None and key[1] < self.k else None
        return self.knowledge.small.get(key)

    def _width(self, key: Key) -> int:
        if isinstance(key, int):
            return self.k - 1 if self.relations[key].rest < self.k else 0
        if key in self.fresh:
            return self.k - 1
        return self.knowledge.wide[key]

    def _start(self, key: Key) -> int | None:
        return self.relations[key].rest if isinstance(key, int) else key[1]

    def _is_large(self, key: Key, least: object) -> bool:
        """A number that is missing, not hidden, may be known when it is no small count."""
        return not isinstance(key, int) and key in self.knowledge.missing and least >= self.k  # type: ignore[operator]

    def _propagate(
        self,
        low: list[int],
        high: list[int | None],
        equations: list[tuple[dict[int, int], int]],
        widths: dict[int, int],
    ) -> list[int]:
        """Narrow each bound by what the others of its sum allow; the variables that end too narrow."""
        for _ in range(PASSES):
            moved = False
            for coefficients, right in equations:
                self.work += len(coefficients)
                moved |= _tighten(coefficients, right, low, high)
            if not moved:
                break
        found = []
        for i, width in widths.items():
            top = high[i]
            if top is not None and top - low[i] < width:
                found.append(i)
        return found


def _tighten(coefficients: dict[int, int], right: int, low: list[int], high: list[int | None]) -> bool:
    least, most, endless = right, right, [0, 0]
    # sum(c x) = right: each c x lies between right - (most of the others) and right - (least of the others)
    ends = {}
    total_low = total_high = open_low = open_high = 0
    for i, c in coefficients.items():
        top = high[i]
        a, b = (low[i], top) if c > 0 else (None if top is None else -top, -low[i])
        ends[i] = a, b
        if a is None:
            open_low += 1
        else:
            total_low += a
        if b is None:
            open_high += 1
        else:
            total_high += b
    del least, most, endless
    moved = False
    for i, c in coefficients.items():
        a, b = ends[i]
        if open_low - (a is None) == 0:  # the others have a least sum: c x is at most right - it
            limit = right - (total_low - (a or 0))
            moved |= _cap(i, limit, low, high) if c > 0 else _lift(i, -limit, low)
        if open_high - (b is None) == 0:
            limit = right - (total_high - (b or 0))
            moved |= _lift(i, limit, low) if c > 0 else _cap(i, -limit, low, high)
    return moved


def _cap(i: int, limit: int, low: list[int], high: list[int | None]) -> bool:
    top = high[i]
    if top is None or limit < top:
        high[i] = limit
        return True
    return False


def _lift(i: int, limit: int, low: list[int]) -> bool:
    if limit > low[i]:
        low[i] = limit
        return True
    return False


def _sorted(key: Key) -> tuple[int, object]:
    return (1, key) if isinstance(key, int) else (0, (key[0], -1 if key[1] is None else key[1]))

"""One reader's sums while cells are hidden: the parts that hang together, and whose interval is too narrow in each.

Numbers are counted through (0, 1, ...) over all readers of a sheet, so that sets of them are quick. The unlisted rest
of relation r is the number ~r.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Final

from suar.protocol.privacy.knowledge import ANY, Knowledge
from suar.protocol.privacy.ledger import Number
from suar.protocol.privacy.neighbours import Coordinates, search
from suar.protocol.privacy.polytope import Polytope
from suar.protocol.privacy.propagation import propagate
from suar.protocol.privacy.tableau import Number as Value
from suar.protocol.privacy.tableau import Tired

AT_ONCE: Final = 40_000  # entries touched in solving the whole, before the neighbourhoods are tried


class View:
    """`fresh`: the numbers of the new message, of which those in `hidden` are not shown; all others are known."""

    def __init__(
        self,
        knowledge: Knowledge,
        numbers: Sequence[Number],
        at: Mapping[Number, int],
        fresh: Set[int],
        k: int,
        work: int,
    ) -> None:
        self.numbers, self.fresh, self.k = numbers, fresh, k
        self.known = {at[number] for number in knowledge.known if number in at}
        self.wide = {at[number]: width for number, width in knowledge.wide.items() if number in at}
        self.small = {at[number]: most for number, most in knowledge.small.items() if number in at}
        self.missing = {at[number] for number in knowledge.missing if number in at}
        self.rests = [relation.rest for relation in knowledge.relations]
        self.members = [
            (at[relation.parent], *(at[part] for part in relation.parts)) for relation in knowledge.relations
        ]
        self.of: dict[int, list[int]] = {}
        for index, members in enumerate(self.members):
            for number in members:
                self.of.setdefault(number, []).append(index)
        self.old = {number for number in self.of if number not in fresh and number not in self.known}
        self.work, self.work_max = 0, work
        self._judged: dict[frozenset[int], list[int]] = {}

    def variables(self, hidden: Set[int]) -> set[int]:
        """What this reader does not have, when `hidden` is not shown."""
        return {*(hidden - self.known), *self.old}

    def narrow(self, hidden: Set[int], *, first: bool = False) -> list[int]:
        """The hidden numbers whose feasible interval is too narrow (`first`: some, if there are any).

        Raises Impossible when no values fit the sums, Tired when that cannot be told.
        """
        found: list[int] = []
        variables = self.variables(hidden)
        for part in self._parts(variables):
            keys = self._keys(part, variables)
            if keys not in self._judged:
                if self.work > self.work_max:
                    raise Tired
                self._judged[keys] = self._judge(part, keys, first=first and not self.missing)
            found += self._judged[keys]
            if found and first:
                break
        return found

    def rings(self, key: int, hidden: Set[int]) -> Iterator[list[int]]:
        """The numbers in its sums; then those in the sums of the hidden ones among them, and so on."""
        variables = self.variables(hidden)
        indexes = {~key} if key < 0 else set(self.of.get(key, ()))
        seen: set[int] = set()
        while indexes := indexes - seen:
            seen |= indexes
            ring = list(dict.fromkeys(number for index in sorted(indexes) for number in self.members[index]))
            yield ring
            indexes = {index for number in ring if number in variables for index in self.of[number]}

    def lone(self, number: int, hidden: Set[int]) -> int:
        """In how many sums it would be the only thing that this reader does not have."""
        variables = self.variables(hidden)
        return sum(
            not self.rests[index] and variables.isdisjoint(self.members[index]) for index in self.of.get(number, ())
        )

    def _keys(self, part: Sequence[int], variables: Set[int]) -> frozenset[int]:
        keys = {number for index in part for number in self.members[index] if number in variables}
        keys.update(~index for index in part if self.rests[index])
        return frozenset(keys)

    def _parts(self, variables: Set[int]) -> list[list[int]]:
        """The relations with something hidden, those that share it together; only where the new message has a part."""
        waiting = {index for index, rest in enumerate(self.rests) if rest}
        for number in variables:
            waiting.update(self.of.get(number, ()))
        self.work += len(waiting)
        parts = []
        while waiting:
            part, stack = [], [waiting.pop()]
            while stack:
                index = stack.pop()
                part.append(index)
                for number in self.members[index]:
                    if number in variables:
                        joined = waiting.intersection(self.of[number])
                        waiting -= joined
                        stack += joined
            if any(not self.fresh.isdisjoint(self.members[index]) for index in part):
                parts.append(sorted(part))
        return parts

    # -- one part

    def _judge(self, part: list[int], keys: frozenset[int], *, first: bool) -> list[int]:
        order = sorted(keys)
        at = {key: i for i, key in enumerate(order)}
        low, high = [0] * len(order), [self._high(key) for key in order]
        widths = {i: width for i, key in enumerate(order) if (width := self._width(key))}
        equations = [self._equation(index, at) for index in part]
        least = list(low)
        bare, work = propagate(least, list(high), equations, widths)
        bare = [i for i in bare if not self._is_large(order[i], least[i])]
        self.work += work
        if not bare:
            polytope = Polytope(low, high, equations, [self._start(key) for key in order])
            polytope.look()
            bare = polytope.narrow(widths, first=first, work=AT_ONCE)
            if bare and polytope.is_tired:
                self.work += search(polytope, [self._coordinates(key) for key in order], equations, widths)
                bare = polytope.narrow(widths, first=first)
            bare = [i for i in bare if not self._is_large(order[i], polytope.least[i])]
            self.work += polytope.work
        return [order[i] for i in bare]

    def _equation(self, index: int, at: Mapping[int, int]) -> tuple[dict[int, int], int]:
        """parent - parts - rest = 0, with what is known on the right."""
        coefficients, right = {}, 0
        sign = 1
        for number in self.members[index]:
            place = at.get(number)
            if place is None:
                right -= sign * (self.numbers[number][1] or 0)
            else:
                coefficients[place] = sign
            sign = -1
        if ~index in at:
            coefficients[at[~index]] = -1
        return coefficients, right

    def _high(self, key: int) -> int | None:
        if key < 0:
            return None
        if key in self.fresh:
            value = self.numbers[key][1]
            return self.k - 1 if value is not None and value < self.k else None
        return self.small.get(key)

    def _width(self, key: int) -> int:
        if key < 0:
            return self.k - 1 if 0 < self.rests[~key] < self.k else 0
        return self.k - 1 if key in self.fresh else self.wide[key]

    def _start(self, key: int) -> int | None:
        if key >= 0:
            return self.numbers[key][1]
        return None if self.rests[~key] == ANY else self.rests[~key]

    def _coordinates(self, key: int) -> Coordinates:
        """Where the number stands, one entry for each way in which it is divided."""
        cell = self.numbers[self.members[~key][0] if key < 0 else key][0]
        return {"period": cell.period, "admin1": cell.admin1, "locode": cell.locode, **dict(cell.dims)}

    def _is_large(self, key: int, least: Value) -> bool:
        """A number that is missing, not hidden, may be known when it is no small count."""
        return key in self.missing and least >= self.k

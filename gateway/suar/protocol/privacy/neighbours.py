"""Witnesses near by: small parts of a large table, in which everything else stands still.

What can move there can move in the whole table too. So most cells of a large table are proven wide by tables of a few
rows and columns around them, and the whole has to be solved only for the rest.
"""

from operator import contains, ne
from typing import Final

from suar.protocol.privacy.polytope import Polytope
from suar.protocol.privacy.tableau import Number, Tired

CODES: Final = (3, 5)  # of each dimension beside the cell's own: first a few, then some more
WORK: Final = 20_000  # entries touched in one part
WORK_MAX: Final = 1_200_000  # in all of them

Coordinates = dict[str, str]
Equations = list[tuple[dict[int, int], int]]


def search(polytope: Polytope, places: list[Coordinates], equations: Equations, widths: dict[int, int]) -> int:
    """Prove what can be proven near by, and tell `polytope`; the work it took."""
    work = 0
    names = sorted({name for place in places for name in place})
    codes = [tuple(place.get(name, "") for name in names) for place in places]
    of: list[list[int]] = [[] for _ in places]
    for index, (coefficients, _) in enumerate(equations):
        for i in coefficients:
            of[i].append(index)
    for count in CODES:
        for i in polytope.unproven(widths):
            if polytope.most[i] - polytope.least[i] >= widths[i]:
                continue  # proven with another in the meantime
            if work > WORK_MAX:
                return work
            inside = _around(polytope, codes, i, count)
            near = sorted({index for j in inside for index in of[j]})
            work += 2 * len(places) + 4 * len(inside)
            work += _prove(polytope, inside, [equations[index] for index in near], widths)
    return work


def _around(polytope: Polytope, codes: list[tuple[str, ...]], i: int, count: int) -> list[int]:
    """The variables whose codes are the cell's own, the total, or of the roomiest in line with the cell."""
    own = codes[i]
    rooms: list[list[tuple[Number, str]]] = [[] for _ in own]
    for j, other in enumerate(codes):
        if sum(map(ne, own, other)) == 1:
            at = next(n for n, code in enumerate(other) if code != own[n])
            rooms[at].append((-polytope.room(j), other[at]))
    allowed = [{own[n], "", *(code for _, code in sorted(rooms[n])[:count])} for n in range(len(own))]
    return [j for j, other in enumerate(codes) if all(map(contains, allowed, other))]


def _prove(polytope: Polytope, inside: list[int], equations: Equations, widths: dict[int, int]) -> int:
    at = {i: n for n, i in enumerate(inside)}
    small: list[tuple[dict[int, int], Number]] = []
    for coefficients, _ in equations:
        own = {at[i]: factor for i, factor in coefficients.items() if i in at}
        if own:
            right: Number = 0
            for i, factor in coefficients.items():
                right += factor * polytope.x[i] if i in at else 0
            small.append((own, right))
    low = [polytope.low[i] for i in inside]
    high = [polytope.high[i] for i in inside]
    part = Polytope(low, high, small, [polytope.x[i] for i in inside], WORK)
    wanted = {at[i]: widths[i] for i in polytope.unproven(widths) if i in at}
    try:
        part.look()
        part.narrow(wanted)
    except Tired:
        pass
    for n, i in enumerate(inside):
        polytope.see(i, part.least[n], part.most[n])
    return part.work

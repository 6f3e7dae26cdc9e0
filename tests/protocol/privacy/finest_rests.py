"""Counts of everybody but some codes that two messages tell without a name, and that moved by little between them.

`other` is whatever its table does not list. So two tables with different lists both tell how many are of none of the
codes that they share: the one by its `other`, or by `other` and the codes that only it lists.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from protocol.privacy.finest import BUT, Box, other_but
from protocol.privacy.finest_reader import Facts, Row
from protocol.privacy.finest_worlds import ends_in

Interval = tuple[int, int]


class MovedRest(NamedTuple):
    """A count of everybody but some codes, for the reader of both messages: by how much it moved, at least and at most.

    `true`: the count in the later message, if it follows from the true numbers.
    """

    box: Box
    true: int | None
    k: int
    low: int
    high: int


def moved_rests(steps: Sequence[Sequence[Row]], facts: Facts) -> Iterator[MovedRest]:
    """Yield the unnamed remainders that a message tells to have moved by 1 to k-1 since an earlier one."""
    for at, rows in enumerate(steps):
        found: dict[Box, list[tuple[Interval, MovedRest | None]]] = {}
        for earlier in steps[:at]:
            for box in _shared(earlier, rows):
                pair = _between(earlier, rows, box, facts)
                if pair is not None:
                    found.setdefault(box, []).append(pair)
        for pairs in found.values():
            if all(ends != (0, 0) for ends, _ in pairs):  # else it was told before, and is known
                yield from (one for _, one in pairs if one is not None)


def _shared(earlier: Iterable[Row], later: Iterable[Row]) -> Iterator[Box]:
    """Everybody but the codes that both list, for each box that one of them narrows by a remainder."""
    old, new = _rests(earlier), _rests(later)
    found: dict[Box, None] = {}
    for key in old | new:
        people, bare, tree = key
        own = [each[key] for each in (old, new) if key in each]
        if len(own) < 2 or own[0] != own[1]:
            codes = frozenset.intersection(*own)
            found[Box(people, bare | {(tree, other_but(codes))})] = None
    yield from found


def _rests(rows: Iterable[Row]) -> dict[tuple[str, frozenset[tuple[str, str]], str], frozenset[str]]:
    """For each box and tree the codes that the message lists beside a remainder."""
    return {
        (row.box.people, row.box.nodes - {(tree, node)}, tree): frozenset(node.removeprefix(BUT).split())
        for row in rows for tree, node in row.box.nodes if node.startswith(BUT)
    }  # fmt: skip


def _between(
    earlier: Sequence[Row], later: Sequence[Row], box: Box, facts: Facts
) -> tuple[Interval, MovedRest | None] | None:
    """By how much the reader knows the box to have moved, and the leak if that is little; None if nothing is known."""
    ends = [_ends(rows, box, facts) for rows in (earlier, later)]
    if ends[0] is None or ends[1] is None:
        return None
    change = (ends[1][0] - ends[0][1], ends[1][1] - ends[0][0])
    k = min(row.k for row in later)
    least = max(change[0], -change[1])
    if not 0 < least < k or change[1] - change[0] >= k - 1:
        return change, None
    old, new = (_ends(_as_counted(rows), box, facts) for rows in (earlier, later))
    if old is None or new is None:
        return change, None
    true = new[0] if new[0] == new[1] else None
    is_little = max(new[0] - old[1], old[0] - new[1]) < k
    return change, MovedRest(box, true, k, *change) if is_little else None


def _as_counted(rows: Iterable[Row]) -> list[Row]:
    """The rows, of which those hidden with a true number are shown."""
    return [row._replace(shown=row.true is not None) for row in rows]


def _ends(rows: Sequence[Row], box: Box, facts: Facts) -> Interval | None:
    own = next((row for row in rows if row.box == box), None)
    if own is not None and own.shown and own.true is not None:
        return own.true, own.true
    ends = ends_in(rows, box, facts)
    return None if ends is None else (round(ends[0]), round(ends[1]))

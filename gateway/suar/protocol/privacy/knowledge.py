"""What one reader knows of one sheet: the numbers that were shown, and the sums over those and the hidden ones.

A sum that does not come out leaves a rest, a category that the table does not list. A rest of 1..k-1 is a small count
like any other, and is protected as one. A sum that comes out too large says nothing: its parts overlap. Where a value
is not known to us either, the sum is taken to come out; should that be impossible in the end, any rest is allowed.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from suar.protocol.privacy.cells import Cell, sums
from suar.protocol.privacy.ledger import MISSING, SHOWN, Fact, Number, Release

ANY: Final = -1


class Relation(Struct, frozen=True):
    """parent = sum(parts) + rest; `rest` 0: the parts are everything; ANY: who knows."""

    parent: Number
    parts: tuple[Number, ...]
    rest: int = 0


class Knowledge(Struct):
    """The sheet in the eyes of a reader of everything that is open, or of a reader of everything."""

    k: int
    known: set[Number] = {}  # type: ignore[assignment]
    wide: dict[Number, int] = {}  # hidden before -> how wide its interval has to stay
    small: dict[Number, int] = {}  # hidden, and known to be at most this
    missing: set[Number] = set()
    of_cell: dict[Cell, list[Number]] = {}  # what is `wide`, by cell
    relations: list[Relation] = []


def gather(releases: Sequence[Release], new: Release, k: int) -> Knowledge:
    """All that the releases and the new one say to one reader. The new one counts as shown nowhere yet."""
    seen = Knowledge(k=k, known=set(), wide={}, small={}, missing=set(), of_cell={}, relations=[])
    latest: dict[Cell, Fact] = {}
    for release in releases:
        for fact in release.facts:
            latest[fact.cell] = fact
            if fact.mark == SHOWN:
                seen.known.add(fact.number)
            else:
                _hidden(seen, fact, min(release.k, k) if not release.open else release.k)
    for fact in new.facts:
        if fact.mark == MISSING:
            seen.missing.add(fact.number)
    for number in seen.known:
        seen.wide.pop(number, None)
        seen.small.pop(number, None)
    for number in seen.wide:
        seen.of_cell.setdefault(number[0], []).append(number)
    every = [release.facts for release in (*releases, new)]
    if releases:
        every.append(tuple({**latest, **{fact.cell: fact for fact in new.facts}}.values()))
    found: dict[Relation, None] = {}
    for facts in every:
        for relation in relate(facts):
            found[relation] = None
    seen.relations = list(found)
    return seen


def loosened(seen: Knowledge) -> Knowledge:
    """The same, where no sum with an unknown value has to come out."""
    found = [
        replace(relation, rest=ANY) if None in (relation.parent[1], *(part[1] for part in relation.parts)) else relation
        for relation in seen.relations
    ]
    return replace(seen, relations=found)


def _hidden(seen: Knowledge, fact: Fact, k: int) -> None:
    if fact.mark == MISSING:
        seen.missing.add(fact.number)
    seen.wide[fact.number] = min(k - 1, seen.wide.get(fact.number, k))
    if fact.value is not None and fact.value < k:
        seen.small[fact.number] = min(k - 1, seen.small.get(fact.number, k))


def relate(facts: Iterable[Fact]) -> list[Relation]:
    """The sums among facts that are of one time."""
    by_cell = {fact.cell: fact for fact in facts}
    found = []
    for total in sums(by_cell):
        parent, parts = by_cell[total.parent], [by_cell[cell] for cell in total.parts]
        rest = _rest(parent, parts)
        if rest >= 0:
            found.append(Relation(parent.number, tuple(part.number for part in parts), rest))
    return found


def _rest(parent: Fact, parts: Sequence[Fact]) -> int:
    """What the parts leave of the parent; below zero where they overlap."""
    least = sum(part.value or 0 for part in parts)
    if parent.value is None:
        return 0
    if any(part.value is None for part in parts):
        return min(0, parent.value - least)
    return parent.value - least

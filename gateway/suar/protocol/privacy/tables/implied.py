"""Finds counts that a message changes without naming them, through their parts or through sums that contain them.

If 100 was released for a year, halves of 50 and 53 imply 103, which discloses that three persons were added. A sum is
used if its parts are complete by the code lists and the calendar, or if they exceed their total. A count that was not
shown may follow from the values shown before: of a total of 197, 120 are of known age, so the age of 77 was unknown.
So may everybody but the codes that two tables list, one with `other`: 15 of LA and 12 others, later 30 others.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from math import prod
from typing import NamedTuple

from msgspec.structs import replace

from suar.protocol.message.kinds import Trend
from suar.protocol.privacy.limits import is_open
from suar.protocol.privacy.proof.axes import leaves
from suar.protocol.privacy.proof.cells import Cell, Sheet, as_written, cell_of, sheet_of
from suar.protocol.privacy.proof.ledger import DENOMINATOR, SHOWN, SUPPRESSED, Fact, Release, Released
from suar.protocol.privacy.proof.reader import Key, OrderedReleases
from suar.protocol.privacy.tables.divisions import divisions, point_of
from suar.protocol.privacy.tables.remainders import Numbers, is_rest, listed_in, lists_of, rests, shown_in

Values = dict[Cell, int]


class Move(NamedTuple):
    """A count that was shown or could be computed (`before`) and a different value that a message implies (`now`).

    `cell`: of everybody but some codes where it has a code of cells.other_than, which `other` is in the message.
    `is_named`: whether the message names the cell. `at`: the indexes of the observations that imply the new value.
    `may_be_code`: whether it is no change if `other` is an ordinary code (remainders.py).
    """

    sheet: Sheet
    cell: Cell
    before: int
    now: int
    is_named: bool
    at: tuple[int, ...]
    may_be_code: bool = False

    def is_small(self, k: int) -> bool:
        """Whether the change is below k."""
        return abs(self.now - self.before) < k


class Moved(NamedTuple):
    """The counts that a message changes by less than k.

    `again`: the cells of the message that leave hidden for it. `implied`: counts that it does not name, with their new
    values. `rests`: by index in the message the cell of everybody but some codes that makes its `other` leave hidden.
    """

    again: Set[Key]
    implied: Mapping[Key, int]
    rests: Mapping[int, Cell]


def small_moves(trend: Trend, released: Released, k: int) -> Moved:
    """Return the counts that the trend changes by less than k, through sums or through everybody but some codes.

    An `other` that has a part of such a count leaves hidden with it, unless it is small and does so by itself.
    """
    found = [move for move in moves(trend, released) if move.is_small(k)]
    again = {(move.sheet, as_written(move.cell)) for move in found if move.is_named}
    of_rests = [move for move in found if is_rest(move.cell)]
    for move in of_rests:
        again |= {(move.sheet, as_written(move.cell)) for at in move.at if (trend.obs[at].value or 0) >= k}
    implied = {(move.sheet, move.cell): move.now for move in found if not move.is_named}
    return Moved(again, implied, {at: move.cell for move in of_rests for at in move.at})


def with_moved(new: dict[Sheet, Release], again: Set[Key], implied: Mapping[Key, int]) -> dict[Sheet, Release]:
    """Return the message with the counts that it changes by less than k as hidden, named or implied by their parts.

    The denominator of a total that changed stays a denominator.
    """
    found = {}
    for sheet, release in new.items():
        own = [
            fact._replace(mark=SUPPRESSED) if (sheet, fact.cell) in again and fact.mark != DENOMINATOR else fact
            for fact in release.facts
        ]
        more = [Fact(cell, value, SUPPRESSED) for (of, cell), value in implied.items() if of == sheet]
        found[sheet] = replace(release, facts=(*own, *more))
    return found


def moves(trend: Trend, released: Released) -> list[Move]:
    """Return the counts that the trend changes through sums for one of its readers, once for each sum."""
    every = (move for known in known_to_readers(trend, released) for move in _moves(trend, known))
    return list(dict.fromkeys(every))


def known_to_readers(trend: Trend, released: Released) -> Iterator[Released]:
    """Yield what readers of the trend have: all releases, and the open ones if it is open (106 for few after 100)."""
    yield released
    opened = {sheet: [release for release in releases if release.is_open] for sheet, releases in released.items()}
    if is_open(trend.tlp) and any(len(opened[sheet]) < len(releases) for sheet, releases in released.items()):
        yield opened


def _moves(trend: Trend, released: Released) -> Iterator[Move]:
    own: dict[Sheet, dict[Cell, int]] = {}
    for at, item in enumerate(trend.obs):
        if item.value is not None:
            own.setdefault(sheet_of(trend, item), {})[cell_of(item)] = at
    listed, lists = listed_in(map(cell_of, trend.obs)), lists_of(released)
    for sheet, indexes in own.items():
        values = {cell: trend.obs[at].value or 0 for cell, at in indexes.items()}
        before = released.get(sheet, ())
        yield from _of_numbers(sheet, before, values, indexes)
        yield from _of_left(sheet, before, values, indexes)
        yield from _of_rests(sheet, shown_in(before, lists), Numbers(values, listed), indexes)


def _of_rests(
    sheet: Sheet, before: Sequence[Numbers], own: Numbers, indexes: Mapping[Cell, int]
) -> Iterator[Move]:  # fmt: skip
    """Yield the changes of everybody but some codes; where a cell `other` has a part of them, it has changed too."""
    for rest in rests(own, before):
        other = as_written(rest.cell)
        at = (indexes[other],) if other in indexes else ()
        yield Move(sheet, rest.cell, rest.before, rest.now, rest.is_named, at, rest.may_be_code)


def total_moves(sheet: Sheet, total: Fact, own: Values, before: Sequence[Release]) -> list[Move]:
    """Return the changes that follow if a denominator is the total of its table. `own`: the figures of the table."""
    at = len(own)
    indexes = {cell: index for index, cell in enumerate(own)} | {total.cell: at}
    moves_ = _of_numbers(sheet, before, own | {total.cell: total.value or 0}, indexes)
    return [*(move for move in moves_ if at in move.at), *_within(sheet, total, own, at)]


def parts_of(cell: Cell, own: Values, before: Iterable[Release]) -> Iterator[list[set[int]]]:
    """Yield the divisions of a cell into parts; for each part, its value in `own` and every value shown before."""
    values = {each: {value} for each, value in own.items()}
    for fact in _shown_facts(before):
        values.setdefault(fact.cell, set()).add(fact.value or 0)
    for parent, parts in divisions(values.keys() | {cell}):
        if parent == cell:
            yield [values[part] for part in parts]


def has_been_shown(cell: Cell, before: Iterable[Release]) -> bool:
    """Whether the number of a cell was shown before, possibly as a denominator."""
    return any(fact.cell == cell for fact in _shown_facts(before))


def _shown_facts(releases: Iterable[Release]) -> Iterator[Fact]:
    for release in releases:
        for fact in release.facts:
            is_number = fact.mark != DENOMINATOR or _may_be_total(fact, release)
            if fact.value is not None and fact.mark != SUPPRESSED and is_number:
                yield fact


def _within(sheet: Sheet, total: Fact, own: Values, at: int) -> Iterator[Move]:
    """Yield the differences of a denominator from the sums of the figures of its own table."""
    value = total.value or 0
    for parent, parts in divisions(own.keys() | {total.cell}):
        together = sum(own[cell] for cell in parts if cell in own)
        if parent == total.cell and (together > value or (together < value and is_everything(parent, parts))):
            yield Move(sheet, parent, together, value, is_named=True, at=(at,))


def _of_numbers(sheet: Sheet, before: Sequence[Release], values: Values, indexes: Mapping[Cell, int]) -> Iterator[Move]:
    for with_denominators in (False, True):
        shown, newest = _of_before(before, with_denominators=with_denominators)
        changed = {cell for cell, value in values.items() if newest.get(cell) != value}
        if shown and changed:
            yield from _of_sheet(sheet, shown, values, {cell: indexes[cell] for cell in changed})


def _of_left(sheet: Sheet, before: Sequence[Release], values: Values, indexes: Mapping[Cell, int]) -> Iterator[Move]:
    """Yield the changes of counts that were not shown but followed from the values shown at one time."""
    _, newest = _of_before(before, with_denominators=False)
    years = {cell.period[:4] for cell in values}
    times = [
        {cell: value for cell, value in shown.items() if cell.period[:4] in years} for shown in _shown_at_a_time(before)
    ]
    changed = {cell for cell, value in values.items() if newest.get(cell) != value}
    for cell, value in _computed(times, {cell for cell in changed if any(cell not in shown for shown in times)}):
        if value != values[cell]:
            yield Move(sheet, cell, value, values[cell], is_named=True, at=(indexes[cell],))


def _shown_at_a_time(releases: Iterable[Release]) -> Iterator[Values]:
    """Yield the values last shown when a denominator was, with it as the total that it may be; and those of now."""
    shown = Values()
    for release in releases:
        shown |= {fact.cell: fact.value for fact in release.figures() if fact.mark == SHOWN and fact.value is not None}
        for fact in release.facts:
            if fact.mark == DENOMINATOR and _may_be_total(fact, release):
                yield shown | {fact.cell: fact.value or 0}
    yield shown


def _computed(times: Sequence[Values], cells: Set[Cell]) -> Iterator[tuple[Cell, int]]:
    """Yield the cells that were not shown, with what the shown values left of their whole, or added up to."""
    for parent, parts in divisions(set(cells).union(*times)) if cells and any(times) else ():
        every = (parent, *parts)
        if not cells.isdisjoint(every) and is_everything(parent, parts):
            for shown in times:
                unshown = [cell for cell in every if cell not in shown]
                if len(unshown) == 1 and unshown[0] in cells:
                    together = sum(shown[cell] for cell in parts if cell in shown)
                    yield unshown[0], together if unshown == [parent] else shown[parent] - together


def _of_before(releases: Iterable[Release], *, with_denominators: bool) -> tuple[Values, Values]:
    """Return the values last shown, and the values last released, shown or hidden.

    `with_denominators`: include denominators that may be the total that their table does not name.
    """
    shown, newest = Values(), Values()
    for release in releases:
        for fact in release.facts:
            is_number = fact.mark != DENOMINATOR or (with_denominators and _may_be_total(fact, release))
            if fact.value is not None and is_number:
                newest[fact.cell] = fact.value
                if fact.mark != SUPPRESSED:
                    shown[fact.cell] = fact.value
    return shown, newest


def _may_be_total(denominator: Fact, release: Release) -> bool:
    """Whether a denominator may be the total: its table names neither the total nor the denominator, as the number of a
    code that all figures share, and no sum of figures exceeds it.
    """
    own = {fact.cell: fact.value or 0 for fact in release.figures()}
    cell, value = denominator.cell, denominator.value or 0
    if not cell.period or cell in own or is_exceeded(cell, value, own):
        return False
    shared = set.intersection(*(set(each.dims) for each in own)) if own else set()
    return all(count != value or each[:3] != cell[:3] or set(each.dims) > shared for each, count in own.items())


def is_exceeded(cell: Cell, value: int, own: Values) -> bool:
    """Whether the parts of a cell in `own` add up to more than `value`."""
    return any(
        sum(own[part] for part in parts) > value
        for parent, parts in divisions(own.keys() | {cell})
        if parent == cell and cell not in parts
    )


def _of_sheet(sheet: Sheet, shown: Values, own: Values, changed: Mapping[Cell, int]) -> Iterator[Move]:
    now = shown | own
    for parent, parts in divisions(now):
        at = tuple(sorted(changed[cell] for cell in (parent, *parts) if cell in changed))
        is_own = parent in own
        if not at or all(cell in own for cell in (parent, *parts)):
            continue
        if is_own and parent not in changed:
            continue
        together, total = sum(now[cell] for cell in parts), now[parent]
        if together > total or (together < total and is_everything(parent, parts)):
            before, after = (together, total) if is_own else (total, together)
            yield Move(sheet, parent, before, after, is_own, at)


def is_everything(parent: Cell, parts: Iterable[Cell]) -> bool:
    """Whether the parts are complete by the code lists and the calendar."""
    whole = dict(point_of(parent))
    points = [dict(point_of(part)) for part in parts]
    axes = {axis for point in points for axis in point}
    counts = [[leaves(axis, point.get(axis, ())) for axis in axes] for point in points]
    every = [leaves(axis, whole.get(axis, ())) for axis in axes]
    if None in every or any(None in count for count in counts):
        return False
    return sum(prod(each or 0 for each in count) for count in counts) == prod(each or 0 for each in every)


def without_moved(new: dict[Sheet, Release]) -> dict[Sheet, Release]:
    """Return the message without the true values of hidden cells, so that small changes contradict no earlier value."""
    return {
        sheet: replace(
            release, facts=tuple(fact for fact in release.facts if fact.mark != SUPPRESSED or fact.value is None)
        )
        for sheet, release in new.items()
    }


def without_small_moves(released: OrderedReleases) -> OrderedReleases:
    """Return the earlier releases without hidden values that differ from the value shown before them."""
    shown: dict[Key, int | None] = {}
    found = []
    for sheet, release in released:
        facts = tuple(
            fact
            for fact in release.facts
            if fact.mark != SUPPRESSED or fact.value in (None, shown.get((sheet, fact.cell), fact.value))
        )
        shown |= {(sheet, fact.cell): fact.value for fact in release.facts if fact.mark == SHOWN}
        found.append((sheet, replace(release, facts=facts)))
    return found

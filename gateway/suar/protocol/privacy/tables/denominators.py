"""Of whom the denominator of a table may be, and the readings in which the table is protected (docs/adr/0054).

The standard does not say what a denominator counts. A reader may take it for the total of the table, for those of whom
a breakdown is known, or for those of a code that all figures share (the men, in a table of men by age). In each of
these readings it is a number of the proof, shown like a cell and never hidden; and in one reading there is none.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from msgspec import UNSET
from msgspec.structs import replace

from suar.protocol.message.kinds import DIMENSIONS, Trend
from suar.protocol.privacy.proof.cells import UNKNOWN, Cell, Sheet, longer, other_than
from suar.protocol.privacy.proof.ledger import DENOMINATOR, NAMED, Fact, Release
from suar.protocol.privacy.proof.reader import OrderedReleases
from suar.protocol.privacy.tables.implied import Move, has_been_shown, is_exceeded, parts_of, total_moves

READINGS_MAX: Final = 12
"""Most numbers that one denominator may be; one that may be more is refused."""
SUMS_MAX: Final = 4_096
"""Most sums of figures that one denominator is compared with; one of which there are more is refused."""
_KNOWN: Final = other_than(())
"""The code of everybody who is not unknown in a breakdown."""
_SEVERAL: Final = Cell("", "", "", ())
"""The cell of a denominator over several sheets: of no cell of one of them."""

_ALL: Final = "all"
Taken = tuple[OrderedReleases, dict[Sheet, Release]]
"""What was released before, and the new message, as a reader takes their codes and denominators."""
Kind = tuple[str, tuple[str, ...]]
"""A way to take a denominator: of those known in a breakdown, or in all of them, or of a longer period or wider place;
and of the codes that all figures share in these breakdowns.
"""

TOTAL: Final[Kind] = ("", ())


def of_sheet(trend: Trend, cells: Sequence[Cell], *, is_alone: bool) -> Iterator[Fact]:
    """Yield the denominator, if there is one, as the ledger has it beside the cells of one sheet.

    `is_alone`: the trend has no other sheet.
    """
    if trend.denominator is not UNSET and trend.denominator:
        yield Fact(total_of(cells) if is_alone else _SEVERAL, trend.denominator, DENOMINATOR)


def total_of(cells: Sequence[Cell]) -> Cell:
    """Return the cell without breakdown of the shortest period and smallest place that contain all of these."""
    periods, places = {cell.period for cell in cells}, {(cell.admin1, cell.locode) for cell in cells}
    subdivisions = {cell.admin1 for cell in cells}
    period = periods.pop() if len(periods) == 1 else cells[0].period[:4]
    admin1, locode = places.pop() if len(places) == 1 else (subdivisions.pop() if len(subdivisions) == 1 else "", "")
    return Cell(period, admin1, locode, ())


def of_shared_codes(cells: Sequence[Cell]) -> Iterator[Cell]:
    """Yield the cells that contain all of these in their period and place: the total, and those of shared codes."""
    for (known, _), cell in _containing(total_of(cells), cells) if cells else ():
        if not known:
            yield cell


def _cells_of(release: Release) -> dict[Kind, Cell]:
    """Return the cells whose number the denominator of a message may be: one if the message names that number."""
    denominator = _denominator_of(release)
    if denominator is None or denominator.cell == _SEVERAL:
        return {}
    value = denominator.value or 0
    values = {fact.cell: fact.value for fact in release.figures()}
    every = dict(_containing(denominator.cell, list(values)))
    equal = {kind: cell for kind, cell in every.items() if values.get(cell) == value}
    if equal:
        return dict(list(equal.items())[:1])
    found = {kind: cell for kind, cell in every.items() if _may_be(cell, value, values)}
    if not found and values.get(denominator.cell) is not None:  # it is of none of that period and place
        found = {kind: cell for kind, cell in _wider(denominator.cell) if _may_be(cell, value, values)}
    return found


def is_ambiguous(release: Release) -> bool:
    """Whether the denominator may be more numbers than there are readings."""
    return len(set(_cells_of(release).values())) > READINGS_MAX


def is_moved(sheet: Sheet, new: Release, before: Sequence[Release], k: int) -> bool:
    """Whether a denominator differs by 1 to k-1 from an earlier one, or from the total of that period and place, also
    where that only follows from its parts.
    """
    denominator = _denominator_of(new)
    if denominator is None:
        return False
    others = [fact for release in (new, *before) for fact in release.facts if fact.cell == denominator.cell]
    if any(fact.value is not None and 0 < abs(fact.value - (denominator.value or 0)) < k for fact in others):
        return True
    return any(move.is_small(k) for move in _moves(sheet, denominator, new, before))


def is_below(sheet: Sheet, new: Release, before: Sequence[Release], k: int) -> bool:
    """Whether a denominator is less than what figures of its table and earlier ones add up to, not less than those of
    its own table, and near to what some of them add up to.

    Of 80 persons 60 were men, then 13 women "out of 61": whoever takes 61 for a new total of the 60 sees one more.
    """
    denominator = _denominator_of(new)
    if denominator is None:
        return False
    over = [
        move
        for move in _moves(sheet, denominator, new, before)
        if move.cell == denominator.cell and move.before > move.now
    ]
    own = [
        move for move in _moves(sheet, denominator, new, ()) if move.cell == denominator.cell and move.before > move.now
    ]
    if not over or own:
        return False
    value, has_total = denominator.value or 0, has_been_shown(denominator.cell, before)
    nearest = range(value - k + 1, value if has_total else value + k)  # beside a total of then, more tells no move
    return any(_may_add_up(nearest, value, parts) for parts in parts_of(denominator.cell, _values_of(new), before))


def _may_add_up(nearest: range, but: int, parts: Iterable[set[int]]) -> bool:
    """Whether some of the parts, in whatever edition, add up to one of these values, `but` aside. Of too many sums one
    is taken to do so.
    """
    sums: set[int] = set()
    for editions in parts:
        sums |= {together for one in (0, *sums) for part in editions if (together := one + part) < nearest.stop}
        if len(sums) > SUMS_MAX:
            return True
    return any(one in nearest and one != but for one in sums)


def _moves(sheet: Sheet, denominator: Fact, new: Release, before: Sequence[Release]) -> list[Move]:
    return [] if denominator.cell == _SEVERAL else total_moves(sheet, denominator, _values_of(new), before)


def _values_of(release: Release) -> dict[Cell, int]:
    return {fact.cell: fact.value for fact in release.figures() if fact.value is not None}


def is_changed(new: Release, before: Iterable[Release]) -> bool:
    """Whether a denominator is another than all earlier ones of that period and place."""
    denominator = _denominator_of(new)
    if denominator is None:
        return False
    same = {
        fact.value
        for release in before
        if (fact := _denominator_of(release)) is not None and fact.cell == denominator.cell
    }
    return bool(same) and denominator.value not in same


def readings(earlier: OrderedReleases, new: dict[Sheet, Release]) -> Iterator[tuple[Kind | None, Taken]]:
    """Yield the releases without their denominators, for None; then, for each kind, with each as one of the numbers
    that it may be.

    In one reading all are of one kind, as far as they can be.
    """
    releases = [*new.values(), *(release for _, release in earlier)]
    if all(_denominator_of(release) is None for release in releases):
        yield None, (earlier, new)
        return
    cells = {id(release): _cells_of(release) for release in releases}
    for separate in _of_their_own([*earlier, *((sheet, release) for sheet, release in new.items())], cells):
        cells[separate] = {}
    kinds: dict[tuple[Cell | None, ...], Kind] = {}  # some are of the same numbers, as in a table by sex alone
    for kind in dict.fromkeys(kind for own in cells.values() for kind in own):
        kinds.setdefault(tuple(own.get(kind) for own in cells.values()), kind)
    for way in (None, *list(kinds.values())[:READINGS_MAX]):
        yield (
            way,
            (
                [(sheet, _read(each, cells[id(each)], way)) for sheet, each in earlier],
                {sheet: _read(each, cells[id(each)], way) for sheet, each in new.items()},
            ),
        )


def _of_their_own(every: OrderedReleases, cells: Mapping[int, Mapping[Kind, Cell]]) -> set[int]:
    """Return the messages, by `id`, whose denominators are of their own periods and places, and no numbers of a longer
    or wider one: those of another period or place differ by little.

    312,345 in one month and 312,351 in the next are two populations, and no six persons who were added to the year.
    """
    values: dict[tuple[Sheet, Cell], list[tuple[Fact, Release]]] = {}
    for sheet, release in every:
        denominator = _denominator_of(release)
        if denominator is not None:
            for cell in set(cells[id(release)].values()) - {denominator.cell}:
                if not cell.dims:
                    values.setdefault((sheet, cell), []).append((denominator, release))
    return {
        id(release)
        for same in values.values()
        for (one, first), (other, second) in itertools.combinations(same, 2)
        if one.cell != other.cell and 0 < abs((one.value or 0) - (other.value or 0)) < max(first.k, second.k)
        for release in (first, second)
    }


def may_differ_from_total(kind: Kind, new: dict[Sheet, Release]) -> bool:
    """Whether the number of this kind may be another than the total: some figures are `unknown`, or lack the codes.

    Not for a longer period or a wider place, of which it is only read where it is not the total.
    """
    known, codes = kind
    figures = [dict(fact.cell.dims) for release in new.values() for fact in release.figures()]
    names = {name for dims in figures for name in dims} - set(codes) if known == _ALL else {known}
    return any(dims.get(name) == UNKNOWN for dims in figures for name in names) or any(
        name not in dims for dims in figures for name in codes
    )


def _denominator_of(release: Release) -> Fact | None:
    return next((fact for fact in release.facts if fact.mark == DENOMINATOR), None)


def _without(release: Release) -> Release:
    return replace(release, facts=tuple(fact for fact in release.facts if fact.mark != DENOMINATOR))


def _read(release: Release, cells: dict[Kind, Cell], way: Kind | None) -> Release:
    """Return a message with the denominator as the number of a cell, of this kind if it may be; with None as no number.

    `cells`: those whose number it may be.

    Where the table has its number, that is shown in every reading.
    """
    denominator = _denominator_of(release)
    rest = _without(release)
    if denominator is None or not cells:
        return rest
    first = next(iter(cells.values()))
    is_named = (first, denominator.value) in {(fact.cell, fact.value) for fact in rest.facts}
    if way is None and not is_named:
        return rest
    cell = first if way is None else cells.get(way, first)
    number = Fact(cell, denominator.value, NAMED if is_named else DENOMINATOR)
    return replace(rest, facts=(*(fact for fact in rest.facts if fact.cell != cell), number))


def _containing(whole: Cell, cells: Sequence[Cell]) -> Iterator[tuple[Kind, Cell]]:
    """Yield the cells of this period and place that contain all of `cells`, the widest first."""
    common = sorted(set.intersection(*(set(cell.dims) for cell in cells)))
    names = sorted({name for cell in cells for name, _ in cell.dims})
    for size in range(len(common) + 1):
        for some in itertools.combinations(common, size):
            of_code = tuple(name for name, _ in some)
            free = [name for name in names if name not in of_code]
            for kind, known in (("", []), (_ALL, free), *((name, [name]) for name in free)):
                codes = dict(some) | dict.fromkeys(known, _KNOWN)
                dims = tuple((name, codes[name]) for name in DIMENSIONS if name in codes)
                yield (kind, of_code), whole._replace(dims=dims)


def _wider(whole: Cell) -> Iterator[tuple[Kind, Cell]]:
    """Yield the cells of longer periods and wider places."""
    periods = [whole.period, *(period for period, _ in longer(whole.period))]
    places = dict.fromkeys([(whole.admin1, whole.locode), (whole.admin1, ""), ("", "")])
    for period, (admin1, locode) in itertools.product(dict.fromkeys(periods), places):
        if (period, admin1, locode) != whole[:3]:
            steps = f"{len(period)} {bool(admin1)} {bool(locode)}"
            yield (steps, ()), Cell(period, admin1, locode, ())


def _may_be(cell: Cell, value: int, values: dict[Cell, int | None]) -> bool:
    """Whether a number may be that of a cell beside the true ones of its table: not below its parts, nor above the
    same with those who are unknown.
    """
    known = [name for name, code in cell.dims if code == _KNOWN]
    plain = cell._replace(dims=tuple(pair for pair in cell.dims if pair[1] != _KNOWN))
    above = values.get(plain)
    if above is not None and not (known and value <= above):  # a cell that is named has another value
        return False
    inside = {
        each: count or 0
        for each, count in values.items()
        if all(dict(each.dims).get(name, UNKNOWN) != UNKNOWN for name in known)
    }
    return not is_exceeded(plain, value, inside)

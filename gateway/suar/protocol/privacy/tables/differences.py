"""Totals of a submitted table that differ from the sum of their parts.

A total is below its parts if it is wrong, or if the parts overlap or are rounded. A total above its parts differs from
them if they are complete (both sexes with other and unknown, the halves of a year); else it leaves a rest, which is
reported if only `other` or `unknown` is missing, or if it is small. A count is also compared with
what earlier tables of the same member show of a part of it, or of what contains it: their hidden counts have no effect.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Final, NamedTuple

from msgspec import Struct

from suar.protocol.base.codelists import TOTAL
from suar.protocol.base.reasons import Reason
from suar.protocol.base.sentences import sentence
from suar.protocol.message.kinds import Observation, Trend
from suar.protocol.privacy.proof.axes import EVERYBODY, PERIOD, Path, leaves, of_code, of_period, rest_codes
from suar.protocol.privacy.proof.cells import (
    MOVED_PROVINCES,
    OTHER,
    Cell,
    Sheet,
    above,
    cell_of,
    longer,
    path_of,
    regions_of,
    sheet_of,
)
from suar.protocol.privacy.tables.divisions import PLACE, PORT, divisions, is_somewhere, point_of
from suar.protocol.privacy.tables.implied import is_everything

CODE: Final = "E-PRIVACY-SUM"
REASONS_MAX: Final = 20  # maximum number of reasons for one message; the table of the verdict contains every difference
NAMED: Final = 5  # maximum number of parts that a reason names
_OF_TWO_REGIONS: Final = frozenset(province for moved in MOVED_PROVINCES for province in moved)


class Difference(Struct, frozen=True):
    """A total that differs from `together`, the sum of its parts. Total and parts: indexes in the message."""

    at: int
    parts: tuple[int, ...]
    total: int
    together: int

    @property
    def by(self) -> int:
        """The difference."""
        return abs(self.total - self.together)


def differences(trend: Trend) -> tuple[Difference, ...]:
    """Return every sum of a message whose total and parts have values that differ, in the order of the totals."""
    return differences_and_rests(trend, 0)[0]


def differences_and_rests(trend: Trend, k: int) -> tuple[tuple[Difference, ...], tuple[Difference, ...]]:
    """Return the sums that differ, and the totals that leave a rest which is below k or of a category not given."""
    sheets: dict[Sheet, dict[Cell, int]] = {}
    for at, observation in enumerate(trend.obs):
        sheets.setdefault(sheet_of(trend, observation), {}).setdefault(cell_of(observation), at)
    found: tuple[list[Difference], list[Difference]] = ([], [])
    for indexes in sheets.values():
        for each, is_rest in _of_sheet(trend, indexes, k):
            found[is_rest].append(each)
    differing, rests = (sorted(each, key=lambda one: (one.at, one.parts)) for each in found)
    return tuple(differing), tuple(rests)


def _of_sheet(trend: Trend, indexes: dict[Cell, int], k: int) -> Iterator[tuple[Difference, bool]]:
    wrong = set[Cell]()
    for parent, axis, members, is_all in _divisions(indexes):
        found = _difference(trend, indexes, parent, members)
        if found is None:
            continue
        if found.together > found.total or is_exhausted(parent, axis, members):
            wrong.add(parent)
            yield found, False
        elif is_all and (found.by < k or _is_rest_unnamed(parent, axis, members)):
            yield found, True
    for parent, members in divisions(indexes):
        found = None if parent in wrong else _difference(trend, indexes, parent, members)
        is_of_several = found is not None and _has_several_axes(parent, members[0])
        if found and is_of_several and (found.together > found.total or is_everything(parent, members)):
            yield found, False


def _difference(trend: Trend, indexes: Mapping[Cell, int], parent: Cell, members: Iterable[Cell]) -> Difference | None:
    """Return the difference of a total from its parts; None if there is none, or a value is missing."""
    total = trend.obs[indexes[parent]].value
    parts = tuple(sorted(indexes[cell] for cell in members))
    values = [value for at in parts if (value := trend.obs[at].value) is not None]
    if total is None or len(values) < len(parts) or sum(values) == total:
        return None
    return Difference(indexes[parent], parts, total, sum(values))


def _has_several_axes(parent: Cell, part: Cell) -> bool:
    """Whether a part is finer on several axes, as in a table by sex and age that has only its grand total."""
    return len(set(point_of(part)) - set(point_of(parent))) > 1


def _divisions(cells: Iterable[Cell]) -> Iterator[tuple[Cell, str, tuple[Cell, ...], bool]]:
    """Yield every total with its axis and disjoint parts, of one level or of several levels (0-8, 9-17, 18+).

    The last value is whether the parts are all widest or all finest ones, and not those of one level alone.
    """
    known = set(cells)
    below: dict[tuple[Cell, str], dict[Path, Cell]] = {}
    for cell in sorted(known):
        for parent, axis in _wider(cell):
            if parent in known:
                below.setdefault((parent, axis), {})[_path(cell, axis)] = cell
    for (parent, axis), parts in below.items():
        levels = {len(path) for path in parts}
        top = [path for path in parts if not any(path[:n] in parts for n in range(len(path)))]
        finest = [path for path in parts if not any(other != path and other[: len(path)] == path for other in parts)]
        by_level = ([path for path in parts if len(path) == level] for level in levels)
        for chosen in dict.fromkeys(map(frozenset, (top, finest, *by_level))):
            is_all = chosen in (frozenset(top), frozenset(finest))
            yield parent, axis, tuple(parts[path] for path in parts if path in chosen), is_all


def is_exhausted(parent: Cell, axis: str, parts: Iterable[Cell]) -> bool:
    """Whether the parts are complete by the code lists and the calendar."""
    counts = [leaves(axis, _path(part, axis)) for part in parts]
    whole = leaves(axis, _path(parent, axis))
    return whole is not None and None not in counts and sum(count or 0 for count in counts) == whole


def _is_rest_unnamed(parent: Cell, axis: str, parts: Iterable[Cell]) -> bool:
    """Whether the rest of the parts is of the codes `other` or `unknown` alone, which have no row."""
    paths = [_path(part, axis) for part in parts]
    counts = [leaves(axis, path) for path in paths]
    whole = leaves(axis, _path(parent, axis))
    if whole is None or None in counts or _path(parent, axis):
        return False
    unnamed = rest_codes(axis) - {path[0] for path in paths}
    return sum(count or 0 for count in counts) + len(unnamed) == whole


def _wider(cell: Cell) -> Iterator[tuple[Cell, str]]:
    """Yield the cells that contain a cell on one axis, at any level."""
    for name, _ in cell.dims:
        rest = tuple(pair for pair in cell.dims if pair[0] != name)
        yield cell._replace(dims=rest), name
        for code in _path(cell, name)[:-1]:
            yield cell._replace(dims=tuple((key, code if key == name else own) for key, own in cell.dims)), name
    path = of_period(cell.period)
    for length in range(len(path)):
        year = cell.period[:4]
        yield cell._replace(period=f"{year}-{path[length - 1]}" if length else year), PERIOD
    if is_somewhere(cell):
        yield cell._replace(locode=""), PORT
        return
    if cell.locode:
        yield cell._replace(locode=""), PLACE
    for region in regions_of(cell.admin1):
        yield cell._replace(locode="", admin1=region), PLACE
    if cell.locode or cell.admin1:
        yield cell._replace(locode="", admin1=""), PLACE


def _path(cell: Cell, axis: str) -> Path:
    if axis == PERIOD:
        return of_period(cell.period)
    if axis == PLACE:
        return path_of(cell.admin1, cell.locode)
    if axis == PORT:
        return (cell.locode,) if cell.locode else EVERYBODY
    code = dict(cell.dims).get(axis)
    return EVERYBODY if code is None else of_code(axis, code)


def warnings(obs: Sequence[Observation], found: tuple[Difference, ...]) -> Iterator[Reason]:
    """Yield a warning for each difference, at most `REASONS_MAX`, then one with the number of further differences."""
    hint = sentence(
        "correct the number that is wrong; the table may leave as it is where both are right, as with rounded counts"
    )
    for each in found[:REASONS_MAX]:
        text = sentence(
            "the total differs from its parts by {by}: it is {total}, together they are {together}",
            by=each.by, total=each.total, together=each.together,
        )  # fmt: skip
        named = tuple(cell_of(obs[at]).as_value() for at in each.parts[:NAMED])
        yield Reason.of(CODE, None, f"$.obs[{each.at}].value", text, hint, named)
    more = len(found) - REASONS_MAX
    if more > 0:
        yield Reason.of(
            CODE, None, "$.obs", sentence("further totals differ from their parts: {more}", more=more), hint
        )


def rest_warnings(obs: Sequence[Observation], found: Sequence[Difference], k: int) -> Iterator[Reason]:
    """Yield a warning for each total that leaves a rest, at most `REASONS_MAX`: it may be meant, or be an error."""
    hint = sentence("the table may leave as it is if that many are of no category in it; else correct the wrong number")
    for each in found[:REASONS_MAX]:
        text = sentence(
            "the total is {by} more than its parts: it is {total}, together they are {together}; "
            "either {by2} are of no category in the table, or a number is wrong",
            by=each.by, total=each.total, together=each.together, by2=each.by,
        )  # fmt: skip
        if each.by < k:
            text = sentence(
                "the total is {by} more than its parts: it is {total}, together they are {together}; "
                "this rest is small, so counts beside it are hidden to protect it",
                by=each.by, total=each.total, together=each.together,
            )  # fmt: skip
        named = tuple(cell_of(obs[at]).as_value() for at in each.parts[:NAMED])
        yield Reason.of(CODE, None, f"$.obs[{each.at}].value", text, hint, named)


# -- earlier tables


class Shown(NamedTuple):
    """A count that an earlier table of this member shows, with the id of its message."""

    id: str
    cell: Cell
    value: int


class Contradicted(Struct, frozen=True):
    """A count of a message (its index) and one that an earlier table shows, of which the part is above the whole."""

    at: int
    by: Shown


def contradicted(trend: Trend, earlier: Iterable[Trend]) -> tuple[Contradicted, ...]:
    """Return the counts that contradict one that an earlier table shows, each with one of these.

    `earlier`: tables of this member as they were sent, oldest first; of two that show a cell the newer one counts. A
    cell that the trend names itself is taken from the trend.
    """
    own: dict[Sheet, dict[Cell, int]] = {}
    for at, observation in enumerate(trend.obs):
        own.setdefault(sheet_of(trend, observation), {}).setdefault(cell_of(observation), at)
    shown: dict[Sheet, dict[Cell, Shown]] = {sheet: {} for sheet in own}
    for table in earlier:
        for observation in table.obs:
            sheet, cell, value = sheet_of(table, observation), cell_of(observation), observation.value
            if value is not None and sheet in own and cell not in own[sheet]:
                shown[sheet][cell] = Shown(table.id, cell, value)
    found: dict[int, Contradicted] = {}
    for sheet, indexes in own.items():
        for each in _contradictions(trend, indexes, shown[sheet]):
            found.setdefault(each.at, each)
    return tuple(found[at] for at in sorted(found))


def _contradictions(trend: Trend, indexes: Mapping[Cell, int], shown: Mapping[Cell, Shown]) -> Iterator[Contradicted]:
    for cell, at in indexes.items() if shown else ():
        value = trend.obs[at].value
        for whole in _containing(cell) if value is not None else ():
            if whole in shown and shown[whole].value < (value or 0):
                yield Contradicted(at, shown[whole])
    for part in shown.values():
        for whole in _containing(part.cell):
            value = trend.obs[indexes[whole]].value if whole in indexes else None
            if value is not None and value < part.value:
                yield Contradicted(indexes[whole], part)


def _containing(cell: Cell) -> Iterator[Cell]:
    """Yield the other cells that contain a cell, on any number of axes.

    `other` is whatever its table does not list, so a cell of that code is compared with totals alone; a province that
    some lists assign to another region is compared with the country alone.
    """
    periods = [cell.period, *dict.fromkeys(period for period, _ in longer(cell.period))]
    areas = [(cell.admin1, cell.locode), (cell.admin1, ""), ("", "")]
    areas += [(region, "") for region in regions_of(cell.admin1) if cell.admin1 not in _OF_TWO_REGIONS]
    codes = [_codes_above(name, code) for name, code in cell.dims]
    for period, (admin1, locode), dims in product(periods, dict.fromkeys(areas), product(*codes)):
        whole = Cell(period, admin1, locode, tuple(pair for pair in dims if pair is not None))
        if whole != cell and not any(code == OTHER for _, code in whole.dims):
            yield whole


def _codes_above(name: str, code: str) -> list[tuple[str, str] | None]:
    """Return the code of a breakdown and those that contain it; None for every code."""
    wider = [(name, level) for level, _ in above(name, code) if level != TOTAL]
    return [(name, code), *dict.fromkeys(wider), None]


def contradictions(found: Sequence[Contradicted]) -> Iterator[Reason]:
    """Yield a warning for each count that an earlier table contradicts, at most `REASONS_MAX`."""
    hint = sentence("no count is less than a part of it: correct the number that is wrong, here or there")
    for each in found[:REASONS_MAX]:
        cell = each.by.cell.as_value()
        text = sentence(
            "{message} says {value} for {cell}: one of the two is wrong",
            message=each.by.id, value=each.by.value, cell=cell,
        )  # fmt: skip
        yield Reason.of(CODE, None, f"$.obs[{each.at}].value", text, hint, (cell,))

"""Coarser versions of a table that would hide fewer figures, by merges that keep the meaning of the figures.

Months are merged into quarters, age bands into children or adults, divisions of ISIC into sections, locations into
their country, rare citizenships into `other`; or a breakdown is omitted. Other merges have no clear meaning, such as
`other` with a named form of exploitation. Each version must be protected like the table itself, so they are computed
only on request, before publication.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Final, NamedTuple

from msgspec import UNSET
from msgspec.structs import replace

from suar.protocol.base.codelists import TOTAL
from suar.protocol.message.kinds import Observation, Trend
from suar.protocol.privacy.proof.axes import CITIZENSHIP, EVERYBODY, PERIOD, Path, leaves, of_code, of_period
from suar.protocol.privacy.proof.cells import cell_of, path_of
from suar.protocol.privacy.proof.draws import PUBLIC, Draw
from suar.protocol.privacy.proof.ledger import Released
from suar.protocol.privacy.tables.divisions import is_somewhere
from suar.protocol.privacy.tables.implied import is_everything
from suar.protocol.privacy.tables.protecting import Unprotectable, protect
from suar.protocol.privacy.tables.shown import Coarser, Table

CELLS_MAX: Final = 300  # maximum number of cells of a coarser table that is tried
TRIED_MAX: Final = 5
OTHER: Final = "other"
MEANS: Final = "means"
PERIODS: Final = (("quarter", 2), ("half", 1), ("year", 0))
_LEVELS: Final = {"age": "age-groups", "industry": "sections"}


class _Step(NamedTuple):
    """One way to coarsen: an observation's path, the depth up to which it is kept, and the change."""

    path: Callable[[Observation], Path]
    depth: int
    change: Callable[[Observation], Observation]


class _Candidate(NamedTuple):
    by: str
    dimension: str
    trend: Trend


def coarser(
    trend: Trend, k: int, released: Released | None = None, draw: Draw = PUBLIC, *,
    may_go_on: Callable[[], bool] = lambda: True,
) -> tuple[Coarser, ...]:  # fmt: skip
    """Return the coarser tables that can be sent, the fewest hidden figures first; at most `TRIED_MAX` are tried.

    `may_go_on`: asked before each table; once it says no, no further one is tried.
    """
    candidates = [each for each in _candidates(trend, k) if len(each.trend.obs) <= CELLS_MAX]
    candidates.sort(key=lambda each: (_small(each.trend, k), -len(each.trend.obs)))
    found = []
    for each in candidates[:TRIED_MAX]:
        if not may_go_on():
            break
        try:
            hidden = protect(each.trend, k, released, draw).suppressed
        except Unprotectable:
            continue
        found.append(Coarser(each.by, each.dimension, len(each.trend.obs), hidden))
    return tuple(sorted(found, key=lambda each: (each.hidden, -each.cells)))


def with_coarser(
    table: Table, trend: Trend, k: int, released: Released | None = None, draw: Draw = PUBLIC, *,
    may_go_on: Callable[[], bool] = lambda: True,
) -> Table:  # fmt: skip
    """Return the table with the coarser versions that would hide a smaller part of their figures.

    If the table cannot be sent, return all versions that can; if it hides nothing, return none. `may_go_on`: as of
    `coarser`.
    """
    is_needed = bool(table.hidden) or table.after is None
    found = coarser(trend, k, released, draw, may_go_on=may_go_on) if is_needed else ()
    if table.after is not None:  # otherwise every version that can be sent is useful
        found = tuple(each for each in found if each.hidden * len(trend.obs) < len(table.hidden) * each.cells)
    return replace(table, coarser=found) if is_needed else table


def coarsened(
    obs: tuple[Observation, ...], dims: tuple[str, ...], k: int, by: str, dimension: str
) -> tuple[tuple[Observation, ...], tuple[str, ...]] | None:
    """Return the observations and dimensions of the coarser table that an advice names; None if there is none."""
    for way, name, step in _steps(obs, dims, k):
        if (way, name) == (by, dimension):
            found = merged(obs, step)
            left = tuple(each for each in dims if way != "without" or each != name)
            return (found, left) if 0 < len(found) < len(obs) else None
    return None


def _small(trend: Trend, k: int) -> int:
    return sum(item.value is not None and item.value < k for item in trend.obs)


def _candidates(trend: Trend, k: int) -> Iterator[_Candidate]:
    for by, dimension, step in coarser_steps(trend, k):
        obs = merged(trend.obs, step)
        if 0 < len(obs) < len(trend.obs):
            left = tuple(name for name in trend.dims or () if by != "without" or name != dimension)
            yield _Candidate(by, dimension, replace(trend, obs=obs, dims=left or UNSET))


def coarser_steps(trend: Trend, k: int) -> Iterator[tuple[str, str, _Step]]:
    """Yield the ways to make a table coarser, finest first: the change, its dimension and the step."""
    return _steps(trend.obs, trend.dims or (), k)


def _steps(obs: Sequence[Observation], dims: Sequence[str], k: int) -> Iterator[tuple[str, str, _Step]]:
    for by, depth in PERIODS:
        if _is_whole(obs, depth):
            yield by, "", _period(depth)
    steps = [] if _may_overlap(obs) else [("country", "", _Step(_place, 0, _at_country))]
    for name in dims:
        steps.append(("without", name, _Step(_where(name), 0, _with_code(name, lambda _: None))))
        if name in _LEVELS:
            steps.append((_LEVELS[name], name, _Step(_where(name), 1, _with_code(name, partial(_top, name)))))
    yield from (each for each in steps if _is_true(obs, each[2], each[1]))
    rare = _rare(obs, dims, k)
    if rare:
        yield "rare-as-other", CITIZENSHIP, _Step(_where(CITIZENSHIP), -1, _with_code(CITIZENSHIP, _into_other(rare)))


def _is_true(obs: Iterable[Observation], step: _Step, name: str) -> bool:
    """Whether each coarser figure is in the table, or is the sum of codes that are everything in it: by their list, or
    since all codes add up to their total in the table.

    Without that the sum is a smaller number than the one that it would be named as; persons may be under several means.
    """
    obs = tuple(obs)
    for items in _groups(obs, step):
        if any(len(step.path(item)) <= step.depth for item in items):
            continue
        tops = _tops(items, step)
        if name == MEANS or not (
            is_everything(cell_of(step.change(tops[0])), map(cell_of, tops)) or _is_listed(obs, tops[0], step, name)
        ):
            return False
    return True


def _is_listed(obs: Iterable[Observation], item: Observation, step: _Step, name: str) -> bool:
    """Whether the codes beside that of an observation add up to their total, which is in the table."""
    change = _with_code(name, lambda _: None) if name else _at_country
    same = [each for each in obs if change(each).dims == change(item).dims and each.period == item.period]
    same = [each for each in same if change(each).place == change(item).place]
    whole = next((each.value for each in same if not step.path(each)), None)
    values = [each.value for each in _tops([each for each in same if step.path(each)], step)]
    return whole is not None and None not in values and sum(value or 0 for value in values) == whole


def _groups(obs: Iterable[Observation], step: _Step) -> list[list[Observation]]:
    groups: dict[object, list[Observation]] = {}
    for item in obs:
        new = step.change(item)
        groups.setdefault((new.place, cell_of(new)), []).append(item)
    return list(groups.values())


def merged(obs: Iterable[Observation], step: _Step) -> tuple[Observation, ...]:
    """Return the coarser observations; a submitted coarser observation replaces those within it."""
    found = []
    for items in _groups(obs, step):
        whole = next((item for item in items if len(step.path(item)) <= step.depth), None)
        found.append(step.change(whole) if whole is not None else _sum(items, step))
    return tuple(found)


def _sum(items: list[Observation], step: _Step) -> Observation:
    """Return the sum of the observations that are not contained in others."""
    tops = _tops(items, step)
    values = [item.value for item in tops if item.value is not None]
    new = step.change(tops[0])
    if len(values) < len(tops):
        is_hidden = any(item.status == "S" for item in tops)
        return replace(new, value=None, status="S" if is_hidden else "M")
    return replace(new, value=sum(values))


def _tops(items: list[Observation], step: _Step) -> list[Observation]:
    paths = {step.path(item) for item in items}
    return [item for item in items if not any(step.path(item)[:n] in paths for n in range(len(step.path(item))))]


# -- periods and locations


def _period(depth: int) -> _Step:
    def change(item: Observation) -> Observation:
        path = of_period(item.period)
        year = item.period[:4]
        return item if len(path) <= depth else replace(item, period=f"{year}-{path[depth - 1]}" if depth else year)

    return _Step(lambda item: of_period(item.period), depth, change)


def _is_whole(obs: Iterable[Observation], depth: int) -> bool:
    """Whether the periods of the table completely cover each longer period that they would be merged into."""
    paths = {(item.period[:4], of_period(item.period)) for item in obs}
    longer = {(year, path[:depth]) for year, path in paths if len(path) > depth}
    return all(_is_filled(parent, {path for at, path in paths if at == year}) for year, parent in longer)


def _is_filled(parent: Path, paths: set[Path]) -> bool:
    if parent in paths:
        return True
    inside = {path for path in paths if path[: len(parent)] == parent}
    tops = [path for path in inside if not any(path[:n] in inside for n in range(len(path)))]
    return sum(leaves(PERIOD, path) or 0 for path in tops) == leaves(PERIOD, parent)


def _place(item: Observation) -> Path:
    cell = cell_of(item)
    return path_of(cell.admin1, cell.locode)


def _may_overlap(obs: Iterable[Observation]) -> bool:
    """Whether ports may be within other locations that have figures, so that their sum is unknown."""
    cells = [cell_of(item) for item in obs]
    return any(is_somewhere(cell) for cell in cells) and any(cell.admin1 for cell in cells)


def _at_country(item: Observation) -> Observation:
    return replace(item, place=replace(item.place, admin1=UNSET, locode=UNSET))


# -- breakdowns


def _code(item: Observation, name: str) -> str:
    code = getattr(item.dims, name)
    return TOTAL if code is UNSET else code


def _where(name: str) -> Callable[[Observation], Path]:
    def path(item: Observation) -> Path:
        code = _code(item, name)
        return EVERYBODY if code == TOTAL else of_code(name, code)

    return path


def _with_code(name: str, new: Callable[[str], str | None]) -> Callable[[Observation], Observation]:
    def change(item: Observation) -> Observation:
        code = new(_code(item, name))
        return replace(item, dims=replace(item.dims, **{name: UNSET if code is None else code}))

    return change


def _top(name: str, code: str) -> str:
    return code if code == TOTAL else of_code(name, code)[0]


def _rare(obs: Sequence[Observation], dims: Sequence[str], k: int) -> frozenset[str]:
    """Return the citizenships with a small count, if there are at least two and others remain."""
    if CITIZENSHIP not in dims:
        return frozenset()
    named = {_code(item, CITIZENSHIP) for item in obs}
    countries = named - {TOTAL, OTHER, "unknown"}
    small = {_code(item, CITIZENSHIP) for item in obs if item.value is not None and item.value < k}
    rare = countries & small
    is_sensible = rare != countries and len(rare | (named & {OTHER})) > 1
    return frozenset(rare) if is_sensible else frozenset()


def _into_other(rare: frozenset[str]) -> Callable[[str], str | None]:
    return lambda code: OTHER if code in rare else code

"""Totals that differ from the sum of their parts, before anything is hidden.

A total below its parts is wrong, or the parts overlap or are rounded. One above them is looked at only where the parts
are all there are (both sexes with other and unknown, the halves of a year): elsewhere the rest is not listed.
"""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from suar.protocol.kinds import Trend
from suar.protocol.privacy.axes import PERIOD, of_code, of_period
from suar.protocol.privacy.axes import leaves as finest
from suar.protocol.privacy.cells import Cell, Sheet, Sum, cell_of, sheet_of, sums
from suar.protocol.reasons import Reason

CODE: Final = "E-PRIVACY-SUM"
TOLD: Final = 20  # reasons of one message; the table of the verdict has every difference
NAMED: Final = 5  # parts that a reason names


class Difference(Struct, frozen=True):
    """A total (its place in the message) that is not what its parts (theirs) are `together`."""

    at: int
    parts: tuple[int, ...]
    total: int
    together: int

    @property
    def by(self) -> int:
        """How far apart they are."""
        return abs(self.total - self.together)


def differences(trend: Trend) -> tuple[Difference, ...]:
    """Every sum of a message whose total and parts are all given and do not agree, in the order of the totals."""
    sheets: dict[Sheet, dict[Cell, int]] = {}
    for at, observation in enumerate(trend.obs):
        sheets.setdefault(sheet_of(trend, observation), {}).setdefault(cell_of(observation), at)
    found = [each for places in sheets.values() for each in _of_sheet(trend, places)]
    return tuple(sorted(found, key=lambda each: (each.at, each.parts)))


def _of_sheet(trend: Trend, places: dict[Cell, int]) -> Iterator[Difference]:
    for each in sums(places):
        total = trend.obs[places[each.parent]].value
        parts = tuple(places[part] for part in each.parts)
        values = [value for at in parts if (value := trend.obs[at].value) is not None]
        if total is None or len(values) < len(parts):
            continue
        together = sum(values)
        if together > total or (together < total and is_exhausted(each)):
            yield Difference(places[each.parent], parts, total, together)


def is_exhausted(each: Sum) -> bool:
    """Whether the parts are all that the parent can have, by the lists of codes and the calendar."""
    axis = _axis(each.parent, each.parts[0])
    counts = [None if axis is None else finest(axis, _path(part, axis)) for part in each.parts]
    whole = None if axis is None else finest(axis, _path(each.parent, axis))
    return whole is not None and None not in counts and sum(count or 0 for count in counts) == whole


def _axis(parent: Cell, part: Cell) -> str | None:
    """By what a part is finer than its parent; None for places, which nobody can count."""
    if parent.period != part.period:
        return PERIOD
    return next((name for name, code in part.dims if (name, code) not in parent.dims), None)


def _path(cell: Cell, axis: str) -> tuple[str, ...]:
    if axis == PERIOD:
        return of_period(cell.period)
    code = dict(cell.dims).get(axis)
    return () if code is None else of_code(axis, code)


def warnings(trend: Trend, found: tuple[Difference, ...]) -> Iterator[Reason]:
    """What the author is told: a warning for each, at most `TOLD` and how many more there are."""
    hint = "correct the number that is wrong; the table may leave as it is where both are right, as with rounded counts"
    for each in found[:TOLD]:
        text = (
            f"the total differs from its parts by {each.by}: it is {each.total}, together they are {each.together}"
        )  # fmt: skip
        named = tuple(cell_of(trend.obs[at]).words() for at in each.parts[:NAMED])
        yield Reason(CODE, None, f"$.obs[{each.at}].value", text, hint, named)
    more = len(found) - TOLD
    if more > 0:
        yield Reason(CODE, None, "$.obs", f"{more} further totals differ from their parts", hint)

"""Bounds propagation: each hidden number lies between what the others of its sum leave at least and at most.

Quick and never wrong where it says that an interval is narrow; an interval that it leaves wide may still be narrow.
"""

from collections.abc import Mapping, Sequence
from typing import Final

PASSES: Final = 3  # it finds the plain cases; the exact audit finds the rest

Equation = tuple[dict[int, int], int]
"""Coefficients of 1 and -1 by variable, and the right side."""


def propagate(
    low: list[int], high: list[int | None], equations: Sequence[Equation], widths: Mapping[int, int]
) -> tuple[list[int], int]:
    """The variables that are certainly narrower than their width, and the entries touched. Changes the bounds."""
    work = 0
    for _ in range(PASSES):
        moved = False
        for coefficients, right in equations:
            work += len(coefficients)
            moved |= _tighten(coefficients, right, low, high)
        if not moved:
            break
    found = []
    for i, width in widths.items():
        top = high[i]
        if top is not None and top - low[i] < width:
            found.append(i)
    return found, work


def _tighten(coefficients: dict[int, int], right: int, low: list[int], high: list[int | None]) -> bool:
    """sum(c x) = right: each c x is at most right - the least of the others, at least right - the most of them."""
    ends = {i: _ends(c, low[i], high[i]) for i, c in coefficients.items()}
    open_least = sum(least is None for least, _ in ends.values())
    open_most = sum(most is None for _, most in ends.values())
    sum_least = sum(least or 0 for least, _ in ends.values())
    sum_most = sum(most or 0 for _, most in ends.values())
    moved = False
    for i, c in coefficients.items():
        least, most = ends[i]
        if open_least == (least is None):
            limit = right - sum_least + (least or 0)
            moved |= _cap(i, limit, high) if c > 0 else _lift(i, -limit, low)
        if open_most == (most is None):
            limit = right - sum_most + (most or 0)
            moved |= _lift(i, limit, low) if c > 0 else _cap(i, -limit, high)
    return moved


def _ends(c: int, low: int, high: int | None) -> tuple[int | None, int | None]:
    """The least and the most of c x; None without end."""
    if c > 0:
        return low, high
    return None if high is None else -high, -low


def _cap(i: int, limit: int, high: list[int | None]) -> bool:
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

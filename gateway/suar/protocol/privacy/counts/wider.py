"""The cells that contain a cell: with fewer breakdowns, a longer period or a wider location."""

from collections.abc import Iterator
from itertools import chain, combinations

from suar.protocol.privacy.counts.everything import Key
from suar.protocol.privacy.proof.axes import of_code
from suar.protocol.privacy.proof.cells import Cell


def wider_cells(key: Key) -> Iterator[Key]:
    """Yield the other cells that contain a cell: with fewer breakdowns, a longer period or a wider location."""
    role, country, cell = key
    for period in _periods(cell.period):
        for admin1, locode in dict.fromkeys([(cell.admin1, cell.locode), (cell.admin1, ""), ("", "")]):
            for dims in _breakdowns(cell.dims):
                wider = Cell(period, admin1, locode, dims)
                if wider != cell:
                    yield role, country, wider


def year_before(period: str) -> str:
    """Return the same period of the year before: 2024-Q1 of 2025-Q1."""
    return f"{int(period[:4]) - 1}{period[4:]}"


def _breakdowns(dims: tuple[tuple[str, str], ...]) -> Iterator[tuple[tuple[str, str], ...]]:
    for some in chain.from_iterable(combinations(dims, size) for size in range(len(dims) + 1)):
        yield some
        for at, (name, code) in enumerate(some):
            level = of_code(name, code)[0]
            if level != code:
                yield (*some[:at], (name, level), *some[at + 1 :])


def _periods(period: str) -> Iterator[str]:
    yield period
    year, _, part = period.partition("-")
    if part.isdigit():
        month = int(part)
        yield f"{year}-Q{(month + 2) // 3}"
        yield f"{year}-H{(month + 5) // 6}"
    elif part.startswith("Q"):
        yield f"{year}-H{(int(part[1:]) + 1) // 2}"
    if part:
        yield year

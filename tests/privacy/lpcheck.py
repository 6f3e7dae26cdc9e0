"""An independent look at published tables: what linear programming (scipy) finds out about a suppressed cell.

It knows nothing of suar.protocol.privacy. It reads messages as any reader gets them, adds up along each dimension, over
months, quarters, half-years and subdivisions, and asks for the least and the most that each suppressed cell can be. A
cell that two messages hide is one unknown where its true value did not change, as a reader would guess.
"""

import itertools
from collections import defaultdict
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import block_diag, csr_matrix

Table = dict[str, Any]
Cell = tuple[Any, ...]
ENDLESS = 10.0**6  # far above every count of the tests
PARTS = {"": ["H1", "H2"], "H1": ["Q1", "Q2"], "H2": ["Q3", "Q4"], "Q1": ["01", "02", "03"]}


def cell_of(observation: dict[str, Any]) -> Cell:
    """Period, subdivision and breakdown without totals."""
    dims = frozenset((name, code) for name, code in observation["dims"].items() if code != "total")
    return observation["period"], observation["place"].get("admin1", ""), dims


def intervals(
    messages: list[Table], truths: list[list[int | None]], *, small: int | None = None
) -> dict[tuple[Cell, int | None], tuple[float, float]] | None:
    """The feasible interval of every suppressed cell of the messages, by cell and true value; None: nothing fits.

    `small`: the reader also knows which cells are hidden for their own count, at most this.
    """
    versions = [
        {cell_of(o): (cell_of(o), true) for o, true in zip(m["obs"], truth, strict=True)}
        for m, truth in zip(messages, truths, strict=True)
    ]
    shown: dict[tuple[Cell, int | None], int] = {}
    hidden: dict[tuple[Cell, int | None], int] = {}
    for message, version in zip(messages, versions, strict=True):
        for o in message["obs"]:
            if o["value"] is not None:
                shown[version[cell_of(o)]] = o["value"]
    for message, version in zip(messages, versions, strict=True):
        for o in message["obs"]:
            if o["value"] is None and version[cell_of(o)] not in shown:
                hidden.setdefault(version[cell_of(o)], len(hidden))
    latest = {cell: number for version in versions for cell, number in version.items()}
    rows, right = [], []
    for version in [*versions, latest]:
        for parent, parts in lines(list(version)):
            row: dict[int, int] = defaultdict(int)
            known = 0
            for cell, sign in [(parent, 1), *((part, -1) for part in parts)]:
                number = version[cell]
                if number in shown:
                    known += sign * shown[number]
                else:
                    row[hidden[number]] += sign
            true = [version[part][1] for part in parts]
            exact = None not in true and version[parent][1] == sum(t or 0 for t in true)
            if row and exact:
                rows.append(row)
                right.append(-known)
    bounds = [
        (0, small if small is not None and number[1] is not None and number[1] <= small else None) for number in hidden
    ]
    return _solve(hidden, rows, right, bounds)


def lines(cells: list[Cell]) -> list[tuple[Cell, list[Cell]]]:
    """Every total with its parts, along each dimension, over periods and over subdivisions."""
    known, found = set(cells), defaultdict(list)
    for period, admin1, dims in cells:
        for pair in dims:
            parent = (period, admin1, dims - {pair})
            if parent in known:
                found[parent, pair[0]].append((period, admin1, dims))
        if admin1 and (period, "", dims) in known:
            found[(period, "", dims), "admin1"].append((period, admin1, dims))
    for parent in cells:
        year, rest = parent[0][:4], parent[0][5:]
        parts = [(f"{year}-{part}", *parent[1:]) for part in PARTS.get(rest, [])]
        if parts and all(part in known for part in parts):
            found[parent, "period"] = parts
    return [(parent, parts) for (parent, _), parts in found.items()]


def _solve(
    hidden: dict[Any, int], rows: list[dict[int, int]], right: list[int], bounds: list[tuple[int, int | None]]
) -> dict[Any, tuple[float, float]] | None:
    """Every least in one program and every most in another: a copy of the sums for each hidden cell."""
    count = len(hidden)
    if not count:
        return {}
    if not rows:
        return {number: (0.0, bounds[column][1] or ENDLESS) for number, column in hidden.items()}
    at = [(r, c, v) for r, row in enumerate(rows) for c, v in row.items()]
    one = csr_matrix(([v for *_, v in at], ([r for r, *_ in at], [c for _, c, _ in at])), shape=(len(rows), count))
    ends = []
    for sign in (1, -1):
        answer = linprog(
            sign * np.eye(count).ravel(),
            A_eq=block_diag([one] * count, format="csr"),
            b_eq=np.tile(right, count),
            bounds=[(low, ENDLESS if high is None else high) for low, high in bounds] * count,
            method="highs",
        )
        if answer.status == 2:
            return None
        assert answer.status == 0, answer.message
        ends.append(answer.x.reshape(count, count).diagonal())
    return {number: (ends[0][column], ends[1][column]) for number, column in hidden.items()}


def narrow(found: dict[Any, tuple[float, float]] | None, width: int) -> list[Any]:
    """The cells whose interval is narrower than `width`."""
    assert found is not None
    return [(number, ends) for number, ends in found.items() if ends[1] - ends[0] < width - 1e-6]


def optimum(values: dict[Cell, int], k: int) -> int:
    """The fewest further cells that protect a small table, by trying all sets of one, two, three, ... of them."""
    large = sorted((cell for cell, value in values.items() if value >= k), key=repr)
    for count in range(len(large) + 1):
        for extra in itertools.combinations(large, count):
            hidden = {cell for cell, value in values.items() if value < k} | set(extra)
            if is_wide(values, hidden, k):
                return count
    raise AssertionError


def is_wide(values: dict[Cell, int], hidden: set[Cell], k: int) -> bool:
    """Whether every hidden cell's interval is at least k-1 wide for who knows which are small."""
    at = {(cell, values[cell]): i for i, cell in enumerate(sorted(hidden, key=repr))}
    rows, right = [], []
    for parent, parts in lines(list(values)):
        row = {at[c, values[c]]: s for c, s in [(parent, 1), *((p, -1) for p in parts)] if c in hidden}
        if len(row) == 1:
            return False
        if row:
            rows.append(row)
            right.append(-sum(s * values[c] for c, s in [(parent, 1), *((p, -1) for p in parts)] if c not in hidden))
    bounds = [(0, k - 1 if value < k else None) for _, value in at]
    return not narrow(_solve(at, rows, right, bounds), k - 1)

"""What leaves of an imported table gives no small count away: linear programming over a member's messages together.

Written for a reader who has nothing but the messages, and who takes every total for the sum of its parts, as far as the
numbers allow; it knows nothing of the gate. The published table, where it is at hand, is judged as the synthetic ones.
"""

from collections import defaultdict
from pathlib import Path
from typing import Any

import msgspec
import pytest
from privacy.lpcheck import Cell, _solve, cell_of, lines

from exchange_formats.synthetic import as_csv, glotip
from suar.exchange.csv_file import csv_rows
from suar.exchange.preview import Preview, previews
from suar.exchange.table_map import read_map
from suar.exchange.table_reader import read_table
from suar.exchange.trends import drafts

NOW = 1_800_000_000_000
SHARED = Path(__file__).parents[3] / "shared/data/glotip-asean.csv"
COMPLEMENT_MAX = 0.15  # of all cells, hidden beyond the small ones


def judged(path: Path) -> list[Preview]:
    table = read_map(Path("glotip"))
    made = drafts(read_table(csv_rows(path, "utf-8", ","), table, 2027), table, NOW)
    return [each for each in previews(made, realm="actual", now=NOW) if each.verdict == "pass"]


@pytest.fixture(params=[1, 2, 3, *(["published"] if SHARED.exists() else [])], scope="module")
def leaving(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Preview]:
    if request.param == "published":
        return judged(SHARED)
    path = tmp_path_factory.mktemp("table") / "table.csv"
    path.write_bytes(as_csv(glotip(request.param)))
    return judged(path)


def sheets(leaving: list[Preview]) -> dict[Any, list[tuple[Cell, int | None, int | None]]]:
    """(cell, what is shown, what is true) of all messages, by what can stand in one sum: series, place and year."""
    found: dict[Any, list[tuple[Cell, int | None, int | None]]] = defaultdict(list)
    for preview in leaving:
        message = preview.draft.message
        for before, after in zip(message["obs"], msgspec.to_builtins(preview.obs), strict=True):
            place = (before["place"]["role"], before["place"]["country"])
            about = (preview.draft.member, message["indicator"], *place, before["period"])
            found[about].append((cell_of(before), after["value"], before["value"]))
    return found


def least_and_most(cells: list[tuple[Cell, int | None, int | None]]) -> dict[Cell, tuple[float, float]] | None:
    """The feasible interval of every hidden cell; None where the sums cannot all be right."""
    shown = {cell: value for cell, value, _ in cells if value is not None}
    true = {cell: value for cell, _, value in cells}
    hidden = {cell: at for at, cell in enumerate(dict.fromkeys(cell for cell, *_ in cells if cell not in shown))}
    rows, right = [], []
    for parent, parts in lines(list(true)):
        total, values = true[parent], [true[each] for each in parts]
        least = sum(value or 0 for value in values)
        if total is not None and (least > total or (None not in values and least < total)):
            continue  # does not come out: parts overlap, or one is not in the table
        row: dict[int, int] = defaultdict(int)
        known = 0
        for cell, sign in [(parent, 1), *((part, -1) for part in parts)]:
            if cell in shown:
                known += sign * shown[cell]
            else:
                row[hidden[cell]] += sign
        if row:
            rows.append(row)
            right.append(-known)
    return _solve(hidden, rows, right, [(0, None)] * len(hidden))


def test_no_hidden_cell_is_pinned_down(leaving: list[Preview]) -> None:
    by_sheet = sheets(leaving)
    k = leaving[0].k
    found = {about: least_and_most(cells) for about, cells in by_sheet.items()}
    narrow = {
        (about, cell): ends
        for about, intervals in found.items()
        for cell, ends in (intervals or {}).items()
        if ends[1] - ends[0] < k - 1 - 1e-6
    }
    assert narrow == {}
    assert sum(map(len, filter(None, found.values()))) > 100  # hidden cells were judged
    assert sum(each is None for each in found.values()) <= len(found) / 50


def test_no_small_count_is_shown(leaving: list[Preview]) -> None:
    assert all(each.value is None or each.value >= preview.k for preview in leaving for each in preview.obs)


def test_what_it_costs(leaving: list[Preview]) -> None:
    cells = sum(preview.cells for preview in leaving)
    assert sum(preview.complementary for preview in leaving) <= COMPLEMENT_MAX * cells

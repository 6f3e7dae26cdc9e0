"""What leaves of an imported table gives no small count away: the checker of finest cells over each member's messages.

It knows nothing of the gate. A small table of the published one's layout is in tests/data; the published one itself,
where it is at hand, is judged as the others, and is skipped by name where it is not (its figures: bench/glotip.py).
"""

from pathlib import Path

import pytest

from exchange_formats.imported import histories, imported
from exchange_formats.synthetic import as_csv, glotip
from protocol.privacy.finest_check import leaks
from protocol.privacy.finest_reader import LINKED, UNLINKED, Facts
from suar.exchange.tables.preview import Preview
from suar.exchange.tables.readings import Reading

LAYOUT = Path(__file__).parents[1] / "data/glotip-layout.csv"
SHARED = Path(__file__).parents[3] / "shared/data/glotip-asean.csv"
COMPLEMENT_MAX = 0.17
"""Of all cells, hidden beyond the small ones. With nine gate keys it is 15.1 to 15.8 % of the published table, and 11.6
to 14.1 % of the synthetic ones (docs/adr/0032).
"""
LAYOUT_MAX = 0.30
"""Of the small table with as many small counts as others, without a gate key."""


Made = tuple[str, Reading, list[Preview]]
"""The name of a table, its rows as read, and every message before and after the gate."""


@pytest.fixture(params=["1", "2", "3", "layout", "published"], scope="module")
def table(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    name = str(request.param)
    if name == "published" and not SHARED.exists():
        pytest.skip(f"no {SHARED.name} beside this checkout: nothing of the published table was looked at")
    path = {"layout": LAYOUT, "published": SHARED}.get(name) or tmp_path_factory.mktemp("table") / "table.csv"
    if name.isdigit():
        path.write_bytes(as_csv(glotip(int(name))))
    return (name, *imported(path))


@pytest.fixture
def made(table: Made) -> list[Preview]:
    return table[2]


@pytest.mark.parametrize("knows_small", [True, False])
@pytest.mark.parametrize("facts", [UNLINKED, LINKED], ids=["unlinked", "linked"])
def test_no_hidden_cell_is_pinned_down(made: list[Preview], facts: Facts, *, knows_small: bool) -> None:
    found = {
        member: each
        for member, history in histories(made).items()
        if (each := leaks(history, facts, knows_small=knows_small))
    }
    assert found == {}


def test_much_of_what_leaves_is_hidden(table: Made) -> None:
    name, _, made = table
    hidden = [item for each in made if each.verdict == "pass" for item in each.obs if item.status == "S"]
    assert len(hidden) > (30 if name == "layout" else 100)


ROWS = [
    *(f"row {at}, column Category (G): the country of repatriation is not named" for at in (23, 45, 67)),
    "row 111, column Category (G): 'Atlantis' is no country of the code list",
    "row 112, column Indicator (E): 'Persons admired' is no indicator of the map",
    "row 113, column txtVALUE (L): 'about 20' is no count",
    "row 114, column Unit of measurement (K): 'Rates' is not what the map reads",
]
"""What is not imported of the small table: one row of each kind that the published one has, or might have."""


def test_few_rows_are_not_imported_and_each_is_named(table: Made) -> None:
    name, reading, made = table
    listed = [problem.as_line() for problem in (*reading.listed(), *(left for each in made for left in each.left))]
    assert len(listed) <= 20
    assert all(line.startswith("row ") for line in listed)
    assert name != "layout" or listed == ROWS
    assert {each.verdict for each in made} == {"pass"}


def test_no_small_count_is_shown(made: list[Preview]) -> None:
    assert all(each.value is None or each.value >= preview.k for preview in made for each in preview.obs)


def test_what_it_costs(table: Made) -> None:
    name, _, made = table
    leaving = [each for each in made if each.verdict == "pass"]
    assert len(leaving) > len(made) / 2
    most = LAYOUT_MAX if name == "layout" else COMPLEMENT_MAX
    assert sum(each.complementary for each in leaving) <= most * sum(each.cells for each in leaving)

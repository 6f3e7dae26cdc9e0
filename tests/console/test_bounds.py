"""docs/bounds.md names each bound of the console with its value."""

import re
from importlib.resources import files
from pathlib import Path

import pytest

from console.test_messages import begun
from suar.console import form_body, guard, streams, typed
from suar.console.forms import plan
from suar.console.pages import agencies
from suar.protocol.base import limits
from suar.service.access import registry
from suar.service.people import attempts, changes, own_changes, passkeys, records, sessions, sign_in
from support.console import browser, served

BOUNDS = Path(__file__).parents[2] / "docs/bounds.md"
HEADER = "| limit of the console | value | of what | over it |"
UNITS = {"MiB": 1024 * 1024, "s": limits.SECOND, None: 1}


def test_every_limit_is_named_with_its_value(paced: None) -> None:
    table = BOUNDS.read_text("utf-8").partition(HEADER)[2].partition("\n\n")[0]
    named = re.findall(r"^\| `([A-Z_]+)` \| ([0-9]+)(?: (MiB|s))? \|", table, re.MULTILINE)
    assert len(named) == 30
    for name, number, unit in named:
        modules = (
            form_body, guard, attempts, changes, own_changes, passkeys, records, registry, sessions, sign_in, plan,
            streams, typed, agencies,
        )  # fmt: skip
        module = next(each for each in modules if hasattr(each, name))
        assert getattr(module, name) == int(number) * UNITS[unit or None], name
    assert guard.BURST == 2 * guard.CALLS_A_SECOND


@pytest.mark.parametrize(("name", "most"), [
    ("console.css", 24_000), ("console.js", 8_000), ("checking.js", 8_000), ("passkeys.js", 8_000),
    ("land.svg", 26_000),
])  # fmt: skip
def test_what_pages_load_is_small(name: str, most: int) -> None:
    assert 0 < len((files("suar.console") / "static" / name).read_bytes()) <= most


@pytest.mark.parametrize("tag", ["en", "my"])
async def test_the_largest_form_stays_below_a_megabyte(tmp_path: Path, tag: str) -> None:
    async with served(tmp_path / "th") as desk, browser(desk) as author:
        desk.add("reyes", "author", lang=tag)
        await desk.load()
        await author.sign_in("reyes")
        path = await begun(author, "trend")
        assert len((await author.get(path)).content) <= 150_000
        pasted = "Period\tSex\tValue\n" + "".join(f"2026\tmale\t{value}\n" for value in range(plan.ROWS_MAX))
        await author.get(f"{path}/table")
        columns = {"column-0": "period", "column-1": "sex", "column-2": "value"}
        await author.post(f"{path}/table", {"text": pasted, "role": "detection", "do": "use", **columns})
        page = (await author.get(path)).text
        assert f'name="obs[{plan.ROWS_MAX - 1}].value"' in page
        assert len(page.encode()) <= 1_000_000

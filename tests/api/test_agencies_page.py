"""The examples of docs/agencies.md run as they are printed, and give what an agency may read."""

import asyncio
import os
import re
import subprocess
from pathlib import Path

import pytest

from support.agency_desk import Desk
from support.executables import CURL, NODE, PYTHON, SHELL, require
from support.kit import id_of, urgent

PAGE = Path(__file__).parents[2] / "docs/agencies.md"
EXAMPLES = dict(re.findall(r"<!-- runs: (\w+) -->\n```\w+\n(.*?)```", PAGE.read_text(), re.DOTALL))


def test_the_page_has_the_three_examples() -> None:
    assert set(EXAMPLES) == {"curl", "python", "node"}


@pytest.mark.parametrize("which", ["curl", "python", "node"])
async def test_an_example_prints_what_the_agency_may_read(desk: Desk, tmp_path: Path, which: str) -> None:
    program, package = {"curl": (CURL, "curl"), "python": (PYTHON, "python3"), "node": (NODE, "nodejs")}[which]
    require(program, package)
    await desk.give(urgent(1), urgent(2, tlp="AMBER+STRICT"), urgent(3, handling=["law-enforcement-only"]))
    await desk.give(urgent(4), urgent(4, rev=2, action="cancel", reason="wrong"))
    (tmp_path / "example.mjs").write_text(EXAMPLES[which])
    command = {
        "curl": [SHELL, "-c", EXAMPLES[which]],
        "python": [PYTHON, "-c", EXAMPLES[which]],
        "node": [NODE, "example.mjs"],
    }[which]
    environment = {**os.environ, "SUAR_URL": desk.url, "SUAR_TOKEN": await desk.register(), "NO_PROXY": "*"}
    ended = await asyncio.to_thread(
        subprocess.run, command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "Office jobs abroad" in ended.stdout
    for word in (id_of(1), "suar.message.new", "suar.message.cancel", id_of(4)):
        assert word in ended.stdout
    assert id_of(2) not in ended.stdout
    assert id_of(3) not in ended.stdout

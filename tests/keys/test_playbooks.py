"""What the playbooks and the reference's README say is executed as it is written.

A block of `sh` runs with nothing but files; `sh gateway` and `sh federation` name what else must be there: all of it in
test_playbooks_live.py, where the playbooks run. A block of `sh install` needs a machine of its own and is not run.
"""

import re
import tomllib
from pathlib import Path
from typing import Final

from suar.federation.plan import Server
from suar.published import keys_dir
from suar.service.settings.config import SECTIONS
from support.playbooks import FENCE, PLAYBOOKS, blocks, run

ROOT: Final = Path(__file__).parents[2]


def test_every_fence_is_known() -> None:
    for name in PLAYBOOKS:
        text = (keys_dir() / "playbooks" / f"{name}.md").read_text()
        assert set(re.findall(r"^```(.*)$", text, re.MULTILINE)) <= {
            "",
            "sh",
            "sh gateway",
            "sh federation",
            "sh install",
        }
        assert len(blocks(name)) >= 3


def test_every_fence_of_what_needs_a_running_federation_is_known() -> None:
    known = {"RECOVERY": "sh lost", "COMPROMISE": "sh lost", "LEAVING": "sh gone"}
    for name, more in known.items():
        text = (keys_dir() / "playbooks" / f"{name}.md").read_text()
        assert set(re.findall(r"^```(.*)$", text, re.MULTILINE)) <= {"", "sh gateway", "sh federation", more}


def test_the_references_readme_runs_as_written() -> None:
    text = (keys_dir() / "reference" / "README.md").read_text()
    (block,) = (match["text"] for match in FENCE.finditer(text))
    done = run(block, keys_dir() / "reference")
    assert done.returncode == 0, done.stderr
    assert "version     3" in done.stdout


def founding_section(number: int) -> str:
    """The text of one section of FOUNDING."""
    text = (keys_dir() / "playbooks" / "FOUNDING.md").read_text()
    (found,) = re.findall(rf"^## {number}\. .*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return str(found)


def test_what_founding_says_of_installing_exists() -> None:
    """Nothing runs these commands: what they name is looked up."""
    section_text = founding_section(0)
    (commands,) = (match["text"] for match in FENCE.finditer(section_text) if match["needs"] == "install")
    (target,) = re.findall(r"^make (\w+)", commands, re.MULTILINE)
    assert re.search(rf"^{target}: .*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert f"dist/{project['name']}-VERSION-py3-none-any.whl" in commands
    assert f"Python {project['requires-python'].removeprefix('>=')} or newer" in section_text
    locked = (ROOT / "requirements" / "run.txt").read_text()
    assert "`requirements/run.txt`" in section_text
    assert set(re.findall(r"-r (\S+\.txt)", section_text)) == {"run.txt"}
    assert "--hash=sha256:" in locked
    (taken_away,) = re.findall(r"uninstall --yes (\S+)", commands)
    assert f"\n{taken_away}==" in f"\n{locked}"
    assert f"`{taken_away}`" in section_text
    rendered = (ROOT / "gateway" / "suar" / "federation" / "hub_config.py").read_text()
    (oldest,) = re.findall(r'min_version: "(\d+\.\d+)\.0"', rendered)
    assert f"**nats-server** {oldest} or newer" in section_text


def test_the_three_settings_of_founding_are_settings_and_what_the_plan_has() -> None:
    section_text = founding_section(7)
    rows = re.findall(r"^\| `([a-z_]+)\.([a-z_]+)` \| (.+) \|$", section_text, re.MULTILINE)
    assert len(rows) == 3
    for section, key, value in rows:
        assert key in SECTIONS[section].__struct_fields__, f"{section}.{key}"
        of_plan = re.findall(r"`([a-z_]+)` in PLAN\.toml", value)
        assert set(of_plan) <= set(Server.__struct_fields__), value
        assert len(of_plan) == (section == "bus"), value

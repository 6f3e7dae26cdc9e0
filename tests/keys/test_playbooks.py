"""What the playbooks and the reference's README say is executed as it is written.

A block of `sh` runs with nothing but files; `sh gateway` and `sh federation` name what else must be there: all of it in
test_playbooks_live.py, where the playbooks run. A block of `sh install` needs a machine of its own and is not run.
"""

import re

from suar.published import keys_dir
from support.playbooks import FENCE, PLAYBOOKS, blocks, run


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

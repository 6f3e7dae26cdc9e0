"""The playbooks' commands, executed as they are written, one after the other in one folder.

A block of `sh` runs with nothing but files; `sh gateway` and `sh federation` name what else must be there, and tests
that have it run them through `blocks`.
"""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from suar.published import keys_dir

PLAYBOOKS: Final = ("FOUNDING", "JOINING", "ROTATION")
_FENCE: Final = re.compile(r"^```sh(?: (?P<needs>\w+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(name: str, *needs: str) -> list[str]:
    """The shell blocks of a playbook that need nothing, or one of `needs`, in order."""
    text = (keys_dir() / "playbooks" / f"{name}.md").read_text()
    return [match["text"] for match in _FENCE.finditer(text) if match["needs"] is None or match["needs"] in needs]


def run(block: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """One block in a shell that stops at the first failure, with `suar` on its path."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "SUAR_ARGON2ID": "interactive", **environment}
    return subprocess.run(["sh", "-euc", block], cwd=folder, env=env, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_playbooks_run_as_written(tmp_path: Path) -> None:
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("of the playbooks' test\n")
    for name in PLAYBOOKS:
        for block in blocks(name):
            done = run(block, tmp_path, SUAR_PASSPHRASE_FILE=str(passphrase))
            assert done.returncode == 0, f"{name}:\n{block}\n{done.stderr}"
    assert (tmp_path / "8.list").exists()


def test_every_fence_is_known() -> None:
    for name in PLAYBOOKS:
        text = (keys_dir() / "playbooks" / f"{name}.md").read_text()
        assert set(re.findall(r"^```(.*)$", text, re.MULTILINE)) <= {"", "sh", "sh gateway", "sh federation"}
        assert len(blocks(name)) >= 3


def test_the_references_readme_runs_as_written() -> None:
    text = (keys_dir() / "reference" / "README.md").read_text()
    (block,) = (match["text"] for match in _FENCE.finditer(text))
    done = run(block, keys_dir() / "reference")
    assert done.returncode == 0, done.stderr
    assert "version     3" in done.stdout

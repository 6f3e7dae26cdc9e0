"""The shell blocks of keys/playbooks, and a shell to run them in."""

import os
import re
import subprocess
from pathlib import Path
from typing import Final

from suar.published import keys_dir
from support.executables import PATH, SHELL

PLAYBOOKS: Final = ("FOUNDING", "JOINING", "ROTATION")
FENCE: Final = re.compile(r"^```sh(?: (?P<needs>\w+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(name: str, *needs: str) -> list[str]:
    """The shell blocks of a playbook that need nothing, or one of `needs`, in order."""
    text = (keys_dir() / "playbooks" / f"{name}.md").read_text()
    return [match["text"] for match in FENCE.finditer(text) if match["needs"] is None or match["needs"] in needs]


def run(block: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """One block in a shell that stops at the first failure, with `suar` on its path."""
    env = {**os.environ, "PATH": PATH, "SUAR_ARGON2ID": "interactive", **environment}
    return subprocess.run([SHELL, "-euc", block], cwd=folder, env=env, capture_output=True, text=True, check=False)

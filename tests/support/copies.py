"""A copy of the repository in which a test plants what does not exist, and programs that run there."""

import os
import shutil
import subprocess
from pathlib import Path

from support.executables import PYTHON

ROOT = Path(__file__).parents[2]
COPIED = ("gateway", "schemas", "docs", "tests")
LEFT_OUT = ("__pycache__", "released", "corpus", "vectors", "adr")


def copied(folder: Path) -> Path:
    """A copy in this folder, without what is large and never changed."""
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns(*LEFT_OUT))
    shutil.copytree(ROOT / "keys", folder / "keys")
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def run_in(copy: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A Python program in the copy, which finds the copy's package and no other."""
    environment = os.environ | {"PYTHONPATH": f"{copy / 'gateway'}:{copy / 'tests'}", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [PYTHON, *arguments]
    return subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)

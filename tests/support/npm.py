"""The packages of tests/npm, installed by their lock into a folder of their own."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from support.executables import NODE, NPM, require

LOCKED = Path(__file__).parents[1] / "npm"
SECONDS = 300


def packages(folder: Path) -> Path:
    """`folder` with node_modules in it; skips without node, npm or their registry, and fails where they must be."""
    require(NODE, "nodejs", "node")
    require(NPM, "npm", "node")
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(LOCKED / name, folder)
    command = [NPM, "ci", "--ignore-scripts", "--prefer-offline"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False)
    if done.returncode and "ENOTFOUND" in done.stderr + done.stdout:
        require("", "the registry of npm", "node")
    assert done.returncode == 0, done.stderr[-2000:]
    return folder


def run(folder: Path, program: str, *arguments: str) -> str:
    """What a program of the packages says; its failure fails the test."""
    command = [NODE, str(folder / "node_modules" / program), *arguments]
    environment = {**os.environ, "NO_COLOR": "1"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )  # fmt: skip
    if done.returncode:
        pytest.fail((done.stdout + done.stderr)[-3000:])
    return done.stdout

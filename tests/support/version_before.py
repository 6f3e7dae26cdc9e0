"""The version before this one: a wheel built of a named commit, run in this environment."""

import io
import os
import subprocess
import tarfile
import zipfile
from pathlib import Path
from typing import Final

from filelock import FileLock

from support.bundles import ROOT
from support.executables import GIT, PYTHON, require

COMMIT: Final = "5260a215ab99a5e89a9bbde8c4c3a6d56d38fdb2"
"""The newest commit of the version before; after a release the commit of its tag."""
CACHE: Final = ROOT / ".venv" / "version-before"


def folder() -> Path:
    """The unpacked wheel, built once and kept in .venv; skips without the history of git, and fails in CI."""
    made = CACHE / COMMIT
    CACHE.mkdir(exist_ok=True)
    with FileLock(f"{made}.lock"):
        if not made.exists():
            _build(made)
    return made


def _build(made: Path) -> None:
    known = subprocess.run([GIT, "cat-file", "-e", f"{COMMIT}^{{commit}}"], cwd=ROOT, check=False, capture_output=True)
    require(GIT if known.returncode == 0 else "", f"the history of git with {COMMIT} is missing; git")
    sources, unpacked = made.with_suffix(".sources"), made.with_suffix(".new")
    sources.mkdir(exist_ok=True)
    packed = subprocess.run([GIT, "archive", COMMIT], cwd=ROOT, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(sources, filter="data")
    build = [PYTHON, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(sources / "dist"), str(sources)]
    subprocess.run(build, check=True, capture_output=True)
    [wheel] = (sources / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as files:
        files.extractall(unpacked)
    unpacked.rename(made)


PROGRAM: Final = ("-m", "suar")


def environment() -> dict[str, str]:
    """What makes PROGRAM the version before."""
    return {"PYTHONPATH": str(folder())}


def run(*arguments: str, passphrase: Path) -> str:
    """Output of a command of the version before."""
    done = subprocess.run(
        [PYTHON, *PROGRAM, *arguments], env=os.environ | environment() | {"SUAR_PASSPHRASE_FILE": str(passphrase)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout

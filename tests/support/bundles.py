"""One bundle for all tests of a run, signed by a key made for it; its nats-server is marked as for tests alone."""

import subprocess
from pathlib import Path
from typing import Final, NamedTuple

from filelock import FileLock

from support.executables import BARE_PYTHON, PYTHON, SSH_KEYGEN, nats_server

ROOT: Final = Path(__file__).parents[2]


class Bundle(NamedTuple):
    """The archive, its signature and the file with the signers."""

    archive: Path
    signature: Path
    signers: Path


def machine_python() -> str:
    """The version of the machine's own Python, such as 3.13."""
    done = subprocess.run(
        [BARE_PYTHON, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def new_key(folder: Path, name: str = "release") -> Path:
    """A key that signs, and beside it NAME.signers."""
    key = folder / f"{name}.key"
    subprocess.run([SSH_KEYGEN, "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(key)], check=True)
    public = key.with_suffix(".key.pub").read_text().strip()
    (folder / f"{name}.signers").write_text(f'release namespaces="suar-bundle" {public}\n')
    return key


def made(folder: Path) -> Bundle:
    """Made by the first that asks; wheels are kept in .venv from one run to the next."""
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            folder.mkdir()
            key = new_key(folder)
            done = subprocess.run(
                [PYTHON, str(ROOT / "deploy/make_bundle.py"), "--key", str(key), "--output", str(folder),
                 "--python", machine_python(), "--nats-test-only", nats_server()],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
    [archive] = folder.glob("*.tar")
    return Bundle(archive, archive.with_name(archive.name + ".sig"), folder / "release.signers")


def packaged(bundle: Path, signers: Path, output: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """make_deb.py with these arguments."""
    command = [BARE_PYTHON, str(ROOT / "deploy/make_deb.py"), str(bundle), "--signers", str(signers), "--output"]
    return subprocess.run([*command, str(output), *more], capture_output=True, text=True, check=False)


def package_of(bundle: Bundle, folder: Path) -> Path:
    """The Debian package, made by the first that asks."""
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            done = packaged(bundle.archive, bundle.signers, folder, "--test-only")
            assert done.returncode == 0, done.stderr
    [package] = folder.glob("*.deb")
    return package

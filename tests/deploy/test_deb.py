"""The Debian package: what it holds, what it refuses to be made of, and that a bare machine runs what it installed."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import suar
from support.bundles import Bundle, machine_python, new_key, packaged
from support.executables import DPKG_DEB
from support.machines import booted

pytestmark = [pytest.mark.slow]
NAME = f"suar_{suar.__version__}_amd64.deb"


def field(package: Path, name: str) -> str:
    done = subprocess.run([DPKG_DEB, "--field", str(package), name], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_it_needs_the_series_of_python_that_its_libraries_were_built_for(package: Path) -> None:
    major, minor = map(int, machine_python().split("."))
    assert package.name == NAME
    assert field(package, "Version") == suar.__version__
    assert field(package, "Depends").split(", ") == [
        f"python3 (>= {major}.{minor})", f"python3 (<< {major}.{minor + 1})", "openssh-client",
    ]  # fmt: skip


def test_every_file_is_root_s_below_opt_and_nobody_else_writes_it(package: Path) -> None:
    listed = subprocess.run([DPKG_DEB, "--contents", str(package)], capture_output=True, text=True, check=True).stdout
    lines = [line.split(maxsplit=5) for line in listed.splitlines()]
    assert len(lines) > 1000
    assert {line[1] for line in lines} == {"root/root"}
    assert not [line for line in lines if not line[5].startswith(("./opt/suar/", "./opt/ ", "./opt/", "./"))]
    assert not [line for line in lines if line[0][0] != "l" and (line[0][5] == "w" or line[0][8] == "w")]
    assert [line[5] for line in lines if "current" in line[5].split(" -> ")[0].split("/")] == [
        f"./opt/suar/current -> {suar.__version__}"
    ]
    scripts = subprocess.run(
        [DPKG_DEB, "--ctrl-tarfile", str(package)], stdout=subprocess.PIPE, check=True
    ).stdout  # fmt: skip
    assert set(re.findall(rb"\./([a-z]+)\0", scripts)) == {b"control", b"postinst"}


def test_a_bundle_of_somebody_else_is_not_run(bundle: Bundle, tmp_path: Path) -> None:
    """Its installer would be the first thing that a stranger's bundle changes."""
    new_key(tmp_path, "stranger")
    strange = packaged(bundle.archive, tmp_path / "stranger.signers", tmp_path / "out", "--test-only")
    altered = Path(shutil.copy(bundle.archive, tmp_path / bundle.archive.name))
    shutil.copy(bundle.signature, tmp_path)
    altered.write_bytes(altered.read_bytes().replace(b"set -eu", b"set -eU", 1))
    changed = packaged(altered, bundle.signers, tmp_path / "out", "--test-only")
    for refused in (strange, changed):
        assert refused.returncode == 1
        assert "is not signed by a key of" in refused.stderr
    real = packaged(bundle.archive, bundle.signers, tmp_path / "out")
    assert real.returncode == 1
    assert "for tests alone" in real.stderr
    assert not list((tmp_path / "out").glob("*.deb"))


def test_a_bare_machine_runs_what_it_installed(machines_work: None, package: Path, tmp_path: Path) -> None:
    """Unpacked and configured by dpkg, with a database of its own, where Debian's packages are taken for installed."""
    with booted(tmp_path, "bare") as [machine]:
        shutil.copy(package, machine.media)
        (machine.folder / "lib/dpkg/info").mkdir(parents=True)
        (machine.folder / "lib/dpkg/updates").mkdir()
        (machine.folder / "lib/dpkg/status").touch()
        done = machine.run(f"dpkg --force-depends --install {NAME} >&2; suar --version; nats-server --version")
        assert done.returncode == 0, done.stderr
        assert f"suar {suar.__version__}\nnats-server: v" in done.stdout
        names = machine.run("getent passwd suar suar-nats; suar init --help").stdout
        assert "/var/lib/suar:" in names
        assert "/var/lib/suar-nats:" in names
        assert "Usage: suar init" in re.sub(r"\x1b\[[0-9;]*m", "", names)
        removed = machine.run("dpkg --remove suar >&2; ls -A /opt; getent passwd suar")
        assert removed.returncode == 0, removed.stderr
        assert removed.stdout.startswith("suar:"), "what the state folder belongs to stays; /opt is empty"

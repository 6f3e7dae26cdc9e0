"""Make a Debian package of a signed bundle: `make deb BUNDLE=dist/suar-0.2.0-x86_64.tar SIGNERS=release.signers`.

The bundle's signature is verified; then its own installer installs it into a scratch folder, which becomes the contents
of the package: a venv in /opt/suar/VERSION for the Python of this machine, on whose series the package depends, and the
link /opt/suar/current. The package's only script makes the users of the units.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

OPT: Final = "opt/suar"
PYTHON: Final = "/usr/bin/python3"  # Debian's, which the package depends on
PATH: Final = "/usr/bin:/bin"
NAMESPACE: Final = "suar-bundle"  # of the signatures of make_bundle.py
CONTROL: Final = """\
Package: suar
Version: {version}
Architecture: amd64
Maintainer: suar <suar@localhost>
Installed-Size: {kib}
Depends: python3 (>= {python}), python3 (<< {next_python}), openssh-client
Recommends: chrony
Section: net
Priority: optional
Description: gateway of a federation that exchanges findings about trafficking
 Each member state runs a gateway, which signs and encrypts trend, pattern and
 alert messages and publishes them onto a NATS federation. This package has the
 gateway, its Python libraries and nats-server in {folder}.
 .
 After the installation: suar setup member.
"""
AFTER: Final = """\
#!/bin/sh
set -e
[ "$1" = configure ] || exit 0
systemd-sysusers /opt/suar/current/share/systemd/suar.sysusers >/dev/null 2>&1 || for user in suar suar-nats; do
  getent passwd "$user" >/dev/null ||
    useradd --system --no-create-home --home-dir "/var/lib/$user" --shell /usr/sbin/nologin "$user"
done
"""


def verify(bundle: Path, signers: Path) -> None:
    """SystemExit unless BUNDLE.sig is a signature of those who release: nothing of the bundle is run before."""
    signature = bundle.with_name(bundle.name + ".sig")
    command = ["ssh-keygen", "-q", "-Y", "verify", "-f", str(signers), "-I", "release", "-n", NAMESPACE]
    with bundle.open("rb") as data:
        done = subprocess.run(
            [*command, "-s", str(signature)], stdin=data, env={"PATH": PATH}, check=False, capture_output=True
        )
    if done.returncode:
        sys.exit(
            f"error: {bundle} is not signed by a key of {signers}\nhint: get the bundle and {signature.name} again"
        )


def installed(bundle: Path, signers: Path, stage: Path, is_test: bool) -> str:
    """Install the bundle below `stage`; returns its version. SystemExit where its installer refuses."""
    with TemporaryDirectory() as scratch:
        with tarfile.open(bundle) as archive:
            archive.extractall(scratch, filter="data")
        [inside] = Path(scratch).iterdir()
        command = [str(inside / "install.sh"), "--offline", "--signers", str(signers), "--prefix", str(stage / OPT)]
        command += ["--no-link", *(["--test-only"] if is_test else [])]
        if subprocess.run(command, env={"PATH": PATH}, check=False, stdout=sys.stderr).returncode:
            sys.exit(1)
    [folder] = (stage / OPT).iterdir()
    return folder.name


def relocate(stage: Path, folder: Path) -> None:
    """Let the venv name the place where the package puts it; SystemExit where a file still names `stage`."""
    for cache in list(folder.rglob("__pycache__")):
        shutil.rmtree(cache)
    here = str(stage).encode()
    for file in [folder / "pyvenv.cfg", *(folder / "bin").iterdir()]:
        if not file.is_symlink() and here in (data := file.read_bytes()):
            file.write_bytes(data.replace(here, b""))
    compiling = ["-m", "compileall", "-q", "-s", str(stage), "-p", "/", "--invalidation-mode", "unchecked-hash"]
    subprocess.run([PYTHON, *compiling, str(folder / "lib")], check=False, capture_output=True)
    left = [file for file in folder.rglob("*") if _names(file, here)]
    if left:
        sys.exit(f"error: {left[0]} names the folder in which it was built\nhint: report it with this output")


def _names(file: Path, text: bytes) -> bool:
    return file.is_file() and not file.is_symlink() and text in file.read_bytes()


def python_series() -> tuple[int, int]:
    """The machine's own Python, such as (3, 13)."""
    script = "import sys; print(*sys.version_info[:2])"
    done = subprocess.run([PYTHON, "-I", "-c", script], check=True, capture_output=True, text=True)
    major, minor = map(int, done.stdout.split())
    return major, minor


def describe(stage: Path, version: str) -> None:
    """Write DEBIAN/: what the package is and needs, and its script."""
    major, minor = python_series()
    size = sum(path.lstat().st_size for path in stage.rglob("*") if path.is_file())
    control = CONTROL.format(
        version=version, kib=size // 1024, folder=f"/{OPT}/{version}",
        python=f"{major}.{minor}", next_python=f"{major}.{minor + 1}",
    )  # fmt: skip
    (stage / "DEBIAN").mkdir()
    (stage / "DEBIAN/control").write_text(control)
    script = stage / "DEBIAN/postinst"
    script.write_text(AFTER)
    script.chmod(0o755)


def make(bundle: Path, signers: Path, output: Path, *, is_test: bool = False) -> Path:
    """Make the package of `bundle` in the folder `output`."""
    output.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as scratch:
        stage = Path(scratch) / "stage"
        stage.mkdir(mode=0o755)
        verify(bundle, signers)
        version = installed(bundle, signers, stage, is_test)
        relocate(stage, stage / OPT / version)
        (stage / OPT / "current").symlink_to(version)
        describe(stage, version)
        target = output / f"suar_{version}_amd64.deb"
        level = ["-z1"] if is_test else []  # a package for tests is made once and unpacked a few times
        command = ["dpkg-deb", "-Zzstd", *level, "--root-owner-group", "--build", str(stage), str(target)]
        fixed = {"PATH": PATH, "SOURCE_DATE_EPOCH": os.environ.get("SOURCE_DATE_EPOCH", "0")}
        subprocess.run(command, env=fixed, check=True, stdout=sys.stderr)
    return target


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("bundle", type=Path, help="the archive that `make bundle` made")
    parser.add_argument("--signers", type=Path, required=True, help="the keys of those who release")
    parser.add_argument("--output", type=Path, default=Path("dist"))
    parser.add_argument("--test-only", action="store_true", help="take a bundle that is for tests alone")
    arguments = parser.parse_args()
    print(make(arguments.bundle, arguments.signers.resolve(), arguments.output, is_test=arguments.test_only))


if __name__ == "__main__":
    main()

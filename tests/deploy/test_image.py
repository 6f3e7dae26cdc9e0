"""The container image: what is in its root, and that the gateway runs from it read-only, as a user without rights.

The namespaces here are those that podman would make; podman itself is not run.
"""

import json
import os
import re
import subprocess
import tarfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import suar
from support.bundles import ROOT
from support.executables import BARE_PYTHON, CHROOT, MMDEBSTRAP, NSENTER, SETPRIV, SHELL, UNSHARE, require

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
USER = "10001"
ROOT_OF_CONTAINER = """\
mount --make-rprivate /
mount --bind {root} {root}
mount --bind {volume} {root}/var/lib/suar
mount -t tmpfs tmpfs {root}/run
mount -t tmpfs tmpfs {root}/tmp
mkdir {root}/run/secrets
install -m 400 -o {user} {secret} {root}/run/secrets/suar-passphrase
mount -t proc proc {root}/proc
mount --rbind /dev {root}/dev
mount -o remount,bind,ro {root}
ip link set lo up
echo ready
exec sleep infinity
"""


@pytest.fixture(scope="module")
def image(machines_work: None, package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    require(MMDEBSTRAP, "mmdebstrap")
    folder = tmp_path_factory.mktemp("image")
    done = subprocess.run(
        [BARE_PYTHON, str(ROOT / "deploy/make_image.py"), str(package), "--output", str(folder)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode and "mmdebstrap has made no root" in done.stderr:
        require("", f"no source of apt is reached; mmdebstrap says: {done.stderr.strip().splitlines()[-3]}; it")
    assert done.returncode == 0, done.stderr
    return folder


def settings(image: Path) -> dict[str, str]:
    """ENV of the Containerfile."""
    lines = re.findall(r"^ENV (.*)$", (image / "Containerfile").read_text(), re.MULTILINE)
    return dict(word.split("=", 1) for line in lines for word in line.split())


class Container:
    """A process tree in namespaces, whose root is the image's."""

    def __init__(self, image: Path, folder: Path) -> None:
        self.root, self._environment = folder / "root", settings(image)
        self.volume, secret = folder / "volume", folder / "secret"
        self.volume.mkdir(mode=0o700)
        secret.write_text("a passphrase of the tests\n")
        with tarfile.open(image / "suar-root.tar") as archive:
            archive.extractall(self.root, filter="tar")
        shell = ROOT_OF_CONTAINER.format(root=self.root, volume=self.volume, secret=secret, user=USER)
        os.chown(self.volume, int(USER), int(USER))
        self._process = subprocess.Popen(
            [UNSHARE, "-mnpi", "--fork", "--kill-child", SHELL, "-euc", shell], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout
        assert self._process.stdout.readline() == "ready\n"
        self._pid = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()[0]

    def command(self, *words: str) -> Sequence[str]:
        """`words` as podman runs them with no-new-privileges; chroot(1) needs three rights until it is the user."""
        few = "--bounding-set=-all,+sys_chroot,+setuid,+setgid"
        without_rights = [SETPRIV, "--no-new-privs", few, "--inh-caps=-all"]
        inside = [CHROOT, f"--userspec={USER}:{USER}", "--groups=", str(self.root), *words]
        return [NSENTER, "-t", self._pid, "-m", "-n", "-p", "-i", *without_rights, *inside]

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*words), env=self._environment, capture_output=True, text=True, check=False, timeout=300
        )

    def start(self, *words: str, log: Path) -> "subprocess.Popen[bytes]":
        with log.open("wb") as out:
            return subprocess.Popen(self.command(*words), env=self._environment, stdout=out, stderr=out)

    def halt(self) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout
        self._process.stdout.close()


@pytest.fixture(scope="module")
def container(image: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    made = Container(image, tmp_path_factory.mktemp("container"))
    yield made
    made.halt()


ENTRYPOINT = "/opt/suar/current/bin/suar"
PYTHON_OF_IMAGE = "/usr/bin/python3"


def test_the_root_has_neither_a_shell_nor_a_package_manager_nor_a_file_that_gains_rights(image: Path) -> None:
    with tarfile.open(image / "suar-root.tar") as archive:
        members = {member.name: member for member in archive}
    programs = {name for name in members if name.startswith(("usr/bin/", "usr/sbin/"))}
    assert {name for name in programs if not name.startswith("usr/bin/python3")} == set()
    assert {member.uid for name, member in members.items() if name != "var/lib/suar"} == {0}
    assert (members["var/lib/suar"].uid, members["var/lib/suar"].mode) == (int(USER), 0o700)
    assert [name for name, member in members.items() if member.mode & 0o6000 or member.isdev()] == []
    writable = {name for name, member in members.items() if member.mode & 0o022 and not member.issym()}
    assert writable == {"tmp"}


def test_the_containerfile_names_what_is_in_the_root(image: Path) -> None:
    text = (image / "Containerfile").read_text()
    assert text.startswith("FROM scratch\nADD suar-root.tar /\n")
    assert f"USER {USER}:{USER}\n" in text
    assert f'ENTRYPOINT ["{ENTRYPOINT}"]\nCMD ["serve"]\n' in text
    assert text.endswith(f"version={suar.__version__}\n")


def test_the_gateway_runs_from_a_root_that_is_read_only(container: Container, tmp_path: Path) -> None:
    member = ("--member", "TH", "--name", "Thailand", "--federation", "asean", "--argon2id", "interactive")
    made = container.run(ENTRYPOINT, "init", *member)
    assert made.returncode == 0, made.stderr
    log = tmp_path / "log"
    gateway = container.start(ENTRYPOINT, "serve", log=log)
    health = answer(container, gateway, log)
    assert container.run(PYTHON_OF_IMAGE, "-c", STOP).returncode == 0
    assert gateway.wait(timeout=120) == 0, log.read_text()
    assert health == {"status": 200, "uid": int(USER), "rights": 0, "may_gain": False, "root": "ro"}
    assert container.run("/opt/suar/current/bin/nats-server", "--version").stdout.startswith("nats-server: v")


def test_the_server_runs_from_it_and_keeps_its_streams_in_the_volume(container: Container, tmp_path: Path) -> None:
    """As deploy/compose.yaml starts it; there the configuration is a mount of its own."""
    configuration = container.volume / "server.conf"
    configuration.write_text('listen: 127.0.0.1:4333\nhttp: 127.0.0.1:8333\njetstream { store_dir: "/var/lib/suar" }\n')
    configuration.chmod(0o644)
    log = tmp_path / "log"
    server = container.start("/opt/suar/current/bin/nats-server", "-c", "/var/lib/suar/server.conf", log=log)
    while (monitor := container.run(PYTHON_OF_IMAGE, "-c", READ_MONITOR)).returncode:
        assert server.poll() is None, log.read_text()
        time.sleep(0.2)
    assert json.loads(monitor.stdout)["config"]["store_dir"] == "/var/lib/suar/jetstream"
    assert (container.volume / "jetstream").is_dir()
    server.terminate()
    server.wait(timeout=60)


READ_MONITOR = """\
import urllib.request
print(urllib.request.urlopen("http://127.0.0.1:8333/jsz", timeout=5).read().decode())
"""
RUN_IN_IMAGE = """\
import http.client, json, os, pathlib
listening = json.loads(pathlib.Path("/var/lib/suar/state/gateway.json").read_text())
made = http.client.HTTPConnection(listening["url"].removeprefix("http://"))
made.request("GET", "/healthz")
of = dict(line.split(":", 1) for line in pathlib.Path("/proc/self/status").read_text().splitlines())
rights = sum(int(of[name], 16) for name in ("CapEff", "CapPrm", "CapInh", "CapAmb"))
try:
    pathlib.Path("/opt/suar/written").write_text("")
    mode = "rw"
except OSError as error:
    mode = {30: "ro"}[error.errno]
print(json.dumps({
    "status": made.getresponse().status, "uid": os.getuid(), "rights": rights,
    "may_gain": of["NoNewPrivs"].strip() != "1", "root": mode,
}))
"""

STOP = """\
import json, os, pathlib
os.kill(json.loads(pathlib.Path("/var/lib/suar/state/gateway.json").read_text())["pid"], 15)
"""


def answer(container: Container, gateway: "subprocess.Popen[bytes]", log: Path) -> object:
    """What a process in the container sees once the gateway listens."""
    while not (container.volume / "state/gateway.json").exists():
        if gateway.poll() is not None:
            pytest.fail(f"it has ended: {log.read_text()}")
        time.sleep(0.2)
    found = container.run(PYTHON_OF_IMAGE, "-c", RUN_IN_IMAGE)
    assert found.returncode == 0, found.stderr
    return json.loads(found.stdout)

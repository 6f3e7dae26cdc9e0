"""Machines for the tests of the installation: namespaces of their own for files, network and processes.

A machine has Debian's files, an empty /opt, /var/lib and /usr/local, a copy of /etc, and no network but the cables that
a test puts in. Its programs are Debian's: nothing of this project's environment is in sight.
"""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from support.executables import BARE_PYTHON, IP, NSENTER, SHELL, UNSHARE, require

BARE_PATH: Final = "/opt/suar/current/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
MOUNTS: Final = """\
mount --make-rprivate /
mount --bind {folder}/media /media
mount --bind {folder}/etc /etc
mount --bind {folder}/opt /opt
mount --bind {folder}/lib /var/lib
mount --bind {folder}/local /usr/local
mount --bind {folder}/log /var/log
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /root
mount -t tmpfs tmpfs /tmp
mount -t proc proc /proc
ip link set lo up
echo ready
exec sleep infinity
"""


def namespaces() -> None:
    """Skip where machines cannot be made. In CI a missing program or right fails; a kernel that forbids them skips."""
    for program, package in (
        (UNSHARE, "util-linux"),
        (NSENTER, "util-linux"),
        (IP, "iproute2"),
        (BARE_PYTHON, "python3"),
    ):
        require(program, package)
    can = subprocess.run([UNSHARE, "-mnp", "--fork", SHELL, "-c", ":"], capture_output=True, check=False)
    if os.geteuid() != 0:
        if os.environ.get("CI"):
            pytest.fail("namespaces need the rights of root")
        pytest.skip("namespaces need the rights of root")
    if can.returncode != 0:  # a container may forbid it to root; nothing that .ci/run installs changes that
        pytest.skip(f"this machine forbids namespaces: {can.stderr.decode(errors='replace').strip()}")


class Machine:
    """One machine; /media is the folder `media` here, by which files come and go."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder / name, name
        for each in ("media", "opt", "lib", "local/bin", "log"):
            (self.folder / each).mkdir(parents=True)
        shutil.copytree("/etc", self.folder / "etc", symlinks=True, ignore=_unreadable)
        systemctl = self.folder / "local/bin/systemctl"
        systemctl.write_text(f"#!{BARE_PYTHON}\n" + Path(__file__).with_name("machine_systemctl.py").read_text())
        systemctl.chmod(0o755)
        self._process: subprocess.Popen[str]

    @property
    def media(self) -> Path:
        """The folder that is /media there."""
        return self.folder / "media"

    def boot(self) -> None:
        """Make the namespaces; they end with `halt`, or with the test."""
        command = [UNSHARE, "-mnp", "--fork", "--kill-child", SHELL, "-euc", MOUNTS.format(folder=self.folder)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        assert self._process.stdout.readline() == "ready\n"
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        self.pid = children[0]

    def halt(self) -> None:
        """End every process of the machine."""
        self._process.kill()
        self._process.wait()
        assert self._process.stdout
        self._process.stdout.close()

    def run(self, block: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """A block of a document in /media, in a shell that stops at the first failure."""
        env = {"PATH": BARE_PATH, "HOME": "/root", "LANG": "C.UTF-8", **environment}
        inside = [NSENTER, "-t", self.pid, "-m", "-n", "-p", SHELL, "-euc", "cd /media; " + block]
        return subprocess.run(inside, env=env, capture_output=True, text=True, timeout=800, check=False)

    def add_host(self, address: str, name: str) -> None:
        """A line of /etc/hosts."""
        with (self.folder / "etc/hosts").open("a") as hosts:
            hosts.write(f"{address} {name}\n")


def cable(one: Machine, address: str, other: Machine, other_address: str, name: str) -> None:
    """A network of two machines."""
    ends = (f"{name}0", f"{name}1")
    subprocess.run(
        [NSENTER, "-t", one.pid, "-n", IP, "link", "add", ends[0], "type", "veth", "peer", "name", ends[1],
         "netns", other.pid], check=True,
    )  # fmt: skip
    for machine, end, own in ((one, ends[0], address), (other, ends[1], other_address)):
        inside = (NSENTER, "-t", machine.pid, "-n", IP)
        subprocess.run([*inside, "addr", "add", f"{own}/24", "dev", end], check=True)
        subprocess.run([*inside, "link", "set", end, "up"], check=True)


@contextlib.contextmanager
def booted(folder: Path, *names: str) -> Iterator[list[Machine]]:
    """Machines of these names, until the end of the block."""
    made = [Machine(folder, name) for name in names]
    running: list[Machine] = []
    try:
        for machine in made:
            machine.boot()
            running.append(machine)
        yield made
    finally:
        for machine in running:
            machine.halt()


def _unreadable(folder: str, names: list[str]) -> set[str]:
    """Sockets and the like are not copied."""
    paths = {name: Path(folder, name) for name in names}
    return {name for name, path in paths.items() if not (path.is_symlink() or path.is_file() or path.is_dir())}

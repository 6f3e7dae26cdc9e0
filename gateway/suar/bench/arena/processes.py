"""Measurements of processes from outside, and a plain program that is controlled over stdin."""

import asyncio
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from suar.bench.arena import plain
from suar.protocol.base.errors import Fault

_TICK: Final = os.sysconf("SC_CLK_TCK")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


def cpu(*pids: int) -> float:
    """Return the CPU seconds of these processes and of their ended children, from /proc/PID/stat."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        total += sum(map(int, fields[11:15]))  # the last two: of children that have ended
    return total / _TICK


def rss(pid: int) -> int:
    """Return the bytes of memory of the process, including shared pages."""
    return int(Path(f"/proc/{pid}/statm").read_text("utf-8").split()[1]) * _PAGE


@dataclass
class Program:
    """A plain program: sender or receiver."""

    process: subprocess.Popen[bytes]
    database: Path

    @property
    def pid(self) -> int:
        """The process id."""
        return self.process.pid

    async def word(self, wanted: str) -> None:
        """Wait for this output."""
        out = self.process.stdout
        answer = (await asyncio.to_thread(out.readline)).decode().strip() if out else ""
        if answer != wanted:
            raise Fault(f"a plain program of the benchmark ended: {answer or self.process.poll()}", "see stderr")

    async def run(self, job: plain.Job) -> None:
        """Have the sender do a job; returns when it is done."""
        self.send(job)
        await self.word("done")

    def send(self, value: object) -> None:
        """Write a value as a JSON line to its stdin."""
        if self.process.stdin:
            self.process.stdin.write(msgspec.json.encode(value) + b"\n")
            self.process.stdin.flush()

    def end(self) -> None:
        """Close its stdin; kill it if that does not end it."""
        if self.process.stdin:
            self.process.stdin.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()

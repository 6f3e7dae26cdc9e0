"""Eleven real members for tests, as cheaply as the demo starts them: gateways forked from one warm process.

    python -m support.eleven FOLDER COUNT      prints what demo.json would hold; obeys `stop CC`, `start CC`, `kill CC`

Forking needs a process of one thread, so the federation is a process of its own and not the test's. It ends with its
standard input, and everything with it.
"""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import httpx

from suar.demo.embedded.federation import Federation
from suar.demo.embedded.founding import NAMES
from suar.demo.embedded.nursery import Nursery
from suar.protocol.base.primitives import Secret
from suar.service.process.run import ADDRESS
from support import warm
from support.patience import PLAIN

PASSPHRASE = "correct horse battery staple"
HEARTBEAT = 2.0
WITHIN = 240.0  # seconds until all of it stands, on a busy machine


# -- in the process of its own


async def _play(folder: Path, codes: tuple[str, ...], nursery: Nursery) -> None:
    async with Federation(folder, codes, Secret(PASSPHRASE.encode()), nursery, heartbeat=HEARTBEAT) as federation:
        _print_members(federation)
        while fields := (await asyncio.to_thread(sys.stdin.readline)).split():
            order, code = fields
            if order == "stop":
                await federation.stop_gateway(code)
            elif order == "kill":
                nursery.send(federation.gateways[code].pid, signal.SIGKILL)
                await federation.stop_gateway(code)
                (federation.founded.state(code) / ADDRESS).unlink(missing_ok=True)  # it had no time to
            else:
                await federation.start_gateway(code)
            _print_members(federation)


def _print_members(federation: Federation) -> None:
    print(json.dumps(federation.describe()), flush=True)


def main() -> None:
    nursery = Nursery()
    try:
        asyncio.run(_play(Path(sys.argv[1]), tuple(NAMES)[: int(sys.argv[2])], nursery))
    finally:
        nursery.close()


# -- in the test


@dataclass
class Member:
    """A gateway as a program of its member sees it."""

    code: str
    state: Path
    url: str
    tokens: dict[str, str]

    def call(self, method: str, path: str, scope: str = "read", **options: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.tokens[scope]}"}
        answer = httpx.request(
            method, self.url + path, headers=headers, timeout=120, trust_env=False, verify=PLAIN, **options
        )
        assert answer.is_success, answer.text
        return answer.json()

    def states(self, id_: str) -> dict[str, str]:
        rows = self.call("GET", f"/v1/messages/{id_}/deliveries")["members"]
        return {code: row["state"] for code, row in rows.items()}


class Members:
    """All of them, by code; what is started or stopped is told to the other process."""

    def __init__(self, folder: Path, orders: IO[str], answers: IO[str]) -> None:
        self.folder, self._orders, self._answers = folder, orders, answers
        self.members: dict[str, Member] = {}
        self.servers: dict[str, Path] = {}
        self._read()

    def __getitem__(self, code: str) -> Member:
        return self.members[code]

    def order(self, what: str, code: str) -> None:
        self._orders.write(f"{what} {code}\n")
        self._orders.flush()
        self._read()

    def _read(self) -> None:
        line = self._answers.readline()
        assert line, "the federation ended"
        report = json.loads(line)
        self.members = {
            each["code"]: Member(each["code"], Path(each["state"]), each["gateway"]["http"], each["tokens"])
            for each in report["members"]
        }


@contextlib.contextmanager
def eleven(folder: Path, count: int = 11) -> Iterator[Members]:
    """That many members, all ready; everything ends with the block."""
    log = folder.parent / "eleven.stderr"
    reading, writing = os.pipe()
    with log.open("wb") as errors, os.fdopen(reading) as stdin:
        process = warm.start("support.eleven", folder, count, stdin=stdin, stdout=subprocess.PIPE, stderr=errors)
    assert process.stdout
    orders = os.fdopen(writing, "w")
    try:
        yield Members(folder, orders, process.stdout)
    finally:
        orders.close()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


if __name__ == "__main__":
    main()

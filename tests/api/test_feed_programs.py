"""The feed by curl and by Node's fetch, which store each event with its position: killed, cut off by the gateway, and
gone on, nothing is lost and nothing comes twice."""

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from support.agency_desk import Desk
from support.executables import CURL, NODE, require
from support.gateways import eventually
from support.kit import id_of, urgent
from support.patience import PATIENCE

FETCH = """
import { appendFileSync, existsSync, readFileSync } from "node:fs";

const stored = () => (existsSync("stored") ? readFileSync("stored", "utf8").trimEnd().split("\\n") : []);
for (;;) {
  const last = stored().at(-1)?.split(" ")[0];
  try {
    const answer = await fetch(process.env.SUAR_URL + "/v1/feed", {
      headers: { Authorization: `Bearer ${process.env.SUAR_TOKEN}`, ...(last ? { "Last-Event-ID": last } : {}) },
    });
    if (!answer.ok) process.exit(1);
    let rest = "";
    for await (const part of answer.body.pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + part).split("\\n\\n");
      rest = blocks.pop();
      for (const block of blocks) {
        const [, id, data] = /^id: (.*)\\ndata: (.*)$/.exec(block) ?? [];
        if (data) appendFileSync("stored", `${id} ${JSON.parse(data).subject}\\n`);
      }
    }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // the connection broke
  }
  await new Promise((done) => setTimeout(done, 20));
}
"""
EVENTS = 200


class ByFetch:
    """Node, which comes back by itself."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder, self._environment = folder, environment
        (folder / "fetch.mjs").write_text(FETCH)

    def stored(self) -> list[str]:
        """What it has, in order."""
        file = self._folder / "stored"
        return [line.split()[1] for line in file.read_text().splitlines()] if file.exists() else []

    async def start(self) -> asyncio.subprocess.Process:
        """Start it, or start it again."""
        return await asyncio.create_subprocess_exec(NODE, "fetch.mjs", cwd=self._folder, env=self._environment)


class ByCurl:
    """curl, which writes the stream into a file; who starts it again cuts the file off behind the last whole event."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._file, self._environment = folder / "stream", environment
        self._file.touch()

    def _whole(self) -> str:
        text = self._file.read_text()
        return text[: text.rfind("\n\n") + 2] if "\n\n" in text else ""

    def stored(self) -> list[str]:
        """What it has, in order."""
        lines = self._whole().splitlines()
        return [line.partition('"subject":"')[2].partition('"')[0] for line in lines if line.startswith("data: ")]

    async def start(self) -> asyncio.subprocess.Process:
        """Start it, or start it again behind the last position."""
        whole = self._whole()
        self._file.write_text(whole)
        ids = [line.removeprefix("id: ") for line in whole.splitlines() if line.startswith("id: ")]
        known = ["-H", f"Last-Event-ID: {ids[-1]}"] if ids else []
        who = f"Authorization: Bearer {self._environment['SUAR_TOKEN']}"
        command = [CURL, "--no-buffer", "--silent", "--fail", "-H", who, *known]
        with self._file.open("ab") as out:
            url = f"{self._environment['SUAR_URL']}/v1/feed"
            return await asyncio.create_subprocess_exec(*command, url, stdout=out, env=self._environment)


def has(program: ByFetch | ByCurl, count: int) -> Callable[[], Awaitable[bool]]:
    async def is_stored() -> bool:
        return len(program.stored()) >= count

    return is_stored


@pytest.mark.parametrize("which", ["fetch", "curl"])
async def test_killed_and_cut_off_it_loses_and_doubles_nothing(desk: Desk, tmp_path: Path, which: str) -> None:
    require(*{"fetch": (NODE, "nodejs"), "curl": (CURL, "curl")}[which])
    environment = {**os.environ, "SUAR_URL": desk.url, "SUAR_TOKEN": await desk.register(), "NO_PROXY": "*"}
    folder = tmp_path / "program"
    folder.mkdir()
    program = ByFetch(folder, environment) if which == "fetch" else ByCurl(folder, environment)
    running = await program.start()
    try:
        for number in range(1, EVENTS + 1, 20):
            await desk.receive(*map(urgent, range(number, number + 20)))
            await eventually(has(program, number), PATIENCE)  # somewhere among these
            if number % 40 == 1:
                running.kill()
            else:
                desk.cut()
            if which == "curl" or number % 40 == 1:
                await running.wait()
                running = await program.start()
        await eventually(has(program, EVENTS), PATIENCE)
    finally:
        with contextlib.suppress(ProcessLookupError):
            running.kill()
        await running.wait()
    assert program.stored() == [id_of(number) for number in range(1, EVENTS + 1)]

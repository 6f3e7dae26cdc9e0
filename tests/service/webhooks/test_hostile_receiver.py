"""A receiver of others, with npm's `standardwebhooks`, behind one that fails, hangs, redirects and drops connections:
it verifies every event, and by the ids it has each once."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from suar.protocol.base import limits
from suar.service.webhooks import calling
from support import npm
from support.agency_desk import HEALTH, Desk, desk_of
from support.executables import NODE
from support.gateways import eventually
from support.hooked import LOOPBACK
from support.kit import id_of, urgent

EVENTS = 6
PROGRAM = """
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

const ACTS = ["500", "hang", "redirect", "drop", "drop after", "503 after"];
const lines = (name) => (existsSync(name) ? readFileSync(name, "utf8").trimEnd().split("\\n") : []);
const webhook = new Webhook(process.env.SECRET);
Date.now = () => Number(readFileSync("now", "utf8"));
createServer(async (request, response) => {
  let body = "";
  for await (const part of request) body += part;
  const id = request.headers["webhook-id"];
  const act = ACTS[lines("tried").filter((each) => each === id).length] ?? "ok";
  appendFileSync("tried", `${id}\\n`);
  appendFileSync("paths", `${request.url}\\n`);
  if (act === "500") return response.writeHead(500).end();
  if (act === "hang") return;
  if (act === "redirect") return response.writeHead(307, { Location: "/elsewhere" }).end();
  if (act === "drop") return request.socket.destroy();
  let event;
  try {
    event = webhook.verify(body, request.headers);
  } catch (error) {
    appendFileSync("forged", `${id} ${error}\\n`);
    return response.writeHead(401).end();
  }
  if (!lines("stored").includes(`${id} ${event.subject}`)) appendFileSync("stored", `${id} ${event.subject}\\n`);
  if (act === "drop after") return request.socket.destroy();
  response.writeHead(act === "503 after" ? 503 : 204).end();
}).listen(Number(process.env.PORT ?? 0), "127.0.0.1", function () {
  writeFileSync("port.tmp", String(this.address().port));
  renameSync("port.tmp", "port");
});
"""
ACTS = 6  # that PROGRAM has, one after the other, before an event is taken


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory, each_store: str) -> Path:
    made = npm.packages(tmp_path_factory.mktemp("npm"))
    (made / "receiver.mjs").write_text(PROGRAM)
    return made


class Program:
    """The receiver: it can be killed and started again at the same port."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.port = folder, 0
        self._running: asyncio.subprocess.Process | None = None

    async def start(self, secret: str) -> None:
        environment = {**os.environ, "SECRET": secret, "PORT": str(self.port)}
        (self._folder / "port").unlink(missing_ok=True)
        self._running = await asyncio.create_subprocess_exec(NODE, "receiver.mjs", cwd=self._folder, env=environment)

        async def listens() -> bool:
            return (self._folder / "port").exists()

        await eventually(listens, 60)
        self.port = int((self._folder / "port").read_text())

    async def kill(self) -> None:
        if self._running is not None:
            with contextlib.suppress(ProcessLookupError):
                self._running.kill()
            await self._running.wait()

    def lines(self, name: str) -> list[str]:
        """What it wrote down."""
        file = self._folder / name
        return file.read_text().splitlines() if file.exists() else []

    def clock(self, now: int) -> None:
        (self._folder / "now").write_text(str(now))


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_of(tmp_path, LOOPBACK) as made:
        yield made


@pytest.mark.slow
async def test_nothing_is_lost_and_nothing_doubled_by_id(
    desk: Desk, packages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "CALL_SECONDS", 1.0)
    deliverer, program = desk.gateway.webhooks.deliverer, Program(packages)

    async def later(milliseconds: int) -> None:
        desk.kit.now += milliseconds
        program.clock(desk.kit.now)
        await deliverer.process_due()
        await deliverer.wait_idle()

    program.clock(desk.kit.now)
    try:
        await program.start("whsec_" + "A" * 32)  # its port is known before its secret is
        url = f"http://127.0.0.1:{program.port}/suar"
        made = await desk.call("POST", "/v1/agencies", json=HEALTH | {"webhook": url})
        assert made.status_code == 201, made.text
        await program.kill()
        await program.start(made.json()["webhook_secret"])
        for number in range(1, EVENTS + 1):
            await desk.receive(urgent(number))
            await later(limits.SECOND)
        await program.kill()  # it is away for a while
        await later(limits.HOUR)
        await program.start(made.json()["webhook_secret"])
        wanted = [f"{id_of(number)}/1 {id_of(number)}" for number in range(1, EVENTS + 1)]
        for _ in range(5 * EVENTS * ACTS):
            await later(5 * limits.MINUTE)
            hook = (await desk.call("GET", "/v1/agencies/health")).json()["webhook"]
            if len(program.lines("stored")) == EVENTS and hook["waiting"] == 0:
                break
        tried = len(program.lines("tried"))
        await later(limits.DAY)
    finally:
        await program.kill()
    assert program.lines("forged") == []
    assert sorted(program.lines("stored")) == wanted
    assert (hook["waiting"], hook["dead_letters"]) == (0, 0)
    assert tried == len(program.lines("tried")) == EVENTS * (ACTS + 1), "each once more than it was refused"
    assert set(program.lines("paths")) == {"/suar"}, "a redirect is not followed"

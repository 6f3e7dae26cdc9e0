"""The programs of docs/agencies/nats.md run as they are printed, and so do programs that are
killed, that lose their connection, and go on: nothing is lost, and no event has two ids.
"""

import asyncio
import contextlib
import os
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import nats
import nats.errors
import pytest
import pytest_asyncio

from suar.bus import streams
from suar.bus.errors import BusError
from suar.federation.plan import agency_text
from suar.service.nats_feed.stream import consumer
from support import npm
from support.agencies_docs import DOCS, WHOLE, examples
from support.executables import NODE, PYTHON
from support.kit import id_of, urgent
from support.nats_desk import STREAM, NatsDesk, nats_desk_of
from support.nats_server import eventually

EXAMPLES = examples(WHOLE, " at nats")
KEEPING = {
    "python": """print(event["type"], event["subject"])  # store it under its id, then:
""",
    "node": """console.log(event.type, event.subject); // store it under its id, then:
""",
}
STORING = {
    "python": """seen = open("seen").read().split() if os.path.exists("seen") else []
            if event["id"] not in seen:
                with open("seen", "a") as file:
                    file.write(event["id"] + "\\n")
""",
    "node": """const fs = await import("node:fs");
    const seen = fs.existsSync("seen") ? fs.readFileSync("seen", "utf8").split("\\n") : [];
    if (!seen.includes(event.id)) fs.appendFileSync("seen", event.id + "\\n");
""",
}
"""What the comment of the page asks for, with a file as the store."""
LANGUAGES = ["python", "node"]
ACK_WAIT = 5 * streams.SECOND
"""Instead of half a minute, for which a test would wait; a program that runs stores one event in less."""


@pytest_asyncio.fixture
async def at(tmp_path: Path) -> AsyncIterator[NatsDesk]:
    async with nats_desk_of(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return npm.packages(tmp_path_factory.mktemp("npm"))


def program(at: NatsDesk, which: str, folder: Path, request: pytest.FixtureRequest) -> tuple[list[str], dict[str, str]]:
    """The command of an example, and its environment; its file is in `folder`."""
    seed = folder / "health.seed"
    seed.touch(0o600)
    seed.write_bytes(at.seeds["health"][0])
    environment = {**os.environ, "NATS_URL": at.url, "NATS_STREAM": STREAM, "NATS_SEED_FILE": str(seed)}
    if which == "python":
        (folder / "example.py").write_text(EXAMPLES[which])
        return [PYTHON, "example.py"], environment
    (folder / "node_modules").symlink_to(request.getfixturevalue("packages") / "node_modules")
    (folder / "example.mjs").write_text(EXAMPLES[which])
    return [NODE, "example.mjs"], environment


@pytest.mark.parametrize("which", LANGUAGES)
async def test_an_example_prints_what_the_agency_may_read(
    at: NatsDesk, tmp_path: Path, which: str, request: pytest.FixtureRequest
) -> None:
    command, environment = program(at, which, tmp_path, request)
    await at.register("health")
    await at.desk.receive(urgent(1), urgent(2, handling=["law-enforcement-only"]))
    await at.write()
    ended = await asyncio.to_thread(
        subprocess.run, command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == f"suar.message.new {id_of(1)}\n"


@pytest.mark.parametrize("which", LANGUAGES)
async def test_a_program_that_is_killed_or_cut_off_continues_without_loss_or_double(
    at: NatsDesk, tmp_path: Path, which: str, request: pytest.FixtureRequest
) -> None:
    command, environment = program(at, which, tmp_path, request)
    example = tmp_path / command[-1]
    assert KEEPING[which] in example.read_text()
    example.write_text(example.read_text().replace(KEEPING[which], STORING[which]))
    await at.register("health")
    numbers = range(1, 201)
    await at.desk.receive(*map(urgent, numbers))
    await at.write()
    await streams.ensure_consumer(at.feed, STREAM, {**consumer("health"), "ack_wait": ACK_WAIT})
    seen, log = tmp_path / "seen", tmp_path / "said"

    def stored() -> list[str]:
        return seen.read_text().split() if seen.exists() else []

    async def run_until(count: int) -> asyncio.subprocess.Process:
        with log.open("ab") as file:
            running = await asyncio.create_subprocess_exec(*command, env=environment, cwd=tmp_path, stderr=file)

        async def has_some() -> bool:
            return len(stored()) >= count or running.returncode is not None

        await eventually(has_some)
        assert running.returncode in (None, 0), log.read_text()  # it ends where all is with those that were killed
        return running

    for count in (10, 20):
        running = await run_until(count)
        with contextlib.suppress(ProcessLookupError):
            running.kill()
        await running.wait()
    running = await run_until(30)
    await at.servers.restart("vn")
    with contextlib.suppress(ProcessLookupError):  # it may have ended with the connection
        running.kill()
    await running.wait()

    async def is_read() -> bool:  # what the killed ones had fetched comes again after ack_wait
        try:
            async with at.reader("health") as last:
                events = await last.read()
        except (
            OSError,
            nats.errors.Error,
            BusError,
        ):  # the server does not answer yet: what was not acknowledged comes again
            return False
        for event in events:
            if event["id"] not in stored():
                with seen.open("a") as file:
                    file.write(event["id"] + "\n")
        return len(stored()) >= len(numbers)

    await eventually(is_read)
    assert sorted(stored()) == [f"{id_of(number)}/1" for number in numbers]


def test_the_element_of_the_plan_is_toml_as_the_page_for_operators_has_it() -> None:
    page = (DOCS / "operators.md").read_text()
    assert agency_text("health", "U...") in page

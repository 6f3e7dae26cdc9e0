"""The examples of docs/agencies.md and of the pages of its doors run as they are printed, and give what may be read."""

import asyncio
import json
import os
import re
import socket
import struct
import subprocess
import time
from pathlib import Path

import pytest

from suar.demo.embedded.servers import HeldPorts
from suar.service.settings.state import locked
from support.agencies_docs import DOORS, EXAMPLES, FIRST, TEXTS, WHOLE, examples
from support.agency_desk import HEALTH, LOCAL, Desk, desk_of
from support.executables import CURL, NODE, PYTHON, SHELL, require
from support.gateways import eventually
from support.hooked import LOOPBACK
from support.kit import id_of, urgent
from support.warm_suar import on_path

LANGUAGES = ["curl", "python", "node"]


def test_each_door_has_a_page_with_its_examples() -> None:
    """The feed's are on the first page, with which a newcomer begins; curl does not speak the protocol of NATS."""
    wanted = {"agencies": {*LANGUAGES, "python-once"}, "browser": {"browser"}, "contract": set(), "nats": set()}
    wanted |= {door: {f"{door}-{each}" for each in LANGUAGES} for door in ("cap", "taxii", "data")}
    wanted |= {"webhooks": {f"webhook-{each}" for each in LANGUAGES}}
    wanted |= {"proposals": {"propose", "propose-curl", "propose-node"}}
    assert {path.stem: set(examples(text)) for path, text in TEXTS.items()} == wanted
    assert set(examples(TEXTS[FIRST.with_suffix("") / "nats.md"], " at nats")) == {"python", "node"}
    assert [path.name for path in DOORS if f"](agencies/{path.name})" not in TEXTS[FIRST]] == []


def test_every_program_of_the_page_is_run_by_a_test() -> None:
    """What reads the environment, or is of a browser, is a program; the other blocks are commands of the operator."""
    blocks = re.findall(r"(<!-- runs[^>]*-->\n)?```(sh|python|js)\n(.*?)```", WHOLE, re.DOTALL)
    programs = [(mark, text) for mark, language, text in blocks if language != "sh" or "SUAR_TOKEN" in text]
    assert len(programs) > len(EXAMPLES)
    assert [text for mark, text in programs if not mark] == []


@pytest.mark.parametrize("which", sorted(EXAMPLES))
def test_what_an_example_reads_from_the_environment_is_set_on_the_page(which: str) -> None:
    page_text = re.sub(r"<!-- runs: .*?```\w+\n.*?```", "", WHOLE, flags=re.DOTALL)
    for name in re.findall(r"SUAR_[A-Z_]+", EXAMPLES[which]):
        assert name in page_text


def test_the_client_needs_the_packages_that_the_page_names_and_no_other() -> None:
    code = (
        "import sys; before = set(sys.modules); import suar.client;"
        "print(*sorted({name.partition('.')[0] for name, found in sys.modules.items() if name not in before"
        " and 'site-packages' in (getattr(found, '__file__', None) or '')}))"
    )
    ended = subprocess.run([PYTHON, "-I", "-c", code], capture_output=True, text=True, check=True)
    of_httpx = {
        "anyio",
        "certifi",
        "h11",
        "httpcore",
        "idna",
        "typing_extensions",
        "click",
        "pygments",
        "rich",
        "sniffio",
    }
    assert set(ended.stdout.split()) - of_httpx <= {"httpx", "msgspec", "suar"}
    assert "pip install httpx msgspec" in TEXTS[FIRST]


@pytest.mark.parametrize("which", LANGUAGES)
async def test_an_example_prints_what_the_agency_may_read(desk: Desk, tmp_path: Path, which: str) -> None:
    await desk.receive(urgent(1), urgent(2, tlp="AMBER+STRICT"), urgent(3, handling=["law-enforcement-only"]))
    await desk.receive(urgent(4), urgent(4, rev=2, action="cancel", reason="wrong"))
    output = await printed(desk, await desk.register(), tmp_path, EXAMPLES[which], which)
    assert "Office jobs abroad" in output
    for word in (id_of(1), "suar.message.new", "suar.message.cancel", id_of(4)):
        assert word in output
    assert id_of(2) not in output
    assert id_of(3) not in output


@pytest.mark.parametrize("which", LANGUAGES)
async def test_a_newcomer_has_the_first_event_by_what_the_page_says_alone(
    desk: Desk, tmp_path: Path, which: str
) -> None:
    """The first section, block by block: the operator's command, the environment, and one of the programs.

    The last block publishes a message in the demo.
    """
    section = TEXTS[FIRST].partition("## Five minutes from a token to the first message\n")[2].partition("\n## ")[0]
    (_, add), (_, exports), *programs, (_, publish) = re.findall(r"```(\w+)\n(.*?)```", section, re.DOTALL)
    assert "suar publish" in publish
    assert [language for language, _ in programs] == ["sh", "python", "js"]
    await desk.receive(urgent(1))
    (desk.kit.folder / "gateway.json").write_text(json.dumps({"url": desk.url, "token": LOCAL, "pid": os.getpid()}))
    (tmp_path / "th").symlink_to(desk.kit.folder)
    here = {name: value for name, value in os.environ.items() if not name.startswith("SUAR_")} | {"NO_PROXY": "*"}
    with on_path() as path, locked(desk.kit.folder):
        token = (await ran(add, tmp_path, here | {"PATH": path})).strip()
    assert "http://127.0.0.1:8440" in exports
    assert "suar_agency_..." in exports
    exports = exports.replace("http://127.0.0.1:8440", desk.url).replace("suar_agency_...", token)
    program = programs[LANGUAGES.index(which)][1]
    (tmp_path / "example.mjs").write_text(program)
    (tmp_path / "example.py").write_text(program)
    require(*{"curl": (CURL, "curl"), "python": (PYTHON, "python3"), "node": (NODE, "nodejs")}[which])
    line = {"curl": program, "python": f"'{PYTHON}' example.py", "node": f"'{NODE}' example.mjs"}[which]
    output = await ran(f"{exports}\n{line}", tmp_path, here)
    assert "suar.message.new" in output
    assert id_of(1) in output
    if which == "node":  # what it prints last continues in the next run
        await desk.receive(urgent(2))
        again = await ran(f"{exports}\n{line} '{output.split()[-1]}'", tmp_path, here)
        assert (id_of(1) in again, id_of(2) in again) == (False, True)


async def ran(script: str, folder: Path, environment: dict[str, str]) -> str:
    """What a shell prints that runs a script, which succeeds."""
    ended = await asyncio.to_thread(
        subprocess.run, [SHELL, "-ec", script], env=environment, cwd=folder, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


async def printed(desk: Desk, token: str, folder: Path, text: str, language: str, **more: str) -> str:
    """What an example prints, run as it is on the page."""
    programs = {"curl": (CURL, "curl"), "python": (PYTHON, "python3"), "node": (NODE, "nodejs")}
    require(*programs[language])
    (folder / "example.mjs").write_text(text)
    command = {"curl": [SHELL, "-c", text], "python": [PYTHON, "-c", text], "node": [NODE, "example.mjs"]}[language]
    environment = {**os.environ, "SUAR_URL": desk.url, "SUAR_TOKEN": token, "NO_PROXY": "*", **more}
    ended = await asyncio.to_thread(
        subprocess.run, command, env=environment, cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout


@pytest.mark.parametrize("which", ["python", "node"])
async def test_a_receiver_of_a_webhook_takes_what_is_signed_and_nothing_else(tmp_path: Path, which: str) -> None:
    program, package = {"python": (PYTHON, "python3"), "node": (NODE, "nodejs")}[which]
    require(program, package)
    file = tmp_path / {"python": "example.py", "node": "example.mjs"}[which]
    file.write_text(EXAMPLES[f"webhook-{which}"])
    ports = HeldPorts()
    port = ports.choose()
    async with desk_of(tmp_path, LOOPBACK) as desk:
        desk.kit.now = time.time_ns() // 1_000_000  # the example refuses what is old
        url = f"http://127.0.0.1:{port}/suar"
        made = await desk.call("POST", "/v1/agencies", json=HEALTH | {"webhook": url})
        environment = {**os.environ, "SUAR_WEBHOOK_SECRET": made.json()["webhook_secret"], "PORT": str(port)}
        with _started([program, str(file)], environment) as receiver:
            try:
                await _listens(port)
                _break_off(port)
                done = (await desk.call("POST", "/v1/agencies/health/webhook/test")).json()
                forged = {
                    "webhook-id": "x",
                    "webhook-timestamp": str(desk.kit.now // 1000),
                    "webhook-signature": "v1,AAAA",
                }
                refused = await desk.client.post(url, content=b"{}", headers=forged)
                assert receiver.poll() is None
            finally:
                receiver.terminate()
            assert receiver.stdout is not None
            output = receiver.stdout.read()
    ports.release()
    assert (done["delivered"], refused.status_code) == (True, 401)
    assert output.split()[0] == "suar.webhook.test"


def _started(command: list[str], environment: dict[str, str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def _break_off(port: int) -> None:
    """A stranger ends amid a request that it announced."""
    with socket.create_connection(("127.0.0.1", port)) as made:
        made.sendall(b"POST /suar HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc")
        made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def _listens(port: int) -> None:
    async def is_there() -> bool:
        with socket.socket() as made:
            return made.connect_ex(("127.0.0.1", port)) == 0

    await eventually(is_there)


async def test_the_example_of_a_proposal_hands_in_a_table(desk: Desk, tmp_path: Path) -> None:
    await desk.gateway.core.run(lambda: setattr(desk.kit, "now", time.time_ns() // 1_000_000))
    token = await desk.register(propose=True)
    output = await printed(desk, token, tmp_path, EXAMPLES["propose"], "python", SUAR_MEMBER="VN")
    id_, state = output.split()
    assert state == "proposed"
    found = (await desk.call("GET", f"/v1/proposals/{id_}")).json()
    assert [cell["value"] for cell in found["proposal"]["obs"]] == [41, 4, 45]
    assert found["proposal"]["issuer"]["sector"] == "health"

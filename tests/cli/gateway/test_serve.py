"""`suar serve` as a process: what stands against starting, work without a bus, a clean end."""

import asyncio
import json
import os
import signal
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from suar.demo.embedded.servers import HeldPorts
from support import warm
from support.commands import Suar
from support.gateways import PASSPHRASE, Federation, Running, draft, eventually
from support.patience import PATIENCE

of_module = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two members' states, Thailand's with the first list imported; their NATS servers do not run."""
    federation = Federation(tmp_path_factory.mktemp("serve"), ("SG", "TH"))
    federation.import_lists("TH", federation.lists.next(), pin=federation.lists.prev)
    return federation.folder


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway(folder: Path) -> AsyncIterator[Running]:
    """Thailand's gateway, without a bus. A test that ends it starts it again."""
    running, ports = Running("TH", folder / "state-th", program=("-m", "suar")), HeldPorts()  # nobody listens there
    running.environ |= {"SUAR_BUS__URL": f"nats://127.0.0.1:{ports.choose()}", "SUAR_HTTP__LISTEN": "127.0.0.1:0"}
    await started(running)
    yield running
    running.kill()
    ports.release()


async def started(running: Running) -> None:
    running.start()

    async def answers() -> bool:
        assert running.process is not None
        assert running.process.poll() is None, running.words()
        try:
            return (await running.call("GET", "/healthz")).status_code == 200
        except (OSError, httpx.HTTPError):
            return False

    await eventually(answers, 2 * PATIENCE)  # a process that nobody has warmed


@of_module
async def test_what_is_published_without_a_bus_is_kept(gateway: Running, suar: Suar) -> None:
    state = str(gateway.folder)
    path = gateway.folder.parent / "message.json"
    path.write_text(json.dumps(draft("kept")))
    published = await asyncio.to_thread(suar, "publish", str(path), "--state", state)
    assert published.code == 0, published.err
    id_ = published.out.strip()
    again = await asyncio.to_thread(suar, "publish", str(path), "--state", state)
    assert again.out.strip() == id_  # the same bytes within a day are the same message
    assert gateway.end() == 0
    assert not (gateway.folder / "gateway.json").exists()
    await started(gateway)
    shown = await asyncio.to_thread(suar, "show", id_, "--state", state)
    assert "| kept" in shown.out.splitlines()
    deliveries = await gateway.get(f"/v1/messages/{id_}/deliveries")
    assert deliveries["members"]["SG"]["state"] in ("queued", "no-valid-key")
    assert deliveries["members"]["SG"]["stored"] is None


@of_module
async def test_it_says_that_it_may_not_receive(gateway: Running, suar: Suar) -> None:
    answer = await gateway.call("GET", "/readyz")
    assert answer.status_code == 503
    assert "no connection to the own NATS server" in answer.json()["reasons"]
    doctor = await asyncio.to_thread(suar, "doctor", "--json", "--state", str(gateway.folder))
    found = {check["id"]: check["status"] for check in json.loads(doctor.out)["checks"]}
    assert doctor.code == 2
    assert (found["gateway-running"], found["bus-connected"], found["trust-days-left"]) == ("ok", "critical", "ok")


@of_module
async def test_a_token_and_checks_also_while_no_gateway_runs(gateway: Running, suar: Suar) -> None:
    made = await asyncio.to_thread(suar, "token", "add", "desk", "--scope", "read", "--state", str(gateway.folder))
    bearer = {"Authorization": f"Bearer {made.out.strip()}"}
    assert (await gateway.call("GET", "/v1/messages", headers=bearer)).status_code == 200
    assert (await gateway.call("POST", "/v1/messages", b"{}", headers=bearer)).status_code == 403
    gateway.end()
    offline = ("--passphrase-file", str(gateway.folder / "passphrase"), "--state", str(gateway.folder))
    listed = await asyncio.to_thread(suar, "token", "list", "--json", *offline)
    assert [row["name"] for row in json.loads(listed.out)] == ["desk"]
    path = gateway.folder.parent / "checked.json"
    path.write_text(json.dumps(draft("checked")))
    checked = await asyncio.to_thread(suar, "check-message", str(path), "--json", *offline)
    verdict = json.loads(checked.out)
    assert verdict["verdict"] == "pass"
    assert not {"permissions", "ledger", "chain", "draw"} & set(verdict["not_checked"])
    assert (await asyncio.to_thread(suar, "keys", "show", *offline)).code == 0
    await started(gateway)
    assert (await gateway.call("GET", "/v1/messages", headers=bearer)).status_code == 200


@of_module
async def test_a_refusal_of_a_real_gateway_has_every_reason(gateway: Running) -> None:
    answer = await gateway.call("POST", "/v1/messages", json.dumps(draft("x", tlp="PURPLE", urgency="soon")).encode())
    assert answer.status_code == 422
    assert {reason["path"] for reason in answer.json()["reasons"]} == {"$.tlp", "$.urgency"}
    check = await gateway.call("POST", "/v1/messages/check", json.dumps(draft("x")).encode())
    assert check.json()["verdict"] == "pass"


@of_module
async def test_a_list_that_is_refused_is_the_callers_fault(gateway: Running) -> None:
    answer = await gateway.call("POST", "/v1/trust", b"no list")
    assert answer.status_code == 422
    assert "E-TRUST-" in answer.text


@of_module
async def test_it_ends_at_once_and_cleanly_at_a_signal(gateway: Running) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        assert gateway.end(number) == 0
        assert gateway.events("stopped")
        await started(gateway)


@of_module
async def test_no_secret_is_in_its_log(gateway: Running) -> None:
    token = gateway.address["token"]
    await gateway.call("GET", "/v1/messages", headers={"Authorization": "Bearer nonsense"})
    await gateway.call("POST", "/v1/messages", json.dumps(draft("a telling title")).encode())
    log = gateway.log.read_bytes()
    assert b'"event":"started"' in log  # it says what happened
    for secret in (token.encode(), PASSPHRASE, b"a telling title", b"nonsense"):
        assert secret not in log


@of_module
async def test_a_state_folder_has_one_gateway(gateway: Running) -> None:
    assert has_logged(gateway, "another gateway runs on")


def test_a_busy_port(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        running = Running("SG", folder / "state-sg")
        running.environ["SUAR_HTTP__LISTEN"] = f"127.0.0.1:{taken.getsockname()[1]}"
        assert has_logged(running, "another program listens there already")


def test_a_wrong_passphrase(folder: Path) -> None:
    assert has_logged(Running("SG", folder / "state-sg"), "passphrase", passphrase=b"another one")


def test_wrong_settings_are_reported_before_the_passphrase_is_requested(folder: Path) -> None:
    running = Running("SG", folder / "state-sg", {"SUAR_GATE__K_CLEAR": "3"})
    assert has_logged(running, "gate.k_clear", passphrase=b"")


def test_no_state_folder(tmp_path: Path) -> None:
    assert has_logged(Running("TH", tmp_path / "none"), "SUAR_STATE")


def has_logged(running: Running, text: str, passphrase: bytes = PASSPHRASE) -> bool:
    """Whether `suar serve` ends with exit 1 and two lines that say `text`."""
    file = running.folder.parent / "given"
    file.write_bytes(passphrase)
    arguments = ("serve", "--state", running.folder, "--passphrase-file", file)
    ended = warm.run("suar", *arguments, env=os.environ | running.environ)
    lines = [line for line in ended.err.splitlines() if not line.startswith("{")]
    assert [line.split(" ", 1)[0] for line in lines] == ["error:", "hint:"], ended.err
    return ended.code == 1 and text in ended.err

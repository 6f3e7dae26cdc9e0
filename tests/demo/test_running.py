"""`suar demo --dir`: what scripts outside rely on, and that nothing is left behind."""

import json
import signal
import stat
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from suar.demo.embedded.examples import drafts
from suar.service.settings.scopes import SCOPES
from support.console import code, note_of
from support.demos import (
    DEMO,
    PASSPHRASE,
    Running,
    alive,
    all_end,
    descendants,
    end,
    environment,
    is_reached,
    running,
)
from support.executables import PYTHON
from support.patience import PATIENCE
from support.secret_search import files_in, meant, search, secrets_of


@pytest.mark.slow
def test_a_script_outside_can_use_it_and_end_it(tmp_path: Path) -> None:
    with running(tmp_path) as demo:
        _demo_json(demo.content, demo.folder)
        pids = demo.pids()
        assert all(map(alive, pids))
        _publish_from_outside(demo.content)
        local = _answers(demo.content, tmp_path)
        output = demo.outputs[0].read_text()
        for member in demo.content["members"]:
            _logins_are_printed(member, output)
            _reader_is_a_person(member)
        for role, path in (("author", "write"), ("approver", "approve"), ("operator", "health")):
            _sign_in(demo.content["members"][1], role, path)
        assert all(member["gateway"]["http"] in output for member in demo.content["members"])
        assert not [
            token for member in demo.content["members"] for token in member["tokens"].values() if token in output
        ]
        assert end(demo.process, signal.SIGTERM) == 0, demo.outputs[1].read_text()
        assert not [pid for pid in pids if alive(pid)]
        assert not list(demo.folder.glob("*/gateway.json"))
        _no_secret(demo, tmp_path, local)
        assert _events(demo.folder / "th" / "gateway.log")[-1] == "stopped"


def _demo_json(document: dict[str, Any], folder: Path) -> None:
    assert stat.S_IMODE((folder / "demo.json").stat().st_mode) == 0o600
    assert set(document["hub"]) == {"pid", "port", "monitor"}
    assert [member["code"] for member in document["members"]] == ["SG", "TH", "VN"]
    for member in document["members"]:
        assert set(member["nats"]) == {"pid", "port", "monitor"}
        assert set(member["gateway"]) == {"pid", "http"}
        assert set(member["tokens"]) == set(SCOPES)
        assert Path(member["state"]) == folder / member["code"].lower()
        address = json.loads((folder / member["code"].lower() / "gateway.json").read_text())
        assert (address["pid"], address["url"]) == (member["gateway"]["pid"], member["gateway"]["http"])
        healthy = httpx.get(f"http://127.0.0.1:{member['nats']['monitor']}/healthz", trust_env=False, timeout=PATIENCE)
        assert healthy.json() == {"status": "ok"}


def _publish_from_outside(document: dict[str, Any]) -> None:
    sg, th = document["members"][:2]
    draft = next(draft for draft in drafts(["TH", "SG", "VN"]) if draft.is_for_all and draft.realm == "actual")
    with httpx.Client(trust_env=False, timeout=PATIENCE) as client:
        answer = client.post(f"{sg['gateway']['http']}/v1/messages", json=draft.body, headers=_bearer(sg, "publish"))
        assert answer.status_code == 201, answer.text
        id_ = answer.json()["id"]
        denied = client.post(f"{sg['gateway']['http']}/v1/messages", json=draft.body, headers=_bearer(sg, "read"))
        assert denied.status_code == 403
        url = f"{th['gateway']['http']}/v1/messages/{id_}"
        deadline = time.monotonic() + 60
        while (shown := client.get(url, headers=_bearer(th, "read"))).status_code == 404:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert shown.json()["message"]["id"] == id_


def _logins_are_printed(member: dict[str, Any], output: str) -> None:
    """Of the author, the approver and the operator, below the address of their console."""
    console, port = member["console"], member["gateway"]["http"].rpartition(":")[2]
    assert console["url"] == f"http://{member['code'].lower()}.localhost:{port}/console"
    assert list(console["logins"]) == ["author", "approver", "operator"]
    lines = [f"{member['code']}  {console['url']}"]
    lines += [f"    {each['user']:8}  {each['password']}  {each['totp']}" for each in console["logins"].values()]
    assert "\n".join(["", *lines, ""]) in output


def _reader_is_a_person(member: dict[str, Any]) -> None:
    with httpx.Client(trust_env=False, timeout=PATIENCE) as client:
        rows = client.get(f"{member['gateway']['http']}/v1/tokens", headers=_bearer(member, "admin")).json()
    assert {each["name"]: each["person"] for each in rows}["demo-read"] is True


def _sign_in(member: dict[str, Any], role: str, path: str) -> None:
    """By the printed login, to a page that this role alone of the three may open."""
    login, url = member["console"]["logins"][role], f"{member['gateway']['http']}/console"
    host = member["console"]["url"].removeprefix("http://").removesuffix("/console")
    headers = {"Host": host, "Origin": f"http://{host}"}
    with httpx.Client(trust_env=False, timeout=PATIENCE, headers=headers) as client:
        first = client.post(f"{url}/sign-in", data={"user": login["user"], "password": login["password"]})
        form = {"note": note_of(first.text), "code": code(int(time.time() * 1000), login["totp"])}
        second = client.post(f"{url}/sign-in", data=form)
        assert second.status_code == 303, second.text
        shown = {each: client.get(f"{url}/{each}").status_code for each in ("write", "approve", "health")}
    assert shown == {each: 200 if each == path else 403 for each in shown}, role


def _answers(document: dict[str, Any], folder: Path) -> dict[str, bytes]:
    """Keep what gateways answer, also to callers without rights; their local tokens."""
    local = {}
    paths = ("metrics", "v1/keys", "v1/trust", "v1/checks", "v1/peers", "v1/alarms", "v1/tokens", "schema/openapi.json")
    with httpx.Client(trust_env=False, timeout=PATIENCE) as client:
        for member in document["members"]:
            code, url = member["code"], member["gateway"]["http"]
            local[f"{code} local token"] = json.loads(Path(member["state"], "gateway.json").read_text())[
                "token"
            ].encode()
            for number, path in enumerate(paths):
                for scope in ("admin", "publish"):
                    answer = client.get(f"{url}/{path}", headers=_bearer(member, scope))
                    (folder / f"answer-{code}-{scope}-{number}").write_bytes(answer.content)
    return local


def _no_secret(demo: Running, folder: Path, local: dict[str, bytes]) -> None:
    """In no output, answer, log or file, but in those that are there to hold it."""
    secrets = secrets_of(demo.folder, PASSPHRASE.encode(), demo.content) | local
    found = search(files_in(folder), secrets)
    named = {(str(find.file.relative_to(folder)), find.secret) for find in found}
    expected = {(f"demo/{file}", secret) for file, secret in meant(demo.content)}
    assert named == expected | {("known-passphrase", "passphrase")}


def _bearer(member: dict[str, Any], scope: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {member['tokens'][scope]}"}


def _events(log: Path) -> list[str]:
    return [json.loads(line)["event"] for line in log.read_text().splitlines()]


PARENT = """
import sys, time
from pathlib import Path
from suar.demo.embedded.founding import COST
from suar.demo.embedded.nursery import Nursery
from suar.protocol.base.primitives import Secret
from suar.service.settings.state import create_state
state, passphrase = Path(sys.argv[1]), Secret(b"throw-away")
create_state(state, passphrase, member="TH", name="T", federation="f", now=1, cost=COST)
text = (state / "suar.toml").read_text()
(state / "suar.toml").write_text(text.replace("127.0.0.1:8440", "127.0.0.1:0").replace(":4222", ":1"))
nursery = Nursery()
pid = nursery.start(state, passphrase)
while not (state / "gateway.json").exists():
    time.sleep(0.02)
print(nursery.pid, pid, flush=True)
time.sleep(60)
"""


def test_gateways_die_with_a_killed_demo(tmp_path: Path) -> None:
    parent = subprocess.Popen([PYTHON, "-c", PARENT, str(tmp_path / "th")], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent.stdout:
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) == 2
        assert all(map(alive, pids))
        parent.kill()
        parent.wait()
    assert all_end(pids)


CLOSING = PARENT.replace("time.sleep(60)", "nursery.close()\nprint(Path(f'/proc/{pid}').exists())")


def test_gateways_have_ended_when_their_nursery_is_closed(tmp_path: Path) -> None:
    done = subprocess.run(
        [PYTHON, "-c", CLOSING, str(tmp_path / "th")], check=True, capture_output=True, text=True, timeout=240
    )
    assert done.stdout.splitlines()[1] == "False"


@pytest.mark.slow
def test_an_interrupted_demo_leaves_nothing_behind(tmp_path: Path) -> None:
    """Ctrl-C while everything starts."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    process = subprocess.Popen(
        [*DEMO, "--members", "3"], env=environment(tmp_path, TMPDIR=str(temporary)), stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    with process.stderr as lines:
        assert any("gateways" in line for line in lines)
        assert is_reached(lambda: len(descendants(process.pid)) > 4)
        pids = descendants(process.pid)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)  # an impatient person
        assert process.wait(60) == 130
        assert "Traceback" not in lines.read()
    assert not [pid for pid in pids if alive(pid)]
    assert list(temporary.iterdir()) == []


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("precious")
    done = subprocess.run(
        [*DEMO, "--dir", str(tmp_path)],
        check=False, env=environment(tmp_path), capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"error: {tmp_path} is not an empty folder",
        "hint: name a new one with --dir",
    ]

"""Five bytes under a subject whose last token is no text: once, from any member's NATS user or from the hub.

Before, nats-py's read loop ended at `subject.decode()` in every gateway (and at a vertical tab it ended the connection
again and again); the object stayed 30 days in every INBOX, so a restart did not help. Now a subject is any bytes to the
client (`suar.bus.wire`), its realm, type and channel are enumerated by permission and by the hub's filters, and the
object is refused at the door by E-SUBJECT.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from suar.demo.embedded.examples import drafts
from suar.service.settings.keyring import Keyring
from support import warm
from support.demos import PASSPHRASE, alive, environment
from support.raw_nats import raw_client

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.demos import Running

SUBJECTS = [b"a.frame.all.\xff\xfe", b"a.frame.all.\x0bX", b"a.frame.all.\rX"]
WITHIN = 120.0  # seconds


async def _attack(member: dict[str, Any]) -> None:
    """By hand: a client of ours would not write such a subject."""
    seed = bytes(Keyring.open(Path(member["state"]) / "keyring.suar", PASSPHRASE.encode()).nkey_seed("gateway"))
    url = f"nats://127.0.0.1:{member['nats']['port']}"
    async with raw_client(url, seed) as client:
        for subject in SUBJECTS:
            await client.send(b"PUB " + subject + b" 5\r\nhello\r\n")
            await client.send(b"HPUB " + subject + b" 22 27\r\nNATS/1.0 4\xff4 x\r\n\xff:\r\n\r\nhello\r\n")


class _Desk:
    """A member's HTTP API, wherever its gateway listens now."""

    def __init__(self, member: dict[str, Any]) -> None:
        self.state, self._tokens = Path(member["state"]), member["tokens"]
        self.code, self.pid = member["code"], member["gateway"]["pid"]

    def ask(self, method: str, path: str, token: str, body: Any = None) -> httpx.Response:
        url = json.loads((self.state / "gateway.json").read_text())["url"]
        head = {"Authorization": f"Bearer {self._tokens[token]}"}
        return httpx.request(method, url + path, json=body, headers=head, trust_env=False, timeout=120)

    def publish(self, draft: dict[str, Any]) -> str:
        answer = self.ask("POST", "/v1/messages", "publish", draft)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def has(self, id_: str) -> bool:
        try:
            return self.ask("GET", f"/v1/messages/{id_}", "read").is_success
        except (httpx.TransportError, OSError, ValueError):  # it is starting
            return False

    def log(self) -> str:
        return (self.state / "gateway.log").read_text()


def _until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WITHIN
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


@pytest.mark.slow
def test_every_gateway_continues_and_a_restart_changes_nothing(demo: Running, tmp_path: Path) -> None:
    members = demo.content["members"]
    desks = {member["code"]: _Desk(member) for member in members}
    honest = next(
        each for each in drafts(list(desks)) if each.is_for_all and each.realm == "actual" and each.kind == "alert"
    )
    asyncio.run(_attack(next(member for member in members if member["code"] != honest.sender)))

    first = desks[honest.sender].publish(honest.body)
    for desk in desks.values():
        _until(lambda desk=desk: desk.has(first), f"{desk.code} got nothing after the attack")  # type: ignore[misc]  # mypy does not infer a lambda with a default
        _until(lambda desk=desk: "E-SUBJECT" in desk.log(), f"{desk.code} says nothing of the object")  # type: ignore[misc]  # mypy does not infer a lambda with a default
        assert "bus_read_failed" not in desk.log()
        checks = {check["id"]: check["status"] for check in desk.ask("GET", "/v1/checks", "operate").json()["checks"]}
        assert checks["bus-read"] == "ok"

    again = next(desk for code, desk in desks.items() if code != honest.sender)
    os.kill(again.pid, signal.SIGTERM)
    _until(lambda: not alive(again.pid), "the gateway did not stop")
    with (tmp_path / "log").open("wb") as log:
        env = environment(tmp_path)
        process = warm.start("suar", "serve", "--state", again.state, env=env, stdout=log, stderr=log)
    try:
        _until(lambda: again.has(first), (tmp_path / "log").read_text())
        second = desks[honest.sender].publish(honest.body)
        _until(lambda: again.has(second), "the gateway got nothing after its restart")
    finally:
        process.terminate()
        process.wait(60)

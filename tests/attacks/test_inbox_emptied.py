"""The NATS user of a gateway deletes what its INBOX holds, before the gateway has read it.

Since a recall deletes frames in the own INBOX, that user may delete single messages there. Who has its seed, and not
the keyring, hides nothing with it: frames are numbered, so the gateway knows what it lacks and requests it from its
origin.
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

from suar.bus import history, jsapi
from suar.bus.open_bus import connect
from suar.demo.embedded.examples import drafts
from suar.service.settings.keyring import Keyring
from support import warm
from support.demos import PASSPHRASE, alive, environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.demos import Running

WITHIN = 180.0  # seconds: a hole in the stream is passed over after a minute


def _ask(member: dict[str, Any], method: str, path: str, token: str, body: Any = None) -> httpx.Response:
    url = json.loads((Path(member["state"]) / "gateway.json").read_text())["url"]
    head = {"Authorization": f"Bearer {member['tokens'][token]}"}
    return httpx.request(method, url + path, json=body, headers=head, trust_env=False, timeout=120)


def _has(member: dict[str, Any], id_: str) -> bool:
    try:
        return _ask(member, "GET", f"/v1/messages/{id_}", "read").is_success
    except (httpx.TransportError, OSError, ValueError):  # it is starting
        return False


def _until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WITHIN
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


async def _deleted(member: dict[str, Any], sender: str, before: int) -> int:
    """Delete every frame of `sender` behind that sequence in the member's INBOX; how many."""
    seed = bytes(Keyring.open(Path(member["state"]) / "keyring.suar", PASSPHRASE.encode()).nkey_seed("gateway"))
    bus = await connect(f"nats://127.0.0.1:{member['nats']['port']}", seed, "_INBOX_gw", "thief")
    stream, count = f"INBOX_{member['code']}", 0
    try:
        where = await history.extent(bus, stream)
        async for part in history.between(bus, stream, before + 1, where.last):
            for each in part:
                if each.subject.startswith(f"tip.v1.{sender.lower()}.") and ".frame." in each.subject:
                    count += await jsapi.delete_message(bus, stream, each.seq)
    finally:
        await bus.close()
    return count


async def _last(member: dict[str, Any]) -> int:
    seed = bytes(Keyring.open(Path(member["state"]) / "keyring.suar", PASSPHRASE.encode()).nkey_seed("gateway"))
    bus = await connect(f"nats://127.0.0.1:{member['nats']['port']}", seed, "_INBOX_gw", "thief")
    try:
        return (await history.extent(bus, f"INBOX_{member['code']}")).last
    finally:
        await bus.close()


@pytest.mark.slow
def test_what_was_deleted_before_it_was_read_is_requested_and_comes(demo: Running, tmp_path: Path) -> None:
    members = {member["code"]: member for member in demo.said["members"]}
    honest = next(
        each for each in drafts(list(members)) if each.is_for_all and each.realm == "actual" and each.kind == "alert"
    )
    sender = members[honest.sender]
    victim = next(member for code, member in members.items() if code != honest.sender)
    os.kill(victim["gateway"]["pid"], signal.SIGTERM)
    _until(lambda: not alive(victim["gateway"]["pid"]), "the gateway did not stop")
    before = asyncio.run(_last(victim))
    answer = _ask(sender, "POST", "/v1/messages", "publish", honest.body)
    assert answer.status_code == 201, answer.text
    id_, deleted = answer.json()["id"], []

    def is_deleted() -> bool:
        deleted.append(asyncio.run(_deleted(victim, honest.sender, before)))
        return sum(deleted) > 0 and deleted[-1] == 0

    _until(is_deleted, "nothing came into INBOX")
    with (tmp_path / "log").open("wb") as log:
        env = environment(tmp_path)
        process = warm.start("suar", "serve", "--state", victim["state"], env=env, stdout=log, stderr=log)
    try:
        _until(lambda: _has(victim, id_), (tmp_path / "log").read_text())
    finally:
        process.terminate()
        process.wait(60)

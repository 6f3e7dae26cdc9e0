"""A member with its keys and its NATS user speaks for others, while its own gateway runs on.

Its alert named Singapore as issuer: all accepted it, showed "From: Singapore" and called it proved. Its heartbeat named
a true frame of Singapore under another number: everybody alarmed an equivocation of Singapore. F8 refuses the one, F11
makes of the other a claim under its own name.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from suar.bus.connect import Bus
from suar.demo.story.adversary import Thief
from suar.observe.hooks import Hooks
from suar.protocol.base import subjects
from suar.protocol.base.instants import instant_of
from suar.protocol.base.primitives import ACTUAL
from suar.protocol.base.subjects import ALL
from suar.protocol.transport import frame, heartbeat
from suar.protocol.transport.frame import Position
from suar.protocol.transport.heartbeat import Head, Heartbeat
from suar.service.process import run
from support.demos import PASSPHRASE
from support.patience import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from suar.service.core.core import Core
    from support.demos import Running

pytestmark = pytest.mark.essential

WITHIN = 120.0


def copied(state: Path, to: Path) -> Path:
    """What the member's operator has: its state folder, as it is while the gateway runs on it."""
    shutil.copytree(state, to, ignore=shutil.ignore_patterns("suar.db*", "*.lock", "gateway.json", "gateway.log"))
    with closing(sqlite3.connect(state / "suar.db")) as live, closing(sqlite3.connect(to / "suar.db")) as copy:
        live.backup(copy)
    return to


def ask(member: dict[str, Any], path: str, scope: str) -> Any:
    headers = {"authorization": f"Bearer {member['tokens'][scope]}"}
    answer = httpx.get(f"{member['gateway']['http']}{path}", headers=headers, trust_env=False, timeout=PATIENCE)
    return answer.json() if answer.status_code == 200 else None


def until(found: Callable[[], Any], within: float = WITHIN) -> Any:
    """What `found` gives as soon as it gives something; nothing is timed but the end of patience."""
    deadline = time.monotonic() + within
    while not (value := found()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return value


def forged(core: Core) -> list[bytes]:
    """Two alerts of VN: one that names SG as its issuer, one as its gateway would write it."""
    now = datetime.now(UTC).replace(microsecond=0)
    made = []
    for number, issuer in ((900_001, "SG"), (900_002, "VN")):
        message = {
            "kind": "alert", "schema": "alert/1.0", "id": f"VN-ALERT-{now.year}-{number}", "rev": 1, "action": "new",
            "status": "actual", "issuer": {"member": issuer, "body": "National desk", "sector": "law-enforcement"},
            "sent": instant_of(now),
            "expires": instant_of(now + timedelta(days=1)), "tlp": "AMBER",
            "audience": {"members": "all"}, "text": [{"lang": "en", "title": f"of {issuer}", "summary": "Office work"}],
            "source": {"type": "investigation", "reliability": "B", "credibility": 2, "confidence": 70},
            "event": "recruitment-campaign", "urgency": "expected", "severity": "severe", "certainty": "likely",
            "request": [{"action": "acknowledge"}], "desk": f"{core.member}-CONTACT-{now.year}-000001",
        }  # fmt: skip
        made.append(json.dumps(message).encode())
    return made


def lie(core: Core, thief: Thief) -> tuple[str, bytes, bytes]:
    """A heartbeat that names the newest frame of SG under number 0; subject, bytes, and SG's epoch."""
    state = thief.epoch_of("SG")
    head = Head(state.id, 1, state.sequence.last_hash, state.tip_signature)
    assert state.tip_frames > 1
    trust = core.world.trust
    beat = Heartbeat([], [head], trust.version, trust.hash, trust.revokes_hash(), bytes(16), [])
    chain = thief.chain()
    assert chain.opened is not None
    assert chain.last is not None
    at, body = Position(chain.opened.id, chain.seq, chain.last.hash), heartbeat.write(beat)
    sealed = frame.seal_frame(ACTUAL, chain.opened.secret, chain.opened.signing, at, core.clock(), (), body=body)
    return subjects.frame(ACTUAL, ALL, chain.opened.id), sealed.data, state.id


async def attack(core: Core) -> tuple[list[str], bytes]:
    """Publish both alerts and the heartbeat as VN; the alerts' ids, and SG's epoch."""
    config = core.config
    bus = Bus(
        config.bus.urls, bytes(core.keyring.nkey_seed("gateway")), config.bus.inbox_prefix, "attacker", tls=config.tls()
    )
    await bus.start()
    try:
        await bus.wait_connected(WITHIN)
        thief, messages = Thief(core, bus), forged(core)
        thief.forget_epochs()
        await thief.send(thief.seal(*messages))
        subject, data, epoch_id = lie(core, thief)
        await thief.publish(subject, data)
    finally:
        await bus.close()
    return [json.loads(message)["id"] for message in messages], epoch_id


def test_nobody_speaks_for_another(demo: Running, tmp_path: Path) -> None:
    sg, th, vn = demo.content["members"]
    core = run.open_core(copied(Path(vn["state"]), tmp_path / "vn"), PASSPHRASE.encode(), os.environ, Hooks())
    try:
        (bad, good), epoch_id = asyncio.run(attack(core))
    finally:
        core.close()
    shown = until(lambda: ask(th, f"/v1/messages/{good}", "read"))
    assert (shown["origin"], shown["message"]["issuer"]["member"]) == ("VN", "VN")
    assert ask(th, f"/v1/messages/{bad}", "read") is None

    def alarms() -> list[dict[str, Any]]:
        return [each for each in ask(th, "/v1/alarms", "operate") if each["epoch"] == epoch_id.hex()]

    raised = until(alarms)
    assert {(each["name"], each["member"], each["origin"]) for each in raised} == {("gap", "VN", "SG")}
    assert httpx.get(f"{sg['gateway']['http']}/readyz", trust_env=False, timeout=PATIENCE).status_code == 200
    (line,) = [each for each in ask(th, "/v1/peers", "operate") if each["member"] == "SG"]
    assert (line["complete"], line["missing"]) == (True, 0)

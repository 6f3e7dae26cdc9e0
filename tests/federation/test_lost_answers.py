"""A hub's reload may disconnect who requests it: the request is repeated, or found to have been done."""

import os
import signal
from typing import Any

import msgspec
import pytest

from suar.bus import streams
from suar.bus.connect import Bus
from suar.bus.errors import Disconnected, NoAnswer
from suar.demo.embedded.nats_federation import NatsFederation
from suar.federation import monitor
from support.nats_server import eventually, publish, receive


async def _cut_own_connection(federation: NatsFederation) -> None:
    """The hub disconnects who operates it, as a reload may."""
    system, port = federation.hub.system, federation.hub.plan.hub.monitor_port
    connections = (await monitor.read(port, "/connz?auth=1"))["connections"]
    (own,) = [each["cid"] for each in connections if each.get("name") == system.name]
    body = msgspec.json.encode({"cid": own})
    await system.publish(f"$SYS.REQ.SERVER.{(await monitor.varz(port))['server_id']}.KICK", body, "answer.unread")

    async def is_cut() -> bool:
        connections = (await monitor.read(port, "/connz?auth=1"))["connections"]
        return own not in [each["cid"] for each in connections]

    await eventually(is_cut)


@pytest.mark.parametrize("is_sent", [False, True])
async def test_a_reload_whose_answer_is_lost_is_found_or_requested_again(
    federation: NatsFederation, monkeypatch: pytest.MonkeyPatch, is_sent: bool
) -> None:
    request, cut = Bus.request, 0

    async def cut_once(bus: Bus, subject: str, *args: Any, **named: Any) -> Any:
        nonlocal cut
        if subject.endswith(".RELOAD") and not cut:
            cut += 1
            if is_sent:
                await bus.publish(subject, b"", "answer.unread")
            await _cut_own_connection(federation)
        return await request(bus, subject, *args, **named)

    monkeypatch.setattr(Bus, "request", cut_once)
    before = (await monitor.varz(federation.hub.plan.hub.monitor_port))["config_load_time"]
    await federation.hub.reload()
    assert cut == 1
    assert (await monitor.varz(federation.hub.plan.hub.monitor_port))["config_load_time"] > before
    assert federation.hub.system.is_connected


async def test_a_member_joins_though_the_hubs_server_ends_in_the_reload(
    federation: NatsFederation, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """It is started again, as by its unit; what a crash printed is shown."""
    request, pid = Bus.request, federation.servers.hub.pid

    async def ends_once(bus: Bus, subject: str, *args: Any, **named: Any) -> Any:
        if subject.endswith(".RELOAD") and federation.servers.hub.pid == pid:
            os.kill(pid, signal.SIGABRT)
        return await request(bus, subject, *args, **named)

    monkeypatch.setattr(Bus, "request", ends_once)
    await federation.join("VN")
    assert federation.servers.hub.pid != pid
    assert "SIGABRT: abort" in capfd.readouterr().err
    await publish(await federation.connect("VN", "gateway"), "a.frame.all.01", [b"from VN"])
    received = await receive(await federation.connect("SG", "gateway"), "SG", 1)
    assert [each.data for each in received] == [b"from VN"]


@pytest.mark.parametrize("user", ["admin", "system"])
async def test_what_follows_a_reload_is_answered(
    federation: NatsFederation, monkeypatch: pytest.MonkeyPatch, user: str
) -> None:
    """A connection that the reload ended fails the next request, and counts as connected until then."""
    request, lost, is_reloaded = Bus.request, 0, False
    ended: Bus = getattr(federation.hub, user)

    async def lost_once(bus: Bus, subject: str, *args: Any, **named: Any) -> Any:
        nonlocal lost, is_reloaded
        if bus is ended and is_reloaded and not lost:
            lost += 1
            raise Disconnected("connection lost")
        answer = await request(bus, subject, *args, **named)
        is_reloaded |= subject.endswith(".RELOAD")
        return answer

    monkeypatch.setattr(Bus, "request", lost_once)
    await federation.hub.reload()
    assert await streams.stream_config(federation.hub.admin, "REGION") is not None
    await federation.hub.cut(federation.members["SG"].member)
    assert lost == 1


async def test_a_reload_that_is_not_answered_in_time_is_requested_again(
    federation: NatsFederation, monkeypatch: pytest.MonkeyPatch
) -> None:
    request, unanswered = Bus.request, 0

    async def late_once(bus: Bus, subject: str, *args: Any, **named: Any) -> Any:
        nonlocal unanswered
        if subject.endswith((".RELOAD", ".KICK")) and unanswered < 2:
            unanswered += 1
            raise NoAnswer(f"no answer to {subject}")
        return await request(bus, subject, *args, **named)

    monkeypatch.setattr(Bus, "request", late_once)
    await federation.hub.reload()
    assert unanswered == 2
    unanswered = 1
    await federation.hub.cut(federation.members["SG"].member)
    assert unanswered == 2

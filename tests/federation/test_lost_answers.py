"""A hub's reload may disconnect who requests it: the request is repeated, or found to have been done."""

from typing import Any

import msgspec
import pytest

from suar.bus.connect import Bus
from suar.demo.embedded.nats_federation import NatsFederation
from suar.federation import monitor
from support.nats_server import eventually


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
    assert federation.hub.system.connected

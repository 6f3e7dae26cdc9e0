"""The connection: comes back by itself, says what is wrong, keeps its secret."""

import asyncio
import socket
from urllib.parse import urlsplit

import pytest
from nats.aio.msg import Msg

from suar.bus import connect as module
from suar.bus.client import Client
from suar.bus.connect import Bus, BusEvent
from suar.bus.errors import Disconnected, NoAnswer, NoResponders
from suar.bus.open_bus import connect
from suar.federation.nats_users import new_nkey
from suar.protocol.base.errors import Fault
from support.hostile import recording
from support.nats_server import National, eventually
from support.patience import PATIENCE

pytestmark = pytest.mark.essential


async def test_no_server_is_one_fault_with_a_hint() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"nats://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(Fault, match="no NATS server at nats") as caught:
            await connect(url, new_nkey()[0], "_INBOX", "test", wait=0.5)
    assert caught.value.hint


async def test_an_unknown_user_is_refused_at_once(national: National) -> None:
    with pytest.raises(Fault, match="refused this user"):
        await connect(national.servers.plan.member("TH").url, new_nkey()[0], "_INBOX", "stranger", wait=PATIENCE)


async def test_a_bus_starts_without_its_server_and_finds_it_later(national: National) -> None:
    national.servers["th"].kill()
    bus = Bus(national.servers.plan.member("TH").url, national.seeds["TH", "gateway"], "_INBOX_gw", "early")
    national.opened.append(bus)
    await bus.start()
    with pytest.raises(Disconnected):
        await bus.publish("a.frame.all.01", b"x")
    await national.servers.restart("th")
    await bus.wait_connected(60)
    await bus.publish("a.frame.all.01", b"x")


async def test_it_reconnects_after_a_killed_server_and_calls_its_hooks(national: National) -> None:
    events: list[BusEvent] = []
    seen: list[str] = []
    url, seed = national.servers.plan.member("TH").url, national.seeds["TH", "gateway"]
    bus = await connect(url, seed, "_INBOX_gw", "hooked", on_event=events.append)
    national.opened.append(bus)
    bus.on_disconnect(lambda: seen.append("down"))
    for round_ in (1, 2):
        national.servers["th"].kill()

        async def down() -> bool:
            return not bus.is_connected

        await eventually(down)
        await national.servers.restart("th")
        await bus.wait_connected(60)
        assert seen == ["down"] * round_
    assert {"connected", "disconnected"} <= {event.kind for event in events}


async def test_a_dial_that_is_hung_up_on_leaves_no_socket_open(national: National) -> None:
    """As when a server dies between its accept and its greeting; whatever is left open warns, and so fails."""
    bus = await national.gateway()
    hung_up: list[int] = []

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hung_up.append(1)
        writer.close()

    national.servers["th"].kill()
    port = urlsplit(national.servers.plan.member("TH").url).port
    async with await asyncio.start_server(hang_up, "127.0.0.1", port):

        async def twice() -> bool:
            return len(hung_up) > 1

        await eventually(twice)
    await national.servers.restart("th")
    await bus.wait_connected(60)
    await bus.publish("a.frame.all.01", b"x")


async def test_a_client_closed_for_good_by_nats_py_is_replaced(
    national: National, monkeypatch: pytest.MonkeyPatch
) -> None:
    """nats-py closes for ever on an authorization error in a live connection; subscriptions must survive that too."""
    clients: list[Client] = []
    monkeypatch.setattr(module, "Client", recording(clients))
    bus = await national.gateway()
    got = asyncio.Event()

    async def on_message(_: object) -> None:
        got.set()

    await bus.subscribe("_INBOX_gw.mine", on_message)
    generation = bus.generation
    await clients[-1].close()

    async def replaced() -> bool:
        return bus.is_connected and bus.generation > generation

    await eventually(replaced)
    await national.admin.publish("_INBOX_gw.mine", b"x")
    await asyncio.wait_for(got.wait(), 60)


async def test_a_subscription_made_while_away_is_there_afterwards_once(national: National) -> None:
    bus = await national.gateway()
    national.servers["th"].kill()

    async def down() -> bool:
        return not bus.is_connected

    await eventually(down)
    got: list[bytes] = []

    async def on_message(message: Msg) -> None:
        got.append(message.data)

    async def is_last_here() -> bool:
        return b"last" in got

    await bus.subscribe("_INBOX_gw.later", on_message)
    await national.servers.restart("th")
    await bus.wait_connected(60)
    await national.admin.wait_connected(60)
    await national.admin.publish("_INBOX_gw.later", b"x")
    await national.admin.publish("_INBOX_gw.later", b"last")
    await eventually(is_last_here)
    assert got == [b"x", b"last"]


async def test_a_request_in_flight_ends_with_the_connection(national: National) -> None:
    has_asked = asyncio.Event()

    async def mute(_: object) -> None:
        has_asked.set()

    await national.admin.subscribe("mute", mute)
    task = asyncio.create_task(national.admin.request("mute", timeout=PATIENCE))
    await asyncio.wait_for(has_asked.wait(), 60)
    national.servers["th"].kill()
    with pytest.raises(Disconnected):
        await asyncio.wait_for(task, 60)


async def test_nobody_there_differs_from_no_answer(national: National) -> None:
    with pytest.raises(NoResponders):
        await national.admin.request("nobody.here", timeout=PATIENCE)

    async def mute(_: object) -> None:
        return

    await national.admin.subscribe("mute", mute)
    with pytest.raises(NoAnswer):
        await national.admin.request("mute", timeout=0.2)


async def test_the_seed_shows_nowhere(national: National, monkeypatch: pytest.MonkeyPatch) -> None:
    clients: list[Client] = []
    monkeypatch.setattr(module, "Client", recording(clients))
    seed = national.seeds["TH", "gateway"].decode()
    bus = await national.gateway()
    assert seed not in repr(bus) + str(bus) + repr(clients[-1])
    with pytest.raises(Fault) as caught:
        await connect("nats://127.0.0.1:1", seed.encode(), "_INBOX", "x", wait=0.2)
    assert seed not in repr(caught.value) + str(caught.value.__cause__)

"""What the bus does over bad links, without a gateway: order and completeness of what is pulled."""

import asyncio

from chaos.proxy import Link
from suar.bus.connect import Bus
from suar.bus.consume import Puller
from suar.bus.errors import BusError
from suar.bus.open_bus import connect
from support.nats_server import National
from support.patience import PATIENCE

MESSAGES = 600


async def gateway(national: National, link: Link) -> Bus:
    url = f"nats://127.0.0.1:{link.port}"
    bus = await connect(url, national.seeds["TH", "gateway"], "_INBOX_gw", "gateway", wait=PATIENCE)
    national.opened.append(bus)
    return bus


async def pulled(national: National, link: Link, count: int) -> list[int]:
    """Numbers in the order they were handed out, each acknowledged; now and then the gateway dies without a word."""
    puller, got = Puller(await gateway(national, link), "INBOX_TH", "gw"), list[int]()
    while len(set(got)) < count:
        try:
            for each in await puller.fetch(wait=0.5):
                got.append(each.stream_seq)
                await each.ack()
        except BusError:
            await asyncio.sleep(0.05)
        if len(got) // 150 >= len(national.opened) - 1:
            link.half_open(near_goes=True)  # its machine is gone; the server goes on sending to nobody
            puller = Puller(await gateway(national, link), "INBOX_TH", "gw")
    return got


async def test_a_server_that_takes_a_dead_connection_for_a_living_one_shuffles_nothing(national: National) -> None:
    host, _, port = national.servers.plan.member("TH").client.rpartition(":")
    link = Link("bus", lambda: (host, int(port)))
    await link.start()
    task = asyncio.create_task(pulled(national, link, MESSAGES))
    for first in range(0, MESSAGES, 20):
        await national.fill([b"%d" % n for n in range(first, first + 20)], f"n{first}")
        await asyncio.sleep(0.05)
    got = await task
    first_time = list(dict.fromkeys(got))
    assert first_time == sorted(first_time)
    assert first_time == list(range(1, MESSAGES + 1))
    await link.stop()

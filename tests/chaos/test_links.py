"""What the bus does over bad links, without a gateway: order and completeness of what is pulled."""

import asyncio
from functools import partial

from chaos.proxy import Link
from suar.bus.connect import Bus
from suar.bus.consume import Puller
from suar.bus.errors import BusError
from suar.bus.open_bus import connect
from support.nats_server import National, eventually
from support.patience import PATIENCE

MESSAGES = 600
AHEAD = 100  # messages that are sent and not pulled yet


async def gateway(national: National, link: Link) -> Bus:
    url = f"nats://127.0.0.1:{link.port}"
    bus = await connect(url, national.seeds["TH", "gateway"], "_INBOX_gw", "gateway", wait=PATIENCE)
    national.opened.append(bus)
    return bus


async def pull(national: National, link: Link, count: int, got: list[int]) -> None:
    """Add the numbers to `got` in the order they were handed out, each acknowledged.

    Now and then the gateway dies without a word.
    """
    puller = Puller(await gateway(national, link), "INBOX_TH", "gw")
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


async def test_a_server_that_takes_a_dead_connection_for_a_living_one_shuffles_nothing(national: National) -> None:
    host, _, port = national.servers.plan.member("TH").client.rpartition(":")
    link = Link("bus", lambda: (host, int(port)))
    await link.start()
    got = list[int]()
    task = asyncio.create_task(pull(national, link, MESSAGES, got))

    async def has_kept_up(first: int) -> bool:
        return task.done() or len(set(got)) >= first - AHEAD

    for first in range(0, MESSAGES, 20):
        await eventually(partial(has_kept_up, first))
        await national.fill([b"%d" % n for n in range(first, first + 20)], f"n{first}")
    await task
    first_time = list(dict.fromkeys(got))
    assert first_time == sorted(first_time)
    assert first_time == list(range(1, MESSAGES + 1))
    await link.stop()

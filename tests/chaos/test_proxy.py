"""The bad link does what it says, and only that."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import ClassVar

import pytest

from chaos.proxy import Link

WAIT = 0.15  # seconds in which nothing comes
LONG = 60.0  # seconds in which something comes


@pytest.fixture
async def link() -> AsyncIterator[Link]:
    """In front of a server that answers every piece with the same piece."""

    echoes = set[asyncio.Future[None]]()

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ended = asyncio.get_running_loop().create_future()
        echoes.add(ended)
        with contextlib.suppress(OSError):
            while data := await reader.read(1000):
                writer.write(data)
        writer.transport.abort()
        ended.set_result(None)

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    made = Link("echo", server.sockets[0].getsockname)
    await made.start()
    yield made
    Caller.hang_up()
    await made.stop()
    server.close()
    await asyncio.wait_for(asyncio.gather(*echoes), LONG)


class Caller:
    """A connection through the link."""

    open: ClassVar[list["Caller"]] = []

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.open.append(self)

    @classmethod
    def hang_up(cls) -> None:
        while cls.open:
            cls.open.pop().writer.close()

    @classmethod
    async def dial(cls, link: Link) -> "Caller":
        return cls(*await asyncio.open_connection("127.0.0.1", link.port))

    async def exchange(self, data: bytes, within: float = LONG) -> bytes | None:
        """What comes back; None for nothing in time, b"" for the end."""
        self.writer.write(data)
        return await self.read_some(within)

    async def read_some(self, within: float = WAIT) -> bytes | None:
        try:
            async with asyncio.timeout(within):
                return await self.reader.read(1000)
        except TimeoutError:
            return None
        except OSError:
            return b""


async def test_a_good_link_passes_everything(link: Link) -> None:
    caller = await Caller.dial(link)
    assert await caller.exchange(b"one") == b"one"
    assert await caller.exchange(b"two") == b"two"


async def test_delay(link: Link) -> None:
    caller = await Caller.dial(link)
    assert await caller.exchange(b"one") == b"one"
    link.delay(0.1)
    start = time.monotonic()
    assert await caller.exchange(b"two") == b"two"
    assert time.monotonic() - start >= 0.2  # there and back


async def test_a_black_hole_keeps_what_it_holds_for_later(link: Link) -> None:
    caller = await Caller.dial(link)
    assert await caller.exchange(b"one") == b"one"
    link.hold()
    assert await caller.exchange(b"two", WAIT) is None
    newcomer = await Caller.dial(link)
    assert await newcomer.exchange(b"three", WAIT) is None
    link.heal()
    assert await caller.read_some(LONG) == b"two"
    assert await newcomer.read_some(LONG) == b"three"


async def test_what_is_lost_never_comes_and_the_connection_ends(link: Link) -> None:
    caller = await Caller.dial(link)
    assert await caller.exchange(b"one") == b"one"
    link.lose()
    assert await caller.exchange(b"two", WAIT) is None
    link.heal()
    assert await caller.read_some(LONG) == b""
    assert await (await Caller.dial(link)).exchange(b"three") == b"three"


async def test_reset_ends_both_sides(link: Link) -> None:
    caller = await Caller.dial(link)
    assert await caller.exchange(b"one") == b"one"
    link.reset()
    assert await caller.read_some(LONG) == b""


@pytest.mark.parametrize("near_goes", [False, True])
async def test_half_open_closes_one_side_only(link: Link, near_goes: bool) -> None:
    caller = await Caller.dial(link)
    assert await caller.exchange(b"one") == b"one"
    link.half_open(near_goes=near_goes)
    received = await caller.exchange(b"two", LONG if near_goes else WAIT)
    assert received == (b"" if near_goes else None)
    assert await (await Caller.dial(link)).exchange(b"three") == b"three"


async def test_refused_until_healed(link: Link) -> None:
    link.refuse()
    assert await (await Caller.dial(link)).read_some(LONG) == b""
    link.heal()
    assert await (await Caller.dial(link)).exchange(b"one") == b"one"

"""Reads what a consumer without acknowledgements has, in pages; also of a stream from which messages were deleted."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from typing import Final

import msgspec
from nats.aio.msg import Msg

from suar.bus.connect import Bus
from suar.bus.errors import ApiError, NoAnswer

PAGE: Final = 500
WITHIN: Final = 10.0  # seconds until a page must have arrived
_END: Final = ("404", "408")  # no further message


class Listing:
    """Pages of one connection; each page is one request."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._prefix = f"{bus.inbox_prefix}.{secrets.token_hex(8)}"
        self._arrived: asyncio.Queue[Msg] = asyncio.Queue()
        self._number = 0

    async def messages(self, stream: str, consumer: str) -> AsyncIterator[Msg]:
        """Yield every message that the consumer has from now on. Raises the errors of the bus."""
        await self._bus.subscribe(f"{self._prefix}.*", self._arrived.put)
        while True:
            page = await self._page(stream, consumer)
            for message in page:
                yield message
            if len(page) < PAGE:
                return

    async def _page(self, stream: str, consumer: str) -> list[Msg]:
        self._number += 1
        reply, page = f"{self._prefix}.{self._number}", list[Msg]()
        body = msgspec.json.encode({"batch": PAGE, "no_wait": True})
        await self._bus.publish(f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}", body, reply)
        try:
            async with asyncio.timeout(WITHIN):
                while len(page) < PAGE:
                    message = await self._arrived.get()
                    if message.reply.startswith("$JS.ACK."):
                        page.append(message)
                    elif message.subject == reply:
                        _check_end(message)
                        break
        except TimeoutError:
            raise NoAnswer(f"no list of {stream} in {WITHIN:g} s") from None
        return page


def _check_end(message: Msg) -> None:
    """Accept a status line that ends the page because nothing is left; ApiError for any other."""
    headers = message.headers or {}
    status = headers.get("Status", "")
    if status not in _END:
        raise ApiError(int(status) if status.isdecimal() else 0, headers.get("Description", "an unknown status"))

"""Resolves a host's name with the machine's resolver; an answer that never arrives delays no other name.

The resolver blocks a thread without a time limit. So each name is resolved in a thread of its own, of which there is a
bounded number, and the gateway waits for none of them when it stops.
"""

import asyncio
import contextlib
import socket
import threading
from ipaddress import ip_address
from typing import Final

from suar.service.webhooks.addresses import Address

OPEN_MAX: Final = 64
"""Questions that are not answered; one more fails at once."""


class NotResolved(OSError):  # noqa: N818 - it is an outcome, and says so
    """The name has no address now."""


class Resolver:
    """Resolves names, for one event loop."""

    def __init__(self) -> None:
        self._open = 0
        self._lock = threading.Lock()

    async def addresses(self, host: str, port: int) -> list[Address]:
        """What `host` resolves to, in the resolver's order, each once. Raises NotResolved."""
        answer: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()
        with self._lock:
            if self._open >= OPEN_MAX:
                raise NotResolved
            self._open += 1
        threading.Thread(target=self._ask, args=(host, port, answer), name="resolve", daemon=True).start()
        return [ip_address(text) for text in dict.fromkeys(await answer)]

    def _ask(self, host: str, port: int, answer: "asyncio.Future[list[str]]") -> None:
        try:
            found = [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        except (OSError, UnicodeError):
            found = []
        with self._lock:
            self._open -= 1
        with contextlib.suppress(RuntimeError):  # the loop has ended
            answer.get_loop().call_soon_threadsafe(_settle, answer, found)


def _settle(answer: "asyncio.Future[list[str]]", found: list[str]) -> None:
    if answer.done():  # the call's time is over
        return
    if found:
        answer.set_result(found)
    else:
        answer.set_exception(NotResolved())

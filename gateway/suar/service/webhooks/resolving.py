"""Resolves a host's name with the machine's resolver; an answer that never arrives delays no other name.

The resolver blocks a thread without a time limit. So each name is resolved in a thread of its own, which all calls wait
for that need this name meanwhile: a name has one thread at most, and each agency one name. The gateway waits for none
of them when it stops.
"""

import asyncio
import contextlib
import socket
import threading
from ipaddress import ip_address
from typing import Final

from suar.service.access.registry import AGENCIES_MAX
from suar.service.webhooks.addresses import Address

OPEN_MAX: Final = AGENCIES_MAX
"""Names whose question is not answered; one more fails at once."""
Answer = asyncio.Future[list[str]]
"""The addresses of a name; empty where it has none."""


class NotResolved(OSError):  # noqa: N818 - it is an outcome, and says so
    """The name has no address now."""


class Resolver:
    """Resolves names, for one event loop."""

    def __init__(self) -> None:
        self._open: dict[str, Answer] = {}

    async def addresses(self, host: str, port: int) -> list[Address]:
        """What `host` resolves to, in the resolver's order, each once. Raises NotResolved."""
        answer = self._open.get(host) or self._begin(host, port)
        found = await asyncio.shield(answer)  # a call whose time is over does not end the question of others
        if not found:
            raise NotResolved
        return [ip_address(text) for text in dict.fromkeys(found)]

    def _begin(self, host: str, port: int) -> Answer:
        if len(self._open) >= OPEN_MAX:
            raise NotResolved
        answer: Answer = asyncio.get_running_loop().create_future()
        try:
            threading.Thread(target=self._ask, args=(host, port, answer), name="resolve", daemon=True).start()
        except RuntimeError:  # the machine has no further thread
            raise NotResolved from None
        self._open[host] = answer
        return answer

    def _ask(self, host: str, port: int, answer: Answer) -> None:
        try:
            found = [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        except (OSError, UnicodeError):
            found = []
        with contextlib.suppress(RuntimeError):  # the loop has ended
            answer.get_loop().call_soon_threadsafe(self._settle, host, answer, found)

    def _settle(self, host: str, answer: Answer, found: list[str]) -> None:
        del self._open[host]
        answer.set_result(found)

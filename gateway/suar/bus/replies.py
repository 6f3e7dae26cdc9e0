"""Answers to requests: one inbox for all, and each answer to who waits for it.

Whoever waits for an answer is told the moment that none can come: the connection is lost, nobody listens on the
subject, or this user may not publish to it.
"""

import asyncio
import secrets
from collections.abc import Callable

from nats.aio.msg import Msg

from suar.bus.errors import BusError, NoResponders, NotPermitted

Resolver = Callable[["Msg | BusError"], None]


class Replies:
    """Who waits for an answer; `inbox_prefix` must be one that the user's permissions allow."""

    def __init__(self, inbox_prefix: str) -> None:
        self._inbox = f"{inbox_prefix}.{secrets.token_hex(8)}"
        self._count = 0
        self._waiting: dict[str, tuple[str, Resolver]] = {}

    @property
    def subject(self) -> str:
        """Where all answers come; `take` is its callback."""
        return f"{self._inbox}.*"

    def expect(self, subject: str, resolve: Resolver) -> str:
        """A reply subject whose one answer goes to `resolve` (a `Msg` or a `BusError`); pair it with `forget`."""
        self._count += 1
        token = str(self._count)
        self._waiting[token] = (subject, resolve)
        return f"{self._inbox}.{token}"

    def future(self, subject: str) -> tuple[str, asyncio.Future[Msg]]:
        """The same with a future for the answer."""
        future: asyncio.Future[Msg] = asyncio.get_running_loop().create_future()

        def resolve(answer: Msg | BusError) -> None:
            if not future.done():
                if isinstance(answer, BusError):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)

        return self.expect(subject, resolve), future

    def forget(self, reply: str) -> None:
        self._waiting.pop(reply.rpartition(".")[2], None)

    async def on_message(self, message: Msg) -> None:
        """An answer came."""
        entry = self._waiting.pop(message.subject.rpartition(".")[2], None)
        if entry is None:
            return
        subject, resolve = entry
        headers = message.headers or {}
        if headers.get("Status") == "503" and not message.data and "Nats-Sequence" not in headers:  # no stored message
            resolve(NoResponders(f"nobody answers on {subject}"))
        else:
            resolve(message)

    def fail(self, error: BusError) -> None:
        """Nobody gets an answer any more."""
        waiting, self._waiting = self._waiting, {}
        for _, resolve in waiting.values():
            resolve(error)

    def forbidden(self, text: str) -> None:
        """Fail who waits on the subject of a permission error (nats-py hands the text over in lower case)."""
        subject = text.partition('publish to "')[2].partition('"')[0]
        for token, (asked, resolve) in list(self._waiting.items()):
            if asked.lower() == subject:
                del self._waiting[token]
                resolve(NotPermitted(f"this user may not publish to {asked}"))

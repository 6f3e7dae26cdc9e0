"""Answers to requests: one inbox for all, and each answer is passed to its request.

A request fails at once if no answer can arrive: the connection is lost, nothing is subscribed to the subject, or this
user may not publish to it.
"""

import asyncio
import secrets
from collections.abc import Callable

from nats.aio.msg import Msg

from suar.bus.errors import BusError, NoResponders, NotPermitted

Resolver = Callable[["Msg | BusError"], None]


class Replies:
    """The pending requests; `inbox_prefix` must be one that the user's permissions allow."""

    def __init__(self, inbox_prefix: str) -> None:
        self._inbox = f"{inbox_prefix}.{secrets.token_hex(8)}"
        self._count = 0
        self._waiting: dict[str, tuple[str, Resolver]] = {}

    @property
    def subject(self) -> str:
        """The subject of all answers; `on_message` is its callback."""
        return f"{self._inbox}.*"

    def expect(self, subject: str, resolve: Resolver) -> str:
        """Return a reply subject whose one answer is passed to `resolve` (a `Msg` or a `BusError`); pair it with
        `forget`.
        """
        self._count += 1
        token = str(self._count)
        self._waiting[token] = (subject, resolve)
        return f"{self._inbox}.{token}"

    def future(self, subject: str) -> tuple[str, asyncio.Future[Msg]]:
        """Return a reply subject with a future for the answer."""
        future: asyncio.Future[Msg] = asyncio.get_running_loop().create_future()

        def resolve(answer: Msg | BusError) -> None:
            if not future.done():
                if isinstance(answer, BusError):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)

        return self.expect(subject, resolve), future

    def forget(self, reply: str) -> None:
        """Drop a pending request."""
        self._waiting.pop(reply.rpartition(".")[2], None)

    async def on_message(self, message: Msg) -> None:
        """Pass an answer to its request."""
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
        """Fail all pending requests with `error`."""
        waiting, self._waiting = self._waiting, {}
        for _, resolve in waiting.values():
            resolve(error)

    def forbidden(self, text: str) -> None:
        """Fail the requests to the subject of a permission error (nats-py passes the text in lower case)."""
        subject = text.partition('publish to "')[2].partition('"')[0]
        for token, (target, resolve) in list(self._waiting.items()):
            if target.lower() == subject:
                del self._waiting[token]
                resolve(NotPermitted(f"this user may not publish to {target}"))

"""A nats-py client: what it is told when it connects, and how it is ended."""

import asyncio
import contextlib
import ssl
from typing import Any

from nats.aio import client as nats_client

RECONNECT_WAIT = 0.25  # seconds between two dials; the server is our own, a dial costs it nothing
PENDING_SIZE = 4 * 1024 * 1024  # bytes buffered before a publisher has to wait for the socket


def options(tls: ssl.SSLContext | None) -> dict[str, Any]:
    """What `Client.connect` is told of every connection."""
    said: dict[str, Any] = {
        "allow_reconnect": True,
        "max_reconnect_attempts": -1,
        "reconnect_time_wait": RECONNECT_WAIT,  # nats-py says int and only sleeps on it
        "connect_timeout": 2,
        "ping_interval": 10,
        "max_outstanding_pings": 2,
        "pending_size": PENDING_SIZE,
        "flush_timeout": 2.0,
    }
    return said if tls is None else said | {"tls": tls}


class Client(nats_client.Client):
    """nats-py's client, which closes the socket of a dial that came to nothing.

    When a server dies between its accept and its greeting, nats-py 2.16 dials again over the socket that it left open.
    """

    def hang_up(self) -> None:
        """Close the socket, whatever state nats-py is in."""
        if self._transport:
            self._transport.close()  # type: ignore[no-untyped-call]

    async def _connect_to_server(self, s: nats_client.Srv) -> None:
        self.hang_up()
        await super()._connect_to_server(s)


async def end(client: Client) -> None:
    """Close a client, and its socket when nats-py forgets to."""
    with contextlib.suppress(Exception):
        async with asyncio.timeout(2):
            await client.close()
    client.hang_up()  # left open when close() took too long, or met a cancellation

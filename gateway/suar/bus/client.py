"""A nats-py client: what it is told when it connects, and how it is ended."""

import asyncio
import contextlib
import ssl
from typing import Any

from nats.aio.client import Client

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


async def end(client: Client) -> None:
    """Close a client, and its socket when nats-py forgets to."""
    with contextlib.suppress(Exception):
        async with asyncio.timeout(2):
            await client.close()

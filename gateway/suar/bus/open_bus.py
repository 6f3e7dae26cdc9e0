"""A connection for one command: established within seconds, or a Fault that states why not."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Sequence

from suar.bus.connect import Bus, BusEvent
from suar.bus.errors import Disconnected
from suar.protocol.base.errors import Fault


async def connect(
    url: str | Sequence[str],
    nkey_seed: bytes,
    inbox_prefix: str,
    name: str,
    *,
    tls: ssl.SSLContext | None = None,
    wait: float = 5.0,
    on_event: Callable[[BusEvent], None] | None = None,
) -> Bus:
    """Return a connected `Bus`. Raises Fault within `wait` seconds, at once if the server does not know the user."""
    bus = Bus(url, nkey_seed, inbox_prefix, name, tls=tls, on_event=on_event)
    await bus.start()
    try:
        await _first(bus, wait)
    except Disconnected as error:
        await bus.close()
        where = ", ".join(bus.urls)
        if bus.is_refused:
            raise Fault(
                f"the NATS server at {where} refused this user",
                "is its public nkey in the server's config? render it again with `suar federation nats`",
            ) from error
        raise Fault(
            f"no NATS server at {where}: {error}", "start the server, or correct the address in the plan"
        ) from error
    except BaseException:
        await bus.close()
        raise
    return bus


async def _first(bus: Bus, wait: float) -> None:
    """Wait for the first connection; stops early if the user is refused."""
    deadline = asyncio.get_running_loop().time() + wait
    while not bus.is_connected:
        left = deadline - asyncio.get_running_loop().time()
        if left <= 0 or bus.is_refused:
            raise Disconnected(bus.last_error or "no connection")
        with contextlib.suppress(Disconnected):
            await bus.wait_connected(min(left, 0.05))

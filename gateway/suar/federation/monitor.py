"""The monitor of a nats-server: plain HTTP on loopback, read with the standard library.

It has no login, so the configurations bind it to loopback: a watchdog or a join runs on the server's machine.
"""

import asyncio
import http.client
import json
from datetime import datetime
from typing import Any

from suar.protocol.base.errors import Fault

TIMEOUT = 5.0  # seconds


async def read(port: int, path: str) -> dict[str, Any]:
    """Return the JSON of GET `path` from the monitor on this machine's `port`. Raises Fault if nothing answers."""
    return await asyncio.to_thread(_read, port, path)


async def varz(port: int) -> dict[str, Any]:
    """Return the server's general state."""
    return await read(port, "/varz")


async def leafs(port: int) -> list[dict[str, Any]]:
    """Return the present leaf links; at a hub `name` is the member's server, `account` its DMZ account."""
    found = (await read(port, "/leafz")).get("leafs")
    return list(found or [])


async def links_of_members(port: int) -> dict[str, list[dict[str, Any]]]:
    """Return the present leaf links at a hub by member code; several where several servers have the member's key."""
    found: dict[str, list[dict[str, Any]]] = {}
    for leaf in await leafs(port):
        found.setdefault(leaf["account"].removeprefix("DMZ_"), []).append(leaf)
    return found


async def leaf_certificate_end(port: int) -> int | None:
    """Return when the certificate with which the server listens for leaf links ends (ms); None where it states none."""
    end = ((await varz(port)).get("leaf") or {}).get("tls_cert_not_after")
    try:
        return int(datetime.fromisoformat(str(end)).timestamp() * 1000)
    except ValueError:
        return None


def _read(port: int, path: str) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    try:
        connection.request("GET", path)
        answer: dict[str, Any] = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Fault(
            f"no NATS monitor at 127.0.0.1:{port}: {error}",
            "is the server running, and monitor_port right in the plan?",
        ) from error
    finally:
        connection.close()
    return answer

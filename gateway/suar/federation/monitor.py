"""The monitor of a nats-server: plain HTTP on loopback, read with the standard library; HTTPS from another machine.

It has no login, so a configuration binds it to loopback unless the plan names another address, which then has TLS. A
watchdog or a join runs on the server's machine.
"""

import asyncio
import http.client
import json
import ssl
import time
from datetime import datetime
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from suar.federation.plan import Member
from suar.protocol.base.errors import Fault

TIMEOUT = 5.0  # seconds for each step, and for all of an answer
ANSWER_MAX: Final = 4 * 1024 * 1024  # bytes; a link has some 500
LOOPBACK = "127.0.0.1"


class Unanswered(Fault):
    """No monitor answered, as while its server restarts."""


class Monitor(NamedTuple):
    """The address of a monitor."""

    port: int
    host: str = LOOPBACK
    tls: ssl.SSLContext | None = None


def of_member(member: Member) -> Monitor:
    """Return where the monitor of the member's server is. Raises Fault, as `client_tls`."""
    if not member.monitor_url:
        return Monitor(member.monitor_port)
    return Monitor(member.monitor_port, urlsplit(member.monitor_url).hostname or LOOPBACK, client_tls(member))


def client_tls(member: Member) -> ssl.SSLContext | None:
    """Return what verifies the member's server; None without TLS for its users. Raises Fault without the file."""
    if member.client_tls is None:
        return None
    try:
        return ssl.create_default_context(cafile=member.client_tls.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise Fault(
            f"the authority of {member.code}'s NATS server, {member.client_tls.ca_file}, does not serve: {error}",
            "put its certificate there, as ca_file of [members.client_tls] names it",
        ) from None


async def read(of: int | Monitor, path: str) -> dict[str, Any]:
    """Return the JSON of GET `path` from a monitor, or the one on this machine's port. Raises Unanswered."""
    return await asyncio.to_thread(_read, Monitor(of) if isinstance(of, int) else of, path)


async def varz(of: int | Monitor) -> dict[str, Any]:
    """Return the server's general state."""
    return await read(of, "/varz")


async def leafs(of: int | Monitor) -> list[dict[str, Any]]:
    """Return the present leaf links; at a hub `name` is the member's server, `account` its DMZ account."""
    found = (await read(of, "/leafz")).get("leafs")
    return list(found or [])


async def leaf_certificate_end(port: int) -> int | None:
    """Return when the certificate with which the server listens for leaf links ends (ms); None where it states none."""
    end = ((await varz(port)).get("leaf") or {}).get("tls_cert_not_after")
    try:
        return int(datetime.fromisoformat(str(end)).timestamp() * 1000)
    except ValueError:
        return None


def _read(of: Monitor, path: str) -> dict[str, Any]:
    connection = _connection(of)
    try:
        connection.request("GET", path)
        with connection.getresponse() as response:  # it keeps the socket open after `connection.close`
            answer: dict[str, Any] = json.loads(_body(response))
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unanswered(
            f"no NATS monitor at {of.host}:{of.port}: {error}",
            "is the server running, and monitor_port right in the plan?",
        ) from error
    finally:
        connection.close()
    return answer


def _connection(of: Monitor) -> http.client.HTTPConnection:
    if of.tls is None:
        return http.client.HTTPConnection(of.host, of.port, timeout=TIMEOUT)
    return http.client.HTTPSConnection(of.host, of.port, timeout=TIMEOUT, context=of.tls)


def _body(response: http.client.HTTPResponse) -> bytes:
    """Return the body of an answer. Raises OSError if it is too long, or not complete in time."""
    until, found = time.monotonic() + TIMEOUT, bytearray()
    while part := response.read1(ANSWER_MAX):
        found += part
        if len(found) > ANSWER_MAX or time.monotonic() > until:
            raise OSError(f"its answer has more than {ANSWER_MAX} bytes, or takes longer than {TIMEOUT:g} s")
    return bytes(found)

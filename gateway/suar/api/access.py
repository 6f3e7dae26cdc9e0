"""Who may call: one guard before every handler, which denies by default.

[1] the Host header is one of ours (else a web page could reach a loopback gateway by a name of its own),
[2] a handler without a scope is closed, [3] the token is known, [4] it has the scope, [5] it has calls left.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from msgspec import Struct

from suar.api.facade import Gateway
from suar.api.problems import Problem
from suar.observe.metrics import Metrics
from suar.service.config import Http
from suar.service.scopes import CLAIM, SCOPES

OPEN: Final = {"open": True}
"""`opt` of a handler that needs no token."""
_KNOWN: Final = frozenset({*SCOPES, CLAIM})
_BEARER: Final = "bearer "
_CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="suar"'}

Connection = ASGIConnection[Any, Any, Any, Any]


class Rates:
    """Calls a token may make: `a_second` on average, twice that at once. `clock` gives seconds."""

    def __init__(self, a_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._clock = a_second, clock
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, name: str) -> float:
        """Take one call of `name`; the seconds to wait when there is none left, else 0."""
        now = self._clock()
        left, at = self._left.get(name, (2 * self._rate, now))
        left = min(2 * self._rate, left + (now - at) * self._rate)
        is_free = left >= 1
        self._left[name] = (left - is_free, now)
        return 0.0 if is_free else (1 - left) / self._rate


class Context(Struct, frozen=True):
    """What the handlers share; `stopping` ends the calls that would go on for ever."""

    gateway: Gateway
    metrics: Metrics
    rates: Rates
    heartbeat_ms: int
    stopping: asyncio.Event


def of(connection: Connection) -> Context:
    """The context of the application that serves `connection`."""
    context: Context = connection.app.state.context
    return context


def scope(*names: str) -> dict[str, Any]:
    """`opt` of a handler that needs one of these scopes."""
    return {"scope": names}


async def admit(connection: Connection, handler: BaseRouteHandler) -> None:
    """The guard. Raises Problem; sets the connection's user to who calls."""
    context, http = of(connection), of(connection).gateway.config.http
    hosts = connection.headers.getall("host", [])
    if len(hosts) != 1 or not is_ours(hosts[0], http):  # [1] of two, what stands before us may have read the other
        raise Problem("E-HTTP-HOST")
    if handler.opt.get("open") or (handler.opt.get("metrics") and http.metrics_open):
        if connection.path_params:  # what Litestar adds beside the OpenAPI document: a page of its own
            raise Problem("E-HTTP-NOT-FOUND")
        return
    needed = frozenset(handler.opt.get("scope") or ())
    if not needed or not needed <= _KNOWN:  # [2]
        raise Problem("E-HTTP-SCOPE", "this call is closed")
    info = context.gateway.authenticate(token_of(connection))  # [3]
    if info is None:
        raise Problem("E-HTTP-TOKEN", headers=_CHALLENGE)
    if not needed & info.scopes:  # [4]
        raise Problem("E-HTTP-SCOPE", f"this call needs the scope {' or '.join(sorted(needed))}")
    wait = 0.0 if handler.opt.get("unlimited") else context.rates.take(info.name)  # [5]
    if wait:
        raise Problem("E-HTTP-RATE", headers={"Retry-After": str(int(wait) + 1)})
    connection.scope["user"] = info


def is_ours(host: str, http: Http) -> bool:
    """Whether a Host header names this gateway. Beyond loopback any name serves unless `http.hosts` says which."""
    if not http.is_loopback and not http.hosts:
        return True
    name = host.lower()
    bare, _, port = name.rpartition(":")
    if bare and port.isdigit() and not name.endswith("]"):
        name = bare
    named = {entry.lower() for entry in http.hosts} | {
        "localhost",
        "127.0.0.1",
        "[::1]",
        http.listen.rpartition(":")[0],
    }
    return name in named or name.endswith(".localhost")  # resolves to loopback by RFC 6761


def token_of(connection: Connection) -> str:
    """The bearer token that the caller sent, empty when there is none."""
    header = connection.headers.get("authorization", "")
    return header[len(_BEARER) :].strip() if header[: len(_BEARER)].lower() == _BEARER else ""

"""The link to the hub: whether the own server's leaf link is up, and whether the hub answers a connection.

Probed only when nothing arrives from the hub: through the monitor of the own NATS server (whose
`server_id` must be that of the server we are connected to), then by one connection to the hub. A NATS server sends
a greeting before any login; nothing is sent to it.
"""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import msgspec

from suar.federation import monitor
from suar.federation.links import link_certificate
from suar.federation.monitor import LOOPBACK, Monitor
from suar.protocol.base.errors import Fault
from suar.protocol.base.link_names import ONLY_HUB, HubLink
from suar.service.settings.config import Config

QUIET: Final = 2.5  # seconds without activity of the source (normally one a second) before the link is probed
PATIENCE: Final = 1.0  # seconds: time limit for the monitor, and for the hub's greeting
EVERY: Final = 1.0  # seconds between two probes
_GREETING: Final = b"INFO "

Hub = Literal["answers", "refuses", "silent", "cut", "unreachable"]


class ProbedLink(msgspec.Struct, frozen=True):
    """The state of the link. `has_leaf`: whether the leaf link is up; `hub`: the result of a connection. None means
    unknown.

    refuses: the connection was refused. silent: it was accepted, but no greeting arrived. cut: it was closed before a
    greeting, or the answer was not one of a NATS server. unreachable: no connection was possible.
    """

    has_leaf: bool | None = None
    hub: Hub | None = None


FINE: Final = ProbedLink(has_leaf=True, hub="answers")
UNKNOWN: Final = ProbedLink()


def monitors_of(config: Config) -> list[Monitor]:
    """Return the monitors of the own server, or of each of them, as the settings name them."""
    found = [urlsplit(each) for each in config.bus.monitors]
    tls = config.tls()
    return [
        Monitor(each.port or 0, each.hostname or LOOPBACK, tls if each.scheme == "https" else None) for each in found
    ]


def certificate_end(file: Path | None) -> int | None:
    """Return when the certificate of the own server's link ends (ms); None when it is not named or cannot be read."""
    if file is None:
        return None
    try:
        with file.open("rb") as opened:
            return link_certificate.expiry_of(opened.read(link_certificate.PEM_BYTES_MAX + 1))
    except (OSError, Fault):
        return None


class LinkState(msgspec.Struct, frozen=True):
    """The link to one hub: `active`, seconds since its source was last active (-1: it never started)."""

    link: HubLink
    active: float | None = None
    probed: ProbedLink = UNKNOWN

    @property
    def is_standing(self) -> bool:
        """Whether objects of this hub reach our server now."""
        return self.active is not None and 0 <= self.active < QUIET


def both(states: Sequence[LinkState]) -> LinkState:
    """Return the state of all links as one: it is up while one of them is, and down only when all are.

    If none is up, the hub is reported as down only if that applies to each; a cause on our own side takes precedence.
    """
    seen = [each.active for each in states if each.active is not None]
    started = [each for each in seen if each >= 0]
    active = min(started) if started else seen[0] if seen else None
    hubs = [each.probed.hub for each in states if each.probed.hub is not None]
    leafs = [each.probed.has_leaf for each in states if each.probed.has_leaf is not None]
    hub = min(hubs, key=_OURS_FIRST.index, default=None)
    return LinkState(states[0].link, active, ProbedLink(has_leaf=any(leafs) if leafs else None, hub=hub))


class HubProbe:
    """Probes one link at most once a second, while its source is quiet."""

    def __init__(self, monitors: Sequence[Monitor], link: HubLink = ONLY_HUB) -> None:
        self._monitors, self._last, self._at, self._link = monitors, UNKNOWN, -EVERY, link

    async def probe(self, server_id: str, active: float | None) -> ProbedLink:
        """Return the state of the link. `active`: seconds since the source's last activity, -1 if it never started."""
        if active is not None and 0 <= active < QUIET:
            return FINE
        if not self._monitors or not server_id:
            return UNKNOWN
        if time.monotonic() - self._at >= EVERY:
            self._last = await self._probe(server_id)
            self._at = time.monotonic()
        return self._last

    async def _probe(self, server_id: str) -> ProbedLink:
        of, found = await of_server(self._monitors, server_id)
        if of is None:
            return UNKNOWN
        addresses = list(_remotes(found, self._link))
        results = await asyncio.gather(*(dial(host, port) for host, port in addresses))
        best = min(results, key=_ORDER.index, default=None)
        return ProbedLink(has_leaf=await self._has_leaf(of, found), hub=best)

    async def _has_leaf(self, of: Monitor, varz: dict[str, Any]) -> bool | None:
        """Whether the own server has a leaf link; of two, that to this hub."""
        if self._link == ONLY_HUB:
            return bool(varz.get("leafnodes"))
        try:
            async with asyncio.timeout(PATIENCE):
                return any(leaf.get("account") == self._link.account for leaf in await monitor.leafs(of))
        except (Fault, TimeoutError):
            return None


async def of_server(monitors: Sequence[Monitor], server_id: str) -> tuple[Monitor | None, dict[str, Any]]:
    """Return the monitor of that server and its general state; None if none of them is, or does not answer."""
    for each in monitors:
        with contextlib.suppress(Fault, TimeoutError):
            async with asyncio.timeout(PATIENCE):
                found = await monitor.varz(each)
            if found.get("server_id") == server_id:
                return each, found
    return None, {}


_ORDER: Final[tuple[Hub, ...]] = ("answers", "silent", "refuses", "cut", "unreachable")
"""Preference among the results for several addresses of one hub, the best first."""
_OURS_FIRST: Final[tuple[Hub, ...]] = ("answers", "cut", "unreachable", "silent", "refuses")
"""Preference among the results for two hubs of which none is reachable: causes on our side first."""


def _remotes(varz: dict[str, Any], link: HubLink) -> list[tuple[str, int]]:
    """Return the addresses at which the server reaches the hub."""
    found = []
    for remote in (varz.get("leaf") or {}).get("remotes") or ():
        if link != ONLY_HUB and remote.get("local_account") != link.account:
            continue
        for url in remote.get("urls") or ():
            parts = urlsplit(url if "://" in url else f"nats://{url}")
            with contextlib.suppress(ValueError):
                if parts.hostname and parts.port:
                    found.append((parts.hostname, parts.port))
    return found


async def dial(host: str, port: int) -> Hub:
    """Connect to that address and return the result."""
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection(host, port)
    except ConnectionRefusedError:
        return "refuses"
    except (OSError, TimeoutError):
        return "unreachable"
    try:
        async with asyncio.timeout(PATIENCE):
            greeting = await reader.readexactly(len(_GREETING))
    except TimeoutError:
        return "silent"
    except (OSError, asyncio.IncompleteReadError):
        return "cut"
    finally:
        writer.transport.abort()
    return "answers" if greeting == _GREETING else "cut"

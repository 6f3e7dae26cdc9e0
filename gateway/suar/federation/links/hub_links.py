"""The leaf links at a hub: of its one server, or of each server of its cluster, and how they are cut.

A server's monitor shows its own links alone. The servers of a cluster are asked through the system account, each by its
id, which the routes of the own server name.
"""

import contextlib
import json
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import msgspec

from suar.bus.connect import Bus
from suar.bus.errors import Disconnected, NoAnswer, NoResponders
from suar.federation import monitor
from suar.federation.plan import Hub

ANSWERS_WITHIN: Final = 2.0  # seconds
LOST: Final = (Disconnected, NoAnswer, NoResponders)


class HubLinks(NamedTuple):
    """The links that were seen, each with `server` (its id) and `at` (its name); how many servers did not answer."""

    links: list[dict[str, Any]]
    silent: int = 0

    def of(self, code: str) -> list[dict[str, Any]]:
        """Return the links of one member."""
        return [link for link in self.links if link["account"] == f"DMZ_{code}"]

    def by_member(self) -> dict[str, list[dict[str, Any]]]:
        """Return the links by member code; several where several servers have the member's key."""
        found: dict[str, list[dict[str, Any]]] = {}
        for link in self.links:
            found.setdefault(link["account"].removeprefix("DMZ_"), []).append(link)
        return found


def key(link: dict[str, Any]) -> tuple[str, int]:
    """Return what tells a link from every other one of the hub."""
    return str(link.get("server", "")), int(link["id"])


async def links(hub: Hub, system: Bus) -> HubLinks:
    """Return the present links at every server of the hub. Raises Fault where the own server's monitor is silent."""
    if hub.cluster is None:
        found = await monitor.read(hub.monitor_port, "/leafz")
        return HubLinks(_named(found.get("leafs"), found["server_id"], hub.name))
    routes = await monitor.read(hub.monitor_port, "/routez")
    servers = {routes["server_id"], *(each["remote_id"] for each in routes.get("routes") or [])}
    seen, silent = list[dict[str, Any]](), max(0, 1 + len(hub.cluster.routes) - len(servers))
    for server in sorted(servers):
        try:
            answer = await system.request(f"$SYS.REQ.SERVER.{server}.LEAFZ", timeout=ANSWERS_WITHIN)
        except LOST:
            silent += 1
            continue
        stated = json.loads(answer.data)
        seen += _named((stated.get("data") or {}).get("leafs"), server, str(stated["server"]["name"]))
    return HubLinks(seen, silent)


def _named(leafs: list[dict[str, Any]] | None, server: str, at: str) -> list[dict[str, Any]]:
    return [leaf | {"server": server, "at": at} for leaf in leafs or []]


async def cut(system: Bus, standing: Iterable[dict[str, Any]]) -> None:
    """Ask the server of each link to end it; whoever calls looks whether they are gone."""
    for link in standing:
        with contextlib.suppress(*LOST):
            body = msgspec.json.encode({"cid": link["id"]})
            await system.request(f"$SYS.REQ.SERVER.{link['server']}.KICK", body)

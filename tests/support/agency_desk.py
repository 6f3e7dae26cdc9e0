"""A gateway of VN on a socket with agencies that read it, and TH that publishes to it."""

import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
from msgspec.structs import force_setattr, replace

from suar.api.server import HttpServer
from suar.protocol.base.primitives import EXERCISE
from suar.service.access.tokens import new_token
from suar.service.pacing.wake import Wake
from suar.service.process.gateway import Gateway
from suar.service.settings.sections.webhooks_config import WebhookSettings
from suar.sse import Event, events
from support.corekit import CoreKit, bundle_of, epoch_of, frame_of
from support.fake_gateway import served
from support.kit import actor, open_sending
from support.patience import PATIENCE, PLAIN

TH = actor("TH")
LOCAL = new_token()
BATCH = "application/cloudevents-batch+json"
NKEYS = (
    "UAKIY2OTOQZQDAP2NSAAQF2BIQWUMGBZ372YYAHYC6BVDDDEJ4VWTED6",
    "UAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3RLKK",
)
"""Public nkeys of users of a NATS server."""
HEALTH: dict[str, Any] = {"name": "health", "sector": "health", "kinds": ["alert", "trend"], "max_tlp": "AMBER"}


class Desk:
    """VN's gateway; calls are made with the token that is named, else with the operator's."""

    def __init__(
        self, kit: CoreKit, gateway: Gateway, wake: Wake, url: str, client: httpx.AsyncClient, server: HttpServer
    ) -> None:
        self.kit, self.gateway, self.wake, self.url, self.client, self.server = kit, gateway, wake, url, client, server
        self.all, self.drills = open_sending(TH, kit.lists), open_sending(TH, kit.lists, realm=EXERCISE)
        self.to_vn = open_sending(TH, kit.lists, channel="VN", to=("VN",))

    def cut(self) -> None:
        """Every connection breaks, wherever its answer is."""
        for each in self.server.door.connections if self.server.door else ():
            each.abort()

    async def receive(self, *contents: bytes) -> None:
        """Messages to everybody."""
        await self.gateway.core.run(self.kit.receive, frame_of(self.all, *contents))

    async def call(self, method: str, path: str, token: str = LOCAL, **more: Any) -> httpx.Response:
        """One call with that token."""
        headers = {"Authorization": f"Bearer {token}"} | more.pop("headers", {})
        return await self.client.request(method, path, headers=headers, **more)

    async def register(self, **changes: Any) -> str:
        """The token of a new agency: of the health sector, unless it is said."""
        made = await self.call("POST", "/v1/agencies", json=HEALTH | changes)
        assert made.status_code == 201, made.text
        return str(made.json()["token"])

    async def act(self, name: str, act: str) -> None:
        """rotate, suspend, resume or revoke an agency."""
        method, path = ("DELETE", f"/v1/agencies/{name}") if act == "revoke" else ("POST", f"/v1/agencies/{name}/{act}")
        done = await self.call(method, path)
        assert done.status_code == 200, done.text

    async def streamed(self, token: str, query: str = "", **headers: str) -> list[Event]:
        """The events of a stream that ends by itself."""
        response = await self.call("GET", f"/v1/feed?follow=false{query}", token, headers=headers)
        assert response.status_code == 200, response.text
        return [each for each in events(response.text.splitlines()) if each.data]

    async def page(self, token: str, path: str = "/v1/feed") -> tuple[list[dict[str, Any]], str]:
        """A page in the batch format, and the address of the next one."""
        response = await self.call("GET", path, token, headers={"Accept": BATCH})
        assert response.status_code == 200, response.text
        assert response.headers["content-type"] == BATCH
        found: list[dict[str, Any]] = response.json()
        return found, response.links["next"]["url"]

    async def batched(self, token: str, path: str = "/v1/feed") -> list[dict[str, Any]]:
        """Every event of the pages from `path` on."""
        found: list[dict[str, Any]] = []
        while True:
            page, path = await self.page(token, path)
            if not page:
                return found
            found += page

    @contextlib.asynccontextmanager
    async def following(self, token: str, query: str = "") -> AsyncIterator[AsyncIterator[str]]:
        """The lines of a stream that goes on."""
        sent = {"Authorization": f"Bearer {token}"}
        async with self.client.stream("GET", f"/v1/feed{query}", headers=sent, timeout=120) as response:
            assert response.status_code == 200
            yield response.aiter_lines()


def data(found: list[Event]) -> list[dict[str, Any]]:
    """The documents of events."""
    return [json.loads(each.data) for each in found]


@contextlib.asynccontextmanager
async def desk_of(folder: Path, webhooks: WebhookSettings | None = None, **http: Any) -> AsyncIterator[Desk]:
    """A desk that has the keys of everybody; `http`: settings of that section."""
    kit = CoreKit(folder / "vn", "VN")
    force_setattr(kit.core.config, "http", replace(kit.core.config.http, **http))
    force_setattr(kit.core.config, "webhooks", webhooks or WebhookSettings())
    wake = Wake()
    gateway = Gateway(kit.core, wake)
    await gateway.open(LOCAL)
    server = HttpServer()
    async with (
        served(gateway, server) as url,  # type: ignore[arg-type]  # a real gateway where the fake one is named
        httpx.AsyncClient(base_url=url, trust_env=False, timeout=PATIENCE, verify=PLAIN) as client,
    ):
        made = Desk(kit, gateway, wake, url, client, server)
        bundles = [bundle_of(actor(code)) for code in ("KH", "SG", "TH")]
        await kit.core.run(kit.receive, *bundles, *map(epoch_of, (made.all, made.drills, made.to_vn)))
        yield made
    kit.close()

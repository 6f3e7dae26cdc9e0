"""An agency's webhook at a desk, whose receiver is a process on this machine and whose clock the test steps."""

import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from suar.service.settings.sections.webhooks_config import WebhookSettings
from suar.service.webhooks.delivering import Deliverer
from support.agency_desk import HEALTH, Desk, desk_of
from support.receivers import Receiver, receiver

LOOPBACK = WebhookSettings(allow=["127.0.0.0/8"])


class Hooked:
    """The desk, the receiver, and the secrets that the gateway gave."""

    def __init__(self, desk: Desk, to: Receiver) -> None:
        self.desk, self.to = desk, to
        self.secret = self.token = ""

    @property
    def deliverer(self) -> Deliverer:
        """What calls webhooks."""
        return self.desk.gateway.webhooks.deliverer

    async def register(self, **changes: Any) -> dict[str, Any]:
        """A new agency with the receiver as its webhook; what the gateway answers."""
        made = await self.desk.call("POST", "/v1/agencies", json=HEALTH | {"webhook": self.to.url} | changes)
        assert made.status_code == 201, made.text
        self.secret, self.token = made.json()["webhook_secret"], made.json()["token"]
        found: dict[str, Any] = made.json()
        return found

    async def deliver(self) -> None:
        """Whatever is due now."""
        await self.deliverer.process_due()
        await self.deliverer.wait_idle()

    async def later(self, milliseconds: int) -> None:
        """Whatever is due after so long."""
        self.desk.kit.now += milliseconds
        await self.deliver()

    @property
    def ids(self) -> list[str]:
        """The ids of the requests, in order."""
        return [each["headers"]["webhook-id"] for each in self.to.got]

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events that came."""
        return [json.loads(each["body"]) for each in self.to.got]

    async def state(self, name: str = "health") -> dict[str, Any]:
        """The webhook as operators see it."""
        found: dict[str, Any] = (await self.desk.call("GET", f"/v1/agencies/{name}")).json()["webhook"]
        return found

    async def post(self, path: str, body: dict[str, Any] | None = None, name: str = "health") -> dict[str, Any]:
        """A call about the agency."""
        made = await self.desk.call("POST", f"/v1/agencies/{name}/{path}", json=body)
        assert made.status_code == 200, made.text
        found: dict[str, Any] = made.json()
        return found


@contextlib.asynccontextmanager
async def hooked_of(folder: Path, settings: WebhookSettings = LOOPBACK) -> AsyncIterator[Hooked]:
    """A desk with a receiver; no agency is registered yet."""
    with receiver(folder / "receiver", "http") as to:
        async with desk_of(folder, settings) as desk:
            yield Hooked(desk, to)

"""VN's gateway with its own NATS server, where agencies read FEED_VN: health and police, each with its own user."""

import base64
import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.client import JetStreamContext

from suar.bus import streams
from suar.bus.connect import Bus
from suar.bus.errors import ApiError
from suar.bus.jsapi import call, consumer_info
from suar.bus.open_bus import connect
from suar.demo.embedded.prepared import Prepared, prepare
from suar.demo.embedded.servers import Servers
from suar.federation.nats_permissions import ADMIN_INBOX, FEED_INBOX
from suar.federation.nats_users import new_nkey
from suar.federation.plan import Agency
from suar.service.nats_feed.writer import FeedWriter
from suar.service.settings.sections.webhooks_config import WebhookSettings
from support.agency_desk import Desk, desk_of
from support.patience import PATIENCE

CODE: Final = "VN"
STREAM: Final = f"FEED_{CODE}"
NAMES: Final = ("health", "police")


class NatsDesk:
    """The gateway (`desk`), the server, and the writer between them, of which each round is made by the test."""

    def __init__(self, desk: Desk, servers: Servers, prepared: Prepared, seeds: dict[str, tuple[bytes, str]]) -> None:
        self.desk, self.servers, self._prepared, self.seeds = desk, servers, prepared, seeds
        self.admin: Bus
        self.feed: Bus
        self.writer: FeedWriter
        self._buses = list[Bus]()

    @property
    def url(self) -> str:
        """The server's address."""
        return self.servers.plan.member(CODE).url

    @property
    def store_dir(self) -> Path:
        """Where the server keeps its streams."""
        return Path(self.servers.plan.member(CODE).store_dir)

    async def start(self) -> None:
        """Connect as the administrator and as the gateway's feed user."""
        self.admin = await self.connect("feed_admin", ADMIN_INBOX)
        await streams.ensure_stream(self.admin, streams.feed(CODE))
        self.feed = await self.connect("feed", FEED_INBOX)
        self.restart()

    async def connect(self, role: str, inbox: str) -> Bus:
        """A connection as one of the member's users, or as an agency's."""
        seed = self.seeds[role][0] if role in self.seeds else self._prepared.seeds[CODE, role]
        bus = await connect(self.url, seed, inbox, role, wait=PATIENCE)
        self._buses.append(bus)
        return bus

    async def stop(self) -> None:
        for bus in self._buses:
            await bus.close()

    def restart(self) -> FeedWriter:
        """A writer that knows what is in the store and in the stream, and no more: as after kill -9."""
        gateway = self.desk.gateway
        self.writer = FeedWriter(gateway.core, gateway.agencies.book, gateway.agency_texts, self.feed, lambda: None)
        return self.writer

    async def register(self, name: str, **changes: Any) -> str:
        """The token of an agency that has its user."""
        return await self.desk.register(name=name, nkey=self.seeds[name][1], **changes)

    async def write(self) -> None:
        """Rounds until nothing more is waiting."""
        while await self.writer.run_once(may_publish=True):
            pass

    async def state(self) -> dict[str, Any]:
        """What the stream says of itself, with its subjects."""
        found: dict[str, Any] = (await call(self.admin, f"STREAM.INFO.{STREAM}", {"subjects_filter": ">"}))["state"]
        return found

    async def stored(self) -> list[dict[str, Any]]:
        """The documents that the stream holds, oldest first."""
        state, found = await self.state(), []
        for seq in range(state["first_seq"], state["last_seq"] + 1):
            with contextlib.suppress(ApiError):  # erased
                got = await call(self.admin, f"STREAM.MSG.GET.{STREAM}", {"seq": seq})
                found.append(json.loads(base64.b64decode(got["message"]["data"])))
        return found

    def on_disk(self, text: bytes) -> list[str]:
        """The files of the server in which these bytes are; all are read again if the server replaces one meanwhile."""
        while True:
            files = [path for path in self.store_dir.rglob("*") if path.is_file()]
            with contextlib.suppress(FileNotFoundError):
                return [path.name for path in files if text in path.read_bytes()]

    @contextlib.asynccontextmanager
    async def reader(self, name: str) -> AsyncIterator["Program"]:
        """The program of an agency, with nats-py."""
        client = await nats.connect(
            self.url, nkeys_seed_str=self.seeds[name][0].decode(), inbox_prefix=f"_INBOX_{name}".encode(),
            allow_reconnect=True, reconnect_time_wait=0.05, error_cb=_quiet, connect_timeout=int(PATIENCE),
        )  # fmt: skip
        try:
            yield Program(client, name, self.admin)
        finally:
            await client.close()


async def _quiet(_: Exception) -> None:
    return


class Program:
    """An agency's program: it acknowledges an event after it has handled it. `admin` knows what is there for it."""

    def __init__(self, client: Client, name: str, admin: Bus) -> None:
        self.client, self.name, self._admin = client, name, admin
        self.js: JetStreamContext = client.jetstream(domain=streams.AGENCY_DOMAIN)
        self._subscription: JetStreamContext.PullSubscription | None = None

    async def fetch(self, most: int = 100, within: float = 1.0) -> list[Msg]:
        """What is there for it and was not delivered yet; else what comes, once more or new, `within` seconds."""
        found = list[Msg]()
        while len(found) < most and (left := await self._left()):
            more = await self._request(min(most - len(found), left), PATIENCE)
            assert more, f"{left} events are there for {self.name} and do not come"
            found += more
        return found or await self._request(most, within)

    async def _left(self) -> int:
        """How many events of the stream are there for it, at least; 0 where it has no consumer any more."""
        try:
            newest = await call(self._admin, f"STREAM.MSG.GET.{STREAM}", {"last_by_subj": f"feed.{self.name}.>"})
            info = await consumer_info(self._admin, STREAM, self.name)
        except ApiError:
            return 0
        is_left = int(newest["message"]["seq"]) > info["delivered"]["stream_seq"]
        return max(1, int(info["num_pending"])) if is_left else 0

    async def _request(self, most: int, within: float) -> list[Msg]:
        if self._subscription is None:
            self._subscription = await self.js.pull_subscribe_bind(self.name, STREAM)
        try:
            return await self._subscription.fetch(most, timeout=within)
        except TimeoutError:  # that of nats-py too
            return []

    async def read(self, most: int = 100) -> list[dict[str, Any]]:
        """The events that are there, each acknowledged; the server has it when this returns."""
        found = []
        for message in await self.fetch(most):
            found.append(json.loads(message.data))
            await message.ack_sync()
        return found


@contextlib.asynccontextmanager
async def nats_desk_of(
    folder: Path, webhooks: WebhookSettings | None = None, *, names: Sequence[str] = NAMES, is_plain: bool = False
) -> AsyncIterator[NatsDesk]:
    """A gateway and its server, which has a user of each of these names for an agency.

    `is_plain`: the server keeps its files in the clear, so that they can be searched.
    """
    prepared, seeds = prepare(folder / "nats", [CODE]), {name: new_nkey() for name in names}
    agencies = tuple(Agency(name=name, nkey=public) for name, (_, public) in seeds.items())
    plan = prepared.plan.with_member(msgspec.structs.replace(prepared.plan.member(CODE), agencies=agencies))
    servers = PlainServers if is_plain else Servers
    running_servers = servers(folder / "nats", plan, prepared.environs)
    async with running_servers as running, desk_of(folder / "gateway", webhooks) as desk:
        made = NatsDesk(desk, running, prepared, seeds)
        try:
            await made.start()
            yield made
        finally:
            await made.stop()


class PlainServers(Servers):
    """Servers whose files are not encrypted."""

    def _write_member(self, member: Any) -> None:
        super()._write_member(member)
        path = Path(member.config_file)
        lines = [line for line in path.read_text().splitlines() if not line.startswith(("  cipher:", "  key:"))]
        path.write_text("\n".join(lines))

"""A whole federation of real processes: hub, national servers, and gateways started by `suar serve`."""

import asyncio
import itertools
import json
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from suar.demo.embedded.nats_federation import NatsFederation
from suar.demo.embedded.prepared import ROLES, Authority, Prepared, Seeds, embedded_hub, embedded_member
from suar.federation.nats_users import new_js_key, new_nkey
from suar.federation.plan import Hub, Plan
from suar.protocol.base import limits
from suar.protocol.base.instants import instant
from suar.protocol.base.link_names import ONE_HUB, TWO_HUBS, HubLink
from suar.protocol.base.primitives import ZERO32, hash_, kid
from suar.protocol.base.wire import encode
from suar.protocol.trust import trustlist
from suar.service.process import offline
from suar.service.settings import sealed, state
from suar.service.settings.keyring import Keyring
from support import stores, warm
from support.executables import PYTHON
from support.kit import root
from support.patience import PLAIN
from support.templates import new_store

PASSPHRASE = b"correct horse battery staple"
FEDERATION = "asean-test"
HEARTBEAT = 1.0  # seconds
AGAIN = 160.0
"""Seconds until what a NATS source passed over, after a server or a link was away, is here all the same.

It is rare, and the server's own fault (docs/gaps.md). The receiver asks at once; its origin's stream takes an object
once more after two minutes.
"""
PASSED_OVER = frozenset({"gap", "epoch-missing"})
"""How that is alarmed: a hub that withholds looks like it."""


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass
class Lists:
    """Trust lists of this federation, signed by roots A and B."""

    members: list[list[Any]]
    version: int = 0
    prev: bytes = ZERO32
    issued: int = 0
    data: bytes = b""

    def next(self) -> bytes:
        """The next version with the members as they stand."""
        roots = [[kid(root(name)[1]), root(name)[1], name] for name in "ABC"]
        self.version, self.issued = self.version + 1, max(now_ms() - 1000, self.issued)
        expires = self.issued + 180 * limits.DAY
        raw = encode(
            ["suar-trust/1", FEDERATION, self.version, self.issued, expires, self.prev, 2, roots,
             sorted(self.members)]
        )  # fmt: skip
        self.prev = hash_("trust", raw)
        self.data = trustlist.assemble(raw, [trustlist.sign_list(raw, *root(name)) for name in "AB"])
        return self.data

    def set_status(self, code: str, status: str) -> None:
        next(row for row in self.members if row[0] == code)[2] = status

    def set_kinds(self, code: str, *kinds: str) -> None:
        """What this member may publish; "*" is every kind."""
        next(row for row in self.members if row[0] == code)[4] = list(kinds)


@dataclass
class Running:
    """One gateway: its state folder and its process."""

    code: str
    folder: Path
    environ: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | warm.Process | None = None
    program: tuple[str, ...] = ()  # of Python instead of the warm `suar`
    module: str = "suar"  # that is run warm
    heartbeat: float | None = None  # seconds; None: as the others of its federation

    @property
    def log(self) -> Path:
        return self.folder / "gateway.log"

    def start(self, **environ: str) -> None:
        (self.folder / "gateway.json").unlink(missing_ok=True)
        passphrase = self.folder / "passphrase"
        passphrase.write_bytes(PASSPHRASE)
        env = os.environ | {"SUAR_PASSPHRASE_FILE": str(passphrase)} | self.environ | environ
        arguments = ("serve", "--state", str(self.folder))
        with self.log.open("ab") as log:
            if self.program:
                command = [PYTHON, *self.program, *arguments]
                self.process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            else:
                self.process = warm.start(self.module, *arguments, env=env, stdout=log, stderr=log)

    @property
    def address(self) -> dict[str, Any]:
        address: dict[str, Any] = json.loads((self.folder / "gateway.json").read_text())
        return address

    async def call(self, method: str, path: str, body: bytes | None = None, **options: Any) -> httpx.Response:
        address = self.address
        headers = {"Authorization": f"Bearer {address['token']}"} | options.pop("headers", {})
        async with httpx.AsyncClient(base_url=address["url"], timeout=120, verify=PLAIN) as client:
            return await client.request(method, path, content=body, headers=headers, **options)

    async def get(self, path: str, **options: Any) -> Any:
        answer = await self.call("GET", path, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def start_and_wait(self) -> None:
        self.start()
        await self.ready()

    async def ready(self, within: float = 120.0) -> "Running":
        await eventually(self._is_ready, within, self.words)
        return self

    async def _is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.words()
        try:
            return (await self.call("GET", "/readyz")).status_code == 200
        except (OSError, httpx.HTTPError):
            return False

    def words(self) -> str:
        return self.log.read_text()[-3000:] if self.log.exists() else ""

    def words_since(self, start: int) -> str:
        """The lines of its log since then (ms), without those that every heartbeat makes."""
        since = instant(start)[:19]  # to the second
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        kept = (line for line in lines if not line.startswith('{"at"') or line[7:26] >= since)
        return "\n".join(line for line in kept if '"heartbeat_seen"' not in line and '"messages":0' not in line)

    def events(self, name: str) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [line for line in lines if line.get("event") == name]

    def kill(self) -> None:
        self.end(signal.SIGKILL)

    def end(self, number: signal.Signals = signal.SIGTERM, within: float = 60.0) -> int:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(within)

    def wait(self, within: float = 60.0) -> int:
        """Until it ends by itself, as a fault point makes it."""
        assert self.process is not None
        return self.process.wait(within)

    async def publish(self, *drafts: dict[str, Any], exercise: bool = False) -> list[str]:
        """Publish; the ids, in order."""
        body = b"\n".join(json.dumps(each).encode() for each in drafts)
        params = {"exercise": "true"} if exercise else None
        answer = await self.call("POST", "/v1/messages/batch", body, params=params)
        assert answer.status_code == 200, answer.text
        verdicts = [json.loads(line) for line in answer.text.splitlines()]
        assert all(each["verdict"] == "published" for each in verdicts), verdicts
        return [each["id"] for each in verdicts]

    async def inbox(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = await self.get("/v1/messages", params={"limit": 1000, "status": "all"})
        return rows

    async def titles(self) -> list[str]:
        """Titles in the order they came; every draft of a test has its own."""
        return [line["title"] for line in await self.inbox()]

    async def states(self, id_: str) -> dict[str, str]:
        deliveries = await self.get(f"/v1/messages/{id_}/deliveries")
        return {code: row["state"] for code, row in deliveries["members"].items()}

    async def alarms(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = await self.get("/v1/alarms")
        return rows

    async def was_passed_over(self, since: str) -> bool:
        """Whether something did not come to it, since then (ms)."""
        return any(each["name"] in PASSED_OVER for each in await self.get("/v1/alarms", params={"since": since}))


async def eventually(
    condition: Callable[[], Any], within: float = 120.0, message: Callable[[], str] = lambda: ""
) -> float:
    """Seconds until the condition held; fails the test when it does not in time."""
    start = time.monotonic()
    while not await condition():
        assert time.monotonic() - start < within, f"not in {within} s {message()}"
        await asyncio.sleep(0.05)
    return time.monotonic() - start


_drafted = itertools.count()


def draft(title: str, audience: str | list[str] = "all", **changes: Any) -> dict[str, Any]:
    """An alert as a person writes it; another one each time, since the same bytes are the same message."""
    expires = instant(time.time_ns() // 1_000_000 + 20 * limits.DAY + next(_drafted) * limits.SECOND)
    return {
        "kind": "alert", "action": "new", "issuer": {"body": "National desk", "sector": "law-enforcement"},
        "expires": expires, "tlp": "AMBER", "audience": {"members": audience},
        "text": [{"lang": "en", "title": title, "summary": "Recruiters promise office work"}],
        "source": {"type": "investigation", "reliability": "B", "credibility": 2, "confidence": 70},
        "event": "recruitment-campaign", "urgency": "expected", "severity": "severe", "certainty": "likely",
        "request": [{"action": "acknowledge"}], "desk": "TH-CONTACT-2027-000001",
    } | changes  # fmt: skip


class Federation:
    """Servers, states, lists and gateways of some members."""

    def __init__(self, folder: Path, codes: tuple[str, ...], heartbeat: float = HEARTBEAT, hubs: int = 1) -> None:
        self.folder, self.heartbeat = folder, heartbeat
        self.gateways: dict[str, Running] = {}
        self.lists = Lists([])
        self.authority = Authority(folder / "tls")
        self._seeds: Seeds = {}
        self._environs: dict[str, dict[str, str]] = {}
        members = tuple(self._new_state(code) for code in codes)
        made = [self._new_hub(link) for link in (TWO_HUBS if hubs == len(TWO_HUBS) else ONE_HUB)]
        plan = Plan(hub=made[0], hubs=tuple(made) if hubs > 1 else (), members=members)
        prepared = Prepared(folder, plan, self._seeds, self._environs, self.authority)
        self.nats = NatsFederation(prepared)

    def _new_hub(self, link: HubLink) -> Hub:
        (sys_seed, sys_public), (admin_seed, admin_public) = new_nkey(), new_nkey()
        name = link.entity
        self._seeds |= {(name, "sys"): sys_seed, (name, "admin"): admin_seed}
        self._environs[name] = {"JS_KEY": new_js_key()}
        return embedded_hub(self.folder, self.authority.issue(name), sys=sys_public, admin=admin_public, link=link)

    def __getitem__(self, code: str) -> Running:
        return self.gateways[code]

    def _new_state(self, code: str) -> Any:
        """A member's state folder, its row in the list, its entry in the plan."""
        folder = self.folder / f"state-{code.lower()}"
        made = now_ms()
        self._create_state(code, folder, made)
        keyring = self.keyring(code)
        identity = keyring.identity
        self.lists.members.append(
            [code, f"State {code}", "active",
             [[identity.kid, identity.public, made - 1000, made + 300 * limits.DAY, None]], ["*"], ["*"]]
        )  # fmt: skip
        self._seeds |= {(code, role): bytes(keyring.nkey_seed(role)) for role in ROLES}
        lines = (folder / "nats.env").read_text().split()
        self._environs[code.lower()] = dict(line.split("=", 1) for line in lines)
        public = {role: keyring.nkey_public(role) for role in ROLES}
        self.gateways[code] = Running(code, folder, {"SUAR_LOG__LEVEL": "debug"})
        return embedded_member(self.folder, code, self.authority.issue(code.lower()), public)

    def _create_state(self, code: str, folder: Path, made: int) -> None:
        state.create_state(
            folder, PASSPHRASE, member=code, name=f"State {code}", federation=FEDERATION, now=made, cost=sealed.FLOOR
        )
        new_store(folder).close()
        stores.named_in_settings(folder)

    def keyring(self, code: str) -> Keyring:
        return Keyring.open(self.folder / f"state-{code.lower()}" / "keyring.suar", PASSPHRASE)

    async def join(self, code: str) -> None:
        """One more member in the running federation. Its gateway publishes the list that names it, then its bundle."""
        data = await self._admit(code)
        self.import_lists(code, self.first, data, pin=self.pin)
        await self.gateways[code].start_and_wait()
        await self.everywhere(self.lists.version)

    async def join_unstarted(self, code: str) -> None:
        """The list says that it is a member, its server runs, its gateway does not."""
        data = await self._admit(code)
        await self.hand_over(data)
        self.import_lists(code, self.first, data, pin=self.pin)

    async def _admit(self, code: str) -> bytes:
        member = self._new_state(code)
        await self.nats.join(code, member)
        self.configure(code)
        return self.lists.next()

    async def everywhere(self, version: int) -> None:
        """Until every gateway that runs has that list."""

        async def all_have() -> bool:
            started = [each for each in self.gateways.values() if each.process is not None]
            return all([(await each.get("/v1/trust"))["version"] == version for each in started])

        await eventually(all_have, 120)

    async def hand_over(self, data: bytes, to: str = "") -> None:
        """Import a list at one gateway, which publishes it to all; wait until every one has it."""
        running = self.gateways[to or next(iter(self.gateways))]
        answer = await running.call("POST", "/v1/trust", data)
        assert answer.status_code == 200, answer.text
        await self.everywhere(answer.json()["version"])

    def configure(self, code: str) -> None:
        """Write the settings that a test federation needs, and import the lists."""
        running = self.gateways[code]
        member = self.nats.servers.plan.member(code)
        running.environ |= {
            "SUAR_BUS__URL": member.url,
            "SUAR_BUS__HEARTBEAT_SECONDS": str(running.heartbeat or self.heartbeat),
            "SUAR_BUS__MONITOR_PORT": str(member.monitor_port),
            "SUAR_BUS__LEAF_CERT_FILE": member.tls.cert_file,
            "SUAR_BUS__TWO_HUBS": json.dumps(bool(self.nats.servers.plan.hubs)),
            "SUAR_HTTP__LISTEN": "127.0.0.1:0",
        }

    def import_lists(self, code: str, *lists: bytes, pin: bytes) -> None:
        offline.import_lists(self.gateways[code].folder, PASSPHRASE, list(lists), pin)

    async def import_first(self, code: str) -> None:
        """The first list, before the gateway starts."""
        self.import_lists(code, self.first, pin=self.pin)

    async def found(self) -> None:
        """The servers and their streams, before any gateway runs."""
        await self.nats.start()
        await self.nats.found()

    async def start(self) -> None:
        await self.found()
        self.first = self.lists.next()
        self.pin = self.lists.prev
        for code in self.gateways:
            self.configure(code)
            await self.import_first(code)
            self.gateways[code].start()
        await asyncio.gather(*(running.ready() for running in self.gateways.values()))

    async def stop(self) -> None:
        for running in self.gateways.values():
            if running.process is not None:
                running.kill()
        await self.nats.stop()

    async def mend(self) -> None:
        """Everything runs again, whatever a test that failed left killed or frozen."""
        hubs = [hub.name for hub in self.nats.servers.plan.every_hub]
        for name in (*hubs, *self.gateways):
            server = self.nats.servers[name]
            if server.is_running:
                server.send(signal.SIGCONT)
            else:
                await self.nats.servers.restart(name)
        started = [each for each in self.gateways.values() if each.process is not None]
        await asyncio.gather(
            *(each.start_and_wait() for each in started if each.process and each.process.poll() is not None)
        )

    async def wait_all_connected(self, by: str) -> None:
        """Until that gateway hears every other one."""

        async def has_every_heartbeat() -> bool:
            return all(peer["up"] for peer in await self[by].get("/v1/peers"))

        await eventually(has_every_heartbeat, AGAIN, self[by].words)

    async def stored_everywhere(self, sender: str, *ids: str, within: float = 120.0) -> float:
        """Seconds until every member's signed receipt for each message is back."""

        async def all_stored() -> bool:
            for id_ in ids:
                if any(stage != "stored" for stage in (await self[sender].states(id_)).values()):
                    return False
            return True

        return await eventually(all_stored, within, self[sender].words)


@asynccontextmanager
async def running(
    folder: Path, *codes: str, heartbeat: float = HEARTBEAT, module: str = "suar", hubs: int = 1
) -> AsyncIterator[Federation]:
    """A founded federation whose gateways are ready; everything ends with the block. `module`: what they run warm."""
    federation = Federation(folder, codes, heartbeat, hubs)
    for gateway in federation.gateways.values():
        gateway.module = module
    try:
        await federation.start()
        yield federation
    finally:
        await federation.stop()

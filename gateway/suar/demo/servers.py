"""Real NATS servers on 127.0.0.1 for the demo and the tests: keys, certificates, plan, all of them started in order.

Ports are chosen by the system at the first start and written into the plan (and the configs) then, so that a restarted
server is found where it was. Every process is ended by its own pid and dies with the process that started it.
"""

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import nkeys

from suar.demo.nats_process import NatsServer, binary
from suar.federation import monitor, nats_config
from suar.federation.nats_config import new_nkey
from suar.federation.plan import Agency, Hub, Member, Plan, Tls, save
from suar.protocol.errors import Fault

__all__ = [
    "HUB",
    "Authority",
    "MemberKeys",
    "NatsServer",
    "Prepared",
    "Seeds",
    "Servers",
    "binary",
    "embedded_hub",
    "embedded_member",
    "prepare",
]

HUB = "hub"
ROLES = ("link", "sys", "admin", "gateway", "watch", "feed_admin", "feed")

Entry = TypeVar("Entry", Hub, Member)
Seeds = dict[tuple[str, str], bytes]
"""(member code or "hub", role) -> seed of the NATS user."""


class Authority:
    """One certificate authority for the leaf links (`trustme`, of the extra `embedded`)."""

    def __init__(self, folder: Path) -> None:
        import trustme

        self._folder = folder
        self._authority = trustme.CA()
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / "leaf-ca.pem"
        self._authority.cert_pem.write_to_path(self._file)

    def issue(self, name: str) -> Tls:
        """A certificate for 127.0.0.1, its key in a file of mode 0600."""
        leaf = self._authority.issue_cert("127.0.0.1", "localhost", common_name=name)
        cert, key = self._folder / f"{name}.crt", self._folder / f"{name}.key"
        with os.fdopen(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(leaf.private_key_pem.bytes())
        cert.write_bytes(b"".join(pem.bytes() for pem in leaf.cert_chain_pems))
        return Tls(cert_file=str(cert), key_file=str(key), ca_file=str(self._file))


def embedded_hub(folder: Path, tls: Tls, *, sys: str, admin: str, sync_interval: str = "always") -> Hub:
    """A hub in `folder`, on ports that the system chooses."""
    return Hub(leaf="127.0.0.1:-1", tls=tls, sys=sys, admin=admin, sync_interval=sync_interval, **_places(folder, HUB))


def embedded_member(
    folder: Path,
    code: str,
    tls: Tls,
    public: Mapping[str, str],
    *,
    agencies: tuple[Agency, ...] = (),
    sync_interval: str = "always",
) -> Member:
    """A national server in `folder`; `public` maps each of `ROLES` (the feed's two may be missing) to a public nkey."""
    return Member(
        code=code,
        tls=tls,
        agencies=agencies,
        sync_interval=sync_interval,
        **_places(folder, code.lower()),
        **_known(public),
    )


def _known(public: Mapping[str, str]) -> dict[str, Any]:
    return {role: public[role] for role in ROLES if role in public}


def _places(folder: Path, name: str) -> dict[str, Any]:
    return {
        "client": "127.0.0.1:-1",
        "monitor_port": -1,
        "store_dir": str(folder / name / "jetstream"),
        "config_file": str(folder / f"{name}.conf"),
        "pid_file": str(folder / name / "pid"),
        "ports_dir": str(folder / name),
        "log_file": str(folder / name / "log"),
    }


@dataclass(frozen=True)
class MemberKeys:
    """The NATS users of one member: `seeds` by role, and the key of its server's store."""

    seeds: Mapping[str, bytes] = field(repr=False)
    js_key: str = field(repr=False)

    @classmethod
    def new(cls) -> "MemberKeys":
        """Fresh ones, for servers without gateways."""
        return cls({role: new_nkey()[0] for role in ROLES}, nats_config.new_js_key())

    @property
    def public(self) -> dict[str, str]:
        """The public nkey of each role."""
        return {role: nkeys.from_seed(bytearray(seed)).public_key.decode() for role, seed in self.seeds.items()}

    @property
    def environ(self) -> dict[str, str]:
        """What the member's server reads, as STATE/nats.env has it."""
        return {"JS_KEY": self.js_key, "LINK_SEED": self.seeds["link"].decode()}


@dataclass(frozen=True)
class Prepared:
    """Everything that a federation of servers needs, before the first is started."""

    folder: Path
    plan: Plan
    seeds: Seeds = field(repr=False)
    environs: dict[str, dict[str, str]] = field(repr=False)
    authority: Authority

    def newcomer(self, code: str, keys: MemberKeys | None = None) -> Member:
        """Keys, certificate and plan entry of one more member, whose seeds and environment are added here."""
        member, seeds, environ = _new_member(self.folder, code, self.authority, self.plan.hub.sync_interval, keys)
        self.seeds.update(seeds)
        self.environs[member.low] = environ
        return member


def prepare(
    folder: Path, codes: Iterable[str], *, sync_interval: str = "always", keys: Mapping[str, MemberKeys] | None = None
) -> Prepared:
    """Certificates for a hub and these members, new keys for the hub and for members that bring none in `keys`."""
    authority = Authority(folder / "tls")
    (sys_seed, sys_public), (admin_seed, admin_public) = new_nkey(), new_nkey()
    hub = embedded_hub(folder, authority.issue(HUB), sys=sys_public, admin=admin_public, sync_interval=sync_interval)
    seeds: Seeds = {(HUB, "sys"): sys_seed, (HUB, "admin"): admin_seed}
    environs = {HUB: {"JS_KEY": nats_config.new_js_key()}}
    members = []
    for code in codes:
        member, own, environ = _new_member(folder, code, authority, sync_interval, (keys or {}).get(code))
        members.append(member)
        seeds.update(own)
        environs[member.low] = environ
    return Prepared(folder, Plan(hub=hub, members=tuple(members)), seeds, environs, authority)


def _new_member(
    folder: Path, code: str, authority: Authority, sync_interval: str, keys: MemberKeys | None = None
) -> tuple[Member, Seeds, dict[str, str]]:
    own = keys or MemberKeys.new()
    member = embedded_member(folder, code, authority.issue(code.lower()), own.public, sync_interval=sync_interval)
    return member, {(code, role): seed for role, seed in own.seeds.items()}, own.environ


class Servers:
    """The hub and the national servers of a plan; `plan` has the real ports as soon as they run."""

    def __init__(self, folder: Path, plan: Plan, environs: Mapping[str, Mapping[str, str]]) -> None:
        self.folder = folder
        self.plan = plan
        self.plan_file = folder / "PLAN.toml"
        self._environs = environs
        self._servers: dict[str, NatsServer] = {}

    def __getitem__(self, name: str) -> NatsServer:
        """The process of "hub" or of a member code."""
        return self._servers[name.lower()]

    @property
    def hub(self) -> NatsServer:
        return self[HUB]

    async def start(self) -> None:
        """The hub first (its leaf port stands in the members' configs), then all members at once."""
        hub = await self._launch(HUB, self.plan.hub, self._write_hub)
        leaf = (await monitor.varz(hub.monitor_port))["leaf"]["port"]
        hub = msgspec.structs.replace(hub, leaf=f"127.0.0.1:{leaf}")
        self.plan = msgspec.structs.replace(self.plan, hub=hub)
        self._write_hub(hub)
        running = await asyncio.gather(*map(self._launch_member, self.plan.members))
        self.plan = msgspec.structs.replace(self.plan, members=tuple(running))
        save(self.plan, self.plan_file)

    async def add(self, member: Member) -> Member:
        """Start the server of a member that the hub does not know yet; returns its entry with the real ports.

        The plan is not changed: joining is `operations.join`, which is handed this entry.
        """
        return await self._launch_member(member)

    async def restart(self, name: str, wait: float = 0.0) -> None:
        """Start a killed or stopped server again, on its old ports, after `wait` seconds."""
        server = self[name]
        server.stop()
        await asyncio.sleep(wait)
        server.spawn()
        await server.ready()

    def stop(self) -> None:
        """End all of them; safe to call twice."""
        for server in self._servers.values():
            server.send(signal.SIGTERM)
            server.send(signal.SIGCONT)  # a frozen one would not hear it
        for server in self._servers.values():
            server.stop()

    async def __aenter__(self) -> "Servers":
        try:
            await self.start()
        except BaseException:
            self.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stop()

    async def _launch_member(self, member: Member) -> Member:
        return await self._launch(member.low, member, self._write_member)

    async def _launch(self, name: str, entry: Entry, write: Callable[[Entry], None]) -> Entry:
        """Write the config, start the server, write the config again with the ports it got.

        The monitor's port alone is chosen by us: a server refuses to reload a config in which it changed from -1.
        """
        for attempts_left in (2, 1, 0):
            chosen = msgspec.structs.replace(entry, monitor_port=_free_port())
            write(chosen)
            server = NatsServer(name, Path(entry.config_file), Path(entry.ports_dir), self._environs[name])
            self._servers[name] = server
            server.spawn()
            try:
                address = await server.ready()
            except Fault:
                if attempts_left and "address already in use" in server.last_words():
                    continue
                raise
            running = msgspec.structs.replace(chosen, client=address)
            write(running)
            return running
        raise AssertionError("the last attempt returns or raises")

    def _write_hub(self, hub: Hub) -> None:
        _write(hub.config_file, nats_config.hub_config(msgspec.structs.replace(self.plan, hub=hub)))

    def _write_member(self, member: Member) -> None:
        _write(member.config_file, nats_config.member_config(self.plan.with_member(member), member.code))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _write(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(path + ".new")
    temporary.write_text(text, "utf-8")
    temporary.replace(path)

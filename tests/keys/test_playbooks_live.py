"""The playbooks once more, whole: on a federation whose servers and gateways run while the commands are given."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from suar.bus.errors import ApiError
from suar.bus.jsapi import consumer_info
from suar.demo.embedded.nats_federation import NatsFederation
from suar.demo.embedded.prepared import ROLES, MemberKeys, prepare
from suar.federation.plan import Member
from suar.service.recovery import archive_file
from suar.service.settings.keyring import Keyring
from support.gateways import AGAIN, PASSPHRASE, Running, draft, eventually
from support.playbooks import blocks, run
from support.warm_suar import on_path

pytestmark = [pytest.mark.slow]


def keys_of(folder: Path) -> MemberKeys:
    """What a member's national server and its users need, from its state folder."""
    keyring = Keyring.open(folder / "keyring.suar", PASSPHRASE)
    lines = dict(line.split("=", 1) for line in (folder / "nats.env").read_text().split())
    return MemberKeys({role: bytes(keyring.nkey_seed(role)) for role in ROLES}, lines["JS_KEY"])


class Federation:
    """The folder that the playbooks work in, with servers and gateways for the members in it."""

    def __init__(self, folder: Path, codes: tuple[str, ...], path: str) -> None:
        self.folder = folder
        keys = {code: keys_of(folder / code.lower()) for code in codes}
        self.nats = NatsFederation(prepare(folder / "nats", codes, keys=keys))
        self.gateways: dict[str, Running] = {}
        self.newcomer: Member
        self._environ = {"PATH": path, "SUAR_PASSPHRASE_FILE": str(folder / "passphrase")}

    async def start(self) -> None:
        await self.nats.start()
        await self.nats.found()
        (self.folder / "PLAN.toml").write_text((self.folder / "nats" / "PLAN.toml").read_text())
        for role in ("admin", "sys"):
            file = self.folder / f"hub.{role}.seed"
            file.touch(0o600)
            file.write_bytes(self.nats.prepared.seeds["hub", role])
            variable = "SUAR_NATS_SEED_FILE" if role == "admin" else "SUAR_NATS_SYS_SEED_FILE"
            self._environ[variable] = str(file)
        await asyncio.gather(*(self.serve(member) for member in self.nats.servers.plan.members))

    async def serve(self, member: Member) -> None:
        environ = {"SUAR_BUS__URL": member.url, "SUAR_BUS__HEARTBEAT_SECONDS": "1", "SUAR_HTTP__LISTEN": "127.0.0.1:0"}
        running = Running(member.code, self.folder / member.code.lower(), environ)
        self.gateways[member.code] = running
        await running.start_and_wait()

    async def run(self, block: str) -> None:
        done = await asyncio.to_thread(run, block, self.folder, **self._environ)
        assert done.returncode == 0, f"{block}\n{done.stderr}"

    async def version(self, code: str) -> int:
        return int((await self.gateways[code].get("/v1/trust"))["version"])

    async def have(self, version: int, *codes: str) -> None:
        async def all_have() -> bool:
            return all([await self.version(code) == version for code in codes])

        await eventually(all_have, 120)

    async def stop(self) -> None:
        for running in self.gateways.values():
            running.kill()
        await self.nats.stop()


@asynccontextmanager
async def founded(folder: Path) -> AsyncIterator[Federation]:
    """FOUNDING executed, then everything started."""
    (folder / "passphrase").write_bytes(PASSPHRASE)
    with on_path() as path:
        for block in blocks("FOUNDING", "gateway"):
            passphrase = str(folder / "passphrase")
            done = await asyncio.to_thread(run, block, folder, PATH=path, SUAR_PASSPHRASE_FILE=passphrase)
            assert done.returncode == 0, f"{block}\n{done.stderr}"
        federation = Federation(folder, ("TH", "SG", "ID"), path)
        try:
            await federation.start()
            yield federation
        finally:
            await federation.stop()


async def test_joining_and_rotation_on_a_running_federation(tmp_path: Path) -> None:
    async with founded(tmp_path) as federation:
        await _joining(federation)
        await _rotation(federation)
        (id_,) = await federation.gateways["SG"].publish(draft("signed with the new key"))
        await _stored(federation.gateways["SG"], id_, {"TH", "ID", "XA"})


async def _joining(federation: Federation) -> None:
    after: dict[str, Callable[[], Awaitable[Any]]] = {
        "streams --hub --plan PLAN.toml join XA": lambda: _newcomer_serves(federation),
        "streams --hub --plan PLAN.toml suspend ID": lambda: _without(federation, "ID"),
        "streams --hub --plan PLAN.toml return ID": lambda: federation.have(4, "TH", "SG", "XA"),
    }
    for block in blocks("JOINING", "gateway", "federation"):
        if "join XA" in block:
            await _newcomer_server(federation)
        await federation.run(block)
        for words, check in after.items():
            if words in block:
                await check()
    (id_,) = await federation.gateways["TH"].publish(draft("all four"))
    await _stored(federation.gateways["TH"], id_, {"SG", "ID", "XA"})


async def _newcomer_server(federation: Federation) -> None:
    """XA's operator: its server, its OUTBOX; the hub lets it in with the block that follows."""
    keys = keys_of(federation.folder / "xa")
    entry = federation.nats.prepared.newcomer("XA", keys)
    federation.newcomer = await federation.nats.servers.add(entry)
    side = await federation.nats.operate(federation.newcomer)
    await side.create_outbox()


async def _newcomer_serves(federation: Federation) -> None:
    await federation.nats.members["XA"].create_inbox()
    await federation.serve(federation.newcomer)
    (id_,) = await federation.gateways["TH"].publish(draft("hello XA"))
    await _stored(federation.gateways["TH"], id_, {"SG", "ID", "XA"})


async def _without(federation: Federation, code: str) -> None:
    await federation.have(3, "TH", "SG", "XA")
    (id_,) = await federation.gateways["TH"].publish(draft(f"without {code}"))
    await _stored(federation.gateways["TH"], id_, {"SG", "XA"})


async def _rotation(federation: Federation) -> None:
    for block in blocks("ROTATION", "gateway", "federation"):
        await federation.run(block)
        if "import 5.list 6.list" in block:
            await federation.have(6, "TH", "SG", "ID", "XA")
            federation.gateways["SG"].end()
            await federation.gateways["SG"].start_and_wait()
    await federation.have(8, "TH", "SG", "ID", "XA")
    keys = await federation.gateways["SG"].get("/v1/keys")
    assert [key["state"] for key in keys if key["key"] == "identity"] == ["revoked", "signs"], json.dumps(keys)


async def _stored(sender: Running, id_: str, members: set[str]) -> None:
    async def done() -> bool:
        return await sender.states(id_) == dict.fromkeys(members, "stored")

    await eventually(done, AGAIN, sender.words)


async def test_recovery_and_compromise_on_a_running_federation(tmp_path: Path) -> None:
    async with founded(tmp_path) as federation:
        await _recovery(federation)
        await _compromise(federation)


async def test_leaving_a_running_federation(tmp_path: Path) -> None:
    async with founded(tmp_path) as federation:
        left = federation.gateways["ID"]
        kept = [
            await _published(federation, "ID", "of who leaves"),
            await _published(federation, "TH", "to who leaves"),
        ]
        archiving, listing = blocks("LEAVING", "gateway")
        await federation.run(archiving)
        assert (tmp_path / "id-archive" / "id-000001.archive").exists()
        await federation.run(listing)
        await federation.have(2, "TH", "SG")
        for block in blocks("LEAVING", "federation"):
            await federation.run(block)
        assert await consumer_exists(federation, "down_id") is False
        assert await consumer_exists(federation, "down_sg") is True
        left.kill()
        federation.nats.servers["ID"].kill()
        for block in blocks("LEAVING", "gone"):
            await federation.run(block)
        assert not (tmp_path / "id").exists()
        (after,) = await federation.gateways["TH"].publish(draft("among those who stay"))
        await _stored(federation.gateways["TH"], after, {"SG"})
        assert "of who leaves" in await federation.gateways["SG"].titles()
        found = archive_file.verify(
            tmp_path / "id-archive", PASSPHRASE, bytes.fromhex((tmp_path / "1.pin").read_text())
        )
        assert (found.member, found.messages) == ("ID", {"proved": len(kept)})


async def consumer_exists(federation: Federation, name: str) -> bool:
    """Whether the hub still sends to a member."""
    try:
        await consumer_info(federation.nats.hub.admin, "REGION", name)
    except ApiError:
        return False
    return True


async def _recovery(federation: Federation) -> None:
    th = federation.gateways["TH"]
    before = await _published(federation, "TH", "in the backup")
    backup, *after = blocks("RECOVERY", "gateway")
    await federation.run(backup)
    ids = [before, await _published(federation, "TH", "after the backup")]
    await _published(federation, "SG", "to who will be restored")
    lost, spoilt = blocks("RECOVERY", "lost")
    for block in (lost, spoilt):
        th.kill()
        if block is lost:
            shutil.rmtree(th.folder)
        await federation.run(block)
        await th.start_and_wait()
        ids.append(await _published(federation, "TH", f"then {len(ids)}"))
        assert await th.titles() == ["to who will be restored"]
    for block in after:
        await federation.run(block)
    assert len(set(ids)) == len(ids)
    for id_ in ids:
        await _stored(th, id_, {"SG", "ID"})
    for code in ("SG", "ID"):
        found = {alarm["name"] for alarm in await federation.gateways[code].alarms()}
        assert found <= {"silence"}
    assert (await federation.gateways["ID"].titles()).count("after the backup") == 1


async def _compromise(federation: Federation) -> None:
    th, folder = federation.gateways["TH"], federation.folder
    to_th = await _published(federation, "SG", "sealed to the stolen bundle")
    bundle, identity, ceremony, hand_over = blocks("COMPROMISE", "gateway")
    await federation.run(bundle)
    exposed = json.loads((folder / "exposed-bundle.json").read_text())
    assert exposed["rotated"]
    assert to_th in [line["id"] for line in exposed["messages"]]
    by_th = await _published(federation, "TH", "said with the stolen key")
    await _published(federation, "SG", "sealed to the new bundle")
    await federation.run(identity)
    exposed = json.loads((folder / "exposed-identity.json").read_text())
    assert by_th in [line["id"] for line in exposed["messages"]]
    assert exposed["sealing"]["code"] == "E-SELF-SUSPENDED"
    assert exposed["live_epochs"]

    async def revoked() -> bool:
        trust = [await federation.gateways[code].get("/v1/trust") for code in ("SG", "ID")]
        return all(exposed["kid"] in each["revokes"] for each in trust)

    await eventually(revoked, 120)
    (waits,) = await th.publish(draft("said while nothing is sealed"))
    await federation.run(ceremony)
    assert set((await th.states(waits)).values()) == {"queued"}
    await federation.run(hand_over)
    await federation.have(3, "TH", "SG", "ID")
    await _stored(th, waits, {"SG", "ID"})
    keys = await th.get("/v1/keys")
    assert [key["state"] for key in keys if key["key"] == "identity"] == ["revoked", "signs"]


async def _published(federation: Federation, code: str, title: str) -> str:
    """The id of a message that everybody has confirmed."""
    (id_,) = await federation.gateways[code].publish(draft(title))
    await _stored(federation.gateways[code], id_, {"TH", "SG", "ID"} - {code})
    return id_

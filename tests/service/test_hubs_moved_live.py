"""A running federation goes from one hub to two and back: nothing is lost, doubled or blamed, at each step."""

from collections import Counter
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from suar.bus.jsapi import call
from suar.demo.embedded.nats_process import NatsServer
from suar.demo.embedded.prepared import embedded_hub
from suar.demo.embedded.servers import HeldPorts
from suar.federation.hub_config import hub_config
from suar.federation.nats_config import member_config
from suar.federation.nats_users import new_js_key, new_nkey
from suar.federation.operations import HubSide, MemberSide
from suar.federation.plan import Plan
from suar.observe.alarms import ALARMS
from suar.protocol.base.link_names import TWO_HUBS
from suar.protocol.transport.outcome import SILENCE
from support.gateways import Federation, Running, draft, eventually, running

pytestmark = pytest.mark.asyncio(loop_scope="module")

CODES = ("SG", "TH", "VN")
B = TWO_HUBS[1]
LAST_HEARD_WITHIN = 120.0  # seconds: a source that the own server tried in vain starts within 15 s of the path


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def federation(tmp_path_factory: pytest.TempPathFactory, each_store: str) -> AsyncIterator[Federation]:
    async with running(tmp_path_factory.mktemp("moved"), *CODES) as made:
        yield made


class Move:
    """The operators' steps of docs/operators.md, "Two hubs", each by hand."""

    def __init__(self, federation: Federation) -> None:
        self.federation, self.nats = federation, federation.nats
        self.one = self.nats.servers.plan
        self.second: NatsServer | None = None
        self.ports = HeldPorts()
        self.titles: list[str] = []

    def two_hubs(self) -> Plan:
        """The plan with a second hub; the one of before is hub a, with its streams and its address."""
        (sys_seed, sys_), (admin_seed, admin) = new_nkey(), new_nkey()
        tls = self.federation.authority.issue("hub-b")
        fresh = embedded_hub(self.federation.folder, tls, sys=sys_, admin=admin, link=B)
        client, leaf = (f"127.0.0.1:{self.ports.choose()}" for _ in range(2))
        second = msgspec.structs.replace(fresh, client=client, leaf=leaf, monitor_port=self.ports.choose())
        self.nats.prepared.seeds.update({("hub-b", "sys"): sys_seed, ("hub-b", "admin"): admin_seed})
        first = msgspec.structs.replace(self.one.hub, line="a", state="SG")
        return msgspec.structs.replace(self.one, hub=first, hubs=(first, second))

    async def start_second(self, plan: Plan) -> None:
        hub = plan.at(B).hub
        write(hub.config_file, hub_config(plan.at(B)))
        self.second = NatsServer("hub-b", Path(hub.config_file), Path(hub.ports_dir), {"JS_KEY": new_js_key()})
        self.second.spawn()
        await self.second.ready()

    async def render_first(self, plan: Plan) -> None:
        """The hub of before starts with the new plan; its streams stay."""
        self.nats.servers.plan = plan
        write(plan.hub.config_file, hub_config(plan))
        await self.nats.servers.restart(plan.hub.name)

    async def start_members(self, plan: Plan, before: Plan) -> dict[str, MemberSide]:
        """Each member deletes the INBOX of before, whose room the new ones need, renders, starts its server again, and
        makes what leads to the hubs; its gateway goes on.
        """
        sides = {}
        for code in CODES:
            member = plan.member(code)
            admin = await self.nats.connect(code, "admin")
            for link in before.links:
                await call(admin, f"STREAM.DELETE.{link.inbox(code)}")
            write(member.config_file, member_config(plan, code))
            await self.nats.servers.restart(member.low)
            sides[code] = MemberSide.of(plan, member, await self.nats.connect(code, "admin"))
            await sides[code].create_outbox()
        return sides

    async def found(self, plan: Plan, sides: dict[str, MemberSide]) -> None:
        """Each hub serves the members; then each member has its streams, and starts its gateway with the new plan."""
        for link, hub in zip(plan.links, plan.every_hub, strict=True):
            admin, system = [await self.nats.connect(hub.name, role) for role in ("admin", "sys")]
            await HubSide(plan.at(link), admin, system).found()
        for code, side in sides.items():
            await side.create_inbox()
            self.federation.configure(code)
            self.federation[code].end()
            await self.federation[code].start_and_wait()

    async def exchange(self, title: str) -> None:
        """Everybody publishes, and has everybody's receipt."""
        sent = await self.publish(title)
        await self.arrived(sent)

    async def publish(self, title: str) -> dict[str, str]:
        self.titles.append(title)
        made = {}
        for code in CODES:
            (made[code],) = await self.federation[code].publish(
                draft(f"{title} of {code}", desk=f"{code}-CONTACT-2027-000001")
            )
        return made

    async def arrived(self, sent: dict[str, str]) -> None:
        for code, id_ in sent.items():
            await self.federation.stored_everywhere(code, id_, within=LAST_HEARD_WITHIN)

    async def everything_is_well(self) -> None:
        """Each text once at each, and no alarm at anybody that accuses a member, or that lasts.

        While its server starts again a member is silent, and the others say so until it is heard.
        """
        for code in CODES:
            gateway = self.federation[code]
            wanted = Counter(f"{title} of {each}" for title in self.titles for each in CODES if each != code)
            assert Counter(title for title in await gateway.titles() if not title.endswith(code)) == wanted
            raised = {each["name"] for each in await gateway.alarms() if ALARMS[each["name"]].fault != "hub"}
            assert raised <= {SILENCE}
            await eventually(partial(nothing_open, gateway), LAST_HEARD_WITHIN, gateway.words)


async def nothing_open(gateway: Running) -> bool:
    return not [each for each in await gateway.alarms() if each["state"] == "open"]


def write(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, "utf-8")


async def test_from_one_hub_to_two_and_back(federation: Federation) -> None:
    move = Move(federation)
    try:
        await move.exchange("with one hub")
        plan = move.two_hubs()
        await move.start_second(plan)
        await move.render_first(plan)
        waiting = await move.publish("before the members moved")
        await move.found(plan, await move.start_members(plan, move.one))
        await move.arrived(waiting)
        await move.exchange("with two hubs")
        assert await lines(federation) == {code: {"hub-a": "ok", "hub-b": "ok"} for code in CODES}
        await move.everything_is_well()
        federation.nats.servers[plan.hub.name].kill()
        await move.exchange("by the second one alone")
        await federation.nats.servers.restart(plan.hub.name)
        await move.exchange("with two hubs again")
        await move.everything_is_well()

        waiting = await move.publish("before the members moved back")
        await move.render_first(move.one)
        await move.found(move.one, await move.start_members(move.one, plan))
        await move.arrived(waiting)
        await move.exchange("with one hub again")
        assert await lines(federation) == {code: {"gateway": "ok"} for code in CODES}
        await move.everything_is_well()
    finally:
        if move.second is not None:
            move.second.stop()
        move.ports.release()


async def lines(federation: Federation) -> dict[str, dict[str, str]]:
    """The status of the check `sources-running` by entity, at each member, once all of it is ok."""
    found: dict[str, dict[str, str]] = {}

    async def all_ok() -> bool:
        for code, gateway in federation.gateways.items():
            checks = (await gateway.get("/v1/checks"))["checks"]
            found[code] = {each["entity"]: each["status"] for each in checks if each["id"] == "sources-running"}
        return {status for each in found.values() for status in each.values()} == {"ok"}

    await eventually(all_ok, LAST_HEARD_WITHIN)
    return found

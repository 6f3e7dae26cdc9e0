"""A hub of three servers: who is suspended is linked at none of them, and links at each are seen."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any

import msgspec
import pytest

from suar.bus import ingest, jsapi
from suar.bus.errors import NO_PEERS, ApiError, BusError
from suar.bus.jsapi import JetStream, call, stream_info
from suar.cli.federation.bus import streams as streams_command
from suar.federation.hub_config import hub_config
from suar.federation.nats_config import member_config
from suar.federation.nats_users import new_nkey
from suar.federation.operations import StillAdmitted
from suar.federation.plan import Cluster, Plan, dump, load
from suar.federation.watching.hub_watch import HubWatch
from suar.protocol.base.errors import Fault
from support.hub_cluster import NAMES, ClusteredFederation
from support.nats_server import eventually, publish, receive

EXAMPLE = Path(__file__).parents[2] / "deploy" / "nats" / "PLAN.toml"


@pytest.fixture
async def three(tmp_path: Path) -> AsyncIterator[ClusteredFederation]:
    async with ClusteredFederation.of_three(tmp_path, ("MY", "SG", "TH")) as made:
        yield made


async def _linked_at(three: ClusteredFederation, code: str) -> set[str]:
    return {str(link["at"]) for link in (await three.hub.links()).of(code)}


def _render(path: str, text: str) -> None:
    ignoring = text.replace("    urls: ", "    ignore_discovered_servers: true\n    urls: ")
    Path(path).write_text(ignoring, "utf-8")


async def _dials_only(three: ClusteredFederation, code: str, name: str) -> None:
    """Have the member's server know one server of the hub, and link there."""
    plan = three.operators[name].plan
    one = plan.with_hub(msgspec.structs.replace(plan.hub, leaf_urls=(plan.hub.leaf,)))
    _render(plan.member(code).config_file, member_config(one, code))
    await three.servers.restart(code)

    async def is_there() -> bool:
        return await _linked_at(three, code) == {name}

    await eventually(is_there)


async def test_who_is_suspended_at_one_server_of_a_hub_is_cut_at_each_and_the_one_that_still_admits_it_is_named(
    three: ClusteredFederation,
) -> None:
    await _dials_only(three, "SG", "hub-2")
    before = (await three.hub.links()).of("SG")
    with pytest.raises(StillAdmitted, match="hub-2 still admits SG"):
        await three.operators["hub-1"].suspend("SG")
    assert {link["id"] for link in (await three.hub.links()).of("SG")}.isdisjoint(link["id"] for link in before)
    await three.operators["hub-2"].suspend("SG")
    await three.operators["hub-1"].suspend("SG")
    assert await _linked_at(three, "SG") == set()
    assert await three.hub.connected() == {"MY", "TH"}
    await publish(await three.connect("TH", "gateway"), "a.frame.all.01", [b"x"])
    assert len(await receive(await three.connect("MY", "gateway"), "MY", 1)) == 1
    for name in ("hub-2", "hub-1"):
        await three.operators[name].join("SG")
    assert [each.data for each in await receive(await three.connect("SG", "gateway"), "SG", 1)] == [b"x"]


async def test_founding_waits_for_a_server_of_the_hub_that_starts_late(tmp_path: Path) -> None:
    """Until it is there, the others have no suitable peers for a stream of three replicas."""
    made, refused = ClusteredFederation.of_three(tmp_path, ("SG", "TH")), list[int]()
    made.servers.late = frozenset({"hub-3"})
    ask = jsapi.read_answer

    def answered(subject: str, data: bytes) -> Any:
        try:
            return ask(subject, data)
        except ApiError as error:
            refused.append(error.err_code)
            raise

    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(jsapi, "read_answer", answered)
            await made.start()
            founding = asyncio.create_task(made.found())
            await eventually(lambda: _is_in(refused, NO_PEERS))
            made.servers["hub-3"].spawn()
            await founding
        await publish(await made.connect("TH", "gateway"), "a.frame.all.01", [b"x"])
        assert len(await receive(await made.connect("SG", "gateway"), "SG", 1)) == 1
    finally:
        await made.stop()


async def _is_in(codes: list[int], code: int) -> bool:
    return code in codes


async def test_a_member_joins_that_every_server_was_made_to_know(three: ClusteredFederation) -> None:
    await publish(await three.connect("TH", "gateway"), "a.frame.all.01", [b"before"])
    member = await three.servers.add(three.prepared.newcomer("VN"))
    side = await three.operate(member)
    await side.create_outbox()
    for operator in three.operators.values():
        operator.plan = operator.plan.with_member(member)
    for name in NAMES[1:]:
        operator = three.operators[name]
        _write(operator.plan)
        await operator.reload(twice=True)
    for operator in three.operators.values():
        await operator.join("VN")
    await side.create_inbox()
    vn = await three.connect("VN", "gateway")
    assert [each.data for each in await receive(vn, "VN", 1)] == [b"before"]
    await publish(vn, "a.frame.all.01", [b"from VN"])
    assert (await receive(await three.connect("SG", "gateway"), "SG", 2))[-1].data == b"from VN"


def _write(plan: Plan) -> None:
    Path(plan.hub.config_file).write_text(hub_config(plan), "utf-8")


async def test_a_suspension_is_not_complete_while_a_server_of_the_hub_is_silent(three: ClusteredFederation) -> None:
    await _dials_only(three, "SG", "hub-1")
    for there, stream in ((three.hub.admin, "REGION"), (ingest.of(three.hub.admin, "SG"), "IN_SG")):
        await _led_by(there, stream, "hub-3")
    three.servers["hub-3"].kill()

    async def is_missed() -> bool:  # the streams that it led may have no leader yet
        return (await three.hub.links()).silent == 1

    await eventually(is_missed)
    with pytest.raises(StillAdmitted, match="1 servers of the hub do not answer"):
        await three.hub.suspend("SG")
    assert await _linked_at(three, "SG") == set()


async def _led_by(there: JetStream, stream: str, name: str) -> None:
    """Have a server of the hub lead a stream: what is asked of the stream waits for an election when it fails."""

    async def is_leader() -> bool:
        with contextlib.suppress(BusError):
            if (await stream_info(there, stream))["cluster"].get("leader") == name:
                return True
            await call(there, f"STREAM.LEADER.STEPDOWN.{stream}", {"placement": {"preferred": name}})
        return False

    await eventually(is_leader)


async def test_the_watchdog_of_one_server_knows_the_links_at_the_others(three: ClusteredFederation) -> None:
    for name in NAMES:
        await _dials_only(three, "SG", name)
        assert await three.operators["hub-1"].connected() == {"MY", "SG", "TH"}
    seen = {each.name: each.kind for each in await HubWatch(three.operators["hub-1"]).run_once()}
    assert "down_sg" in seen  # it looks at the consumers of linked members alone


def test_a_cluster_is_in_the_plan_and_no_certificate_of_a_member_opens_it(tmp_path: Path) -> None:
    plan = load(EXAMPLE)
    routes = ("192.0.2.2:6222", "192.0.2.3:6222")
    own = msgspec.structs.replace(plan.hub.tls, ca_file="/etc/nats/tls/cluster-ca.crt")
    of_three = Cluster(listen="192.0.2.1:6222", routes=routes, tls=own)
    path = tmp_path / "PLAN.toml"
    clustered = plan.with_hub(msgspec.structs.replace(plan.hub, replicas=3, cluster=of_three))
    path.write_text(dump(clustered))
    assert load(path) == clustered
    open_to_members = msgspec.structs.replace(of_three, tls=plan.hub.tls)
    path.write_text(dump(plan.with_hub(msgspec.structs.replace(plan.hub, cluster=open_to_members))))
    with pytest.raises(Fault, match="a member could join the cluster"):
        load(path)


def test_the_plan_says_suspended_here_also_while_another_server_admits_the_member(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else whoever renders this server's configuration again would admit it here too."""

    def still_admitted(job: Coroutine[Any, Any, None]) -> None:
        job.close()
        raise StillAdmitted("hub-2 still admits SG", "run it there")

    monkeypatch.setattr(asyncio, "run", still_admitted)
    plan, seed = tmp_path / "PLAN.toml", tmp_path / "seed"
    plan.write_text(EXAMPLE.read_text())
    seed.write_bytes(new_nkey()[0])
    seed.chmod(0o600)
    seeds = ["--seed-file", str(seed), "--sys-seed-file", str(seed)]
    with pytest.raises(StillAdmitted):
        streams_command.main(["--hub", "--plan", str(plan), *seeds, "suspend", "SG"], standalone_mode=False)
    assert load(plan).member("SG").status == "suspended"

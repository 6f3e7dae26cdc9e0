"""A national server on a machine of its own, as a pair of gateways has it: its users and its monitor have TLS."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from suar.bus import streams
from suar.bus.open_bus import connect
from suar.cli.main import run as suar
from suar.demo.embedded.prepared import Prepared, prepare
from suar.demo.embedded.servers import Servers
from suar.federation import monitor
from suar.federation import plan as plans
from suar.federation.plan import Plan
from suar.protocol.base.errors import Fault
from suar.service.settings.config import load
from suar.service.settings.sealed import FLOOR
from suar.service.settings.state import create_state
from suar.service.setup.settings_file import follow_plan
from suar.service.status.hub_link import HubProbe, ProbedLink, monitors_of
from support.patience import PATIENCE


@pytest.fixture
def prepared(tmp_path: Path) -> Prepared:
    """TH's server accepts users and readers of its monitor by TLS alone."""
    made = prepare(tmp_path / "servers", ["TH"])
    files = {"client_tls": made.authority.issue("th-clients"), "monitor_host": "127.0.0.1"}
    member = msgspec.structs.replace(made.plan.member("TH"), **files)
    return dataclasses.replace(made, plan=made.plan.with_member(member))


@pytest_asyncio.fixture
async def plan(prepared: Prepared) -> AsyncIterator[Plan]:
    """As it runs, with its ports."""
    async with Servers(prepared.folder, prepared.plan, prepared.environs) as servers:
        yield servers.plan


async def test_users_and_readers_of_the_monitor_connect_by_tls_alone(prepared: Prepared, plan: Plan) -> None:
    member, seed = plan.member("TH"), prepared.seeds["TH", "gateway"]
    assert member.url.startswith("tls://")
    for url in (member.url, member.url.replace("tls://", "nats://")):
        with pytest.raises(Fault):
            await connect(url, seed, "_INBOX_gw", "stranger", wait=1)
    tls = monitor.client_tls(member)
    async with await connect(member.url, seed, "_INBOX_gw", "gateway", tls=tls, wait=PATIENCE) as bus:
        of = monitor.of_member(member)
        assert (await monitor.varz(of))["server_id"] == bus.server_id
        with pytest.raises(Fault):
            await monitor.varz(member.monitor_port)
        others = [monitor.Monitor(1), of]
        assert (await HubProbe(others).probe(bus.server_id, -1.0)).has_leaf is not None
        assert await HubProbe(others).probe("another server", -1.0) == ProbedLink()


async def test_the_gateway_s_settings_follow_from_the_plan(plan: Plan, tmp_path: Path) -> None:
    state = tmp_path / "state"
    create_state(state, b"test", member="TH", name="TH", federation="asean-test", now=0, cost=FLOOR)
    follow_plan(state, plan, "TH")
    config, member = load(state, {}), plan.member("TH")
    assert (config.bus.url, config.bus.monitor_url) == (member.url, f"https://127.0.0.1:{member.monitor_port}")
    [found] = monitors_of(config)
    assert (await monitor.varz(found))["server_name"] == "th"


async def test_its_streams_are_made_by_the_command(prepared: Prepared, plan: Plan, tmp_path: Path) -> None:
    plans.save(plan, tmp_path / "PLAN.toml")
    seed = tmp_path / "admin.seed"
    seed.write_bytes(prepared.seeds["TH", "admin"])
    seed.chmod(0o600)
    arguments = ["--member", "TH", "--plan", str(tmp_path / "PLAN.toml"), "--seed-file", str(seed)]
    await asyncio.to_thread(suar, ["federation", "streams", *arguments, "--wait", "1"])
    member = plan.member("TH")
    tls, admin = monitor.client_tls(member), prepared.seeds["TH", "admin"]
    async with await connect(member.url, admin, "_INBOX", "admin", tls=tls, wait=PATIENCE) as bus:
        assert await streams.stream_config(bus, "OUTBOX_TH") is not None


def test_a_monitor_that_others_reach_needs_tls(prepared: Prepared, tmp_path: Path) -> None:
    member = msgspec.structs.replace(prepared.plan.member("TH"), client_tls=None)
    plans.save(prepared.plan.with_member(member), tmp_path / "PLAN.toml")
    with pytest.raises(Fault) as caught:
        plans.load(tmp_path / "PLAN.toml")
    assert "monitor_host without [members.client_tls]" in caught.value.text


def test_an_authority_that_is_not_there_is_named(prepared: Prepared) -> None:
    member = prepared.plan.member("TH")
    assert member.client_tls is not None
    Path(member.client_tls.ca_file).unlink()
    with pytest.raises(Fault) as caught:
        monitor.client_tls(member)
    assert member.client_tls.ca_file in caught.value.text


def test_a_plan_with_it_reads_back_equal(prepared: Prepared, tmp_path: Path) -> None:
    plans.save(prepared.plan, tmp_path / "PLAN.toml")
    assert plans.load(tmp_path / "PLAN.toml") == prepared.plan

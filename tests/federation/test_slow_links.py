"""Links over a slow line, and cuts that meet a link which is made again."""

import re
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import click
import pytest

from chaos.arena import LinkedServers, address_of
from chaos.proxy import Address, Link
from suar.cli.federation.bus import streams as streams_command
from suar.demo.embedded.nats_federation import NatsFederation
from suar.federation import monitor
from suar.federation.nats_config import member_config
from suar.federation.operations import LEAF_TIMEOUT
from suar.federation.plan import load
from support.nats_server import eventually

SLOW = 0.7  # seconds for each piece, each way: a handshake of TLS takes over two
EXAMPLE = Path(__file__).parents[2] / "deploy" / "nats" / "PLAN.toml"


@pytest.fixture
async def far(tmp_path: Path) -> AsyncIterator[tuple[NatsFederation, Link]]:
    """A federation of two, SG's link through a proxy."""
    nats = NatsFederation.new(tmp_path, ("SG", "TH"))
    prepared = nats.prepared
    servers = LinkedServers(prepared.folder, prepared.plan, prepared.environs)
    nats.servers = servers

    def hub() -> Address:
        return address_of(servers.plan.hub.leaf)

    servers.leafs = {code: Link(f"leaf {code}", hub) for code in ("SG", "TH")}
    for link in servers.leafs.values():
        await link.start()
    try:
        async with nats:
            yield nats, servers.leafs["SG"]
    finally:
        for link in servers.leafs.values():
            await link.stop()


async def _is_linked(nats: NatsFederation, *, expected: bool) -> bool:
    return ("SG" in await nats.hub.connected()) is expected


async def test_a_link_is_made_over_a_slow_line(far: tuple[NatsFederation, Link]) -> None:
    """The server's own limit of a handshake is 2 s: over such a line, or on a busy machine, no link ever stood."""
    nats, link = far
    link.refuse()
    await eventually(partial(_is_linked, nats, expected=False))
    link.heal()
    link.delay(SLOW)
    await eventually(partial(_is_linked, nats, expected=True))


async def test_a_cut_ends_the_link_of_before_and_no_later_one(
    far: tuple[NatsFederation, Link], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a busy machine the member's server is back before the hub is looked at again: that link stays."""
    nats, _ = far
    before = await _numbers(nats)
    read, request, cuts = monitor.read, nats.hub.system.request, list[str]()

    async def counted(subject: str, *args: Any, **options: Any) -> Any:
        cuts.extend([subject] * subject.endswith(".KICK"))
        return await request(subject, *args, **options)

    async def late(of: Any, path: str) -> dict[str, Any]:
        """After the cut, what is true once a link stands that was not there before."""

        async def is_back() -> bool:
            return bool(_of_sg(await read(of, path)) - before)

        if path == "/leafz" and cuts:
            await eventually(is_back)
        return await read(of, path)

    monkeypatch.setattr(nats.hub.system, "request", counted)
    monkeypatch.setattr(monitor, "read", late)
    await nats.hub.cut(nats.hub.plan.member("SG"))
    assert len(cuts) == 1
    assert len(_of_sg(await read(nats.hub.plan.hub.monitor_port, "/leafz")) - before) == 1


async def _numbers(nats: NatsFederation) -> set[int]:
    return _of_sg(await monitor.read(nats.hub.plan.hub.monitor_port, "/leafz"))


def _of_sg(found: dict[str, Any]) -> set[int]:
    return {leaf["id"] for leaf in found.get("leafs") or [] if leaf["account"] == "DMZ_SG"}


def test_a_link_is_waited_for_longer_than_a_server_takes_to_find_a_dead_one() -> None:
    """One whose other end vanished without a word stands until its pings are unanswered; only then is it dialled."""
    text = member_config(load(EXAMPLE), "TH")

    def stated(key: str) -> int:
        found = re.search(rf'{key}: "?(\d+)', text)
        assert found is not None, key
        return int(found[1])

    dead = stated("ping_interval") * (stated("ping_max") + 1)
    again = 2 * stated("reconnect") + stated(" timeout")
    assert dead + again < LEAF_TIMEOUT
    wait = next(each for each in streams_command.params if isinstance(each, click.Option) and each.name == "wait")
    assert wait.default == LEAF_TIMEOUT

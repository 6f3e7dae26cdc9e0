"""What a member's link takes of the hub's memory and of its connections is bounded.

600,000 subscriptions of one link took the hub to 811 MB.
"""

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from suar.bus.consume import Puller
from suar.demo.embedded.nats_federation import NatsFederation
from suar.federation import monitor
from suar.federation.nats_permissions import LINK_SUBSCRIPTIONS, LINKS
from suar.federation.nats_users import new_nkey
from support.nats_server import drain, publish
from support.raw_link import raw_link, settle
from support.second_server import linked_again

pytestmark = pytest.mark.essential


async def _links(federation: NatsFederation) -> list[dict[str, Any]]:
    return (await federation.hub.links()).of("SG")


async def test_subscriptions_of_a_link_end_at_their_bound_and_others_continue(federation: NatsFederation) -> None:
    hub, member = federation.hub.plan.hub, federation.members["SG"].member
    [own] = await _links(federation)
    assert own["subscriptions"] < LINK_SUBSCRIPTIONS / 8
    count, many = LINK_SUBSCRIPTIONS * 20, [b"LS+ _R_.%d\r\n", b"LS+ _R_.queue.%d q 1\r\n"]
    with raw_link(hub, member, federation.prepared.environs["sg"]) as link:
        for line in many:
            await asyncio.to_thread(link.sendall, b"".join(line % n for n in range(count)))
        await asyncio.to_thread(settle, link)
        [held] = [each["subscriptions"] for each in await _links(federation) if each["name"] == "thief"]
        assert LINK_SUBSCRIPTIONS / 2 < held <= LINK_SUBSCRIPTIONS
        assert (await monitor.varz(hub.monitor_port))["subscriptions"] < count
        await publish(await federation.connect("TH", "gateway"), "a.frame.all.01", [b"honest"])
        puller = Puller(await federation.connect("MY", "gateway"), "INBOX_MY", "gw")
        assert [each.data for each in await drain(puller, 1)] == [b"honest"]


async def test_links_of_a_member_end_at_their_bound_and_others_link(federation: NatsFederation) -> None:
    hub, environs = federation.hub.plan.hub, federation.prepared.environs
    with contextlib.ExitStack() as links:

        async def link(code: str, name: str) -> None:
            made = raw_link(hub, federation.members[code].member, environs[code.lower()], name)
            await asyncio.to_thread(links.enter_context, made)

        for n in range(LINKS - 1):  # and the member's own
            await link("SG", f"thief-{n}")
        assert len(await _links(federation)) == LINKS
        with pytest.raises(AssertionError, match="the hub closed the link"):
            await link("SG", "one-more")
        await link("TH", "another")


async def test_a_new_key_of_the_link_shuts_out_who_has_the_old_one(federation: NatsFederation, tmp_path: Path) -> None:
    """A thief has every link of the member. Its operator makes a new key, the hub's puts it into the plan."""
    hub, member, environ = federation.hub, federation.members["SG"].member, federation.prepared.environs["sg"]
    with contextlib.ExitStack() as links:
        for n in range(LINKS - 1):
            await asyncio.to_thread(links.enter_context, raw_link(hub.plan.hub, member, environ, f"thief-{n}"))
        assert len(await _links(federation)) == LINKS
        await hub.suspend("SG")
        assert await _links(federation) == []
    seed, public = new_nkey()
    hub.plan = hub.plan.with_member(structs.replace(hub.plan.member("SG"), link=public))
    renewed = dict(environ) | {"LINK_SEED": seed.decode()}
    with linked_again(Path(member.config_file), renewed, tmp_path / "again", "renewed"):
        await hub.join("SG")
        assert {each["name"] for each in await _links(federation)} == {"renewed"}
        with pytest.raises((AssertionError, OSError)), raw_link(hub.plan.hub, member, environ, "thief"):
            pass

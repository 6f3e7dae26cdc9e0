"""Joining, suspending and returning while messages flow: nobody else is stopped, and the lists decide at once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from suar.demo.story.adversary import LyingHub
from suar.federation import monitor
from support.gateways import AGAIN, Federation, draft, eventually, running

pytestmark = [pytest.mark.slow]


@pytest.fixture
async def three(tmp_path: Path) -> AsyncIterator[Federation]:
    async with running(tmp_path, "SG", "TH", "VN") as federation:
        yield federation


class Flow:
    """Messages from SG to VN, one after the other."""

    def __init__(self, federation: Federation) -> None:
        self.federation = federation
        self.sent: list[str] = []
        self._is_over = False
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while not self._is_over:
            title = f"flow {len(self.sent)}"
            self.sent.append(title)
            await self.federation["SG"].publish(draft(title, ["VN"]))
            await asyncio.sleep(0.1)

    async def further(self, count: int) -> None:
        """Until so many that are sent from now on are at VN."""
        await self._are_there(len(self.sent) + count)

    async def end(self) -> None:
        """Stop, and wait until all are at VN: each once, in their order."""
        self._is_over = True
        await self._task  # what was begun is published: a call broken off may or may not have been accepted
        await self._are_there(len(self.sent))
        assert await self._titles() == self.sent

    async def _are_there(self, count: int) -> None:
        async def are_there() -> bool:
            return len(await self._titles()) >= count

        await eventually(are_there, AGAIN, self.federation["VN"].words)

    async def _titles(self) -> list[str]:
        return [title for title in await self.federation["VN"].titles() if title.startswith("flow ")]


async def links(three: Federation) -> dict[str, int]:
    """The number of each member's link to the hub: another one is a link that was cut."""
    return {leaf["account"]: leaf["id"] for leaf in await monitor.leafs(three.nats.hub.plan.hub.monitor_port)}


async def test_a_member_joins_while_messages_flow_is_suspended_and_returns(three: Federation) -> None:
    flow, before = Flow(three), await links(three)
    await flow.further(1)
    await three.join("XA")
    await flow.further(10)
    (first,) = await three["TH"].publish(draft("hello XA"))
    await three.stored_everywhere("TH", first)
    assert (await three["TH"].states(first))["XA"] == "stored"
    await flow.end()
    after = await links(three)
    assert {account: after[account] for account in before} == before, "a link of the others was cut"

    async def is_well() -> bool:  # left-out ends by itself, of an epoch that was faster than a bundle
        found = [alarm for code in ("SG", "TH", "VN") for alarm in await three[code].alarms()]
        return {alarm["name"] for alarm in found if alarm["state"] != "ended"} <= {"silence"} and {
            alarm["name"] for alarm in found
        } <= {"silence", "left-out"}

    await eventually(is_well)

    three.lists.set_status("XA", "suspended")
    await three.hand_over(three.lists.next(), to="TH")
    await three.nats.hub.suspend("XA")
    (second,) = await three["TH"].publish(draft("without XA"))
    await three.stored_everywhere("TH", second)
    assert set(await three["TH"].states(second)) == {"SG", "VN"}
    refused = await three["XA"].call("POST", "/v1/messages", b'{"kind": "alert"}')
    assert refused.status_code == 422

    three.lists.set_status("XA", "active")
    await three.nats.hub.join("XA")
    await three.hand_over(three.lists.next(), to="TH")
    (third,) = await three["TH"].publish(draft("welcome back"))
    await three.stored_everywhere("TH", third, within=AGAIN)
    assert (await three["TH"].states(third))["XA"] == "stored"
    await three.stored_everywhere("TH", second, within=AGAIN)  # [K7] owed to XA since its return
    assert set(await three["TH"].states(second)) == {"SG", "VN", "XA"}
    assert sorted(await three["XA"].titles()) == ["hello XA", "welcome back", "without XA"]
    answer = await three["XA"].publish(draft("from XA"))
    await three.stored_everywhere("XA", *answer, within=AGAIN)


async def test_a_member_without_a_key_gets_the_message_when_it_has_one(three: Federation) -> None:
    """VN is listed but its gateway never ran: its delivery says so, and it is resealed when VN's bundle arrives."""
    await three.join_unstarted("MM")
    (id_,) = await three["TH"].publish(draft("for whoever comes"))

    async def others() -> bool:
        return await three["TH"].states(id_) == {"SG": "stored", "VN": "stored", "MM": "no-valid-key"}

    await eventually(others, 120, three["TH"].words)
    await three["MM"].start_and_wait()
    await three.stored_everywhere("TH", id_)
    assert await three["MM"].titles() == ["for whoever comes"]


async def test_a_list_that_came_before_the_one_before_it_is_found_again(three: Federation) -> None:
    """Two key holders' gateways publish two lists and the second overtakes the first: nobody stays behind ([T6])."""
    second, third = three.lists.next(), three.lists.next()
    hub = LyingHub(three.nats.hub.admin)
    async with hub.taking_subjects():
        await hub.inject("tip.v1.th.a.trust.all.3", third)
        await hub.inject("tip.v1.sg.a.trust.all.2", second)
        await three.everywhere(3)
    (id_,) = await three["VN"].publish(draft("under the third"))
    await three.stored_everywhere("VN", id_)

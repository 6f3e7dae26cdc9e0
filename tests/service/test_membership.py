"""Joining, suspending and returning while messages flow: nobody else is stopped, and the lists decide at once."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from suar.demo.story.adversary import LyingHub
from support.gateways import AGAIN, Federation, draft, eventually, running

pytestmark = [pytest.mark.timeout(300), pytest.mark.slow]


@pytest.fixture
async def three(tmp_path: Path) -> AsyncIterator[Federation]:
    async with running(tmp_path, "SG", "TH", "VN") as federation:
        yield federation


class Flow:
    """Messages from SG to VN, ten a second, and how long each took."""

    def __init__(self, federation: Federation) -> None:
        self.federation = federation
        self.sent: dict[str, float] = {}
        self._is_over = False
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while not self._is_over:
            title = f"flow {len(self.sent)}"
            self.sent[title] = time.time()
            await self.federation["SG"].publish(draft(title, ["VN"]))
            await asyncio.sleep(0.1)

    async def end(self) -> list[float]:
        """Stop; the delay of each message from publish to stored at VN, seconds."""
        self._is_over = True
        await self._task  # what was begun is published: a call broken off may or may not have been accepted
        titles = set(self.sent)

        async def complete() -> bool:
            return titles <= set(await self.federation["VN"].titles())

        await eventually(complete, 120)
        return [event["seconds"] for event in self.federation["VN"].events("message_received")]


async def test_a_member_joins_while_messages_flow_is_suspended_and_returns(three: Federation) -> None:
    flow = Flow(three)
    await three.join("XA")
    (first,) = await three["TH"].publish(draft("hello XA"))
    assert await three.stored_everywhere("TH", first) < 5
    assert (await three["TH"].states(first))["XA"] == "stored"
    delays = await flow.end()
    assert len(delays) >= 10
    assert max(delays) <= 2.0
    for code in ("SG", "TH", "VN"):
        assert [alarm for alarm in await three[code].alarms() if alarm["name"] != "silence"] == []

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
    assert await three.stored_everywhere("TH", second, within=AGAIN) < AGAIN  # [K7] owed to XA since its return
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

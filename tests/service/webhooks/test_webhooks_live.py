"""A webhook in a real federation: a gateway that is killed while its receiver fails, and nothing is lost."""

import json
import re
from collections import Counter
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from support.gateways import Federation, draft, eventually, running
from support.receivers import Receiver, receiver

pytestmark = [pytest.mark.essential, pytest.mark.asyncio(loop_scope="module")]

TOML = '\n[webhooks]\nallow = ["127.0.0.0/8"]\n'
TITLE = "a title for an agency"


class Stage:
    """Two members; an agency of SG has a webhook."""

    def __init__(self, two: Federation, to: Receiver) -> None:
        self.two, self.sg, self.to, self.secret = two, two["SG"], to, ""

    async def register(self) -> None:
        wanted = {"name": "health", "sector": "health", "kinds": ["alert"], "max_tlp": "AMBER", "webhook": self.to.url}
        made = await self.sg.call("POST", "/v1/agencies", json.dumps(wanted).encode())
        assert made.status_code == 201, made.text
        self.secret = made.json()["webhook_secret"]

    async def publish(self, number: int) -> list[str]:
        drafts = [draft(f"{TITLE} {each}", ["SG"]) for each in range(number)]
        return await self.two["TH"].publish(*drafts)

    def received(self) -> "Counter[str]":
        """How often each event was received."""
        return Counter(each["headers"]["webhook-id"] for each in self.to.got)

    async def delivered(self) -> float:
        """How many events arrived, by the metric."""
        page = (await self.sg.call("GET", "/metrics")).text
        found = re.search(r'suar_webhook_calls_total\{outcome="delivered"\} ([0-9.]+)', page)
        return float(found[1]) if found else 0.0

    async def settle(self) -> None:
        """Nothing of an earlier test is under way or waits: a test event that is taken lets all of it be sent."""
        self.to.behave("ok")
        tested = await self.sg.call("POST", "/v1/agencies/health/webhook/test")
        assert tested.json()["delivered"], f"{tested.text}\n{self.words()}"

        async def waits_for_none() -> bool:
            hook = (await self.sg.get("/v1/agencies/health"))["webhook"]
            return bool(hook["waiting"] == 0)

        await eventually(waits_for_none, 60, self.words)

    async def called(self, number: int) -> None:
        """Wait for so many requests."""

        async def done() -> bool:
            return len(self.to.got) >= number

        await eventually(done, 60, lambda: f"{len(self.to.got)} of {number}; {self.words()}")

    async def wait_received(self, ids: list[str]) -> None:
        async def done() -> bool:
            return {f"{each}/1" for each in ids} <= self.received().keys()

        await eventually(done, 60, self.words)

    def words(self) -> str:
        """What was received, in order, and what the gateway wrote."""
        return f"received: {[each['headers']['webhook-id'] for each in self.to.got]}\n{self.sg.words()}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory, each_store: str) -> AsyncIterator[Stage]:
    folder = tmp_path_factory.mktemp("webhooks")
    with receiver(folder / "to", "http") as to:
        async with running(folder / "two", "SG", "TH") as two:
            two["SG"].end()
            with (two["SG"].folder / "suar.toml").open("a") as file:
                file.write(TOML)
            await two["SG"].start_and_wait()
            made = Stage(two, to)
            await made.register()
            yield made


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def settled(stage: Stage) -> None:
    await stage.settle()


async def test_every_event_comes_once(stage: Stage) -> None:
    before = await stage.delivered()
    ids = await stage.publish(20)
    await stage.wait_received(ids)
    assert {stage.received()[f"{each}/1"] for each in ids} == {1}, stage.words()

    async def counted() -> bool:
        return await stage.delivered() == before + 20

    await eventually(counted, 60)


async def test_nothing_is_lost_by_kill_9_and_only_what_was_under_way_comes_twice(stage: Stage) -> None:
    before = len(stage.to.got)
    stage.to.behave("slow")
    ids = await stage.publish(5)
    await stage.called(before + 1)  # it is under way, and is not answered
    [under_way] = {each["headers"]["webhook-id"] for each in stage.to.got[before:]}
    stage.sg.kill()
    stage.to.behave("ok")
    more = await stage.publish(5)
    await stage.sg.start_and_wait()
    await stage.wait_received([*ids, *more])
    assert {name for name in (f"{each}/1" for each in [*ids, *more]) if stage.received()[name] > 1} == {under_way}


async def test_a_receiver_that_fails_and_a_gateway_that_stops_meanwhile(stage: Stage) -> None:
    before = len(stage.to.got)
    stage.to.behave("status 503")
    ids = await stage.publish(3)
    await stage.called(before + 1)
    assert stage.sg.end() == 0
    stage.to.behave("ok")
    await stage.sg.start_and_wait()
    await stage.wait_received(ids)


async def test_the_bus_continues_while_the_receiver_hangs(stage: Stage) -> None:
    before = len(stage.to.got)
    stage.to.behave("slow")
    [first] = await stage.publish(1)
    await stage.called(before + 1)
    [second] = await stage.publish(1)
    await stage.two.stored_everywhere("TH", first, second)
    tried = {each["headers"]["webhook-id"] for each in stage.to.got[before:]}
    assert tried == {f"{first}/1"}  # a call that has had its time is made again, and the other one waits behind it
    stage.to.behave("ok")
    await stage.wait_received([first, second])


async def test_no_secret_address_or_text_is_in_log_and_metrics(stage: Stage) -> None:
    page = (await stage.sg.call("GET", "/metrics")).text
    log = stage.sg.log.read_text()
    for word in (stage.secret, stage.secret.removeprefix("whsec_"), stage.to.url, TITLE, "v1,"):
        assert word not in log
        assert word not in page
    assert not [line for line in page.splitlines() if line.startswith("suar_webhook") and "health" in line]

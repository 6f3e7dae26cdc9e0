"""An IN that lacks the first objects of its member's OUTBOX, as where a server was restarted before IN stored anything.

A source whose IN is empty continues after what the member's consumer counts as acknowledged. Before, nobody was told,
and what had been skipped never came; the key bundle and the first epochs are among it.
"""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from nats.aio.msg import Msg

from suar.bus import ingest, streams
from suar.bus.connect import Bus
from suar.bus.consume import Puller
from suar.bus.errors import NoAnswer
from suar.bus.jsapi import JetStream, Json, call, stream_info
from suar.demo.embedded.nats_federation import NatsFederation
from suar.federation import positions
from suar.federation.operations import HubSide
from suar.federation.watching import positions as watched_positions
from suar.federation.watching.hub_watch import HubWatch
from suar.federation.watching.positions import PART, PAUSE, TIMES, Beginnings, is_repaired
from suar.protocol.base.errors import Fault
from suar.protocol.base.link_names import ONLY_HUB
from support.nats_server import drain, eventually, publish

SUBJECT = "a.frame.all.01"
SKIPPED, LATER = [b"skipped %d" % n for n in range(5)], [b"later %d" % n for n in range(3)]


@pytest.fixture(params=[1, 2])
async def hubs(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[NatsFederation]:
    """Two members, with one hub or two."""
    async with NatsFederation.new(tmp_path, ("TH", "SG"), hubs=request.param) as federation:
        yield federation


def _at(hub: HubSide) -> JetStream:
    return ingest.of(hub.admin, "SG")


async def _info(hub: HubSide) -> Json:
    return await stream_info(_at(hub), "IN_SG")


async def _held(there: JetStream, stream: str) -> list[bytes]:
    """What a stream holds of SG, in order."""
    state, found = (await stream_info(there, stream))["state"], []
    for number in range(state["first_seq"] or 1, state["last_seq"] + 1):
        message = (await call(there, f"STREAM.MSG.GET.{stream}", {"seq": number}))["message"]
        if message["subject"].startswith("tip.v1.sg."):
            found.append(base64.b64decode(message["data"]))
    return found


async def _region_has(hub: HubSide, wanted: list[bytes]) -> None:
    async def has() -> bool:
        return await _held(hub.admin, "REGION") == wanted

    await eventually(has)


async def _skip(hub: HubSide, sg: Bus, payloads: list[bytes]) -> None:
    """Have SG publish what its consumer then counts as acknowledged, and IN did not get."""
    await streams.set_sources(_at(hub), "IN_SG", [])
    await publish(sg, SUBJECT, payloads, payloads[0].decode())
    await _acknowledge_all(hub)
    await streams.set_sources(_at(hub), "IN_SG", [streams.region_source("SG", hub.plan.link)])


async def _acknowledge_all(hub: HubSide) -> None:
    """As what a source acknowledges that drops it."""
    sg, link = hub.plan.member("SG"), hub.plan.link

    async def is_at_end() -> bool:
        end = await positions.outbox_end(hub.admin, sg, link, 1)
        return await positions.outbox_end(hub.admin, sg, link, end + 1) == end

    await eventually(is_at_end)


async def _kinds(watch: HubWatch, times: int = 1) -> set[str]:
    """What it says of SG."""
    return {each.kind for _ in range(times) for each in await watch.run_once() if each.name == "OUTBOX_SG"}


async def _until(watch: HubWatch, kind: str) -> None:
    async def is_reported() -> bool:
        return kind in await _kinds(watch)

    await eventually(is_reported)


async def test_an_empty_in_gets_what_was_skipped(hubs: NatsFederation) -> None:
    hub = hubs.hubs[-1]
    await _skip(hub, await hubs.connect("SG", "gateway"), SKIPPED)
    watch = HubWatch(hub)

    async def has_all() -> bool:
        await watch.run_once()
        return await _held(_at(hub), "IN_SG") == SKIPPED

    await eventually(has_all)
    await _region_has(hub, SKIPPED)


@pytest.mark.parametrize("by", ["watchdog", "found", "interrupted"])
async def test_one_that_began_later_begins_again_and_region_holds_each_once(hubs: NatsFederation, by: str) -> None:
    hub, sg = hubs.hubs[-1], await hubs.connect("SG", "gateway")
    await _skip(hub, sg, SKIPPED)
    await publish(sg, SUBJECT, LATER, "later")
    await _region_has(hub, LATER)
    puller = Puller(await hubs.connect("TH", "gateway"), hub.plan.link.inbox("TH"), "gw")
    assert [each.data for each in await drain(puller, len(LATER))] == LATER  # before REGION is purged
    watch, reports = HubWatch(hub), list[str]()
    if by == "interrupted":  # an attempt that ended when it had purged REGION
        await ingest.purge_region(hub.admin, "SG")
    if by != "found":
        await _until(watch, "begun-again")
    else:
        hub.report = reports.append
        await hub.found()
        assert "IN_SG lacked objects of OUTBOX_SG at its beginning; it begins again at 1" in reports
    await _region_has(hub, SKIPPED + LATER)
    got = [each.data for each in await drain(puller, len(SKIPPED + LATER))]
    assert got == SKIPPED + LATER, "what came behind the gap comes once more: a reader refuses its replay"
    assert ingest.begin(await _info(hub)) == (4, 1, 1)
    assert await _kinds(watch, 3) == {"healthy"}


async def test_after_a_restart_of_the_hub_each_still_comes_once(federation: NatsFederation) -> None:
    hub, sg = federation.hub, await federation.connect("SG", "gateway")
    await _skip(hub, sg, SKIPPED)
    await publish(sg, SUBJECT, LATER, "later")
    await _region_has(hub, LATER)
    await _until(HubWatch(hub), "begun-again")
    federation.servers.hub.kill()
    await federation.servers.restart("hub")
    await hub.admin.wait_connected(60)
    await hub.system.wait_connected(60)
    async with federation.watched(interval=1.0, dead_after=5.0):
        await _region_has(hub, SKIPPED + LATER)


async def test_what_region_holds_does_not_come_twice(federation: NatsFederation) -> None:
    """IN was emptied before, as where it was set back; then the watchdog and `found` only report what is missing."""
    hub, sg = federation.hub, await federation.connect("SG", "gateway")
    await publish(sg, SUBJECT, [b"before"], "before")
    await _region_has(hub, [b"before"])
    await streams.set_sources(_at(hub), "IN_SG", [])
    await ingest.free(_at(hub), "SG", keep_last=False, number=2)
    await _skip(hub, sg, SKIPPED)
    await publish(sg, SUBJECT, LATER, "later")
    await _region_has(hub, [b"before", *LATER])
    await _until(HubWatch(hub), "skipped")
    reports: list[str] = []
    hub.report = reports.append
    await hub.found()
    assert any("from number 2 on, and does not begin again" in line for line in reports)
    await publish(sg, SUBJECT, [b"last"], "last")
    await _region_has(hub, [b"before", *LATER, b"last"])
    await _leave_unbounded(hub)
    watch = HubWatch(hub)
    await _until(watch, "re-added")
    assert ingest.is_bounded(await _info(hub))
    await publish(sg, SUBJECT, [b"more"], "more")
    await _region_has(hub, [b"before", *LATER, b"last", b"more"])


async def _leave_unbounded(hub: HubSide) -> None:
    """As `set_back` leaves IN if it ends within `free`: emptied, with the temporary limit and without its source."""
    number = await ingest.number_in_outbox(_at(hub), "SG", (await _info(hub))["state"]["last_seq"])
    await streams.set_sources(_at(hub), "IN_SG", [])
    config = (await _info(hub))["config"]
    await call(_at(hub), "STREAM.UPDATE.IN_SG", {**config, "discard": "old", "max_bytes": 1})
    await positions.outbox_end(hub.admin, hub.plan.member("SG"), hub.plan.link, number + 1)


async def test_objects_that_ended_in_outbox_are_not_missed(federation: NatsFederation) -> None:
    hub, sg, admin = federation.hub, await federation.connect("SG", "gateway"), federation.members["SG"].admin
    await _skip(hub, sg, SKIPPED)
    await publish(sg, SUBJECT, LATER, "later")
    await _region_has(hub, LATER)
    config = (await stream_info(admin, "OUTBOX_SG"))["config"]
    await call(admin, "STREAM.UPDATE.OUTBOX_SG", {**config, "discard": "old", "max_msgs": len(LATER)})
    watch = HubWatch(hub)

    async def is_healthy() -> bool:
        kinds = await _kinds(watch, 3)
        assert not {"skipped", "begun-again"} & kinds
        return kinds == {"healthy"}

    await eventually(is_healthy)
    assert await _held(hub.admin, "REGION") == LATER


@pytest.mark.parametrize("by", ["loss", "expel"])
async def test_a_new_in_continues_where_the_consumer_was(federation: NatsFederation, by: str) -> None:
    """What was acknowledged before is in REGION. What comes later is not skipped, also where a source dropped it."""
    hub, sg = federation.hub, await federation.connect("SG", "gateway")
    await publish(sg, SUBJECT, [b"before"], "before")
    await _region_has(hub, [b"before"])

    async def is_acknowledged() -> bool:
        up = await call(federation.members["SG"].admin, "CONSUMER.INFO.OUTBOX_SG.up")
        return bool(up["ack_floor"]["stream_seq"] == 1)

    await eventually(is_acknowledged)
    if by == "loss":
        await ingest.delete(_at(hub), "SG")
        await hub.found()
    else:
        entry = hub.plan.member("SG")
        await hub.expel("SG")
        hub.plan = hub.plan.with_member(entry)
        await hub.join("SG")
    assert ingest.begin(await _info(hub)) == (2, 2, 0)
    await _skip(hub, sg, SKIPPED)
    async with federation.watched(interval=1.0, dead_after=5.0):
        await _region_has(hub, [b"before", *SKIPPED])


@pytest.mark.parametrize(
    ("times", "held", "wanted"), [(0, 0, True), (TIMES - 1, 1, True), (TIMES, 0, False), (0, 64 // PART, False)]
)
def test_it_is_repaired_a_few_times_while_it_is_small(times: int, held: int, wanted: bool) -> None:
    config = {"max_bytes": 64, "metadata": ingest.Begin(4, 1, times).metadata()}
    assert is_repaired({"config": config, "state": {"bytes": held}}) is wanted


class OneStream:
    """IN_SG of a server that makes the first update, or not, and does not answer it."""

    def __init__(self, *, is_made: bool) -> None:
        self.config: Json = {"name": "IN_SG", "discard": "new", "max_bytes": 64, "max_msgs": -1}
        self.held, self.is_made, self._updates = 3, is_made, 0

    async def request(self, subject: str, data: bytes = b"", timeout: float = 0.0) -> Msg:  # noqa: ASYNC109
        is_lost = False
        if "UPDATE" in subject:
            self._updates += 1
            is_lost = self._updates == 1
            if self.is_made or not is_lost:
                self.config = json.loads(data)
                self.held = self.held if self.config["max_bytes"] > 1 else 0
        if is_lost:
            raise NoAnswer(subject)
        state = {"messages": self.held, "last_seq": 3}
        return Msg(_client=None, data=json.dumps({"config": self.config, "state": state}).encode())  # type: ignore[arg-type]  # of no connection


@pytest.mark.parametrize("is_made", [True, False])
async def test_what_an_in_begins_with_is_stated_as_it_is_emptied(is_made: bool) -> None:
    """Before, it was stated where IN was not emptied too, and then nobody looked for what it lacks."""
    there = OneStream(is_made=is_made)
    with pytest.raises(NoAnswer):
        await ingest.free(there, "SG", keep_last=False, number=1, times=1)
    assert ingest.is_bounded({"config": there.config})
    assert there.config["max_bytes"] == 64
    found = ingest.begin({"config": there.config})
    assert (there.held, found) == ((0, (4, 1, 1)) if is_made else (3, (1, 1, 0)))


class OneMessage:
    """A stream with one message of these headers."""

    def __init__(self, headers: bytes) -> None:
        self._headers = headers

    async def request(self, subject: str, data: bytes = b"", timeout: float = 0.0) -> Msg:  # noqa: ASYNC109
        message = {"hdrs": base64.b64encode(self._headers).decode()}
        return Msg(_client=None, data=json.dumps({"message": message}).encode())  # type: ignore[arg-type]  # of no connection


@pytest.mark.parametrize("line", [b"X: a\nNats-Stream-Source: OUTBOX_SG 99", b"Nats-Stream-Source: OUTBOX_SG 99"])
async def test_a_sender_does_not_state_where_its_object_is_from(line: bytes) -> None:
    """A server takes its header out and adds its own at the end; one behind a bare line feed is a value to it."""
    there = OneMessage(b"NATS/1.0\r\n" + line + b"\r\nNats-Stream-Source: OUTBOX_SG:x:y 7 *.*.> tip a\r\n\r\n")
    assert await ingest.number_in_outbox(there, "SG", 1) == 7
    assert (
        await ingest.number_in_outbox(OneMessage(b"NATS/1.0\r\nX: a\nNats-Stream-Source: OUTBOX_SG 9\r\n\r\n"), "SG", 1)
        == 0
    )


@pytest.mark.parametrize("wrong", [-1, 2**63, 1e308, "7", None])
@pytest.mark.parametrize("field", ["delivered", "ack_floor", "num_pending"])
async def test_a_number_that_no_stream_has_is_no_answer(
    wrong: object, field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The member's server answers it, and it would be written into the metadata of IN."""
    right: Json = {"delivered": {"stream_seq": 7}, "ack_floor": {"stream_seq": 6}, "num_pending": 1}

    async def answers(*_: object) -> Json:
        return {**right, field: wrong if field == "num_pending" else {"stream_seq": wrong}}

    monkeypatch.setattr(positions, "call_subject", answers)
    nobody: Any = None
    sg: Any = type("SG", (), {"code": "SG", "low": "sg"})
    with pytest.raises(NoAnswer):
        await positions.outbox_end(nobody, sg, ONLY_HUB, 1)


@pytest.mark.parametrize("answer", [Fault("the consumer does not start at its number"), TimeoutError(), "begun-again"])
async def test_a_member_that_lies_about_its_consumer_is_tried_a_few_times(
    answer: Exception | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its IN stays empty whatever is done, and the watchdog looks at no other member meanwhile."""
    time, tried = [0.0], list[float]()
    monkeypatch.setattr(watched_positions, "now", lambda: time[0])

    async def skipped(*_: Any) -> int:
        return 1

    async def begin_again(*_: Any) -> str:
        tried.append(time[0])
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(positions, "skipped", skipped)
    monkeypatch.setattr(positions, "begin_again", begin_again)
    info: Json = {"created": "", "config": {"max_bytes": 64}, "state": {"first_ts": "", "bytes": 0, "messages": 0}}
    beginnings, sg = Beginnings(), type("SG", (), {"code": "SG"})

    async def check(info: Json) -> tuple[str, int]:
        nobody: Any = None
        member: Any = sg
        return await beginnings.result(nobody, member, ONLY_HUB, info, lambda sick: sick)

    found = [await check(info) for _ in range(20)]
    assert len(tried) == TIMES
    assert found[TIMES:] == [("skipped", 1)] * (20 - TIMES), "as a flaw that remains"
    time[0] += PAUSE
    await check(info)
    await check(info)
    assert tried[TIMES:] == [PAUSE]
    await check({**info, "state": {**info["state"], "first_ts": "another", "messages": 1}})
    assert len(tried) == TIMES + 2, "an IN that stored something since is looked at anew"


@pytest.mark.slow
async def test_nothing_is_skipped_whichever_server_is_restarted_first(tmp_path: Path) -> None:
    """Members publish their first objects while the hub, or their own server, starts again."""
    codes = ("TH", "SG", "MY", "VN", "PH", "ID")
    async with NatsFederation.new(tmp_path, codes) as federation:
        buses = {code: await federation.connect(code, "gateway") for code in codes}
        async with federation.watched(interval=1.0, dead_after=5.0):
            for name in ("hub", "TH", "SG"):
                federation.servers[name].kill()
            first = asyncio.gather(*(publish(bus, SUBJECT, SKIPPED, "first") for bus in buses.values()))
            for name in ("hub", "TH", "SG"):
                await federation.servers.restart(name)
            await first
            await federation.hub.admin.wait_connected(60)
            for code, side in federation.members.items():
                await side.admin.wait_connected(60)
                published = int((await stream_info(side.admin, f"OUTBOX_{code}"))["state"]["last_seq"])

                async def has_all(code: str = code, published: int = published) -> bool:
                    there = ingest.of(federation.hub.admin, code)
                    state = (await stream_info(there, f"IN_{code}"))["state"]
                    if not published or not state["messages"]:
                        return not published
                    return bool(await ingest.number_in_outbox(there, code, state["first_seq"]) == 1)

                await eventually(has_all)

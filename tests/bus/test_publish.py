"""Publishing: every message ends as an answer, whatever the server does."""

import asyncio
import signal

import pytest

from suar.bus import errors, jsapi, streams
from suar.bus.errors import Disconnected, NoAnswer, NoResponders, PublishRefused
from suar.bus.publish import PubAck, Publisher
from suar.observe.checks import every as checks
from support import healthy
from support.nats_server import National, publish
from support.standstill import stop

pytestmark = pytest.mark.essential


async def test_answers_come_in_the_order_of_the_calls(national: National) -> None:
    acks = await publish(await national.gateway(), "a.frame.all.01", [b"x"] * 300)
    assert acks == [PubAck(n, False) for n in range(1, 301)]


async def test_a_repeated_id_is_stored_once(national: National) -> None:
    bus = await national.gateway()
    assert await publish(bus, "a.frame.all.01", [b"x"]) == [PubAck(1, False)]
    assert await publish(bus, "a.frame.all.01", [b"x"]) == [PubAck(1, True)]


async def test_a_full_stream_refuses_loudly(national: National) -> None:
    """nats.py #985: there the future of a refused publish never ends."""
    outcomes = await publish(await national.gateway(), "a.frame.all.01", [b"x" * 100_000] * 4)
    assert outcomes[:2] == [PubAck(1, False), PubAck(2, False)]
    refused = outcomes[2]
    assert isinstance(refused, PublishRefused)
    assert (refused.err_code, refused.description) == (errors.STREAM_FULL, "maximum bytes exceeded")


async def test_a_stream_that_fills_is_reported_before_it_refuses(national: National) -> None:
    """From 70 % on, and more urgently from 90 %: by what its own server says of it."""
    bus, name, reports = await national.gateway(), "OUTBOX_TH", list[str]()
    publisher = Publisher(bus)
    for n in range(100):
        room = jsapi.bytes_and_limit(await jsapi.stream_info(bus, name))
        assert room is not None
        found = checks.run(healthy.numbers(stream_room={name: room}), 30_000)
        reports += [each.status for each in found if each.id == "stream-room"]
        try:
            await (await publisher.publish("a.frame.all.01", b"x" * 5_000, str(n)))
        except PublishRefused:
            break
    assert list(dict.fromkeys(reports)) == ["ok", "warning", "critical"]


def test_a_stream_without_a_limit_has_no_room_to_tell_of() -> None:
    assert jsapi.bytes_and_limit({"state": {"bytes": 1}, "config": {"max_bytes": -1}}) is None
    assert jsapi.bytes_and_limit({"state": {"bytes": 1}, "config": {}}) is None


async def test_nothing_overtakes_a_refused_message(national: National) -> None:
    """A small frame behind a refused large one would fit, and its chain would be out of order for ever."""
    bus = await national.gateway()
    outcomes = await publish(bus, "a.frame.all.01", [b"x" * 200_000, b"x" * 100_000, b"small", b"small"])
    assert outcomes[0] == PubAck(1, False)
    codes = [each.err_code for each in outcomes[1:] if isinstance(each, PublishRefused)]
    assert codes == [errors.STREAM_FULL, errors.WRONG_LAST_ID, errors.WRONG_LAST_ID]
    await streams.ensure_stream(national.admin, streams.outbox("TH"))  # room again
    again = await publish(bus, "a.frame.all.01", [b"x" * 200_000, b"x" * 100_000, b"small", b"small"])
    assert again == [PubAck(1, True), PubAck(2, False), PubAck(3, False), PubAck(4, False)]


async def test_a_subject_that_no_stream_takes_has_no_responders(national: National) -> None:
    publisher = Publisher(national.admin)
    with pytest.raises(NoResponders):
        await (await publisher.publish("nowhere.at.all", b"x", "1"))


async def test_a_frozen_server_is_noticed_by_the_clock(national: National) -> None:
    publisher = Publisher(await national.gateway(), ack_timeout=0.3)
    stop(national.servers["th"].pid)
    futures = [await publisher.publish("a.frame.all.01", b"x", str(n)) for n in range(3)]
    for future in futures:
        with pytest.raises(NoAnswer):
            await future
    national.servers["th"].send(signal.SIGCONT)


async def test_a_lost_connection_fails_at_once_and_the_retry_is_stored_once(national: National) -> None:
    bus = await national.gateway()
    publisher = Publisher(bus)
    first = [await publisher.publish("a.frame.all.01", b"x", str(n)) for n in range(100)]
    stop(national.servers["th"].pid)  # it confirms none of the others
    first += [await publisher.publish("a.frame.all.01", b"x", str(n)) for n in range(100, 200)]
    national.servers["th"].kill()
    outcomes = await asyncio.wait_for(asyncio.gather(*first, return_exceptions=True), 60)
    assert any(isinstance(each, Disconnected) for each in outcomes)
    with pytest.raises(Disconnected):
        await publisher.publish("a.frame.all.01", b"x", "200")
    await national.servers.restart("th")
    await bus.wait_connected(60)
    again = await publisher.publish_all([("a.frame.all.01", b"x", str(n)) for n in range(200)])
    assert [each.seq for each in again if isinstance(each, PubAck)] == list(range(1, 201))


async def test_the_window_makes_a_publisher_wait(national: National) -> None:
    bus = await national.gateway()
    publisher = Publisher(bus, window=2)
    stop(national.servers["th"].pid)
    for n in range(2):
        await publisher.publish("a.frame.all.01", b"x", str(n))
    third = asyncio.create_task(publisher.publish("a.frame.all.01", b"x", "2"))
    await asyncio.sleep(0)  # it has begun
    later = await Publisher(bus).publish("a.frame.all.01", b"x", "3")  # with a window of its own it leaves at once
    assert not third.done()
    national.servers["th"].send(signal.SIGCONT)
    assert ((await later).seq, (await (await third)).seq) == (3, 4)

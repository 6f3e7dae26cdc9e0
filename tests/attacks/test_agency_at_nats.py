"""The user of an agency at the member's NATS server tries every verb: its own consumer answers, and nothing else.

Before, its user was in the account of the stream. A server answers wherever the reply subject of a request leads,
whatever its sender may publish: one request for a message, with `$JS.API.STREAM.DELETE.FEED_VN` as its reply subject,
deleted the stream of all agencies, and another wrote an event for police into what health reads.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import nats
import pytest
import pytest_asyncio
from nats.aio.client import Client
from nats.js.errors import ServiceUnavailableError

from suar.bus.connect import Bus
from suar.bus.errors import ApiError, BusError, NoAnswer, NoResponders, NotPermitted
from suar.bus.jsapi import call, call_subject
from suar.federation.nats_permissions import AGENCY_CONNECTIONS, AGENCY_REQUEST_BYTES, AGENCY_SUBSCRIPTIONS
from support.kit import id_of, urgent
from support.nats_desk import STREAM, NatsDesk, nats_desk_of
from support.nats_server import eventually
from support.patience import PATIENCE

API, OWN, ONE = "$JS.feed.API", "police", b'{"batch":1,"no_wait":true}'
STREAM_VERBS = ("CREATE", "UPDATE", "DELETE", "INFO", "PURGE", "MSG.GET", "MSG.DELETE", "SNAPSHOT", "RESTORE")
CONSUMER_VERBS = ("CREATE", "DURABLE.CREATE", "DELETE", "INFO", "MSG.NEXT", "PAUSE", "UNPIN", "RESET")
SUBJECTS = [
    *(f"{api}.STREAM.{verb}.{STREAM}" for api in (API, "$JS.API") for verb in STREAM_VERBS),
    *(f"{api}.CONSUMER.{verb}.{STREAM}.health" for api in (API, "$JS.API") for verb in CONSUMER_VERBS),
    *(f"{API}.CONSUMER.{verb}.{STREAM}.{OWN}" for verb in CONSUMER_VERBS if verb not in ("INFO", "MSG.NEXT")),
    *(f"$JS.API.CONSUMER.{verb}.{STREAM}.{OWN}" for verb in CONSUMER_VERBS),
    *(f"{api}.{verb}" for api in (API, "$JS.API") for verb in ("INFO", "STREAM.NAMES", "STREAM.LIST", "ACCOUNT.INFO")),
    *(f"{api}.CONSUMER.{verb}.{STREAM}" for api in (API, "$JS.API") for verb in ("NAMES", "LIST", "CREATE")),
    *(f"{api}.DIRECT.GET.{STREAM}{rest}" for api in (API, "$JS.API") for rest in ("", ".feed.health.alert.th.X")),
    f"$JS.ACK.{STREAM}.health.1.1.1.1.0", "$JS.FC.x", "feed.police.alert.th.X", "feed.health.alert.th.X",
    "_INBOX_feed.x", "_INBOX_health.x", "_INBOX_police.x", "$SYS.REQ.SERVER.PING", "$SYS.REQ.USER.INFO",
    "$SYS.REQ.ACCOUNT.PING.CONNZ", "$KV.x", "anything",
]  # fmt: skip
"""Everything that it may not publish to; its own inbox too, where only the server answers."""
MAPPED = [
    *(f"$JS.vn.API.STREAM.{verb}.{STREAM}" for verb in STREAM_VERBS),
    *(f"$JS.vn.API.CONSUMER.{verb}.{STREAM}.health" for verb in CONSUMER_VERBS),
]
"""The same under the server's own domain, of which it refuses the subject without it: no request hears of that."""
LISTENED = [
    ">", "feed.>", f"feed.{OWN}.>", "_INBOX.>", "_INBOX_health.>", "_INBOX_feed.>", "$JS.>", "$SYS.>",
    f"$JS.ACK.{STREAM}.>", "_R_.>", "*",
]  # fmt: skip


@pytest_asyncio.fixture
async def at(tmp_path: Path) -> AsyncIterator[NatsDesk]:
    async with nats_desk_of(tmp_path) as made:
        await made.register("health")
        await made.register(OWN)
        await made.desk.receive(*map(urgent, range(1, 6)))
        await made.write()
        yield made


async def stream_state(at: NatsDesk) -> dict[str, Any]:
    """The stream, and what the other agency's consumer has done."""
    state = await at.state()
    consumer = await call(at.admin, f"CONSUMER.INFO.{STREAM}.health")
    return {
        "subjects": state["subjects"], "messages": state["messages"],
        "health": [consumer[name] for name in ("delivered", "ack_floor", "num_pending", "num_ack_pending", "config")],
    }  # fmt: skip


async def outcome(bus: Bus, subject: str, within: float = 0.5) -> str:
    """What becomes of a request, to which nobody may have an answer."""
    try:
        await bus.request(subject, b"", within)
    except BusError as error:
        return type(error).__name__
    return "answered"


async def test_its_own_consumer_answers_and_no_other_subject_takes_anything(at: NatsDesk) -> None:
    before = await stream_state(at)
    bus = await at.connect(OWN, f"_INBOX_{OWN}")
    assert (await call_subject(bus, f"{API}.CONSUMER.INFO.{STREAM}.{OWN}"))["num_pending"] == 5
    async with at.reader(OWN) as program:
        [event] = await program.read(most=1)
    assert event["subject"] == id_of(1)
    assert (await call_subject(bus, f"{API}.CONSUMER.INFO.{STREAM}.{OWN}"))["ack_floor"]["consumer_seq"] == 1
    found = {subject: await outcome(bus, subject, PATIENCE) for subject in SUBJECTS}
    assert found == dict.fromkeys(SUBJECTS, "NotPermitted")
    assert {await outcome(bus, subject) for subject in MAPPED} <= {"NotPermitted", "NoAnswer"}
    assert await stream_state(at) == before


async def test_it_receives_its_own_inbox_alone(at: NatsDesk) -> None:
    reports = list[str]()

    async def on_error(error: Exception) -> None:
        reports.append(str(error))

    client = await nats.connect(
        at.url, nkeys_seed_str=at.seeds[OWN][0].decode(), inbox_prefix=b"_INBOX_police", error_cb=on_error,
        connect_timeout=int(PATIENCE),
    )  # fmt: skip
    try:
        for subject in LISTENED:
            await client.subscribe(subject)

        async def all_refused() -> bool:
            return all(f'subscription to "{subject.lower()}"' in " ".join(reports) for subject in LISTENED)

        await eventually(all_refused)
    finally:
        await client.close()


REPLIES = [
    "feed.health.alert.th.X", "feed.police.alert.th.X", f"$JS.API.STREAM.PURGE.{STREAM}",
    f"$JS.API.STREAM.DELETE.{STREAM}", f"$JS.API.CONSUMER.DELETE.{STREAM}.health",
    f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.health", f"{API}.CONSUMER.MSG.NEXT.{STREAM}.health",
    f"$JS.ACK.{STREAM}.health.1.1.1.1.0", "_INBOX_health.x", "_INBOX_feed.x",
    "$SYS.REQ.SERVER.PING",
]  # fmt: skip
ASKS = [
    (f"{API}.CONSUMER.INFO.{STREAM}.{OWN}", b""),
    (f"{API}.CONSUMER.MSG.NEXT.{STREAM}.{OWN}", ONE),
    (f"{API}.CONSUMER.MSG.NEXT.{STREAM}.{OWN}", b'{"batch":1000,"expires":1000000}'),
    (f"$JS.ACK.{STREAM}.{OWN}.1.1.1.1.0", b"+NXT"),
    (f"$JS.ACK.{STREAM}.{OWN}.1.1.1.1.0", b""),
]


async def test_no_reply_subject_leads_out_of_its_account(at: NatsDesk) -> None:
    before = await stream_state(at)
    received = list[str]()

    async def on_message(message: Any) -> None:
        received.append(message.subject)

    await at.admin.subscribe("feed.>", on_message)
    for name in ("health", "feed"):
        await (await at.connect(name, f"_INBOX_{name}")).subscribe(f"_INBOX_{name}.>", on_message)
    bus = await at.connect(OWN, f"_INBOX_{OWN}")
    for reply in REPLIES:
        for subject, body in ASKS:
            await bus.publish(subject, body, reply)
    await call_subject(bus, f"{API}.CONSUMER.INFO.{STREAM}.{OWN}")  # everything before it was done
    assert await stream_state(at) == before
    assert received == []


async def test_requests_without_end_are_bounded_and_cost_nobody_else(at: NatsDesk) -> None:
    bus = await at.connect(OWN, f"_INBOX_{OWN}")
    subject = f"{API}.CONSUMER.MSG.NEXT.{STREAM}.{OWN}"
    for number in range(200):
        await bus.publish(subject, b'{"batch":1000,"expires":300000000000}', f"_INBOX_{OWN}.x.{number}")
    info = await call_subject(bus, f"{API}.CONSUMER.INFO.{STREAM}.{OWN}")
    assert info["num_waiting"] <= info["config"]["max_waiting"] == 16
    async with at.reader("health") as program:
        assert len(await program.read()) == 5


async def test_who_is_suspended_reaches_no_consumer(at: NatsDesk) -> None:
    bus = await at.connect(OWN, f"_INBOX_{OWN}")
    async with at.reader(OWN) as program:
        [kept, *_] = await program.fetch(2)
        await at.desk.act(OWN, "suspend")
        await at.write()
        with pytest.raises(ApiError, match="consumer not found"):
            await call_subject(bus, f"{API}.CONSUMER.INFO.{STREAM}.{OWN}")
        for subject, body in ((f"{API}.CONSUMER.MSG.NEXT.{STREAM}.{OWN}", ONE), (kept.reply, b"-NAK")):
            with pytest.raises((NoResponders, NoAnswer)):
                await bus.request(subject, body, 0.5)
        with pytest.raises(ServiceUnavailableError):
            await program.fetch()


# -- the gateway's own user in that account

FEED_MAY = {
    f"$JS.API.STREAM.INFO.{STREAM}", f"$JS.API.CONSUMER.INFO.{STREAM}.health",
    f"$JS.API.CONSUMER.DELETE.{STREAM}.nobody",
    f"$JS.API.STREAM.MSG.DELETE.{STREAM}", f"$JS.API.CONSUMER.CREATE.{STREAM}.nobody", f"$JS.API.STREAM.PURGE.{STREAM}",
    f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.HELD", "feed.nobody.x",
}  # fmt: skip
FEED_MAY_NOT = [
    *(f"$JS.API.STREAM.{verb}.{STREAM}" for verb in STREAM_VERBS if verb not in ("INFO", "PURGE", "MSG.DELETE")),
    *(f"$JS.API.CONSUMER.{verb}.{STREAM}.health" for verb in ("DURABLE.CREATE", "MSG.NEXT", "PAUSE", "UNPIN", "RESET")),
    "$JS.API.INFO", "$JS.API.STREAM.NAMES", "$JS.API.STREAM.LIST", f"$JS.API.CONSUMER.NAMES.{STREAM}",
    f"$JS.API.DIRECT.GET.{STREAM}", "$JS.API.STREAM.INFO.INBOX_VN", "$JS.API.STREAM.PURGE.OUTBOX_VN", "a.frame.all.x",
    f"$JS.ACK.{STREAM}.health.1.1.1.1.0", "_INBOX_health.x", "$SYS.REQ.SERVER.PING",
]  # fmt: skip


async def test_the_gateway_s_feed_user_may_write_and_erase_and_not_change_the_stream(at: NatsDesk) -> None:
    found = {subject: await outcome(at.feed, subject, PATIENCE) for subject in FEED_MAY_NOT}
    assert found == dict.fromkeys(FEED_MAY_NOT, NotPermitted.__name__)
    let = {subject for subject in FEED_MAY if await outcome(at.feed, subject) != NotPermitted.__name__}
    assert let == FEED_MAY


async def _as_police(at: NatsDesk) -> Client:
    """A connection of the program's that does not connect again."""

    async def on_error(_: Exception) -> None:
        return

    client = Client()
    try:
        await client.connect(
            at.url, nkeys_seed_str=at.seeds[OWN][0].decode(), inbox_prefix=b"_INBOX_police", error_cb=on_error,
            allow_reconnect=False, connect_timeout=int(PATIENCE),
        )  # fmt: skip
    except nats.errors.Error:
        await client.close()
        raise
    return client


async def _ended(client: Client, why: str) -> None:
    """Until the connection is over, for that reason."""

    async def is_over() -> bool:
        return client.is_closed

    await eventually(is_over, 60)
    assert why in str(client.last_error).lower()


async def test_it_has_so_many_connections_and_no_more(at: NatsDesk) -> None:
    """Before, one program opened as many as the server, which also carries the federation, has room for."""
    clients = [await _as_police(at) for _ in range(AGENCY_CONNECTIONS)]
    try:
        with pytest.raises(nats.errors.Error, match="maximum account active connections exceeded"):
            await _as_police(at)
        async with at.reader("health") as other:  # the others have their own
            assert len(await other.read()) == 5
        await clients.pop().close()

        async def is_let_in() -> bool:
            try:
                clients.append(await _as_police(at))
            except nats.errors.Error:
                return False
            return True

        await eventually(is_let_in)
    finally:
        for client in clients:
            await client.close()


async def test_a_connection_of_it_has_so_many_subscriptions_and_no_more(at: NatsDesk) -> None:
    client = await _as_police(at)
    try:
        for number in range(AGENCY_SUBSCRIPTIONS):
            await client.subscribe(f"_INBOX_police.{number}")
        await client.flush()  # the server has taken them all
        await client.subscribe("_INBOX_police.more")
        await _ended(client, "maximum subscriptions exceeded")
    finally:
        await client.close()


async def test_it_publishes_no_more_than_requests_have(at: NatsDesk) -> None:
    client = await _as_police(at)
    try:
        await client.publish(f"{API}.CONSUMER.MSG.NEXT.{STREAM}.{OWN}", b"x" * (AGENCY_REQUEST_BYTES + 1))
        await _ended(client, "maximum payload violation")
    finally:
        await client.close()

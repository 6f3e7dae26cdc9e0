"""The SDK of CloudEvents reads every event of the feed, as a stream, as a page and as a webhook's request."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import pytest_asyncio
from cloudevents.core.base import BaseCloudEvent
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from cloudevents.core.exceptions import CloudEventValidationError
from cloudevents.core.formats.json import JSONFormat

from suar.protocol.base import limits
from support.agency_desk import Desk, desk_of
from support.hooked import LOOPBACK
from support.kit import id_of, urgent
from support.receivers import Receiver
from support.receivers import receiver as running

TYPES = {id_of(1): "cancel", id_of(2): "withdraw", id_of(3): "update", id_of(4): "new"}


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with running(tmp_path / "receiver", "http") as made:
        yield made


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_of(tmp_path, LOOPBACK) as made:
        yield made


async def change(desk: Desk) -> None:
    """After this there is one event of each type."""
    await desk.receive(*map(urgent, (1, 2, 3)), urgent(4, expires="2027-01-15T09:00:00Z"))
    await desk.receive(
        urgent(1, rev=2, action="cancel", reason="wrong"), urgent(2, rev=2, action="update", tlp="AMBER+STRICT"),
        urgent(3, rev=2, action="update"),
    )  # fmt: skip


def read(document: str | bytes) -> BaseCloudEvent:
    return JSONFormat().read(None, document)


def check(events: list[BaseCloudEvent], documents: list[dict[str, Any]]) -> None:
    """Each has the attributes of its document, with the time as a time, and its data."""
    assert len(events) == len(documents) > 0
    for event, document in zip(events, documents, strict=True):
        assert (event.get_specversion(), event.get_datacontenttype()) == ("1.0", "application/json")
        assert (event.get_id(), event.get_type(), event.get_source(), event.get_subject()) == tuple(
            document[name] for name in ("id", "type", "source", "subject")
        )
        assert event.get_time() is not None
        assert event.get_data() == document["data"]
        for name in ("suarkind", "suarstatus"):
            assert event.get_extension(name) == document[name]


async def test_pages_and_streams_are_read(desk: Desk) -> None:
    token = await desk.register()
    await change(desk)
    position = (await desk.batched(token))[-1]["suarposition"]
    pages = await desk.batched(token)
    assert {each["subject"]: each["type"].rpartition(".")[2] for each in pages} == TYPES
    desk.kit.now += 2 * limits.HOUR
    [expiry] = await desk.batched(token, f"/v1/feed?after={position}")
    assert expiry["type"] == "suar.message.expire"
    pages.append(expiry)
    check([read(json.dumps(each)) for each in pages], pages)
    streamed = [each.data for each in await desk.streamed(token)]
    check(list(map(read, streamed)), list(map(json.loads, streamed)))


async def test_a_request_of_a_webhook_is_read(desk: Desk, receiver: Receiver) -> None:
    await desk.register(webhook=receiver.url)
    await change(desk)
    deliverer = desk.gateway.webhooks.deliverer
    await deliverer.process_due()
    await deliverer.wait_idle()
    requests = [HTTPMessage(each["headers"], each["body"].encode()) for each in receiver.got]
    check([from_http_event(each) for each in requests], receiver.bodies)
    assert {each["subject"] for each in receiver.bodies} == set(TYPES)
    assert (await desk.call("POST", "/v1/agencies/health/webhook/test")).json()["delivered"]
    document = (await desk.client.get("/openapi.json")).json()
    [described] = document["webhooks"].values()
    shapes = {"components": {"schemas": document["components"]["schemas"]}}
    for each in receiver.got:
        content = described["post"]["requestBody"]["content"][each["headers"]["content-type"]]
        body = jsonschema_rs.Draft202012Validator({**content["schema"], **shapes})
        assert [str(error) for error in body.iter_errors(json.loads(each["body"]))] == []
        named = {one["name"]: one["schema"]["pattern"] for one in described["post"]["parameters"]}
        assert set(named) == {name for name in each["headers"] if name.startswith("webhook-")}
        assert all(re.search(pattern, each["headers"][name]) for name, pattern in named.items())
    assert receiver.bodies[-1]["type"] == "suar.webhook.test"


def test_the_sdk_refuses_what_is_no_event() -> None:
    for wrong in ({"specversion": "1.0", "id": "x", "type": "y"}, {"id": "x", "source": "/s", "type": "y", "a_b": 1}):
        with pytest.raises(CloudEventValidationError):
            read(json.dumps(wrong))

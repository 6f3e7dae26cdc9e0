"""Batches: a verdict a line, in order, whatever the lines are and however they arrive."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any, cast

import httpx
import msgspec
import pytest

from suar.api.calls import batch
from suar.api.contract.table_document import TableDocument
from suar.protocol.base.errors import Fault
from suar.service.reading.verdict import Verdict
from support.fake_gateway import FakeGateway
from support.gateway_state import ID, NAME, REFUSED, TELEPHONE, alert_draft, held_alert, table

pytestmark = pytest.mark.asyncio(loop_scope="module")

GOOD = alert_draft("Seen on a route.")
TOO_LONG = b"x" * (batch.LINE_MAX + 1)


async def send(api: Any, content: bytes | AsyncIterator[bytes], query: str = "") -> list[dict[str, Any]]:
    url = f"/v1/messages/batch{query}"
    response = await api.client.post(url, content=content, headers=api.bearer("publish"), timeout=120)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in response.text.splitlines()]


def answer_at_once(gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Take every page as published, without the core; return how many drafts each has."""
    pages: list[int] = []

    async def publish_batch(items: list[bytes], **_: object) -> list[Verdict]:
        pages.append(len(items))
        return [Verdict(ID, 1, "published")] * len(items)

    monkeypatch.setattr(gateway, "publish_batch", publish_batch)
    return pages


async def chunked(data: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def open_batch(api: Any, length: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """An open call: httpx sends a whole body before it reads, so this caller speaks HTTP itself."""
    url, bearer = httpx.URL(api.url), api.bearer("publish")["Authorization"]
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(f"POST /v1/messages/batch HTTP/1.1\r\nHost: {url.host}\r\nAuthorization: {bearer}\r\n".encode())
    writer.write(length + b"\r\n\r\n")
    return reader, writer


async def test_a_verdict_a_line_in_order(api: Any, gateway: FakeGateway) -> None:
    verdicts = await send(api, b"\n".join([alert_draft(), REFUSED, b"no json", held_alert()]), "?exercise=true")
    assert [verdict["verdict"] for verdict in verdicts] == ["published", "refused", "refused", "held"]
    assert verdicts[1]["reasons"][0]["path"] == "$.tlp"
    assert {realm for _, realm, _ in gateway.published} == {"exercise"}
    assert {token for _, _, token in gateway.published} == {"only-publish"}


async def test_a_table_that_does_not_leave_is_in_its_line(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Labelled in the language of the call, and with what coarser ones hide, until a page has too long tables."""
    held_table = table(period="2025", text=NAME)
    lines = b"\n".join([GOOD, table(text=TELEPHONE), held_table, table()])
    left, refused, held, published = await send(api, lines, "?lang=th")
    assert refused["table"]["coarser"] == [{"by": "without", "dimension": "sex", "cells": 1, "hidden": 0}]
    for shown in (refused["table"], held["table"]):
        msgspec.convert(shown, TableDocument)
        assert "เพศ" in shown["before"][0]["label"]
    assert "table" not in left | published
    monkeypatch.setattr(batch, "TABLE_BYTES", 1)
    found = await send(api, lines)
    assert [each["verdict"] for each in found] == ["published", "refused", "held", "published"]
    assert ["table" in each for each in found] == [False, True, False, False]


async def test_a_line_that_is_too_long_is_one_verdict_among_others(api: Any) -> None:
    verdicts = await send(api, b"\n".join([GOOD, TOO_LONG, GOOD, TOO_LONG]))
    assert [verdict["verdict"] for verdict in verdicts] == ["published", "refused", "published", "refused"]
    assert verdicts[1]["reasons"][0]["code"] == "E-HTTP-LINE"


async def test_the_longest_line_passes(api: Any) -> None:
    line = GOOD.ljust(batch.LINE_MAX)
    assert [verdict["verdict"] for verdict in await send(api, line + b"\n" + line)] == ["published"] * 2


@pytest.mark.parametrize("size", [1, 7, 64])
async def test_lines_may_arrive_in_any_pieces(api: Any, size: int) -> None:
    verdicts = await send(api, chunked(b"\n".join([GOOD, REFUSED, GOOD]) + b"\n", size))
    assert [verdict["verdict"] for verdict in verdicts] == ["published", "refused", "published"]


@pytest.mark.parametrize("content", [b"", b"\n", b"\r\n \n\n"], ids=["nothing", "a line end", "blank lines"])
async def test_blank_lines_are_no_messages(api: Any, content: bytes) -> None:
    assert await send(api, content) == []


async def test_the_document_says_that_blank_lines_get_no_verdict(api: Any) -> None:
    assert len(await send(api, b"\n" + GOOD + b"\n\n" + GOOD)) == 2
    call = (await api("GET", "/schema/openapi.json")).json()["paths"]["/v1/messages/batch"]["post"]
    assert "blank lines get none" in call["description"]


async def test_windows_line_ends(api: Any) -> None:
    assert len(await send(api, GOOD + b"\r\n" + GOOD + b"\r\n")) == 2


async def test_many_messages_are_few_transactions(
    api: Any, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the core, which would take many seconds to judge 20,000: how they are divided is the call's."""
    pages = answer_at_once(gateway, monkeypatch)
    verdicts = await send(api, b"{}\n" * 20_000)
    assert len(verdicts) == 20_000
    assert max(pages) == batch.COMMIT_LINES
    assert len(pages) < 1_000


async def test_a_verdict_comes_while_the_batch_is_still_open(api: Any) -> None:
    seen = asyncio.Event()

    async def lines() -> AsyncIterator[bytes]:
        yield GOOD + b"\n"
        await asyncio.wait_for(seen.wait(), 60)
        yield REFUSED + b"\n"

    reader, writer = await open_batch(api, b"Transfer-Encoding: chunked")

    async def write() -> None:
        async for line in lines():
            writer.write(f"{len(line):x}\r\n".encode() + line + b"\r\n")
            await writer.drain()
        writer.write(b"0\r\n\r\n")

    task = asyncio.create_task(write())
    first = await asyncio.wait_for(reader.readuntil(b'"published"'), 60)
    assert first.startswith(b"HTTP/1.1 200")
    seen.set()
    assert b'"refused"' in await asyncio.wait_for(reader.readuntil(b'"refused"'), 60)
    await task
    writer.close()


async def test_a_caller_that_leaves_publishes_no_half_line(api: Any, gateway: FakeGateway) -> None:
    reader, writer = await open_batch(api, b"Content-Length: 9000")
    writer.write(alert_draft() + b"\n" + alert_draft()[:500])
    await writer.drain()
    await asyncio.wait_for(reader.readuntil(b'"published"'), 60)
    writer.close()
    assert await send(api, alert_draft())  # the server goes on
    assert len(gateway.published) == 2


@pytest.mark.parametrize(
    ("fault", "code", "text"),
    [
        (Fault("the disk is full", "free space"), "E-HTTP-FAULT", "the disk is full"),
        (KeyError("x"), "E-HTTP-INTERNAL", ""),
    ],
    ids=["ours", "unforeseen"],
)
async def test_a_fault_is_reported_a_line(
    api: Any, gateway: FakeGateway, fault: Exception, code: str, text: str
) -> None:
    gateway.fault = fault
    verdicts = await send(api, GOOD + b"\n" + TOO_LONG + b"\n" + GOOD)
    assert [verdict["verdict"] for verdict in verdicts] == ["refused"] * 3
    assert [verdict["reasons"][0]["code"] for verdict in verdicts] == [code, "E-HTTP-LINE", code]
    assert text in verdicts[0]["reasons"][0]["message"]


async def test_a_full_pipe_makes_the_reader_wait() -> None:
    pipe: batch.Pipe[int] = batch.Pipe(10)
    await pipe.put(1, 6)
    await pipe.put(2, 6)
    third = asyncio.create_task(pipe.put(3, 6))
    await asyncio.sleep(0)
    assert not third.done()
    assert await pipe.get(1, 100) == [1]
    await third
    await pipe.close()
    assert await pipe.get(10, 6) == [2]
    assert await pipe.get(10, 100) == [3]
    assert await pipe.get(10, 100) == []


async def test_an_item_over_the_cost_is_still_taken() -> None:
    pipe: batch.Pipe[int] = batch.Pipe(10)
    await pipe.put(1, 50)
    assert await pipe.get(10, 6) == [1]


async def test_many_open_batches_share_what_they_read_ahead(
    api: Any, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the core, which would take many seconds to judge 4,000: what is read ahead is the call's."""
    pipes: list[batch.Pipe[Any]] = []
    blocked, costs = set[batch.Pipe[Any]](), list[int]()
    go = asyncio.Event()
    pages = answer_at_once(gateway, monkeypatch)
    publish = gateway.publish_batch

    class Watched(batch.Pipe[Any]):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            pipes.append(self)

        async def put(self, item: Any, cost: int) -> None:
            blocked.add(self)
            await super().put(item, cost)
            blocked.remove(self)
            costs.append(sum(pipe.cost for pipe in pipes))

    async def slow(*args: Any, **kwargs: Any) -> Any:
        await go.wait()
        return await publish(*args, **kwargs)

    monkeypatch.setattr(batch, "Pipe", Watched)
    monkeypatch.setattr(batch, "AHEAD_BYTES", 256 * 1024)
    monkeypatch.setattr(batch, "OPEN_MAX", 40)
    monkeypatch.setattr(gateway, "publish_batch", slow)
    lines = (b"{}".ljust(5_000) + b"\n") * 100
    calls = [await open_batch(api, b"Content-Length: %d" % len(lines)) for _ in range(40)]
    for _, writer in calls:
        writer.write(lines)
    await until(lambda: batch.BatchResponse.open == 40 and len(blocked) == 40)
    assert max(costs) <= 4 * batch.AHEAD_BYTES + 40 * (len(lines) // 100)
    assert batch.BatchResponse.open == 40
    go.set()
    for reader, writer in calls:
        async with asyncio.timeout(60):
            await reader.readuntil(b"\r\n0\r\n\r\n")
        writer.close()
    assert sum(pages) == 4_000
    assert batch.BatchResponse.open == 0


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not is_so():  # noqa: ASYNC110 - what the server counts tells nobody
            await asyncio.sleep(0.01)


async def test_a_token_has_four_batches_open(api: Any) -> None:
    calls = []
    for _ in range(batch.OPEN_MAX):
        calls.append(await open_batch(api, b"Content-Length: 9000"))
        calls[-1][1].write(GOOD + b"\n")
        await asyncio.wait_for(calls[-1][0].readuntil(b'"published"'), 60)
    turned_away = await api("POST", "/v1/messages/batch", "publish", GOOD)
    assert (turned_away.status_code, turned_away.json()["code"]) == (429, "E-HTTP-RATE")
    assert turned_away.headers["retry-after"] == "1"
    other = await api("POST", "/v1/messages/batch", "local", GOOD)
    assert other.status_code == 200
    calls[0][1].close()
    await until(lambda: batch.BatchResponse.open_of["only-publish"] < batch.OPEN_MAX)
    assert (await api("POST", "/v1/messages/batch", "publish", GOOD)).status_code == 200
    for _, writer in calls[1:]:
        writer.close()
    await until(lambda: not batch.BatchResponse.open_of)


async def test_a_caller_that_reads_no_verdicts_is_left(gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mebibyte of verdicts is kept for it, and its lines stay with it until it reads."""
    assert batch.VERDICT_BYTES == 1024 * 1024
    monkeypatch.setattr(batch, "VERDICT_SECONDS", 0.2)
    monkeypatch.setattr(batch, "VERDICT_BYTES", 1)
    sent = 0

    async def receive() -> Any:
        nonlocal sent
        await until(lambda: len(gateway.published) == sent)
        sent += 1
        return {"type": "http.request", "body": alert_draft() + b"\n", "more_body": True}

    async def unread(event: Any) -> None:
        if event["type"] == "http.response.body":
            await asyncio.Event().wait()

    response = batch.BatchResponse(gateway, "actual", "nobody", asyncio.Event())
    await asyncio.wait_for(response(cast("Any", {}), receive, unread), 60)
    assert len(gateway.published) == 3  # one is being sent, one is kept, one does not fit any more
    assert sent == 4
    assert batch.BatchResponse.open == 0


async def test_a_key_that_a_batch_does_not_use_is_answered_as_unused(api: Any) -> None:
    url, headers = "/v1/messages/batch", api.bearer("publish")
    with_key = await api.client.post(url, content=GOOD, headers={**headers, "Idempotency-Key": "k"})
    assert (with_key.status_code, with_key.headers["idempotency-key-used"]) == (200, "false")
    without = await api.client.post(url, content=GOOD, headers=headers)
    assert "idempotency-key-used" not in without.headers
    document = (await api.client.get("/openapi.json")).json()["paths"]["/v1/messages/batch"]["post"]
    assert "Idempotency-Key-Used" in document["responses"]["200"]["headers"]
    assert "does nothing here" in document["description"]

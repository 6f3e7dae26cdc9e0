"""GET /v1/feed over real HTTP in front of a real core: places, news, ends, and readers that stand still or leave."""

import asyncio
import contextlib
import json
import socket
from collections import Counter
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from suar.api import server as server_module
from suar.api.app import HEADERS
from suar.api.calls import feed as feed_api
from suar.api.http import connections
from suar.api.server import HttpServer
from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import EXERCISE
from suar.service.access.agencies import register
from suar.service.access.tokens import check, new_token
from suar.service.feed import pages
from suar.service.feed import subscriptions as feeds
from suar.service.pacing.wake import Wake
from suar.service.process.gateway import Gateway
from suar.sse import Event, events
from support.corekit import CoreKit, bundle_of, epoch_of, frame_of, rows
from support.fake_gateway import served
from support.gateways import eventually
from support.kit import Sending, actor, id_of, open_sending, urgent
from support.patience import PATIENCE
from support.problems import problem
from support.tokens import join

TH = actor("TH")
LOCAL = new_token()


class Reader:
    """A gateway of VN on a socket, TH's chain into it, and a token that may read."""

    def __init__(
        self, kit: CoreKit, gateway: Gateway, server: HttpServer, url: str, token: str, client: httpx.AsyncClient
    ) -> None:
        self.kit, self.gateway, self.server = kit, gateway, server
        self.url, self.token, self.client = url, token, client
        self.th = open_sending(TH, kit.lists)
        self.drills: Sending = open_sending(TH, kit.lists, realm=EXERCISE)

    async def receive(self, *contents: bytes) -> None:
        await self.gateway.core.run(self.kit.receive, frame_of(self.th, *contents))

    async def call(self, query: str = "", **headers: str) -> httpx.Response:
        """A feed that ends by itself, or a refusal."""
        named = {"Authorization": f"Bearer {self.token}"} | {
            key.replace("_", "-"): each for key, each in headers.items()
        }
        return await self.client.get(f"/v1/feed?follow=false{query}", headers=named)

    async def read(self, query: str = "", **headers: str) -> list[Event]:
        """Its events with data."""
        response = await self.call(query, **headers)
        assert response.status_code == 200, response.text
        return [each for each in events(response.text.splitlines()) if each.data]

    @contextlib.asynccontextmanager
    async def following(self, query: str = "") -> AsyncIterator[AsyncIterator[str]]:
        """The lines of a feed that goes on."""
        sent = {"Authorization": f"Bearer {self.token}"}
        async with self.client.stream("GET", f"/v1/feed{query}", headers=sent, timeout=120) as response:
            assert response.status_code == 200
            yield response.aiter_lines()

    async def agency(self, sector: str) -> str:
        """The token of a new agency."""
        made = await self.gateway.agencies.add(register(sector, sector, ["alert"], "AMBER"), None, "test")
        return str(made["token"])

    @property
    def open(self) -> int:
        return self.gateway.feed_readers

    async def nobody_reads(self) -> bool:
        return self.open == 0

    def audit(self) -> list[tuple[str, str, str]]:
        wanted = "select who, what, about from audit where what like 'feed%' order by n"
        return [(row[0], row[1], row[2]) for row in rows(self.kit, wanted)]


@pytest_asyncio.fixture
async def reader(tmp_path: Path) -> AsyncIterator[Reader]:
    kit = CoreKit(tmp_path / "vn", "VN")
    gateway = Gateway(kit.core, Wake())
    await gateway.open(LOCAL)
    token = str((await gateway.tokens_add(check("police", ["read"])))["token"])
    server = HttpServer()
    async with (
        served(gateway, server) as url,  # type: ignore[arg-type]  # a real gateway where the fake one is named
        httpx.AsyncClient(base_url=url, trust_env=False, timeout=PATIENCE) as client,
    ):
        made = Reader(kit, gateway, server, url, token, client)
        bundles = [bundle_of(actor(code)) for code in ("KH", "SG", "TH")]
        await kit.core.run(kit.receive, *bundles, epoch_of(made.th), epoch_of(made.drills))
        yield made
    kit.close()


async def data_of(lines: AsyncIterator[str]) -> dict[str, Any]:
    """The next event's document."""
    async with asyncio.timeout(60):
        async for line in lines:
            if line.startswith("data: "):
                found: dict[str, Any] = json.loads(line.removeprefix("data: "))
                return found
    raise AssertionError("the feed ended")


async def test_a_backlog_and_its_end(reader: Reader) -> None:
    await reader.receive(urgent(1, "past"), urgent(2), urgent(3, "expected"))
    response = await reader.call()
    assert response.headers["content-type"].startswith("text/event-stream")
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS
    subjects = [json.loads(each.data)["subject"] for each in events(response.text.splitlines()) if each.data]
    assert subjects == [id_of(2), id_of(3), id_of(1)]


async def test_the_last_events_id_resumes_by_header_and_by_parameter(reader: Reader) -> None:
    await reader.receive(urgent(1, "past"), urgent(2), urgent(3, "expected"))
    whole = await reader.read()
    for at, each in enumerate(whole):
        rest = [event.data for event in whole[at + 1 :]]
        assert [event.data for event in await reader.read(Last_Event_ID=each.position)] == rest
        assert [event.data for event in await reader.read(f"&after={each.position}")] == rest
    both = await reader.read(f"&after={whole[0].position}", Last_Event_ID=whole[1].position)
    assert [event.data for event in both] == [whole[2].data], "EventSource sends both when it comes back"


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("&after=AAAA", {}), ("", {"Last_Event_ID": "AAAA"}), ("", {"Last_Event_ID": "no place"}),
        ("&after=" + "A" * 513, {}), ("&kind=memo", {}), ("&status=real", {}), ("&from=yesterday", {}),
        ("&origin=th", {}), ("&follow=perhaps", {}),
    ],
)  # fmt: skip
async def test_what_is_not_allowed_is_refused(reader: Reader, query: str, headers: dict[str, str]) -> None:
    refusal = problem(await reader.call(query, **headers), 400, "E-HTTP-VALUE")
    assert reader.open == 0
    if query == "&after=AAAA":
        assert "`after`" in refusal["hint"], "it names the parameter that a page has its position in"


async def test_a_position_with_any_change_is_refused(reader: Reader) -> None:
    """Whoever edits one, to skip a check or to read from another's, gets no page, by neither way to hand it in."""
    await reader.receive(urgent(1))
    good = (await reader.read())[-1].position
    changed = [good[:at] + ("A" if good[at] != "A" else "B") + good[at + 1 :] for at in range(0, len(good), 6)]
    cut = [good[:at] for at in range(1, len(good), 20)]
    for made in (*changed, *cut, good + "A", good * 2, good.swapcase()):
        problem(await reader.call(f"&after={made}"), 400, "E-HTTP-VALUE")
    for made in (changed[0], cut[-1]):
        problem(await reader.call("", Last_Event_ID=made), 400, "E-HTTP-VALUE")
    problem(await reader.call("&after=AAAA", Last_Event_ID=changed[-1]), 400, "E-HTTP-VALUE")
    for query in ("&wait=1", "&limit=1"):
        problem(await reader.call(query), 400, "E-HTTP-PARAMETER")
    assert reader.open == 0


async def test_an_agency_that_nobody_registered_reads_nothing(reader: Reader) -> None:
    await reader.receive(urgent(1))
    body = problem(await reader.call("&agency=police"), 404, "E-HTTP-NOT-FOUND")
    assert "agency" in body["detail"]


async def test_what_arrives_is_sent_at_once(reader: Reader) -> None:
    await reader.receive(urgent(1))
    async with reader.following("?from=now") as lines:
        await eventually(reader_count(reader, 1))
        await reader.receive(urgent(2, "expected"))
        assert (await data_of(lines))["subject"] == id_of(2)
        await reader.receive(urgent(2, "expected", rev=2, action="cancel", reason="wrong"))
        assert (await data_of(lines))["type"] == "suar.message.cancel"
    await eventually(reader.nobody_reads)


def reader_count(reader: Reader, count: int) -> Any:
    async def is_so() -> bool:
        return reader.open == count

    return is_so


async def test_an_exercise_is_an_event_of_another_name(reader: Reader) -> None:
    """A handler of plain messages never gets it, whatever it makes of the document."""
    await reader.receive(urgent(1))
    drill = frame_of(reader.drills, urgent(2, status="exercise"))
    await reader.gateway.core.run(reader.kit.receive, drill)
    assert [each.name for each in await reader.read()] == ["message"]
    assert [each.name for each in await reader.read("&status=exercise")] == ["exercise"]
    assert [each.name for each in await reader.read("&status=all")] == ["message", "exercise"]


async def test_keepalives_carry_the_position(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_api, "KEEP_ALIVE", 0.05)
    async with reader.following() as lines:
        seen = [await anext(lines) for _ in range(12)]
    assert seen.count(": nothing new") >= 2
    positions = [line.removeprefix("id: ") for line in seen if line.startswith("id: ")]
    await reader.receive(urgent(1))
    assert len(await reader.read(f"&after={positions[-1]}")) == 1


async def test_a_revoked_token_gets_nothing_more(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_api, "KEEP_ALIVE", 0.2)
    async with reader.following() as lines:
        await eventually(reader_count(reader, 1))
        await reader.gateway.tokens_revoke("police")
        await reader.receive(urgent(1))
        assert not [line async for line in lines if line.startswith("data")]  # and it ends
    await eventually(reader.nobody_reads)


async def test_whose_person_loses_the_role_gets_nothing_more(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_api, "KEEP_ALIVE", 0.2)
    for name, roles in {"lee": ("coordinator",), "ida": ("reader", "operator")}.items():
        await reader.kit.core.run(partial(join, reader.kit, name, *roles))
    made = await reader.gateway.tokens_add(check("desk", ["read"], user="ida"))
    reader.token = str(made["token"])
    async with reader.following() as lines:
        await eventually(reader_count(reader, 1))
        await reader.gateway.people.set_roles("ida", ("operator",), "lee")
        await reader.receive(urgent(1))
        async with asyncio.timeout(60):
            assert not [line async for line in lines if line.startswith("data")]  # and it ends
    await eventually(reader.nobody_reads)
    problem(await reader.call(), 403, "E-HTTP-SCOPE")


async def test_a_token_revoked_while_a_page_is_read_gets_nothing_of_it(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_feed = feeds.Subscription.next_page

    async def slow(self: feeds.Subscription) -> pages.Page:
        page = await read_feed(self)
        if page.events:
            await reader.gateway.tokens_revoke("police")
        return page

    monkeypatch.setattr(feeds.Subscription, "next_page", slow)
    async with reader.following() as lines:
        await eventually(reader_count(reader, 1))
        await reader.receive(urgent(1))
        assert not [line async for line in lines if line.startswith("data")]  # and it ends
    await eventually(reader.nobody_reads)


async def test_a_token_has_so_many_feeds(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "OPEN_A_TOKEN", 1)
    async with reader.following():
        response = await reader.call()
        problem(response, 429, "E-HTTP-RATE")
        assert response.headers["retry-after"]
    await eventually(reader.nobody_reads)
    assert await reader.read() == []


async def test_a_stalled_a_dead_and_a_hostile_reader_cost_a_page_each_and_are_disconnected(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One reads nothing; one is gone without a word, which looks the same from here; one reads nothing and keeps asking
    for more. Two of them are agencies."""
    monkeypatch.setattr(feed_api, "SLOW", 1.0)
    agencies = [await reader.agency("health"), await reader.agency("labour")]
    long = [{"lang": "en", "title": "Office jobs abroad", "summary": "Recruiters promise office work. " * 24}]
    for first in range(1, 12_001, 240):  # more than the buffers of a socket hold
        await reader.receive(*(urgent(number, text=long) for number in range(first, first + 240)))
    host, port = reader.url.removeprefix("http://").split(":")
    taken, page_bytes, held = Counter[str](), list[int](), list[int]()
    read_feed = feeds.Subscription.next_page

    def sample() -> None:
        """What the connections hold that their readers have not read, and what they have not answered."""
        found: list[Any] = list(reader.server.door.connections) if reader.server.door else []
        held.extend(each.transport.get_write_buffer_size() for each in found)
        assert all(each.unread <= connections.UNREAD_BYTES for each in found)

    async def counted(self: feeds.Subscription) -> pages.Page:
        sample()
        page = await read_feed(self)
        taken[self.who] += len(page.events)
        page_bytes.append(sum(len(page.mark.join(parts)) for parts, _ in page.pieces))
        return page

    async def nobody_reads() -> bool:
        sample()
        assert not page_bytes or max(held) <= max(page_bytes)
        return await reader.nobody_reads()

    monkeypatch.setattr(feeds.Subscription, "next_page", counted)
    with contextlib.ExitStack() as stack:
        for token in (reader.token, *agencies):
            still = stack.enter_context(socket.socket())
            still.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            still.connect((host, int(port)))
            call = f"GET /v1/feed HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
            still.sendall(call)
        await eventually(reader_count(reader, 3))
        still.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                still.send(call * 100)
        await eventually(nobody_reads, 120)
        assert len(taken) == 3
        assert all(0 < each < 12_000 for each in taken.values())
        assert max(held) > 0, "something waited for a reader"


async def test_what_a_program_read_is_reported_to_the_audit_and_to_no_publisher(reader: Reader) -> None:
    await reader.receive(urgent(1), urgent(2))
    first = await reader.read()
    await reader.read(f"&after={first[-1].position}")

    async def both_ended() -> bool:
        return [what for _, what, _ in reader.audit()].count("feed-end") == 2

    await eventually(both_ended)
    assert await reader.nobody_reads()
    assert rows(reader.kit, "select count(*) from own_statement") == [(0,)]
    assert rows(reader.kit, "select count(read_at) from message") == [(2,)]
    assert reader.audit() == [
        ("police", "feed", "actual * * others, from the beginning"),
        ("police", "feed-sent", f"{id_of(1)} 1 {id_of(2)} 1"),
        ("police", "feed-end", "actual * * others, 2 messages"),
        ("police", "feed", "actual * * others, from a place"),
        ("police", "feed-end", "actual * * others, 0 messages"),
    ]


async def test_a_page_that_was_noted_slowly_is_read_again(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """A recall that comes while the audit names the page: the text that was read before is not sent."""
    await reader.receive(urgent(1), urgent(2))
    recall, times = urgent(1, rev=2, action="cancel", reason="It was wrong."), iter((0.0, feeds.FRESH, 2.0, 2.1))
    note, recalled = reader.gateway.core.run_in_group, list[bool]()

    async def slow(function: Any, *args: Any) -> Any:
        done = await note(function, *args)
        if args[2:3] == ("feed-sent",) and not recalled:
            recalled.append(True)
            await reader.receive(recall)
        return done

    monkeypatch.setattr(reader.gateway.core, "run_in_group", slow)
    monkeypatch.setattr(feeds, "monotonic", lambda: next(times))
    received = [json.loads(each.data) for each in await reader.read()]
    assert sorted((each["subject"], each["type"]) for each in received) == [
        (id_of(1), "suar.message.cancel"), (id_of(2), "suar.message.new"),
    ]  # fmt: skip


async def test_what_is_sent_is_named_in_the_audit_first_and_what_cannot_be_named_is_not_sent(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    await reader.receive(urgent(1))
    read_feed, named = feeds.Subscription.next_page, list[bool]()

    async def recorded(self: feeds.Subscription) -> pages.Page:
        page = await read_feed(self)
        named.append(("police", "feed-sent", f"{id_of(1)} 1") in reader.audit())
        return page

    monkeypatch.setattr(feeds.Subscription, "next_page", recorded)
    assert len(await reader.read()) == 1
    assert named[0]

    def full(*_: object) -> None:
        raise Fault("the disk is full")

    monkeypatch.setattr(feeds, "note_titles", full)
    with pytest.raises(httpx.RemoteProtocolError):  # it is cut off, and comes back with its place
        await reader.read()


async def test_the_end_of_the_gateway_ends_its_feeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "GRACE", 2 * PATIENCE)  # it does not wait for this
    kit = CoreKit(tmp_path / "vn", "VN")
    gateway = Gateway(kit.core, Wake())
    await gateway.open(LOCAL)
    sent = {"Authorization": f"Bearer {LOCAL}"}
    server = HttpServer()
    async with served(gateway, server) as url:  # type: ignore[arg-type]  # a real gateway where the fake one is named
        client = httpx.AsyncClient(base_url=url, trust_env=False, timeout=PATIENCE)
        stream = client.stream("GET", "/v1/feed", headers=sent)
        response = await stream.__aenter__()
        assert response.status_code == 200
        async with asyncio.timeout(PATIENCE):
            await server.stop()
    assert gateway.feed_readers == 0
    await stream.__aexit__(None, None, None)
    await client.aclose()
    kit.close()

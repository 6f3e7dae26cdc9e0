"""One call against real receivers, well behaved and hostile, and against names whose addresses change."""

import asyncio
import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import AsyncIterator, Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import h11
import pytest
import pytest_asyncio
import trustme

from suar.service.webhooks import calling, resolving
from suar.service.webhooks.addresses import endpoint
from suar.service.webhooks.calling import Caller, CallFailed, Request
from support.gateways import eventually
from support.patience import PATIENCE
from support.receivers import HANGS, Receiver, receiver

ALLOW = (ip_network("127.0.0.0/8"),)
TAKEN = 3 * calling.ANSWER_BYTES + 256 * 1024
"""Bytes of an answer that are taken at most: those that are looked at, twice as many that wait, and what asyncio reads
from a socket at once."""
SENT = Request({"webhook-id": "a/1"}, b'{"a": 1}')


class Making:
    """Makes the event, and counts how often."""

    def __init__(self, request: Request | None = SENT) -> None:
        self.request, self.times = request, 0

    async def __call__(self) -> Request | None:
        self.times += 1
        return self.request


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Receiver]:
    with receiver(tmp_path / "desk", "http") as made:
        yield made


@pytest_asyncio.fixture
async def caller() -> AsyncIterator[Caller]:
    yield Caller(ssl.create_default_context(), ALLOW)


async def refused(caller: Caller, url: str, making: Making | None = None) -> str:
    """Why the call failed."""
    with pytest.raises(CallFailed) as failed:
        await caller.call(endpoint(url, ALLOW), making or Making())
    assert failed.value.outcome in calling.OUTCOMES
    return failed.value.why


def named(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Let every name resolve to these addresses, a list for each question; the names that were asked."""
    lookups: list[str] = []

    def resolve(host: str, port: int, **_: Any) -> list[Any]:
        lookups.append(host)
        found = answers[min(len(lookups), len(answers)) - 1]
        return [(None, None, None, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return lookups


# -- receivers


async def test_an_event_is_posted_with_its_headers(caller: Caller, desk: Receiver) -> None:
    assert await caller.call(endpoint(f"{desk.url}?a=b", ALLOW), Making())
    [got] = desk.got
    assert (got["path"], got["body"]) == ("/told?a=b", '{"a": 1}')
    assert got["headers"] == {
        "host": f"127.0.0.1:{desk.port}", "user-agent": "suar", "content-type": "application/cloudevents+json",
        "content-length": "8", "connection": "close", "webhook-id": "a/1",
    }  # fmt: skip


async def test_nothing_is_sent_when_there_is_no_event_any_more(caller: Caller, desk: Receiver) -> None:
    assert not await caller.call(endpoint(desk.url, ALLOW), Making(None))
    assert desk.got == []


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ("status 500", "status 500"), ("status 410", "status 410"), ("status 404", "status 404"),
        ("status 304", "status 304"), ("reset", "connection"), ("continue", "answer"), ("long", "answer"),
    ],
)  # fmt: skip
async def test_any_other_answer_is_a_failure(caller: Caller, desk: Receiver, how: str, why: str) -> None:
    desk.behave(how)
    assert await refused(caller, desk.url) == why


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nX: "])
@pytest.mark.parametrize("is_reset", [False, True])
async def test_a_connection_that_ends_before_an_answer_is_no_answer(
    caller: Caller, answer: bytes, *, is_reset: bool
) -> None:
    """After the request was read, whether it is closed or reset, and with half a head too."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(len(SENT.body))
        writer.write(answer)
        await writer.drain()
        if is_reset:
            how = struct.pack("ii", 1, 0)  # to close without what the other side may still read
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, how)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert await refused(caller, f"http://127.0.0.1:{port}/") == "connection"


async def test_one_call_begins_in_a_turn_of_the_loop(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many that begin together, each with TLS, would use up the time that each has to connect."""
    turn, begun, is_over = 0, list[int](), asyncio.Event()

    async def count() -> None:
        nonlocal turn
        while not is_over.is_set():
            turn += 1
            await asyncio.sleep(0)

    async def connect(*_: Any, **_settings: Any) -> Any:
        begun.append(turn)
        raise OSError

    monkeypatch.setattr(asyncio, "open_connection", connect)
    counting = asyncio.create_task(count())
    assert await asyncio.gather(*(refused(caller, "http://127.0.0.1/") for _ in range(20))) == ["connection"] * 20
    is_over.set()
    await counting
    assert len(set(begun)) == len(begun) == 20


async def test_a_redirect_is_not_followed(caller: Caller, desk: Receiver, tmp_path: Path) -> None:
    with receiver(tmp_path / "elsewhere", "http") as elsewhere:
        desk.behave(f"to {elsewhere.url}")
        with pytest.raises(CallFailed) as failed:
            await caller.call(endpoint(desk.url, ALLOW), Making())
        assert (failed.value.outcome, failed.value.why) == ("redirect", "status 302")
        assert (len(desk.got), elsewhere.got) == (1, [])


async def test_an_address_that_takes_no_connection_leaves_time_for_the_next(
    caller: Caller, desk: Receiver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """At the first address somebody accepts and never begins TLS."""
    papers = Papers(tmp_path / "papers", "cases.health.example")
    monkeypatch.setattr(calling, "CALL_SECONDS", PATIENCE)
    with receiver(tmp_path / "tls", "http", *papers.arguments) as good:
        named(monkeypatch, ["127.0.0.2", "127.0.0.1"])
        with socket.create_server(("127.0.0.2", good.port)):
            url = f"https://cases.health.example:{good.port}/"
            for seconds in (2.0, 10.0, 50.0):  # on a busy machine the next one takes longer for its TLS
                monkeypatch.setattr(calling, "CONNECT_SECONDS", seconds)
                with contextlib.suppress(CallFailed):
                    assert await Caller(papers.context, ALLOW).call(endpoint(url, ALLOW), Making())
                    break
        assert len(good.got) == 1


@pytest.mark.parametrize("how", ["slow", "drip"])
async def test_a_slow_answer_has_its_time_and_no_more(
    caller: Caller, desk: Receiver, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "CALL_SECONDS", 1.0)
    desk.behave(how)
    began = time.monotonic()
    assert await refused(caller, desk.url) == "timeout"
    assert time.monotonic() - began < HANGS


async def test_the_body_of_an_answer_is_not_read(caller: Caller, desk: Receiver) -> None:
    desk.behave("huge")
    assert await caller.call(endpoint(desk.url, ALLOW), Making())
    assert not (desk.folder / "sent").exists()


@pytest.mark.parametrize("how", ["huge", "long", "continue"])
async def test_of_an_endless_answer_a_bounded_part_is_taken(
    caller: Caller, desk: Receiver, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Looked at are ANSWER_BYTES at most; the socket is read until so much waits, and once more."""
    looked_at, taken = list[int](), list[int]()
    receive, feed = h11.Connection.receive_data, asyncio.StreamReader.feed_data

    def counted(self: h11.Connection, data: bytes) -> None:
        looked_at.append(len(data))
        receive(self, data)

    def fed(self: asyncio.StreamReader, data: bytes) -> None:
        taken.append(len(data))
        feed(self, data)

    monkeypatch.setattr(h11.Connection, "receive_data", counted)
    monkeypatch.setattr(asyncio.StreamReader, "feed_data", fed)
    desk.behave(how)
    if how == "huge":
        assert await caller.call(endpoint(desk.url, ALLOW), Making())
    else:
        assert await refused(caller, desk.url) == "answer"
    assert 0 < sum(looked_at) <= calling.ANSWER_BYTES
    assert sum(looked_at) <= sum(taken) <= TAKEN


async def test_a_receiver_that_reads_nothing_is_let_go(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "CALL_SECONDS", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        large = Making(Request({}, bytes(64 * 1024 * 1024)))
        assert await refused(caller, url, large) == "timeout"


async def test_nobody_listens(caller: Caller) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    making = Making()
    assert await refused(caller, f"http://127.0.0.1:{port}/", making) == "connection"
    assert making.times == 0


async def test_a_proxy_of_the_environment_gets_no_request(
    caller: Caller, desk: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiver(tmp_path / "proxy", "http") as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert await caller.call(endpoint(desk.url, ALLOW), Making())
        assert (len(desk.got), proxy.got) == (1, [])


# -- names


@pytest.mark.parametrize(
    "addresses", [["10.0.0.1"], ["169.254.169.254"], ["::1"], ["::ffff:10.0.0.1"], ["fe80::1%1"], ["10.0.0.1", "::1"]]
)
async def test_a_name_of_an_address_that_is_not_public_is_not_called(
    caller: Caller, monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    named(monkeypatch, addresses)
    making = Making()
    assert await refused(caller, "https://cases.health.example/", making) == "not-public"
    assert making.times == 0


async def test_a_public_address_is_not_called_without_tls(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    named(monkeypatch, ["8.8.8.8"])
    assert await refused(caller, "http://cases.health.example/") == "public-without-tls"


async def test_of_several_addresses_those_that_may_be_are_called(
    caller: Caller, desk: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    named(monkeypatch, ["10.0.0.1", "127.0.0.77", "127.0.0.1"])  # at the second one nobody listens
    assert await caller.call(endpoint(f"http://cases.intranet:{desk.port}/", ALLOW), Making())
    assert desk.got[0]["headers"]["host"] == f"cases.intranet:{desk.port}"


async def test_a_name_is_resolved_once_and_the_address_that_was_checked_is_called(
    desk: Receiver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The second answer is an address that is not allowed: who asked twice would check one and call the other."""
    caller = Caller(ssl.create_default_context(), (ip_network("127.0.0.1/32"),))
    lookups = named(monkeypatch, ["127.0.0.1"], ["127.0.0.2"], ["127.0.0.2"])
    url = f"http://rebinding.example:{desk.port}/"
    assert await caller.call(endpoint(url, ALLOW), Making())
    assert lookups == ["rebinding.example"]
    assert await refused(caller, url) == "not-public"  # the next call asks anew, and judges anew
    assert (len(lookups), len(desk.got)) == (2, 1)


async def test_a_name_without_an_address(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert await refused(caller, "https://cases.health.example/") == "not-resolved"


async def test_a_resolver_that_does_not_answer_holds_up_nobody_else(
    caller: Caller, desk: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "CALL_SECONDS", 0.5)
    over = threading.Event()

    def resolve(host: str, port: int, **_: Any) -> list[Any]:
        if host == "slow.example":
            over.wait(HANGS)
        return [(None, None, None, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    try:
        assert await refused(caller, f"http://slow.example:{desk.port}/") == "timeout"
        monkeypatch.setattr(calling, "CALL_SECONDS", HANGS / 2)
        assert await caller.call(endpoint(f"http://quick.example:{desk.port}/", ALLOW), Making())
    finally:
        over.set()


class Unanswered:
    """A resolver that answers for `quick.example` alone, until `over` is set; the names that were asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.over, self.asked = threading.Event(), list[str]()
        monkeypatch.setattr(socket, "getaddrinfo", self._resolve)

    def _resolve(self, host: str, port: int, **_: Any) -> list[Any]:
        self.asked.append(host)
        if host != "quick.example":
            self.over.wait(HANGS)
        return [(None, None, None, "", ("127.0.0.1", port))]


@pytest.fixture
def unanswered(monkeypatch: pytest.MonkeyPatch) -> Iterator[Unanswered]:
    made = Unanswered(monkeypatch)
    yield made
    made.over.set()


async def test_many_names_that_are_not_answered_hold_up_no_other(
    caller: Caller, desk: Receiver, unanswered: Unanswered
) -> None:
    names = [f"slow-{number}.example" for number in range(100)]
    calls = [asyncio.create_task(caller.call(endpoint(f"http://{name}/", ALLOW), Making())) for name in names]

    async def has_asked_all() -> bool:
        return set(unanswered.asked) == set(names)

    await eventually(has_asked_all)
    assert await caller.call(endpoint(f"http://quick.example:{desk.port}/", ALLOW), Making())
    assert not any(call.done() for call in calls)
    for call in calls:
        call.cancel()


async def test_a_name_that_is_not_answered_is_asked_once_and_all_calls_have_the_answer(
    caller: Caller, desk: Receiver, unanswered: Unanswered, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = endpoint(f"http://slow.example:{desk.port}/", ALLOW)
    monkeypatch.setattr(calling, "CALL_SECONDS", 0.1)
    for _ in range(3):
        assert await refused(caller, f"http://slow.example:{desk.port}/") == "timeout"
    monkeypatch.setattr(calling, "CALL_SECONDS", HANGS)
    both = [asyncio.create_task(caller.call(to, Making())) for _ in range(2)]
    unanswered.over.set()
    assert await asyncio.gather(*both) == [True, True]
    assert unanswered.asked[0] == "slow.example"
    assert len(unanswered.asked) <= 2  # the first answer may be there before both ask


async def test_so_many_names_are_asked_at_once_and_no_further_one(
    caller: Caller, unanswered: Unanswered, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolving, "OPEN_MAX", 1)
    monkeypatch.setattr(calling, "CALL_SECONDS", 0.1)
    assert await refused(caller, "http://slow.example/") == "timeout"
    assert await refused(caller, "http://other.example/") == "not-resolved"
    assert unanswered.asked == ["slow.example"]


# -- TLS


class Papers:
    """A certificate for a name, and the authority that signed it."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(exist_ok=True)
        authority = trustme.CA()
        issued = authority.issue_cert(name)
        self.arguments = str(folder / "cert.pem"), str(folder / "key.pem")
        issued.cert_chain_pems[0].write_to_path(self.arguments[0])
        issued.private_key_pem.write_to_path(self.arguments[1])
        self.context = ssl.create_default_context()
        authority.configure_trust(self.context)


async def test_the_certificate_is_that_of_the_name_and_not_of_the_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named(monkeypatch, ["127.0.0.1"])
    papers = Papers(tmp_path / "papers", "cases.health.example")
    caller = Caller(papers.context, ALLOW)
    with receiver(tmp_path / "tls", "http", *papers.arguments) as desk:
        making = Making()
        assert await refused(caller, f"https://other.example:{desk.port}/", making) == "tls"
        assert (
            await refused(Caller(ssl.create_default_context(), ALLOW), f"https://cases.health.example:{desk.port}/")
            == "tls"
        )
        assert (making.times, desk.got) == (0, [])
        assert await caller.call(endpoint(f"https://cases.health.example:{desk.port}/", ALLOW), Making())
        assert len(desk.got) == 1

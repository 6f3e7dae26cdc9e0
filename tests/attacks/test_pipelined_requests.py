"""A stranger on the HTTP port sends requests behind each other without a token and reads no answer, or every one.

Before: each read of 256 KiB became thousands of requests in memory (4.2 GiB in 55 s), and answering them kept the event
loop from the bus: the member fell silent for its peers. Now a connection has at most eight requests that are not
answered and 64 KiB that nobody took, all hold at most 32 MiB, HTTP runs on a loop of its own (ADR 0031), and strangers'
requests begin a few in each turn of that loop. Heads of thousands of fields took 23 times their bytes: a head has at
most 200, each counted with what it takes.
"""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from suar.api.http.door import HELD_MAX, STRANGERS_MAX
from support.kept import processor_seconds, resident

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.demos import Running

CONNECTIONS = 64
REQUESTS = b"GET /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 2_000
PROBES = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 2_000
STRANGERS = STRANGERS_MAX + 44  # so that new ones come all the time
CALLS = 4
QUICK = 3.0  # seconds of the gateway's processor in the quickest of them; it uses a third of one
ALLOWED = HELD_MAX + 64 * 1024 * 1024  # bytes that the process may grow by
DOCUMENT = "/schema/openapi.json"  # larger than what the system keeps of an answer that nobody reads
FIELDS = b"".join(b"%c%c:xy\r\n" % (97 + n % 26, 97 + n // 26 % 26) for n in range(4_000))
HEADS = b"GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s\r\n" % (DOCUMENT.encode(), FIELDS) * 40
BEATS = 3  # heartbeats that a peer must hear meanwhile
PATIENCE = 120.0  # seconds for them; two and a half intervals are enough


class Flood(threading.Thread):
    """Sends without end; `sent` bytes."""

    def __init__(self, address: tuple[str, int], requests: bytes, connections: int, *, reads: bool) -> None:
        super().__init__(daemon=True)
        self._address, self._requests, self._connections, self._reads = address, requests, connections, reads
        self.stop = threading.Event()
        self.sent = 0

    def run(self) -> None:
        at = {self._connect(): 0 for _ in range(self._connections)}
        while not self.stop.is_set():
            readable, writable, _ = select.select(list(at) if self._reads else [], list(at), [], 0.1)
            for each in {*readable, *writable}:
                try:
                    if each in readable and not each.recv(65_536):
                        raise ConnectionResetError
                    if each in writable:
                        done = each.send(self._requests[at[each] :])
                        at[each] = (at[each] + done) % len(self._requests)
                        self.sent += done
                except OSError:
                    each.close()
                    del at[each]
                    at[self._connect()] = 0
        for each in at:
            each.close()

    def _connect(self) -> socket.socket:
        made = socket.socket()
        made.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            made.connect(self._address)
        return made


@contextlib.contextmanager
def flooded(url: str, *, reads: bool, requests: bytes = REQUESTS, connections: int = CONNECTIONS) -> Iterator[Flood]:
    host, _, port = url.removeprefix("http://").rpartition(":")
    flood = Flood((host, int(port)), requests, connections, reads=reads)
    flood.start()
    try:
        yield flood
    finally:
        flood.stop.set()
        flood.join(60)


@pytest.mark.parametrize("reads", [False, True], ids=["without reading", "reading"])
def test_the_gateway_stays_small_answers_and_sends_heartbeats(demo: Running, reads: bool) -> None:
    attacked, peer = demo.content["members"][:2]
    pid, url = attacked["gateway"]["pid"], attacked["gateway"]["http"]
    with client(peer) as neighbour, client(attacked) as own:
        beats = Beats(neighbour, attacked["code"])
        beats.wait_for(1)
        before = resident(pid)
        with flooded(url, reads=reads) as flood:
            beats.wait_for(BEATS)
            assert own.get("/v1/keys").status_code == 200  # a token on a connection that stood before
            with client(attacked) as new:
                assert new.get("/healthz").status_code == 200
                assert new.get("/v1/keys").status_code == 200
            assert flood.sent > len(REQUESTS)
            assert resident(pid) - before < ALLOWED
        assert beats.were_in_time


def test_heads_of_many_fields_take_little_memory(demo: Running) -> None:
    attacked = demo.content["members"][2]
    pid, url = attacked["gateway"]["pid"], attacked["gateway"]["http"]
    with client(attacked) as own:
        assert own.get(DOCUMENT).status_code == 200  # made once, and kept
        before = resident(pid)
        with flooded(url, reads=False, requests=HEADS, connections=STRANGERS_MAX) as flood:
            until_sent(flood, 10 * STRANGERS_MAX * len(HEADS) // 40)
            assert own.get("/v1/peers").status_code == 200
            assert resident(pid) - before < ALLOWED


@pytest.mark.slow
def test_a_token_is_answered_before_strangers_in_a_flood(demo: Running) -> None:
    """As many as the port takes ask as fast as they can. Before, a call took 5 to 16 s: a dozen rounds of them all."""
    attacked = demo.content["members"][0]
    pid = attacked["gateway"]["pid"]
    with flooded(attacked["gateway"]["http"], reads=True, requests=PROBES, connections=STRANGERS) as flood:
        until_sent(flood, 20 * len(PROBES))
        used = []
        for _ in range(CALLS):
            before = processor_seconds(pid)
            with client(attacked) as own:
                assert own.get("/v1/peers").status_code == 200
            used.append(processor_seconds(pid) - before)
    assert min(used) < QUICK, used


def until_sent(flood: Flood, count: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while flood.sent < count:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def client(member: dict[str, Any]) -> httpx.Client:
    sent = {"Authorization": f"Bearer {member['tokens']['operate']}"}
    return httpx.Client(base_url=member["gateway"]["http"], headers=sent, trust_env=False, timeout=120)


class Beats:
    """Heartbeats of a member as a neighbour hears them."""

    def __init__(self, neighbour: httpx.Client, code: str) -> None:
        self._neighbour, self._code = neighbour, code
        self.were_in_time = True

    def wait_for(self, count: int) -> None:
        """Until so many more came; the neighbour calls the member down when one is missing.

        Not while it calls another one down too, who is not attacked: then the machine is late.
        """
        age, deadline = self._age(), time.monotonic() + PATIENCE
        while count:
            assert time.monotonic() < deadline, f"{count} heartbeats did not come"
            time.sleep(0.1)
            before, age = age, self._age()
            count -= age < before

    def _age(self) -> float:
        peers = {each["member"]: each for each in self._neighbour.get("/v1/peers").json()}
        line = peers.pop(self._code)
        self.were_in_time &= line["up"] or not all(each["up"] for each in peers.values())
        return float(line["heartbeat_age_seconds"])

"""How the link to the hub stands: what a dial meets at real sockets, and whose monitor is believed."""

import asyncio
import atexit
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import pytest

from suar.federation.monitor import Monitor
from suar.protocol.base.link_names import TWO_HUBS
from suar.service.status import hub_link
from suar.service.status.hub_link import FINE, UNKNOWN, HubProbe, LinkState, ProbedLink, both, dial

HOME = "127.0.0.1"


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What answers is waited for, however busy the machine is."""
    monkeypatch.setattr(hub_link, "PATIENCE", 60.0)


@asynccontextmanager
async def listening(serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any]) -> AsyncIterator[int]:
    """A TCP server that treats every connection so; its port."""
    writers: list[asyncio.StreamWriter] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        serve(reader, writer)

    server = await asyncio.start_server(handle, HOME, 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()
        await asyncio.sleep(0)


@cache
def closed_port() -> int:
    """A port at which nothing listens; it stays bound, so that nobody else gets it."""
    bound = socket.socket()
    bound.bind((HOME, 0))
    atexit.register(bound.close)
    return int(bound.getsockname()[1])


def greets(_: Any, writer: asyncio.StreamWriter) -> None:
    writer.write(b'INFO {"server_id":"N"}\r\n')


def cuts(_: Any, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


def stay_silent(*_: Any) -> None:
    pass


def answer_without_leafs(_: Any, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-something\r\n")


@pytest.mark.parametrize(
    ("serve", "met"), [(greets, "answers"), (stay_silent, "silent"), (cuts, "cut"), (answer_without_leafs, "cut")]
)
async def test_what_a_dial_meets(monkeypatch: pytest.MonkeyPatch, serve: Any, met: str) -> None:
    if met == "silent":
        monkeypatch.setattr(hub_link, "PATIENCE", 1.0)
    async with listening(serve) as port:
        assert await dial(HOME, port) == met


async def test_nothing_listens_or_no_way_there() -> None:
    assert await dial(HOME, closed_port()) == "refuses"
    assert await dial("no-such-host.invalid", 1) == "unreachable"


@asynccontextmanager
async def monitor(**varz: Any) -> AsyncIterator[int]:
    """A monitor that answers with these words."""
    body = json.dumps(varz).encode()

    def serve(_: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    async with listening(serve) as port:
        yield port


def remotes(*ports: int) -> dict[str, Any]:
    return {"remotes": [{"urls": [f"nats-leaf://{HOME}:{port}" for port in ports]}]}


async def test_a_source_that_gives_signs_is_answer_enough() -> None:
    assert await HubProbe([]).probe("N", 0.4) == FINE


@pytest.mark.parametrize("active", [None, -1.0, 9.0])
async def test_without_a_monitor_nothing_is_known(active: float | None) -> None:
    assert await HubProbe([]).probe("N", active) == UNKNOWN
    assert await HubProbe([Monitor(closed_port())]).probe("N", active) == UNKNOWN
    async with monitor(server_id="N", leafnodes=0) as port:
        assert await HubProbe([Monitor(port)]).probe("", active) == UNKNOWN  # we are connected to none


async def test_the_monitor_of_another_server_is_not_believed() -> None:
    async with monitor(server_id="OTHER", leafnodes=1) as port:
        assert await HubProbe([Monitor(port)]).probe("N", 9.0) == UNKNOWN


async def test_the_best_of_the_hub_s_addresses_counts() -> None:
    async with listening(greets) as hub, monitor(server_id="N", leafnodes=0, leaf=remotes(closed_port(), hub)) as port:
        assert await HubProbe([Monitor(port)]).probe("N", 9.0) == ProbedLink(has_leaf=False, hub="answers")


async def test_it_looks_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    assert hub_link.EVERY == 1.0
    monkeypatch.setattr(hub_link, "EVERY", 3600.0)
    async with monitor(server_id="N", leafnodes=1, leaf=remotes(closed_port())) as port:
        probe = HubProbe([Monitor(port)])
        found = await probe.probe("N", 9.0)
    assert found == ProbedLink(has_leaf=True, hub="refuses")
    assert await probe.probe("N", 9.0) == found  # the monitor has ended, and is not asked again so soon


A, B = TWO_HUBS
DOWN = ProbedLink(has_leaf=False, hub="refuses")
CUT_OFF = ProbedLink(has_leaf=False, hub="unreachable")


@pytest.mark.parametrize(
    ("first", "second", "active", "link"),
    [
        ((0.4, FINE), (0.9, FINE), 0.4, FINE),
        ((0.4, FINE), (60.0, DOWN), 0.4, FINE),
        ((-1.0, DOWN), (0.4, FINE), 0.4, FINE),
        ((60.0, DOWN), (30.0, ProbedLink(has_leaf=True, hub="silent")), 30.0, ProbedLink(has_leaf=True, hub="silent")),
        ((60.0, DOWN), (60.0, DOWN), 60.0, DOWN),
        ((60.0, DOWN), (60.0, CUT_OFF), 60.0, CUT_OFF),
        ((None, UNKNOWN), (-1.0, UNKNOWN), -1.0, UNKNOWN),
        ((None, UNKNOWN), (None, UNKNOWN), None, UNKNOWN),
    ],
    ids=["both", "second-down", "first-never", "frozen", "both-down", "our-side", "one-seen", "none"],
)
def test_two_lines_are_down_only_when_both_are(
    first: tuple[float | None, ProbedLink],
    second: tuple[float | None, ProbedLink],
    active: float | None,
    link: ProbedLink,
) -> None:
    """Where one hub is down and the way to the other one is cut, the fault is on our side."""
    assert both([LinkState(A, *first), LinkState(B, *second)]) == LinkState(A, active, link)


def test_a_line_is_up_while_its_source_is_active() -> None:
    assert [LinkState(A, active).is_standing for active in (0.0, 2.4, 2.5, -1.0, None)] == [
        True,
        True,
        False,
        False,
        False,
    ]


async def test_each_of_two_hubs_is_dialled_at_its_own_addresses() -> None:
    async with listening(greets) as hub:
        leaf = {"remotes": [
            {"local_account": "LINK_A", "urls": [f"{HOME}:{closed_port()}"]},
            {"local_account": "LINK_B", "urls": [f"{HOME}:{hub}"]},
        ]}  # fmt: skip
        linked = {"leafs": [{"account": "LINK_B"}]}  # this monitor says both on every path
        async with monitor(server_id="N", leafnodes=1, leaf=leaf, **linked) as port:
            assert await HubProbe([Monitor(port)], A).probe("N", 9.0) == ProbedLink(has_leaf=False, hub="refuses")
            assert await HubProbe([Monitor(port)], B).probe("N", 9.0) == ProbedLink(has_leaf=True, hub="answers")

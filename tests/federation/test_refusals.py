"""An object of OUTBOX that IN refuses, so that nothing behind it arrives: told at the hub, and passed over.

Before, the member was mute until the object's age, and everything looked well: the source is active and its `lag` is 0.
"""

from collections.abc import Iterator
from unittest import mock

import pytest

from suar.bus import ingest
from suar.bus.consume import Puller
from suar.bus.jsapi import Json, consumer_info, stream_info
from suar.demo.embedded.nats_federation import NatsFederation
from suar.federation import positions
from suar.federation.watching import refusals, rounds
from suar.federation.watching.hub_watch import HubWatch
from suar.federation.watching.rounds import SourceState
from suar.protocol.base.errors import Fault
from support.nats_server import drain, eventually, publish
from support.raw_link import raw_link, settle

MOST = 65_535  # bytes of the headers that OUTBOX takes
AROUND = len("NATS/1.0\r\nX: \r\n\r\n")


async def _puller(federation: NatsFederation) -> Puller:
    """SG, which has what TH sent before."""
    puller = Puller(await federation.connect("SG", "gateway"), "INBOX_SG", "gw")
    await _sent(federation, b"before")
    assert [each.data for each in await drain(puller, 1)] == [b"before"]
    return puller


async def _sent(federation: NatsFederation, word: bytes) -> None:
    await publish(await federation.connect("TH", "gateway"), "a.frame.all.01", [word], word.decode())


async def _send_what_is_refused(federation: NatsFederation) -> None:
    """Whoever has the user of TH's gateway: OUTBOX takes it, and no server removes it there."""
    admin = federation.members["TH"].admin
    await admin.request("a.frame.all.02", b"refused", headers={"X": "y" * (MOST - AROUND)})


def _of_th(seen: list[SourceState]) -> SourceState:
    return {each.name: each for each in seen}["OUTBOX_TH"]


async def _until(watch: HubWatch, kind: str) -> SourceState:
    found: list[SourceState] = []

    async def is_reported() -> bool:
        found.append(_of_th(await watch.run_once()))
        return found[-1].kind == kind

    await eventually(is_reported, 60)
    return found[-1]


@pytest.fixture
def soon() -> Iterator[None]:
    """A refused object is found after two deliveries instead of five: the server repeats it every two seconds."""
    with mock.patch.object(refusals, "FOR", 4.5):
        yield


@pytest.mark.slow
@pytest.mark.usefixtures("soon")
async def test_it_is_reported_with_its_number_and_passed_over(federation: NatsFederation) -> None:
    puller = await _puller(federation)
    await _send_what_is_refused(federation)
    await _sent(federation, b"after")
    watch = HubWatch(federation.hub)
    state = await _until(watch, "refused")
    assert "behind number 1 of OUTBOX_TH" in state.detail
    assert "pass-over TH" in state.detail
    assert await puller.fetch(wait=0.2) == []
    reports: list[str] = []
    federation.hub.report = reports.append
    await federation.hub.pass_over("TH")
    assert reports == ["IN_TH goes on behind object 2 of OUTBOX_TH, which it did not take"]
    assert [each.data for each in await drain(puller, 1)] == [b"after"]
    await _until(watch, "healthy")
    await _sent(federation, b"last")
    assert [each.data for each in await drain(puller, 1)] == [b"last"], "nothing comes twice"


@pytest.mark.slow
@pytest.mark.usefixtures("soon")
async def test_also_after_another_one_and_a_restart_of_the_hub(federation: NatsFederation) -> None:
    """IN is empty then: the second is directly behind the first."""
    puller = await _puller(federation)
    await _send_what_is_refused(federation)
    await _send_what_is_refused(federation)
    watch = HubWatch(federation.hub)
    await _until(watch, "refused")
    await federation.hub.pass_over("TH")
    await federation.servers.restart("hub")
    await federation.hub.admin.wait_connected(60)
    await _sent(federation, b"after")
    await _until(watch, "refused")
    reports: list[str] = []
    federation.hub.report = reports.append
    await federation.hub.pass_over("TH")
    assert reports == ["IN_TH goes on behind object 3 of OUTBOX_TH, which it did not take"]
    async with federation.watched(interval=1.0, dead_after=5.0):
        assert [each.data for each in await drain(puller, 1)] == [b"after"]


@pytest.mark.slow
async def test_nothing_is_passed_over_where_nothing_is_refused(federation: NatsFederation) -> None:
    puller = await _puller(federation)
    with pytest.raises(Fault, match="refuses nothing"):
        await federation.hub.pass_over("TH")
    await _sent(federation, b"after")
    assert [each.data for each in await drain(puller, 1)] == [b"after"]
    assert (await stream_info(ingest.of(federation.hub.admin, "TH"), "IN_TH"))["state"]["messages"] == 2


async def _up(federation: NatsFederation) -> Json:
    delivered: Json = (await consumer_info(federation.members["TH"].admin, "OUTBOX_TH", "up"))["delivered"]
    return delivered


@pytest.fixture
def sooner() -> Iterator[None]:
    with mock.patch.object(refusals, "FOR", 0.2):
        yield


@pytest.mark.usefixtures("sooner")
async def test_an_idle_server_is_not_queried(federation: NatsFederation) -> None:
    """Asking starts a working source over."""
    await _puller(federation)
    watch, before = HubWatch(federation.hub), await _up(federation)
    with mock.patch.object(positions, "has_more", side_effect=AssertionError):
        for at in (rounds.now() + seconds for seconds in range(6)):  # FOR is over at each look
            with mock.patch.object(refusals, "now", return_value=at):
                assert _of_th(await watch.run_once()).kind == "healthy"
    assert await _up(federation) == before


@pytest.mark.usefixtures("sooner")
async def test_nobody_is_reported_by_bytes_on_its_link_alone(federation: NatsFederation) -> None:
    """Whoever has the member's link sends what IN passes over: the member is asked, and OUTBOX has no more."""
    await _puller(federation)
    watch, member = HubWatch(federation.hub), federation.members["TH"].member
    kinds: set[str] = set()
    with (
        mock.patch.object(positions, "has_more", wraps=positions.has_more) as has_more,
        raw_link(federation.hub.plan.hub, member, federation.prepared.environs["th"]) as link,
    ):

        async def is_requested() -> bool:
            link.sendall(b"LMSG fed.up.th 60000\r\n" + b"x" * 60_000 + b"\r\n")
            settle(link)
            kinds.add(_of_th(await watch.run_once()).kind)
            return has_more.call_count > 1

        await eventually(is_requested, 60)
    assert kinds == {"healthy"}

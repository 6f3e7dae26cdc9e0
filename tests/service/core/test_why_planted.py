"""`suar why` finds each cause that is planted in a process, a file, a link or a clock, within 5 s of being knowable.

Nothing is ever written into a store. One federation for all: each test mends what it broke.
"""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from suar.cli.status import health
from suar.observe.checks import every as checks
from suar.protocol.base.instants import instant
from suar.service.core.observations import LINK_RECOVERY_MS
from support import stores
from support.gateways import draft
from support.newer_gateway import NEXT_MAJOR, OTHER_CODE
from support.planted import HEARTBEAT, PATIENCE, QUIET, REPORTED_WITHIN, SILENCE, Planted, restarted, until

BUNDLES_KEPT = 8
"""Of each member, so that an older one with a later end is not used."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def land(tmp_path_factory: pytest.TempPathFactory, each_store: str) -> AsyncIterator[Planted]:
    federation = Planted(tmp_path_factory.mktemp("planted"))
    try:
        await federation.start()
        yield federation
    finally:
        await federation.stop()


HISTORY = {"alarms", "gaps", "waiting", "deliveries-late", "quarantine", "trust-behind", "members-keyless"}
"""Checks that another test's fault may have left its mark on."""


async def test_every_check_of_a_gateway_that_is_well(land: Planted) -> None:
    await land.at_peace()

    async def well() -> bool:
        found = (await land["VN"].get("/v1/checks"))["checks"]
        assert {each["id"] for each in found} == set(checks.IDS)
        tolerated = HISTORY | {"disk"} | (set() if stores.is_sqlite() else {"store-replicas"})  # the cluster has none
        return not [each for each in found if each["status"] != "ok" and each["id"] not in tolerated]

    await until(well, PATIENCE)
    lines = await asyncio.to_thread(health.checks_of, land["VN"].folder)
    assert [line.id for line in lines] == [*checks.FOLDER, *(each["id"] for each in await _checks(land))]
    assert {line.status for line in lines if line.id in checks.FOLDER} == {"ok"}


async def _checks(land: Planted) -> list[dict[str, str]]:
    return list((await land["VN"].get("/v1/checks"))["checks"])


# -- what ends the matter


async def test_who_has_it_and_what_they_did(land: Planted) -> None:
    id_ = await land.publish("read", ["SG"])
    await land.expect_cause("stored", id_)
    assert (await land["SG"].get(f"/v1/messages/{id_}"))["id"] == id_
    await land.expect_cause("opened", id_)
    for stage in ("acknowledged", "acting"):
        body = f'{{"stage": "{stage}", "role": "duty-officer"}}'.encode()
        assert (await land["SG"].call("POST", f"/v1/messages/{id_}/receipts", body)).status_code == 200
        await land.expect_cause(stage, id_)
    await land.expect_cause("acting", id_, at="SG")
    await land.expect_cause("not-in-audience", id_, "VN")
    own = await land.why(id_, "TH")
    assert (own["cause"], own["next"]) == ("not-in-audience", "ask about another member that it is for")
    await land.expect_cause("not-a-member", id_, "ZZ")
    await land.expect_cause("not-ours", id_, "VN", at="SG")
    await land.whole("SG", "VN")  # else it may stand in what lacks
    await land.expect_cause("unknown-message", "VN-ALERT-2026-999999", "VN", at="SG")
    assert (await land["TH"].call("GET", "/v1/messages/TH-ALERT-2026-999999/why/SG")).status_code == 404


async def test_the_reader_s_language(land: Planted) -> None:
    id_ = await land.publish("in Thai", ["VN"])
    english, thai = await land.why(id_), await land.why(id_, lang="th")
    assert english["cause"] == thai["cause"] == "not-in-audience"
    assert (english["lang"], thai["lang"]) == ("en", "th")
    assert "สิงคโปร์" in thai["text"]
    assert english["text"] == "Singapore (SG) is not in the audience of this message"


async def test_recalled(land: Planted) -> None:
    id_ = await land.publish("taken back", ["SG"])
    await land.stored(id_)
    answer = await land["TH"].call("POST", f"/v1/messages/{id_}/cancel", b'{"reason": "wrong border post"}')
    assert answer.status_code in (200, 201), answer.text
    await land.expect_cause("recalled", id_)


async def test_held_here_and_rejected_here(land: Planted) -> None:
    answer = await land["TH"].call("POST", "/v1/tokens", b'{"name": "second", "scopes": ["approve"]}')
    code = {"Authorization": f"Bearer {answer.json()['claim']}"}
    answer = await land["TH"].call("POST", "/v1/tokens/claim", headers=code)
    second = {"Authorization": f"Bearer {answer.json()['token']}"}
    answer = await land["TH"].call("POST", "/v1/messages", json.dumps(draft("grave", severity="extreme")).encode())
    assert answer.status_code == 202, answer.text
    id_ = answer.json()["id"]
    await land.expect_cause("held-here", id_)
    answer = await land["TH"].call(
        "POST", f"/v1/messages/{id_}/reject", b'{"reason": "names a witness"}', headers=second
    )
    assert answer.status_code == 200, answer.text
    await land.expect_cause("rejected-here", id_)


# -- refused there


async def test_pain_01_refused_for_the_schema_and_the_sender_shows_it_in_5_s(land: Planted) -> None:
    id_ = await land.publish(NEXT_MAJOR)
    await land.expect_cause("schema-too-new", id_, within=REPORTED_WITHIN)


async def test_refused_there(land: Planted) -> None:
    id_ = await land.publish(OTHER_CODE)
    assert "E-MESSAGE-" in await land.expect_cause("refused-there", id_)


# -- what the members' list says


async def test_left_out_revoked_suspended_and_kind_not_permitted(land: Planted) -> None:
    """KH stands in the list and its gateway never ran."""
    land.newcomer("KH")
    await land.new_list()
    first = await land.publish("for whoever comes")
    await land.expect_cause("left-out", first, "KH")
    land.row("KH")[5] = ["trend"]
    await land.new_list()
    second = await land.publish("an alert")
    await land.expect_cause("kind-not-permitted", second, "KH")
    land.row("KH")[3][0][4] = land.now()
    await land.new_list()
    await land.expect_cause("revoked", first, "KH")
    land.row("KH")[2] = "suspended"
    await land.new_list()
    await land.expect_cause("suspended", first, "KH")


async def test_pain_01_a_key_out_of_its_time_and_then_a_stale_bundle(land: Planted) -> None:
    """SG's identity key ends, and its bundles with it; then the list gives the key its time back, and SG hangs."""
    key = land.row("SG")[3][0]
    until = key[3]
    for seconds in (5, 20, 80):  # a busy machine takes longer for the list and the bundles that end with the key
        key[3] = ends = land.now() + seconds * 1000
        await land.new_list()
        done = [(await land["SG"].call("POST", "/v1/keys/rotate")).status_code for _ in range(BUNDLES_KEPT)]
        if land.now() < ends:
            break
    assert (set(done), land.now() < ends) == ({200}, True), done
    await asyncio.sleep(max(0, ends - land.now()) / 1000)
    id_ = await land.publish("to a key that ended", ["SG"])
    await land.expect_cause("key-expired", id_, within=REPORTED_WITHIN)
    with land.frozen("SG"):
        key[3] = until
        await land.new_list(skipping=["SG"])
        await land.expect_cause("bundle-stale", id_, within=REPORTED_WITHIN)
    await land.stored(id_)


# -- processes and links


async def test_peer_silent_and_expired_before_delivery(land: Planted) -> None:
    with land.frozen("SG"):
        id_ = await land.publish("to a silent one", ["SG"])
        ends = land.now() + 4_000
        text = instant(ends)
        brief = await land.publish("a brief one", ["SG"], expires=text)
        await land.expect_cause(
            "peer-silent", id_, after=SILENCE + LINK_RECOVERY_MS / 1000
        )  # another test may have cut the line
        await land.expect_cause("expired-before-delivery", brief, after=max(0, ends - land.now()) / 1000)
    await land.stored(id_)


async def test_hub_down(land: Planted) -> None:
    hub = land.nats.servers.hub
    hub.kill()
    id_ = await land.publish("without a hub", ["SG"])
    await land.expect_cause("hub-down", id_, after=QUIET)
    await land.expect_cause("hub-down", id_, "SG", at="TH")
    hub.spawn()
    await hub.ready()
    await land.stored(id_)
    await land.at_peace()


async def test_our_uplink_down_at_the_hub(land: Planted) -> None:
    """The hub is there and does not take our link: its operator shut us out, or the certificate ended."""
    await land.nats.hub.suspend("TH")
    id_ = await land.publish("without an uplink", ["SG"])
    assert "link to the hub" in await land.expect_cause("uplink-down", id_, after=QUIET)
    await land.nats.hub.join("TH")
    await land.stored(id_)
    await land.at_peace()


async def test_our_uplink_down_at_home(land: Planted) -> None:
    server = land.nats.servers["TH"]
    server.kill()
    id_ = await land.publish("without a server", ["SG"])
    assert "own NATS server" in await land.expect_cause("uplink-down", id_)
    server.spawn()
    await server.ready()
    await land.stored(id_)
    await land.at_peace()


async def test_source_stalled(land: Planted) -> None:
    async with land.without_stream_down("TH"):
        id_ = await land.publish("nothing comes back", ["SG"])
        await land.expect_cause("source-stalled", id_, after=5, text="its stream to us")
    await land.stored(id_)
    await land.at_peace()


async def test_the_hub_s_source_stalled(land: Planted) -> None:
    async with land.without_stream_up("TH"):
        id_ = await land.publish("nothing gets there", ["SG"])
        await land.expect_cause("source-stalled", id_, after=SILENCE + QUIET, text="its stream from us")
    await land.stored(id_)
    await land.at_peace()


async def test_gap_open(land: Planted) -> None:
    """TH's frames do not reach SG; VN's heartbeat tells SG that there are some, and SG asks TH for them.

    TH is silent there, and VN's heartbeats go on naming newer frames of it: SG is told of the way, and calls nobody.
    """
    async with land.keeping("SG", "frame", sender="TH"):
        id_ = await land.publish("lost on the way")
        await land.stored(id_, "VN")
        await land.expect_cause("gap-open", id_, after=SILENCE)
        text = await land.expect_cause("heard-elsewhere", id_, "TH", at="SG", after=2 * SILENCE)
        assert "named by VN" in text


async def test_waiting_for_a_list(land: Planted) -> None:
    """The newest list never reaches SG, and what is sealed under it waits there."""
    async with land.keeping("SG", "trust"):
        await land.new_list(skipping=["SG"])
        id_ = await land.publish("under a new list", ["SG"])
        await land.expect_cause("waiting-for-a-list", id_)
        await land.expect_cause("waiting-for-a-list", id_, "TH", at="SG")
    assert (await land["SG"].call("POST", "/v1/trust", land.lists.data)).status_code == 200
    await land.stored(id_)


# -- clocks and disks


async def test_clock_wrong_here(land: Planted) -> None:
    with land.frozen("SG"):
        id_ = await land.publish("before the step back", ["SG"])
        land.set_clock("TH", land.shift - 600_000)
        await land.expect_cause("clock-wrong-here", id_)
        land.set_clock("TH", land.shift)
    await land.stored(id_)
    await land.at_peace()


async def test_pain_01_the_clock_is_wrong_there_and_the_sender_shows_it_in_5_s(land: Planted) -> None:
    """SG's clock is ten minutes slow: what the others seal is to it from the future, and waits."""
    land.shift += 600_000
    for code in ("TH", "VN"):
        land.set_clock(code, land.shift)
    await land.new_list(skipping=["SG"])  # new epochs
    id_ = await land.publish("from the future", ["SG"])
    await land.expect_cause("clock-wrong-there", id_, after=2 * HEARTBEAT, within=REPORTED_WITHIN)
    land.set_clock("SG", land.shift)
    await land.stored(id_)
    await land.at_peace()


async def test_pain_01_the_disk_is_full_there_and_the_sender_shows_it_in_5_s(land: Planted) -> None:
    """From some batch on SG's disk takes none; a heartbeat still fits, and says so."""
    sg = land["SG"]
    known = len(sg.events("store_failed"))
    restarted(sg, SUAR_FAULT_POINT="inbound.admitted:12:full")

    async def is_full() -> bool:
        return len(sg.events("store_failed")) > known

    await until(is_full, PATIENCE, sg.words)
    id_ = await land.publish("no room for it", ["SG"])
    await land.expect_cause("disk-full-there", id_, after=HEARTBEAT, within=REPORTED_WITHIN)
    restarted(sg)
    await sg.ready()
    await land.stored(id_)
    await land.at_peace()

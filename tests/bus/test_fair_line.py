"""The line is shared: a member with much to say delays another with little by no more than its part."""

import time

import pytest

from suar.bus import jsapi
from suar.bus.connect import Bus
from suar.demo.embedded.nats_federation import NatsFederation
from support.nats_server import eventually, publish

pytestmark = pytest.mark.essential

MANY, FEW = 6_000, 20


async def test_an_origin_with_a_long_queue_does_not_hold_up_one_with_a_short_one(federation: NatsFederation) -> None:
    """The hub takes from each member's stream by a consumer of its own, so REGION and every INBOX mix the two."""
    for code in ("TH", "MY"):
        await _pause(federation, code, 3600)
    th, my = await federation.connect("TH", "gateway"), await federation.connect("MY", "gateway")
    await publish(th, "a.frame.all.01", [b"x" * 1_500] * MANY)
    await publish(my, "a.frame.all.02", [b"y"] * FEW)
    await _continue_together(federation)
    sg = await federation.connect("SG", "gateway")
    last = {"th": 0, "my": 0}
    await eventually(lambda: _are_there(sg, MANY + FEW), 120)
    for code, token in (("th", "01"), ("my", "02")):
        found = await jsapi.last_for_subject(sg, "INBOX_SG", f"tip.v1.{code}.a.frame.all.{token}")
        assert found is not None
        last[code] = found.seq
    assert last["th"] == MANY + FEW
    assert last["my"] < MANY  # all of them before the long queue ended, though they were said after it


async def _continue_together(federation: NatsFederation) -> None:
    """The streams of both go on at one moment, whichever was linked first; the long one never before it was told."""
    admins = {code: await federation.connect(code, "admin") for code in ("MY", "TH")}
    end = time.time() + 0.5
    for code, admin in admins.items():
        await _pause_until(admin, code, end)


async def _pause(federation: NatsFederation, code: str, seconds: float) -> None:
    """The hub gets nothing of the member's stream for so long."""
    await _pause_until(await federation.connect(code, "admin"), code, time.time() + seconds)


async def _pause_until(admin: Bus, code: str, end: float) -> None:
    until = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(end)) + f".{int(end % 1 * 1e6):06}Z"
    await jsapi.call(admin, f"CONSUMER.PAUSE.OUTBOX_{code}.up", {"pause_until": until})


async def _are_there(sg: Bus, count: int) -> bool:
    state = (await jsapi.stream_info(sg, "INBOX_SG"))["state"]
    return bool(state["messages"] >= count)

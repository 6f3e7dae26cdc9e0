"""The line is shared: a member with much to say delays another with little by no more than its part."""

from nats_server import eventually, publish
from suar.bus import jsapi
from suar.bus.connect import Bus
from suar.demo.embedded import Embedded

MANY, FEW = 6_000, 20


async def test_an_origin_with_a_long_queue_does_not_hold_up_one_with_a_short_one(federation: Embedded) -> None:
    """The hub takes from each member's stream by a consumer of its own, so REGION and every INBOX mix the two."""
    federation.servers["hub"].kill()
    th, my = await federation.connect("TH", "gateway"), await federation.connect("MY", "gateway")
    await publish(th, "a.frame.all.01", [b"x" * 1_500] * MANY)
    await publish(my, "a.frame.all.02", [b"y"] * FEW)
    await federation.servers.restart("hub")
    sg = await federation.connect("SG", "gateway")
    last = {"th": 0, "my": 0}
    await eventually(lambda: _are_there(sg, MANY + FEW), 40)
    for code, token in (("th", "01"), ("my", "02")):
        found = await jsapi.last_for_subject(sg, "INBOX_SG", f"tip.v1.{code}.a.frame.all.{token}")
        assert found is not None
        last[code] = found.seq
    assert last["th"] == MANY + FEW
    assert last["my"] < MANY  # all of them before the long queue ended, though they were said after it


async def _are_there(sg: Bus, count: int) -> bool:
    state = (await jsapi.stream_info(sg, "INBOX_SG"))["state"]
    return bool(state["messages"] >= count)

"""A member's NATS user fills the hub with junk, from its own server: the hub's disk and every INBOX were full for all.

Before, REGION took OUTBOX of each member without a bound of its own, and a suspension freed nothing. Now the hub takes
so much of a member (IN_<CC>, `discard: new`) and the rest waits in its own OUTBOX; others are not touched, and its
suspension frees what the hub holds of it. Set small: 1 MiB of each member, where 640 are the default.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import pytest

from suar.bus.jsapi import stream_info
from support.gateways import Federation, draft, eventually
from support.nats_server import at_hub, publish

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.essential

MIB: Final = 1024 * 1024
BY: Final = "VN"
JUNK: Final = [b"%05d" % number + b"x" * 32_000 for number in range(80)]  # 2.5 MB


@pytest.fixture
async def federation(tmp_path: Path) -> AsyncIterator[Federation]:
    made = Federation(tmp_path, ("SG", "TH", BY))
    plan = made.nats.servers.plan
    made.nats.servers.plan = msgspec.structs.replace(plan, hub=msgspec.structs.replace(plan.hub, ingest_mb=1))
    try:
        await made.start()
        yield made
    finally:
        await made.stop()


async def test_others_continue_and_its_suspension_frees_the_hub(federation: Federation) -> None:
    hub = federation.nats.hub
    federation[BY].kill()  # its user alone is used

    async def held(stream: str) -> int:
        return int((await stream_info(at_hub(hub.admin, stream), stream))["state"]["bytes"])

    async def is_full() -> bool:
        return await held(f"IN_{BY}") + len(JUNK[0]) > MIB

    await publish(await federation.nats.connect(BY, "gateway"), "a.frame.all.01", JUNK)
    await eventually(is_full)
    await arrives(federation, "while it is full")
    assert await held(f"IN_{BY}") <= MIB
    assert await held("REGION") < 3 * MIB  # the junk, and what honest members sent
    waits = await stream_info(federation.nats.members[BY].admin, f"OUTBOX_{BY}")
    assert waits["state"]["bytes"] > len(JUNK) * len(JUNK[0])  # at its own server
    before = await held("REGION")
    await hub.suspend(BY)
    assert await held("REGION") < before - MIB / 2
    await arrives(federation, "after its suspension")


async def arrives(federation: Federation, title: str) -> None:
    """A message of an honest member reaches another one, whose gateway answers."""
    sent = await federation["TH"].publish(draft(title, ["SG"]))
    reader = federation["SG"]

    async def is_there() -> bool:
        return title in await reader.titles()

    assert sent
    await eventually(is_there, message=reader.words)

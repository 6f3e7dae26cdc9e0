"""A thief of a member's link sends one object whose subject's last token has 65,000 bytes: all gateways were deaf.

A link has no limit of 4 KiB for a line, and every filter lets any last token through, so the object came into every
INBOX for thirty days. Before, a gateway ended its connection at a line of more than 32 KiB, and read the object again
after it. Now a line may be as long as what a stream keeps; the subject is cut, refused by E-SUBJECT and passed.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import pytest

from suar.bus import ingest
from suar.bus.jsapi import consumer_info, stream_info
from support.gateways import Federation, draft, eventually
from support.raw_link import object_of, raw_link

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.essential

BY: Final = "VN"
SUBJECTS: Final = (b"a.frame.all." + b"x" * 65_000, b"a.frame.all." + b"\xff" * 65_000)
LONGEST_LINE: Final = 4096  # bytes of a log's line


@pytest.fixture
async def federation(tmp_path: Path) -> AsyncIterator[Federation]:
    made = Federation(tmp_path, ("SG", "TH", BY))
    try:
        await made.start()
        yield made
    finally:
        await made.stop()


async def test_every_gateway_continues_and_a_restart_changes_nothing(federation: Federation) -> None:
    federation[BY].kill()  # its link alone is used
    for subject in SUBJECTS:
        await _send(federation, subject)
    await _arrives(federation, "after the attack")
    for code in ("SG", "TH"):
        gateway = federation[code]

        async def refused(code: str = code) -> bool:
            return "E-SUBJECT" in federation[code].log.read_text()

        await eventually(refused, message=gateway.words)
        assert not gateway.events("bus_read_failed")
        assert max(map(len, gateway.log.read_text().splitlines())) < LONGEST_LINE
        checks = {check["id"]: check["status"] for check in (await gateway.get("/v1/checks"))["checks"]}
        assert checks["bus-read"] == "ok"
    assert federation["SG"].end() == 0
    await federation["SG"].start_and_wait()
    await _arrives(federation, "after a restart")


async def _send(federation: Federation, subject: bytes) -> None:
    """As a thief of `nats.env` and of the link's key file; nothing of the member's own is under way."""
    side, hub = federation.nats.members[BY], federation.nats.hub
    there = ingest.of(hub.admin, BY)
    before = (await stream_info(there, f"IN_{BY}"))["state"]["last_seq"]
    up = (await consumer_info(side.admin, f"OUTBOX_{BY}", "up"))["delivered"]
    number = before + 1  # IN takes what follows its own last one; OUTBOX has said as much
    assert number > up["stream_seq"]
    with raw_link(hub.plan.hub, side.member, federation.nats.prepared.environs[BY.lower()]) as link:
        ahead = number - up["stream_seq"]
        junk = object_of(side.member, up["consumer_seq"] + ahead, number, subject)
        await asyncio.to_thread(link.sendall, junk)

        async def is_there() -> bool:
            return bool((await stream_info(there, f"IN_{BY}"))["state"]["last_seq"] == before + 1)

        await eventually(is_there)


async def _arrives(federation: Federation, title: str) -> None:
    """A message of an honest member reaches another one."""
    [sent] = await federation["TH"].publish(draft(title, ["SG"]))
    reader = federation["SG"]

    async def is_there() -> bool:
        return title in await reader.titles()

    assert sent
    await eventually(is_there, message=reader.words)

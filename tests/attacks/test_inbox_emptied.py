"""The NATS user of a gateway deletes what its INBOX holds, before the gateway has read it.

Since a recall deletes frames in the own INBOX, that user may delete single messages there. Who has its seed, and not
the keyring, hides nothing with it: frames are numbered, so the gateway knows what it lacks and requests it from its
origin. Set small: the time after which SG passes over the hole (support.quick_holes), and that in which TH's stream
drops a copy.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from suar.bus import history, jsapi, streams
from suar.bus.connect import Bus
from support.gateways import Federation, Running, draft, eventually, now_ms

pytestmark = pytest.mark.slow
INBOX, OUTBOX = "INBOX_SG", "OUTBOX_TH"
REPEATED = 400.0
"""Seconds in which a request that was lost on a busy machine is repeated (after five minutes) and answered."""


@pytest.fixture
async def federation(tmp_path: Path) -> AsyncIterator[Federation]:
    made = Federation(tmp_path, ("SG", "TH"))
    made["SG"].module = "support.quick_holes"
    try:
        await made.start()
        admin = made.nats.members["TH"].admin
        config = await streams.stream_config(admin, "OUTBOX_TH") or {}
        await jsapi.call(admin, "STREAM.UPDATE.OUTBOX_TH", {**config, "duplicate_window": 1_000_000_000})
        yield made
    finally:
        await made.stop()


async def deleted(thief: Bus, before: int) -> list[bytes]:
    """Delete every frame of TH behind that sequence in SG's INBOX; what was deleted."""
    found, where = list[bytes](), await history.extent(thief, INBOX)
    async for part in history.between(thief, INBOX, before + 1, where.last):
        for each in part:
            is_frame = each.subject.startswith("tip.v1.th.") and ".frame." in each.subject
            if is_frame and await jsapi.delete_message(thief, INBOX, each.seq):
                found.append(each.data)
    return found


def since_the_restart(sg: Running, th: Running, start: int) -> str:
    """What both logs have since then, without heartbeats."""
    return "\n".join(f"{each.code}:\n{each.words_since(start)}" for each in (sg, th))


async def frames_since(owner: Bus, before: int) -> set[bytes]:
    """Every frame behind that sequence in OUTBOX of TH."""
    where = await history.extent(owner, OUTBOX)
    parts = [part async for part in history.between(owner, OUTBOX, before + 1, where.last)]
    return {each.data for part in parts for each in part if ".frame." in each.subject}


async def test_what_was_deleted_before_it_was_read_is_requested_and_comes(federation: Federation) -> None:
    sg, th = federation["SG"], federation["TH"]
    await federation.stored_everywhere("TH", *(await th.publish(draft("read before"))))
    sg.end()
    thief, owner = await federation.nats.connect("SG", "gateway"), federation.nats.members["TH"].admin
    before, sent_before = (await history.extent(thief, INBOX)).last, (await history.extent(owner, OUTBOX)).last
    (id_,) = await th.publish(draft("deleted before it was read"))

    async def has_left() -> bool:
        return (await th.states(id_))["SG"] == "sent"

    await eventually(has_left, message=th.words)
    sent, gone = await frames_since(owner, sent_before), set[bytes]()

    async def is_deleted() -> bool:
        gone.update(await deleted(thief, before))
        return sent <= gone  # not a heartbeat alone, while the message is still on its way

    await eventually(is_deleted)
    start = now_ms()
    await sg.start_and_wait()

    async def has_arrived() -> bool:
        return "deleted before it was read" in await sg.titles()

    await eventually(has_arrived, REPEATED, message=lambda: since_the_restart(sg, th, start))
    assert {each["member"] for each in th.events("sent_again")} == {"SG"}  # once more where it was slow to come

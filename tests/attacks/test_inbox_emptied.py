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
from support.gateways import Federation, draft, eventually

pytestmark = pytest.mark.slow
INBOX = "INBOX_SG"


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


async def deleted(thief: Bus, before: int) -> int:
    """Delete every frame of TH behind that sequence in SG's INBOX; how many."""
    count, where = 0, await history.extent(thief, INBOX)
    async for part in history.between(thief, INBOX, before + 1, where.last):
        for each in part:
            if each.subject.startswith("tip.v1.th.") and ".frame." in each.subject:
                count += await jsapi.delete_message(thief, INBOX, each.seq)
    return count


async def test_what_was_deleted_before_it_was_read_is_requested_and_comes(federation: Federation) -> None:
    sg, th = federation["SG"], federation["TH"]
    await federation.stored_everywhere("TH", *(await th.publish(draft("read before"))))
    sg.end()
    thief = await federation.nats.connect("SG", "gateway")
    before, counts = (await history.extent(thief, INBOX)).last, list[int]()
    await th.publish(draft("deleted before it was read"))

    async def is_deleted() -> bool:
        counts.append(await deleted(thief, before))
        return sum(counts) > 0 and counts[-1] == 0

    await eventually(is_deleted)
    await sg.start_and_wait()

    async def has_arrived() -> bool:
        return "deleted before it was read" in await sg.titles()

    await eventually(has_arrived, message=sg.words)
    assert {each["member"] for each in th.events("sent_again")} == {"SG"}  # once more where it was slow to come

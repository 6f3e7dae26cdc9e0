"""Pain 8, acknowledged, then lost: whatever is killed, a message with a receipt exists at both ends."""

import asyncio
import contextlib
import random
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from suar.store.recovery import copies
from support.gateways import AGAIN, Federation, draft, eventually, running

pytestmark = [
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]
VICTIMS = ("SG", "TH", "hub", "VN", "th", "sg", "TH", "vn")  # gateways by code, servers by their names
BATCH = 15
RECEIPTS = """
    select place.id, place.rev, statement.member, statement.places, place.place
    from statement join place on place.frame_hash = statement.frame_hash where statement.stage = 'stored'
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def three(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Federation]:
    async with running(tmp_path_factory.mktemp("pain8"), "SG", "TH", "VN") as federation:
        yield federation


async def test_pain_08_what_has_a_receipt_is_at_both_ends_whatever_is_killed(three: Federation, tmp_path: Path) -> None:
    """Gateways and servers with -9 at any moment while messages flow; each look is at stores as the kill left them."""
    rng, accepted, shown = random.Random(8), list[str](), 0
    async with three.nats.watched():
        for n, victim in enumerate(VICTIMS):
            publishing = asyncio.create_task(_publish(three, n, accepted))
            await asyncio.sleep(rng.uniform(0.02, 0.5))
            _kill(three, victim)
            shown = max(shown, _compare(three, tmp_path / str(n)))
            await publishing
            await _restart(three, victim)
        await three.stored_everywhere("TH", *accepted, within=AGAIN)
    assert _compare(three, tmp_path / "end") >= 2 * len(accepted) >= 2 * BATCH
    assert shown
    for code in ("SG", "VN"):
        titles = await three[code].titles()
        assert len(titles) == len(set(titles))


async def _publish(three: Federation, n: int, accepted: list[str]) -> None:
    """What the gateway answered is accepted; when it dies meanwhile, the rest is not."""
    for part in range(BATCH):
        with contextlib.suppress(httpx.HTTPError, OSError):
            accepted += await three["TH"].publish(draft(f"kept {n} {part}"))
        await asyncio.sleep(0.02)


def _kill(three: Federation, victim: str) -> None:
    if victim.isupper():
        three[victim].kill()
    else:
        three.nats.servers[victim].kill()


async def _restart(three: Federation, victim: str) -> None:
    if victim.isupper():
        await three[victim].start_and_wait()
    else:
        await three.nats.servers.restart(victim)
        await eventually(lambda: asyncio.sleep(0, three.nats.servers[victim].is_running), 120)


def _compare(three: Federation, folder: Path) -> int:
    """How many receipts the publisher's store holds; every one of them is about a text that both ends hold.

    The publisher's store is copied first: what it says then is true of the others since.
    """
    folder.mkdir()
    for code in ("TH", "SG", "VN"):
        copies.copy(three[code].folder / "suar.db", folder / code)
    receipts = [row for row in _rows(folder / "TH", RECEIPTS) if not row[3] or f",{row[4]}," in row[3]]
    held = {
        code: set(_rows(folder / code, "select id, rev from message where body is not null")) for code in three.gateways
    }
    for id_, rev, member, _, _ in receipts:
        assert (id_, rev) in held[member], f"{member} confirmed {id_} and has it not"
        assert (id_, rev) in held["TH"], id_
    return len(receipts)


def _rows(store: Path, sql: str) -> list[tuple]:  # type: ignore[type-arg]  # rows of any shape
    with contextlib.closing(sqlite3.connect(store)) as connection:
        return connection.execute(sql).fetchall()

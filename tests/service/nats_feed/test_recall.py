"""What is recalled, withdrawn or replaced leaves no text in the files of the server, and none to fetch."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from suar.service.nats_feed import held, writer
from support.kit import id_of, urgent
from support.nats_desk import NatsDesk, nats_desk_of

WORDS = "seventeen passports in a blue van"
TEXT = [{"lang": "en", "title": WORDS, "summary": f"They have {WORDS}"}]
OTHER: dict[str, Any] = {"rev": 2, "text": [{"lang": "en", "title": "Another", "summary": "Another text"}]}
ENDS = {
    "suar.message.cancel": OTHER | {"action": "cancel", "reason": "wrong"},
    "suar.message.withdraw": OTHER | {"action": "update", "tlp": "AMBER+STRICT"},
    "suar.message.update": OTHER | {"action": "update"},
}


@pytest_asyncio.fixture
async def at(tmp_path: Path) -> AsyncIterator[NatsDesk]:
    async with nats_desk_of(tmp_path, is_plain=True) as made:
        yield made


@pytest.mark.parametrize("expected", ENDS)
@pytest.mark.parametrize("how_far", ["published", "fetched", "acknowledged"])
async def test_the_text_is_gone_from_disk_and_from_every_later_fetch(at: NatsDesk, expected: str, how_far: str) -> None:
    await at.register("health", max_tlp="AMBER")
    await at.desk.receive(urgent(1, text=TEXT), urgent(2))
    await at.write()
    assert at.on_disk(WORDS.encode()) != []
    async with at.reader("health") as program:
        if how_far == "fetched":
            assert len(await program.fetch()) == 2
        elif how_far == "acknowledged":
            assert len(await program.read()) == 2
        await at.desk.receive(urgent(1, **ENDS[expected]))
        await at.write()
        assert at.on_disk(WORDS.encode()) == []
        events = await program.read()
        assert (id_of(1), expected) in [(each["subject"], each["type"]) for each in events]
        assert WORDS not in str(events)
    assert at.on_disk(id_of(1).encode()) != []  # what is searched has the rest of it


@pytest.mark.parametrize("most", [writer.CHANGED_MAX, 0])
async def test_the_text_of_one_that_does_not_read_is_erased_too(
    at: NatsDesk, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """Also where more messages changed than are kept by name: then every event is judged."""
    monkeypatch.setattr(writer, "CHANGED_MAX", most)
    monkeypatch.setattr(held, "HELD_EVENTS", 2)
    await at.register("health")
    await at.desk.receive(urgent(1, text=TEXT), urgent(2))
    await at.write()
    await at.desk.receive(urgent(1, **ENDS["suar.message.cancel"]))
    await at.write()
    assert at.on_disk(WORDS.encode()) == []
    async with at.reader("health") as program:
        found = [(each["subject"], each["type"]) for each in await program.read()]
        await at.write()
        found += [(each["subject"], each["type"]) for each in await program.read()]
    assert found == [(id_of(2), "suar.message.new"), (id_of(1), "suar.message.cancel")]


async def test_a_gateway_that_is_killed_before_the_tombstone_erases_at_its_next_start(at: NatsDesk) -> None:
    await at.register("health")
    await at.desk.receive(urgent(1, text=TEXT))
    await at.write()
    await at.desk.receive(urgent(1, **ENDS["suar.message.cancel"]))
    at.restart()
    await at.write()
    assert at.on_disk(WORDS.encode()) == []
    async with at.reader("health") as program:
        assert [each["type"] for each in await program.read()] == ["suar.message.cancel"]


async def test_a_suspension_leaves_no_text_on_disk(at: NatsDesk) -> None:
    await at.register("health")
    await at.desk.receive(urgent(1, text=TEXT))
    await at.write()
    await at.desk.act("health", "suspend")
    await at.write()
    assert at.on_disk(WORDS.encode()) == []

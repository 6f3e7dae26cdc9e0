"""Many receivers that hang or answer slowly, and a gateway that is a process: another agency's events do not wait for
them, neither at their first calls nor after a restart nor when they answer 2xx late.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.gateways import Running, draft, eventually, running
from support.hostile_receivers import Attacker, answering, listening

pytestmark = pytest.mark.slow

HANGING = 140
ROUNDS = 3
"""Events of which one is to arrive in time: on a machine that is busy enough, a call has its 15 seconds before all have
begun."""
TOML = '\n[webhooks]\nallow = ["127.0.0.0/8"]\n'
OK = answering("204 No Content")


class Hanging:
    """A receiver of many agencies that answers 204 when it is told to; `left` counts who called and did not wait."""

    def __init__(self) -> None:
        self.over, self.waiting, self.left = asyncio.Event(), 0, 0

    async def __call__(self, to: Attacker, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        leaving, answering = asyncio.create_task(reader.read(1)), asyncio.create_task(self.over.wait())
        self.waiting += 1
        await asyncio.wait({leaving, answering}, return_when=asyncio.FIRST_COMPLETED)
        self.waiting -= 1
        self.left += leaving.done()
        leaving.cancel()
        answering.cancel()
        await OK(to, reader, writer)


class Stage:
    """The gateway, the receiver that hangs, and one that does not."""

    def __init__(self, gateway: Running, hanging: Hanging, quick: Attacker) -> None:
        self.gateway, self.hanging, self.quick = gateway, hanging, quick

    async def register(self, name: str, port: int) -> None:
        url = f"http://127.0.0.1:{port}/{name}"
        body = {"name": name, "sector": "health", "kinds": ["alert"], "max_tlp": "AMBER", "webhook": url}
        made = await self.gateway.call("POST", "/v1/agencies", json.dumps(body).encode())
        assert made.status_code == 201, made.text

    async def deliver(self) -> bool:
        """Publish an event; whether the quick receiver has it, and all others are called, while no call is over."""
        self.hanging.over.clear()
        left = self.hanging.left
        [id_] = await self.gateway.publish(draft("an alert for all"))

        async def has_it() -> bool:
            return f"{id_}/1" in self.quick.ids and (self.hanging.waiting == HANGING or self.hanging.left > left)

        await eventually(has_it, 120, self.words)
        return self.hanging.left == left

    async def answer(self) -> None:
        """Let the others answer all that waits."""
        self.hanging.over.set()

        async def waits_for_none() -> bool:
            hooks = [each["webhook"] for each in await self.gateway.get("/v1/agencies")]
            return all(hook["waiting"] == 0 and hook["last_outcome"] == "delivered" for hook in hooks)

        await eventually(waits_for_none, 120, self.words)

    def words(self) -> str:
        """What happened so far."""
        return f"{self.hanging.waiting} wait, {self.hanging.left} left, {self.quick.ids}\n{self.gateway.words()}"


@pytest.fixture
async def stage(tmp_path: Path, each_store: str) -> AsyncIterator[Stage]:
    hanging = Hanging()
    async with (
        listening({"hanging": (hanging, None), "quick": (OK, None)}) as receivers,
        running(tmp_path / "two", "SG", "TH") as federation,
    ):
        gateway = federation["SG"]
        gateway.end()
        with (gateway.folder / "suar.toml").open("a") as file:
            file.write(TOML)
        await gateway.start_and_wait()
        made = Stage(gateway, hanging, receivers["quick"])
        for number in range(HANGING):
            await made.register(f"hanging-{number}", receivers["hanging"].port)
        await made.register("quick", receivers["quick"].port)  # the last one by its name too
        yield made
        hanging.over.set()


async def test_an_event_arrives_while_all_other_receivers_hang(stage: Stage) -> None:
    async def one_in_time() -> bool:
        for _ in range(ROUNDS):
            is_in_time = await stage.deliver()
            await stage.answer()
            if is_in_time:
                return True
        return False

    assert await one_in_time(), f"at the first calls\n{stage.words()}"
    assert await one_in_time(), f"after answers that took long\n{stage.words()}"
    stage.gateway.end()
    await stage.gateway.start_and_wait()
    assert await one_in_time(), f"after a restart\n{stage.words()}"

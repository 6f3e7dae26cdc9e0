"""What the arena of the benchmarks waits for before it goes on."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from suar.bench.arena.arena import Arena
from suar.protocol.base.errors import Fault
from suar.service.pacing.readiness import NO_SERVER


class Sender:
    """A sender's NATS server and its gateway, which knows after so many rounds that the server is gone."""

    def __init__(self, rounds: int) -> None:
        self.rounds, self.is_killed = rounds, False

    def kill(self) -> None:
        self.is_killed = True

    async def blocking_reasons(self) -> list[str]:
        assert self.is_killed
        self.rounds -= 1
        return [] if self.rounds else [NO_SERVER]


def arena_of(sender: Sender) -> Arena:
    nats = SimpleNamespace(servers={"TH": sender})
    federation = SimpleNamespace(nats=nats, desk={"TH": sender}.__getitem__)
    return Arena(Path(), cast("Any", federation), cast("Any", nats), ())


async def test_a_server_is_away_once_its_gateway_knows_it() -> None:
    """Before, some 72 of 600 messages were sealed for the dead server, and the alert came after them."""
    sender = Sender(rounds=3)
    await arena_of(sender).disconnect("TH")
    assert sender.rounds == 0


async def test_a_gateway_that_never_knows_it_is_a_fault() -> None:
    with pytest.raises(Fault, match="the gateway of TH has a server after 0 s"):
        await arena_of(Sender(rounds=10**9)).disconnect("TH", within=0.0)

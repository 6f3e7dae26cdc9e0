"""What is started on entry is stopped at the end of its block, and also if its start fails half way."""

import pytest

from suar.demo.embedded.federation import Federation
from suar.demo.embedded.nats_federation import NatsFederation, Startable


class Parts(Startable):
    def __init__(self, error: BaseException | None = None) -> None:
        self.error, self.calls = error, list[str]()

    async def start_all(self) -> None:
        self.calls.append("start")
        if self.error is not None:
            raise self.error

    async def stop(self) -> None:
        self.calls.append("stop")


async def test_it_is_stopped_at_the_end_of_the_block() -> None:
    async with Parts() as parts:
        assert parts.calls == ["start"]
    assert parts.calls == ["start", "stop"]


async def test_it_is_stopped_when_the_block_fails() -> None:
    parts = Parts()
    with pytest.raises(ValueError, match="in the block"):
        async with parts:
            raise ValueError("in the block")
    assert parts.calls == ["start", "stop"]


@pytest.mark.parametrize("error", [ValueError("no server"), KeyboardInterrupt()], ids=["fault", "interrupt"])
async def test_a_start_that_fails_stops_what_was_started(error: BaseException) -> None:
    parts = Parts(error)
    with pytest.raises(type(error)):
        async with parts:
            pytest.fail("the block began")
    assert parts.calls == ["start", "stop"]


def test_both_federations_are_started_so() -> None:
    assert issubclass(NatsFederation, Startable)
    assert issubclass(Federation, Startable)
    assert "__aenter__" not in {**vars(NatsFederation), **vars(Federation)}

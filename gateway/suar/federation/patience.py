"""Waiting for servers: for an answer or a condition, always with a time limit."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from suar.bus.errors import NOT_READY, ApiError, BusError, NoAnswer, NoResponders
from suar.protocol.base.errors import Fault

POLL = 0.02  # seconds
_SEE_LOG = "see whether every server of the hub runs, and the hub's log; then run this again"

Answer = TypeVar("Answer")


async def repeat_unanswered(step: Callable[[], Awaitable[Answer]], wait: float = 30.0) -> Answer:
    """Repeat requests of the hub's JetStream for `wait` seconds that nobody answers, or that it cannot serve yet.

    A cluster is ready when its servers know each other and elected a leader. `step` may have taken effect although its
    answer was lost. Raises Fault, and at once what no waiting changes.
    """
    deadline = asyncio.get_running_loop().time() + wait
    while True:
        try:
            return await step()
        except BusError as error:
            if not _is_passing(error):
                raise
            if asyncio.get_running_loop().time() > deadline:
                raise Fault(f"the hub's JetStream is not ready: {error}", _SEE_LOG) from error
            await asyncio.sleep(0.25)


def _is_passing(error: BusError) -> bool:
    """Whether the same request may succeed later."""
    return isinstance(error, NoAnswer | NoResponders) or (isinstance(error, ApiError) and error.err_code in NOT_READY)


async def wait_until(condition: Callable[[], Awaitable[bool]], wait: float, fault: Fault) -> None:
    """Wait for the condition. Raises `fault` if it does not become true within `wait` seconds."""
    if not await is_true_within(condition, wait):
        raise fault


async def is_true_within(condition: Callable[[], Awaitable[bool]], wait: float, pause: float = POLL) -> bool:
    """Whether the condition becomes true within `wait` seconds."""
    deadline = asyncio.get_running_loop().time() + wait
    while not await condition():
        if asyncio.get_running_loop().time() > deadline:
            return False
        await asyncio.sleep(pause)
    return True

"""Waiting for servers: for an answer or a condition, always with a time limit."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from suar.bus.errors import NoAnswer, NoResponders
from suar.protocol.base.errors import Fault

POLL = 0.02  # seconds

Answer = TypeVar("Answer")


async def repeat_unanswered(step: Callable[[], Awaitable[Answer]], wait: float = 30.0) -> Answer:
    """Repeat requests of the hub's JetStream that nobody answers, for `wait` seconds: a cluster elects a leader first.

    `step` may have taken effect although its answer was lost. Raises Fault.
    """
    deadline = asyncio.get_running_loop().time() + wait
    while True:
        try:
            return await step()
        except (NoAnswer, NoResponders) as error:
            if asyncio.get_running_loop().time() > deadline:
                raise Fault(f"the hub's JetStream does not answer: {error}", "see the hub's log") from error
            await asyncio.sleep(0.25)


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

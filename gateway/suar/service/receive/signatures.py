"""[F1] [F4] Verifies the signatures of a batch's frames on two CPUs before the batch is judged in order.

The core's thread and a worker each verify a few at a time until none is left. Verifying the next batch while this one
is judged was slower: each thread returns from the library every 50 microseconds and then waits for the interpreter
lock, and so does the core.
"""

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Executor
from typing import Final

from suar.protocol.base.errors import Refused
from suar.protocol.transport import frame as frames
from suar.protocol.transport.frame import Parsed, Verified
from suar.protocol.transport.world import World

_SHARED_FROM: Final = 8  # frames in a batch: fewer are verified faster than they are handed over
_BATCH: Final = 8  # half a millisecond: the longest wait of the thread that finishes first
_Check = tuple[Parsed, bytes, str]
_Part = list[tuple[int, _Check]]


def verify_signatures(world: World, objects: Sequence[bytes], pool: Executor) -> list[Verified | None]:
    """Return a verdict for each object; None where admission decides: no frame, no open epoch, no valid signature."""
    found: list[Verified | None] = [None] * len(objects)
    if len(objects) < _SHARED_FROM:
        return found
    known = [(at, check) for at, data in enumerate(objects) if (check := _check_of(world, data))]
    left = deque(known[first : first + _BATCH] for first in range(0, len(known), _BATCH))
    other = pool.submit(_verify_parts, left, found)
    _verify_parts(left, found)
    other.result()
    return found


def _verify_parts(left: deque[_Part], found: list[Verified | None]) -> None:
    """Verify part after part, until none is left."""
    while True:
        try:
            part = left.popleft()
        except IndexError:
            return
        verdicts = frames.verify_all([check for _, check in part])
        for (at, _), verdict in zip(part, verdicts, strict=True):
            found[at] = verdict


def _check_of(world: World, data: bytes) -> _Check | None:
    """[F1] Return the frame and the inputs of its signature check."""
    state = world.epochs.get(data[4:36]) if data[:4] == frames.MAGIC else None
    if state is None or state.kind != "open":
        return None
    try:
        return frames.parse(data), state.epoch.public, state.epoch.realm
    except Refused:
        return None

"""[F1] [F4] The signatures of a batch's frames, checked on two cores before the batch is judged in order.

The core's thread takes one half and waits for the other. Checking the next batch meanwhile was slower: each thread
comes back from the library every 50 microseconds and then waits for its turn of the interpreter, and so does the core.
"""

from collections.abc import Sequence
from concurrent.futures import Executor
from typing import Final, NamedTuple

from suar.protocol import frame as frames
from suar.protocol.errors import Refused
from suar.protocol.frame import Parsed, Verified
from suar.protocol.world import World

_SHARED_FROM: Final = 8  # frames in a batch: fewer are checked sooner than they are handed over


class _Check(NamedTuple):
    """What one frame's signature is checked with."""

    data: bytes
    public: bytes
    realm: str


class _Hashed(NamedTuple):
    """[F1] A frame of the right form with its hash, and what its signature is checked with."""

    parsed: Parsed
    hash: bytes
    check: _Check


def verified(world: World, objects: Sequence[bytes], beside: Executor) -> list[Verified | None]:
    """A verdict an object; None where it is admission's to find: no frame, no open epoch, no valid signature."""
    if len(objects) < _SHARED_FROM:
        return [None] * len(objects)
    checks = [_check_of(world, data) for data in objects]
    half = len(checks) // 2
    other = beside.submit(_verify, checks[half:])
    return _verify(checks[:half]) + other.result()


def _check_of(world: World, data: bytes) -> _Check | None:
    state = world.epochs.get(data[4:36]) if data[:4] == frames.MAGIC else None
    if state is None or state.kind != "open":
        return None
    return _Check(data, state.epoch.public, state.epoch.realm)


def _verify(checks: Sequence[_Check | None]) -> list[Verified | None]:
    """All hashes, then all signatures: what runs between two signatures keeps the other thread waiting."""
    hashed = [_hashed(check) if check else None for check in checks]
    return [_signed(each) if each else None for each in hashed]


def _hashed(check: _Check) -> _Hashed | None:
    try:
        return _Hashed(frames.parse(check.data), frames.frame_hash(check.data, check.realm), check)
    except Refused:
        return None


def _signed(hashed: _Hashed) -> Verified | None:
    try:
        return frames.verify_hashed(hashed.parsed, hashed.hash, hashed.check.public, hashed.check.realm)
    except Refused:
        return None

"""What this gateway says of its own troubles in its heartbeats ([F11]), and how it knows that its clock is wrong."""

import shutil
from statistics import median
from typing import Final

from suar.observe.checks import DISK_CRITICAL
from suar.protocol import limits
from suar.protocol.heartbeat import Trouble
from suar.service.core import Core

AGREE: Final = 2  # members whose clocks differ from ours in one direction: it is ours


def troubles(core: Core) -> list[Trouble]:
    """In the order of the standard. Where the store takes nothing at all, none of it can leave."""
    now, trust = core.clock(), core.world.trust
    is_full = core.hearing.is_full(now) or disk_free(core) < DISK_CRITICAL
    said: dict[Trouble, bool] = {
        "disk": is_full,
        "clock": is_clock_wrong(core, now),
        "store": not is_full and core.hearing.is_failing(now),
        "trust": trust.current is None or now >= trust.current.expires,
        "bundle": core.world.bundles.newest_valid(core.member, trust, now) is None,
    }
    return [word for word, is_so in said.items() if is_so]


def disk_free(core: Core) -> int:
    """Bytes free where the state folder is."""
    return shutil.disk_usage(core.config.folder).free


def is_clock_wrong(core: Core, now: int) -> bool:
    """Ours: behind what it showed before ([T14]), or against the clocks of several members at once."""
    return core.world.is_clock_back(now) or waits_for_time(core, now) >= AGREE or clock_error(core, now) != 0


def waits_for_time(core: Core, now: int) -> int:
    """Of how many members something waits for its time."""
    return sum(at > now + limits.CLOCK_TOLERANCE for at in core.world.time_waits.values())


def clock_error(core: Core, now: int) -> int:
    """How far our clock is ahead of the others' (ms) when all that are heard agree in the direction; else 0."""
    offsets = [offset for code, offset in core.hearing.offsets.items() if is_heard(core, code, now)]
    far = [offset for offset in offsets if abs(offset) > limits.CLOCK_TOLERANCE]
    if len(far) < AGREE or len(far) < len(offsets) or len({offset > 0 for offset in far}) > 1:
        return 0
    return -round(median(far))


def is_heard(core: Core, code: str, now: int) -> bool:
    """Whether a heartbeat came within two intervals."""
    heard = core.last_heard.get(code)
    return heard is not None and now - heard <= 2 * core.config.bus.heartbeat_seconds * limits.SECOND

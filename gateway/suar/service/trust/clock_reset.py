"""[T14] Resets the highest time seen, when an operator requests it after a clock that ran ahead."""

from typing import Any

from suar.protocol.base.instants import rfc3339
from suar.service.core.core import Core
from suar.service.gaps.resealing import reseal_unconfirmed
from suar.store.engine import meta
from suar.store.people import access
from suar.store.recovery import clock_reset


def reset_clock(core: Core, who: str) -> dict[str, Any]:
    """[T14] Set the highest time seen to the current time, and reseal unconfirmed messages that were dated ahead."""
    with core.transaction() as connection:
        before, now = core.world.highest_time, core.clock()
        core.world.reset_time(now)
        meta.put(connection, "highest_time", str(now))
        access.note(connection, who, "reset-clock", f"{before} {now}", now)
        clock_reset.clamp_times(connection, now)
        core.clamp_times(now)
        reseal_unconfirmed(core, connection, {core.member})  # receivers may refuse what was dated ahead ([E6])
    return {"before": rfc3339(before), "now": rfc3339(now)}

"""[E12] Finds by its own signs that this machine was put back whole, and holds new ids until the first object returned.

The hub's consumers do not go back, so INBOX does not get the objects of the lost time again: nothing there shows which
numbers of ids were used. Two signs do. While the hub drops what we send since the start, a range of numbers is skipped,
because that is no proof yet. When the first object of ours returns, and ones that were sealed before it since the start
did not, the hub took them for objects that it had. With the first sign that is certain, and `restored` about ourselves
is raised; without it, the hub's store may have been put back instead, and only a range is skipped. Where an id is
needed and there is neither sign, as while the hub is away, a range is skipped as a precaution.
"""

from collections.abc import Callable
from typing import Final

from suar.protocol.base import limits
from suar.service.core.core import Core
from suar.service.gaps import own_numbers
from suar.service.pacing.heartbeat_pace import HeartbeatPace
from suar.service.pacing.readiness import Readiness
from suar.service.pacing.return_order import ReturnOrder

FIRST: Final = 10 * limits.SECOND
"""ms in which a link comes up after a start, and in which the first object returns: the sources of a server that has
just started take some seconds.
"""
START: Final = 15 * limits.SECOND
"""ms from the start of the process in which a first heartbeat is expected to leave: it waits 10 s for key bundles."""


class PutBackWatch:
    """The signs of one gateway. `is_doubtful`: whether the own stream or the state is known to have been put back."""

    def __init__(
        self, core: Core, ready: Readiness, pace: HeartbeatPace, order: ReturnOrder, is_doubtful: Callable[[], bool]
    ) -> None:
        self._core, self._ready, self._pace, self._order = core, ready, pace, order
        self._is_doubtful = is_doubtful
        self._is_dropped = False  # the hub dropped what we sent since the start, and a range was skipped
        self._is_judged = False  # the first object returned, and what follows from it is done
        self._is_noted = False  # an id was needed before either, and a range was skipped unless that was too often

    @property
    def is_holding_ids(self) -> bool:
        """Whether an id has to wait: a moment after the start, while it may be used already. For any thread."""
        if not self._is_unknown:
            return False
        if self._order.passed_at_start:
            return True  # until the next check
        since, start = self._core.echo.unechoed_since, self._core.started_at
        if self._missing_way:  # perhaps not yet: the own server may have started just now
            patience = FIRST
        elif since is None:
            patience = START
        else:
            start, patience = since, FIRST
        return 0 <= self._core.clock() - start < patience

    async def end_hold(self) -> None:
        """Skip a range before an id is assigned that may be used: it waited, and there was no sign. For any thread."""
        if self._is_unknown:
            await self._core.run(self._note_not_returned)

    def _note_not_returned(self) -> None:
        """On the core's thread: of the requests that wait only the first one skips."""
        if not self._is_noted:
            nothing_sent = self._core.echo.unechoed_since is None
            because = self._missing_way or ("nothing-sent" if nothing_sent else "not-returned")
            own_numbers.note_not_returned(self._core, because)
            self._is_noted = True

    @property
    def _is_unknown(self) -> bool:
        """Whether we sent before this start and nothing showed yet whether the next numbers are used."""
        is_known = self._is_judged or self._is_dropped or self._is_noted or self._order.passed_at_start == 0
        return not is_known and self._core.status.has_chains

    @property
    def _missing_way(self) -> str:
        """What is missing on the way to the hub; empty for nothing."""
        bus = self._ready.bus
        if not bus.is_connected:
            return "no-server"
        return "no-link" if bus.link.has_leaf is False else ""

    async def check(self) -> None:
        """Judge the signs; once a second, after the check of the pace."""
        if self._is_judged:
            return
        if self._pace.is_dropped and not self._is_dropped:
            await self._core.run(own_numbers.note_dropped, self._core)
            self._is_dropped = True
        passed = self._order.passed_at_start
        if passed is None:
            return
        if passed:
            is_certain = self._is_dropped and not self._is_doubtful()
            await self._core.run(own_numbers.note_passed_over, self._core, passed, is_certain=is_certain)
            if not self._is_dropped:
                await self._pace.open_epoch()
        self._is_judged = True

"""Whether a gateway may publish and receive now: what its loops found of its bus, its streams and its identity."""

import asyncio
import contextlib
from typing import Final, Protocol

from suar.protocol.base.errors import CODES, Fault
from suar.service.core.core import Core
from suar.service.recovery.stream_reconciliation import IN_USE
from suar.service.settings.hardware_key import AWAY
from suar.service.status.snapshot import BusState, ProcessState

SETTLE_WAIT: Final = 5.0  # seconds that a publication waits at a start for the comparison with the own streams
RETURN_WAIT: Final = 15.0  # seconds that it waits at a start for our first object to return
SETTLE_EVERY: Final = 0.02
NO_SERVER: Final = "no connection to the own NATS server"


class IdHold(Protocol):
    """What knows at a start whether the next ids may be used already."""

    @property
    def is_holding_ids(self) -> bool:
        """Whether an id has to wait."""

    async def end_hold(self) -> None:
        """Pass over the ids that may be used, where nothing showed it while an id waited."""


class Readiness:
    """The readiness of one gateway process; created inside its event loop. The loops write it, callers read it."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.bus = BusState()
        self.has_started = False
        self.is_stopping = False
        self.settled = asyncio.Event()  # the state was compared with the own streams ([E12])
        self.id_hold: IdHold | None = None  # at a start: ids may be used already (put_back.py)
        self.is_copy = False  # the store is an older copy of itself: ids may be used already until it is settled
        self.is_in_use = False  # another process publishes under our identity: this one stops sending

    @property
    def may_send(self) -> bool:
        """Whether anything may be sealed and published: the state is settled and the identity ours alone ([E12]).

        Of a pair's gateways only the one that renewed the lease of the store a moment ago may.
        """
        return self.settled.is_set() and not self.is_in_use and self._core.database.is_leading

    def require_lease(self) -> None:
        """Raise Fault unless this gateway renewed the lease of the store a moment ago; nothing for a file."""
        if not self._core.database.is_leading:
            raise Fault(
                "the lease of the store was not renewed: the other gateway of the pair may lead",
                "try again in a moment; `suar doctor` shows which of the two leads",
            )

    @property
    def process_state(self) -> ProcessState:
        """What only the process knows."""
        return ProcessState(self.bus, self.settled.is_set(), self.is_in_use)

    async def wait_until_accepting(self) -> None:
        """Ready to accept a publication, after a moment at a start. Fault where not."""
        if self.is_stopping:
            raise Fault("the gateway is stopping", "send it again in a moment; nothing was accepted")
        await self.wait_for_own_ids()
        await self.wait_for_return()
        if self._core.status.is_clock_back(self._core.clock()):  # [T14] `sent` would be a lie
            raise Fault(CODES["E-CLOCK"].meaning, CODES["E-CLOCK"].advice)

    async def wait_for_own_ids(self) -> None:
        """[E12] Whether an id may be assigned: the state must know which were; at a start that takes a moment.

        A state that was not restored may continue while its server is away; a restored one must not.
        """
        if self.is_in_use:
            raise Fault(IN_USE, "stop that one, then start this one again; nothing was accepted")
        if self.settled.is_set() or not (self._core.status.has_chains or self._core.status.restored_at):
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_WAIT):
                while not self.settled.is_set():  # noqa: ASYNC110 - an event is waited for on its own loop only
                    await asyncio.sleep(SETTLE_EVERY)
        if (self._core.status.restored_at or self.is_copy) and not self.settled.is_set():
            raise Fault("the restored state was not yet compared with its streams", "wait for the own NATS server")

    async def wait_for_return(self) -> None:
        """[E12] Wait a moment at a start until our first object returned: a machine that was put back repeats ids.

        Returns when the next id is one that was not used, as far as anything shows it or ranges may be skipped.
        """
        hold = self.id_hold
        if hold is None:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(RETURN_WAIT):
                while hold.is_holding_ids:  # noqa: ASYNC110 - what it reads belongs to the loop of the bus
                    await asyncio.sleep(SETTLE_EVERY)
        await hold.end_hold()

    def _missing_streams(self) -> list[str]:
        """Return the missing streams without which nothing is sent or received; of two hubs one INBOX is enough."""
        missing = sorted(name for name, is_present in self.bus.streams.items() if not is_present)
        return missing if any(name.startswith("OUTBOX_") for name in missing) or not self._has_inbox() else []

    def _has_inbox(self) -> bool:
        return not self.bus.streams or any(
            self.bus.streams.get(link.inbox(self._core.member), True) for link in self._core.config.bus.links
        )

    def blocking_reasons(self) -> list[str]:
        """Why the gateway cannot receive now, for people; empty when it can."""
        reasons = []
        if not self.has_started or self.is_stopping:
            reasons.append("the gateway is starting or stopping")
        if not self.bus.is_connected:
            reasons.append(NO_SERVER)
        if missing := self._missing_streams():
            reasons.append(f"missing at the own NATS server: {', '.join(missing)}")
        if self.is_in_use:
            reasons.append(IN_USE)
        status = self._core.status
        if status.store_fault:
            reasons.append(status.store_fault)
        if status.is_clock_back(self._core.clock()):
            reasons.append("the clock stands behind the highest time ever seen")
        if self._core.key_away is not None:
            reasons.append(f"{CODES[AWAY].meaning} ({self._core.key_away})")
        if status.trust.current is None:
            reasons.append("no trust list yet")
        return reasons

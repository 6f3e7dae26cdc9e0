"""The standby of a pair: a second gateway on the same store, which waits for its lease and takes it when it is free.

It reads the store, and connects to no NATS server. It does not contact the other gateway's machine. The lease is free
if the other gateway released it, if its session ended, or if it did not renew it for six seconds and has sent nothing
for two.
"""

import asyncio
import contextlib
import socket
from typing import Final

from suar.observe.hooks import Happened, Hooks
from suar.service.access import authentication
from suar.service.access.tokens import TokenBook, TokenInfo
from suar.service.core.seams import Clock
from suar.service.settings.keyring import Keyring
from suar.store.engine.backends.lease import boot_seconds, require_keyring
from suar.store.engine.backends.lease_watch import LeaseWatch, Patience
from suar.store.engine.database import Database, StoreFault

CHECK_EVERY: Final = 0.5  # seconds between two checks of the lease
TOKENS_EVERY: Final = 10.0  # seconds after which the tokens are read again, for callers of /metrics


def host_name() -> str:
    """The name that distinguishes the gateways of a pair."""
    return socket.gethostname()


class Standby:
    """Waits for the lease of one store. The public attributes are for callers that ask for its state."""

    def __init__(self, database: Database, keyring: Keyring, hooks: Hooks, clock: Clock) -> None:
        self._database, self._keyrings = database, keyring.pair_hashes()
        self._hooks, self._clock = hooks, clock
        self._watch = LeaseWatch(database.lease, host_name()) if database.lease else None
        self._patience = Patience()
        self.leader = ""  # the host that leads; empty while it is not known
        self.term = 0  # how many times a gateway began to lead, as far as observed
        self.reason, self.hint = "", ""  # why this gateway could not lead, and what to do; empty when it could
        self._tokens, self._tokens_read = TokenBook(clock), -TOKENS_EVERY

    def identify(self, token: str) -> TokenInfo | None:
        """Return who holds a token of the store, as of the last reading; None: nobody."""
        return self._tokens.authenticate(token)

    async def wait_until_leading(self, stop: asyncio.Event) -> bool:
        """Wait until this gateway leads; returns False once `stop` is set. On a store in a file it leads at once."""
        while not stop.is_set():
            if await self.try_once():
                return True
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), CHECK_EVERY)
        return False

    async def try_once(self) -> bool:
        """Check once, and take the lease if it is free; returns whether this gateway leads now."""
        try:
            is_ours = self._watch is None or await asyncio.to_thread(self._acquire, self._watch)
            self._note("", "")
        except StoreFault as fault:
            self._note(fault.text, fault.hint)
            return False
        if is_ours and self._watch is not None:
            self._watch.close()
        return is_ours

    def _acquire(self, watch: LeaseWatch) -> bool:
        """Take the lease; returns False while another gateway leads. Raises LeaseFault for another keyring, StoreFault
        while the store is unreachable or not one that ours may lead.
        """
        sight = watch.observe()
        if sight.leading:
            self.leader, self.term = sight.leading.host, sight.leading.term
            self._read_tokens()
        try:
            watch.require_fit(sight)
            require_keyring(sight.leading, self._keyrings)
        except StoreFault:
            with contextlib.suppress(StoreFault):  # the first finding is reported
                watch.announce(is_ready=False)
            raise
        watch.announce(is_ready=True)
        if sight.session is None:
            self._database.acquire()
            return True
        if self._patience.observe(sight, boot_seconds()):
            watch.end(sight.session)
            self._log("lease_ended", host=self.leader)
        return False

    def _read_tokens(self) -> None:
        now = boot_seconds()
        if now - self._tokens_read >= TOKENS_EVERY:
            self._tokens_read = now
            with contextlib.suppress(StoreFault):  # another version, or unreachable: keep the earlier ones
                self._tokens.reload(authentication.active(self._database))

    def _note(self, reason: str, hint: str) -> None:
        if reason and reason != self.reason:
            self._log("standby_cannot_lead", error=reason)
        self.reason, self.hint = reason, hint

    def _log(self, event: str, **facts: object) -> None:
        self._hooks(Happened(at=self._clock(), event=event, level="warning", facts=facts))

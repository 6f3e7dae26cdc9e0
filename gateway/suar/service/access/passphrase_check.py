"""Confirmation with the keyring's passphrase before an identity key is revoked, which cannot be undone.

A running gateway holds the opened keyring, so a token alone would be enough. Each attempt costs one
argon2id run on a worker thread, one at a time, and only a few are allowed an hour; a holder of an API token cannot use
up the attempts of a person at the machine.
"""

import asyncio
from typing import Final

from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.service.access.tokens import LOCAL
from suar.service.core.core import Core
from suar.service.settings.keyring import Keyring
from suar.store.people import access

TRIES: Final = 5
PER: Final = limits.HOUR


class NotConfirmed(Fault):
    """The passphrase is missing or wrong."""


class TooManyAttempts(Fault):
    """As many were wrong as an hour allows; `seconds` until the next may be tried."""

    def __init__(self, seconds: int) -> None:
        super().__init__(
            "too many wrong passphrases", "wait, or stop the gateway and use the command `suar compromised`"
        )
        self.seconds = seconds


class PassphraseCheck:
    """Made and used on the event loop of one gateway."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._wrong: dict[bool, list[int]] = {True: [], False: []}  # by whether it was the machine's own token
        self._one_at_a_time = asyncio.Lock()

    async def confirm(self, passphrase: bytes | None, who: str) -> None:
        """Raise NotConfirmed unless it opens the keyring; TooManyAttempts. A wrong one is a line of the audit."""
        if not passphrase:
            raise NotConfirmed(
                "revoking the identity needs the keyring's passphrase",
                "give it again: a token alone does not revoke it",
            )
        async with self._one_at_a_time:
            now = self._core.clock()
            wrong = self._wrong[who == LOCAL] = [at for at in self._wrong[who == LOCAL] if 0 <= now - at < PER]
            if len(wrong) >= TRIES:
                raise TooManyAttempts((wrong[0] + PER - now) // limits.SECOND + 1)
            try:
                await asyncio.to_thread(Keyring.open, self._core.keyring.path, passphrase)
            except Fault:
                wrong.append(now)
                await self._core.run(_note, self._core, who)
                raise NotConfirmed(
                    "the passphrase does not open the keyring", "give the passphrase of the keyring of this gateway"
                ) from None


def _note(core: Core, who: str) -> None:
    with core.transaction() as connection:
        access.note(connection, who, "passphrase-wrong", "compromised", core.clock())

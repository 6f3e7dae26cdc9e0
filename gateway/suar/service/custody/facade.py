"""How long texts are kept, as the API and the commands see it: erasure, legal holds and retention.

Erasure and holds need two persons: the first call makes an act wait, the same call by another person does it.
"""

from typing import Any

from suar.service.access.act_notes import note_reading
from suar.service.core.core import Core
from suar.service.custody import erasing, holds, retention


class Custody:
    """A part of the facade; `who` is the name of a token."""

    def __init__(self, core: Core) -> None:
        self._core, self._run = core, retention.Run(core)

    async def erase(self, id_: str, who: str) -> dict[str, Any] | None:
        """Erase the text of a message of ours; None if there is none of that id.

        Raises Refused for another member's message, and for revisions that `who` did not mean; Fault for one that may
        not be erased now.
        """
        return await self._core.run(erasing.erase, self._core, id_, who)

    async def hold_add(self, id_: str, who: str, authority: str, until: int, tell: str) -> dict[str, Any] | None:
        """Put a message under a legal hold until a time (ms); None if there is none of that id. Raises Fault.

        `tell`: what its publisher may know: nothing, fact or authority.
        """
        return await self._core.run(holds.add, self._core, id_, who, authority, until, tell)

    async def hold_end(
        self, id_: str, who: str, number: int | None = None, name: str | None = None
    ) -> dict[str, Any] | None:  # fmt: skip
        """End a hold, with the last one complete a recall that came meanwhile; None if the message is under none.

        `number`, `name`: which one, where there are several. Raises Refused E-CHANGED for one that has ended; Fault.
        """
        return await self._core.run(holds.end, self._core, id_, who, number, name)

    async def hold_confirm(self, who: str) -> dict[str, Any]:
        """Say that after a restore all holds that stand are listed. Raises Fault without a restore, Refused."""
        return await self._core.run(holds.confirm, self._core, who)

    async def hold_withdraw(self, id_: str, who: str) -> dict[str, Any]:
        """Withdraw the requests of `who` about holds of a message. Raises Fault if none of theirs waits."""
        return await self._core.run(holds.withdraw, self._core, id_, who)

    async def holds(self, who: str) -> list[dict[str, Any]]:
        """Return every hold with its authority, the oldest first, then what waits for a second person. It is noted."""
        await self._core.run(note_reading, self._core, who, "hold-list", "holds")
        return await self._core.run_read_only(holds.listed, self._core)

    async def retention(self) -> dict[str, Any]:
        """Return the schedule and what its next run purges."""
        return await retention.shown(self._core)

    async def retention_run(self, who: str) -> list[dict[str, Any]]:
        """Purge some of what is due now; returns what was purged. Call it until it returns nothing."""
        while True:
            done, is_last = await self._run.step(who)
            if done or is_last:
                return done

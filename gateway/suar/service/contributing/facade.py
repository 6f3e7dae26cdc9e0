"""Proposals of agencies, as the API and the console call them."""

from functools import partial
from typing import Any, Final

from suar.service.access.agencies import AgencyBook, Registration
from suar.service.contributing import desk, proposing
from suar.service.contributing.desk import REASON_MAX, Decided
from suar.service.contributing.proposing import ProposalsFull, Proposed
from suar.service.core.core import Core
from suar.service.feed.current import reader_now
from suar.service.publish.draft_check_pool import DraftCheckPool, has_table

__all__ = ["PAGE", "REASON_MAX", "Contributions", "Decided", "NotOfRealm", "ProposalsFull", "Proposed"]
PAGE: Final = 100  # rows, unless a caller gives another number


class NotOfRealm(Exception):  # noqa: N818 - a finding, not a failure
    """The agency does not take part in that realm."""


class Contributions:
    """A part of the facade. `agency` is the name of one, `who` a token or the person of a session."""

    def __init__(self, core: Core, book: AgencyBook, pool: DraftCheckPool) -> None:
        self._core, self._book, self._pool = core, book, pool

    async def propose(
        self, agency: str, data: bytes, *, is_exercise: bool, key: str | None, token: str
    ) -> Proposed | None:
        """Keep a draft of an agency for the desk; None when the agency may do nothing now.

        Raises NotOfRealm, ProposalsFull, and Invalid with every reason against it.
        """
        registration = self._registration_of(agency)
        if registration is None:
            return None
        realm = proposing.realm_of(registration, is_exercise=is_exercise)
        if realm is None:
            raise NotOfRealm(registration.realm)
        proposal = await self._pool.run(
            token, partial(proposing.check, self._core, data, registration, realm), is_long=has_table([data])
        )
        if self._registration_of(agency) is None:  # it was suspended meanwhile
            return None
        return await self._core.run(proposing.keep, self._core, agency, proposal, data, key)

    async def own(
        self, agency: str, state: str | None = None, after: str | None = None, limit: int = PAGE
    ) -> list[dict[str, Any]]:
        """The proposals of an agency as it sees them, the oldest first. Raises UnknownPosition."""
        reader = reader_now(self._core, self._book, agency)
        return await self._core.run_read_only(desk.own, self._core, agency, reader, state, after, limit)

    async def find_own(self, agency: str, id_: str) -> dict[str, Any] | None:
        """One of them; None for another agency's."""
        reader = reader_now(self._core, self._book, agency)
        return await self._core.run_read_only(desk.find_own, self._core, agency, reader, id_)

    async def listed(
        self, who: str, state: str | None = None, after: str | None = None, limit: int = PAGE
    ) -> list[dict[str, Any]]:
        """All proposals, the oldest first, of their texts the titles. Raises UnknownPosition. It is noted."""
        found = await self._core.run_read_only(desk.listed, self._core, state, after, limit)
        await self._core.run(desk.note_listed, self._core, who)
        return found

    async def waiting(self, who: str, realm: str, most: int) -> list[dict[str, Any]]:
        """Return the open proposals of a realm, the most urgent first. The audit notes it."""
        found = await self._core.run_read_only(desk.waiting, self._core, realm, most)
        await self._core.run(desk.note_listed, self._core, who)
        return found

    async def find(self, id_: str, who: str) -> dict[str, Any] | None:
        """One with what was proposed, for the desk. That `who` was shown it is noted."""
        found = await self._core.run_read_only(desk.find, self._core, id_)
        if found is not None:
            await self._core.run(desk.note_read, self._core, who, id_)
        return found

    async def count(self, realm: str) -> int:
        """Return how many proposals of a realm are open."""
        return await self._core.run_read_only(desk.count, self._core, realm)

    async def begin_draft(self, id_: str, who: str, read: str | None = None) -> str | None:
        """Accept one into a draft of `who`; the draft's id, None when there is none. Raises Decided, Fault, Refused."""
        return await self._core.run(desk.begin_draft, self._core, id_, who, read)

    async def reject(self, id_: str, who: str, reason: str, read: str | None = None) -> bool:
        """Reject an open one; False when there is none. Raises Decided, Invalid, Refused."""
        return await self._core.run(desk.reject, self._core, id_, who, reason, read)

    def _registration_of(self, agency: str) -> Registration | None:
        """What an agency is registered for that may propose now."""
        known = self._book.find(agency)
        return known.registration if known is not None and known.registration.may_propose else None

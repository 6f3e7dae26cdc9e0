"""The agencies of a running gateway: register, rotate, suspend, resume, revoke; each act is in the audit."""

from collections.abc import Callable
from typing import Any, Final

from msgspec import structs

from suar.protocol.base.errors import Fault
from suar.protocol.base.instants import instant
from suar.service.access import agencies
from suar.service.access.agencies import PREFIX, Agency, AgencyBook, Registration, agency_of, agency_shape, row_of
from suar.service.access.last_uses import LastUses
from suar.service.access.tokens import hash_of
from suar.service.core.core import Core
from suar.store.engine.faults import AlteredError
from suar.store.people import access
from suar.store.people import agencies as table

AGENCIES_MAX: Final = 500
"""Registrations, ended ones too: their names are not used again."""


class AgencyRegistry:
    """The agencies of a running gateway. `on_ended` is called with the name of one that may read no more."""

    def __init__(self, core: Core, uses: LastUses, on_ended: Callable[[str], None]) -> None:
        self._core, self._uses, self._on_ended = core, uses, on_ended
        self.book = AgencyBook(core.clock)

    async def load(self) -> None:
        """Read the agencies of the store into memory. Raises AlteredError where they were altered: then none reads."""
        try:
            found = await self._core.run_read_only(_all, self._core)
        except AlteredError:
            self.book.reload(())
            raise
        self.book.reload(found)

    async def add(self, registration: Registration, expires: int | None, who: str) -> dict[str, object]:
        """Register an agency; its token is returned this once. Fault when the name is taken."""
        now = self._core.clock()
        until, token = agencies.expiry(expires, now), agencies.new_agency_token()
        made = Agency(
            registration=registration, hash=hash_of(token), maker=who, token_makers=(who,), created_at=now,
            expires_at=until,
        )  # fmt: skip
        if not await self._core.run(_insert, self._core, made, who):
            raise Fault(
                f"an agency named {registration.name} exists or existed",
                "choose another name; `suar agency list` shows all",
            )
        await self.load()
        return {"name": registration.name, "token": token, "expires": instant(until)}

    async def list(self) -> list[dict[str, object]]:
        """All agencies, revoked ones too."""
        found, uses = await self._core.run_read_only(_with_uses, self._core)
        now, uses = self._core.clock(), uses | self._uses.seen()
        return [agency_shape(each, uses.get(PREFIX + each.name), now) for each in found]

    async def show(self, name: str) -> dict[str, object] | None:
        """One agency; None when there is none of that name."""
        return next((each for each in await self.list() if each["name"] == name), None)

    async def rotate(self, name: str, expires: int | None, who: str) -> dict[str, object] | None:
        """Another token, returned this once; the one before is good for a day. None when no such agency is registered.

        Fault when it has expired and no later time is given.
        """
        now, token = self._core.clock(), agencies.new_agency_token()
        wanted = None if expires is None else agencies.expiry(expires, now)
        done = await self._core.run(_rotate, self._core, name, hash_of(token), wanted, who)
        if done is None:
            return None
        await self.load()
        return {
            "name": name, "token": token, "expires": instant(done.expires_at),
            "old_token_until": instant(done.old_until or now),
        }  # fmt: skip

    async def suspend(self, name: str, who: str) -> bool:
        """Let it read nothing until it is resumed; False when no such agency is registered."""
        return await self._end(name, "agency-suspend", {"suspended_at": self._core.clock()}, who)

    async def resume(self, name: str, who: str) -> bool:
        """Let it read again; False when no such agency is registered."""
        done = await self._core.run(_change, self._core, name, "agency-resume", {"suspended_at": None}, who)
        await self.load()
        return done

    async def revoke(self, name: str, who: str) -> bool:
        """End the registration for good; False when no such agency is registered."""
        return await self._end(name, "agency-revoke", {"revoked_at": self._core.clock()}, who)

    async def _end(self, name: str, what: str, values: dict[str, Any], who: str) -> bool:
        done = await self._core.run(_change, self._core, name, what, values, who)
        await self.load()
        if done:
            self._on_ended(name)
        return done


def _all(core: Core) -> list[Agency]:
    with core.database.reading() as connection:
        return [agency_of(row) for row in table.agencies(connection)]


def _with_uses(core: Core) -> tuple[list[Agency], dict[str, int]]:
    with core.database.reading() as connection:
        return [agency_of(row) for row in table.agencies(connection)], table.last_uses(connection)


def _insert(core: Core, agency: Agency, who: str) -> bool:
    with core.transaction() as connection:
        if len(table.agencies(connection)) >= AGENCIES_MAX:
            raise Fault(f"{AGENCIES_MAX} agencies are or were registered", "ask who maintains this gateway")
        is_new = table.insert_agency(connection, row_of(agency))
        if is_new:
            access.note(connection, who, "agency-add", agency.registration.as_line(), agency.created_at)
    return is_new


def _change(core: Core, name: str, what: str, values: dict[str, Any], who: str) -> bool:
    with core.transaction() as connection:
        is_done = table.change_agency(connection, name, values)
        if is_done:
            access.note(connection, who, what, name, core.clock())
    return is_done


def _rotate(core: Core, name: str, new: bytes, expires: int | None, who: str) -> Agency | None:
    now = core.clock()
    with core.transaction() as connection:
        known = (agency_of(row) for row in table.agencies(connection))
        found = next((each for each in known if each.name == name and each.revoked_at is None), None)
        if found is None:
            return None
        if expires is None and now >= found.expires_at:
            raise Fault("the agency has expired", "give a later time of expiry: --expires DATE")
        values = {
            "hash": new, "old_hash": found.hash, "old_until": now + agencies.ROTATION_MS,
            "expires_at": expires or found.expires_at, "token_makers": tuple(dict.fromkeys((*found.token_makers, who))),
        }  # fmt: skip
        rotated = structs.replace(found, **values)
        table.change_agency(connection, name, row_of(rotated))
        access.note(connection, who, "agency-rotate", name, now)
        return rotated

"""The agencies of a running gateway: register, rotate, suspend, resume, revoke; each act is in the audit."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from msgspec import UNSET, UnsetType, structs
from sqlalchemy import Connection

from suar.protocol.base.errors import Fault
from suar.protocol.base.instants import instant
from suar.service.access import agencies, as_shown
from suar.service.access.agencies import (
    ENDED,
    PREFIX,
    Agency,
    AgencyBook,
    Registration,
    agency_of,
    agency_shape,
    row_of,
)
from suar.service.access.last_uses import LastUses
from suar.service.access.tokens import hash_of
from suar.service.core.core import Core
from suar.service.settings.keyring import NKEYS
from suar.store.faults import AlteredError
from suar.store.people import access, feed_readers, webhooks
from suar.store.people import agencies as table
from suar.store.people.access import Act
from suar.store.people.feed_readers import FeedReader

T = TypeVar("T")
AGENCIES_MAX: Final = 500
"""Registrations that have not ended: none of them is expired or revoked."""
NAMES_MAX: Final = 2_000
"""Registrations, ended ones too: their names are not used again."""
EXPIRED: Final = "the agency has expired"
Also = Callable[[Connection], object]
"""What is done in the transaction of an act."""


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

    async def add(
        self, registration: Registration, expires: int | None, who: str, also: Also = lambda _: None,
        nkey: str | None = None,
    ) -> dict[str, object]:  # fmt: skip
        """Register an agency; its token is returned this once. Raises Fault when the name or the nkey is in use.

        `also` runs in the same transaction. `nkey`: it also reads at the own NATS server.
        """
        now = self._core.clock()
        until, token = agencies.expiry(expires, now), agencies.new_agency_token()
        made = Agency(
            registration=registration, hash=hash_of(token), maker=who, token_makers=(who,), created_at=now,
            expires_at=until,
        )  # fmt: skip
        if not await self._written(_insert, made, who, also, nkey):
            raise Fault(
                f"an agency named {registration.name} exists or existed",
                "choose another name; `suar agency list` shows all",
            )
        await self.load()
        return {"name": registration.name, "token": token, "expires": instant(until)}

    async def list(self) -> list[dict[str, object]]:
        """All agencies, revoked ones too."""
        found, uses, nkeys = await self._core.run_read_only(_with_uses, self._core)
        now, uses = self._core.clock(), uses | self._uses.seen()
        return [agency_shape(each, uses.get(PREFIX + each.name), nkeys.get(each.name), now) for each in found]

    async def show(self, name: str) -> dict[str, object] | None:
        """One agency; None when there is none of that name."""
        return next((each for each in await self.list() if each["name"] == name), None)

    async def rotate(
        self, name: str, expires: int | None, who: str, read: str | None = None
    ) -> dict[str, object] | None:
        """Return another token, this once; the previous one is valid for a day. None when no such agency is registered.

        Raises Fault when it has expired and no later time is stated. `read`: the digest of the registration that was
        shown, here and below; Refused E-CHANGED for another one.
        """
        now, token = self._core.clock(), agencies.new_agency_token()
        wanted = None if expires is None else agencies.expiry(expires, now)
        done = await self._written(_rotate, name, hash_of(token), wanted, who, read)
        if done is None:
            return None
        await self.load()
        return {
            "name": name, "token": token, "expires": instant(done.expires_at),
            "old_token_until": instant(done.old_until or now),
        }  # fmt: skip

    async def change(
        self, name: str, who: str, read: str | None = None, *, nkey: str | UnsetType | None = UNSET,
        propose: bool | UnsetType = UNSET,
    ) -> bool:  # fmt: skip
        """Set or remove (None) its nkey, and whether it may propose; False when no such agency is registered.

        Raises Fault when the nkey is in use.
        """
        done = await self._written(_register_again, name, nkey, propose, who, read)
        await self.load()
        return done

    async def suspend(self, name: str, who: str, read: str | None = None) -> str | None:
        """Let it read nothing until it is resumed; its state then, None when no such agency is registered."""
        return await self._end(name, "agency-suspend", {"suspended_at": self._core.clock()}, who, read)

    async def resume(self, name: str, who: str, read: str | None = None) -> str | None:
        """Let it read again; its state then, None when no such agency is registered.

        Raises Fault when it has expired.
        """
        done = await self._written(_resume, name, who, read)
        await self.load()
        return done

    async def revoke(self, name: str, who: str, read: str | None = None) -> str | None:
        """End the registration permanently; its state then, None when no such agency is registered."""
        return await self._end(name, "agency-revoke", {"revoked_at": self._core.clock()}, who, read)

    async def _written(self, change: Callable[..., T], *values: Any) -> T:
        """Return what a change of the store returns.

        Raises AlteredError if its agencies were altered: then none reads.
        """
        try:
            return await self._core.run(change, self._core, *values)
        except AlteredError:
            self.book.reload(())
            raise

    async def _end(self, name: str, what: Act, values: dict[str, Any], who: str, read: str | None) -> str | None:
        """End the registration, and what reads by it; its state then, None if no such agency is registered."""
        done = await self._written(_change, name, what, values, who, read)
        await self.load()
        if done is not None:
            self._on_ended(name)
        return done


def _all(core: Core) -> list[Agency]:
    with core.database.reading() as connection:
        return [agency_of(row) for row in table.agencies(connection)]


def _with_uses(core: Core) -> tuple[list[Agency], dict[str, int], dict[str, str]]:
    with core.database.reading() as connection:
        found = [agency_of(row) for row in table.agencies(connection)]
        return found, table.last_uses(connection), _nkeys(connection)


def _nkeys(connection: Connection) -> dict[str, str]:
    """The nkey of each agency that reads at the own NATS server."""
    return {each.name: each.nkey for each in feed_readers.load(connection)}


def _insert(core: Core, agency: Agency, who: str, also: Also, nkey: str | None) -> bool:
    """Store an agency, and what `also` writes; returns False if the name is in use. Raises Fault."""
    with core.transaction() as connection:
        if _check_room(core, connection) >= NAMES_MAX:
            raise Fault(
                f"{NAMES_MAX} agencies are or were registered, and no further name is possible",
                "renew one that has expired: rotate its token with a later time of expiry",
            )
        is_new = table.insert_agency(connection, row_of(agency))
        if is_new:
            access.note(connection, who, "agency-add", agency.registration.as_line(), agency.created_at)
            also(connection)
        if is_new and nkey is not None:
            _check_nkey(core, connection, agency.name, nkey)
            feed_readers.add(connection, FeedReader(name=agency.name, nkey=nkey))
    return is_new


def _check_room(core: Core, connection: Connection) -> int:
    """Return how many agencies are or were registered. Raises Fault if as many as possible have not ended."""
    known = [agency_of(row) for row in table.agencies(connection)]
    if sum(each.state(core.clock()) not in ENDED for each in known) >= AGENCIES_MAX:
        raise Fault(f"{AGENCIES_MAX} agencies are registered, and no more are possible", "end one first: revoke it")
    return len(known)


def _check_nkey(core: Core, connection: Connection, name: str, nkey: str) -> None:
    """Fault for an nkey of another agency, or of another user of the own server, which would refuse to start."""
    if any(known == nkey and each != name for each, known in _nkeys(connection).items()):
        raise Fault("another agency has that nkey", "let the agency make one of its own")
    if nkey in {core.keyring.nkey_public(each) for each in NKEYS}:
        raise Fault("the nkey is that of a user of this member's own", "let the agency make one of its own")


def _register_again(
    core: Core, name: str, nkey: str | UnsetType | None, propose: bool | UnsetType, who: str, read: str | None
) -> bool:
    """Change the nkey and whether it may propose; returns False if no such agency is registered. Raises Fault."""
    with core.transaction() as connection:
        if _find(core, connection, name, read) is None:
            return False
        changed = list[str]()
        if nkey is not UNSET:
            if nkey is not None:
                _check_nkey(core, connection, name, nkey)
            feed_readers.set_nkey(connection, name, nkey)
            changed.append(f"nkey {nkey or 'none'}")
        if propose is not UNSET:
            table.change_agency(connection, name, {"may_propose": propose})
            changed.append("may propose" if propose else "proposes nothing")
        access.note(connection, who, "agency-change", f"{name}: {', '.join(changed)}", core.clock())
    return True


def _find(core: Core, connection: Connection, name: str, read: str | None) -> Agency | None:
    """Return a registration that has not ended permanently.

    Raises Refused E-CHANGED if it is not the one that was read.
    """
    known = (agency_of(row) for row in table.agencies(connection))
    found = next((each for each in known if each.name == name and each.revoked_at is None), None)
    if found is not None:
        shown = agency_shape(found, None, _nkeys(connection).get(name), core.clock())
        as_shown.check(read, str(shown["digest"]), may_be_unnamed=True)
    return found


def _change(core: Core, name: str, what: Act, values: dict[str, Any], who: str, read: str | None) -> str | None:
    """Set columns of an agency; its state then, None if no such agency is registered. Raises Refused E-CHANGED."""
    with core.transaction() as connection:
        found = _find(core, connection, name, read)
        return None if found is None else _set(core, connection, found, what, values, who)


def _resume(core: Core, name: str, who: str, read: str | None) -> str | None:
    """Remove the suspension; as `_change` does. Raises Fault for an agency that has expired."""
    with core.transaction() as connection:
        found = _find(core, connection, name, read)
        if found is None:
            return None
        if core.clock() >= found.expires_at:
            raise Fault(EXPIRED, "rotate its token with a later time of expiry first: --expires DATE")
        return _set(core, connection, found, "agency-resume", {"suspended_at": None}, who)


def _set(core: Core, connection: Connection, found: Agency, what: Act, values: dict[str, Any], who: str) -> str:
    """Set columns of this agency, note the act, and return its state."""
    now = core.clock()
    table.change_agency(connection, found.name, values)
    access.note(connection, who, what, found.name, now)
    if "revoked_at" in values:
        webhooks.remove(connection, found.name)
    return structs.replace(found, **values).state(now)


def _rotate(core: Core, name: str, new: bytes, expires: int | None, who: str, read: str | None) -> Agency | None:
    now = core.clock()
    with core.transaction() as connection:
        found = _find(core, connection, name, read)
        if found is None:
            return None
        if expires is None and now >= found.expires_at:
            raise Fault(EXPIRED, "give a later time of expiry: --expires DATE")
        if now >= found.expires_at:  # it is one more that may read
            _check_room(core, connection)
        values = {
            "hash": new, "old_hash": found.hash, "old_until": now + agencies.ROTATION_MS,
            "expires_at": expires or found.expires_at, "token_makers": tuple(dict.fromkeys((*found.token_makers, who))),
        }  # fmt: skip
        rotated = structs.replace(found, **values)
        table.change_agency(connection, name, row_of(rotated))
        access.note(connection, who, "agency-rotate", name, now)
        return rotated

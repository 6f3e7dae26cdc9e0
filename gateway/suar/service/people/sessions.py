"""Open sessions: in memory for every request, in the store so that a restart ends none of them.

A session is a random secret in a cookie; what is kept is its hash. It ends when it is signed out, twelve hours after
the sign-in, and with every change of the person's roles or factors. An idle one may only save a draft.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from msgspec import Struct, structs
from sqlalchemy import Connection

from suar.protocol.base import limits
from suar.service.core.core import Core
from suar.service.people import credentials, passkeys
from suar.service.people.records import Passkey, Person, sealed_columns
from suar.service.people.records import load as load_person
from suar.store.people import access, persons

LONGEST: Final = 12 * limits.HOUR
FRESH: Final = 10 * limits.MINUTE
SESSIONS_MAX: Final = 10  # of a person; the oldest ends
SAVED_EVERY: Final = limits.MINUTE  # how often the store learns that a session is in use


@dataclass
class Open:
    """A session as it is in memory; times in ms. `saved_at`: the `seen_at` that the store has."""

    hash: bytes
    person: str
    created_at: int
    seen_at: int
    fresh_at: int
    saved_at: int


class SessionInfo(Struct, frozen=True):
    """A session as a request finds it. `is_fresh`: a factor was confirmed within the last ten minutes."""

    person: Person
    hash: bytes
    csrf: str
    is_idle: bool
    is_fresh: bool


class SessionBook:
    """People and sessions in memory; `clock` gives ms, `idle` is the time after which a session is idle."""

    def __init__(self, clock: Callable[[], int], idle: int) -> None:
        self._clock, self._idle = clock, idle
        self.people: dict[str, Person] = {}
        self._open: dict[bytes, Open] = {}

    def reload(self, people: Iterable[Person], sessions: Iterable[Open]) -> None:
        """Load what the store has; later times that are in memory remain."""
        self.people = {person.id: person for person in people}
        before = self._open
        self._open = {}
        for each in sessions:
            known = before.get(each.hash)
            if known is not None:
                each.seen_at = max(each.seen_at, known.seen_at)
            self._open[each.hash] = each

    def find(self, secret: str) -> SessionInfo | None:
        """Return the session of a request and its state; None when it is over. It does not count as use."""
        return self._info(self._open.get(credentials.session_hash(secret)), credentials.csrf_of(secret))

    def is_open(self, hash_: bytes) -> bool:
        """Whether the session is in force; a response that continues checks it repeatedly."""
        return self._info(self._open.get(hash_), "") is not None

    def use(self, hash_: bytes) -> bool:
        """Note that the session is in use; returns whether the store should learn of it now."""
        found, now = self._open.get(hash_), self._clock()
        if found is None:
            return False
        found.seen_at = now
        is_due = now - found.saved_at >= SAVED_EVERY
        if is_due:
            found.saved_at = now
        return is_due

    def of(self, person: str) -> list[Open]:
        """The sessions of a person that are in force, the newest first."""
        mine = [each for each in self._open.values() if each.person == person and self._info(each, "")]
        return sorted(mine, key=lambda each: each.created_at, reverse=True)

    def _info(self, found: Open | None, csrf: str) -> SessionInfo | None:
        now = self._clock()
        person = self.people.get(found.person) if found is not None else None
        if found is None or person is None or not person.may_sign_in:
            return None
        if not 0 <= now - found.created_at < LONGEST:
            return None
        is_idle = now - found.seen_at >= self._idle
        return SessionInfo(person, found.hash, csrf, is_idle, not is_idle and 0 <= now - found.fresh_at < FRESH)


def load(core: Core) -> list[Open]:
    """Every session of the store."""
    with core.database.reading() as connection:
        rows = persons.sessions(connection)
    return [Open(bytes(row.hash), row.person, row.created_at, row.seen_at, row.fresh_at, row.seen_at) for row in rows]


def begin(core: Core, person: str, before: bytes | None) -> str:
    """A new session with a secret of its own; the one that the browser had before ends. On the core's thread."""
    secret, now = credentials.new_secret(), core.clock()
    row = {"hash": credentials.session_hash(secret), "person": person}
    with core.transaction() as connection:
        persons.delete_old_sessions(connection, now - LONGEST)
        if before is not None:
            persons.delete_session(connection, before)
        mine = [each for each in persons.sessions(connection) if each.person == person]
        for old in mine[: max(0, len(mine) - SESSIONS_MAX + 1)]:
            persons.delete_session(connection, bytes(old.hash))
        persons.insert_session(connection, row | {"created_at": now, "seen_at": now, "fresh_at": now})
        persons.update_person(connection, person, {"seen_at": now})
        access.note(connection, person, "sign-in", person, now)
    return secret


def end(core: Core, hash_: bytes, who: str) -> None:
    """End one session. On the core's thread."""
    with core.transaction() as connection:
        persons.delete_session(connection, hash_)
        access.note(connection, who, "sign-out", who, core.clock())


def end_others(core: Core, hash_: bytes, who: str) -> None:
    """End the other sessions of a person. On the core's thread."""
    with core.transaction() as connection:
        persons.delete_sessions(connection, who, hash_)
        access.note(connection, who, "sign-out-others", who, core.clock())


def save(core: Core, hash_: bytes, seen_at: int) -> None:
    """The store learns when the session was last used. On the core's thread."""
    with core.transaction() as connection:
        persons.update_session(connection, hash_, {"seen_at": seen_at})


def refresh(core: Core, hash_: bytes, who: str, step: int) -> bool:
    """Record that a factor was confirmed again; False when its code was used before. On the core's thread."""
    with core.transaction() as connection:
        if not persons.spend_step(connection, who, step):
            return False
        now = core.clock()
        persons.update_session(connection, hash_, {"fresh_at": now, "seen_at": now})
    return True


def refresh_by_passkey(core: Core, hash_: bytes, who: str, used: Passkey) -> bool:
    """A passkey was used again; False when that was before the last use. On the core's thread."""
    with core.transaction() as connection:
        if not spend_passkey(core, connection, who, used):
            return False
        now = core.clock()
        persons.update_session(connection, hash_, {"fresh_at": now, "seen_at": now})
    return True


def spend_passkey(core: Core, connection: Connection, who: str, used: Passkey) -> bool:
    """Record the use of a passkey; False when it was used otherwise meanwhile, or removed."""
    person = load_person(core, connection, who)
    kept = None if person is None else passkeys.taken_over(person.sealed.passkeys, used)
    if person is None or kept is None:
        return False
    sealed = structs.replace(person.sealed, passkeys=kept)
    persons.update_person(connection, who, sealed_columns(core, who, sealed))
    return True

"""What a person changes of their own account, each in one transaction; on the core's thread.

Settings, password and recovery codes, passkeys, mutes, and maps of the columns of tables.
"""

from typing import Any, Final

import msgspec
from msgspec import structs
from sqlalchemy import Connection

from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.service.core.core import Core
from suar.service.people import passkeys
from suar.service.people.changes import NotAllowed
from suar.service.people.records import (
    Mute,
    Passkey,
    Person,
    TableMap,
    load,
    sealed_columns,
)
from suar.store.people import access, persons
from suar.store.people.access import Act

MUTES_MAX: Final = 50
MUTE_DAYS_MAX: Final = 30
MAPS_MAX: Final = 10
_NOTED: Final[dict[str, Act]] = {"password": "person-password", "recovery": "person-recovery"}
"""Changes that the audit names."""
MAP_NAME_MAX: Final = 40
MAP_BYTES_MAX: Final = 8_192
"""Of one map of a table's columns, as it is sealed."""


def set_own(core: Core, id_: str, but: bytes = b"", **changed: Any) -> None:
    """A person changes their own language, time zone, password or recovery codes; `but`: the session that stays.

    Fault when there is no such person in force.
    """
    with core.transaction() as connection:
        sealed = structs.replace(_own(core, connection, id_).sealed, **changed)
        persons.update_person(connection, id_, sealed_columns(core, id_, sealed))
        if "password" in changed:
            persons.delete_sessions(connection, id_, but)
        for what in sorted(changed.keys() & _NOTED):
            access.note(connection, id_, _NOTED[what], id_, core.clock())


def mute(core: Core, id_: str, kind: str, origin: str, days: int) -> None:
    """Keep messages of a kind from a member out of a person's list for some days; 0 ends it.

    Those that are over are forgotten. Fault for more days or mutes than there may be.
    """
    if not 0 <= days <= MUTE_DAYS_MAX:
        raise Fault(f"{days} days are not possible", f"at most {MUTE_DAYS_MAX}")
    now = core.clock()
    with core.transaction() as connection:
        person = _own(core, connection, id_)
        left = [each for each in person.sealed.mutes if each.until > now and (each.kind, each.origin) != (kind, origin)]
        if len(left) >= MUTES_MAX:
            raise Fault(f"there are {MUTES_MAX} mutes already", "end some first")
        made = [Mute(kind, origin, now + days * limits.DAY)] if days else []
        sealed = structs.replace(person.sealed, mutes=(*left, *made))
        persons.update_person(connection, id_, sealed_columns(core, id_, sealed))
        access.note(connection, id_, "mute" if days else "mute-end", f"{kind} {origin} {days}", now)


def keep_map(core: Core, id_: str, kept: TableMap) -> None:
    """Keep what the columns of a table mean, in place of the person's map of that name.

    Fault for too many, or one that is too large.
    """
    if not 0 < len(kept.name) <= MAP_NAME_MAX or not kept.name.isprintable():
        raise Fault("the name of the map cannot be used", f"1 to {MAP_NAME_MAX} characters in one line")
    if len(msgspec.msgpack.encode(kept)) > MAP_BYTES_MAX:
        raise Fault("the map is too large", f"at most {MAP_BYTES_MAX} bytes")
    with core.transaction() as connection:
        person = _own(core, connection, id_)
        others = [each for each in person.sealed.maps if each.name != kept.name]
        if len(others) >= MAPS_MAX:
            raise Fault(f"there are {MAPS_MAX} maps already", "delete one first")
        sealed = structs.replace(person.sealed, maps=tuple(sorted((*others, kept), key=lambda each: each.name)))
        persons.update_person(connection, id_, sealed_columns(core, id_, sealed))


def forget_map(core: Core, id_: str, name: str) -> None:
    """Delete a person's map of that name, if there is one."""
    with core.transaction() as connection:
        sealed = _own(core, connection, id_).sealed
        sealed = structs.replace(sealed, maps=tuple(each for each in sealed.maps if each.name != name))
        persons.update_person(connection, id_, sealed_columns(core, id_, sealed))


def add_passkey(core: Core, id_: str, hash_: bytes, new: Passkey) -> None:
    """Keep a passkey of a person; the other sessions end. Fault when there are too many."""
    with core.transaction() as connection:
        person = _own(core, connection, id_)
        sealed = structs.replace(person.sealed, passkeys=passkeys.with_added(person.sealed.passkeys, new))
        persons.update_person(connection, id_, sealed_columns(core, id_, sealed))
        persons.delete_sessions(connection, id_, hash_)
        access.note(connection, id_, "person-passkey-add", id_, core.clock())


def remove_passkey(core: Core, id_: str, hash_: bytes, which: str) -> None:
    """Forget a passkey of a person; the other sessions end. Fault for the only factor, or one that is not there."""
    with core.transaction() as connection:
        person = _own(core, connection, id_)
        left = tuple(each for each in person.sealed.passkeys if passkeys.name_of(each) != which)
        if len(left) == len(person.sealed.passkeys):
            raise Fault("there is no such passkey", "it was removed already")
        if not left and not person.sealed.totp:
            raise Fault("it is the only factor", "add another passkey first")
        persons.update_person(connection, id_, sealed_columns(core, id_, structs.replace(person.sealed, passkeys=left)))
        persons.delete_sessions(connection, id_, hash_)
        access.note(connection, id_, "person-passkey-remove", id_, core.clock())


def _own(core: Core, connection: Connection, id_: str) -> Person:
    """The person, who changes their own access."""
    person = load(core, connection, id_)
    if person is None or person.state != "active":
        raise NotAllowed("you have no access any more", "ask a coordinator")
    return person

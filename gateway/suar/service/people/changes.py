"""Changes to people, each in one transaction with its line of the audit; on the core's thread.

A coordinator decides, or the machine (`suar console`), about the state that was read: `read` is its digest. Nobody
changes their own access. Granting or restoring approver, operator or coordinator takes a second coordinator, or the
machine. A change of roles ends the sessions.
"""

import re
from typing import Any, Final, Literal

from msgspec import structs
from sqlalchemy import Connection

from suar.languages import tags
from suar.protocol.base.errors import Fault
from suar.service.access import as_shown
from suar.service.access.agencies import PREFIX
from suar.service.access.tokens import RESERVED
from suar.service.core.core import Core
from suar.service.notify import notices
from suar.service.people import credentials, roles
from suar.service.people.endings import NOTHING_PENDING, end_what_was_left, may_decide, void_request
from suar.service.people.records import (
    LINK_TIME,
    Passkey,
    Person,
    Sealed,
    is_link_void,
    load,
    openers,
    person_shape,
    sealed_columns,
)
from suar.store.people import access, agencies, persons
from suar.store.people.access import Act

_USER: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")
_Kind = Literal["roles", "resume", "recover"]
_ACT_OF_REQUEST: Final[dict[_Kind, Act]] = {
    "roles": "person-roles-asked", "resume": "person-resume-asked", "recover": "person-recover-asked",
}  # fmt: skip
_NAME_MAX: Final = 80
PEOPLE_MAX: Final = 500


class NotAllowed(Fault):
    """The person who requested a change may not decide about it."""


def invite(
    core: Core, id_: str, name: str, wanted: tuple[str, ...], lang: str, who: str, agency: str = ""
) -> str | None:  # fmt: skip
    """Add a person; returns the link for them, or None while a second coordinator has to confirm.

    Raises Fault for an invalid name. `agency`: the agency for which the person reads, permanently; "" for our focal
    point.
    """
    wanted, label = roles.ordered(wanted), " ".join(name.split())
    roles.check_of_agency(wanted, agency)
    if not _USER.fullmatch(id_) or id_ in RESERVED:
        raise Fault("the user name cannot be used", "1 to 32 small letters, digits, dots and dashes")
    if not 0 < len(label) <= _NAME_MAX or not label.isprintable():
        raise Fault("the name cannot be used", f"1 to {_NAME_MAX} characters in one line")
    with core.transaction() as connection:
        _check_decides(core, connection, id_, who)
        if len(persons.people(connection)) >= PEOPLE_MAX:
            raise Fault(f"there are {PEOPLE_MAX} people already", "suspend nobody: ask who maintains this gateway")
        if agency and agency not in _registered(connection):
            raise Fault("no agency of that name is registered", "`suar agency list` shows all")
        waits = who not in RESERVED and roles.is_confirmation_required((), wanted)
        sealed = Sealed(name=label, lang=tags.choose(lang).tag, timezone=core.config.console.timezone, agency=agency)
        row = {
            "id": id_, "state": "invited", "roles": "" if waits else " ".join(wanted), "created_at": core.clock(),
            "created_by": who, "totp_step": 0, "pending": "invite" if waits else None,
            "pending_roles": " ".join(wanted) if waits else "", "pending_by": who if waits else None,
            **sealed_columns(core, id_, sealed),
        }  # fmt: skip
        if not persons.insert_person(connection, row):
            raise Fault(f"the name {id_} is taken by a person or a token", "choose another one")
        _note(core, connection, who, "person-invite", id_, (*wanted, PREFIX + agency) if agency else wanted)
        return None if waits else _new_link(core, connection, id_, who)


def _registered(connection: Connection) -> set[str]:
    """The agencies whose registration was not revoked."""
    return {each.name for each in agencies.agencies(connection) if each.revoked_at is None}


def set_roles(core: Core, id_: str, wanted: tuple[str, ...], who: str, read: str | None = None) -> bool:
    """Other roles; False while a second coordinator has to confirm them. Sessions end with the change."""
    wanted = roles.ordered(wanted)
    with core.transaction() as connection:
        person = _decided(core, connection, id_, who, read)
        roles.check_of_agency(wanted, person.sealed.agency)
        if who not in RESERVED and roles.is_confirmation_required(person.roles, wanted):
            _ask(core, connection, person, "roles", wanted, who)
            return False
        _apply_roles(core, connection, id_, wanted, who)
        return True


def suspend(core: Core, id_: str, who: str, read: str | None = None) -> None:
    """Close the console to a person at once; what they made or asked for, and is not used yet, ends too."""
    with core.transaction() as connection:
        _decided(core, connection, id_, who, read)
        none = {**NOTHING_PENDING, "link_hash": None, "link_until": None}
        persons.update_person(connection, id_, {"state": "suspended", **none})
        persons.delete_sessions(connection, id_)
        _note(core, connection, who, "person-suspend", id_)
        end_what_was_left(core, connection, id_, who)


def resume(core: Core, id_: str, who: str, read: str | None = None) -> str | None:
    """Let a suspended person in again, by a new link; None while a second coordinator has to confirm."""
    with core.transaction() as connection:
        person = _decided(core, connection, id_, who, read)
        if person.state != "suspended":
            raise Fault(f"{id_} is not suspended", "nothing is to be done")
        if who not in RESERVED and roles.is_confirmation_required((), person.roles):
            _ask(core, connection, person, "resume", person.roles, who)
            return None
        return _renew(core, connection, id_, who, "person-resume")


def recover(core: Core, id_: str, who: str, read: str | None = None) -> str | None:
    """Return a link to set password and factor again, also if the first link was never used; None while unconfirmed.

    Until it is used the old ones are not accepted, and all sessions end.
    """
    with core.transaction() as connection:
        person = _decided(core, connection, id_, who, read)
        if person.state == "suspended":
            raise Fault(f"{id_} is suspended", "let the person in again first")
        if person.pending == "invite":
            raise Fault(f"the invitation of {id_} is not confirmed", "confirm it: `suar console confirm`")
        if who not in RESERVED and roles.is_confirmation_required((), person.roles):
            _ask(core, connection, person, "recover", person.roles, who)
            return None
        return _renew(core, connection, id_, who, "person-recover")


def confirm(core: Core, id_: str, who: str, read: str) -> str | None:
    """Decide as the second person: the request is carried out. Returns the link if there is one, else None.

    Raises NotAllowed where the first person is no coordinator any more: the request is then void, and deleted.
    """
    with core.transaction() as connection:
        person = _decided(core, connection, id_, who, read)
        if person.pending is None:
            raise Fault(f"nothing about {id_} waits for a confirmation", "somebody may have decided already")
        if who == person.pending_by or who in openers(core, connection, [person.pending_by or ""]):
            raise NotAllowed(
                "who asked for it does not confirm it", "ask another coordinator, or run `suar console confirm`"
            )
        if may_decide(core, connection, person.pending_by or ""):
            return _confirmed(core, connection, person, who)
        void_request(core, connection, person, who)
    raise NotAllowed(
        f"the request is void: {person.pending_by} is no coordinator with access any more", "ask for it yourself"
    )


def _confirmed(core: Core, connection: Connection, person: Person, who: str) -> str | None:
    id_, wanted, kind = person.id, person.pending_roles, person.pending
    persons.update_person(connection, id_, NOTHING_PENDING)
    _note(core, connection, who, "person-confirm", id_, wanted)
    if kind == "roles":
        _apply_roles(core, connection, id_, wanted, who)
        return None
    if kind == "invite":
        persons.update_person(connection, id_, {"roles": " ".join(wanted)})
        return _new_link(core, connection, id_, who)
    return _renew(core, connection, id_, who, "person-recover" if kind == "recover" else "person-resume")


def join(
    core: Core, link: bytes, password: bytes, totp: str, step: int, passkey: Passkey | None = None
) -> tuple[str, list[str]] | None:  # fmt: skip
    """Spend the link: password and factor are set, and those before are gone. (person, recovery codes).

    None when the link is out of force; so it is when who made it is no coordinator with access any more.
    """
    codes = credentials.new_recovery_codes()
    with core.transaction() as connection:
        found = next((row.id for row in persons.people(connection) if row.link_hash == link), None)
        person = None if found is None else load(core, connection, found)
        if person is None or found is None or is_link_void(person, load(core, connection, person.link_maker)):
            return None
        if not persons.spend_link(connection, link, core.clock()) or person.state == "suspended":
            return None
        hashes = tuple(map(credentials.recovery_hash, codes))
        sealed = structs.replace(
            person.sealed, password=password, totp=totp, recovery=hashes,
            passkeys=() if passkey is None else (passkey,),
        )  # fmt: skip
        values = {"state": "active", "totp_step": step, **sealed_columns(core, found, sealed)}
        persons.update_person(connection, found, values)
        persons.delete_sessions(connection, found)
        _note(core, connection, found, "person-join", found)
    return found, codes


def _decided(core: Core, connection: Connection, id_: str, who: str, read: str | None) -> Person:
    """Return the person about whom `who` may decide. Raises Refused E-CHANGED if their state changed.

    `read`: the digest of what `who` was shown; None: not checked.
    """
    _check_decides(core, connection, id_, who)
    person = load(core, connection, id_)
    if person is None:
        raise Fault("there is no such person", "`suar console list` shows all")
    as_shown.check(read, person_shape(person)["digest"], may_be_unnamed=True)
    return person


def _check_decides(core: Core, connection: Connection, id_: str, who: str) -> None:
    if who in RESERVED:
        return
    if not may_decide(core, connection, who):
        raise NotAllowed("this takes a coordinator", "ask a coordinator")
    if who == id_:
        raise NotAllowed("nobody changes their own access", "ask another coordinator")


def _ask(core: Core, connection: Connection, person: Person, kind: _Kind, wanted: tuple[str, ...], who: str) -> None:
    values = {"pending": kind, "pending_roles": " ".join(wanted), "pending_by": who}
    persons.update_person(connection, person.id, values)
    _note(core, connection, who, _ACT_OF_REQUEST[kind], person.id, wanted)


def _apply_roles(core: Core, connection: Connection, id_: str, wanted: tuple[str, ...], who: str) -> None:
    persons.update_person(connection, id_, {"roles": " ".join(wanted)})
    persons.delete_sessions(connection, id_)
    _note(core, connection, who, "person-roles", id_, wanted)
    end_what_was_left(core, connection, id_, who)


def _renew(core: Core, connection: Connection, id_: str, who: str, what: Act) -> str:
    person = load(core, connection, id_)
    state = "active" if person is not None and person.sealed.password else "invited"
    persons.update_person(connection, id_, {"state": state})
    if what == "person-recover" and person is not None:
        sealed = structs.replace(person.sealed, recovered_at=core.clock())
        persons.update_person(connection, id_, sealed_columns(core, id_, sealed))
        notices.add_recovered(core, connection, id_)
    persons.delete_sessions(connection, id_)
    _note(core, connection, who, what, id_)
    return _new_link(core, connection, id_, who)


def _new_link(core: Core, connection: Connection, id_: str, who: str) -> str:
    link = credentials.new_secret()
    values: dict[str, Any] = {"link_hash": credentials.link_hash(link), "link_until": core.clock() + LINK_TIME}
    person = load(core, connection, id_)
    if person is not None:
        values |= sealed_columns(core, id_, structs.replace(person.sealed, opened_by=who))
    persons.update_person(connection, id_, values)
    return link


def _note(core: Core, connection: Connection, who: str, what: Act, id_: str, wanted: tuple[str, ...] = ()) -> None:
    access.note(connection, who, what, " ".join((id_, *wanted)), core.clock())

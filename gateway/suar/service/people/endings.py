"""What ends with the access or a role of a person, beside sessions: what they made or asked for, and is not used yet.

Requests that wait for a second person, links, and tokens that nobody has claimed. Each is judged once more when it is
completed or used; here it ends for good, so that nothing of it is in force again when the person is let in again.
"""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection

from suar.service.access.standing import standing
from suar.service.access.tokens import RESERVED
from suar.service.core.core import Core
from suar.service.people.records import Person, load, person_of
from suar.store.people import access, agencies, persons, proposals

NOTHING_PENDING: Final = {"pending": None, "pending_roles": "", "pending_by": None}
_REQUESTS: Final = "approve"
"""The scope of who asks for an erasure or about a legal hold."""


def end_what_was_left(core: Core, connection: Connection, id_: str, who: str) -> None:
    """End what `id_` asked for and made and could not ask for or make now; `who` changed their access."""
    now = core.clock()
    everybody = standing(connection, now)
    if not everybody.has_role(id_, "coordinator"):
        _end_requests_and_links(core, connection, id_, who)
    names = {id_, *(row.name for row in everybody.tokens if row.user == id_)}
    void = {row.name for row in everybody.tokens if row.is_void}
    for name in everybody.made_by(id_):
        if name in void and access.revoke_token(connection, name, now):
            access.note(connection, who, "token-revoke", name, now)
            names.add(name)
    everybody = standing(connection, now)
    for row in proposals.of(connection, names):
        if not everybody.may(row.who, _REQUESTS):
            proposals.remove(connection, [row])
            access.note(connection, who, access.VOID[row.act], f"{proposals.id_of(row)} of {row.who}", now)
    for agency in _agencies_known_to(connection, names) if id_ not in everybody.roles else ():
        access.note(connection, who, "agency-token-known", f"{agency} {id_}", now)


def void_request(core: Core, connection: Connection, person: Person, who: str) -> None:
    """Delete what waits about a person for a second coordinator; the audit log has it."""
    persons.update_person(connection, person.id, NOTHING_PENDING)
    about = f"{person.id} {person.pending} of {person.pending_by}"
    access.note(connection, who, "person-void", about, core.clock())


def may_decide(core: Core, connection: Connection, id_: str) -> bool:
    """Whether it is the machine, or a coordinator who is let in."""
    person = None if id_ in RESERVED else load(core, connection, id_)
    return id_ in RESERVED or (person is not None and person.state == "active" and "coordinator" in person.roles)


def _end_requests_and_links(core: Core, connection: Connection, id_: str, who: str) -> None:
    now = core.clock()
    for person in [person_of(core, row) for row in persons.people(connection)]:
        if person.pending_by == id_:
            void_request(core, connection, person, who)
        if person.link_hash is not None and person.link_maker == id_ and now < (person.link_until or 0):
            persons.update_person(connection, person.id, {"link_until": now})  # the password of before opens nothing
            access.note(connection, who, "person-link-void", f"{person.id} of {id_}", now)


def _agencies_known_to(connection: Connection, names: Iterable[str]) -> list[str]:
    """Agencies of which one of these was ever shown a token: an institution's, so it stays until it is rotated."""
    known = set(names)
    rows = [row for row in agencies.agencies(connection) if row.revoked_at is None]
    return [row.name for row in rows if not known.isdisjoint((row.token_makers or row.maker).split())]

"""Acts that take two persons: the first requests, the second confirms by the same call with the same details.

Both are lines of the audit log. Requests with other details wait independently, one for each person, so nobody can
block the request of another. The person who made a request can withdraw it. A request expires after a week, and is
void once the person may not make it any more: the token is revoked or expired, the person has no access or not the
role. That is judged when it is completed.
"""

from types import SimpleNamespace
from typing import Any, Final

from sqlalchemy import Connection, Row

from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.service.access.standing import Standing, standing
from suar.service.core.core import Core
from suar.service.publish import two_persons
from suar.store.people import access, proposals
from suar.store.people.access import REQUEST_ACTS, VOID, WITHDRAWN, Confirmed

LASTS: Final = 7 * limits.DAY
SCOPE: Final = "approve"
"""What both persons need, when the second one confirms."""
REQUESTS_MAX: Final = 1_000
"""Requests of one person that wait."""


def confirmed_by(
    core: Core, connection: Connection, act: Confirmed, about: str, details: bytes, who: str
) -> str | None:  # fmt: skip
    """Return the first person if `who` is the second one of this act; None if the act now waits for a second person.

    `details`: those that both state, or the state of the store that both mean. Runs in the caller's transaction,
    which does the act. Raises Fault where too much waits of `who`.
    """
    now = core.clock()
    everybody = standing(connection, now)
    _remove_void(core, connection, everybody, act, about)
    same = [row for row in waiting(core, connection, act, about) if proposals.details(core.vault, row) == details]
    for row in same:
        first = SimpleNamespace(who=row.who, counts_as=row.counts_as, editors=None, at=row.at)
        if everybody.may(who, SCOPE) and two_persons.is_second(core, connection, first, who, is_session=False):
            proposals.remove(connection, same)
            proposals.withdraw(connection, act, about, who)  # what the second person stated before is superseded
            access.note(connection, who, act, f"{about} with {row.who}", now)
            return str(row.who)
    if not same:
        proposals.forget(connection, now - LASTS)
        if proposals.count(connection, who) >= REQUESTS_MAX:
            raise Fault(
                "as much as may be waits of you for a second person", "have it confirmed, or withdraw some of it"
            )
        counts_as = two_persons.persons_counted(core, connection, who)
        proposals.put(connection, core.vault, act, about, details, who, counts_as, now)
        access.note(connection, who, REQUEST_ACTS[act], about, now)
    return None


def waiting(core: Core, connection: Connection, act: str, about: str | None = None) -> list[Row[Any]]:
    """Return the requests that a second person may confirm, the oldest first; about one id, or about any."""
    since = core.clock() - LASTS
    found = proposals.every(connection, act, since) if about is None else proposals.about(connection, act, about, since)
    everybody = standing(connection, core.clock())
    return [row for row in found if everybody.may(row.who, SCOPE)]


def _remove_void(core: Core, connection: Connection, everybody: Standing, act: Confirmed, about: str) -> None:
    """Delete the requests of this act whose first person may not make them any more; the audit log has each."""
    now = core.clock()
    for row in proposals.about(connection, act, about, now - LASTS):
        if not everybody.may(row.who, SCOPE):
            proposals.remove(connection, [row])
            access.note(connection, access.GATEWAY, VOID[act], f"{about} of {row.who}", now)


def withdraw_changed(
    core: Core, connection: Connection, act: Confirmed, about: str, details: bytes, who: str, known_since: int = 0
) -> bool:  # fmt: skip
    """Withdraw what `who` requested while the details of the act were others; returns False if there is no such
    request.

    For calls that do not name what they are about. The repeated call of somebody who was answered that it waits is no
    decision about what is there now; the next one is. `known_since`: when (ms) the last change was made without `who`.
    """
    own = [row for row in waiting(core, connection, act, about) if row.who == who]
    if all(row.at > known_since > 0 or proposals.details(core.vault, row) == details for row in own):
        return False
    return withdraw(core, connection, act, about, who)


def withdraw(core: Core, connection: Connection, act: Confirmed, about: str, who: str) -> bool:
    """Withdraw what `who` asked for, in the caller's transaction; False if nothing waits."""
    if not proposals.withdraw(connection, act, about, who):
        return False
    access.note(connection, who, WITHDRAWN[act], about, core.clock())
    return True

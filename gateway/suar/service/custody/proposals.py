"""Two persons for one act: the first asks, the second confirms by the same call with the same details.

Both are lines of the audit log. A proposal that nobody confirms expires after a week.
"""

from types import SimpleNamespace
from typing import Final

from sqlalchemy import Connection

from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.service.core.core import Core
from suar.service.publish import two_persons
from suar.store.people import access, proposals

LASTS: Final = 7 * limits.DAY


def confirmed_by(
    core: Core, connection: Connection, act: str, about: str, said: bytes, who: str, *, is_state: bool = False
) -> str | None:  # fmt: skip
    """Return the first person if `who` is the second one of this act; None if the act now waits for a second person.

    `said`: the details that both state. `is_state`: they are what the store has, so that a proposal about another state
    is void, and this is the first call. Runs in the caller's transaction, which does the act. Raises Fault for stated
    details other than those that wait.
    """
    now = core.clock()
    waiting = proposals.find(connection, act, about, now - LASTS)
    if waiting is None or (is_state and proposals.details(core.vault, waiting) != said):
        counts_as = two_persons.counts_as(core, connection, who)
        proposals.put(connection, core.vault, act, about, said, who, counts_as, now)
        access.note(connection, who, f"{act}-ask", about, now)
        return None
    if proposals.details(core.vault, waiting) != said:
        raise Fault(
            f"another {act} of {about} waits for a second person, with other details",
            "state the same details, or wait a week until it expires",
        )
    first = SimpleNamespace(who=waiting.who, counts_as=waiting.counts_as, editors=None, at=waiting.at)
    if not two_persons.is_second(core, connection, first, who, is_session=False):
        return None
    proposals.remove(connection, act, about)
    access.note(connection, who, act, f"{about} with {waiting.who}", now)
    return str(waiting.who)

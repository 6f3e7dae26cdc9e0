"""Erasure of the own text of a published message, by two persons.

Heads and digests stay, so another text under the same id and revision is still refused ([F9]), and so do the released
cells of a table: its readers have seen them. The sealed frames in the outbox and in the stream OUTBOX keep their
retention, because members that were away may still request them.
"""

from typing import Any, Final

from sqlalchemy import Connection

from suar.protocol.base.errors import Fault, Refused
from suar.protocol.base.instants import instant
from suar.service.access.as_shown import CHANGED
from suar.service.core.core import Core
from suar.service.custody import holds
from suar.service.custody.proposals import confirmed_by, withdraw_changed
from suar.service.reading.remains import remains
from suar.service.receive import recall
from suar.store.messages import rows as messages
from suar.store.outbound import recalls

ACT: Final = "erase"
WAITS: Final = "waits"
ERASED: Final = "erased"


def erase(core: Core, id_: str, who: str) -> dict[str, Any] | None:
    """Erase the text of a message of ours, or wait for a second person to confirm; None if there is no such message.

    Only of a message that was cancelled or has expired; the text of the cancel stays. Erasing it once more is no fault.
    Both persons mean the same revisions: after a further one the first call is void, and its repetition is refused.
    Raises Refused E-MESSAGE-SENDER for another member's message, E-CHANGED, and Fault for one in force.
    """
    if id_[:2] != core.member:
        raise Refused("E-MESSAGE-SENDER", "F8")
    with core.transaction() as connection:
        last = messages.lean(connection, id_)
        if last is None:
            return None
        below = last.rev if last.action == "cancel" else last.rev + 1
        if core.recalled.get(id_, 0) >= below:
            return _shape(core, connection, id_, ERASED, 0)
        if last.action != "cancel" and last.expires > core.clock():
            raise Fault(f"{id_} is in force", f"cancel it first: `suar cancel {id_}`")
        if recalls.is_queued(connection, id_, below):
            raise Fault(f"{id_} waits to be sent", "wait until it was sent to everybody: `suar deliveries` shows it")
        if holds.is_held(core, id_):
            raise holds.under_hold(core, id_)
        state = f"revisions below {below}".encode()
        if not withdraw_changed(core, connection, ACT, id_, state, who):
            if confirmed_by(core, connection, ACT, id_, state, who) is None:
                return _shape(core, connection, id_, WAITS, 0)
            count = recall.erase_below(core, connection, id_, below)
            return _shape(core, connection, id_, ERASED, count)
    raise Refused(CHANGED, "")


def _shape(core: Core, connection: Connection, id_: str, verdict: str, count: int) -> dict[str, Any]:
    found: dict[str, Any] = {"id": id_, "verdict": verdict, "revisions": count, "exports": 0, "backups": []}
    if verdict == ERASED:
        at = recalls.noted_at(connection, id_)
        first = messages.find(connection, id_, messages.chain_of(connection, id_)[0].rev)
        left = remains(core, connection, first, at) if first is not None else {}
        found |= {"erased": instant(core.clock() if at is None else at), **left}
    return found

"""Legal holds: the text of a message is kept, sealed, although its publisher recalled it: an authority orders that.

A cancel hides the text of a held message from everybody and destroys nothing. When the hold ends, by two persons or by
its date, the recall is completed and stated. Who sets a hold says what its publisher may be told: nothing, then no
receipt is sent and the publisher sees that this member has not confirmed the recall yet; the fact, which a receipt at
stage `held-by-law` states when the recall comes; or the name of the authority too. A hold does not bring back what is
destroyed.
"""

from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.protocol.base.instants import instant
from suar.protocol.base.reasons import Invalid
from suar.service.access.act_notes import note_reading
from suar.service.core.core import Core
from suar.service.custody.proposals import confirmed_by
from suar.service.reading import human_receipts
from suar.service.receive import lifecycle
from suar.store.messages import rows as messages
from suar.store.outbound import recalls
from suar.store.people import access, legal_holds
from suar.store.people.legal_holds import HoldDetails

ADD: Final = "hold-add"
END: Final = "hold-end"
ENDED: Final = "hold-over"
AUTHORITY_MAX: Final = 200  # characters
LONGEST: Final = 10 * 366 * limits.DAY
HOLDS_MAX: Final = 10_000


def is_held(core: Core, id_: str) -> bool:
    """Return whether a legal hold keeps the texts of the message."""
    return id_ in core.held_by_law or id_ in core.sealed_by_law


def under_hold(id_: str) -> Fault:
    """Return the fault of an act that a hold forbids."""
    return Fault(f"{id_} is under a legal hold", f"two persons end the hold first: `suar hold end {id_}`")


def add(
    core: Core, id_: str, who: str, authority: str, until: int, tell: str = legal_holds.FACT
) -> dict[str, Any] | None:  # fmt: skip
    """Put a message under a hold until a time (ms), or ask a second person; None if there is no such message.

    Raises Fault for a wrong authority or time, for the name of a person that would be told, for a message with a hold,
    and for one whose text is destroyed.
    """
    now = core.clock()
    _check(authority, until, now)
    if tell == legal_holds.AUTHORITY:
        _check_note(authority)
    with core.transaction() as connection:
        if not messages.chain_of(connection, id_):
            return None
        if is_held(core, id_):
            raise Fault(f"{id_} is under a legal hold already", "`suar hold list` shows it")
        if len(core.held_by_law) + len(core.sealed_by_law) >= HOLDS_MAX:
            raise Fault("as many messages are under a legal hold as may be", "`suar hold list`; end what is over")
        if not recalls.has_every_text(connection, id_):
            raise Fault(f"the text of {id_} is destroyed", "a hold does not bring back a text")
        said = HoldDetails(authority, until, tell=tell)
        first = confirmed_by(core, connection, ADD, id_, msgspec.json.encode(said), who)
        if first is None:
            return _shape(id_, "waits", until)
        said.persons = [first, who]
        legal_holds.add(connection, core.vault, id_, said, now)
        core.run_after_commit(lambda: core.held_by_law.update({id_: said.note()}))
    return _shape(id_, "held", until)


def _check(authority: str, until: int, now: int) -> None:
    if not 1 <= len(authority.strip()) <= AUTHORITY_MAX or not authority.isprintable():
        raise Fault("the authority is not named", f"name it on one line of at most {AUTHORITY_MAX} characters")
    if not now < until <= now + LONGEST:
        raise Fault("the end of the hold is not in the future, or more than ten years away", "give another date")


def _check_note(authority: str) -> None:
    try:
        human_receipts.check_note(authority)
    except Invalid as invalid:
        hint = "name the authority and the case, not a person; or tell the fact alone"
        raise Fault(f"the authority cannot be told: {invalid.reasons[0].message}", hint) from None


def end(core: Core, id_: str, who: str) -> dict[str, Any] | None:
    """End a hold, or ask a second person to confirm; None if the message has none. A recall is completed then.

    Both persons mean the same hold: a first call about an earlier hold is void.
    """
    with core.transaction() as connection:
        found = next((row for row in legal_holds.holds(connection) if row.id == id_), None)
        if found is None:
            return None
        state = f"hold of {found.since} until {found.until}".encode()
        if confirmed_by(core, connection, END, id_, state, who, is_state=True) is None:
            return _shape(id_, "waits", found.until)
        _complete(core, connection, id_)
        return _shape(id_, "ended", found.until)


def end_over(core: Core) -> int:
    """End every hold whose date has come; returns how many."""
    now = core.clock()
    if not core.held_by_law and not core.sealed_by_law:
        return 0
    with core.transaction() as connection:
        over = legal_holds.over(connection, now)
        for id_ in over:
            access.note(connection, access.GATEWAY, ENDED, id_, now)
            _complete(core, connection, id_)
    return len(over)


def _complete(core: Core, connection: Connection, id_: str) -> None:
    """Delete the hold, and destroy what was recalled meanwhile, in the caller's transaction."""

    def forget() -> None:
        core.held_by_law.pop(id_, None)
        core.sealed_by_law.pop(id_, None)

    legal_holds.remove(connection, id_)
    core.run_after_commit(forget)
    below = core.recalled.get(id_, 0)
    if below and id_[:2] != core.member:
        core.due.note_destroyed()
        lifecycle.destroy_revisions(core, connection, id_, below, is_hold_over=True)


def listed(core: Core, who: str) -> list[dict[str, Any]]:
    """Return every hold with its authority; the audit log notes who asked."""
    note_reading(core, who, "hold-list", "holds")
    with core.transaction() as connection:
        rows = legal_holds.holds(connection)
        return [_row(core, row) for row in rows]


def _row(core: Core, row: Any) -> dict[str, Any]:
    said = legal_holds.details(core.vault, row)
    return {
        "id": row.id, "authority": said.authority, "since": instant(row.since), "until": instant(row.until),
        "persons": said.persons, "recalled": row.id in core.recalled, "tell": said.tell,
    }  # fmt: skip


def _shape(id_: str, verdict: str, until: int) -> dict[str, Any]:
    return {"id": id_, "verdict": verdict, "until": instant(until)}

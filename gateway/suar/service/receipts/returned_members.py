"""Members that returned from suspension, and what is owed to them: our messages to all that were published meanwhile.

A message is owed if it is still in force and the member may read its kind ([K7]); its state is `owed` until it is
sealed (gaps/suspension_backlog.py). A cancel is included only where the member has the cancelled message; it is shown
as owed while the member is suspended too, because the text is there. A member that no earlier list had is owed nothing.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row

from suar.protocol.base.subjects import ALL
from suar.protocol.message.kinds import PUBLISHED
from suar.protocol.trust.members import TrustStore
from suar.protocol.trust.trustlist import TrustList
from suar.service.core.altered_rows import open_row
from suar.service.core.core import Core
from suar.store.messages import rows as messages
from suar.store.messages.rows import AlteredRow
from suar.store.outbound import delivery_view, owed
from suar.store.outbound.delivery_view import Delivery


class Return(NamedTuple):
    """Return the list by which a member is active again, and when (ms) the one was issued that suspended it."""

    version: int
    since: int


def returned_by(trust: TrustStore, member: str) -> Return | None:
    """Return the last return of a member that is active now; None when it was always active, or first listed since."""
    lists = [trust.history[version].list for version in sorted(trust.history, reverse=True)]
    later = next((at for at, each in enumerate(lists) if not _is_active(each, member)), len(lists))
    earlier = lists[later:]  # the newest list does not have it active
    known = [at for at, each in enumerate(earlier) if each.member(member) is not None]
    if not later or not known:
        return None
    end = next((at for at, each in enumerate(earlier) if _is_active(each, member)), known[-1] + 1)
    return Return(lists[later - 1].version, earlier[end - 1].issued)


def _is_active(content: TrustList, member: str) -> bool:
    listed = content.member(member)
    return listed is not None and listed.is_active


def note_returns(core: Core, connection: Connection, members: Iterable[str]) -> None:
    """Record the members that returned from suspension by a new list or by an earlier unrecorded one."""
    for member in sorted(members):
        back = returned_by(core.world.trust, member) if member != core.member else None
        last = core.vault.numbers.last
        if back is not None and owed.note_returned(connection, member, back.version, back.since, last):
            core.due.note_returned()
            core.log_event("member_returned", member=member, version=back.version)


def with_owed(core: Core, connection: Connection, row: Row[Any], rows: Sequence[Delivery]) -> list[Delivery]:
    """Return the deliveries of a message of ours, with the members to which it will be owed. For any thread."""
    named = {each.member for each in rows}
    found = [Delivery(member, owed.STATE) for member in _away_with_text(core, connection, row) if member not in named]
    found += [
        Delivery(back.member, owed.STATE)
        for back in owed.returned(connection)
        if back.member not in named
        and owed.is_candidate(connection, row.n, core.member, back, core.clock())
        and is_owed(core, connection, core.status.trust.current, row, back.member)
    ]
    return sorted([*rows, *found]) if found else list(rows)


def is_owed(core: Core, connection: Connection, current: TrustList | None, row: Row[Any], member: str) -> bool:
    """Check what the columns do not hold: sent to all, readable kind; for a cancel, that it has the message."""
    if row.kind not in readable_kinds(core, current, member):
        return False
    if not _is_to_all(core, row):
        return False
    if row.action != "cancel":
        return True
    return member in _earlier_readers(connection, row)


def _is_to_all(core: Core, row: Row[Any]) -> bool:
    try:
        body = open_row(core, row)
    except AlteredRow:
        return False
    return body is not None and bool(json.loads(body)["audience"]["members"] == ALL)


def _earlier_readers(connection: Connection, row: Row[Any]) -> set[str]:
    """Return the members that a revision before this one was for."""
    earlier = [link.rev for link in messages.chain_of(connection, row.id) if link.rev < row.rev]
    return {member for rev in earlier for member in delivery_view.readers(connection, row.id, rev)}


def _away_with_text(core: Core, connection: Connection, row: Row[Any]) -> list[str]:
    """Return the members to which a cancel to all is owed when they return: suspended or not listed, and had a text."""
    current = core.status.trust.current
    if current is None or row.action != "cancel" or row.realm != "actual" or row.expires <= core.clock():
        return []
    active = {listed.code for listed in current.members if listed.is_active}
    away = _earlier_readers(connection, row) - active
    return sorted(away) if away and _is_to_all(core, row) else []


def readable_kinds(core: Core, current: TrustList | None, member: str) -> list[str]:
    """Return the kinds that the member may receive now."""
    if current is None:
        return []
    routes = core.readers.routes(current)
    return [kind for kind in PUBLISHED if routes(kind, (member,))]

"""The backlog of a member that returns from suspension: our messages to all that were published meanwhile.

They are sealed for it alone, the same bytes, if they are still in force and it may read their kind ([K7]); their state
is `owed` until then. A cancel is included only where the member has the cancelled message. A member that no earlier
list had is owed nothing. The work runs in small steps in the background, its progress is stored, it proceeds by
urgency, and it counts against the quota of the member (allowance.py).
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row

from suar.protocol.base import limits
from suar.protocol.base.subjects import ALL
from suar.protocol.message.kinds import PUBLISHED
from suar.protocol.trust.members import TrustStore
from suar.protocol.trust.trustlist import TrustList
from suar.service.access import allowance
from suar.service.core.altered_rows import open_row
from suar.service.core.core import Core
from suar.service.receipts.receipts import reseal_row
from suar.store.messages import rows as messages
from suar.store.messages.rows import AlteredRow
from suar.store.outbound import delivery_view, owed, queue
from suar.store.outbound.delivery_view import Delivery

SEAL_AT_ONCE: Final = 100  # messages for one member in one step
IDLE: Final = 5 * limits.SECOND  # between two steps when the last one found nothing to do


class Return(NamedTuple):
    """The list by which a member is active again, and when the one was issued that suspended it (ms)."""

    version: int
    since: int


def returned_by(trust: TrustStore, member: str) -> Return | None:
    """The last return of a member that is active now; None when it was always active, or no earlier list had it."""
    lists = [trust.history[version].list for version in sorted(trust.history, reverse=True)]
    later = next((at for at, each in enumerate(lists) if not _is_active(each, member)), len(lists))
    earlier = lists[later:]  # the newest of them does not have it active
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
        if back is not None and owed.note_returned(connection, member, back.version, back.since):
            core.due.note_returned()
            core.log_event("member_returned", member=member, version=back.version)


def with_owed(core: Core, connection: Connection, row: Row[Any], rows: Sequence[Delivery]) -> list[Delivery]:
    """Deliveries of a message of ours, with the members that it will be owed to once it is looked at.

    For any thread.
    """
    named = {each.member for each in rows}
    found = [
        Delivery(back.member, owed.STATE)
        for back in owed.returned(connection)
        if back.member not in named
        and owed.is_candidate(connection, row.n, core.member, back, core.clock())
        and _is_owed(core, connection, core.status.trust.current, row, back.member)
    ]
    return sorted([*rows, *found]) if found else list(rows)


def _is_owed(core: Core, connection: Connection, current: TrustList | None, row: Row[Any], member: str) -> bool:
    """Check what the columns do not hold: sent to all, readable kind; for a cancel, that it has the message."""
    if row.kind not in _readable(core, current, member):
        return False
    try:
        body = open_row(core, row)
    except AlteredRow:
        return False
    if body is None or json.loads(body)["audience"]["members"] != ALL:
        return False
    if row.action != "cancel":
        return True
    earlier = [link.rev for link in messages.chain_of(connection, row.id) if link.rev < row.rev]
    return any(member in delivery_view.readers(connection, row.id, rev) for rev in earlier)


def _readable(core: Core, current: TrustList | None, member: str) -> list[str]:
    """The kinds that the member may be given now."""
    if current is None:
        return []
    routes = core.readers.routes(current)
    return [kind for kind in PUBLISHED if routes(kind, (member,))]


class SuspensionBacklog:
    """Searches our messages for returned members, then has them sealed, step by step."""

    def __init__(self, core: Core) -> None:
        self._core, self._next = core, 0

    def run_due(self) -> int:
        """Once in a while; how many messages were queued."""
        core, now = self._core, self._core.clock()
        if now < self._next <= now + IDLE and not core.due.has_returned:
            return 0
        with core.transaction() as connection:
            walked = owed.returned(connection)
            for row in walked:
                self._process_row(connection, row, now)
            walks = {row.member for row in owed.returned(connection)}
            owed.drop_superseded(connection)
            count = sum(
                self._seal(connection, member, now) for member in owed.members(connection) if member not in walks
            )
        core.due.mark_returns_processed(are_left=bool(walks))
        self._next = now if walked or count else now + IDLE
        return count

    def _process_row(self, connection: Connection, row: Row[Any], now: int) -> None:
        core = self._core
        for message in owed.find_next_owed(connection, row, core.member, now):
            if _is_owed(core, connection, core.world.trust.current, message, row.member):
                owed.mark_owed(connection, message, row.member, now)

    def _seal(self, connection: Connection, member: str, now: int) -> int:
        """Seal the most urgent messages of the backlog, within the member's quota and the capacity of OUTBOX."""
        core, count = self._core, 0
        world = core.world
        if not core.outbox_capacity.release_bytes_left:
            return 0
        if not world.trust.is_active(member) or world.bundles.newest_valid(member, world.trust, now) is None:
            return 0
        for row in owed.most_urgent(
            connection, member, _readable(core, world.trust.current, member), now, SEAL_AT_ONCE
        ):
            if allowance.refusal(core, connection, member, row.size) is not None:
                break
            allowance.spend_resend(core, connection, member, row.size)
            owed.queue(connection, row.id, row.rev, member)
            queue.enqueue(connection, [reseal_row(row.realm, member, row.id, row.rev, priority=row.lane)])
            count += 1
        return count

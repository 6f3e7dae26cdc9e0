"""Seals the backlog of a member that returned from suspension, for it alone, the same bytes.

The work runs in small steps in the background, its progress is stored, it proceeds by urgency, and it counts against
the quota of the member (access/daily_quotas.py). What is owed: receipts/returned_members.py.
"""

from typing import Any, Final

from sqlalchemy import Connection, Row

from suar.protocol.base import limits
from suar.service.access import daily_quotas
from suar.service.core.core import Core
from suar.service.receipts.receipts import reseal_row
from suar.service.receipts.returned_members import is_owed, readable_kinds
from suar.store.outbound import owed, queue

SEAL_BATCH: Final = 100  # messages for one member in one step
IDLE: Final = 5 * limits.SECOND  # between two steps when the last one found nothing to do


class SuspensionBacklog:
    """Searches our messages for returned members, then has them sealed, step by step."""

    def __init__(self, core: Core) -> None:
        self._core, self._next = core, 0

    def run_due(self) -> int:
        """Process the next step if it is due; returns how many messages were queued."""
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
            if is_owed(core, connection, core.world.trust.current, message, row.member):
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
            connection, member, readable_kinds(core, world.trust.current, member), now, SEAL_BATCH
        ):
            if daily_quotas.refusal(core, connection, member, row.size) is not None:
                break
            daily_quotas.spend_resend(core, connection, member, row.size)
            owed.queue(connection, row.id, row.rev, member)
            queue.enqueue(connection, [reseal_row(row.realm, member, row.id, row.rev, priority=row.lane)])
            count += 1
        return count

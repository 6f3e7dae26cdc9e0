"""What was on its way and is refused at every receiver, sealed again.

A list that suspends a member, or the end of one of its keys, closes that member's epochs at every receiver ([T12]): a
frame of it that was on its way is refused there for ever, and nobody can tell its sender. Messages were in such frames,
and receipts. So when a member may speak again, it sends once more to everybody what has no receipt, and everybody sends
once more to it: the same bytes, in a new epoch of one member's channel. Who has them already states so again.

Refused for ever are also epochs that begin too late after a list that their sender did not know ([E6]): its line was
cut meanwhile, or its clock ran ahead. What was in them goes out again once it knows the list.
"""

from collections.abc import Sequence, Set
from typing import Any

from sqlalchemy import Connection, Row

from suar.protocol.base import limits
from suar.protocol.base.subjects import ALL
from suar.protocol.transport import epoch as epochs
from suar.service.access import daily_quotas
from suar.service.access.own_objects import NotOurs, read_epoch, read_frame, receipts_in_frame
from suar.service.core.core import Core
from suar.service.receipts.receipts import receipt_row, reseal_row
from suar.service.receipts.returned_members import note_returns
from suar.store.messages import exposure
from suar.store.outbound import delivery_rows, outbox, own_statements, queue
from suar.store.recovery import readback as recovery


def follow_trust(core: Core, connection: Connection) -> None:
    """Apply the effects of a new trust list, in its transaction."""
    reseal_unconfirmed(core, connection, core.reinstated_members())
    reseal_refused(core, connection)


def reseal_unconfirmed(core: Core, connection: Connection, members: Set[str]) -> int:
    """Queue our messages without a receipt of these members, or of all when we are one of them; returns how many.

    Messages to all that were published while one of them was suspended are owed to it from now on
    (suspension_backlog.py).
    """
    is_ours = core.member in members
    if is_ours:
        resend_statements(core, connection)
    note_returns(core, connection, members)
    return requeue_deliveries(
        connection, delivery_rows.requeue_sealed(connection, None if is_ours else sorted(members))
    )


def resend_statements(core: Core, connection: Connection) -> None:
    """Queue the statements of people here about others' messages again.

    `stored` is stated when a message arrives again, but nobody requests the other stages. Receivers keep nothing twice.
    """
    if own_statements.requeue_since(connection, core.clock() - limits.RETENTION):
        core.due.note_statements()


def reseal_refused(core: Core, connection: Connection) -> int:
    """[E6] After a new list, queue the contents of our epochs that are refused for it; returns how many items.

    This includes their receipts: nobody knows of them, so nobody would request them. Each epoch is checked once, with
    the list after the one that it names.
    """
    count, trust = 0, core.world.trust
    for row in exposure.own_epochs(connection):
        epoch = epochs.content(row.data)
        if epoch.trust_version == trust.version - 1 and epochs.is_too_late(trust, epoch):
            items = _requeue_epoch(core, connection, row)
            core.log_event("epoch_too_late", "warning", epoch_id=row.epoch_id.hex(), queued=items)
            count += items
    return count


def reseal_before(core: Core, connection: Connection, member: str, refused: bytes) -> int:
    """[E8] Queue what a member did not confirm of the epoch before a refused one that it requested; returns how many.

    A member records nothing that a refused epoch names. So an earlier epoch that it is missing is named by no other
    object, and is refused when it arrives. Frames in their order, as many as the member may have today.
    """
    data = recovery.epoch_data(connection, refused)
    before = b"" if data is None else epochs.content(data).prev_epoch
    earlier = recovery.epoch_data(connection, before)
    count = 0
    if earlier is None or epochs.is_too_late(core.world.trust, epochs.content(earlier)):
        return count  # none, or queued with the list
    for frame_hash, _ in outbox.frames_of(connection, before):
        size = outbox.frame_size(connection, before, frame_hash)
        if daily_quotas.refusal(core, connection, member, size) is not None:
            break
        messages = recovery.messages_in(connection, frame_hash)
        if queued := requeue_deliveries(connection, delivery_rows.requeue(connection, messages, [member])):
            daily_quotas.spend_resend(core, connection, member, size)
            count += queued
    return count


def _requeue_epoch(core: Core, connection: Connection, epoch: Row[Any]) -> int:
    """Queue the contents of one epoch: messages by their deliveries, receipts from its frames."""
    members = None if epoch.channel == ALL else [epoch.channel]
    frames, rows = [name for name, _ in outbox.frames_of(connection, epoch.epoch_id)], []
    for frame_hash in frames:
        recovery.abandon_frame(connection, frame_hash, core.clock())
        rows += delivery_rows.requeue(connection, recovery.messages_in(connection, frame_hash), members)
    return requeue_deliveries(connection, rows) + requeue_receipts(core, connection, epoch.data, frames)


def requeue_receipts(core: Core, connection: Connection, data: bytes, frames: Sequence[bytes]) -> int:
    """Queue the receipts in these frames (by hash) of an epoch of ours (its bytes); returns how many.

    None are to all.
    """
    epoch = epochs.content(data)
    if epoch.channel == ALL:
        return 0
    try:
        own = read_epoch(core, data, epoch.realm)
    except NotOurs:
        return 0  # of a key that was removed from the list
    count = 0
    for frame in outbox.frames_named(connection, own.id, set(frames)):
        receipts = list(receipts_in_frame(own, read_frame(own, frame)))
        queue.enqueue(connection, [receipt_row(core.vault, epoch.realm, epoch.channel, plain) for plain in receipts])
        count += len(receipts)
    return count


def requeue_deliveries(connection: Connection, rows: Sequence[Row[Any]]) -> int:
    """Queue deliveries (id, rev, member, realm), each for its member alone; returns how many."""
    queue.enqueue(connection, [reseal_row(row.realm, row.member, row.id, row.rev) for row in rows])
    return len(rows)

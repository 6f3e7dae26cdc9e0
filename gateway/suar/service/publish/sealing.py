"""Seals and publishes. Each step is one transaction; a crash between two steps loses nothing.

Seal: frames and the own head are committed together, in the transaction that accepted a message, or later from the
queue. Publish: the sealed bytes are sent in order and repeated until the own server has stored them.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row

from suar.observe.hooks import FrameSent
from suar.protocol.base.errors import Refused, Wait
from suar.protocol.base.subjects import ALL
from suar.protocol.transport.sending import Outgoing
from suar.protocol.trust.trustlist import TrustList
from suar.service.access import audit_commitments, daily_quotas
from suar.service.access.troubles import troubles
from suar.service.core.core import Core
from suar.service.core.reading_policy import Routes, kind_of_id
from suar.service.publish import queued_rows
from suar.service.reading import human_receipts
from suar.service.receipts.receipts import merge_receipts, reseal_row
from suar.service.settings.hardware_key import AWAY, KeyAway
from suar.service.settings.outbox_capacity import RECEIPT_PRIORITY, is_ordinary
from suar.store.outbound import deliveries, delivery_rows, delivery_view, outbox, own_heads, queue, strange_objects
from suar.store.outbound.queue import Accepted, Queued
from suar.store.recovery import positions

SEAL_BATCH = 1_000  # queue rows in one transaction


# -- seal


class _Item(NamedTuple):
    """One item to be sealed for one channel: a message with its row, or a receipt with the rows that it combines."""

    rows: Sequence[Any]  # of the queue, as judged, or Accepted
    content: bytes


def seal_queued(core: Core, *, with_receipts: bool = True) -> int:
    """Seal queued items, the most urgent first; returns the number of frames, 0 when nothing may be sealed."""
    with core.transaction() as connection:
        if with_receipts and core.due.has_statements:
            human_receipts.queue_due(core, connection)
        lanes = core.outbox_capacity.open_lanes(with_receipts=with_receipts)
        while rows := queue.due(connection, SEAL_BATCH, lanes.least_urgent, no_ordinary=lanes.is_without_ordinary):
            sound = queued_rows.judged(core, connection, rows)
            fitting = _drop_over_capacity(core, sound)
            lanes = lanes._replace(is_without_ordinary=lanes.is_without_ordinary or len(fitting) < len(sound))
            frames = _seal_now(core, connection, _park_over_quota(core, connection, fitting))
            if frames != 0:
                return frames or 0  # else all of them were parked, and later items may be sent
    return 0


def _drop_over_capacity(core: Core, rows: Sequence[Any]) -> Sequence[Any]:
    """Drop ordinary messages that would fill the own stream above the part reserved for alerts and receipts.

    They stay in the queue.
    """
    left, kept = core.outbox_capacity.ordinary_bytes_left, []
    for row in rows:
        if is_ordinary(row.priority):
            left -= len(row.data)
        if left >= 0 or not is_ordinary(row.priority):
            kept.append(row)
    return kept


def _park_over_quota(core: Core, connection: Connection, rows: Sequence[Any]) -> Sequence[Any]:
    """Park the receipts that exceed a member's daily quota until tomorrow; returns the others."""
    left: dict[str, int] = {}
    kept, parked = [], []
    for row in rows:
        if row.id is None and row.channel not in left:
            left[row.channel] = daily_quotas.receipt_bytes_left(core, connection, row.channel)
        if row.id is None and left[row.channel] < len(row.body):
            left[row.channel] = 0  # in their order
            parked.append(row.n)
            continue
        if row.id is None:
            left[row.channel] -= len(row.body)
        kept.append(row)
    queue.park(connection, parked)
    return kept


def seal_or_queue(core: Core, connection: Connection, accepted: Sequence[Accepted]) -> None:
    """Seal the items at the end of the transaction, or queue them when nothing may be sealed now."""
    if not core.seal_in_transaction(accepted, _seal_accepted):
        _enqueue(core, connection, accepted)


def _seal_accepted(core: Core) -> None:
    """Seal what this transaction accepted, most urgent first, or queue it when others wait."""
    with core.transaction() as connection:
        accepted = sorted(core.pop_accepted(), key=lambda each: each.priority)
        is_fitting = len(_drop_over_capacity(core, accepted)) == len(accepted)
        waits = queue.is_due(connection, RECEIPT_PRIORITY - 1) or not is_fitting
        if core.is_reload_pending or waits or _seal_now(core, connection, accepted) is None:
            _enqueue(core, connection, accepted)
            if waits and not core.is_reload_pending:
                seal_queued(core, with_receipts=False)


def _enqueue(core: Core, connection: Connection, accepted: Sequence[Accepted]) -> None:
    queue.enqueue(connection, [each.queued() for each in accepted])
    if accepted:
        core.due.note_queued()


def _seal_now(core: Core, connection: Connection, rows: Sequence[Any]) -> int | None:
    """Seal these items in their order; returns the number of frames, None when nothing may be sealed now.

    While the identity key is away, items that need a new epoch wait in the queue.
    """
    now = core.clock()  # one time for all of them: sealing that is allowed at the start is allowed to the end
    try:
        current = core.sender.check(core.world, now)
    except (Refused, Wait) as stop:
        core.log_event("sealing_stopped", "warning", code=stop.code)
        return None
    if not core.sender.identity.is_ready:
        open_, late = _split_by_open_epoch(core, current, rows, now)
        if late and not open_:
            core.log_event("sealing_stopped", "warning", code=AWAY)
            return None
        _enqueue(core, connection, [row for row in late if row.n is None])
        rows = open_
    frames = _seal_rows(core, connection, current, rows, now)
    core.faults.hit("outbound.sealed")
    core.run_after_commit(partial(core.faults.hit, "outbound.committed"))
    return frames


def _split_by_open_epoch(core: Core, current: TrustList, rows: Sequence[Any], now: int) -> tuple[list[Any], list[Any]]:
    """Return the items whose channels all have an epoch that continues, and the others."""
    routes, found = core.readers.routes(current), ([], [])  # type: ignore[var-annotated]
    for row in rows:
        chains = [core.sender.chain(row.realm, channel) for channel in _current_channels(row, routes)]
        found[any(core.sender.is_stale(core.world, chain, now) for chain in chains)].append(row)
    return found


def _seal_rows(core: Core, connection: Connection, current: TrustList, rows: Sequence[Any], now: int) -> int:
    by_channel: dict[tuple[str, str, str | None], list[_Item]] = defaultdict(list)  # one frame, one set of readers
    routes = core.readers.routes(current)
    for row in rows:
        item = _Item((row,), row.data)
        for channel in _channels(connection, row, routes):
            by_channel[row.realm, channel, row.readers if channel == ALL else None].append(item)
    frames = 0
    for (realm, channel, _), items in by_channel.items():
        frames += _seal_channel(core, connection, (realm, channel), _merge_items(items), now)
    queue.dequeue(connection, [row.n for row in rows if row.n is not None])
    chains = [core.sender.chain(realm, channel) for realm, channel in dict.fromkeys(key[:2] for key in by_channel)]
    own_heads.save(connection, core.sender.identity.kid, [chain for chain in chains if chain.opened])
    return frames


def _merge_items(items: Sequence[_Item]) -> list[_Item]:
    """Return messages unchanged, then receipts, merged into as few as possible."""
    found = [item for item in items if item.rows[0].id is not None]
    receipts, first = [item for item in items if item.rows[0].id is None], 0
    for count, plain in merge_receipts([item.content for item in receipts]):
        found.append(_Item([row for item in receipts[first : first + count] for row in item.rows], plain))
        first += count
    return found


def _current_channels(row: Any, routes: Routes) -> list[str]:
    """Return the channels of an item by the present trust list."""
    if row.channel is not None:
        kind = row.kind if row.id is None else kind_of_id(row.id)  # it has waited: rights may have changed
        return routes(kind, (row.channel,))
    return routes(row.kind, row.audience if row.audience == ALL else tuple(row.audience.split(",")))


def _channels(connection: Connection, row: Any, routes: Routes) -> list[str]:
    """[E14] Return the channels by the present trust list; the item is parked for those who may no longer read it."""
    channels = _current_channels(row, routes)
    if row.channel is not None:
        if not channels:
            _park(connection, row, [row.channel])
    elif channels != [ALL]:
        _park(connection, row, [code for code in delivery_view.split_codes(row.readers) if code not in channels])
    return channels


def _park(connection: Connection, row: Any, members: Sequence[str]) -> None:
    """Keep the item for members that cannot get it now, as `no-valid-key`, until each has a key again ([K7])."""
    for member in members:
        if row.body is not None:
            kept = Queued(row.realm, row.priority, row.kind, channel=member, body=row.body, is_parked=True)
            queue.enqueue(connection, [kept])
        elif delivery_rows.hold_for_key(connection, row, member):
            queue.enqueue(connection, [reseal_row(row.realm, member, row.id, row.rev, parked=True)])


def _seal_channel(core: Core, connection: Connection, where: tuple[str, str], items: list[_Item], now: int) -> int:
    realm, channel = where
    rows = [row for item in items for row in item.rows]
    try:
        outgoing = core.sender.prepare(core.world, realm, channel, [item.content for item in items], now)
    except Refused as refused:
        if refused.code != "E-NO-VALID-KEY":
            raise
        for row in rows:
            _park(connection, row, delivery_view.split_codes(row.readers) if channel == ALL else [channel])
        return 0
    size = sum(len(item.rows[0].body) for item in items if item.rows[0].id is None)
    if size:
        daily_quotas.spend_receipts(core, connection, channel, size)
    _store_sealed(core, connection, outgoing, now)
    left_out = core.sender.chain(realm, channel).left_out
    deliveries.keep_sealed(connection, outgoing, [item.rows[0] for item in items], left_out)
    for row in rows:
        _park(connection, row, left_out)
    return sum(item.type == "frame" for item in outgoing)


def _store_sealed(core: Core, connection: Connection, outgoing: Sequence[Outgoing], now: int) -> None:
    """Store sealed objects with the transaction; the publish loop gets them after it."""
    rows = outbox.append_sealed(connection, outgoing, now)
    core.run_after_commit(partial(core.sealed_rows.add, rows))
    core.run_after_commit(partial(core.outbox_capacity.reserve, sum(len(item.data) for item in outgoing)))


# -- publish


def next_to_publish(core: Core, limit: int, without: Collection[int] = ()) -> list[Row[Any]]:
    """Return committed sealed objects in order, without these row numbers and rows that somebody else wrote
    (`altered_rows.withdraw_objects`); on the reader thread.
    """
    with core.database.reading() as connection:
        return strange_objects.unpublished(connection, core.member, limit, without, core.strange_objects)


def mark_published(
    core: Core,
    rows: Sequence[Row[Any]],
    sequence: int = 0,
    duplicates: Collection[int] = (),
    times: Mapping[int, int] = MappingProxyType({}),
) -> None:
    """Mark objects as stored by the own server: their messages are `sent`.

    `sequence`: the number of the last one in OUTBOX. `duplicates`: row numbers that the server had already; those that
    were to be sent again wait until it accepts them. `times`: since when it has a row number, in ms, by default now. If
    a crash loses this, the same bytes are published again under the same id.
    """
    core.faults.hit("outbound.published")
    now = core.clock()
    with core.transaction() as connection:
        outbox.mark_published(connection, [(row.n, times.get(row.n, now)) for row in rows])
        again = [row.n for row in rows if row.again_at == outbox.AGAIN and row.n in duplicates]
        outbox.postpone_duplicates(connection, again, now)
        core.record_position(connection, positions.OUTBOX, sequence)
        frames = [(row.frame_hash, row.channel, times.get(row.n, now)) for row in rows if row.messages]
        deliveries.mark_sent(connection, frames)
        for row in rows:
            if row.frame_hash is not None:
                core.queue_record(
                    FrameSent(at=now, realm=row.realm, channel=row.channel, messages=row.messages, bytes=len(row.data))
                )


def seal_heartbeat(core: Core) -> bool:
    """Seal a heartbeat; False when no member could open it or nothing may be sealed now."""
    with core.transaction() as connection:
        now = core.clock()
        try:
            faults = troubles(core.build_status(), now)
            outgoing = core.sender.heartbeat(core.world, now, faults, partial(audit_commitments.own, core))
        except (Refused, Wait, KeyAway) as stop:
            if stop.code != "E-NO-VALID-KEY":
                core.log_event("heartbeat_stopped", "warning", code=stop.code)
            return False
        _store_sealed(core, connection, outgoing, now)
        _close_idle(core, connection, now)
        opened = [chain for chain in core.sender.chains.values() if chain.opened]
        own_heads.save(connection, core.sender.identity.kid, opened)
    return True


def _close_idle(core: Core, connection: Connection, now: int) -> None:
    """[E13] End the bilateral epochs that had no traffic for 10 minutes."""
    for chain in list(core.sender.chains.values()):
        if core.sender.is_idle(chain, now) and not core.sender.is_stale(core.world, chain, now):
            _store_sealed(core, connection, core.sender.close(core.world, chain.realm, chain.channel, now), now)
            own_heads.save(connection, core.sender.identity.kid, [chain])

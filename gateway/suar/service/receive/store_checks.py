"""Compares stored messages with what was written, a few at a time, continuously.

A row is decrypted with all its columns as associated data (store/messages/rows.py), so a row that somebody else wrote
is detected when it is shown, and otherwise by this check. A row that fails is reported, and removed if its member sends
it again. A missing message is detected by the number in its frame's row (store/inbound/held_frames.py), an own one by
the index of its frame (store/outbound/deliveries.py); that one does not come again, so it is only reported.

The first walk after a start also reads each message that was stored before: one that this version cannot read is
counted and logged once, because lists, feeds and exports leave it out.
"""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row

from suar.observe.hooks import Happened
from suar.protocol.base import limits
from suar.protocol.message.kinds import Entry
from suar.protocol.message.messages import readable
from suar.protocol.transport.world import EpochState
from suar.service.core import altered_rows
from suar.service.core.core import Core
from suar.service.receipts.receipts import Statements
from suar.service.receive import recall
from suar.store.engine.database import StoreFault
from suar.store.inbound import held_frames, strange_waiting
from suar.store.inbound.held_frames import NO_FRAMES, ExpectedFrames, FrameNumber
from suar.store.inbound.world_loading import Altered
from suar.store.messages import inbox
from suar.store.messages import rows as messages
from suar.store.messages.rows import AlteredRow
from suar.store.outbound import deliveries, recalls, strange_objects

FRAMES: Final = 2_000  # in one step: some ten milliseconds
LOST_MAX: Final = 1_000  # frames that are remembered until they are requested, own messages once they are reported
CONTENTS: Final = 500  # of own frames in one step, more than a frame has: some milliseconds
ROWS: Final = 128  # examined in one step: two milliseconds
SETTLED: Final = 64  # reported in one transaction
ExpectedOf = Callable[[Connection, bytes], ExpectedFrames]


class Walk:
    """Iterates over all messages, the oldest first, repeatedly. `read_to`: those up to this number are read once."""

    def __init__(self, core: Core, read_to: int | None = None) -> None:
        self._core, self.after = core, 0
        self._read_to = core.vault.numbers.last if read_to is None else read_to

    def step(self) -> int:
        """Check the next rows, on the reader's thread; returns how many. `settle` reports those that do not verify.

        Raises StoreFault where the store cannot be read, unless that is because of a value that no row has.
        """
        core = self._core
        try:
            return self._step(core)
        except StoreFault:
            with core.database.reading() as connection:
                found = inbox.any_large(connection)
            core.suspect_rows(*found)
            if not found:
                raise
            return len(found)

    def _step(self, core: Core) -> int:
        with core.database.reading() as connection:
            if not self.after:
                core.suspect_rows(*core.vault.numbers.strange(connection))
            numbers = inbox.next_numbers(connection, self.after, ROWS)
            core.suspect_rows(*inbox.large(connection, numbers))
            for rows in inbox.pages(connection, numbers):
                chains = messages.chains_of(connection, {row.id for row in rows})
                for row in rows:
                    if not _is_as_written(core, row, chains[row.id]):
                        core.suspect_rows(row.n)
                    elif row.n <= self._read_to or row.n in core.unreadable:
                        _note_unreadable(core, row, chains[row.id])
        self.after = numbers[-1] if numbers else 0
        self._read_to = self._read_to if numbers else 0
        return len(numbers)


class FrameWalk:
    """Iterates over the frames of others that streams may still have, the oldest epoch first, repeatedly.

    `expected_of`: which frames an epoch must have; by default as the status has it.
    """

    def __init__(self, core: Core, expected_of: ExpectedOf | None = None) -> None:
        self._core, self._n, self._next = core, 0, 0
        self._expected_of = expected_of or self._by_status

    def step(self) -> bool:
        """Check the next frames of an epoch, on the reader's thread; returns False after the last epoch."""
        core = self._core
        with core.database.reading() as connection:
            epoch = held_frames.next_epoch(connection, self._n)
            if epoch is None:
                self._n = self._next = 0
                return False
            n, id_ = epoch
            numbers, after = held_frames.lost(
                connection, core.vault, id_, self._next, FRAMES, is_adopted=core.integrity.is_adopted
            )
            expected = self._expected_of(connection, id_)
        if after == self._next:
            numbers += range(after, min(expected.next, limits.FRAMES_AN_EPOCH))
            self._n, self._next = n, 0
        else:
            self._next = after
        found = (FrameNumber(id_, seq) for seq in numbers if seq not in expected.missing)
        core.record_lost(islice(found, LOST_MAX - len(core.lost)))
        return True

    def _by_status(self, _: Connection, id_: bytes) -> ExpectedFrames:
        state = self._core.status.epochs.get(id_)
        return NO_FRAMES if state is None else ExpectedFrames(state.sequence.next, state.sequence.missing)


class SentWalk:
    """Iterates over the messages that own frames contain, repeatedly."""

    def __init__(self, core: Core) -> None:
        self._core, self._after = core, b""

    def step(self) -> bool:
        """Check the next messages, on the reader's thread; returns False after the last ones."""
        core = self._core
        with core.database.reading() as connection:
            found, self._after = deliveries.lost_messages(connection, self._after, CONTENTS)
        core.record_lost_own(found, LOST_MAX)
        return self._after != b""


def find_returned(core: Core) -> None:
    """Find recalled texts that are in the store again, for `settle`; on the reader's thread."""
    with core.database.reading() as connection:
        core.suspect_rows(*recalls.find_reappeared(connection))


def find_strange(core: Core) -> None:
    """Find rows of `waiting` and `outbox` that are of no object, for altered_rows.py; on the reader's thread."""
    with core.database.reading() as connection:
        core.record_strange(objects=strange_objects.large(connection), waiting=strange_waiting.find(connection))


def ask_again(core: Core) -> int:
    """Record frames that are gone as missing, report them, and request them from their member; returns how many."""
    if not core.lost:
        return 0
    some = sorted(core.lost)[:SETTLED]
    with core.transaction() as connection:
        statements, found = Statements(), list[Altered]()
        for number in some:
            state = core.world.epochs.get(number.epoch_id)
            if state is None or not _is_gone(core, connection, state, number.seq):
                continue
            held_frames.forget(connection, number)
            state.sequence.missing.insert(number.seq)
            core.world.mark_changed(state)
            entry = Entry(epoch=number.epoch_id.hex(), first=number.seq, last=number.seq)
            statements.missing(state.epoch.sender, state.chain.realm, entry)
            found.append(altered_rows.frame(number))
        altered_rows.note(core, connection, found)
        if statements.queue(connection, core):
            core.due.note_queued()
        core.clear_lost(some)
    return len(found)


def report_lost(core: Core) -> int:
    """Report own messages that are gone, each once; returns how many."""
    some = [each for each, is_reported in core.lost_own.items() if not is_reported][:SETTLED]
    if not some:
        return 0
    with core.transaction() as connection:
        lost = [each for each in some if deliveries.is_lost(connection, *each)]
        altered_rows.note(core, connection, [Altered("message", f"{id_} {rev}", "", b"") for id_, rev in lost])
        core.clear_lost_own(some)
    return len(lost)


def _is_gone(core: Core, connection: Connection, state: EpochState, seq: int) -> bool:
    """Whether a frame is held by its number, may still be sent again, and is not complete in the store."""
    sequence = state.sequence
    if state.kind != "open" or not state.is_live or seq >= sequence.next or seq in sequence.missing:
        return False
    return held_frames.is_lost(connection, core.vault, FrameNumber(state.id, seq), is_adopted=core.integrity.is_adopted)


def _is_as_written(core: Core, row: Row[Any], chain: list[Row[Any]]) -> bool:
    """Whether a row can be decrypted, and is destroyed exactly where it was recalled or erased without a legal hold."""
    try:
        is_held = messages.body_of(core.vault, row) is not None
    except AlteredRow:
        return False
    if row.id in core.held_by_law:
        return is_held
    is_gone = row.rev < core.recalled.get(row.id, 0)
    if row.id[:2] != core.member:
        is_gone |= any(link.action == "cancel" and link.rev > row.rev for link in chain)
        if is_gone and core.holds_open_since is not None:
            return True
    return is_held is not is_gone


def _note_unreadable(core: Core, row: Row[Any], chain: list[Row[Any]]) -> None:
    """Record a message in force that this version cannot read, and log it once; forget one that is not in force now."""
    is_listed = row.body is not None and chain[-1].rev == row.rev and row.expires > core.clock()
    if not is_listed:
        core.forget_unreadable(row.n)
    elif row.n not in core.unreadable and readable(messages.body_of(core.vault, row) or b"") is None:
        core.note_unreadable(row.n)
        facts = {"id": row.id, "rev": row.rev}
        core.hooks(Happened(at=core.clock(), event="message_unreadable", level="error", facts=facts))


def settle(core: Core) -> int:
    """Judge rows again that were found altered, and report them; returns how many."""
    if not core.suspects:
        return 0
    some = sorted(core.suspects)[:SETTLED]
    with core.transaction() as connection:
        found = [altered for n in some for altered in _judge(core, connection, n)]
        altered_rows.note(core, connection, found)
        core.clear_suspects(some)
    return len(found)


def _judge(core: Core, connection: Connection, n: int) -> Iterator[Altered]:
    """Return what is wrong with a row; another member's row is removed, or destroyed again."""
    is_large = bool(inbox.large(connection, [n]))
    if is_large:
        yield _without_large(core, connection, n)
    row = None if is_large else messages.at(connection, n)
    if row is None:
        return
    cancel = _cancel_above(core, connection, row)
    altered = Altered("message", f"{row.id} {row.rev}", "", _as_kept(row))
    is_ours = str(row.id)[:2] == core.member
    try:
        is_held = messages.body_of(core.vault, row) is not None
    except AlteredRow:
        is_held = is_ours  # a row of ours cannot arrive again: it stays, and is shown to nobody
        yield altered
        if not is_ours:
            messages.remove(connection, n)
        return
    if row.id in core.held_by_law:
        if not is_held:
            yield altered
    elif is_ours:
        is_erased = row.rev < core.recalled.get(row.id, 0)
        if is_held is is_erased:
            yield altered._replace(data=b"") if is_erased else altered
        if is_held and is_erased:
            recall.erase_below(core, connection, row.id, core.recalled[row.id])
    elif cancel and core.holds_open_since is not None:
        return
    elif cancel and (is_held or recalls.find_reappeared(connection, n)):
        yield altered._replace(data=b"")  # the text is not kept anywhere
        recall.destroy_revisions(core, connection, row.id, cancel)
    elif not is_held and not cancel:
        yield altered
        messages.remove(connection, n)


def _without_large(core: Core, connection: Connection, n: int) -> Altered:
    """Remove a row with a value that no message has; one of ours is emptied. Such a value is not kept."""
    with core.database.any_size(connection):
        found = inbox.name_at(connection, n)
        if found[:2] == core.member:
            inbox.empty(connection, n)
        else:
            messages.remove(connection, n)
    return Altered("message", found, "", b"")


def _cancel_above(core: Core, connection: Connection, row: Row[Any]) -> int:
    """Return the revision of a cancel above the row that is unaltered, or that was noted here; 0: there is none."""
    if row.rev < core.recalled.get(row.id, 0):
        return core.recalled[row.id]
    for link in messages.chain_of(connection, row.id):
        if link.action == "cancel" and link.rev > row.rev:
            above = messages.find(connection, row.id, link.rev)
            try:
                if above is not None and messages.body_of(core.vault, above) is not None:
                    return int(link.rev)
            except AlteredRow as found:
                core.suspect_rows(found.n)
    return 0


def _as_kept(row: Row[Any]) -> bytes:
    """Return the row as stored, for the person who investigates."""
    values = [value.hex() if isinstance(value, bytes) else value for value in row]
    return msgspec.json.encode(dict(zip(row._fields, values, strict=True)))

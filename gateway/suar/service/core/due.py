"""Flags for pending work, so that the store is queried only when there may be some. In memory, on the core's thread.

After a start and after every reload of the store all flags are set.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from suar.protocol.base import limits
from suar.protocol.transport import outcome
from suar.protocol.transport.outcome import Alarm
from suar.protocol.transport.world import Changes
from suar.store.engine.keys.row_keys import IN_ROW


class Searched(NamedTuple):
    """The last rows in which copies of recalled texts were searched for, since the last recall."""

    quarantine: int = 0
    alarms: int = 0


EVERY: Final = "every"
"""Every alarm may have ended: after a load, and after times or records were changed together."""
CHAINS: Final = "chains"
"""Epochs that never arrived, or keys, changed."""
TIMED: Final = "timed"
"""Alarms that also end with the time may be open."""
OF_EPOCHS: Final = frozenset({outcome.GAP, outcome.WITHHELD_TAIL, outcome.EPOCH_MISSING, outcome.LEFT_OUT})
"""Alarms that end with a change of their epoch, of an answer about it or of the chains."""
Change = bytes | str | tuple[str, str]
"""An epoch, one of the three above, or the name and member of alarms of which the newest was opened again."""


class AlarmsDue:
    """What changed since alarms were checked for their end (gaps/ends.py).

    Each change has a number, so that a check that is not committed marks nothing, and one that is only what it read.
    """

    def __init__(self) -> None:
        self._number = 0
        self._changed: dict[Change, int] = {EVERY: 0}
        self._claims: dict[str, set[bytes]] = {}  # member -> epochs of others about which it has an open claim ([F11])

    def note(self, *changes: Change) -> None:
        """Record these changes."""
        self._number += 1
        self._changed.update(dict.fromkeys(changes, self._number))

    def note_changes(self, changes: Changes) -> None:
        """Record what a transaction changes of the world."""
        self.note(*changes.epochs, *([CHAINS] if changes.chains or changes.lists or changes.revokes else []))

    def note_raised(self, alarm: Alarm, *, is_counted: bool) -> None:
        """Record that an alarm was raised; `is_counted`: on a row that existed, possibly the newest of its name."""
        if alarm.name not in OF_EPOCHS:
            self.note(TIMED)
        else:
            self.note(alarm.epoch_id, *([(alarm.name, alarm.member)] if is_counted else []))

    def add_claim(self, member: str, epoch_id: bytes) -> None:
        """Record an open claim of a member, which its next heartbeat may withdraw."""
        self._claims.setdefault(member, set()).add(epoch_id)

    def note_heartbeat(self, member: str) -> None:
        """Record that a live heartbeat of the member arrived, which may withdraw its claims."""
        self.note(*self._claims.pop(member, ()))

    def pending(self) -> tuple[int, frozenset[Change]]:
        """Return the number of the last change, and all that were not checked."""
        return self._number, frozenset(self._changed)

    def mark_checked(self, number: int, *, is_timed_left: bool) -> None:
        """Record that the changes up to this number were checked, and whether alarms that end with time stay open."""
        self._changed = {each: at for each, at in self._changed.items() if at > number}
        if is_timed_left:
            self.note(TIMED)


class Due:
    """The flags of one gateway; each is set where work arises and cleared by the code that does it."""

    def __init__(self) -> None:
        self.has_statements = True  # rows of `own_statement`
        self.is_log_suspect = True  # a destroyed text may be in the store's log: see recall.purge_log
        self.destroyed = 0  # how many times a text or a copy of one was destroyed
        self.in_row: set[str] = set()  # tables of which a row was destroyed that had its text, frame or key in it
        self._is_loaded = False  # since then every such table is in `in_row`
        self.searched = Searched()
        self.has_returned = True  # messages may have to be searched for members that returned from suspension
        self.is_list_missing = True  # a newer list than ours was named; at the start some object may wait for one
        self.waits_for = 0  # ms: nothing waits for an earlier time
        self.erasing: set[bytes] = set()  # hashes of frames of which every copy in INBOX is being deleted
        self.queued = 0  # how many times an accepted message was left in the queue, to be sealed when that is allowed
        self.alarms = AlarmsDue()

    def reset_after_load(self, first_time: int | None) -> None:
        """Set the flags after a reload; `first_time` (ms) is the earliest time that an object waits for."""
        self.has_statements = self.is_log_suspect = True
        self._is_loaded = False
        self.searched = Searched()
        self.set_next_time(first_time)
        self.alarms.note(EVERY)

    def note_statements(self) -> None:
        """Record that a statement of ours is to be sent."""
        self.has_statements = True

    def mark_statements_queued(self, *, are_left: bool) -> None:
        """Record that due statements were queued in the open transaction."""
        self.has_statements = are_left

    def note_destroyed(self) -> None:
        """Record that a text was destroyed in the store, and that copies of it may exist elsewhere."""
        self.is_log_suspect = True
        self.searched = Searched()
        self.destroyed += 1

    def note_copies_destroyed(self) -> None:
        """Record that copies were destroyed while they were searched for."""
        self.destroyed += 1

    def note_in_row(self, table: str) -> None:
        """Record that a row of a table was destroyed that had its text, frame or key in it."""
        self.in_row.add(table)

    def tables_to_erase(self, *, is_unproved: bool) -> frozenset[str]:
        """Return the tables that had destroyed texts, frames or keys in their rows.

        `is_unproved`: a recall is not proved yet. After a start this may be a recall of before, so all tables are
        returned then.
        """
        if is_unproved and not self._is_loaded:
            self.in_row |= IN_ROW
        return frozenset(self.in_row)

    def begin_erasing(self, hashes: Iterable[bytes]) -> set[bytes]:
        """Record whose copies in INBOX are being deleted; returns the new ones and those with a later copy."""
        before, self.erasing = self.erasing, set(hashes)
        return self.erasing - before

    def note_copy(self, frame_hash: bytes) -> None:
        """Record that another copy of this frame arrived, possibly after what is being deleted."""
        self.erasing.discard(frame_hash)

    def end_erasing(self, hashes: Iterable[bytes]) -> list[bytes]:
        """Record that these were deleted; returns those of which no other copy arrived meanwhile."""
        done = [each for each in hashes if each in self.erasing]
        self.erasing.difference_update(done)
        return done

    def note_searched(self, searched: Searched) -> None:
        """Record how far copies of recalled texts were searched for."""
        self.searched = searched

    def mark_log_clean(self) -> None:
        """Record that the store's log contains no part of a destroyed text."""
        self.is_log_suspect = False
        self._is_loaded = True
        self.in_row.clear()

    def note_returned(self) -> None:
        """Record that a member returned from suspension."""
        self.has_returned = True

    def mark_returns_processed(self, *, are_left: bool) -> None:
        """Record that messages were searched for returned members."""
        self.has_returned = are_left

    def mark_list_missing(self) -> None:
        """Record that a member named a trust list newer than ours."""
        self.is_list_missing = True

    def mark_list_requested(self) -> None:
        """Record that the list was requested."""
        self.is_list_missing = False

    def add_wait(self, time: int) -> None:
        """Record that another object waits for that time (ms)."""
        self.waits_for = min(time, self.waits_for)

    def set_next_time(self, first_time: int | None) -> None:
        """Set the earliest time (ms) that an object waits for; None when nothing waits."""
        self.waits_for = first_time or limits.INTEGER_MAX

    def note_queued(self) -> None:
        """Record that an accepted message stays in the queue."""
        self.queued += 1

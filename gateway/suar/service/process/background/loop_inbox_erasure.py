"""Deletes frames of recalled messages in every own INBOX, whose retention would otherwise keep them for 30 days."""

from operator import le
from typing import Any, Final

from sqlalchemy import Row

from suar.bus import history, jsapi
from suar.bus.connect import Bus
from suar.bus.errors import BusError
from suar.protocol.transport import frame as frames
from suar.service.pacing.wake import wait_for
from suar.service.process.running import LoopContext
from suar.store.engine.database import StoreFault
from suar.store.outbound import leftovers

CHECK_EVERY: Final = 5.0  # seconds


class InboxErasure:
    """Deletes what the store has noted (`leftovers.inbox_copies`); only messages that were judged and acknowledged."""

    def __init__(self, run: LoopContext) -> None:
        self._run, self.core, self.bus = run, run.core, run.bus
        self._streams = [link.inbox(run.core.member) for link in run.core.config.bus.links]
        self._until: dict[bytes, list[int]] = {}  # hash of a noted frame: the newest sequences when first looked at

    async def run(self) -> None:
        """Check every few seconds; a stream that denies deletion keeps its messages until they expire."""
        while self._run.is_running:
            if self._run.ready.settled.is_set() and self.bus.is_connected:
                try:
                    await self.run_once()
                except (BusError, StoreFault) as error:
                    self._run.log_fault("inbox_not_erased", "warning", error_type=type(error).__name__)
            await wait_for(self._run.wake.erasure, CHECK_EVERY)

    async def run_once(self) -> None:
        """Delete the noted frames, subject by subject: all frames of an epoch have one subject."""
        rows, fresh = await self.core.run(self._begin)
        if not rows:
            return
        newest = [(await history.extent(self.bus, stream)).last for stream in self._streams]
        known = {name: until for name, until in self._until.items() if name not in fresh}
        self._until = {row.frame_hash: known.get(row.frame_hash, newest) for row in rows}
        # later messages are still to be delivered
        last = [await history.acknowledged(self.bus, stream, "gw") for stream in self._streams]
        due = [row for row in rows if all(map(le, self._until[row.frame_hash], last))]
        for subject in dict.fromkeys(row.subject for row in due):
            wanted = {row.frame_hash: row.realm for row in due if row.subject == subject}
            allowed = [
                await erase(self.bus, stream, subject, wanted, until)
                for stream, until in zip(self._streams, last, strict=True)
            ]
            await self.core.run(self._mark, list(wanted))
            self._log(all(allowed), len(wanted))

    def _begin(self) -> tuple[list[Row[Any]], set[bytes]]:
        """Return the noted hashes, and those of them that are new or arrived again since the last call."""
        with self.core.database.reading() as connection:
            rows = list(leftovers.inbox_copies(connection))
        return rows, self.core.due.begin_erasing(row.frame_hash for row in rows)

    def _mark(self, hashes: list[bytes]) -> None:
        with self.core.transaction() as connection:
            leftovers.mark_deleted(connection, self.core.due.end_erasing(hashes))

    def _log(self, is_allowed: bool, frames_: int) -> None:
        event, level = ("inbox_erased", "info") if is_allowed else ("inbox_denies_deletion", "warning")
        self._run.log_fault(event, level, frames=frames_)


async def erase(bus: Bus, stream: str, subject: str, wanted: dict[bytes, str], last: int) -> bool:
    """Delete the frames with these hashes (hash: realm) among the messages on `subject` up to sequence `last`.

    Returns False if the stream denies deletion. Raises BusError.
    """
    seq = 1
    while seq <= last:
        found = await jsapi.next_for_subject(bus, stream, subject, seq)
        if found is None or found.seq > last:
            break
        names = (frames.frame_hash(found.data, realm) for realm in set(wanted.values()))
        if any(name in wanted for name in names) and not await jsapi.delete_message(bus, stream, found.seq):
            return False
        seq = found.seq + 1
    return True

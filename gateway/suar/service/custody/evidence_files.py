"""Writes the evidence of each actual message of ours to a folder, soon after it left: `[evidence] export_folder`.

Off by default. A file that is made at once outlasts a recall and an erasure here, which is what it is for; it has the
text in clear, so the folder is as private as the state. What was published more than two days ago is left to
`suar evidence export`.
"""

import asyncio
import os
from pathlib import Path
from typing import Final, NamedTuple

from suar.files import atomic_write, private_folder
from suar.observe.hooks import Happened
from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import ACTUAL
from suar.service.core.core import Core
from suar.service.reading import evidence
from suar.store.messages import retention as rows
from suar.store.people.access import GATEWAY

BATCH: Final = 16  # messages in one step
EXAMINED_MAX: Final = 512  # rows that are examined for them
WAITING_MAX: Final = 1_000
"""Messages that have not left yet; the ones before them are left out, and named in the log."""
KEPT_FOR: Final = 2 * limits.DAY
"""How long after its publication a file is made, ms."""
ENDING: Final = ".evidence"
MIB: Final = 1024 * 1024


class PendingFile(NamedTuple):
    """A revision of ours, and when it was published (ms)."""

    id: str
    rev: int
    at: int

    @property
    def file(self) -> str:
        """The name of its file."""
        return f"{self.id}.{self.rev}{ENDING}"


class EvidenceFiles:
    """The files of one gateway, made in steps."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._after: int | None = None
        self._waiting: list[PendingFile] = []
        self._noted_at = 0
        self._is_full = False

    async def run_due(self) -> int:
        """Make a step; returns how many files were written. Call it again and again."""
        settings = self._core.config.evidence
        if not settings.export_folder:
            return 0
        folder = self._core.config.folder / settings.export_folder
        planned = await self._core.run_read_only(self._plan)
        left = settings.export_mebibytes * MIB - (await asyncio.to_thread(_size_of, folder) if planned else 0)
        done, self._is_full = 0, False
        for each in planned:
            if not await asyncio.to_thread(_is_there, folder, each):
                size = await self._write(folder, each, left)
                left, done = left - size, done + bool(size)
        if planned:
            self._core.note_evidence_folder(is_full=self._is_full)
        return done

    def _plan(self) -> list[PendingFile]:
        """What is to be written next: of the messages that had not left yet, then of those published since."""
        oldest = self._core.clock() - KEPT_FOR
        waiting = [each for each in self._waiting if each.at > oldest]
        again, self._waiting = waiting[:BATCH], waiting[BATCH:]
        with self._core.database.reading() as connection:
            last = self._core.vault.numbers.last
            if self._after is None:
                self._after = rows.last_until(connection, oldest, last)
            found = rows.heads_after(connection, self._after, last, EXAMINED_MAX)
        ours = [row for row in found if row.origin == self._core.member and row.realm == ACTUAL and row.at > oldest]
        new = ours[:BATCH]
        if len(new) < len(ours):
            self._after = new[-1].n
        elif found:
            self._after = found[-1].n
        return [*again, *(PendingFile(row.id, row.rev, row.at) for row in new)]

    async def _write(self, folder: Path, pending: PendingFile, left: int) -> int:
        """Write the file of one message and return its size; 0 for one that cannot be proved yet, or without room: it
        waits.
        """
        try:
            found = await self._core.run_read_only(evidence.export, self._core, pending.id, pending.rev)
        except Fault:  # it has not left yet, or never will: recalled, or without a reader that has a key
            found = None
        if found is None:
            self._wait(pending)
            return 0
        if len(found.data) > left:
            self._wait(pending)
            self._is_full = True
            self._log_hourly("full")
            return 0
        await self._core.run(evidence.note_export, self._core, found, GATEWAY)
        try:
            await asyncio.to_thread(_written, folder, pending, found.data)
        except OSError as error:
            self._wait(pending)
            self._log_hourly(type(error).__name__)
            return 0
        return len(found.data)

    def _wait(self, pending: PendingFile) -> None:
        self._waiting.append(pending)
        for left_out in self._waiting[: max(0, len(self._waiting) - WAITING_MAX)]:
            self._log(id=left_out.id, rev=left_out.rev, why="waits")
        del self._waiting[: max(0, len(self._waiting) - WAITING_MAX)]

    def _log_hourly(self, why: str) -> None:
        """Name in the log, once an hour, why nothing is written."""
        now = self._core.clock()
        if now - self._noted_at >= limits.HOUR:
            self._noted_at = now
            self._log(why=why)

    def _log(self, **facts: object) -> None:
        event = Happened(at=self._core.clock(), event="evidence_not_exported", level="warning", facts=facts)
        self._core.hooks(event)


def _is_there(folder: Path, pending: PendingFile) -> bool:
    return (folder / pending.file).exists()


def _size_of(folder: Path) -> int:
    """How many bytes the files in the folder have; 0 where there is none."""
    if not folder.is_dir():
        return 0
    with os.scandir(folder) as entries:
        return sum(entry.stat().st_size for entry in entries if entry.name.endswith(ENDING))


def _written(folder: Path, pending: PendingFile, data: bytes) -> None:
    private_folder(folder)
    atomic_write(folder / pending.file, data)

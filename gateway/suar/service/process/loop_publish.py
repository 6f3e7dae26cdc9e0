"""The publish loop: publishes sealed objects to the own server in their order, until it has confirmed them."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from sqlalchemy import Row

from suar.bus.errors import WRONG_LAST_SEQ, BusError, PublishRefused
from suar.bus.publish import PubAck, Publisher
from suar.observe.hooks import Happened
from suar.protocol.base import subjects
from suar.service.pacing.wake import wait_for
from suar.service.process.running import RETRY, LoopContext
from suar.service.publish import sealing
from suar.service.recovery.stream_reconciliation import IN_USE
from suar.store.engine.database import StoreFault
from suar.store.recovery import positions

PUBLISH_BATCH: Final = 1_000
READ_EVERY: Final = 1.0
"""Seconds after which the store is read although newer rows are in memory: it also has what is published again."""
MARK_AFTER: Final = 0.2
"""Seconds for which confirmed rows wait for others to be marked with."""
MARK_BATCH: Final = 1_000
"""Confirmed rows that are marked without waiting for others."""
MARK_BYTES: Final = 4 * 1024 * 1024
"""Bytes of their objects that are."""


class Publishing:
    """The second half of the outgoing path."""

    def __init__(self, run: LoopContext) -> None:
        self._run, self._ready = run, run.ready
        self.core, self.wake = run.core, run.wake
        self._window, self._echoes = run.window, run.echoes
        self._publisher = Publisher(run.bus)
        run.core.sealed_rows.wake_by(run.wake.publish.set)
        self._left: set[int] = set()  # rows that the server has confirmed and that are not marked in the store yet
        self._confirmed: list[tuple[Row[Any], PubAck, int]] = []  # those that wait to be marked, and since when (ms)
        self._timer: asyncio.TimerHandle | None = None
        self._noted: set[asyncio.Future[None]] = set()
        self._read_at = 0.0  # when the store was last read, in the event loop's seconds

    async def run(self) -> None:
        """Publish sealed objects in their order until the own server has confirmed them."""
        while True:
            try:
                if self._ready.may_send:
                    await self._publish_some()
            except (BusError, StoreFault) as error:
                self.core.sealed_rows.forget()
                self._run.log_fault(
                    "publish_failed", "warning", error_type=type(error).__name__, server=self.core.server
                )
                await asyncio.sleep(RETRY / 4)
            if not self._run.is_running:
                await self._store_marks()
                return
            await wait_for(self.wake.publish, RETRY)

    async def _publish_some(self) -> None:
        while rows := await self._next():
            if not self._ready.may_send:  # checked last: reading may have taken long
                self.core.sealed_rows.forget()
                break
            self._window.record_backlog(len(rows))
            self._echoes.expect(row.msg_id for row in rows if row.epoch_id is not None)
            self._expect_in_order(rows)
            last = self.core.stream_positions.last_known(positions.OUTBOX)
            results = await self._publisher.publish_all(((row.subject, row.data, row.msg_id) for row in rows), last)
            acks = [(row, result) for row, result in zip(rows, results, strict=True) if isinstance(result, PubAck)]
            if acks:
                self._note(acks)
            failed = next((result for result in results if isinstance(result, BusError)), None)
            if failed is not None:
                if isinstance(failed, PublishRefused) and failed.err_code == WRONG_LAST_SEQ:
                    self.core.sealed_rows.forget()
                    await self._handle_mismatch()
                    return
                if isinstance(failed, PublishRefused):
                    self._run.log_fault("publish_refused", "error", err_code=failed.err_code)
                raise failed
            if len(rows) < PUBLISH_BATCH:
                break  # a later commit wakes this loop
        if self._window.record_backlog(0):
            self.wake.seal.set()

    async def _next(self) -> Sequence[Row[Any]]:
        """Return the next rows to publish: those that were just committed, or what the store has."""
        now = asyncio.get_running_loop().time()
        if now - self._read_at < READ_EVERY and (rows := self.core.sealed_rows.pop_next()):
            return rows
        self._read_at = now
        self.core.sealed_rows.begin_reading()
        left = frozenset(self._left)  # a copy: a row that is marked from here on may still be read as unmarked
        found = await self.core.run_read_only(sealing.next_to_publish, self.core, PUBLISH_BATCH, left)
        self.core.sealed_rows.end_reading(found, is_all=len(found) < PUBLISH_BATCH)
        return found

    def _expect_in_order(self, rows: Sequence[Row[Any]]) -> None:
        """Expect what goes to all to return in this order; what is sent again may have returned before."""
        new = [row for row in rows if row.channel == subjects.ALL and row.epoch_id is not None]
        older = [row.msg_id for row in new if row.at < self.core.started_at]
        ids = (row.msg_id for row in new)
        self._run.return_order.expect(ids, self.core.clock(), self._run.bus.generation, older)

    def _note(self, acks: Sequence[tuple[Row[Any], PubAck]]) -> None:
        """Note rows that the server confirmed; they are marked in the store together with others, a moment later.

        After a crash before that the same bytes are published again under the same id.
        """
        now = self.core.clock()
        if any(row.channel == subjects.ALL for row, _ in acks):
            self.core.echo.record_published(now)
        self._run.return_order.withdraw(row.msg_id for row, ack in acks if ack.is_duplicate)
        self.core.stream_positions.record_published(max(ack.seq for _, ack in acks))
        self._left.update(row.n for row, _ in acks)
        self._confirmed += [(row, ack, now) for row, ack in acks]
        is_much = sum(len(row.data) for row, _, _ in self._confirmed) >= MARK_BYTES
        if is_much or len(self._confirmed) >= MARK_BATCH:
            self._mark()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(MARK_AFTER, self._mark)

    def _mark(self) -> None:
        """Mark the confirmed rows as published, with the store's next commit, because nothing waits for it."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._confirmed:
            return
        confirmed, self._confirmed = self._confirmed, []
        times = {row.n: at for row, _, at in confirmed}
        noted = self.core.run_deferred(
            sealing.mark_published,
            self.core,
            [row for row, _, _ in confirmed],
            max(ack.seq for _, ack, _ in confirmed),
            {row.n for row, ack, _ in confirmed if ack.is_duplicate},
            times,
        )
        self._noted.add(noted)
        noted.add_done_callback(partial(self._marked, frozenset(times)))

    async def _store_marks(self) -> None:
        """Mark all confirmed rows now, and wait until the store has done so, or has failed and they are sent again."""
        self._mark()
        await asyncio.gather(*self._noted, return_exceptions=True)

    def _marked(self, numbers: frozenset[int], noted: "asyncio.Future[None]") -> None:
        self._noted.discard(noted)
        self._left -= numbers
        error = None if noted.cancelled() else noted.exception()
        if error is not None:
            self._run.log_fault("store_failed", "error", error=str(error))
            self.core.sealed_rows.forget()
            self.wake.publish.set()  # published again: the server recognizes them by their ids

    async def _handle_mismatch(self) -> None:
        """Find out whether another process published to the own stream, or only an answer was lost.

        The store first learns of every confirmation: if the server lost confirmed objects, a mark that came later would
        count them as published, and they would never be published again.
        """
        await self._store_marks()
        account = await self._run.settling.read_outbox(is_running=True)
        if account.is_in_use:
            self._ready.is_in_use = True
            await self._run.settling.rejudge_inbox()
            self.core.hooks(Happened(at=self.core.clock(), event="stood_down", level="error", facts={"error": IN_USE}))

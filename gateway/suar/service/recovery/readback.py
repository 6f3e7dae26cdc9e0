"""[E12] Reads back from OUTBOX what this state does not know, after it was restored from an older copy.

Each object is read once, in stream order. Epochs and frames advance the heads of our chains, so that the next epoch
names their true end. Messages are restored to the store as ours, with their recipients. Frames that cannot be opened
are counted, and as many ids of every kind are skipped. Runs on the core's thread; the streams are read in
stream_reconciliation.py.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection

from suar.observe.alarms import IDENTITY_IN_USE
from suar.protocol.base import subjects
from suar.protocol.base.primitives import ACTUAL
from suar.protocol.base.reasons import Invalid
from suar.protocol.base.subjects import ALL
from suar.protocol.message.kinds import PUBLISHED, Publication, Receipt
from suar.protocol.message.messages import kind_of, read
from suar.protocol.policy.readers import channels_for
from suar.protocol.transport import outcome
from suar.protocol.transport.admission import admit
from suar.protocol.transport.content import digest
from suar.protocol.transport.frame import Verified
from suar.protocol.transport.outcome import Alarm
from suar.service.access.own_objects import (
    NotOurs,
    OwnEpoch,
    OwnEpochs,
    link_after,
    open_contents,
    read_epoch,
    read_frame,
    realm_of,
    receipts_in_frame,
)
from suar.service.core.core import Core
from suar.service.gaps.resealing import follow_trust, requeue_deliveries
from suar.service.notify import deadlines
from suar.service.publish import gate
from suar.service.receipts.receipts import receipt_row
from suar.service.trust import trust_sync
from suar.store.messages import ledger
from suar.store.messages import rows as messages
from suar.store.messages.rows import NewMessage
from suar.store.outbound import delivery_rows, outbox, queue
from suar.store.people import access
from suar.store.recovery import positions
from suar.store.recovery import readback as recovery


@dataclass
class ReadBackReport:
    """Counts of what was read back."""

    objects: int = 0  # objects that this state did not know
    messages: int = 0  # messages of ours that are in the store again
    unopened: int = 0  # messages in frames that this state cannot open
    bundles: int = 0
    foreign: int = 0  # objects under our name that no key of ours signed
    is_in_use: bool = False  # a running gateway found epochs or frames under its own name that it did not make
    chains: set[tuple[str, str]] = field(default_factory=set)


class ReadBack:
    """One reading of OUTBOX.

    With `is_running` the gateway is at work and only checks: unknown objects are another's.
    """

    def __init__(self, core: Core, *, is_running: bool) -> None:
        self.core, self.is_running = core, is_running
        self.account = ReadBackReport()
        self.newest_row = 0  # the highest number of a row of the outbox that was read
        self._epochs = OwnEpochs(core)

    def process(self, batch: Sequence[tuple[str, bytes]]) -> bool:
        """Process a batch of (home subject, object) in one transaction; returns False if the reading must stop."""
        with self.core.transaction() as connection:
            for subject, data in batch:
                self._process_one(connection, subject, data)
                if self.account.is_in_use:
                    self.core.raise_alarm(connection, Alarm(IDENTITY_IN_USE, self.core.member), data)
                    return False
        return True

    def _process_one(self, connection: Connection, subject: str, data: bytes) -> None:
        row = recovery.sealed_row(connection, data)
        if row is not None:
            self.newest_row = max(self.newest_row, row.n)
            if row.published is None:
                recovery.mark_published(connection, row, self.core.clock())
            return
        if outbox.is_ours(connection, data, data[4:36] if data[:4] == b"SUF1" else b""):
            return  # purged in the meantime
        try:
            _READERS.get(data[:4], ReadBack._unknown)(self, connection, subject, data)
        except NotOurs:
            self.account.foreign += 1
            self.core.raise_alarm(connection, Alarm(IDENTITY_IN_USE, self.core.member), data)
            return
        self.account.objects += 1

    # -- each type of object

    def _unknown(self, connection: Connection, subject: str, data: bytes) -> None:
        raise NotOurs

    def _list_or_revoke(self, connection: Connection, subject: str, data: bytes) -> None:
        """Judge a trust list or Revoke like a received one; one that we only repeated has no effect."""
        out = admit(self.core.world, subjects.hub(self.core.member, subject), data, self.core.clock())
        if out.result not in ("ok", "noop"):
            raise NotOurs
        if out.result == "ok":  # its consequences were lost with the newer state
            follow_trust(self.core, connection)
        self._keep(connection, {"subject": subject, "data": data, "realm": ACTUAL})

    def _bundle(self, connection: Connection, subject: str, data: bytes) -> None:
        """Record a bundle of ours whose seed is lost; the others seal to it until they have a newer one."""
        if self.core.keyring.find(data[4:20]) is None and self.core.world.trust.owner(data[4:20]) != self.core.member:
            raise NotOurs
        if self.is_running:
            self.account.is_in_use = True
            return
        out = admit(self.core.world, subjects.hub(self.core.member, subject), data, self.core.clock())
        self.account.bundles += out.result != "noop"
        self._keep(connection, {"subject": subject, "data": data, "realm": ACTUAL})

    def _epoch(self, connection: Connection, subject: str, data: bytes) -> None:
        own = read_epoch(self.core, data, realm_of(subject))
        if self.is_running:
            self.account.is_in_use = True
            return
        self._epochs.add(own)
        self._keep(connection, {"subject": subject, "data": data, "epoch_id": own.id, **_chain(own)})
        self._ends(connection, own, None)

    def _frame(self, connection: Connection, subject: str, data: bytes) -> None:
        own = self._epochs.find(connection, data[4:36], realm_of(subject))
        frame = read_frame(own, data)
        if self.is_running:
            self.account.is_in_use = True
            return
        parsed = frame.parsed
        numbers = {"epoch_id": own.id, "seq": parsed.seq, "frame_hash": frame.hash, "messages": parsed.count}
        self._keep(connection, {"subject": subject, "data": data, **numbers, **_chain(own)})
        self._ends(connection, own, frame)
        if parsed.count:
            recovery.keep_frame(connection, frame.hash, own.epoch.channel, parsed.ts)
            self._messages(connection, own, frame)

    def _keep(self, connection: Connection, row: dict[str, object]) -> None:
        """Store the object as ours, so that it is recognized when the hub returns it and can be sent again."""
        recovery.keep_published(connection, row, self.core.clock())

    def _ends(self, connection: Connection, own: OwnEpoch, frame: Verified | None) -> None:
        """Advance the end of the chain; the last object in the stream is its end."""
        epoch = own.epoch
        self.account.chains.add((epoch.realm, epoch.channel))
        recovery.set_head(connection, own.signer, epoch.realm, epoch.channel, link_after(own, frame), epoch.not_before)

    # -- messages

    def _messages(self, connection: Connection, own: OwnEpoch, frame: Verified) -> None:
        inside = open_contents(own, frame)
        if inside is None:
            self.account.unopened += frame.parsed.count
            year = time.gmtime(frame.parsed.ts / 1000).tm_year
            recovery.numbers_of_year(connection, year, PUBLISHED, frame.parsed.count)
            return
        for index, data in enumerate(inside):
            try:
                message = read(data)
            except Invalid:
                continue
            if not isinstance(message, Receipt):
                self._message(connection, own, frame, index, message, data)

    def _message(
        self, connection: Connection, own: OwnEpoch, frame: Verified, index: int, message: Publication, data: bytes
    ) -> None:
        id_, rev, at = message.id, message.rev, frame.parsed.ts
        year, number = map(int, id_.rsplit("-", 2)[1:])
        recovery.raise_number(connection, kind_of(message), year, number)
        held = messages.find(connection, id_, rev)
        if held is not None and held.digest != digest(data):
            self._resolve_conflict(connection, id_, rev, data)
            return
        if held is None:
            arrived = NewMessage(message, data, digest(data), self.core.member, at)
            messages.insert_messages(connection, self.core.vault, [arrived])
            gate.record_recovered(self.core, connection, message)
            deadlines.add_restored_deadline(self.core, connection, message)
            self.account.messages += 1
        recovery.record_index(connection, frame.hash, index, id_, rev)
        delivery_rows.add_recipients(connection, id_, rev, sorted({*self._audience(message), *own.readers}), at)
        delivery_rows.mark_message_sent(connection, id_, rev, own.readers, at)

    def _audience(self, message: Publication) -> list[str]:
        current, member = self.core.world.trust.current, self.core.member
        if current is None:
            return []
        channels = channels_for(current, member, kind_of(message), message.audience.members)
        return sorted(current.channel_members(member, ALL)) if channels == [ALL] else channels

    def _resolve_conflict(self, connection: Connection, id_: str, rev: int, data: bytes) -> None:
        """[F9] The message that was sent keeps the id.

        The stored one with the same id was never sent and is refused.
        """
        recovery.refuse_own(connection, id_, rev, "E-MESSAGE-EQUIVOCATION", self.core.clock())
        alarm = Alarm(outcome.MESSAGE_EQUIVOCATION, self.core.member, message_id=id_)
        self.core.raise_alarm(connection, alarm, data)

    # -- the end of it

    def finish(self, last: int) -> ReadBackReport:
        """Complete the reading up to sequence `last`: repair what depended on the older end, and report the counts."""
        core, account = self.core, self.account
        with core.transaction() as connection:
            core.set_position(connection, positions.OUTBOX, last)
            if account.objects and not self.is_running:
                if account.unopened:
                    ledger.note_gap(connection, core.clock())
                self._repair(connection)
                self._report(connection)
        if account.objects and not self.is_running:
            core.load()  # the chains continue from their true end
        if account.bundles:
            trust_sync.renew_bundle(core)
        return account

    def _repair(self, connection: Connection) -> None:
        for realm, channel in sorted(self.account.chains):
            for row in recovery.pop_unpublished(connection, realm, channel):
                self._queue_again(connection, row.data, realm)
        recovery.drop_served(connection)
        lost = recovery.unserved_deliveries(connection)
        requeue_deliveries(connection, lost)

    def _queue_again(self, connection: Connection, data: bytes, realm: str) -> None:
        """Process an object that was sealed after the older end and never sent: the receipts of a frame are queued
        again.
        """
        if data[:4] != b"SUF1":
            self._epochs.add(read_epoch(self.core, data, realm))
            return
        own = self._epochs.find(connection, data[4:36], realm)
        receipts = receipts_in_frame(own, read_frame(own, data))
        queue.enqueue(connection, [receipt_row(self.core.vault, realm, own.epoch.channel, plain) for plain in receipts])

    def _report(self, connection: Connection) -> None:
        account, now = self.account, self.core.clock()
        facts = {
            "objects": account.objects, "messages": account.messages, "unopened": account.unopened,
            "foreign": account.foreign,
        }  # fmt: skip
        self.core.log_event("read_back", "warning", **facts)
        self.core.raise_alarm(
            connection, Alarm(outcome.RESTORED, self.core.member, message_id=str(now))
        )  # repeated after every restore
        about = " ".join(f"{name} {number}" for name, number in facts.items())
        access.note(connection, "gateway", "read-back", about, now)


def _chain(own: OwnEpoch) -> dict[str, object]:
    return {"realm": own.epoch.realm, "channel": own.epoch.channel}


_READERS: Final = {
    b"SUT1": ReadBack._list_or_revoke,
    b"SUR1": ReadBack._list_or_revoke,
    b"SUK1": ReadBack._bundle,
    b"SUE1": ReadBack._epoch,
    b"SUF1": ReadBack._frame,
}

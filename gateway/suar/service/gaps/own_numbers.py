"""[E12] Numbers of ids that a state which was put back has used and does not know.

The files of the gateway and those of its NATS server may have been put back together: then OUTBOX shows nothing later
than the store, and the gateway is at work before it learns of it. What the hub returns under our own name is signed by
us, so the numbers in it are used. Ids in the channel of one member do not return: for these a range is skipped
(skipped_numbers.py). A refusal by a peer rests on its word alone.
"""

import time
from functools import partial
from typing import Final

from msgspec import UNSET
from sqlalchemy import Connection

from suar.protocol.base import limits
from suar.protocol.base.reasons import Invalid
from suar.protocol.base.subjects import ALL, Subject
from suar.protocol.message.kinds import PUBLISHED, Receipt
from suar.protocol.message.messages import kind_of, read
from suar.protocol.transport import outcome
from suar.protocol.transport.frame import Verified
from suar.protocol.transport.outcome import Alarm
from suar.service.access.own_objects import NotOurs, OwnEpoch, OwnEpochs, open_contents, read_epoch, read_frame
from suar.service.core.core import Core
from suar.service.gaps.skipped_numbers import skip_range
from suar.store.inbound import alarm_ends
from suar.store.outbound import sent_before
from suar.store.recovery import readback as recovery

REUSED: Final = "E-MESSAGE-EQUIVOCATION"


def note_put_back(core: Core, connection: Connection, alarm: Alarm, evidence: bytes = b"", *, since: int) -> None:
    """Raise `restored` about ourselves, and skip a range, unless that was done at `since` (ms) or later."""
    if max(alarm_ends.own_put_backs(connection, core.member), default=0) < since:
        core.raise_alarm(connection, alarm, evidence)
    skip_range(core, connection, since)


def note_dropped(core: Core) -> None:
    """Skip a range: the hub drops what we send since the start, as when our whole machine was put back."""
    with core.transaction() as connection:
        skip_range(core, connection, core.started_at)


def note_passed_over(core: Core, objects: int, *, is_certain: bool) -> None:
    """Skip a range, unless one was since the start: of what we sent since, the first objects did not return.

    `is_certain`: the hub took them for objects that it had, so this machine was put back.
    """
    with core.transaction() as connection:
        if is_certain:
            note_put_back(core, connection, Alarm(outcome.RESTORED, core.member), since=core.started_at)
        else:
            skip_range(core, connection, core.started_at)
        core.log_event("own_machine_put_back" if is_certain else "own_objects_passed_over", "warning", objects=objects)


def note_not_returned(core: Core, because: str) -> bool:
    """Skip a range as a precaution, unless one was since the start: an id is needed and nothing of ours has returned.

    Returns whether it did; not where that was done too often, and then the id may be used already.
    """
    with core.transaction() as connection:
        has_skipped = skip_range(core, connection, core.started_at, is_precaution=True)
        seconds = (core.clock() - core.started_at) // limits.SECOND
        core.log_event("own_objects_not_returned", because=because, seconds=seconds, has_skipped=has_skipped)
    return has_skipped


def note_refused(core: Core, connection: Connection, receipt: Receipt, data: bytes) -> None:
    """A member refused a text of ours because it holds another one with its id, which this state does not know.

    It is the member's word alone: one range is skipped for what was accepted since the last one, within the limits of
    that member. The alarm names the member and keeps the receipt; no further one is raised while it is open.
    """
    named = [
        (bytes.fromhex(entry.frame), None if entry.messages is UNSET else entry.messages)
        for entry in receipt.of
        if entry.frame is not UNSET
    ]
    found = recovery.newest_sent_to(connection, receipt.member, receipt.status, named)
    if found is None:
        return
    id_, at = found
    if skip_range(core, connection, at, word_of=receipt.member):
        core.log_event("own_id_refused", "warning", id=id_, word_of=receipt.member)
        alarm = Alarm(outcome.RESTORED, core.member, message_id=receipt.member)
        if not alarm_ends.is_open(connection, alarm):
            core.raise_alarm(connection, alarm, data)


# -- what the hub returns under our own name and did not leave from this state


def read_returned(core: Core, connection: Connection, subject: Subject, data: bytes) -> None:
    """Learn the used numbers from an own epoch or frame that this state does not know.

    A frame of an epoch that we know, beyond its end as we know it, shows that this state was put back.
    """
    try:
        if subject.type == "epoch":
            _keep_epoch(core, connection, read_epoch(core, data, subject.realm), data)
        elif subject.type == "frame":
            _read_frame(core, connection, subject.realm, data)
    except NotOurs:
        return


def _keep_epoch(core: Core, connection: Connection, own: OwnEpoch, data: bytes) -> None:
    """Remember an epoch that did not leave from this state; not one so old that its row may be gone here."""
    if own.epoch.not_before < core.clock() - limits.EPOCH_AGE_MAX:
        return
    core.returned.keep_epoch(own.id, data, own.epoch.realm)
    skip_range(core, connection, core.started_at)


def returned_epoch(core: Core, epoch_id: bytes) -> OwnEpoch | None:
    """Return an epoch of ours that the hub returned and this state does not know."""
    kept = core.returned.epochs.get(epoch_id)
    return read_epoch(core, *kept) if kept is not None else None


def _read_frame(core: Core, connection: Connection, realm: str, data: bytes) -> None:
    epoch_id = data[4:36]
    kept = returned_epoch(core, epoch_id)
    own = OwnEpochs(core).find(connection, epoch_id, realm) if kept is None else kept
    frame = read_frame(own, data)
    if kept is None:
        sent = sent_before.of_epoch(connection, epoch_id, ALL)
        if sent is None or frame.parsed.seq < sent.frames:
            return  # its row is gone: it left from here
        alarm = Alarm(outcome.RESTORED, core.member, epoch_id=epoch_id)
        note_put_back(core, connection, alarm, data, since=core.started_at)
    _note_numbers(core, connection, own, frame)


def _note_numbers(core: Core, connection: Connection, own: OwnEpoch, frame: Verified) -> None:
    """Reserve the numbers of the messages in it; of one that cannot be opened, as many of every kind."""
    inside = open_contents(own, frame)
    if inside is None:
        if core.returned.may_count(frame.hash):
            core.run_after_commit(partial(core.returned.record_counted, frame.hash))
            year = time.gmtime(frame.parsed.ts / 1000).tm_year
            recovery.numbers_of_year(connection, year, PUBLISHED, frame.parsed.count)
        return
    for data in inside if frame.parsed.count else ():
        try:
            message = read(data)
        except Invalid:
            continue
        if not isinstance(message, Receipt):
            year, number = map(int, message.id.rsplit("-", 2)[1:])
            recovery.raise_number(connection, kind_of(message), year, number)

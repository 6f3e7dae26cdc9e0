"""Alarms as people see them: how they are shown, and who acknowledged one. When they end by themselves: ends.py."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row

from suar.observe.alarms import (
    ALARMS,
    CLAIMED_NEXT,
    ENDING,
    IDENTITY_IN_USE,
    LOST_NEXT,
    RESTORED_FORK_NEXT,
    RETURNED_NEXT,
    RIGHTS,
    RIGHTS_NEXT,
    WORD_NEXT,
    about,
    code_of,
    word_of,
)
from suar.observe.passed_over import (
    AFTER_OURS_NEXT,
    AT_THE_HUB_NEXT,
    MISSING,
    PassedOver,
    is_after_ours,
    is_at_the_hub,
    is_of_that_time,
    with_moments,
)
from suar.protocol.base.errors import Fault
from suar.protocol.base.instants import rfc3339
from suar.protocol.privacy.verdict import note_refusals
from suar.protocol.transport import outcome
from suar.service.core import claims
from suar.service.core.core import Core
from suar.service.gaps import ranges
from suar.store.inbound import alarm_ends, gaps
from suar.store.inbound.gaps import Refusal
from suar.store.people import access
from suar.store.recovery import positions

NOTE_MAX: Final = 400  # characters


def list_alarms(core: Core, since: int, *, is_open: bool = False) -> list[dict[str, Any]]:
    """Return alarms with the exact range of frames where there is one; `seen_again` counts repetitions. For any thread.

    `member`: whose statement an alarm rests on, or the hub that it is about. `origin`: whose frames it is about;
    another member's where only `member` states that they exist ([F11]); null when the epoch is no longer known.
    """
    with core.database.reading() as connection:
        known, rows = core.status.epochs, alarm_ends.list_alarms(connection, since, is_open=is_open)
        causes = _causes(core, connection)
        return [_shape(known, row, causes) for row in rows]


def acknowledge_alarm(core: Core, number: int, who: str, note: str) -> dict[str, Any] | None:
    """Record that an operator acknowledges an alarm, with the alarm and in the audit; None when there is no such alarm.

    The first acknowledgement remains. Raises Fault for a note that is no line of text, or that the privacy gate
    refuses: auditors read it too.
    """
    if len(note) > NOTE_MAX or not note.isprintable():
        raise Fault(
            f"a note is one line of at most {NOTE_MAX} characters", "leave out line ends and control characters"
        )
    for reason in note_refusals(note):
        raise Fault(f"the note cannot be kept: {reason.message}", f"{reason.hint}: {', '.join(reason.marked)}")
    with core.transaction() as connection:
        now = core.clock()
        is_first = alarm_ends.acknowledge(connection, number, who, note, now)
        row = alarm_ends.find(connection, number)
        if row is not None and is_first:
            about = f"{number} {row.name} {row.member}".rstrip()
            access.note(connection, who, "acknowledge-alarm", f"{about}: {note}" if note else about, now)
            if is_of_rights(row):
                positions.close_rights(connection)
            core.log_event("alarm_acknowledged", n=number, name=row.name, member=row.member, who=who)
        return _shape(core.world.epochs, row, _causes(core, connection)) if row is not None else None


class _Causes(NamedTuple):
    """What explains other alarms: what hubs passed over, when our own machine was found put back, when open alarms
    `restored` about others were raised, and what their senders answered by epoch about missing frames.
    """

    passed_over: Sequence[PassedOver]
    put_backs: Sequence[int]
    restored: Sequence[tuple[str, int]]
    refusals: Mapping[bytes, list[Refusal]]


def _shape(epochs: claims.Known, row: Row[Any], causes: _Causes) -> dict[str, Any]:
    acknowledged = None
    if row.acknowledged_at is not None:
        acknowledged = {"by": row.acknowledged_by, "at": rfc3339(row.acknowledged_at), "note": row.note}
    whom = about(row.name, row.member, row.message_id)
    origin = claims.origin_of(epochs, row.name, whom, row.epoch_id)
    return {
        "n": row.n, "name": row.name, "member": whom, "origin": origin, "first": row.first, "last": row.last,
        "epoch": row.epoch_id.hex(), "message": row.message_id, "at": rfc3339(row.at), "seen_again": row.seen_again,
        "code": code_of(row.name), "state": state_of(row), "ended": rfc3339(row.ended_at), "acknowledged": acknowledged,
        "ends_by_itself": row.name in ENDING and not _is_lost(row, origin, causes),
        "next": _next_step(row, origin, causes),
    }  # fmt: skip


def _causes(core: Core, connection: Connection) -> _Causes:
    """Return the causes, by what returned to us and by the open alarms that rest on a member's own word."""
    known, rows = core.status.epochs, alarm_ends.open_alarms(connection)
    put_backs = alarm_ends.own_put_backs(connection, core.member)
    own = (
        (row.name, row.member, row.at)
        for row in rows
        if not is_after_ours(put_backs, row.name, row.at)
        and claims.origin_of(known, row.name, row.member, row.epoch_id) in (None, row.member)
    )
    restored = [(row.member, row.at) for row in rows if row.name == outcome.RESTORED]
    passed_over = with_moments(core.passed_over, own, len(core.status.others()))
    return _Causes(passed_over, put_backs, restored, gaps.load_refusals(connection))


def _is_lost(row: Row[Any], origin: str | None, causes: _Causes) -> bool:
    """Whether the sender answered that it does not have what is missing, so that the alarm does not end by itself."""
    if row.ended_at is not None or row.name not in MISSING or origin not in (None, row.member):
        return False
    answers = [each for each in causes.refusals.get(row.epoch_id, ()) if each.code in ranges.LOST]
    if row.first is None or row.last is None:
        return any(each.code == gaps.UNKNOWN and each.first == 0 for each in answers)
    return not any(ranges.unanswered_parts([(row.first, row.last)], answers))


def _next_step(row: Row[Any], origin: str | None, causes: _Causes) -> str:
    if _is_lost(row, origin, causes):
        return LOST_NEXT
    if is_after_ours(causes.put_backs, row.name, row.at):
        return AFTER_OURS_NEXT
    if is_at_the_hub(causes.passed_over, row.name, row.at):
        return AT_THE_HUB_NEXT
    kind = ALARMS.get(row.name)
    return _next_of_its_kind(row, origin, causes) or (kind.next if kind else "")


def _next_of_its_kind(row: Row[Any], origin: str | None, causes: _Causes) -> str:
    """Return the next step of an alarm of this name that another event explains, or that names another member."""
    if row.name == outcome.FORK and row.epoch_id:  # of a chain, not of a list
        times = [at for member, at in causes.restored if member == row.member]
        return RESTORED_FORK_NEXT if is_of_that_time(times, row.at) else ""
    if row.name == IDENTITY_IN_USE:
        return RETURNED_NEXT if is_of_that_time(causes.put_backs, row.at) else ""
    if row.name == outcome.GAP and origin not in (None, row.member):
        return CLAIMED_NEXT
    if is_of_rights(row):
        return RIGHTS_NEXT
    word = word_of(row.name, row.message_id)
    return WORD_NEXT.format(member=word) if word else ""


def is_of_rights(row: Row[Any]) -> bool:
    """Whether it is the alarm of a restore whose rights somebody has to go through."""
    return row.name == outcome.RESTORED and str(row.message_id).startswith(RIGHTS)


def state_of(row: Row[Any]) -> str:
    """Return ended, acknowledged (its cause may continue), or open."""
    return "ended" if row.ended_at is not None else "acknowledged" if row.acknowledged_at is not None else "open"

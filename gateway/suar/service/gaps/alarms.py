"""Alarms after they were raised: when the cause of one has ended, who acknowledged one, and how they are shown.

Alarms that end by themselves end at the next check, a second after their cause; see `suar.observe.alarms` for which
these are. A gap ends when it is filled, not when nobody can fill it any more: a person acknowledges lost frames.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row

from suar.observe.alarms import (
    ALARMS,
    BUNDLE_WITHHELD,
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
from suar.protocol.privacy.verdict import note_refusals
from suar.protocol.transport import outcome
from suar.protocol.transport.world import EpochState
from suar.service.access.troubles import has_recent_heartbeat, is_clock_agreed, is_clock_wrong
from suar.service.core import claims
from suar.service.core.core import Core
from suar.service.gaps import ranges
from suar.service.reading.views import rfc3339
from suar.store.inbound import alarm_ends, dated_ahead, gaps
from suar.store.inbound.gaps import Refusal
from suar.store.people import access
from suar.store.recovery import positions

NOTE_MAX: Final = 400  # characters
_IS_HERE: Final = (ranges.EMPTY, ranges.RESENT)  # answers after which nothing is missing


def end_resolved(core: Core) -> int:
    """End the alarms whose cause has ended; returns how many."""
    with core.transaction() as connection:
        rows = alarm_ends.active_alarms(connection, ENDING)
        known = ranges.load_records(connection) if rows else None
        over = [row for row in rows if known is not None and ENDS_BY_NAME[row.name](core, known, row)]
        alarm_ends.end(connection, [row.n for row in over], core.clock())
        for row in over:
            core.log_event("alarm_ended", n=row.n, name=row.name, member=row.member)
    return len(over)


# -- whether the cause has ended

_Ends = Callable[[Core, ranges.GapRecords, Row[Any]], bool]


def _is_filled(core: Core, known: ranges.GapRecords, row: Row[Any]) -> bool:
    """gap, withheld-tail: every frame of the range is here, carried nothing, or exceeds its epoch, or it is closed.

    Of a closed epoch nothing is missing ([T12]): its frames are refused, the ranges leave it out, nobody requests it.
    What a member alone states about another's frames ([F11]) also ends when its last heartbeat no longer states it.
    """
    state = core.world.epochs.get(row.epoch_id)
    if state is None or state.kind != "open" or row.last is None:
        return False
    if not state.live:
        return True
    if state.epoch.sender != row.member and _is_withdrawn(core, known, row):
        return True
    bound = state.sequence.bound
    last = row.last if bound is None else min(row.last, bound - 1)
    epoch = ranges.epoch_ranges(state, known)
    spans = [*epoch.missing, *epoch.withheld, *((each.first, each.last) for each in epoch.lost)]
    has_gap = any(first <= last and row.first <= end for first, end in spans)
    return not has_gap and (last < state.sequence.next or any(end >= last for _, end in epoch.empty))


def _is_whole(core: Core, known: ranges.GapRecords, row: Row[Any]) -> bool:
    """epoch-missing: it arrived with all its frames, is not for us, or its sender's answers leave nothing out.

    Also when it came and is closed, or its signer's key is revoked: then none of its frames is accepted ([T12]).
    """
    state = core.world.epochs.get(row.epoch_id)
    if state is not None:
        return state.kind != "open" or not state.live or ranges.epoch_ranges(state, known).is_complete
    for key, chain in core.world.chains.items():
        if row.epoch_id in chain.missing:
            return (
                core.world.trust.is_revoked(key.signer)
                or ranges.missing_epoch_ranges(key, row.epoch_id, chain.missing[row.epoch_id], known).is_complete
            )
    return False


def _is_sealed_again(core: Core, known: ranges.GapRecords, row: Row[Any]) -> bool:
    """left-out: frames of an epoch for us alone came after it, or its sender states that nothing is left to seal."""
    if any(each.code in _IS_HERE for each in known.refusals.get(row.epoch_id, ())):
        return True
    left = core.world.epochs.get(row.epoch_id)
    return left is not None and any(_follows(core, left, state) for state in core.world.epochs.values())


def _follows(core: Core, left: EpochState, state: EpochState) -> bool:
    is_ours = state.epoch.sender == left.epoch.sender and state.chain.channel == core.member and state.kind == "open"
    is_after = state.chain.realm == left.chain.realm and state.epoch.not_before >= left.epoch.not_before
    return is_ours and is_after and state.sequence.next > 0


def _is_member_present(core: Core, _: ranges.GapRecords, row: Row[Any]) -> bool:
    """silence: the member sends again, if only what waits for its time, or is no longer expected to."""
    now = core.clock()
    if has_recent_heartbeat(core.build_status(), row.member, now) or not core.world.trust.is_active(row.member):
        return True
    with core.transaction() as connection:
        ahead = dated_ahead.senders_ahead(connection).get(row.member)
    return ahead is not None and now - ahead.arrived <= core.silent_after


def _is_clock_right(core: Core, _: ranges.GapRecords, row: Row[Any]) -> bool:
    """clock: a heartbeat arrived since, and neither clock is wrong.

    Objects that it dated ahead before may still wait.
    """
    now, status = core.clock(), core.build_status()
    was_heard_since = core.last_heard.get(row.member, 0) > row.at
    return was_heard_since and is_clock_agreed(status, row.member, now) and not is_clock_wrong(status, now)


def _is_withdrawn(core: Core, _: ranges.GapRecords, row: Row[Any]) -> bool:
    """trust-version, revokes, bundle-withheld: the member's last heartbeat did not raise it."""
    doubts = core.observations.doubts.get(row.member)
    return doubts is not None and doubts.at > row.at and row.name not in doubts.names


ENDS_BY_NAME: Final[dict[str, _Ends]] = {
    outcome.GAP: _is_filled,
    outcome.WITHHELD_TAIL: _is_filled,
    outcome.EPOCH_MISSING: _is_whole,
    outcome.LEFT_OUT: _is_sealed_again,
    outcome.SILENCE: _is_member_present,
    outcome.CLOCK: _is_clock_right,
    outcome.TRUST_VERSION: _is_withdrawn,
    outcome.REVOKES: _is_withdrawn,
    BUNDLE_WITHHELD: _is_withdrawn,
}
"""For each alarm of `ENDING`."""


# -- what people see and acknowledge


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
    put_back: Sequence[int]
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
    put_back = alarm_ends.own_put_backs(connection, core.member)
    own = (
        (row.name, row.member, row.at)
        for row in rows
        if not is_after_ours(put_back, row.name, row.at)
        and claims.origin_of(known, row.name, row.member, row.epoch_id) in (None, row.member)
    )
    restored = [(row.member, row.at) for row in rows if row.name == outcome.RESTORED]
    passed_over = with_moments(core.passed_over, own, len(core.status.others()))
    return _Causes(passed_over, put_back, restored, gaps.load_refusals(connection))


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
    if is_after_ours(causes.put_back, row.name, row.at):
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
        return RETURNED_NEXT if is_of_that_time(causes.put_back, row.at) else ""
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

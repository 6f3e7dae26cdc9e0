"""Ends alarms whose cause has ended: a second after it, at the next check; `suar.observe.alarms` names which these are.

A gap ends when it is filled, not when nobody can fill it any more: a person acknowledges lost frames.

A check is about what changed since the last one (core/due.py). A member can have a thousand alarms open about one epoch
with a gap at every second number, so the ranges of an epoch are computed once for all its alarms, and not at all while
neither its frames nor the answers about them change.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from itertools import accumulate
from typing import Any, Final

from sqlalchemy import Connection, Row

from suar.observe.alarms import BUNDLE_WITHHELD, ENDING
from suar.protocol.transport import outcome
from suar.protocol.transport.world import ChainKey, EpochState, MissingEpoch
from suar.service.access import daily_quotas
from suar.service.access.troubles import has_recent_heartbeat, is_clock_agreed, is_clock_wrong
from suar.service.core.core import Core
from suar.service.core.due import CHAINS, EVERY, OF_EPOCHS, TIMED, Change
from suar.service.gaps import ranges
from suar.service.gaps.ranges import EpochRanges
from suar.store.inbound import alarm_ends, dated_ahead, gaps
from suar.store.inbound.gaps import Refusal

_IS_HERE: Final = (ranges.EMPTY, ranges.RESENT)  # answers after which nothing is missing
_OF_TIME: Final = ENDING - OF_EPOCHS  # judged at each check while one is open: they also end with the time
_NOWHERE: Final = -2  # below every number of a frame, and below the last one of an epoch without frames


def end_resolved(core: Core) -> int:
    """End the alarms whose cause has ended, among those about what changed; returns how many."""
    with core.transaction() as connection:
        due = core.due.alarms
        due.note_changes(core.world.changes)  # of the open transaction
        number, changed = due.pending()
        if not changed:
            return 0
        check = _Check(core, connection, changed)
        over = sorted((row for row in check.rows if ENDS_BY_NAME[row.name](check, row)), key=lambda row: int(row.n))
        alarm_ends.end(connection, [row.n for row in over], core.clock())
        for row in over:
            core.log_event("alarm_ended", n=row.n, name=row.name, member=row.member)
        ended = {row.n for row in over}
        is_timed_left = any(row.name in _OF_TIME and row.n not in ended for row in check.rows)
        core.run_after_commit(lambda: due.mark_checked(number, is_timed_left=is_timed_left))
    return len(over)


def is_put_off(left: EpochState, refusals: Iterable[Refusal]) -> bool:
    """Whether the sender of an epoch that left us out refused a part of it until tomorrow; then it is requested."""
    return left.is_live and any(each.code in daily_quotas.TOMORROW for each in refusals)


class _Spans:
    """What is not here of one epoch, for any number of alarms about it."""

    def __init__(self, epoch: EpochRanges) -> None:
        spans = sorted([*epoch.missing, *epoch.withheld, *((each.first, each.last) for each in epoch.lost)])
        self.id, self.is_complete = epoch.id, epoch.is_complete
        self.last_empty = max((end for _, end in epoch.empty), default=_NOWHERE)
        self._firsts = [first for first, _ in spans]
        self._ends = [*accumulate((end for _, end in spans), max)]  # the highest end up to each range

    def is_overlapping(self, first: int, last: int) -> bool:
        """Whether a range begins at `last` or before and ends at `first` or after."""
        before = bisect_right(self._firsts, last)
        return before > 0 and self._ends[before - 1] >= first


class _Check:
    """One check: the alarms that it is about, and what their ends depend on, each read or computed once."""

    def __init__(self, core: Core, connection: Connection, changed: frozenset[Change]) -> None:
        self.core, self._connection = core, connection
        self.is_all, self._changed = EVERY in changed, changed
        self.epochs = {each for each in changed if isinstance(each, bytes)}
        for name, member in (each for each in changed if isinstance(each, tuple)):
            self.epochs |= alarm_ends.newest_epoch(connection, name, member)
        rows = alarm_ends.active_alarms(connection, ENDING) if self.is_all else self._changed_rows()
        self.rows = sorted(rows, key=lambda row: (row.epoch_id, int(row.n)))  # the alarms of an epoch together
        self._spans: _Spans | None = None  # of the last epoch alone: one may have 32,768 ranges

    def _changed_rows(self) -> Iterable[Row[Any]]:
        found = alarm_ends.active_alarms_of(self._connection, OF_EPOCHS, self.epochs)
        if self.sealed_since:
            found += alarm_ends.active_alarms(self._connection, (outcome.LEFT_OUT,))
        if CHAINS in self._changed:
            missing = alarm_ends.active_alarms(self._connection, (outcome.EPOCH_MISSING,))
            found += [row for row in missing if row.epoch_id not in self.core.world.epochs]
        if TIMED in self._changed:
            found += alarm_ends.active_alarms(self._connection, _OF_TIME)
        return {row.n: row for row in found}.values()

    @cached_property
    def known(self) -> ranges.GapRecords:
        """The stored records about the epochs of these alarms."""
        if self.is_all:
            return ranges.load_records(self._connection)
        named = self.epochs | {row.epoch_id for row in self.rows if row.name == outcome.EPOCH_MISSING}
        announced, refusals = gaps.announced_of(self._connection, named), gaps.refusals_of(self._connection, named)
        return ranges.GapRecords(announced, refusals, {})

    def spans_of(self, state: EpochState) -> _Spans:
        """Return what is not here of the epoch, computed once for alarms that follow each other."""
        if self._spans is None or self._spans.id != state.id:
            self._spans = _Spans(ranges.epoch_ranges(state, self.known))
        return self._spans

    @cached_property
    def missing(self) -> Mapping[bytes, tuple[ChainKey, MissingEpoch]]:
        """The epochs that never arrived, each with the first chain that names it."""
        found = dict[bytes, tuple[ChainKey, MissingEpoch]]()
        for key, chain in self.core.world.chains.items():
            for id_, each in chain.missing.items():
                found.setdefault(id_, (key, each))
        return found

    def is_followed(self, left: EpochState) -> bool:
        """Whether frames of an epoch of the same sender for us alone came, which began no earlier."""
        is_new = self.is_all or left.id in self.epochs
        begins = (self._sealed if is_new else self.sealed_since).get((left.epoch.sender, left.chain.realm))
        return begins is not None and begins >= left.epoch.not_before

    @cached_property
    def _sealed(self) -> Mapping[tuple[str, str], int]:
        return _newest_for_us(self.core, self.core.world.epochs.values())

    @cached_property
    def sealed_since(self) -> Mapping[tuple[str, str], int]:
        """By sender and realm when the newest epoch for us alone begins (ms), among those that changed."""
        states = map(self.core.world.epochs.get, self.epochs)
        return _newest_for_us(self.core, (state for state in states if state is not None))


def _newest_for_us(core: Core, states: Iterable[EpochState]) -> Mapping[tuple[str, str], int]:
    found = dict[tuple[str, str], int]()
    for state in states:
        if state.chain.channel == core.member and state.kind == "open" and state.sequence.next > 0:
            key = (state.epoch.sender, state.chain.realm)
            found[key] = max(found.get(key, state.epoch.not_before), state.epoch.not_before)
    return found


# -- whether the cause has ended

_Ends = Callable[[_Check, Row[Any]], bool]


def _check_filled(check: _Check, row: Row[Any]) -> bool:
    """gap, withheld-tail: True if every frame of the range is here, carried nothing, or exceeds its epoch, or it is
    closed.

    Of a closed epoch nothing is missing ([T12]): its frames are refused, the ranges leave it out, nobody requests it.
    What a member alone states about another's frames ([F11]) also ends when its last heartbeat no longer states it.
    """
    state = check.core.world.epochs.get(row.epoch_id)
    if state is None or state.kind != "open" or row.last is None:
        return False
    if not state.is_live:
        return True
    if state.epoch.sender != row.member:
        if _is_withdrawn(check, row):
            return True
        check.core.due.alarms.add_claim(row.member, state.id)
    bound, spans = state.sequence.bound, check.spans_of(state)
    last = row.last if bound is None else min(row.last, bound - 1)
    return not spans.is_overlapping(row.first, last) and (last < state.sequence.next or spans.last_empty >= last)


def _is_whole(check: _Check, row: Row[Any]) -> bool:
    """epoch-missing: it arrived with all its frames, is not for us, or its sender's answers leave nothing out.

    Also when it came and is closed, or its signer's key is revoked: then none of its frames is accepted ([T12]).
    """
    world = check.core.world
    state = world.epochs.get(row.epoch_id)
    if state is not None:
        return state.kind != "open" or not state.is_live or check.spans_of(state).is_complete
    if row.epoch_id not in check.missing:
        return False
    key, missing = check.missing[row.epoch_id]
    if world.trust.is_revoked(key.signer):
        return True
    return ranges.missing_epoch_ranges(key, row.epoch_id, missing, check.known).is_complete


def _is_sealed_again(check: _Check, row: Row[Any]) -> bool:
    """left-out: frames of an epoch for us alone came after it, or its sender states that nothing is left to seal.

    Not while its sender refuses the rest until tomorrow: it is requested again then.
    """
    left, refusals = check.core.world.epochs.get(row.epoch_id), check.known.refusals.get(row.epoch_id, ())
    if left is not None and is_put_off(left, refusals):
        return False
    if any(each.code in _IS_HERE for each in refusals):
        return True
    return left is not None and check.is_followed(left)


def _is_member_present(check: _Check, row: Row[Any]) -> bool:
    """silence: the member sends again, if only what waits for its time, or is no longer expected to."""
    core = check.core
    now = core.clock()
    if has_recent_heartbeat(core.build_status(), row.member, now) or not core.world.trust.is_active(row.member):
        return True
    with core.transaction() as connection:
        ahead = dated_ahead.senders_ahead(connection).get(row.member)
    return ahead is not None and now - ahead.arrived <= core.silent_after


def _is_clock_right(check: _Check, row: Row[Any]) -> bool:
    """clock: a heartbeat arrived since, and neither clock is wrong.

    Objects that it dated ahead before may still wait.
    """
    core = check.core
    now, status = core.clock(), core.build_status()
    was_heard_since = core.last_heard.get(row.member, 0) > row.at
    return was_heard_since and is_clock_agreed(status, row.member, now) and not is_clock_wrong(status, now)


def _is_withdrawn(check: _Check, row: Row[Any]) -> bool:
    """trust-version, revokes, bundle-withheld: the member's last heartbeat did not raise it."""
    doubts = check.core.observations.doubts.get(row.member)
    return doubts is not None and doubts.at > row.at and row.name not in doubts.names


ENDS_BY_NAME: Final[dict[str, _Ends]] = {
    outcome.GAP: _check_filled,
    outcome.WITHHELD_TAIL: _check_filled,
    outcome.EPOCH_MISSING: _is_whole,
    outcome.LEFT_OUT: _is_sealed_again,
    outcome.SILENCE: _is_member_present,
    outcome.CLOCK: _is_clock_right,
    outcome.TRUST_VERSION: _is_withdrawn,
    outcome.REVOKES: _is_withdrawn,
    BUNDLE_WITHHELD: _is_withdrawn,
}
"""For each alarm of `ENDING`."""

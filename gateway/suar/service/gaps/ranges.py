"""The gap proof: for every origin and channel the exact ranges of frames that are held, missing, withheld or lost.

`missing`: later frames arrived. `withheld`: nothing arrived after them, and the origin signed that they exist: in the
next epoch, or in a head of its own heartbeat. `lost`: requested, and the origin's signed answer is that it will not
send them. `empty`: its answer is that they were heartbeats, or that their contents were sent again in another epoch.
All others are held; a channel is complete when all are held.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from operator import attrgetter
from typing import Any, Final, NamedTuple

from msgspec import Struct
from sqlalchemy import Connection

from suar.protocol.base import limits
from suar.protocol.transport import outcome
from suar.protocol.transport.outcome import Alarm
from suar.protocol.transport.replay import Numbers, Sequence
from suar.protocol.transport.world import ChainKey, EpochState, EpochView, MissingEpoch, World
from suar.service.core.core import Core
from suar.service.core.status import Status
from suar.store.inbound import gaps
from suar.store.inbound.gaps import Refusal, RequestRecord

Here = Status | World
"""The known epochs: as published, for any thread, or as they are now, for the core's thread."""
Span = tuple[int, int]
"""First and last number, both included."""

REQUESTED: Final = "asked"
EMPTY: Final = "E-RESEND-EMPTY"
RESENT: Final = "E-RESEND-ANEW"
# not requested again automatically
LOST: Final = frozenset({"E-RESEND-GONE", gaps.UNKNOWN})
FINAL: Final = frozenset({EMPTY, RESENT, *LOST})


class LostRange(NamedTuple):
    """A range that the origin does not send again, with its reason and the time of its answer."""

    first: int
    last: int
    code: str
    at: int


class EpochRanges(Struct, frozen=True, kw_only=True):
    """The ranges of one epoch of another member; `began` in ms, None when the epoch itself was never received."""

    id: bytes
    realm: str
    channel: str
    began: int | None
    held: tuple[Span, ...] = ()
    missing: tuple[Span, ...] = ()
    withheld: tuple[Span, ...] = ()
    lost: tuple[LostRange, ...] = ()
    empty: tuple[Span, ...] = ()
    request: RequestRecord | None = None
    left_out: str | None = None  # sealed to no key of ours: `asked` to reseal, or the code of the refusal

    @property
    def is_complete(self) -> bool:
        """Whether everything that is known to exist is held, was empty, or is sealed to us again."""
        return not (self.missing or self.withheld or self.lost) and self.left_out in (
            None,
            REQUESTED,
            EMPTY,
            RESENT,
        )

    @property
    def open(self) -> tuple[Span, ...]:
        """The ranges that may still be received and are worth requesting."""
        return self.missing + self.withheld


class Totals(NamedTuple):
    """Frames of one member."""

    held: int = 0
    missing: int = 0
    withheld: int = 0
    lost: int = 0

    @property
    def all_missing(self) -> int:
        """Frames that are known to exist and are not here."""
        return self.missing + self.withheld + self.lost


class GapRecords(NamedTuple):
    """The stored records about gaps that supplement the world."""

    announced: Mapping[bytes, int]
    refusals: Mapping[bytes, list[Refusal]]
    requests: Mapping[bytes, RequestRecord]


def load_records(connection: Connection) -> GapRecords:
    """Return the records, read once for all epochs."""
    return GapRecords(gaps.load_announced(connection), gaps.load_refusals(connection), gaps.load_requests(connection))


def ranges_by_member(here: Here, connection: Connection) -> dict[str, list[EpochRanges]]:
    """Return by member the epochs that were for us, the newest last, and those that never arrived.

    Epochs that are closed ([T12]) are left out.
    """
    known, found = load_records(connection), defaultdict[str, list[EpochRanges]](list)
    left_out = gaps.left_out_epochs(connection)
    for state in here.epochs.values():
        if state.kind == "open" and state.is_live:
            found[state.epoch.sender].append(epoch_ranges(state, known))
        elif state.id in left_out and state.is_live:
            found[state.epoch.sender].append(_of_left_out(state, known))
    for owner, key, missing in _chains(here):
        found[owner] += [missing_epoch_ranges(key, id_, each, known) for id_, each in missing.items()]
    return found


def _chains(here: Here) -> Iterator[tuple[str, ChainKey, Mapping[bytes, MissingEpoch]]]:
    """Add epochs that never arrived, of keys that may still speak: from others nothing can arrive any more ([T12])."""
    chains = _missing_in(here) if isinstance(here, World) else here.epochs.incomplete
    for key, missing in chains:
        owner = here.trust.owner(key.signer)
        if owner is not None and here.trust.may_sign(key.signer, owner):
            yield owner, key, missing


def _missing_in(world: World) -> Iterator[tuple[ChainKey, Mapping[bytes, MissingEpoch]]]:
    return ((key, chain.missing) for key, chain in world.chains.items() if chain.missing)


def _is_missing(state: EpochState | EpochView, known: GapRecords) -> bool:
    return len(state.sequence.missing) > 0 or _tail(state.sequence, known.announced.get(state.id, 0)) is not None


def incomplete(here: Here, connection: Connection) -> Iterator[tuple[str, EpochRanges]]:
    """Return (member, epoch) for frames that are known to exist and are not here; fast if there are none."""
    known = load_records(connection)
    for state in here.epochs.values():
        if state.kind == "open" and state.is_live and _is_missing(state, known):
            yield state.epoch.sender, epoch_ranges(state, known)
    for owner, key, missing in _chains(here):
        for id_, each in missing.items():
            yield owner, missing_epoch_ranges(key, id_, each, known)


def lost_epochs(here: Here, connection: Connection) -> set[tuple[str, bytes]]:
    """Return (member, id) of epochs that never arrived, where the one member that names them answered to have none."""
    found, owners = set[tuple[str, bytes]](), dict[bytes, set[str]]()
    refusals = gaps.load_refusals(connection)
    for owner, _, missing in _chains(here) if refusals else ():
        for id_ in missing:
            owners.setdefault(id_, set()).add(owner)
    for id_, members in owners.items():
        is_unknown = any(each.code == gaps.UNKNOWN and each.first == 0 for each in refusals.get(id_, ()))
        if is_unknown and len(members) == 1:
            found |= {(member, id_) for member in members}
    return found


def totals(here: Here, connection: Connection) -> dict[str, Totals]:
    """Return the totals of the incomplete epochs by member; a member that is not included is complete."""
    found = defaultdict[str, list[EpochRanges]](list)
    for member, epoch in incomplete(here, connection):
        found[member].append(epoch)
    return {member: sum_totals(each) for member, each in found.items()}


def missing_by_member(here: Here, connection: Connection) -> dict[str, int]:
    """Return by member how many of its frames exist and are not here, including those that are lost for good."""
    return {member: each.all_missing for member, each in totals(here, connection).items() if each.all_missing}


def sum_totals(epochs: Iterable[EpochRanges]) -> Totals:
    """Return the totals, counted in frames."""
    held = missing = withheld = lost = 0
    for each in epochs:
        held += _count(each.held)
        missing += _count(each.missing)
        withheld += _count(each.withheld)
        lost += sum(one.last - one.first + 1 for one in each.lost)
    return Totals(held, missing, withheld, lost)


def _count(spans: Iterable[Span]) -> int:
    return sum(last - first + 1 for first, last in spans)


# -- one epoch


def epoch_ranges(state: EpochState | EpochView, known: GapRecords) -> EpochRanges:
    """An open epoch as this gateway has it."""
    sequence, refused = state.sequence, known.refusals.get(state.id, ())
    tail = _tail(sequence, known.announced.get(state.id, 0))
    inner = [span for span in sequence.missing if tail is None or span[0] < tail[0]]
    ends = [tail] if tail else []
    return EpochRanges(
        id=state.id, realm=state.chain.realm, channel=state.chain.channel, began=state.epoch.not_before,
        held=tuple(_between(sequence.missing, sequence.next)), missing=tuple(unanswered_parts(inner, refused)),
        withheld=tuple(unanswered_parts(ends, refused)), request=known.requests.get(state.id),
        **answered_parts([*inner, *ends], refused),
    )  # fmt: skip


def _of_left_out(state: EpochState | EpochView, known: GapRecords) -> EpochRanges:
    """Nobody can count its messages: they arrive in an epoch of our own channel, or its sender refuses."""
    codes = [each.code for each in known.refusals.get(state.id, ()) if each.code in FINAL]
    return EpochRanges(
        id=state.id, realm=state.chain.realm, channel=state.chain.channel, began=state.epoch.not_before,
        left_out=codes[-1] if codes else REQUESTED,
    )  # fmt: skip


def _tail(sequence: Sequence | Numbers, announced: int) -> Span | None:
    """Return the frames after the newest held one that exist by its successor, or else by a head."""
    end = max(sequence.next, announced if sequence.bound is None else sequence.bound)
    return (sequence.held, end - 1) if end > sequence.held else None


def missing_epoch_ranges(key: ChainKey, epoch_id: bytes, missing: MissingEpoch, known: GapRecords) -> EpochRanges:
    """Return an epoch that its successor names; it has as many frames as the origin states there."""
    whole = [(0, min(missing.frames, limits.FRAMES_AN_EPOCH) - 1)] if missing.frames else []
    refused = known.refusals.get(epoch_id, ())
    return EpochRanges(
        id=epoch_id, realm=key.realm, channel=key.channel, began=None, withheld=tuple(unanswered_parts(whole, refused)),
        request=known.requests.get(epoch_id), **answered_parts(whole, refused),
    )  # fmt: skip


def _between(missing: Iterable[Span], end: int) -> Iterator[Span]:
    """Return the numbers below `end` that are in none of the spans."""
    at = 0
    for first, last in missing:
        if first > at:
            yield at, first - 1
        at = last + 1
    if end > at:
        yield at, end - 1


def unanswered_parts(spans: Iterable[Span], refused: Iterable[Refusal]) -> Iterator[Span]:
    """Return the parts of the spans without a final answer of the origin."""
    final = _merged(refused)
    firsts, ends = [low for low, _ in final], [high for _, high in final]
    for first, last in spans:
        at = first
        for low, high in final[bisect_left(ends, first) : bisect_right(firsts, last)]:
            if low > at:
                yield at, low - 1
            at = high + 1
        if at <= last:
            yield at, last


def _merged(refused: Iterable[Refusal]) -> list[Span]:
    """Return the ranges with a final answer, in order and disjoint."""
    found = list[Span]()
    for each in sorted(each for each in refused if each.code in FINAL):
        first, last = found.pop() if found and each.first <= found[-1][1] else (each.first, each.last)
        found.append((first, max(last, each.last)))
    return found


def answered_parts(spans: list[Span], refused: Iterable[Refusal]) -> dict[str, Any]:
    """Return the parts of the spans that the origin has answered for: lost or empty. In the order of `first`."""
    lost, empty = [], []
    final = sorted((each for each in refused if each.code in FINAL), key=attrgetter("first"))
    firsts, ends = [each.first for each in final], [*accumulate((each.last for each in final), max)]
    for first, last in spans:
        for each in final[bisect_left(ends, first) : bisect_right(firsts, last)]:
            low, high = max(first, each.first), min(last, each.last)
            if low <= high and each.code in (EMPTY, RESENT):
                empty.append((low, high))
            elif low <= high:
                lost.append(LostRange(low, high, each.code, each.at))
    return {"lost": tuple(lost), "empty": tuple(empty)}


# -- what admission reports


def record_announced(core: Core, connection: Connection, alarm: Alarm) -> None:
    """Record how far an epoch goes, as a head of its origin announced it."""
    state = core.world.epochs.get(alarm.epoch_id)
    if alarm.name != outcome.GAP or alarm.last is None or state is None or alarm.last < state.sequence.next:
        return
    if alarm.member != state.epoch.sender:
        return  # another member's statement ([F11]): claims.py
    gaps.record_announced(connection, state.id, alarm.last + 1, core.clock())
    core.due.alarms.note(state.id)

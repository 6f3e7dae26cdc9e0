"""Where frames of one epoch form no chain, epochs name other ends, and heartbeats other heads (docs/evidence.md).

Pure. The sender of the frames signed all of them; the number of a head is the word of the witness that names it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from suar.protocol.base.instants import claimed_at
from suar.protocol.base.primitives import ZERO32
from suar.protocol.files.findings.statements import Contradiction, Statement, is_before, proved_by, sealed, statement
from suar.protocol.files.proof import Proved, ProvedFrame, Witness
from suar.protocol.files.proof_keys import ProvedEpoch
from suar.protocol.transport.heartbeat import Head


def in_frames(proved: Proved, frames: Iterable[ProvedFrame]) -> Iterator[Contradiction]:
    """Yield where frames of one epoch do not form one chain, in order of time, or are dated after their token."""
    chains: dict[bytes, list[ProvedFrame]] = {}
    for frame in sorted(frames, key=lambda one: (one.parsed.epoch_id, one.parsed.seq, one.hash)):
        chains.setdefault(frame.parsed.epoch_id, []).append(frame)
        stamped = proved_by(proved, frame)
        if stamped is not None and is_before(stamped[0], frame.parsed.ts):
            yield Contradiction("sealed-after-token", sealed(frame), stamped[1])
        if frame.parsed.seq == 0 and frame.parsed.prev != frame.parsed.epoch_id:
            yield Contradiction("chain-broken", _follows(frame), _numbered(frame))
    for chain in chains.values():
        yield from _chain(chain)
    yield from _epochs(chains)


def _chain(chain: Sequence[ProvedFrame]) -> Iterator[Contradiction]:
    """Yield what the frames of one epoch, by number, say against each other."""
    latest = chain[0]
    for group, earlier in _groups(chain):
        for other in group[1:]:
            yield Contradiction("one-number", _numbered(group[0]), _numbered(other))
        for frame in group if earlier else ():
            if is_before(frame.parsed.ts, latest.parsed.ts):
                yield Contradiction("time-reversed", _dated(latest), _dated(frame))
        if earlier and earlier[0].parsed.seq + 1 == group[0].parsed.seq:
            names = {each.hash for each in earlier}
            broken = (each for each in group if each.parsed.prev not in names)
            yield from (Contradiction("chain-broken", _follows(each), _numbered(earlier[0])) for each in broken)
        latest = max(latest, *group, key=lambda each: each.parsed.ts)


def _groups(chain: Sequence[ProvedFrame]) -> Iterator[tuple[list[ProvedFrame], list[ProvedFrame]]]:
    """Yield the frames of each number with those of the number before it in the file; none before the first."""
    earlier = list[ProvedFrame]()
    for _, frames in groupby(chain, key=lambda each: each.parsed.seq):
        group = list(frames)
        yield group, earlier
        earlier = group


def _epochs(chains: Mapping[bytes, list[ProvedFrame]]) -> Iterator[Contradiction]:
    """Yield where an epoch names an end of the one before it that a frame of that epoch contradicts, or an epoch that
    follows the same one. Only epochs of one chain: the same key, realm and channel.
    """
    numbered = {(name, at): found for name, chain in chains.items() for at, found in _by_number(chain)}
    firsts: dict[tuple[object, ...], ProvedEpoch] = {}
    for one in (chain[0].epoch for chain in chains.values()):
        epoch, chain = one.epoch, _chain_of(one)
        ended = chains.get(epoch.prev_epoch, [])
        if ended and _chain_of(ended[0].epoch) == chain:
            beyond = (each for each in ended[-1:] if each.parsed.seq >= epoch.prev_frames)
            same = numbered.get((epoch.prev_epoch, epoch.prev_frames - 1), ())
            other = next((each for each in same if each.hash != epoch.prev_hash), None)
            for frame in (*beyond, *([other] if other else ())):
                yield Contradiction("end-differs", _end(one), _numbered(frame))
        first = one if epoch.prev_epoch == ZERO32 else firsts.setdefault((*chain, epoch.prev_epoch), one)
        if (first.epoch.prev_frames, first.epoch.prev_hash) != (epoch.prev_frames, epoch.prev_hash):
            yield Contradiction("two-ends", _end(first), _end(one))


def _chain_of(one: ProvedEpoch) -> tuple[bytes, str, str]:
    return one.kid, one.epoch.realm, one.epoch.channel


def _end(one: ProvedEpoch) -> Statement:
    epoch, ended = one.epoch, one.epoch.prev_epoch.hex()
    return statement("says-end", next=one.id.hex(), epoch=ended, count=epoch.prev_frames, frame=epoch.prev_hash.hex())


def _by_number(chain: Sequence[ProvedFrame]) -> Iterator[tuple[int, list[ProvedFrame]]]:
    return ((group[0].parsed.seq, group) for group, _ in _groups(chain))


def _numbered(frame: ProvedFrame) -> Statement:
    parsed = frame.parsed
    return statement("is-number", frame=frame.hash.hex(), number=parsed.seq + 1, epoch=parsed.epoch_id.hex())


def _dated(frame: ProvedFrame) -> Statement:
    parsed = frame.parsed
    return statement("number-sealed", frame=frame.hash.hex(), number=parsed.seq + 1, at=claimed_at(parsed.ts))


def _follows(frame: ProvedFrame) -> Statement:
    parsed = frame.parsed
    return statement("says-before", frame=frame.hash.hex(), number=parsed.seq + 1, prev=parsed.prev.hex())


# -- heads that heartbeats of other members name


def in_heads(proved: Proved, frames: Collection[ProvedFrame]) -> Iterator[Contradiction]:
    """Yield where a head is another frame than the sender, or a heartbeat before, has under its number, or is this one
    under another number; and where it is not the end that the next epoch names.

    The sender states the numbers of frames in them, in the `prev` of others, and in the next epoch. It signed the hash
    of a head and no number with it: that is the word of the witness, so it is first compared with the frame's own.
    """
    stated, heads = _Stated(frames), _Named()
    for witness, head in ((one, head) for one in proved.witnesses if one.is_valid for head in one.heads):
        named, end = _head(witness, head), stated.ends.get(head.epoch_id)
        other = stated.names.contradicting(head)
        if other is not None:
            yield Contradiction("head-differs", other, named)
        elif end is not None and _is_another_end(end, head):
            yield Contradiction("end-differs", _end(end), named)
        elif not heads.has(head) and (known := heads.contradicting(head)) is not None:
            yield Contradiction("head-differs", known, named)
        if head.epoch_id in stated.chains:  # else nothing of the epoch is proved
            heads.add((head.epoch_id, head.frames), head.hash, named)


class _Named:
    """Statements on frames of epochs: which hash has a number, and which number a hash has."""

    def __init__(self) -> None:
        self._numbered: dict[tuple[bytes, int], dict[bytes, Statement]] = {}
        self._hashed: dict[tuple[bytes, bytes], tuple[int, Statement]] = {}

    def add(self, number: tuple[bytes, int], name: bytes, stated: Statement) -> None:
        """Add one: of an epoch, a number in it, and a frame's hash."""
        self._numbered.setdefault(number, {}).setdefault(name, stated)
        self._hashed.setdefault((number[0], name), (number[1], stated))

    def has(self, head: Head) -> bool:
        """Whether there is a statement that this frame has this number."""
        return head.hash in self._numbered.get((head.epoch_id, head.frames), {})

    def contradicting(self, head: Head) -> Statement | None:
        """Return a statement that the head's frame has another number, else one that its number is another frame."""
        number, stated = self._hashed.get((head.epoch_id, head.hash), (head.frames, None))
        if number != head.frames:
            return stated
        same = self._numbered.get((head.epoch_id, head.frames), {})
        return next((each for name, each in same.items() if name != head.hash), None)


class _Stated:
    """What senders state of the frames of their epochs, which have their `chains`; and in `ends` the next epoch of an
    epoch, which names its end.
    """

    def __init__(self, frames: Collection[ProvedFrame]) -> None:
        self.names, self.ends = _Named(), dict[bytes, ProvedEpoch]()
        self.chains = {each.parsed.epoch_id: _chain_of(each.epoch) for each in frames}
        for each in frames:
            self.names.add((each.parsed.epoch_id, each.parsed.seq + 1), each.hash, _numbered(each))
        for each in frames:
            parsed, ended = each.parsed, each.epoch.epoch.prev_epoch
            if parsed.seq:
                self.names.add((parsed.epoch_id, parsed.seq), parsed.prev, _follows(each))
            if self.chains.get(ended) == _chain_of(each.epoch):
                self.ends.setdefault(ended, each.epoch)


def _is_another_end(next_: ProvedEpoch, head: Head) -> bool:
    """Whether a head is behind the end that the next epoch names, is another frame there, or that one elsewhere."""
    epoch = next_.epoch
    is_last, is_same = head.frames == epoch.prev_frames, head.hash == epoch.prev_hash
    return head.frames > epoch.prev_frames or is_last != is_same


def _head(one: Witness, head: Head) -> Statement:
    values = {"member": one.member, "at": claimed_at(one.frame.parsed.ts), "frame": head.hash.hex()}
    return statement("names-head", **values, number=head.frames, epoch=head.epoch_id.hex())

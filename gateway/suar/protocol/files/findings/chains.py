"""Where frames of one epoch form no chain, epochs name other ends, and heartbeats other heads (docs/evidence.md).

Pure. The sender of the frames signed all of them; the number of a head is the word of the witness that names it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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


def in_heads(proved: Proved, frames: Iterable[ProvedFrame]) -> Iterator[Contradiction]:
    """Yield where a head is another frame than the file, or a heartbeat before, has under its number, or this frame
    has another number. The sender signed the head's hash; its number is the word of the witness.
    """
    numbered: dict[tuple[bytes, int], dict[bytes, Statement]] = {}
    hashed: dict[tuple[bytes, bytes], tuple[int, Statement]] = {}
    for frame in frames:
        epoch_id, seq = frame.parsed.epoch_id, frame.parsed.seq
        numbered.setdefault((epoch_id, seq + 1), {})[frame.hash] = _numbered(frame)
        hashed[epoch_id, frame.hash] = seq + 1, _numbered(frame)
    named_heads = ((one, head) for one in proved.witnesses if one.is_valid for head in one.heads)
    for witness, head in named_heads:
        named = _head(witness, head)
        same = numbered.setdefault((head.epoch_id, head.frames), {})
        number, first = hashed.setdefault((head.epoch_id, head.hash), (head.frames, named))
        if same and head.hash not in same:
            yield Contradiction("head-differs", next(iter(same.values())), named)
        elif number != head.frames:
            yield Contradiction("head-differs", first, named)
        same.setdefault(head.hash, named)


def _head(one: Witness, head: Head) -> Statement:
    values = {"member": one.member, "at": claimed_at(one.frame.parsed.ts), "frame": head.hash.hex()}
    return statement("names-head", **values, number=head.frames, epoch=head.epoch_id.hex())

"""Statements of a proved file that cannot all be true (docs/evidence.md, "The evidence of a message").

Pure. Each statement is signed, and the file proves that; two of them contradict each other. A part that is not proved,
because its key was revoked, states nothing here. Times contradict each other by more than 5 minutes, as clocks are the
members' own. Nothing is refused here: a reader asks why. The work grows with the parts of the file, not their pairs.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from typing import Final, NamedTuple

from suar.protocol.base.instants import claimed_at, milliseconds
from suar.protocol.base.limits import CLOCK_TOLERANCE
from suar.protocol.base.stages import RECALLED
from suar.protocol.files.findings.audit_times import audit_times
from suar.protocol.files.findings.key_status import first_key
from suar.protocol.files.proof import Proved, ProvedFrame, ProvedReceipt
from suar.protocol.files.proof_stamps import ProvedLine
from suar.protocol.files.stamps import FRAME, LINE
from suar.protocol.message.messages import Publication
from suar.protocol.transport.content import digest

NAMED_MAX: Final = 32  # most contradictions that are named
CANCEL: Final = "cancel"
AUTHOR_ACTS: Final = ("publish", "hold", "release")


class Statement(NamedTuple):
    """One of two statements: the `name` of its sentence (languages/evidence_words.py), and the values in it."""

    name: str
    values: Mapping[str, str | int]


class Contradiction(NamedTuple):
    """Two statements that contradict each other. `name` is a word for programs."""

    name: str
    first: Statement
    second: Statement


class _Revision(NamedTuple):
    """A revision of the message in the file, with its frames."""

    message: Publication
    digest: str
    frames: Sequence[ProvedFrame]

    @property
    def sent(self) -> Statement:
        """The time that the text states."""
        return Statement("says-sent", {"rev": self.message.rev, "at": self.message.sent})

    @property
    def sent_at(self) -> int:
        """The same in ms."""
        return milliseconds(self.message.sent)

    @property
    def is_cancel(self) -> bool:
        """Whether the revision cancels the message."""
        return self.message.action == CANCEL


def contradictions(proved: Proved) -> list[Contradiction]:
    """Return the contradictions of a proved file, at most NAMED_MAX, among them the first of each name."""
    revisions = [_Revision(proved.message, digest(proved.data).hex(), _valid(proved))]
    revisions += [_Revision(one.message, digest(one.data).hex(), [one.frame]) for one in proved.later if one.is_proved]
    others = [one.frame for one in proved.receipts if one.is_proved]
    others += [one.frame for one in proved.witnesses if one.is_proved]
    frames = {each.hash: each for each in [*(one for each in revisions for one in each.frames), *others]}
    found = [
        *_texts(proved, revisions),
        *_frames(proved, frames.values()),
        *_revisions(revisions),
        *_receipts(proved, revisions),
        *_lines(proved),
    ]
    firsts = {each.name: at for at, each in reversed(list(enumerate(found)))}
    ordered = sorted(range(len(found)), key=lambda at: (firsts[found[at].name] != at, at))
    return [found[at] for at in sorted(ordered[:NAMED_MAX])]


def _valid(proved: Proved) -> list[ProvedFrame]:
    """The frames of the message whose keys nothing revokes; there is one at least in what is proved."""
    return [each for each in proved.frames if proved.is_valid(each)]


def is_before(first: int, second: int) -> bool:
    """Whether a time is before another by more than clocks may differ; in ms."""
    return first < second - CLOCK_TOLERANCE


def _statement(name: str, **values: str | int) -> Statement:
    return Statement(name, values)


def _sealed(frame: ProvedFrame) -> Statement:
    return Statement("says-sealed", {"frame": frame.hash.hex(), "at": claimed_at(frame.parsed.ts)})


def _proved_by(proved: Proved, frame: ProvedFrame) -> tuple[int, Statement] | None:
    """Return by when a token proves the frame to exist (ms), and that statement; None without a token."""
    moment = proved.standing.moment(FRAME, frame.hash)
    if moment is None:
        return None
    return moment.latest, Statement("is-stamped", {"frame": frame.hash.hex(), "at": claimed_at(moment.latest + 999)})


# -- texts and frames


def _texts(proved: Proved, revisions: Iterable[_Revision]) -> Iterator[Contradiction]:
    """Yield where a text is dated after its frame, or after a token over the frame, or its epoch before its list."""
    issued = {each.version: each.issued for each in proved.lists}
    for each in revisions:
        for frame in each.frames:
            epoch = frame.epoch.epoch
            if is_before(frame.parsed.ts, each.sent_at):
                yield Contradiction("sent-later", each.sent, _sealed(frame))
            stamped = _proved_by(proved, frame)
            if stamped is not None and is_before(stamped[0], each.sent_at):
                yield Contradiction("sent-after-token", each.sent, stamped[1])
            version, begin = epoch.trust_version, epoch.not_before
            if version in issued and is_before(begin, issued[version]):
                first = _statement("says-begin", frame=frame.hash.hex(), at=claimed_at(begin), list=version)
                second = _statement("says-issued", list=version, at=claimed_at(issued[version]))
                yield Contradiction("list-later", first, second)


def _frames(proved: Proved, frames: Iterable[ProvedFrame]) -> Iterator[Contradiction]:
    """Yield where frames of one epoch do not form one chain, in order of time, or are dated after their token."""
    chains: dict[bytes, list[ProvedFrame]] = {}
    for frame in sorted(frames, key=lambda one: (one.parsed.epoch_id, one.parsed.seq, one.hash)):
        chains.setdefault(frame.parsed.epoch_id, []).append(frame)
        stamped = _proved_by(proved, frame)
        if stamped is not None and is_before(stamped[0], frame.parsed.ts):
            yield Contradiction("sealed-after-token", _sealed(frame), stamped[1])
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


def _epochs(chains: dict[bytes, list[ProvedFrame]]) -> Iterator[Contradiction]:
    """Yield where an epoch names an end of the one before it that a frame of that epoch contradicts."""
    numbered = {(name, at): found for name, chain in chains.items() for at, found in _by_number(chain)}
    for chain in chains.values():
        epoch = chain[0].epoch.epoch
        last = chains.get(epoch.prev_epoch, [])[-1:]
        beyond = (each for each in last if each.parsed.seq >= epoch.prev_frames)
        same = numbered.get((epoch.prev_epoch, epoch.prev_frames - 1), ())
        other = next((each for each in same if each.hash != epoch.prev_hash), None)
        for frame in (*beyond, *([other] if other else ())):
            ended, hash_ = epoch.prev_epoch.hex(), epoch.prev_hash.hex()
            end = _statement("says-end", epoch=ended, count=epoch.prev_frames, frame=hash_)
            yield Contradiction("end-differs", end, _numbered(frame))


def _by_number(chain: Sequence[ProvedFrame]) -> Iterator[tuple[int, list[ProvedFrame]]]:
    return ((group[0].parsed.seq, group) for group, _ in _groups(chain))


def _numbered(frame: ProvedFrame) -> Statement:
    parsed = frame.parsed
    return _statement("is-number", frame=frame.hash.hex(), number=parsed.seq + 1, epoch=parsed.epoch_id.hex())


def _dated(frame: ProvedFrame) -> Statement:
    parsed = frame.parsed
    return _statement("number-sealed", frame=frame.hash.hex(), number=parsed.seq + 1, at=claimed_at(parsed.ts))


def _follows(frame: ProvedFrame) -> Statement:
    parsed = frame.parsed
    return _statement("says-before", frame=frame.hash.hex(), number=parsed.seq + 1, prev=parsed.prev.hex())


# -- revisions


def _revisions(revisions: Sequence[_Revision]) -> Iterator[Contradiction]:
    """Yield two texts of one revision, a text dated before that of an earlier revision, and one that follows a cancel.

    Frames of different revisions are not compared: an earlier one is sealed again for who could not open it ([E9]).
    """
    ordered = sorted(revisions, key=lambda one: (one.message.rev, one.digest))
    first, cancel = ordered[0], next((each for each in ordered if each.is_cancel), None)
    for one, other in pairwise(ordered):
        first = first if first.message.rev == other.message.rev else other
        if first is not other:
            yield Contradiction("two-texts", _text(first), _text(other))
        elif is_before(other.sent_at, one.sent_at):
            yield Contradiction("revision-earlier", other.sent, one.sent)
    for other in ordered if cancel is not None else ():
        if cancel is not None and other.message.rev > cancel.message.rev:
            yield Contradiction("after-cancel", Statement("cancels", {"rev": cancel.message.rev}), _text(other))


def _text(one: _Revision) -> Statement:
    return _statement("has-text", rev=one.message.rev, action=one.message.action, digest=one.digest)


# -- receipts


def _receipts(proved: Proved, revisions: Iterable[_Revision]) -> Iterator[Contradiction]:
    """Yield where a receipt is older than a frame that it names, or states the effect of a cancel before it."""
    frames = {each.hash.hex(): each for each in _valid(proved)}
    cancel = min((each for each in revisions if each.is_cancel), key=lambda each: each.sent_at, default=None)
    for one in (each for each in proved.receipts if each.is_proved):
        at = milliseconds(one.receipt.at)
        named = [frames[entry.frame] for entry in one.receipt.of if entry.frame in frames]
        first = min(named, key=lambda each: each.parsed.ts, default=None)
        if first is not None and is_before(min(at, one.frame.parsed.ts), first.parsed.ts):
            yield Contradiction("receipt-earlier", _receipt(one), _sealed(first))
        stamped = _proved_by(proved, one.frame)
        if stamped is not None and is_before(stamped[0], at):
            yield Contradiction("receipt-after-token", _receipt(one), stamped[1])
        is_effect = one.receipt.stage == RECALLED  # a hold by law may be stated without a cancel
        if is_effect and cancel is not None and is_before(at, cancel.sent_at):
            yield Contradiction("effect-earlier", _receipt(one), cancel.sent)


def _receipt(one: ProvedReceipt) -> Statement:
    receipt = one.receipt
    sealed = claimed_at(one.frame.parsed.ts)
    return _statement("receipt-says", member=receipt.member, stage=receipt.stage, at=receipt.at, sealed=sealed)


# -- lines of the audit


def _lines(proved: Proved) -> Iterator[Contradiction]:
    """Yield where lines of the audit have one number, are dated out of order, or do not fit the text that they name."""
    lines = sorted(proved.lines, key=lambda one: (one.n, one.at))
    for one, other in pairwise(lines):
        if one.n == other.n:
            yield Contradiction("one-line-number", _line(one), _line(other))
        elif is_before(other.at, one.at):
            yield Contradiction("line-earlier", _line(other), _line(one))
    about = [proved.message.id, str(proved.message.rev), digest(proved.data).hex()]
    first = min(_valid(proved), key=lambda each: each.parsed.ts)
    begin = first_key(proved.standing.lists, proved.message.id[:2])
    for one in lines:
        yield from _line_and_text(proved, one, about, first, begin)
    for found in audit_times(proved):
        yield Contradiction(found.name, Statement(*found.first), Statement(*found.second))


def _line_and_text(
    proved: Proved, one: ProvedLine, about: list[str], first: ProvedFrame, begin: int | None
) -> Iterator[Contradiction]:
    """Yield where a line names a text that was not sent yet, an act after the frame, or a time after a token."""
    message, whole = proved.message, proved.standing.moment(LINE, b"")  # of a token over the whole file
    words = one.about.split(" ")
    if words == about and is_before(one.at, milliseconds(message.sent)):
        sent = Statement("says-sent", {"rev": message.rev, "at": message.sent})
        yield Contradiction("line-before-text", _line(one), sent)
    if words in (about, about[:2]) and one.what in AUTHOR_ACTS and is_before(first.parsed.ts, one.at):
        yield Contradiction("line-after-frame", _line(one), _sealed(first))
    if whole is not None and is_before(whole.latest, one.at):
        stamped = Statement("file-stamped", {"at": claimed_at(whole.latest + 999)})
        yield Contradiction("line-after-token", _line(one), stamped)
    if begin is not None and is_before(one.at, begin):
        first_key_at = _statement("first-key", member=message.id[:2], at=claimed_at(begin))
        yield Contradiction("line-before-keys", _line(one), first_key_at)


def _line(one: ProvedLine) -> Statement:
    return _statement("line-says", n=one.n, what=one.what, who=one.who, at=claimed_at(one.at))

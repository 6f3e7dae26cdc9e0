"""Statements of a proved file that cannot all be true (docs/evidence.md, "The evidence of a message").

Pure. Each statement is signed, and the file proves that; two of them contradict each other. A part that is not proved,
because its key was revoked, states nothing here. Times contradict each other by more than 5 minutes, as clocks are the
members' own. Nothing is refused here: a reader asks why. The work grows with the parts of the file, not their pairs.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from suar.protocol.base.instants import claimed_at, milliseconds
from suar.protocol.base.stages import OPENED, RECALLED
from suar.protocol.files.findings.audit_times import audit_times
from suar.protocol.files.findings.chains import in_frames, in_heads
from suar.protocol.files.findings.key_status import first_key
from suar.protocol.files.findings.statements import Contradiction, Statement, is_before, proved_by, sealed, statement
from suar.protocol.files.proof import Proved, ProvedFrame, ProvedReceipt
from suar.protocol.files.proof_stamps import ProvedLine
from suar.protocol.files.stamps import LINE
from suar.protocol.message.messages import Publication
from suar.protocol.transport.content import digest

NAMED_MAX: Final = 32  # most contradictions that are named
CANCEL: Final = "cancel"
AUTHOR_ACTS: Final = ("publish", "hold", "release")


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
    """Return the contradictions of a proved file, all that are found; `choose_named` takes those to name."""
    revisions = [_Revision(proved.message, digest(proved.data).hex(), _valid(proved))]
    revisions += [_Revision(one.message, digest(one.data).hex(), [one.frame]) for one in proved.later if one.is_proved]
    others = [one.frame for one in proved.receipts if one.is_proved]
    others += [one.frame for one in proved.witnesses if one.is_valid]
    frames = {each.hash: each for each in [*(one for each in revisions for one in each.frames), *others]}
    return [
        *_texts(proved, revisions),
        *in_frames(proved, frames.values()),
        *in_heads(proved, frames.values()),
        *_revisions(revisions),
        *_receipts(proved, revisions),
        *_recalled_texts(proved),
        *_lines(proved),
    ]


def choose_named(found: Sequence[Contradiction]) -> list[Contradiction]:
    """Return those that are named, in order: at most NAMED_MAX, among them the first of each name."""
    firsts = {each.name: at for at, each in reversed(list(enumerate(found)))}
    ordered = sorted(range(len(found)), key=lambda at: (firsts[found[at].name] != at, at))
    return [found[at] for at in sorted(ordered[:NAMED_MAX])]


def _valid(proved: Proved) -> list[ProvedFrame]:
    """The frames of the message whose keys nothing revokes; there is one at least in what is proved."""
    return [each for each in proved.frames if proved.is_valid(each)]


# -- texts


def _texts(proved: Proved, revisions: Iterable[_Revision]) -> Iterator[Contradiction]:
    """Yield where a text is dated after its frame, or after a token over the frame, or its epoch before its list."""
    issued = {each.version: each.issued for each in proved.lists}
    for each in revisions:
        for frame in each.frames:
            epoch = frame.epoch.epoch
            if is_before(frame.parsed.ts, each.sent_at):
                yield Contradiction("sent-later", each.sent, sealed(frame))
            stamped = proved_by(proved, frame)
            if stamped is not None and is_before(stamped[0], each.sent_at):
                yield Contradiction("sent-after-token", each.sent, stamped[1])
            version, begin = epoch.trust_version, epoch.not_before
            if version in issued and is_before(begin, issued[version]):
                first = statement("says-begin", frame=frame.hash.hex(), at=claimed_at(begin), list=version)
                second = statement("says-issued", list=version, at=claimed_at(issued[version]))
                yield Contradiction("list-later", first, second)


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
    return statement("has-text", rev=one.message.rev, action=one.message.action, digest=one.digest)


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
            yield Contradiction("receipt-earlier", _receipt(one), sealed(first))
        stamped = proved_by(proved, one.frame)
        if stamped is not None and is_before(stamped[0], at):
            yield Contradiction("receipt-after-token", _receipt(one), stamped[1])
        is_effect = one.receipt.stage == RECALLED  # a hold by law may be stated without a cancel
        if is_effect and cancel is not None and is_before(at, cancel.sent_at):
            yield Contradiction("effect-earlier", _receipt(one), cancel.sent)


def _recalled_texts(proved: Proved) -> Iterator[Contradiction]:
    """Yield where a member says that it gave the text to a person after it had destroyed it."""
    recalled: dict[str, ProvedReceipt] = {}
    for one in (each for each in proved.receipts if each.is_proved and each.receipt.stage == RECALLED):
        first = recalled.setdefault(one.receipt.member, one)
        if milliseconds(one.receipt.at) < milliseconds(first.receipt.at):
            recalled[one.receipt.member] = one
    for one in (each for each in proved.receipts if each.is_proved and each.receipt.stage == OPENED):
        before = recalled.get(one.receipt.member)
        if before is not None and is_before(milliseconds(before.receipt.at), milliseconds(one.receipt.at)):
            yield Contradiction("opened-later", _receipt(before), _receipt(one))


def _receipt(one: ProvedReceipt) -> Statement:
    receipt = one.receipt
    sealed = claimed_at(one.frame.parsed.ts)
    return statement("receipt-says", member=receipt.member, stage=receipt.stage, at=receipt.at, sealed=sealed)


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
        yield Contradiction("line-after-frame", _line(one), sealed(first))
    if whole is not None and is_before(whole.latest, one.at):
        stamped = Statement("file-stamped", {"at": claimed_at(whole.latest + 999)})
        yield Contradiction("line-after-token", _line(one), stamped)
    if begin is not None and is_before(one.at, begin):
        first_key_at = statement("first-key", member=message.id[:2], at=claimed_at(begin))
        yield Contradiction("line-before-keys", _line(one), first_key_at)


def _line(one: ProvedLine) -> Statement:
    return statement("line-says", n=one.n, what=one.what, who=one.who, at=claimed_at(one.at))

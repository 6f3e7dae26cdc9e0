"""Judges what an evidence file proves, without state, network or any key but the pin (docs/evidence.md).

The checks have the numbers of the document: [V1] in `evidence.py`, [V2] to [V5] in `proof_keys.py`, [V10] and [V11] in
`proof_stamps.py`. The first check that fails is raised with its part. Every signature must be by a key of the trust
list that its epoch names, and that list is chained to the pin. Revocation and times are judged with the verifier's own
sources (`standing.py`).
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from msgspec import UNSET

from suar.protocol.base import limits
from suar.protocol.base.errors import Refused
from suar.protocol.base.instants import claimed_at, milliseconds
from suar.protocol.base.primitives import ACTUAL, hash_, leaf
from suar.protocol.base.reasons import Invalid
from suar.protocol.base.stages import RECALLED
from suar.protocol.base.subjects import ALL
from suar.protocol.files.evidence import Carrier, Evidence, Unproved, describe_refusal, read
from suar.protocol.files.proof_keys import ProvedEpoch, apply_revokes, read_epochs, read_lists
from suar.protocol.files.proof_stamps import Audit, ProvedLine, read_lines, read_report, read_stamps
from suar.protocol.files.stamps import FRAME as STAMPED_FRAME
from suar.protocol.files.stamps import Judgement, Moment, first
from suar.protocol.files.standing import Standing, Supplied, add_lists, names_of
from suar.protocol.message import messages, rules
from suar.protocol.message.kinds import Receipt
from suar.protocol.message.messages import Publication, kind_of
from suar.protocol.policy.decision import may_publish
from suar.protocol.transport import frame as frames
from suar.protocol.transport import heartbeat as heartbeats
from suar.protocol.transport.heartbeat import Head, SentFrame, is_led_back_to, why_no_witness
from suar.protocol.trust.trustlist import Member, TrustList


class ProvedFrame(NamedTuple):
    """A frame of a proved epoch, with the content at `content_index`."""

    hash: bytes
    epoch: ProvedEpoch
    parsed: frames.Parsed
    content_index: int


class ProvedReceipt(NamedTuple):
    """A member's statement about the message. `is_proved` is False if its key was revoked and no token is older."""

    receipt: Receipt
    frame: ProvedFrame
    is_proved: bool


class Later(NamedTuple):
    """A later revision in the file; `is_proved` as in ProvedReceipt."""

    message: Publication
    data: bytes
    frame: ProvedFrame
    is_proved: bool


class Witness(NamedTuple):
    """A heartbeat of another member that names the head of a frame of the message, or a later head of its epoch.

    It is the member's own word that it had that head at the time of the heartbeat's frame. `is_proved` is False as in
    ProvedReceipt, and if the head is another frame of the number of the message's, or a later one from which no frames
    of the file lead back to it. `heads`: all heads that it names of epochs of the message, rightly signed, from the
    message's frame on; `head` is the one of them that is shown. `is_valid`: nothing revokes the heartbeat's key.
    """

    member: str
    frame: ProvedFrame
    about: ProvedFrame
    head: Head
    heads: tuple[Head, ...]
    is_proved: bool
    is_valid: bool

    @property
    def is_later(self) -> bool:
        """Whether the head is of a later number than the message's frame."""
        return self.head.frames > self.about.parsed.seq + 1


class Proved(NamedTuple):
    """The result: who sent what to whom and when, and who confirmed it."""

    message: Publication
    data: bytes
    frames: list[ProvedFrame]
    receipts: list[ProvedReceipt]
    lists: list[TrustList]  # trust lists of the file
    pinned: int  # version of the list whose hash is the pin
    later: list[Later]
    lines: list[ProvedLine]
    standing: Standing
    witnesses: list[Witness]
    audit: Audit = Audit()  # who signed the lines

    @property
    def origin(self) -> Member:
        """The member that signed the message."""
        return self.frames[0].epoch.member

    @property
    def moment(self) -> Moment | None:
        """The time at which the message is proved to have existed, or None if the time is only claimed."""
        moments = [self.standing.moment(STAMPED_FRAME, each.hash) for each in self.frames]
        return first([each for each in moments if each is not None])

    @property
    def tokens_without_time(self) -> list[Judgement]:
        """Why time stamps over the message's frames give no time; none where one gives it."""
        if self.moment is not None:
            return []
        found = [self.standing.tokens_without_time(STAMPED_FRAME, each.hash) for each in self.frames]
        return sorted({one for each in found for one in each}, key=lambda one: (one.why, one.weak))

    @property
    def recalled_without_cancel(self) -> list[ProvedReceipt]:
        """The receipts that state the effect of a cancel, if no cancel is in the file: it was left out.

        A legal hold is stated when it is set, too, so `held-by-law` by itself is no effect of a cancel.
        """
        if "cancel" in (self.message.action, *(each.message.action for each in self.later)):
            return []
        return [each for each in self.receipts if each.is_proved and each.receipt.stage == RECALLED]

    @property
    def is_later_revoked(self) -> bool:
        """Whether the key of a valid frame was revoked after the time at which the frame is proved to exist."""
        return any(self.standing.revocation(each.epoch.kid) is not None for each in self.frames if self.is_valid(each))

    def is_valid(self, frame: ProvedFrame) -> bool:
        """Whether the frame is valid by what is known about its key."""
        return self.standing.is_valid(frame.epoch.kid, frame.hash)


NOTHING: Final = Supplied()


def verify(data: bytes, pin: bytes, supplied: Supplied = NOTHING, report: bytes | None = None) -> Proved:
    """Run checks [V1] to [V12] on a file. `pin` is the 32-byte hash of a known trust list. Raises only Unproved.

    `report`: the lines of the audit log in the container of the file, if there are any.
    """
    evidence = read(data)  # [V1]
    trust, pinned = read_lists(evidence, pin)  # [V2]
    lists = [accepted.list for accepted in trust.history.values()]
    apply_revokes(trust, evidence)  # [V3]
    add_lists(trust, supplied.lists or ())  # [V2] before [V5]: the lists of the verifier are judged too
    known = read_epochs(trust, evidence)  # [V4] [V5]
    contents = list(_contents(evidence))
    sealed = [_sealed(known, each) for each in contents]  # [V6]
    for each, frame in zip(contents, sealed, strict=True):
        _committed(each, frame)  # [V7]
    frames_ = iter(sealed)
    carried = [next(frames_) for _ in evidence.carriers]
    hashes = [each.hash for each in sealed]
    stamps = read_stamps(evidence, trust, hashes)  # [V10]
    if supplied.own is not None:
        supplied = supplied._replace(own=supplied.own | names_of(evidence.lists, evidence.revokes))
    standing = Standing(trust, evidence.revokes, stamps, supplied)
    message = _message(carried, evidence.message, _PART)  # [V8]
    _check_frames(carried, standing)
    receipts = [
        _receipt(carried, message, one, next(frames_), standing, f"receipt {n}")
        for n, (one, _) in enumerate(evidence.receipts, 1)
    ]  # [V9]
    later = [
        _later(message, one, next(frames_), standing, f"later revision {n}")
        for n, (one, _) in enumerate(evidence.later, 1)
    ]
    previous = {each.hash: each.parsed.prev for each in sealed}
    witnesses = [
        _witness(carried, one, next(frames_), standing, previous, f"heartbeat {n}")
        for n, (one, _) in enumerate(evidence.witnesses, 1)
    ]  # [V12]
    lines, trees = read_lines(evidence, trust, stamps, message, standing)
    head = None if report is None else read_report(report, trust, message.id, standing)  # [V11]
    lines += [line for line in head.lines if line not in lines] if head is not None and head.is_proved else []
    audit = Audit(trees, head)
    return Proved(message, evidence.message, carried, receipts, lists, pinned, later, lines, standing, witnesses, audit)


class _Content(NamedTuple):
    """The message or a receipt, with the frame that carries it."""

    data: bytes
    carrier: Carrier
    part: str
    what: str
    is_heartbeat: bool = False


def _contents(evidence: Evidence) -> Iterator[_Content]:
    for n, each in enumerate(evidence.carriers, 1):
        yield _Content(evidence.message, each, f"frame {n}", "the message")
    for n, (one, each) in enumerate(evidence.receipts, 1):
        yield _Content(one, each, f"receipt {n}, its frame", "the receipt")
    for n, (one, each) in enumerate(evidence.later, 1):
        yield _Content(one, each, f"later revision {n}, its frame", "the revision")
    for n, (one, each) in enumerate(evidence.witnesses, 1):
        yield _Content(one, each, f"heartbeat {n}, its frame", "the heartbeat", is_heartbeat=True)


def _sealed(known: Mapping[bytes, ProvedEpoch], content: _Content) -> ProvedFrame:
    """[V6] Check that the frame belongs to its epoch."""
    part = content.part
    try:
        parsed = frames.parse(content.carrier.frame)
        epoch = known.get(parsed.epoch_id)
        if epoch is None:
            raise Unproved("V6", part, "its epoch is not in the file")
        verified = frames.verify_signature(parsed, epoch.epoch.public, epoch.epoch.realm)
    except Refused as refused:
        raise Unproved("V6", part, describe_refusal(refused)) from None
    begin, end = epoch.epoch.not_before - limits.CLOCK_TOLERANCE, epoch.epoch.not_after + limits.CLOCK_TOLERANCE
    if not begin <= parsed.ts <= end:
        raise Unproved("V6", part, "its time is outside its epoch")
    return ProvedFrame(verified.hash, epoch, parsed, content.carrier.content_index)


def _committed(content: _Content, frame: ProvedFrame) -> None:
    """[V7] Check that the frame's root commits to the content at that index."""
    each, part, parsed, realm = content.carrier, content.part, frame.parsed, frame.epoch.epoch.realm
    contents = len(each.leaves) + 1
    is_counted = (parsed.count, contents) == (0, 1) if content.is_heartbeat else parsed.count == contents
    if not is_counted or each.content_index >= contents:
        raise Unproved("V7", part, f"the place or the number of leaves is not that of a frame of {parsed.count}")
    at = each.content_index
    leaves = [*each.leaves[:at], leaf(realm, each.salt, content.data), *each.leaves[at:]]
    if hash_("root", b"".join(leaves), realm) != parsed.root:
        text = "at this place: one of the two, the salt or a leaf is not as it was sent"
        raise Unproved("V7", part, f"it does not commit to {content.what} {text}")


# -- messages


_PART: Final = "the message"


def _message(carried: list[ProvedFrame], data: bytes, part: str) -> Publication:
    """[V8] [F8] [F9] Check that it is valid, of the frame's sender and realm, of a permitted kind, and for its
    readers.
    """
    message = _read(data, "V8", part)
    if isinstance(message, Receipt):
        raise Unproved("V8", part, "it is a receipt")
    for each in carried:
        epoch = each.epoch.epoch
        audience = message.audience.members
        if message.id[:2] != epoch.sender:
            raise Unproved("V8", part, f"it is not of {epoch.sender}, which signed the frame")
        if message.issuer.member != epoch.sender:
            raise Unproved("V8", part, f"it names {message.issuer.member} as its issuer, and {epoch.sender} signed it")
        if message.status != epoch.realm:
            raise Unproved("V8", part, "it is an exercise in the actual realm, or the reverse")
        if not may_publish(kind_of(message), each.epoch.member).is_allowed:
            raise Unproved("V8", part, f"{epoch.sender} had no right to publish this kind")
        if audience != ALL and epoch.channel not in audience:  # and `all` is not a member's code
            raise Unproved("V8", part, "the frame went to others than the message's audience")
    return message


def _check_frames(carried: list[ProvedFrame], standing: Standing) -> None:
    """[V8] Check that one frame's key is not revoked, or the frame is proved to be older than the revocation."""
    if not any(standing.is_valid(each.epoch.kid, each.hash) for each in carried):
        epoch = carried[0].epoch
        key = epoch.kid.hex(" ", 2)
        what = "replaced" if standing.is_only_replaced(epoch.kid) else "revoked"
        text = f"the key {key} of {epoch.epoch.sender} was {what}, and nothing proves that this is older"
        raise Unproved("V8", "the key", f"{text}: whoever has the key may have written this")


def _later(message: Publication, data: bytes, frame: ProvedFrame, standing: Standing, part: str) -> Later:
    """[V8] Check that a later revision is of the same message."""
    found = _message([frame], data, part)
    if found.id != message.id or found.rev <= message.rev or kind_of(found) != kind_of(message):
        raise Unproved("V8", part, "it is not a later revision of this message")
    if found.status != message.status:
        raise Unproved("V8", part, f"it is {found.status}, and the message is {message.status}")
    return Later(found, data, frame, standing.is_valid(frame.epoch.kid, frame.hash))


def _read(data: bytes, step: str, part: str) -> messages.Message:
    try:
        message = messages.read(data)
        rules.compare_fields(message)
    except Invalid as invalid:
        first = invalid.reasons[0]
        raise Unproved(step, part, f"{first.path}: {first.message} ({first.code})") from None
    except Refused as refused:
        raise Unproved(step, part, describe_refusal(refused)) from None
    return message


def _receipt(
    carried: list[ProvedFrame], message: Publication, data: bytes, frame: ProvedFrame, standing: Standing, part: str
) -> ProvedReceipt:
    """[V9] Check a receipt: sent to the message's sender by a recipient, about a frame of the file and its index."""
    receipt = _read(data, "V9", part)
    if not isinstance(receipt, Receipt):
        raise Unproved("V9", part, "it is not a receipt")
    epoch = frame.epoch.epoch
    if receipt.member != epoch.sender or receipt.status != epoch.realm or epoch.channel != message.id[:2]:
        raise Unproved("V9", part, f"{epoch.sender} did not make it, or not to {message.id[:2]}")
    if receipt.status != message.status:
        raise Unproved("V9", part, f"it is {receipt.status}, and the message is {message.status}")
    frames_ = [one for one in carried if _is_about(receipt, one)]
    if not frames_:
        raise Unproved("V9", part, "it says nothing about this message")
    if not any(receipt.member == each.member for one in frames_ for each in one.epoch.epoch.recipients):
        raise Unproved("V9", part, f"{receipt.member} is not a recipient of the frame that it is about")
    wrong = check_receipt_time(receipt, frame.parsed.ts, message)
    if wrong:
        raise Unproved("V9", part, wrong)
    return ProvedReceipt(receipt, frame, standing.is_valid(frame.epoch.kid, frame.hash))


def _witness(
    carried: list[ProvedFrame], data: bytes, frame: ProvedFrame, standing: Standing, previous: Mapping[bytes, bytes],
    part: str,
) -> Witness:  # fmt: skip
    """[V12] Check a heartbeat: of another member than the message, and about a frame of the file.

    `previous`: the `prev` of the file's frames, by their hash.
    """
    epoch = frame.epoch.epoch
    if epoch.sender == carried[0].epoch.epoch.sender:
        raise Unproved("V12", part, f"it is of {epoch.sender} itself, which signed the message")
    if epoch.channel != ALL or epoch.realm != ACTUAL:
        raise Unproved("V12", part, "it did not go to all members")
    try:
        beat = heartbeats.read(data, is_closing=False)
    except Refused as refused:
        raise Unproved("V12", part, describe_refusal(refused)) from None
    why, found = "it names no head of an epoch of the message", list[tuple[ProvedFrame, Head, bool]]()
    for one, head in ((one, head) for one in carried for head in beat.heads_seen):
        if head.epoch_id == one.parsed.epoch_id:
            refusal = why_no_witness(head, frame.parsed.ts, _sent(one))
            why = refusal or why
            if not refusal:
                found.append((one, head, is_led_back_to(head, _sent(one), previous)))
    if not found:
        raise Unproved("V12", part, why)
    about, head, is_led_back = max(found, key=lambda each: each[2])
    heads, is_valid = dict.fromkeys(each for _, each, _ in found), standing.is_valid(frame.epoch.kid, frame.hash)
    return Witness(epoch.sender, frame, about, head, tuple(heads), is_led_back and is_valid, is_valid)


def _sent(one: ProvedFrame) -> SentFrame:
    parsed, epoch = one.parsed, one.epoch.epoch
    return SentFrame(parsed.epoch_id, parsed.seq, parsed.ts, one.hash, epoch.public, epoch.realm)


def is_late(one: ProvedReceipt) -> bool:
    """Whether a receipt states a time more than 5 minutes before that of its frame; then a reader is shown both."""
    return milliseconds(one.receipt.at) < one.frame.parsed.ts - limits.CLOCK_TOLERANCE


def check_receipt_time(receipt: Receipt, ts: int, message: Publication) -> str:
    """[V9] Return what is wrong with the time that a receipt states, or "" if nothing; `ts` is its frame's time.

    The time is the signer's own statement. It may be before the frame, because a receipt may be sent later. It may not
    be after the frame nor before the message, with a tolerance of 5 minutes for clocks.
    """
    at = milliseconds(receipt.at)
    if at > ts + limits.CLOCK_TOLERANCE:
        return f"it says {receipt.at}, and its frame was sealed before, at {claimed_at(ts)}"
    if at < milliseconds(message.sent) - limits.CLOCK_TOLERANCE:
        return f"it says {receipt.at}, and the message is of {message.sent}"
    return ""


def is_receipt_refused(content: bytes, frame: bytes, message: messages.Message) -> bool:
    """[V9] Whether a verifier would reject a file with that receipt: of another realm, or with an impossible time."""
    receipt = messages.read(content)
    if not isinstance(receipt, Receipt) or isinstance(message, Receipt):
        return True
    return receipt.status != message.status or bool(check_receipt_time(receipt, frames.parse(frame).ts, message))


def _is_about(receipt: Receipt, frame: ProvedFrame) -> bool:
    name = frame.hash.hex()
    return any(
        entry.frame == name and (entry.messages is UNSET or frame.content_index in entry.messages)
        for entry in receipt.of
    )

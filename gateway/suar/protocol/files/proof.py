"""What a file of evidence proves, judged without state, network or any key but the pin (docs/evidence.md).

The checks are numbered as the document numbers them, [V1] in `evidence.py`, [V2] to [V5] in `proof_keys.py`; the first
that fails is raised with the part at which it failed. Every signature is under a key of the trust list that its epoch
names; that list hangs on the pin.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from msgspec import UNSET

from suar.protocol.base import limits
from suar.protocol.base.errors import Refused
from suar.protocol.base.primitives import hash_, leaf
from suar.protocol.base.reasons import Invalid
from suar.protocol.base.subjects import ALL
from suar.protocol.files.evidence import Carrier, Unproved, describe_refusal, read
from suar.protocol.files.proof_keys import ProvedEpoch, apply_revokes, read_epochs, read_lists
from suar.protocol.message import messages, rules
from suar.protocol.message.kinds import Receipt
from suar.protocol.message.messages import Publication, kind_of
from suar.protocol.policy.decision import may_publish
from suar.protocol.transport import frame as frames
from suar.protocol.trust.trustlist import Member, TrustList


class ProvedFrame(NamedTuple):
    """A frame of such an epoch, whose content at `place` is known."""

    hash: bytes
    epoch: ProvedEpoch
    parsed: frames.Parsed
    place: int


class ProvedReceipt(NamedTuple):
    """A member's own word on the message; not `proved` when its key was revoked: then anybody may have said it."""

    receipt: Receipt
    frame: ProvedFrame
    proved: bool


class Proved(NamedTuple):
    """Who said what, to whom, when, and who confirmed it."""

    message: Publication
    data: bytes
    frames: list[ProvedFrame]
    receipts: list[ProvedReceipt]
    lists: list[TrustList]
    pinned: int  # version of the list that the pin names

    @property
    def origin(self) -> Member:
        """The member that signed the message."""
        return self.frames[0].epoch.member


def verify(data: bytes, pin: bytes) -> Proved:
    """[V1] to [V9] of a file; `pin` is the 32-byte hash of a trust list known beforehand. Raises Unproved alone."""
    evidence = read(data)  # [V1]
    trust, pinned = read_lists(evidence, pin)  # [V2]
    apply_revokes(trust, evidence)  # [V3]
    known = read_epochs(trust, evidence)  # [V4] [V5]
    contents = [
        *(_Content(evidence.message, each, f"frame {n}", "the message") for n, each in enumerate(evidence.carriers, 1)),
        *(
            _Content(one, each, f"receipt {n}, its frame", "the receipt")
            for n, (one, each) in enumerate(evidence.receipts, 1)
        ),
    ]
    sealed = [_sealed(known, each) for each in contents]  # [V6]
    for each, frame in zip(contents, sealed, strict=True):
        _committed(each, frame)  # [V7]
    carried, answers = sealed[: len(evidence.carriers)], sealed[len(evidence.carriers) :]
    message = _message(carried, evidence.message)  # [V8]
    receipts = [
        _receipt(carried, message, one, frame, f"receipt {n}")
        for n, ((one, _), frame) in enumerate(zip(evidence.receipts, answers, strict=True), 1)
    ]  # [V9]
    lists = [accepted.list for accepted in trust.history.values()]
    return Proved(message, evidence.message, carried, receipts, lists, pinned)


class _Content(NamedTuple):
    """The message or a receipt, with the frame that carries it."""

    data: bytes
    carrier: Carrier
    part: str
    what: str


def _sealed(known: Mapping[bytes, ProvedEpoch], content: _Content) -> ProvedFrame:
    """[V6] the frame is its epoch's."""
    part = content.part
    try:
        parsed = frames.parse(content.carrier.frame)
        epoch = known.get(parsed.epoch_id)
        if epoch is None:
            raise Unproved("V6", part, "its epoch does not stand in the file")
        verified = frames.verify_signature(parsed, epoch.epoch.public, epoch.epoch.realm)
    except Refused as refused:
        raise Unproved("V6", part, describe_refusal(refused)) from None
    begin, end = epoch.epoch.not_before - limits.CLOCK_TOLERANCE, epoch.epoch.not_after + limits.CLOCK_TOLERANCE
    if not begin <= parsed.ts <= end:
        raise Unproved("V6", part, "its time is outside its epoch")
    return ProvedFrame(verified.hash, epoch, parsed, content.carrier.place)


def _committed(content: _Content, frame: ProvedFrame) -> None:
    """[V7] its root commits to the content at that place."""
    each, part, parsed, realm = content.carrier, content.part, frame.parsed, frame.epoch.epoch.realm
    if parsed.count != len(each.leaves) + 1 or each.place >= parsed.count:
        raise Unproved("V7", part, f"the place or the number of leaves is not that of a frame of {parsed.count}")
    leaves = [*each.leaves[: each.place], leaf(realm, each.salt, content.data), *each.leaves[each.place :]]
    if hash_("root", b"".join(leaves), realm) != parsed.root:
        text = "at this place: one of the two, the salt or a leaf is not as it was sent"
        raise Unproved("V7", part, f"it does not commit to {content.what} {text}")


# -- messages


_PART: Final = "the message"


def _message(carried: list[ProvedFrame], data: bytes) -> Publication:
    """[V8] [F8] [F9] valid, of the frame's sender and realm, of a kind that it may publish, to no other reader."""
    message = _read(data, "V8", _PART)
    if isinstance(message, Receipt):
        raise Unproved("V8", _PART, "it is a receipt")
    for each in carried:
        epoch = each.epoch.epoch
        audience = message.audience.members
        if message.id[:2] != epoch.sender:
            raise Unproved("V8", _PART, f"it is not of {epoch.sender}, which signed the frame")
        if message.issuer.member != epoch.sender:
            raise Unproved("V8", _PART, f"it names {message.issuer.member} as its issuer, and {epoch.sender} signed it")
        if message.status != epoch.realm:
            raise Unproved("V8", _PART, "an exercise stands in the actual realm or the reverse")
        if not may_publish(kind_of(message), each.epoch.member).allowed:
            raise Unproved("V8", _PART, f"{epoch.sender} had no right to publish this kind")
        if audience != ALL and epoch.channel not in audience:  # nor is `all` a member's code
            raise Unproved("V8", _PART, "the frame went to others than the message's audience")
        if each.epoch.revoked:
            text = f"the key {each.epoch.kid.hex()} of {epoch.sender} was revoked: whoever has it may have written this"
            raise Unproved("V5", "the key", text)
    return message


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
    carried: list[ProvedFrame], message: Publication, data: bytes, frame: ProvedFrame, part: str
) -> ProvedReceipt:
    """[V9] a member's word, in the channel of the message's sender, on a frame of the file and its place."""
    receipt = _read(data, "V9", part)
    if not isinstance(receipt, Receipt):
        raise Unproved("V9", part, "it is no receipt")
    epoch = frame.epoch.epoch
    if receipt.member != epoch.sender or receipt.status != epoch.realm or epoch.channel != message.id[:2]:
        raise Unproved("V9", part, f"{epoch.sender} did not make it, or not to {message.id[:2]}")
    if not any(_speaks_of(receipt, one) for one in carried):
        raise Unproved("V9", part, "it says nothing about this message")
    return ProvedReceipt(receipt, frame, not frame.epoch.revoked)


def _speaks_of(receipt: Receipt, frame: ProvedFrame) -> bool:
    name = frame.hash.hex()
    return any(
        entry.frame == name and (entry.messages is UNSET or frame.place in entry.messages) for entry in receipt.of
    )

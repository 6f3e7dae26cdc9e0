"""[F8] and [F9]: each message of a frame is judged by itself.

A message that fails is refused alone; the others of its frame are accepted. `messages.py` checks the fields of one
message, `rules.py` compares them; this module checks what needs the sender, the channel and the stored messages.
"""

import hashlib
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from suar.protocol.base.errors import Refused
from suar.protocol.base.reasons import Invalid
from suar.protocol.base.subjects import ALL
from suar.protocol.base.wire import UNREADABLE
from suar.protocol.message import messages, rules
from suar.protocol.message.messages import Message, Publication, Receipt
from suar.protocol.policy.decision import may_publish
from suar.protocol.transport import outcome
from suar.protocol.transport.outcome import AcceptedMessage, Outcome, RefusedMessage
from suar.protocol.transport.world import EpochState, Revision, World


def digest(data: bytes) -> bytes:
    """Return BLAKE2b-256 of a message's signed bytes, by which two texts with one id are distinguished."""
    return hashlib.blake2b(data, digest_size=32).digest()


def admit_messages(world: World, state: EpochState, contents: list[bytes], out: Outcome) -> None:
    """[F8] [F9] Sort a frame's messages into accepted and refused; duplicates are in neither."""
    names = [digest(data) for data in contents]  # each step runs over all messages, to stay in the CPU cache
    decoded = [messages.decode_fast(data) for data in contents]
    for index, (data, name, fast) in enumerate(zip(contents, names, decoded, strict=True)):
        try:
            message = fast or messages.decode_slow(data)  # [F8]
            _check(world, state, message, out)
            accepted = _register(world, state, AcceptedMessage(index, message, data, name), out)
            if accepted is not None:
                out.messages.append(accepted)
            if isinstance(message, Receipt):
                out.receipts.add(index)
        except Invalid as invalid:
            first = invalid.reasons[0]
            _refuse(out, RefusedMessage(index, invalid.rule, first.code, first.path, data))
        except Refused as refused:
            _refuse(out, RefusedMessage(index, refused.rule, refused.code, "$", data))


class _ClaimedKind(Struct):
    kind: str = ""


_called: Final = msgspec.json.Decoder(_ClaimedKind).decode


def _refuse(out: Outcome, refused: RefusedMessage) -> None:
    """Record a refused message.

    If it claims to be a receipt, its sender is not informed: otherwise two gateways that refuse each other's receipts
    would answer each other endlessly.
    """
    out.refused.append(refused)
    try:
        called = _called(refused.data).kind
    except UNREADABLE:
        return
    if called == "receipt":
        out.receipts.add(refused.index)


def _check(world: World, state: EpochState, message: Message, out: Outcome) -> None:
    if isinstance(message, Receipt):
        _receipt_of_sender(world, state, message)  # [F8]
    else:
        _message_of_sender(world, state, message, out)  # [F8]
    rules.compare_fields(message)  # [F9]


def _receipt_of_sender(world: World, state: EpochState, receipt: Receipt) -> None:
    """[F8] A receipt must be the sender's own statement, in its realm, to us alone; it needs no right to publish."""
    if receipt.member != state.epoch.sender:
        raise Refused("E-MESSAGE-SENDER", "F8")
    if receipt.status != state.epoch.realm:
        raise Refused("E-MESSAGE-REALM", "F8")
    if state.epoch.channel != world.member:
        raise Refused("E-RECEIPT-CHANNEL", "F8")


def _message_of_sender(world: World, state: EpochState, message: Publication, out: Outcome) -> None:
    """[F8] The id and issuer must be the sender's, the realm that of the epoch, the kind one that the sender may
    publish.

    No recipient may be outside the audience.
    """
    sender = state.epoch.sender
    if message.id[:2] != sender or message.issuer.member != sender:
        raise Refused("E-MESSAGE-SENDER", "F8")
    if message.status != state.epoch.realm:
        raise Refused("E-MESSAGE-REALM", "F8")
    if not may_publish(messages.kind_of(message), world.trust.member(sender)).is_allowed:
        raise Refused("E-KIND-NOT-PERMITTED", "F8")
    audience = message.audience.members
    is_for_all = audience == ALL
    if not is_for_all and (state.epoch.channel == ALL or world.member not in audience):
        out.alarm(outcome.OVER_SHARED, sender, message_id=message.id)
        raise Refused("E-OVER-SHARED", "F8")


def _register(world: World, state: EpochState, new: AcceptedMessage, out: Outcome) -> AcceptedMessage | None:
    """[F9] (id, rev) is unique, a receipt by its bytes; nothing follows a cancel. Returns None for a duplicate."""
    message, name = new.message, new.digest
    if isinstance(message, Receipt):
        if world.has_receipt(name):
            return None
        world.changes.receipts.add(name)
        return new
    held = world.revisions(message.id, message.rev)
    if held.same is not None and held.same.digest == name:
        out.duplicates.append((message.id, message.rev))
        return None
    if held.same is not None:
        out.alarm(outcome.MESSAGE_EQUIVOCATION, state.epoch.sender, message_id=message.id)
        raise Refused("E-MESSAGE-EQUIVOCATION", "F9")
    revision = Revision(message.rev, name, message.action == "cancel", message.status)
    if held.highest is not None:
        _of_one_realm(held.highest, revision)
        _not_after_cancel(held.highest, revision)
        if held.highest.is_cancel:  # so this is a lower revision
            new = replace(new, is_recalled=True)
    world.add_revision(message.id, revision)
    return new


def _of_one_realm(highest: Revision, revision: Revision) -> None:
    """[F9] An id belongs to one realm: an exercise never changes or recalls an actual message, nor the reverse."""
    if highest.realm != revision.realm:
        raise Refused("E-MESSAGE-REALM", "F9")


def _not_after_cancel(highest: Revision, revision: Revision) -> None:
    """[F9] Nothing follows a cancel, in whatever order the two arrive; so a held cancel is the highest revision."""
    follows = highest.is_cancel and revision.rev > highest.rev
    is_followed = revision.is_cancel and highest.rev > revision.rev
    if follows or is_followed:
        raise Refused("E-MESSAGE-CANCELLED", "F9")

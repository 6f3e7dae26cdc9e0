"""The body of a heartbeat: what its sender sent and received, so that a missing last message is detected ([F11])."""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

import msgspec

from suar.protocol.base import limits
from suar.protocol.base.errors import Refused
from suar.protocol.base.primitives import CryptoError, verify_hash
from suar.protocol.base.wire import Array, Bytes16, Bytes32, Bytes64, Malformed, UInt, decode, encode

Trouble = Literal["disk", "clock", "store", "trust", "bundle"]


class Head(Array, frozen=True):
    """The end of an epoch of an `all` channel: the number of frames, and hash and signature of the last one."""

    epoch_id: Bytes32
    frames: UInt
    hash: Bytes32
    signature: Bytes64


class Heartbeat(Array, frozen=True):
    """The body of a frame with count 0, of seven fields or eight.

    `audit`, the eighth, commits its sender to the end of its audit log (files/commitments.py); empty: seven fields.
    """

    heads_of_mine: list[Head]
    heads_seen: list[Head]
    trust_version: UInt
    trust_hash: Bytes32
    revokes: Bytes32
    bundle_kid: Bytes16
    faults: list[Trouble]
    audit: Bytes32 = b""


class SentFrame(NamedTuple):
    """A frame whose signature is verified: what a head that names it, or a later frame of its epoch, is compared with.

    `public`: the key of its epoch.
    """

    epoch_id: bytes
    seq: int
    ts: int
    hash: bytes
    public: bytes
    realm: str


def why_no_witness(head: Head, sent: int, frame: SentFrame) -> str:
    """Return why a head in a heartbeat of the time `sent` is not of the frame's number or a later one of its epoch, as
    their sender signed it; "" if it is. Whether it is this frame, or one that follows it, is said by `is_led_back_to`.
    """
    if sent < frame.ts - limits.CLOCK_TOLERANCE:
        return "it was sealed before the frame whose head it names"
    if head.epoch_id != frame.epoch_id:
        return "it names no head of an epoch of the message"
    if head.frames <= frame.seq:
        return "its head is before the frame"
    try:
        verify_hash("frame", frame.public, head.hash, head.signature, frame.realm)
    except CryptoError:
        return "its head is not signed by the epoch's own key"
    return ""


def is_led_back_to(head: Head, frame: SentFrame, known: Mapping[bytes, bytes]) -> bool:
    """Whether a head is that of the frame itself, or the `prev` of frames leads from it back to the frame.

    `known`: the `prev` of frames that are held, by their hash. A sender that made two frames of one number can have
    signed the later head over the other one.
    """
    name = head.hash
    for _ in range(head.frames - 1 - frame.seq):
        if name not in known:
            return False
        name = known[name]
    return name == frame.hash


class HeadChecks:
    """Counts the heads whose signature is verified, by the member that named them and the minute of our clock."""

    def __init__(self) -> None:
        self._counted: dict[str, tuple[int, int]] = {}  # member -> (minute, checks in it)

    def count_check(self, member: str, now: int) -> bool:
        """[F11] Count the verification of another head; returns False if this minute has had its share: a later
        heartbeat repeats it.
        """
        minute, count = self._counted.get(member, (0, 0))
        count = count if minute == now // limits.MINUTE else 0
        if count >= limits.HEADS_A_MINUTE:
            return False
        self._counted[member] = (now // limits.MINUTE, count + 1)
        return True


_decoder: Final = msgspec.msgpack.Decoder(Heartbeat)


def read(body: bytes, *, is_closing: bool) -> Heartbeat:
    """[F11] Return the body.

    A frame of count 0 outside `all` in realm actual only closes an epoch: it names no heads and commits to nothing. A
    fault that is stated repeatedly is stated once.
    """
    if len(body) > limits.HEARTBEAT_BYTES_MAX:
        raise Refused("E-HEARTBEAT-FORM", "F7")
    try:
        heartbeat = decode(_decoder, body)
    except Malformed as error:
        raise Refused("E-HEARTBEAT-FORM", "F7") from error
    if is_closing and (heartbeat.heads_of_mine or heartbeat.heads_seen or heartbeat.audit):
        raise Refused("E-HEARTBEAT-FORM", "F7")
    return msgspec.structs.replace(heartbeat, faults=list(dict.fromkeys(heartbeat.faults)))


def write(heartbeat: Heartbeat) -> bytes:
    """Return the bytes of the body."""
    fields = msgspec.structs.astuple(heartbeat)
    return encode(fields if heartbeat.audit else fields[:-1])

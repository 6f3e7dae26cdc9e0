"""Frames beyond what vectors can carry: the largest ones, every header's own key, one message proved of many."""

import hashlib
from typing import NamedTuple

import msgspec
import pytest
from nacl.signing import VerifyKey

from suar.protocol.base import limits
from suar.protocol.base.errors import Refused
from suar.protocol.base.primitives import salts
from suar.protocol.base.wire import encode
from suar.protocol.transport import frame as frames
from suar.protocol.transport.frame import Verified
from support.kit import NOW, ListMaker, Receiver, Sending, actor, alert, open_sending

ONE, TWO, THREE = (alert(f"TH-ALERT-2027-00000{n}") for n in (1, 2, 3))


@pytest.fixture
def both() -> tuple[Receiver, Sending]:
    reader = Receiver("SG").trust()
    sending = open_sending(actor("TH"), reader.lists)
    assert reader.receive_epoch(sending).result == "ok"
    return reader, sending


@pytest.mark.parametrize(("size", "result"), [(512 * 1024, "ok"), (512 * 1024 + 1, "refused")])
def test_a_message_has_at_most_512_kib(both: tuple[Receiver, Sending], size: int, result: str) -> None:
    """[F7] At the limit the frame opens, and F8 refuses the bytes, which are no JSON, alone."""
    reader, sending = both
    out = reader.receive_frame(sending, sending.frame(bytes(size)))
    assert (out.result, out.rule) == (result, "F7" if result == "refused" else None)
    assert [refused.rule for refused in out.refused] == (["F8"] if result == "ok" else [])


@pytest.mark.parametrize(("blocks", "result"), [(3071, "ok"), (3072, "refused")])
def test_a_frame_has_at_most_768_kib(both: tuple[Receiver, Sending], blocks: int, result: str) -> None:
    """[F1] The largest length that is 200 more than whole blocks and not above 786,432."""
    reader, sending = both
    half = blocks * 256 // 2
    data = sending.frame(bytes(half), bytes(half - 20))
    assert len(data) == 200 + blocks * 256
    out = reader.receive_frame(sending, data)
    assert (out.result, out.rule) == (result, "F1" if result == "refused" else None)


def test_equal_messages_never_make_equal_ciphertexts(both: tuple[Receiver, Sending]) -> None:
    """Every header has its own key, so one fixed nonce is safe."""
    _, sending = both
    sent = [sending.frame(ONE, ts=NOW) for _ in range(3)]
    assert len({frame[120:-64] for frame in sent}) == 3


def test_lengths_tell_blocks_only(both: tuple[Receiver, Sending]) -> None:
    _, sending = both
    assert len({len(sending.frame(bytes(size))) for size in (600, 650, 700)}) == 1


def test_checked_together_each_frame_has_the_verdict_that_it_has_alone(both: tuple[Receiver, Sending]) -> None:
    """[F4] The way of a batch: flipped bits, a signature of another frame, another key, another realm, each refused."""
    _, sending = both
    other = open_sending(actor("VN"), ListMaker())
    good = [frames.parse(sending.frame(alert(f"TH-ALERT-2027-{n:06d}"))) for n in range(10, 14)]
    data, size = good[0].data, len(good[0].data)
    flipped = [
        frames.parse(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        for at in (70, 300, size - 70, size - 64, size - 1)
    ]
    swapped = frames.parse(data[:-64] + good[1].data[-64:])
    own = sending.opened.epoch.public
    many = [(each, own, "actual") for each in (*good[:2], *flipped, swapped, *good[2:])]
    many += [(good[0], other.opened.epoch.public, "actual"), (good[0], own, "exercise")]
    alone: list[Verified | None] = []
    for check in many:
        try:
            alone.append(frames.verify_signature(*check))
        except Refused:
            alone.append(None)
    assert frames.verify_all(many) == alone
    assert [each is not None for each in alone] == [True] * 2 + [False] * 6 + [True] * 2 + [False] * 2


# -- a proof of one message of many, by a verifier written from the text alone


class Proof(NamedTuple):
    """What a court is given: the frame as sent, the message, its place, its salt, the other leaves, the epoch's key."""

    frame: bytes
    message: bytes
    leaf_index: int
    salt: bytes
    leaves: list[bytes]
    epoch_public: bytes


def _blake(message: bytes, name: bytes, key: bytes = b"") -> bytes:
    return hashlib.blake2b(message, digest_size=32, key=key, person=name.ljust(16, b"\0")).digest()


def is_proved(proof: Proof) -> bool:
    """The leaf in its place, all leaves under the root in the header, the header under the epoch key's signature."""
    leaves = list(proof.leaves)
    leaves[proof.leaf_index] = _blake(proof.message, b"suar/1/leaf", proof.salt)
    if _blake(b"".join(leaves), b"suar/1/root") != proof.frame[88:120]:
        return False
    signed = b"suar/1/frame".ljust(16, b"\0") + _blake(proof.frame[:-64], b"suar/1/frame")
    try:
        VerifyKey(proof.epoch_public).verify(signed, proof.frame[-64:])
    except Exception:
        return False
    return True


def _prove(sending: Sending, frame: bytes, messages: list[bytes], index: int) -> Proof:
    salt = salts("actual", sending.opened.secret, frame[:88], len(messages))
    each = [salt[16 * n : 16 * n + 16] for n in range(len(messages))]
    leaves = [_blake(m, b"suar/1/leaf", s) for m, s in zip(messages, each, strict=True)]
    leaves[index] = bytes(32)
    return Proof(frame, messages[index], index, each[index], leaves, sending.opened.epoch.public)


@pytest.mark.parametrize("index", range(3))
def test_one_message_is_proved_from_a_frame_of_many(both: tuple[Receiver, Sending], index: int) -> None:
    reader, sending = both
    frame = sending.frame(ONE, TWO, THREE)
    assert reader.receive_frame(sending, frame).result == "ok"
    proof = _prove(sending, frame, [ONE, TWO, THREE], index)
    assert is_proved(proof)
    assert not is_proved(proof._replace(message=alert("TH-ALERT-2027-000009")))
    assert not is_proved(proof._replace(leaf_index=(index + 1) % 3))
    assert not is_proved(proof._replace(salt=bytes(16)))
    assert not is_proved(proof._replace(frame=frame[:-1] + bytes([frame[-1] ^ 1])))


def test_a_proof_opens_no_neighbour(both: tuple[Receiver, Sending]) -> None:
    """Equal neighbours in two frames have different leaves, and no leaf is an unsalted hash of its message."""
    _, sending = both
    proofs = [_prove(sending, sending.frame(ONE, TWO), [ONE, TWO], 0) for _ in range(2)]
    assert proofs[0].leaves[1] != proofs[1].leaves[1]
    assert proofs[0].leaves[1] not in {_blake(TWO, b"suar/1/leaf"), _blake(TWO, b"suar/1/leaf", bytes(16))}
    assert bytes(sending.opened.secret) not in b"".join([proofs[0].frame, *proofs[0].leaves, proofs[0].salt])


def test_layout_is_the_one_of_the_text(both: tuple[Receiver, Sending]) -> None:
    """Opened by hand from protocol.md section 6, byte by byte."""
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    _, sending = both
    first = sending.frame(ONE)
    data = sending.frame(TWO, THREE, ts=NOW + 7, is_last=True)
    assert data[:4] == b"SUF1"
    assert data[4:36] == sending.opened.id
    assert [int.from_bytes(data[a:b], "big") for a, b in ((36, 44), (44, 52), (52, 54), (54, 56))] == [1, NOW + 7, 2, 1]
    assert data[56:88] == _blake(first[:-64], b"suar/1/frame")
    key = _blake(data[:120], b"suar/1/mk", bytes(sending.opened.secret))
    plain = ChaCha20Poly1305(key).decrypt(bytes(12), data[120:-64], data[:120])
    assert len(plain) % 256 == 0
    assert msgspec.msgpack.decode(plain.rstrip(b"\0").removesuffix(b"\x80")) == [TWO, THREE]
    assert plain.rstrip(b"\0") == encode([TWO, THREE]) + b"\x80"


def test_limits_of_lists_are_exact() -> None:
    """[T1] 256 KiB exactly are accepted; a vector shows that one byte more is not."""
    lists = ListMaker()
    lists.members[0][1] += "x" * (limits.TRUST_BYTES - len(lists.signed()) - 4)
    assert len(lists.signed()) == limits.TRUST_BYTES
    assert Receiver("SG", lists=lists).trust().world.trust.version == 1

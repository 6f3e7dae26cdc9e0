"""[F6] The seq rule as a value: any order of arrival ends in the same state, and gaps are named exactly."""

import random

import pytest

from suar.protocol.base.errors import Refused
from suar.protocol.base.primitives import hash_
from suar.protocol.transport.replay import HeldFrame, Ranges, Sequence

EPOCH = b"\x00" * 32


class Chain:
    """Frames of one epoch as their sender made them, and a receiver's sequence."""

    def __init__(self, length: int) -> None:
        self.hashes = [hash_("frame", str(n).encode()) for n in range(length)]
        self.sequence = Sequence(EPOCH)
        self.held: dict[int, HeldFrame] = {}

    def prev(self, seq: int) -> bytes:
        return self.hashes[seq - 1] if seq else EPOCH

    def receive(self, seq: int, *, is_last: bool = False) -> str:
        verdict = self.sequence.judge(seq, self.hashes[seq], self.prev(seq), self.held.get)
        if verdict.kind != "duplicate":
            self.sequence.consume(seq, self.hashes[seq], verdict, is_last=is_last)
            self.held[seq] = HeldFrame(self.hashes[seq], self.prev(seq))
        return verdict.kind


@pytest.mark.parametrize("seed", range(20))
def test_any_order_of_arrival_fills_everything(seed: int) -> None:
    chain, order = Chain(40), list(range(40))
    random.Random(seed).shuffle(order)
    for at, seq in enumerate(order):
        missing = [n for n in range(max(order[: at + 1])) if n not in order[: at + 1]]
        assert chain.receive(seq) in ("next", "late")
        assert [n for first, last in chain.sequence.missing for n in range(first, last + 1)] == missing
        assert chain.receive(seq) == "duplicate"
    assert chain.sequence.next == chain.sequence.held == 40
    assert not len(chain.sequence.missing)


@pytest.mark.parametrize(("got", "held"), [([], 0), ([0, 1], 2), ([0, 1, 4], 5)])
def test_the_successor_confirms_the_tail_repeatedly(got: list[int], held: int) -> None:
    chain = Chain(8)
    for seq in got:
        chain.receive(seq)
    assert chain.sequence.held == held
    assert chain.sequence.end(7, chain.hashes[6]) == (held, 6)
    assert chain.sequence.end(7, chain.hashes[6]) == (held, 6)
    assert chain.sequence.held == held
    for seq in range(held, 7):
        assert chain.receive(seq) == "late"
    assert chain.sequence.end(7, chain.hashes[6]) is None
    with pytest.raises(Refused, match="E-FRAME-CLOSED"):
        chain.receive(7)


@pytest.mark.parametrize("ends", [(3, 5), (5, 3)])
def test_the_lowest_word_on_the_end_counts(ends: tuple[int, int]) -> None:
    chain = Chain(8)
    for end in ends:
        chain.sequence.end(end, chain.hashes[end - 1])
    for seq in range(3):
        chain.receive(seq)
    with pytest.raises(Refused, match="E-FRAME-CLOSED"):
        chain.receive(3)


def test_a_late_last_frame_ends_the_epoch_before_what_was_stated() -> None:
    chain = Chain(8)
    chain.sequence.end(6, chain.hashes[5])
    chain.receive(0)
    chain.receive(1, is_last=True)
    with pytest.raises(Refused, match="E-FRAME-CLOSED"):
        chain.receive(2)


def test_ranges_join_when_one_follows_another() -> None:
    ranges = Ranges()
    ranges.add(2, 4)
    ranges.add(5, 6)
    ranges.add(9, 9)
    assert list(ranges) == [(2, 6), (9, 9)]
    assert (ranges.before(7), ranges.before(10), ranges.before(9)) == (2, 9, 9)
    assert len(ranges) == 6

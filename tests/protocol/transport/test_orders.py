"""[E8] Epochs that come in any order, or not at all, as over two hubs of which each may pass over what it likes.

An epoch that comes behind its successor's successor is refused, although it is honest: nothing that is held names it.
Nothing is lost by that. Each accepted epoch names the one before it, which is asked for then, so all are named in turn.
"""

from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import Final

import pytest

from suar.protocol.transport.world import Chain, EpochState
from support.kit import NOW, Receiver, Sending, actor, alert, craft_epoch

FIRST, LAST = 0, 4
BETWEEN: Final = [(kind, number) for number in (1, 2, 3) for kind in ("epoch", "frame")]
Object = tuple[str, int]


class Line:
    """Five epochs of TH with a frame each, in one chain, and the reader that gets some of them in some order."""

    def __init__(self) -> None:
        self.reader = Receiver("SG").trust()
        self.epochs: list[Sending] = []
        self.frames: list[bytes] = []
        self.got: list[int] = []
        self.alarms: set[str] = set()
        self._waiting: list[int] = []
        for number in range(LAST + 1):
            link = self.epochs[-1].link if self.epochs else None
            sending = craft_epoch(actor("TH"), self.reader.lists, link=link, not_before=NOW - 1_000 + number)
            self.epochs.append(sending)
            self.frames.append(sending.frame(alert(f"TH-ALERT-2027-{number:06}")))

    def receive(self, *objects: Object) -> None:
        for kind, number in objects:
            if kind == "frame":
                self._receive_frame(number)
                continue
            out = self.reader.receive_epoch(self.epochs[number])
            self.alarms |= {alarm.name for alarm in out.alarms}
            waiting, self._waiting = self._waiting, []
            for each in waiting:
                self._receive_frame(each)

    def _receive_frame(self, number: int) -> None:
        out = self.reader.receive_frame(self.epochs[number], self.frames[number])
        self.alarms |= {alarm.name for alarm in out.alarms}
        assert out.result in ("ok", "late", "wait", "duplicate"), (number, out)
        if out.result == "wait":
            self._waiting.append(number)
        self.got += [number] * len(out.messages)

    def ask(self) -> bool:
        """Ask TH for what is known to be missing, and get it; whether there was anything."""
        wanted = list(self._missing())
        self.receive(*wanted)
        return bool(wanted)

    def _missing(self) -> Iterator[Object]:
        (chain,) = self.reader.world.chains.values()
        for number, sending in enumerate(self.epochs):
            state = self.reader.world.epochs.get(sending.opened.id)
            if sending.opened.id in chain.missing:
                yield from (("epoch", number), ("frame", number))
            elif state is not None and _is_without_end(state):
                yield "frame", number


def _is_without_end(state: EpochState) -> bool:
    return state.sequence.bound is not None and state.sequence.held < state.sequence.bound


def _orders() -> list[Sequence[Object]]:
    """Every order of some of the objects of three epochs."""
    return [order for count in range(len(BETWEEN) + 1) for order in permutations(BETWEEN, count)]


@pytest.mark.slow
def test_whatever_comes_in_whatever_order_everything_is_there_in_the_end() -> None:
    refused = 0
    for order in _orders():
        line = Line()
        line.receive(("epoch", FIRST), ("frame", FIRST), *order, ("epoch", LAST), ("frame", LAST))
        rounds = 0
        while line.ask():
            rounds += 1
            assert rounds <= LAST, order
        assert sorted(line.got) == list(range(LAST + 1)), order
        assert line.alarms <= {"epoch-missing", "withheld-tail", "gap"}, order
        refused += rounds > 1
    assert refused, "none of the orders was one in which E8 refuses an honest epoch"


@pytest.mark.parametrize("second", [("epoch", 1), ("frame", 1)])
def test_what_e8_refused_waits_for_nothing_and_comes_again(second: Object) -> None:
    """Both hubs pass over the first two; the slow one brings the first after the third."""
    line = Line()
    line.receive(("epoch", FIRST), ("frame", FIRST), ("epoch", 3), ("frame", 3))
    assert line.reader.receive_epoch(line.epochs[1]).rule == "E8"
    line.receive(second)
    chain = _chain(line)
    assert set(chain.missing) == {line.epochs[2].opened.id}
    assert line.ask()
    assert set(chain.missing) == {line.epochs[1].opened.id}
    assert line.ask()
    assert not line.ask()
    assert sorted(line.got) == [0, 1, 2, 3]


def _chain(line: Line) -> Chain:
    (chain,) = line.reader.world.chains.values()
    return chain

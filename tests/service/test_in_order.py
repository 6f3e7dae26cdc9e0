"""What waited is judged before what came later: a chain that is taken out of order is refused for good ([E8]).

The case that showed it: the clock of a receiver stepped ahead while epochs waited for their time. The next epoch was in
time at once, was taken, and each one before it was refused, with its messages.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from suar.protocol.base import limits, subjects
from suar.protocol.base.primitives import ACTUAL
from suar.protocol.compose import complete
from suar.protocol.transport.epoch import Link
from support.corekit import CoreKit, bundle_of, epoch_of, frame_of
from support.gateways import draft
from support.kit import NOW, ListMaker, Sending, actor, open_sending

LATER = NOW + 6 * limits.MINUTE


@pytest.fixture
def vn(tmp_path: Path) -> Iterator[CoreKit]:
    made = CoreKit(tmp_path / "vn", "VN")
    made.receive(bundle_of(actor("TH")))
    yield made
    made.close()


class Chain:
    """Epochs of TH to all, each with one frame with one message."""

    def __init__(self, kit: CoreKit, begin: int = NOW, lists: ListMaker | None = None) -> None:
        self.kit, self.begin, self.lists = kit, begin, lists or kit.lists
        self.number, self.link = 0, Link()

    def next(self) -> tuple[tuple[str, bytes], tuple[str, bytes]]:
        """(epoch, frame)."""
        begin, self.number = self.begin + self.number, self.number + 1
        sending: Sending = open_sending(actor("TH"), self.lists, link=self.link, not_before=begin)
        frame = frame_of(sending, self._message(), ts=begin)
        self.link = sending.link
        return epoch_of(sending), frame

    def _message(self) -> bytes:
        body = json.dumps(draft(f"number {self.number}", expires="2027-01-30T00:00:00Z")).encode()
        made = json.loads(complete(body, member="TH", realm=ACTUAL, now=NOW, ledger=None).data)
        return json.dumps(made | {"id": f"TH-ALERT-2027-{self.number:06d}"}).encode()


def count(kit: CoreKit, what: str) -> int:
    with kit.core.transaction() as connection:
        return int(connection.exec_driver_sql(f"select count(*) from {what}").scalar_one())


def seen(kit: CoreKit) -> dict[str, int]:
    refused = sum(each.result == "refused" for each in kit.judged())
    return {
        "messages": count(kit, "message"), "waiting": count(kit, "waiting"), "refused": refused,
        "alarms": count(kit, "alarm where name != 'clock'"),
    }  # fmt: skip


def test_whose_time_has_come_before_what_comes_now(vn: CoreKit) -> None:
    chain = Chain(vn, LATER)
    for _ in range(3):
        vn.receive(*chain.next())
    assert seen(vn) == {"messages": 0, "waiting": 6, "refused": 0, "alarms": 0}
    vn.now += 10 * limits.MINUTE
    vn.receive(*chain.next())
    assert seen(vn) == {"messages": 4, "waiting": 0, "refused": 0, "alarms": 0}


def test_what_waited_for_a_list_before_what_comes_with_it(vn: CoreKit) -> None:
    following = vn.lists.after(issued=NOW)
    chain = Chain(vn, lists=following)
    for _ in range(3):
        vn.receive(*chain.next())
    assert seen(vn)["waiting"] == 6
    vn.receive((subjects.hub("SG", subjects.trust(2)), following.signed()), *chain.next())
    assert seen(vn) == {"messages": 4, "waiting": 0, "refused": 0, "alarms": 0}


def test_frames_that_waited_for_an_epoch_before_the_next_epoch(vn: CoreKit) -> None:
    """The next one says that there was a frame: it is here."""
    chain = Chain(vn)
    (first, frame), second = chain.next(), chain.next()
    vn.receive(frame)
    assert seen(vn)["waiting"] == 1
    vn.receive(first, *second)
    assert seen(vn) == {"messages": 2, "waiting": 0, "refused": 0, "alarms": 0}


def test_frames_that_waited_before_those_that_follow_them(vn: CoreKit) -> None:
    sending = open_sending(actor("TH"), vn.lists)
    chain = Chain(vn)
    frames = []
    for _ in range(2):
        chain.number += 1
        frames.append(frame_of(sending, chain._message()))
    vn.receive(frames[0])
    vn.receive(epoch_of(sending), frames[1])
    assert seen(vn) == {"messages": 2, "waiting": 0, "refused": 0, "alarms": 0}


def test_a_whole_chain_that_waited_with_a_frame_before_its_epoch(vn: CoreKit) -> None:
    """The list comes; the first frame lies before its epoch, and the second epoch after both."""
    following = vn.lists.after(issued=NOW)
    chain = Chain(vn, lists=following)
    (first, frame), second = chain.next(), chain.next()
    vn.receive(frame), vn.receive(first), vn.receive(*second)
    vn.receive((subjects.hub("SG", subjects.trust(2)), following.signed()))
    assert seen(vn) == {"messages": 2, "waiting": 0, "refused": 0, "alarms": 0}


def test_frames_of_an_epoch_that_is_not_for_us_wait_for_nothing(vn: CoreKit) -> None:
    """It was sealed while we were suspended; they came before it."""
    sending = open_sending(actor("TH"), vn.lists, to=("KH", "SG", "TH"))
    frame = frame_of(sending, b"{}")
    vn.receive(frame)
    assert count(vn, "waiting") == 1
    vn.receive(epoch_of(sending))
    assert count(vn, "waiting") == 0
    assert [each.result for each in vn.judged()][-2:] == ["skip", "skip"]

"""A check for alarms that have ended costs what changed since the last one, however many alarms and ranges stand."""

import random
from collections.abc import Iterable, Iterator
from typing import Any, Final

import pytest

from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import ACTUAL
from suar.protocol.message.kinds import Entry, Receipt
from suar.protocol.message.messages import read
from suar.protocol.transport import outcome
from suar.protocol.transport.outcome import Alarm
from suar.service.gaps import alarms, ends, ranges, requesting
from suar.service.receipts import receipts
from suar.service.receipts.receipts import StatementDetails
from suar.store.inbound import alarm_ends
from suar.store.inbound.gaps import Refusal
from support.corekit import CoreKit, epoch_of, frame_of
from support.kit import Sending, actor, alert, beat, head, id_of, open_sending

GAPS: Final = 40


class Work:
    """How many times the ranges of an epoch were computed, and how many alarms were read, since it was last asked."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._ranges = self._rows = 0
        computed = ranges.epoch_ranges

        def counted(*args: Any) -> Any:
            self._ranges += 1
            return computed(*args)

        patch.setattr(ranges, "epoch_ranges", counted)
        for name in ("active_alarms", "active_alarms_of"):
            patch.setattr(alarm_ends, name, self._counting(getattr(alarm_ends, name)))

    def _counting(self, read: Any) -> Any:
        def counted(*args: Any) -> Any:
            found = read(*args)
            self._rows += len(found)
            return found

        return counted

    def of_check(self, kit: CoreKit) -> tuple[int, int, int]:
        """Alarms ended by one check, ranges computed, alarms read."""
        self._ranges = self._rows = 0
        return ends.end_resolved(kit.core), self._ranges, self._rows


def open_epochs(kit: CoreKit) -> list[str]:
    return [each["epoch"] for each in alarms.list_alarms(kit.core, 0, is_open=True)]


def with_gaps(vn: CoreKit, th: Sending, count: int) -> list[tuple[str, bytes]]:
    """VN receives every second frame of TH; returns those between them."""
    sent = [frame_of(th, body=b"{}") for _ in range(2 * count + 1)]
    vn.receive(*sent[::2])
    return sent[1::2]


def test_the_ranges_of_an_epoch_are_computed_once_for_all_its_alarms_and_not_while_nothing_changes(
    vn: CoreKit, th: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of a thousand alarms had all ranges of its epoch computed, every second."""
    between = with_gaps(vn, th, GAPS)
    other = open_sending(actor("SG"), vn.lists)
    vn.receive(epoch_of(other), frame_of(other, alert("SG-ALERT-2027-000001")))
    work = Work(monkeypatch)
    assert work.of_check(vn) == (0, 1, GAPS)
    assert work.of_check(vn) == (0, 0, 0)
    vn.receive(frame_of(other, alert("SG-ALERT-2027-000002")))
    assert work.of_check(vn) == (0, 0, 0), "another epoch"
    vn.receive(between[7])
    assert work.of_check(vn) == (1, 1, GAPS)
    vn.restart()
    assert work.of_check(vn) == (0, 1, GAPS - 1)
    vn.receive(*between)
    assert work.of_check(vn) == (GAPS - 1, 1, GAPS - 1)
    assert open_epochs(vn) == []


def test_an_answer_ends_the_alarm_that_a_check_left_open(
    vn: CoreKit, th: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_gaps(vn, th, 2)
    work = Work(monkeypatch)
    assert work.of_check(vn) == (0, 1, 2)
    note, entry = StatementDetails(note="frames 1-1"), Entry(frame=th.opened.id.hex())
    answer = read(receipts.make_receipt("TH", ACTUAL, "refused", [entry], vn.now, "E-RESEND-EMPTY", details=note))
    assert isinstance(answer, Receipt)
    with vn.core.transaction() as connection:
        requesting.apply_receipt(vn.core, connection, answer, b"")
    assert work.of_check(vn) == (1, 1, 2)


def test_a_claim_ends_with_the_heartbeat_that_withdraws_it(vn: CoreKit, th: Sending) -> None:
    sg = open_sending(actor("SG"), vn.lists)
    vn.receive(frame_of(th, alert(id_of(1))), epoch_of(sg))
    frame_of(th, alert(id_of(2)))
    vn.now += limits.SECOND
    vn.receive(frame_of(sg, body=beat(vn.lists, heads_seen=[head(th, 2)]), ts=vn.now))
    assert (ends.end_resolved(vn.core), open_epochs(vn)) == (0, [th.opened.id.hex()])
    vn.now += limits.SECOND
    vn.receive(frame_of(sg, body=beat(vn.lists), ts=vn.now))
    assert (ends.end_resolved(vn.core), open_epochs(vn)) == (1, [])


def test_an_alarm_that_was_opened_again_for_another_one_is_checked_again(
    vn: CoreKit, th: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than `ALARM_ROWS` are counted on the newest, whichever epoch that is about."""
    monkeypatch.setattr(limits, "ALARM_ROWS", 1)
    vn.receive(*with_gaps(vn, th, 1))
    assert ends.end_resolved(vn.core) == 1
    with vn.core.transaction() as connection:
        vn.core.raise_alarm(connection, Alarm(outcome.GAP, "TH", 1, 2, epoch_id=bytes(32)))
    assert open_epochs(vn) == [th.opened.id.hex()]
    assert (ends.end_resolved(vn.core), open_epochs(vn)) == (1, [])


def test_a_check_that_is_not_committed_is_made_again(vn: CoreKit, th: Sending) -> None:
    between = with_gaps(vn, th, 2)
    assert ends.end_resolved(vn.core) == 0
    vn.receive(*between)

    def fail() -> None:
        raise Fault("another job of the transaction", "")

    with pytest.raises(Fault):
        vn.core.run_jobs([lambda: ends.end_resolved(vn.core), fail])
    assert len(open_epochs(vn)) == 2
    assert ends.end_resolved(vn.core) == 2


# -- ranges and answers


def unanswered(spans: list[ranges.Span], refused: Iterable[Refusal]) -> Iterator[ranges.Span]:
    """As each range was compared with each answer."""
    for first, last in spans:
        at = first
        for each in sorted(each for each in refused if each.code in ranges.FINAL):
            if each.last < at or each.first > last:
                continue
            if each.first > at:
                yield at, each.first - 1
            at = each.last + 1
        if at <= last:
            yield at, last


def answered(spans: list[ranges.Span], refused: Iterable[Refusal]) -> dict[str, list[Any]]:
    pairs = [(span, each) for span in spans for each in refused if each.code in ranges.FINAL]
    both = [(max(span[0], each.first), min(span[1], each.last), each) for span, each in pairs]
    parts = [(low, high, each) for low, high, each in both if low <= high]
    is_empty = {ranges.EMPTY, ranges.RESENT}
    return {
        "lost": [(low, high, each.code, each.at) for low, high, each in parts if each.code not in is_empty],
        "empty": [(low, high) for low, high, each in parts if each.code in is_empty],
    }


def test_ranges_are_compared_with_the_answers_at_their_place_and_the_result_is_the_same() -> None:
    chance, codes = random.Random(7), [*sorted(ranges.FINAL), "E-RESEND-LIMIT"]
    for _ in range(100):
        bounds = sorted(chance.sample(range(100), 2 * chance.randrange(1, 20)))
        spans = list(zip(bounds[::2], bounds[1::2], strict=True))
        firsts = sorted(chance.randrange(100) for _ in range(chance.randrange(20)))
        refused = [Refusal(at, at + chance.randrange(20), chance.choice(codes), n) for n, at in enumerate(firsts)]
        assert list(ranges.unanswered_parts(spans, refused)) == list(unanswered(spans, refused))
        found = ranges.answered_parts(spans, refused)
        assert {name: list(map(tuple, each)) for name, each in found.items()} == answered(spans, refused)

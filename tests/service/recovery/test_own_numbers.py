"""[E12] The whole machine was put back, so nothing shows it at the start: no used number gets another text."""

import json
import secrets
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from suar.observe.hooks import AlarmRaised
from suar.protocol.base import limits
from suar.protocol.base.primitives import ACTUAL
from suar.protocol.compose import LAST_NUMBER
from suar.protocol.message.kinds import Entry, Receipt
from suar.protocol.message.messages import read
from suar.protocol.transport import frame as frames
from suar.protocol.transport.heartbeat import Head
from suar.service.gaps import alarms, own_numbers, requesting, skipped_numbers
from suar.service.receipts.receipts import make_receipt
from suar.store.engine import meta
from suar.store.messages import rows as messages
from support.corekit import CoreKit, epoch_of, frame_of, rows
from support.gateways import draft
from support.kit import Sending, actor, beat, open_sending
from support.pairs import EXPIRES, Two

Objects = list[tuple[str, bytes]]


class Machine:
    """TH's store and anchor, copied while it runs, and put back together."""

    def __init__(self, kit: CoreKit) -> None:
        self.kit, self.copy = kit, kit.folder.with_name("copy.db")
        with sqlite3.connect(kit.folder / "suar.db") as live, sqlite3.connect(self.copy) as copy:
            live.backup(copy)
        live.close()
        copy.close()
        shutil.copy(kit.folder / "anchor.suar", self.copy.with_suffix(".anchor"))

    def restore(self) -> None:
        self.kit.core.close()
        self.kit.now += 60_000
        shutil.copy(self.copy, self.kit.folder / "suar.db")
        shutil.copy(self.copy.with_suffix(".anchor"), self.kit.folder / "anchor.suar")
        self.kit.core = self.kit.opened()


def to_all(title: str) -> dict[str, Any]:
    return draft(title, expires=EXPIRES)


def number(id_: str) -> int:
    return int(id_.rsplit("-", 1)[1])


def shorten_skips(monkeypatch: pytest.MonkeyPatch) -> None:
    """A skip passes over the one number that it always does, and those of the minutes."""
    monkeypatch.setattr(skipped_numbers, "RANGE", 1)
    monkeypatch.setattr(skipped_numbers, "SPREAD", 1)


def own_alarms(kit: CoreKit) -> set[str]:
    return {record.name for record in kit.records if isinstance(record, AlarmRaised) and record.member == kit.code}


@pytest.fixture
def two(tmp_path: Path) -> Any:
    made = Two(tmp_path)
    made.publish(to_all("before"))
    made.to_sg()
    yield made
    made.th.close()
    made.sg.close()


def lose(two: Two, *drafts: dict[str, Any], is_other_epoch: bool) -> tuple[list[str], Objects]:
    """Publish what the copy does not have, in its epoch or another one; then the copy is put back."""
    machine = Machine(two.th)
    if is_other_epoch:
        two.th.restart()
    ids = two.publish(*drafts)
    sent = two.leave(two.th)
    two.sg.receive(*sent)
    machine.restore()
    return ids, sent


@pytest.mark.parametrize("is_other_epoch", [False, True])
@pytest.mark.parametrize("has_sealed", [False, True])
def test_what_the_hub_returns_names_the_used_numbers(two: Two, is_other_epoch: bool, has_sealed: bool) -> None:
    lost, sent = lose(two, *(to_all(f"lost {n}") for n in range(3)), is_other_epoch=is_other_epoch)
    if has_sealed:
        two.publish(to_all("at once"))
        two.to_sg()
    two.th.receive(*sent)
    later = two.publish(*(to_all(f"later {n}") for n in range(3)))
    assert not set(later) & set(lost)
    two.to_sg()
    two.to_th()
    assert {two.states(id_)["state"] for id_ in later} == {"stored"}


def test_more_than_one_range_is_read_exactly(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    shorten_skips(monkeypatch)
    lost, sent = lose(two, *(to_all(f"lost {n}") for n in range(5)), is_other_epoch=True)
    two.th.receive(*sent)
    (later,) = two.publish(to_all("later"))
    assert number(later) > max(number(id_) for id_ in lost)


def test_what_cannot_be_opened_is_counted_once(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """The seed of the day is younger than the copy, as with a restored backup."""
    shorten_skips(monkeypatch)
    monkeypatch.setattr(own_numbers, "open_contents", lambda own, frame: None)
    lost, sent = lose(two, *(to_all(f"lost {n}") for n in range(5)), is_other_epoch=True)
    for _ in range(3):
        two.th.receive(*sent)
    (later,) = two.publish(to_all("later"))
    assert max(number(id_) for id_ in lost) < number(later) <= max(number(id_) for id_ in lost) + 3


def test_a_number_to_one_member_does_not_return_and_is_skipped(two: Two) -> None:
    lost, sent = lose(two, to_all("lost"), draft("to SG", ["SG"], expires=EXPIRES), is_other_epoch=True)
    two.th.receive(*(each for each in sent if ".all." in each[0]))
    assert not set(two.publish(to_all("later 1"), to_all("later 2"))) & set(lost)


def _named(two: Two, sent: Objects) -> Objects:
    """A heartbeat of SG that names the last of these frames."""
    frame = [data for name, data in sent if data[:4] == b"SUF1"][-1]
    head = Head(frame[4:36], int.from_bytes(frame[36:44], "big") + 1, frame_hash(frame), frame[-64:])
    return _beat(two, head)


def frame_hash(data: bytes) -> bytes:
    return frames.frame_hash(data, ACTUAL)


def _beat(two: Two, head: Head) -> Objects:
    sending: Sending = open_sending(actor("VN"), two.th.lists, to=("TH",))
    return [epoch_of(sending), frame_of(sending, body=beat(two.th.lists, heads_seen=[head]))]


@pytest.mark.sqlite  # its file is copied while it runs
def test_a_head_of_an_epoch_that_was_forgotten_is_restored(two: Two) -> None:
    _, sent = lose(two, to_all("lost"), is_other_epoch=True)
    two.publish(to_all("at once"))
    two.to_sg()
    named = _named(two, sent)
    two.th.receive(*sent)
    assert "restored" not in own_alarms(two.th)
    two.th.receive(*named)
    assert "restored" in own_alarms(two.th)


@pytest.mark.sqlite  # its file is copied while it runs
def test_a_frame_behind_the_end_of_a_known_epoch_is_restored(two: Two) -> None:
    _, sent = lose(two, to_all("lost"), is_other_epoch=False)
    two.publish(to_all("at once"))
    two.to_sg()
    two.th.receive(*sent)
    assert "restored" in own_alarms(two.th)


def test_nobody_else_makes_us_skip(two: Two) -> None:
    """What left from here, also once its row is gone, and what no key of ours signed."""
    (one,) = two.publish(to_all("one"))
    sent = two.leave(two.th)
    two.th.restart()
    with two.th.core.transaction() as connection:
        connection.exec_driver_sql("delete from outbox where seq is not null")
    other = open_sending(actor("VN"), two.th.lists, to=("TH",))
    moved = [
        (name.replace("tip.v1.vn", "tip.v1.th"), data)
        for name, data in (epoch_of(other), frame_of(other, body=beat(two.th.lists)))
    ]
    unknown = Head(bytes(32), 9, bytes(32), bytes(64))
    two.th.receive(*sent, *moved, *_beat(two, unknown))
    (later,) = two.publish(to_all("later"))
    assert number(later) == number(one) + 1
    assert own_alarms(two.th) == set()


# -- refusals: the word of one member


@pytest.mark.sqlite  # its file is copied while it runs
def test_a_refusal_by_a_reader_that_has_the_used_number_skips(two: Two) -> None:
    """Nothing came back from the hub: the first text is lost to its number, and no other one is."""
    lost, _ = lose(two, *(draft(f"lost {n}", ["SG"], expires=EXPIRES) for n in range(3)), is_other_epoch=True)
    (first,) = two.publish(draft("first", ["SG"], expires=EXPIRES))
    assert first in lost
    two.to_sg()
    two.to_th()
    assert two.states(first)["state"] == "refused"
    assert "restored" in own_alarms(two.th)
    later = two.publish(*(draft(f"later {n}", ["SG"], expires=EXPIRES) for n in range(3)))
    assert not set(later) & set(lost)
    two.to_sg()
    two.to_th()
    assert {two.states(id_)["state"] for id_ in later} == {"stored"}


def _refuse(two: Two, frame: str, code: str = own_numbers.REUSED) -> None:
    """A false refusal by SG."""
    plain = make_receipt("SG", ACTUAL, "refused", [Entry(frame=frame)], two.th.now, code)
    receipt = read(plain)
    assert isinstance(receipt, Receipt)
    with two.th.core.transaction() as connection:
        requesting.apply_receipt(two.th.core, connection, receipt, plain)


def _refuse_each(two: Two, times: int) -> list[str]:
    """The ids of as many texts to SG, each of which it refuses falsely."""
    used: list[str] = []
    for _ in range(times):
        two.th.now += 1_000
        used += two.publish(draft(f"one {(two.th.now - two.start) // 1_000}", ["SG"], expires=EXPIRES))
        sent = [data for _, data in two.leave(two.th) if data[:4] == b"SUF1"]
        for _ in range(3):
            _refuse(two, frame_hash(sent[-1]).hex())
    return used


def _skip(two: Two, word_of: str = "") -> bool:
    two.th.now += 1
    with two.th.core.transaction() as connection:
        return skipped_numbers.skip_range(two.th.core, connection, two.th.now, word_of=word_of)


def test_false_refusals_of_one_member_use_up_few_numbers_and_raise_one_alarm(two: Two) -> None:
    used = _refuse_each(two, 12)
    longest = skipped_numbers.RANGE + skipped_numbers.SPREAD + 12
    assert skipped_numbers.RANGE <= number(used[-1]) - number(used[0]) <= longest
    _counts(two, at=1)
    with two.th.core.transaction() as connection:  # as if it was raised days ago
        connection.exec_driver_sql("update alarm set at = 1")
    _refuse_each(two, 3)
    raised = rows(two.th, "select message_id from alarm where name = 'restored'")
    assert [each.message_id for each in raised] == ["SG"]


def test_what_the_alarm_on_the_word_of_one_member_says(two: Two) -> None:
    _refuse_each(two, 1)
    (shown,) = (each for each in alarms.list_alarms(two.th.core, 0) if each["name"] == "restored")
    assert (shown["member"], shown["message"]) == ("TH", "SG")
    assert "SG alone says so" in shown["next"]


def test_the_refusals_of_a_member_use_up_nothing_of_what_rests_on_our_own_evidence(two: Two) -> None:
    _refuse_each(two, 12)
    assert not _skip(two, "SG")
    assert _skip(two, "VN")
    assert [_skip(two) for _ in range(skipped_numbers.A_DAY + 1)] == [*[True] * skipped_numbers.A_DAY, False]
    two.th.now += limits.DAY
    assert _skip(two, "SG")
    assert _skip(two)


def test_after_many_false_refusals_a_put_back_uses_no_number_twice(two: Two) -> None:
    _refuse_each(two, 12)
    lost, sent = lose(two, to_all("lost"), draft("to SG", ["SG"], expires=EXPIRES), is_other_epoch=True)
    two.th.receive(*(each for each in sent if ".all." in each[0]))
    assert not set(two.publish(to_all("later 1"), to_all("later 2"))) & set(lost)


def _counts(two: Two, **counts: Any) -> None:
    with two.th.core.transaction() as connection:
        meta.put(connection, "numbers_skipped", json.dumps(counts))


def test_how_many_there_are_in_a_year(two: Two) -> None:
    year = {"day": two.th.now, "year": 2027}
    _counts(two, at=1, **year, in_year=skipped_numbers.A_YEAR)
    assert not _skip(two)
    assert _skip(two, "SG")
    _counts(two, at=1, words={"SG": year | {"in_year": skipped_numbers.OF_ONE_A_YEAR}})
    assert not _skip(two, "SG")
    assert _skip(two, "VN")
    longest = skipped_numbers.RANGE + skipped_numbers.SPREAD
    assert skipped_numbers.OF_ONE_A_YEAR * longest < LAST_NUMBER / 10


def _skip_unseen(two: Two) -> bool:
    """As a precaution."""
    two.th.now += 1
    with two.th.core.transaction() as connection:
        return skipped_numbers.skip_range(two.th.core, connection, two.th.now, is_precaution=True)


def test_restarts_while_the_hub_is_away_use_up_nothing_of_what_rests_on_our_own_evidence(two: Two) -> None:
    most = skipped_numbers.PRECAUTIONS_A_DAY
    assert [_skip_unseen(two) for _ in range(most + 1)] == [*[True] * most, False]
    assert _skip(two, "SG")
    assert [_skip(two) for _ in range(skipped_numbers.A_DAY + 1)] == [*[True] * skipped_numbers.A_DAY, False]
    two.th.now += limits.DAY
    assert _skip_unseen(two)
    year = {"day": two.th.now, "year": 2027, "in_year": skipped_numbers.PRECAUTIONS_A_YEAR}
    _counts(two, at=1, precautions=year)
    assert not _skip_unseen(two)
    assert _skip(two)
    longest = skipped_numbers.RANGE + skipped_numbers.SPREAD
    assert skipped_numbers.PRECAUTIONS_A_YEAR * longest < LAST_NUMBER / 5


def test_skips_never_use_up_the_numbers(two: Two) -> None:
    with two.th.core.transaction() as connection:
        messages.reserve_numbers(connection, {("alert", 2027): LAST_NUMBER - 100})
    for member in ("SG", "VN", "KH", ""):
        assert _skip(two, member)
    with two.th.core.transaction() as connection:
        assert LAST_NUMBER - 100 <= messages.last_number(connection, "alert", 2027) < LAST_NUMBER
    two.publish(to_all("later"))


# -- the same copy, or an older one, is put back again


def _skip_from(two: Two, machine: Machine, minutes: int) -> int:
    """The number of the first alert after this copy was put back so many minutes later, and a skip."""
    machine.restore()
    two.th.now += minutes * limits.MINUTE
    two.th.restart()
    assert _skip(two)
    return number(two.publish(to_all("later"))[0])


@pytest.mark.sqlite  # its file is copied while it runs
def test_put_backs_to_one_copy_begin_at_other_numbers(two: Two) -> None:
    """1,000 numbers of each kind after each one do not overlap in most of them, though the time hardly differs."""
    machine = Machine(two.th)
    begins = [_skip_from(two, machine, 0) for _ in range(12)]
    assert len(set(begins)) > 6
    assert max(begins) - min(begins) > 1_000


@pytest.mark.sqlite  # its file is copied while it runs
def test_put_backs_with_days_between_share_no_number_at_all(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    machine, minutes = Machine(two.th), 2 * skipped_numbers.SPREAD
    monkeypatch.setattr(secrets, "randbelow", lambda bound: bound - 1)
    first = _skip_from(two, machine, 0)
    monkeypatch.setattr(secrets, "randbelow", lambda bound: 0)
    assert _skip_from(two, machine, minutes) > first + skipped_numbers.SPREAD


def test_a_refusal_of_what_did_not_go_to_that_member_or_for_another_reason_skips_nothing(two: Two) -> None:
    (one,) = two.publish(draft("to VN", ["VN"], expires=EXPIRES))
    sent = [data for _, data in two.leave(two.th) if data[:4] == b"SUF1"]
    _refuse(two, frame_hash(sent[-1]).hex())
    _refuse(two, "0" * 64)
    (two_,) = two.publish(to_all("to all"))
    sent = [data for _, data in two.leave(two.th) if data[:4] == b"SUF1"]
    _refuse(two, frame_hash(sent[-1]).hex(), "E-MESSAGE-FORM")
    (later,) = two.publish(to_all("later"))
    assert [number(each) for each in (two_, later)] == [number(one) + 1, number(one) + 2]
    assert own_alarms(two.th) == set()

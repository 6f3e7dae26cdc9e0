"""What the next step of an alarm says when another event of that moment explains it."""

from pathlib import Path
from typing import Any

import pytest

from suar.observe.alarms import ALARMS, IDENTITY_IN_USE, RESTORED_FORK_NEXT, RETURNED_NEXT, WORD_NEXT
from suar.observe.passed_over import AFTER, AFTER_OURS_NEXT, BEFORE
from suar.protocol.transport import outcome
from suar.protocol.transport.outcome import Alarm
from suar.service.gaps.alarms import list_alarms
from support.corekit import CoreKit

EPOCH = bytes(range(32))


class Raised:
    """A core of TH that raises alarms."""

    def __init__(self, kit: CoreKit) -> None:
        self.kit = kit

    def raise_at(self, milliseconds: int, *alarms: Alarm) -> None:
        before, self.kit.now = self.kit.now, self.kit.now + milliseconds
        with self.kit.core.transaction() as connection:
            for alarm in alarms:
                self.kit.core.raise_alarm(connection, alarm)
        self.kit.now = before

    def next_of(self, name: str) -> list[str]:
        return [each["next"] for each in list_alarms(self.kit.core, 0) if each["name"] == name]


@pytest.fixture
def raised(tmp_path: Path) -> Any:
    kit = CoreKit(tmp_path, "TH")
    yield Raised(kit)
    kit.close()


def of(name: str, member: str = "SG", **fields: Any) -> Alarm:
    return Alarm(name, member, **fields)


@pytest.mark.parametrize("name", [outcome.GAP, outcome.EPOCH_MISSING, outcome.SILENCE])
def test_what_was_lost_with_this_machine_is_not_at_fault(raised: Raised, name: str) -> None:
    raised.raise_at(0, of(outcome.RESTORED, "TH"))
    for at in (-BEFORE - 1, -BEFORE, AFTER, AFTER + 1):
        raised.raise_at(at, of(name, message_id=f"{at}"))
    assert [each == AFTER_OURS_NEXT for each in raised.next_of(name)] == [False, True, True, False]


def test_a_refusal_by_one_member_explains_nothing_missing(raised: Raised) -> None:
    """Else a member could have its own gaps shown as ours by one false word."""
    raised.raise_at(0, of(outcome.RESTORED, "TH", message_id="SG"), of(outcome.GAP))
    assert raised.next_of(outcome.GAP) == [ALARMS[outcome.GAP].next]
    assert raised.next_of(outcome.RESTORED) == [WORD_NEXT.format(member="SG")]


def test_two_texts_under_one_id_name_the_put_back_of_the_publisher_and_whom_to_ask_first(raised: Raised) -> None:
    raised.raise_at(0, of(outcome.MESSAGE_EQUIVOCATION, "SG", message_id="SG-ALERT-2027-000001"))
    (step,) = raised.next_of(outcome.MESSAGE_EQUIVOCATION)
    assert step.startswith("ask the member's operator by telephone whether a state was restored or a machine put back")


def test_a_fork_beside_restored_about_the_same_member_asks_for_one_call(raised: Raised) -> None:
    raised.raise_at(0, of(outcome.RESTORED, "SG", epoch_id=EPOCH), of(outcome.FORK, epoch_id=EPOCH))
    raised.raise_at(0, of(outcome.FORK, "VN", epoch_id=EPOCH), of(outcome.FORK))
    raised.raise_at(AFTER + 1, of(outcome.FORK, epoch_id=EPOCH[::-1]))
    assert [each == RESTORED_FORK_NEXT for each in raised.next_of(outcome.FORK)] == [True, False, False, False]
    assert "put back" in ALARMS[outcome.FORK].next


def test_an_own_object_of_before_the_put_back_came_back(raised: Raised) -> None:
    raised.raise_at(0, of(IDENTITY_IN_USE, "TH"))
    assert raised.next_of(IDENTITY_IN_USE) == [ALARMS[IDENTITY_IN_USE].next]
    raised.raise_at(1, of(outcome.RESTORED, "TH"))
    assert raised.next_of(IDENTITY_IN_USE) == [RETURNED_NEXT]

"""Work that can wait takes at most its share while messages arrive, and does not pause at any other time."""

import pytest

from suar.observe.hooks import Hooks, MessagePublished
from suar.observe.pace import ARRIVING, PAUSE_MAX, Pace

NEWS = MessagePublished(at=0, kind="alert", realm="actual", id="TH-ALERT-2027-000001", rev=1)


class Clock:
    """Seconds, in the test's hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def paced(share: float = 0.2) -> tuple[Pace, Clock, Hooks]:
    clock, hooks = Clock(), Hooks()
    return Pace(share, hooks, clock), clock, hooks


def test_nothing_pauses_while_no_messages_arrive() -> None:
    pace, _, _ = paced()
    pace.add_spent(0.01)
    assert pace.pause == 0
    assert not pace.is_arriving


def test_a_step_is_followed_by_a_pause_in_proportion() -> None:
    pace, clock, hooks = paced()
    hooks(NEWS)
    pace.add_spent(0.01)
    assert pace.pause == pytest.approx(0.04)
    clock.now += 0.03
    assert pace.pause == pytest.approx(0.01)
    clock.now += 1
    assert pace.pause == 0


def test_steps_of_several_threads_add_up_to_a_longest_pause() -> None:
    pace, _, hooks = paced()
    hooks(NEWS)
    pace.add_spent(0.01)
    pace.add_spent(0.02)
    assert pace.pause == pytest.approx(0.12)
    pace.add_spent(60)
    assert pace.pause == PAUSE_MAX


def test_pauses_end_soon_after_the_last_message() -> None:
    pace, clock, hooks = paced(0.001)
    hooks(NEWS)
    clock.now += ARRIVING - 0.1
    pace.add_spent(1)
    assert pace.pause > 0
    clock.now += 0.1
    assert pace.pause == 0


def test_a_step_has_what_was_earned_since_the_one_before() -> None:
    pace, clock, _ = paced(0.1)
    clock.now += 0.01
    assert pace.earned(1.0) == pytest.approx(0.001)
    pace.add_spent(0.5)
    assert pace.earned(1.0) == 0
    clock.now += 0.02
    assert pace.earned(1.0) == pytest.approx(0.002)
    clock.now += 60
    assert pace.earned(0.005) == 0.005

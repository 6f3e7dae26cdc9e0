"""When an event is sent again."""

from hypothesis import given
from hypothesis import strategies as st

from suar.protocol.base import limits
from suar.service.webhooks import schedule

CHANCE = st.floats(0, 1, exclude_max=True)


@given(st.integers(1, 10_000), CHANCE)
def test_a_delay_is_between_half_of_the_doubled_one_and_the_whole(failures: int, chance: float) -> None:
    longest = min(schedule.LONGEST, schedule.FIRST * 2 ** (failures - 1))
    assert longest / 2 <= schedule.delay(failures, chance) <= longest


@given(st.integers(1, 200))
def test_chance_spreads_the_delays(failures: int) -> None:
    delays = [schedule.delay(failures, each / 10) for each in range(10)]
    assert delays == sorted(delays, reverse=True)
    assert len(set(delays)) == 10


@given(st.integers(0, 80 * limits.HOUR), st.integers(1, 200), CHANCE)
def test_the_last_attempt_is_made_after_72_hours_and_none_later(age: int, failures: int, chance: float) -> None:
    again = schedule.next_attempt(1_000, 1_000 + age, failures, chance)
    if age >= 72 * limits.HOUR:
        assert again is None
    else:
        assert again is not None
        assert 1_000 + age < again <= 1_000 + 72 * limits.HOUR

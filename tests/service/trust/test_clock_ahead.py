"""[T14] After a clock that ran ahead was set right and reset, nothing waits until the time that it showed."""

import json

from suar.observe.hooks import AlarmRaised
from suar.protocol.base import limits
from suar.protocol.base.primitives import ACTUAL
from suar.protocol.transport.outcome import CLOCK, Alarm
from suar.service.access.troubles import has_recent_heartbeat
from suar.service.gaps.requesting import RequestLoop
from suar.service.publish import accepting
from suar.service.receive import inbound
from suar.service.trust import trust_sync
from suar.service.trust.clock_reset import reset_clock
from suar.store.engine import meta
from suar.store.recovery import positions
from support.corekit import CoreKit, epoch_of, frame_of
from support.gateways import draft
from support.kit import actor, beat, open_sending

AHEAD = 300 * limits.DAY


def set_right(vn: CoreKit, right: int) -> None:
    vn.now = right
    reset_clock(vn.core, "test")


def count(vn: CoreKit, wanted: str) -> int:
    with vn.core.transaction() as connection:
        return int(connection.exec_driver_sql(f"select count(*) from {wanted}").scalar_one())


def test_the_list_is_repeated_and_old_things_are_forgotten(vn: CoreKit) -> None:
    right = vn.now
    vn.now += AHEAD
    assert trust_sync.repeat_daily(vn.core)
    set_right(vn, right)
    vn.now += limits.DAY
    assert trust_sync.repeat_daily(vn.core)


def test_what_is_missing_is_requested_again(vn: CoreKit) -> None:
    """A gap that was noticed while the clock ran ahead, and a frame without its epoch."""
    first, second = open_sending(actor("TH"), vn.lists), open_sending(actor("KH"), vn.lists)
    vn.receive(epoch_of(first))
    right = vn.now
    vn.now += limits.DAY  # epochs of a day ago are still taken
    frame_of(first)
    vn.receive(frame_of(first), frame_of(second))
    vn.core.last_heard["TH"] = vn.now
    asking = RequestLoop(vn.core)
    asking.run_due()
    set_right(vn, right)
    vn.core.last_heard["TH"] = vn.now = right + limits.HOUR
    assert count(vn, "waiting") == 1
    assert asking.run_due() == 2
    vn.now = right + 2 * limits.DAY
    inbound.judge_due(vn.core)
    assert count(vn, "waiting") == 0


def test_silence_is_reported(vn: CoreKit) -> None:
    sending = open_sending(actor("TH"), vn.lists)
    vn.receive(epoch_of(sending))
    right = vn.now
    vn.now += AHEAD // 100
    vn.receive(frame_of(sending, body=beat(vn.lists), ts=right))
    set_right(vn, right)
    vn.now += limits.HOUR
    assert not has_recent_heartbeat(vn.core.status, "TH", vn.now)
    vn.restart()
    assert not has_recent_heartbeat(vn.core.status, "TH", vn.now)


def test_an_alarm_of_then_does_not_stand_for_those_of_next_week(vn: CoreKit) -> None:
    def raised() -> int:
        with vn.core.transaction() as connection:
            vn.core.raise_alarm(connection, Alarm(CLOCK, "TH"))
        return sum(isinstance(each, AlarmRaised) for each in vn.records)

    right = vn.now
    vn.now += AHEAD
    assert raised() == 1
    set_right(vn, right)
    assert raised() == 1
    vn.now += 2 * limits.DAY
    assert raised() == 2


def test_the_same_request_is_another_one_after_days(vn: CoreKit) -> None:
    def publish() -> str | None:
        data = json.dumps(draft("the weekly test", ["TH"], expires="2027-01-30T00:00:00Z")).encode()
        (verdict,) = accepting.accept(vn.core, [(data, b"weekly")], realm=ACTUAL, token="test")
        return verdict.id

    right = vn.now
    vn.now += 10 * limits.DAY
    first = publish()
    set_right(vn, right)
    vn.now += 3 * limits.DAY
    trust_sync.repeat_daily(vn.core)
    assert publish() not in (first, None)


def test_a_state_that_is_put_back_is_compared(vn: CoreKit) -> None:
    """It was compared with its streams while the clock ran ahead, and is put back once more after that."""
    right = vn.now
    with vn.core.transaction() as connection:
        meta.put(connection, positions.SETTLED, str(vn.now + AHEAD))
    vn.now += AHEAD
    set_right(vn, right)
    with vn.core.transaction() as connection:
        meta.put(connection, positions.RESTORED, str(right + limits.MINUTE))
        assert positions.restored(connection) == right + limits.MINUTE

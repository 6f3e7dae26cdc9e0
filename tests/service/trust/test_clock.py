"""[T14] A clock that steps back while a batch is in hand: the batch is held, not half of it put aside."""

import json

import pytest

from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import ACTUAL
from suar.protocol.compose import complete
from suar.service.publish import sealing
from suar.service.receive.inbound import ClockFault
from suar.service.trust import trust_sync
from suar.service.trust.clock_reset import reset_clock
from support.corekit import CoreKit, epoch_of, frame_of
from support.gateways import draft
from support.kit import actor, open_sending


def test_nothing_is_judged_and_nothing_set_aside(vn: CoreKit) -> None:
    body = json.dumps(draft("one", expires="2027-01-30T00:00:00Z")).encode()
    message = complete(body, member="TH", realm=ACTUAL, now=vn.now, ledger=None).data
    sending = open_sending(actor("TH"), vn.lists)
    vn.receive(epoch_of(sending))
    first, second = frame_of(sending, message), frame_of(sending)
    right = vn.now
    vn.now = right - 2 * limits.CLOCK_TOLERANCE
    with pytest.raises(ClockFault):
        vn.receive(first)
    with vn.core.transaction() as connection:
        assert connection.exec_driver_sql("select count(*) from waiting").scalar() == 0
    vn.now = right
    vn.receive(first)
    vn.receive(second)
    with vn.core.transaction() as connection:
        assert connection.exec_driver_sql("select count(*) from message").scalar() == 1
        assert connection.exec_driver_sql("select count(*) from alarm").scalar() == 0


def test_a_bundle_that_is_still_to_come_is_not_followed_by_another(vn: CoreKit) -> None:
    """The next, due in five minutes, is made while the clock runs ten ahead; then it is set right and reset."""
    right = vn.now + limits.BUNDLE_ROTATION - limits.CLOCK_TOLERANCE
    vn.now = right + 2 * limits.CLOCK_TOLERANCE
    assert trust_sync.keep_bundle_fresh(vn.core)
    begun = vn.now
    vn.now = right
    reset_clock(vn.core, "test")
    assert not trust_sync.keep_bundle_fresh(vn.core)
    assert not trust_sync.renew_bundle(vn.core)
    assert sealing.seal_heartbeat(vn.core)
    opened = vn.core.sender.chain(ACTUAL, "all").opened
    with pytest.raises(Fault, match="still to come"):
        trust_sync.rotate_bundle(vn.core)
    assert sealing.seal_heartbeat(vn.core)
    assert vn.core.sender.chain(ACTUAL, "all").opened is opened  # who asks again and again causes no flood of epochs
    vn.now = begun + limits.BUNDLE_ROTATION
    assert trust_sync.keep_bundle_fresh(vn.core)

"""A request that is refused changes nothing: not the store, not the world, and it costs no open epoch."""

import json
from pathlib import Path

import pytest

from suar.protocol.base.errors import Fault, Refused
from suar.protocol.base.primitives import ACTUAL
from suar.protocol.base.reasons import Invalid, Reason
from suar.service.publish import accepting, sealing
from suar.service.reading import human_receipts
from suar.store.engine import meta
from suar.store.engine.database import StoreFault
from suar.store.recovery import positions
from support.corekit import CoreKit
from support.gateways import draft
from support.pairs import Two, new, record_statement

REFUSALS = [
    Refused("E-NOT-HELD", ""),
    Fault("no such thing"),
    Invalid("F8", (Reason("E-MESSAGE-FORM", "F8", "$", "", ""),)),
]


@pytest.fixture
def vn(vn: CoreKit) -> CoreKit:
    publish(vn, "the first opens an epoch")
    return vn


def publish(kit: CoreKit, title: str) -> None:
    body = json.dumps(draft(title, expires="2027-01-30T00:00:00Z")).encode()
    accepting.accept(kit.core, [(body, None)], realm=ACTUAL, token="test")


def epochs(kit: CoreKit) -> int:
    """How many epochs of ours were sealed."""
    with kit.core.transaction() as connection:
        counted = connection.exec_driver_sql("select count(*) from outbox where seq is null and epoch_id is not null")
        return int(counted.scalar_one())


def fail(kit: CoreKit, error: Exception, *, has_sealed: bool = False) -> None:
    with kit.core.transaction() as connection:
        if has_sealed:
            assert sealing.seal_heartbeat(kit.core)
        meta.put(connection, "touched", "yes")
        raise error


@pytest.mark.parametrize("error", REFUSALS, ids=lambda error: type(error).__name__)
def test_it_leaves_no_trace_and_the_epoch_continues(vn: CoreKit, error: Exception) -> None:
    with pytest.raises(type(error)):
        fail(vn, error)
    publish(vn, "the next one")
    assert epochs(vn) == 1
    with vn.core.transaction() as connection:
        assert meta.get(connection, "touched") is None


def test_one_that_had_sealed_something_begins_again(vn: CoreKit) -> None:
    """Else a header would be sealed twice, with other content."""
    with pytest.raises(Refused):
        fail(vn, REFUSALS[0], has_sealed=True)
    publish(vn, "the next one")
    assert epochs(vn) == 2


def test_one_that_had_changed_the_world_begins_again(vn: CoreKit) -> None:
    def change() -> None:
        with vn.core.transaction():
            vn.core.world.changes.highest_time = vn.now
            raise REFUSALS[0]

    with pytest.raises(Refused):
        change()
    publish(vn, "the next one")
    assert epochs(vn) == 2


def test_a_fault_of_the_store_begins_again(vn: CoreKit) -> None:
    with pytest.raises(StoreFault):
        fail(vn, StoreFault("the disk is full"))
    publish(vn, "the next one")
    assert epochs(vn) == 2


def test_how_far_the_own_stream_is_known_is_kept_though_memory_knew_it_before(vn: CoreKit) -> None:
    rows = sealing.next_to_publish(vn.core, 10)
    vn.core.stream_positions.record_published(7)  # as the publishing loop notes it, before the store does
    sealing.mark_published(vn.core, rows, sequence=7)
    vn.restart()
    assert vn.core.stream_positions.last_known(positions.OUTBOX) == 7


def fail_in_the_end(kit: CoreKit) -> None:
    with kit.core.transaction() as connection:
        human_receipts.queue_due(kit.core, connection)
        raise Fault("no such thing")


def test_what_people_said_is_still_due(tmp_path: Path) -> None:
    """It stood in the queue for a moment, and the moment did not come to be."""
    two = Two(tmp_path)
    (id_,) = two.publish(new("acknowledged"))
    two.to_sg()
    record_statement(two, id_, "acknowledged")
    with pytest.raises(Fault):
        fail_in_the_end(two.sg)
    two.to_th()
    assert two.states(id_)["state"] == "acknowledged"
    two.th.close()
    two.sg.close()

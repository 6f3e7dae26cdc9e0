"""A request that is refused changes nothing: not the store, not the world, and it costs no open epoch."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from corekit import CoreKit, bundle_of
from gateways import draft
from kit import actor
from suar.protocol.errors import Fault, Refused
from suar.protocol.primitives import ACTUAL
from suar.protocol.reasons import Invalid, Reason
from suar.service import accepting, outbound, trust_sync
from suar.store import meta, positions
from suar.store.database import StoreFault

REFUSALS = [
    Refused("E-NOT-HELD", ""),
    Fault("no such thing"),
    Invalid("F8", (Reason("E-MESSAGE-FORM", "F8", "$", "", ""),)),
]


@pytest.fixture
def vn(tmp_path: Path) -> Iterator[CoreKit]:
    made = CoreKit(tmp_path / "vn", "VN")
    trust_sync.rotate_bundle(made.core)
    made.give(*(bundle_of(actor(code)) for code in ("KH", "SG", "TH")))
    made.core.may_seal = lambda: True
    publish(made, "the first opens an epoch")
    yield made
    made.close()


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
            assert outbound.heartbeat(kit.core)
        meta.put(connection, "touched", "yes")
        raise error


@pytest.mark.parametrize("error", REFUSALS, ids=lambda error: type(error).__name__)
def test_it_leaves_no_trace_and_the_epoch_goes_on(vn: CoreKit, error: Exception) -> None:
    with pytest.raises(type(error)):
        fail(vn, error)
    publish(vn, "the next one")
    assert epochs(vn) == 1
    with vn.core.transaction() as connection:
        assert meta.get(connection, "touched") is None


def test_one_that_had_sealed_something_begins_anew(vn: CoreKit) -> None:
    """Else a header would be sealed twice, with other content."""
    with pytest.raises(Refused):
        fail(vn, REFUSALS[0], has_sealed=True)
    publish(vn, "the next one")
    assert epochs(vn) == 2


def test_one_that_had_changed_the_world_begins_anew(vn: CoreKit) -> None:
    def change() -> None:
        with vn.core.transaction():
            vn.core.world.changes.highest_time = vn.now
            raise REFUSALS[0]

    with pytest.raises(Refused):
        change()
    publish(vn, "the next one")
    assert epochs(vn) == 2


def test_a_fault_of_the_store_begins_anew(vn: CoreKit) -> None:
    with pytest.raises(StoreFault):
        fail(vn, StoreFault("the disk is full"))
    publish(vn, "the next one")
    assert epochs(vn) == 2


def test_how_far_the_own_stream_is_known_is_kept_though_memory_knew_it_before(vn: CoreKit) -> None:
    rows = outbound.next_to_publish(vn.core, 10)
    vn.core.positions[positions.OUTBOX] = 7  # as the publishing loop notes it, before the store does
    outbound.published(vn.core, rows, place=7)
    vn.restart()
    assert vn.core.positions[positions.OUTBOX] == 7

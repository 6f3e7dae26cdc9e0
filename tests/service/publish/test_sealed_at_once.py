"""What is accepted is sealed in the same transaction; where it cannot be, it waits in the queue and is lost nowhere."""

import json
from typing import Any

import pytest

from suar.observe.hooks import Happened
from suar.protocol.base import limits
from suar.protocol.base.primitives import ACTUAL
from suar.service.publish import accepting, sealing
from suar.service.trust import trust_sync
from support.corekit import CoreKit, bundle_of
from support.gateways import draft
from support.kit import actor


def accept(kit: CoreKit, *titles: str, **changes: Any) -> list[str]:
    changes = {"expires": "2027-01-30T00:00:00Z"} | changes
    items = [(json.dumps(draft(title, **changes)).encode(), None) for title in titles]
    verdicts = accepting.accept(kit.core, items, realm=ACTUAL, token="test")
    assert {each.verdict for each in verdicts} == {"published"}
    return [str(each.id) for each in verdicts]


def queued(kit: CoreKit) -> list[str]:
    with kit.core.transaction() as connection:
        return [row.id for row in connection.exec_driver_sql("select id from queue where id is not null order by n")]


def sealed(kit: CoreKit) -> list[str]:
    """Ids in the order in which they stand in frames."""
    with kit.core.transaction() as connection:
        return [
            row.id
            for row in connection.exec_driver_sql(
                "select p.id from outbox o join place p on p.frame_hash = o.frame_hash order by o.n, p.place"
            )
        ]


def test_it_is_never_in_the_queue(vn: CoreKit) -> None:
    ids = accept(vn, "one", "two")
    assert (sealed(vn), queued(vn)) == (ids, [])
    assert set(vn.states(ids[0]).values()) == {"queued"}  # until the own server has it


def test_the_urgent_one_leaves_first(vn: CoreKit) -> None:
    with vn.core.transaction():
        calm = accept(vn, "one", "two")
        urgent = accept(vn, "now", urgency="immediate", ack_within=24)
    assert sealed(vn) == urgent + calm


def test_what_waits_already_goes_before_it(vn: CoreKit) -> None:
    vn.core.enable_immediate_sealing(lambda: False)
    first = accept(vn, "earlier")
    assert queued(vn) == first
    vn.core.enable_immediate_sealing(lambda: True)
    second = accept(vn, "later")
    assert (sealed(vn), queued(vn)) == (first + second, [])


def test_a_world_that_begins_again_leaves_it_in_the_queue(vn: CoreKit) -> None:
    with vn.core.transaction():
        ids = accept(vn, "before the world begins anew")
        vn.core.request_reload()
    assert (sealed(vn), queued(vn)) == ([], ids)
    sealing.seal_queued(vn.core)
    assert (sealed(vn), queued(vn)) == (ids, [])


def test_when_nothing_may_be_sealed_it_waits_and_the_log_says_why(vn: CoreKit) -> None:
    vn.now += 180 * limits.DAY + limits.TRUST_GRACE  # far beyond the list
    ids = accept(vn, "too late for this list", expires="2027-08-30T00:00:00Z")
    assert (sealed(vn), queued(vn)) == ([], ids)
    assert [each.facts for each in vn.records if isinstance(each, Happened) and each.event == "sealing_stopped"]


def test_a_transaction_that_fails_leaves_nothing_to_the_next(vn: CoreKit) -> None:
    def fail() -> None:
        with vn.core.transaction():
            accept(vn, "never accepted")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    ids = accept(vn, "accepted")
    assert (sealed(vn), queued(vn)) == (ids, [])


def test_who_has_no_key_gets_it_later(vn: CoreKit) -> None:
    vn.now += limits.BUNDLE_LIFETIME + limits.HOUR  # every bundle is too old
    trust_sync.rotate_bundle(vn.core)
    vn.receive(bundle_of(actor("SG"), not_before=vn.now - limits.MINUTE, not_after=vn.now + limits.DAY))
    (id_,) = accept(vn, "for whom it may")
    assert vn.states(id_)["TH"] == "no-valid-key"
    assert vn.states(id_)["SG"] == "queued"

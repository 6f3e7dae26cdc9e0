"""What the own server lost is published again in its order; what the hub returned is remembered in a bounded way."""

import json

import pytest

from suar.protocol.base.primitives import ACTUAL
from suar.service.core import own_streams
from suar.service.core.own_streams import ReturnedObjects
from suar.service.publish import accepting, sealing
from suar.store.outbound import outbox
from support.corekit import CoreKit
from support.gateways import draft


def published(kit: CoreKit, count: int) -> list[int]:
    """The numbers of the rows of so many messages that the own server has confirmed."""
    numbers = []
    for n in range(count):
        body = json.dumps(draft(f"lost {n}", expires="2027-01-30T00:00:00Z")).encode()
        accepting.accept(kit.core, [(body, None)], realm=ACTUAL, token="test")
        rows = sealing.next_to_publish(kit.core, 100)
        sealing.mark_published(kit.core, rows)
        numbers += [row.n for row in rows]
    return numbers


@pytest.mark.parametrize("most", [2, 100])
def test_what_followed_is_published_again_in_its_order_and_bounded(vn: CoreKit, most: int) -> None:
    numbers = published(vn, 6)
    after = numbers[1]
    with vn.core.transaction() as connection:
        count = outbox.publish_again_after(connection, after, most)
    again = [row.n for row in sealing.next_to_publish(vn.core, 100)]
    assert again == [number for number in numbers if number > after][-most:]
    assert count == len(again)


def test_epochs_and_frames_that_the_hub_returned_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_streams, "COUNTED_FRAMES_MAX", 3)
    returned = ReturnedObjects()
    for n in range(own_streams.RETURNED_EPOCHS_MAX + 5):
        returned.keep_epoch(b"%d" % n, b"", ACTUAL)
    assert len(returned.epochs) == own_streams.RETURNED_EPOCHS_MAX
    assert b"0" not in returned.epochs, "the oldest are forgotten"
    for n in range(5):
        if returned.may_count(b"%d" % n):
            returned.record_counted(b"%d" % n)
    assert [returned.may_count(b"%d" % n) for n in (0, 4)] == [False, False]

"""Who could not open an epoch gets what was in it once more: messages, and what was said of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pairs import Two, new
from suar.protocol import limits
from suar.service import trust_sync


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    made = Two(tmp_path)
    yield made
    made.th.close(), made.sg.close()


def test_receipts_are_said_again(two: Two) -> None:
    """TH lost the seed of the bundle that SG sealed its receipt to: the epoch is left out, and TH asks."""
    (id_,) = two.publish(new("confirmed to a lost key"))
    two.to_sg()
    two.th.core.world.kem_keys.clear()
    two.to_th()
    assert two.states(id_)["state"] == "sent"
    two.th.now = two.sg.now = two.th.now + limits.SECOND
    assert trust_sync.renew_bundle(two.th.core)
    two.to_sg()  # the new bundle, and the question
    two.to_th()
    assert two.states(id_)["state"] == "stored"

"""A core that has sent messages to all, and another member that speaks to it in its channel."""

from collections.abc import Callable
from pathlib import Path

from suar.service.publish import sealing
from suar.service.trust import trust_sync
from support.corekit import CoreKit, epoch_of
from support.kit import Sending, actor, open_sending

MESSAGES = 6


def vn_with_messages(folder: Path, publish: Callable[[CoreKit, str], object]) -> CoreKit:
    """VN, which has sent MESSAGES messages to all, a frame each, as `publish` accepts them."""
    made = CoreKit(folder / "vn", "VN")
    trust_sync.rotate_bundle(made.core)
    made.receive_bundles()
    for n in range(MESSAGES):
        publish(made, f"number {n}")
        sealing.seal_queued(made.core)
    sealing.mark_published(made.core, sealing.next_to_publish(made.core, 100))
    return made


def th_in_its_channel(vn: CoreKit) -> Sending:
    """TH's epoch to VN alone, which VN has."""
    sending = open_sending(actor("TH"), vn.lists, channel="VN", to=("TH", "VN"))
    vn.receive(epoch_of(sending))
    return sending

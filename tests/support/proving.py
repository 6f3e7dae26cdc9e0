"""Two cores that publish and receive, and what their evidence proves to an outsider."""

import json
from pathlib import Path

from suar.protocol.base import subjects
from suar.protocol.base.primitives import ACTUAL
from suar.protocol.files.proof import Proved, verify
from suar.service.publish import accepting, sealing
from suar.service.trust import trust_sync
from support import read_out
from support.corekit import CoreKit, bundle_of
from support.gateways import draft
from support.kit import actor

CODES = ("KH", "SG", "TH", "VN")


def pair_of_cores(folder: Path) -> tuple[CoreKit, CoreKit]:
    """TH and SG, each with the bundles of all others."""
    th, sg = CoreKit(folder / "TH", "TH"), CoreKit(folder / "SG", "SG")
    for each in (th, sg):
        each.receive(*(bundle_of(actor(code)) for code in CODES if code != each.code))
        trust_sync.rotate_bundle(each.core)
    return th, sg


def publish(at: CoreKit, *titles: str, to: list[str] | None = None) -> list[str]:
    bodies = [json.dumps(draft(title, to or "all", expires="2027-01-30T00:00:00Z")).encode() for title in titles]
    verdicts = accepting.accept(at.core, [(body, None) for body in bodies], realm=ACTUAL, token="desk")
    assert [verdict.verdict for verdict in verdicts] == ["published"] * len(titles), verdicts
    return [str(verdict.id) for verdict in verdicts]


def carry(sender: CoreKit, receiver: CoreKit) -> None:
    """Seal what waits and take it across, but for what is another member's."""
    sealing.seal_queued(sender.core)
    rows = sealing.next_to_publish(sender.core, 100)
    sealing.mark_published(sender.core, rows)
    mine = [row for row in rows if row.channel in ("all", receiver.code)]
    receiver.receive(*((subjects.hub(sender.code, row.subject), row.data) for row in mine))


def proved(at: CoreKit, id_: str) -> tuple[Proved, bytes]:
    found = read_out.export(at.core, id_, None, "desk")
    assert found is not None
    assert found.id == id_
    return verify(found.data, at.lists.hash()), found.data

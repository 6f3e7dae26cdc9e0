"""A publisher and a receiver as two cores, with the test's hands as the hub between them."""

import json
from pathlib import Path
from typing import Any

from suar.protocol.base import subjects
from suar.service.publish import accepting, cancelling, sealing
from suar.service.reading import human_receipts, views
from suar.service.receive import recall
from suar.service.trust import trust_sync
from support import read_out
from support.corekit import CoreKit, bundle_of
from support.gateways import draft
from support.kit import actor

EXPIRES = "2027-01-30T00:00:00Z"
SECRET = "seventeen passports in a blue van"


class Two:
    """TH publishes, SG receives; nothing moves unless it is told to."""

    def __init__(self, folder: Path) -> None:
        self.th = CoreKit(folder / "th", "TH")
        self.start = self.th.now
        self.sg = CoreKit(folder / "sg", "SG", self.th.lists)
        for kit in (self.th, self.sg):
            kit.receive(*(bundle_of(actor(code)) for code in ("KH", "SG", "TH", "VN") if code != kit.code))
            trust_sync.rotate_bundle(kit.core)
            self.publish_due(kit)
        self.leave(self.th), self.leave(self.sg)

    def publish_due(self, kit: CoreKit) -> list[tuple[str, bytes]]:
        """What a core has to publish, as the hub passes it on."""
        rows = sealing.next_to_publish(kit.core, 100)
        if rows:
            sealing.mark_published(kit.core, rows)
        return [(subjects.hub(kit.code, row.subject), row.data) for row in rows]

    def leave(self, kit: CoreKit) -> list[tuple[str, bytes]]:
        sealing.seal_queued(kit.core)
        return self.publish_due(kit)

    def to_sg(self) -> None:
        self.sg.receive(*self.leave(self.th))

    def prove(self, kit: CoreKit) -> None:
        """As the loops do: again and again while another thread folds the store's log."""
        while kit.core.due.is_log_suspect:
            recall.purge_log(kit.core)

    def to_th(self) -> int:
        """SG's receipts; how many receipts TH got."""
        self.prove(self.sg)
        objects = self.leave(self.sg)
        self.th.receive(*objects)
        return len(objects)

    def publish(self, *drafts: dict[str, Any], realm: str = "actual") -> list[str]:
        items = [(json.dumps(each).encode(), None) for each in drafts]
        verdicts = accepting.accept(self.th.core, items, realm=realm, token="desk")
        assert [each.verdict for each in verdicts] == ["published"] * len(drafts), verdicts
        return [str(each.id) for each in verdicts]

    def states(self, id_: str, rev: int | None = None) -> dict[str, Any]:
        found = views.deliveries(self.th.core, id_, rev)
        assert found is not None
        row: dict[str, Any] = found["members"]["SG"]
        return row

    def open(self, id_: str, rev: int | None = None) -> dict[str, Any]:
        found = read_out.show(self.sg.core, id_, rev, "analyst", is_person=True)
        assert found is not None
        return found

    def cancel(self, id_: str, reason: str = "wrong border post", replacement: Any = None) -> cancelling.Cancelled:
        data = None if replacement is None else json.dumps(replacement).encode()
        done = cancelling.cancel(self.th.core, id_, "desk", reason, data)
        assert done is not None
        return done

    def publish_and_cancel(self, made: dict[str, Any]) -> str:
        """Publish a message, then cancel it, with the receipts of both at TH; its id."""
        [id_] = self.publish(made)
        self.to_sg()
        self.to_th()
        self.cancel(id_)
        self.to_sg()
        self.to_th()
        return id_


def new(title: str, **changes: Any) -> dict[str, Any]:
    made = draft(title, ["SG"], expires=EXPIRES, **changes)
    made["text"][0]["summary"] = SECRET
    return made


def record_statement(two: Two, id_: str, stage: str, role: str = "duty-officer", **more: Any) -> dict[str, Any] | None:
    return human_receipts.publish_statement(two.sg.core, id_, "officer", stage, role, **more)

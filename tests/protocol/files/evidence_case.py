"""One file of evidence with all its parts, and what may be done to it."""

import json
import random
from typing import Any

from suar.protocol.files import evidence as files
from suar.protocol.files.evidence import Carrier, Evidence
from suar.protocol.files.proof import Proved, verify
from suar.protocol.transport import frame as frames
from support.damage import damaged
from support.kit import ListMaker, Sending, actor, alert, craft_epoch, make_revoke

MINE, BEFORE, LATER = (alert(f"TH-ALERT-2027-00000{n}", desk=f"TH-CONTACT-2027-00000{n}") for n in (2, 1, 3))


def receipt(frame: bytes, *indexes: int, stage: str = "stored", **changes: Any) -> bytes:
    entry = {"frame": frame.hex(), **({"messages": indexes} if indexes else {})}
    value = {
        "kind": "receipt", "schema": "receipt/1.0", "status": "actual", "member": "SG", "stage": stage,
        "sent": "2027-01-15T08:00:01Z", "of": [entry], "role": "gateway", "at": "2027-01-15T08:00:01Z",
    }  # fmt: skip
    return json.dumps(value | changes).encode()


def carried(sending: Sending, data: bytes, index: int) -> Carrier:
    return files.carrier(frames.parse(data), sending.opened.secret, sending.realm, index)[1]


class Case:
    """TH's alert between two others in one frame; SG confirms it in a frame of two receipts; KH has a second list."""

    def __init__(self, **changes: Any) -> None:
        self.first = ListMaker()
        self.lists = self.first.after()
        self.sending = craft_epoch(actor("TH"), self.lists)
        self.frame = self.sending.frame(BEFORE, MINE, LATER)
        self.name = self.sending.sent[0].hash
        self.answer = craft_epoch(actor("SG"), self.lists, channel="TH")
        self.stored, self.acting = receipt(self.name), receipt(self.name, 1, stage="acting", role="duty-officer")
        self.receipts = self.answer.frame(self.stored, self.acting)
        values: dict[str, Any] = {
            "lists": (self.first.signed(), self.lists.signed("A", "B", "C")), "revokes": (make_revoke(actor("KH")),),
            "epochs": (self.sending.opened.data, self.answer.opened.data), "message": MINE,
            "carriers": (carried(self.sending, self.frame, 1),),
            "receipts": tuple(
                (data, carried(self.answer, self.receipts, at)) for at, data in enumerate((self.stored, self.acting))
            ),
        }  # fmt: skip
        self.evidence = Evidence(**(values | changes))
        self.file = files.write(self.evidence)

    def verify(self, file: bytes | None = None) -> Proved:
        return verify(self.file if file is None else file, self.first.hash())


def forged(rng: random.Random, parts: list[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    """The same by somebody who knows the layout: one part changed, taken out, doubled or moved."""
    made, at = list(parts), rng.randrange(len(parts))
    kind, content = made[at]
    act = rng.randrange(8)
    if act == 0 and len(made) > 1:
        del made[at]
    elif act == 1:
        made.insert(at, made[at])
    elif act == 2:
        to = rng.randrange(len(made))
        made[at], made[to] = made[to], made[at]
    else:
        made[at] = kind, damaged(rng, content) if len(content) > 1 else b"x"
    return made

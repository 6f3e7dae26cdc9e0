"""What our gateway makes of a question for frames: a member that sealed so many of them, and another one that asks."""

import json
import tempfile
from pathlib import Path
from typing import Any

from suar.protocol.base.reasons import Invalid
from suar.protocol.message.kinds import Receipt
from suar.protocol.message.messages import read
from suar.protocol.message.rules import compare_fields
from suar.service.gaps import answering, requesting
from suar.service.receipts.receipts import SEALED_AS
from support.corekit import CoreKit, rows
from support.pairs import Two, new


def answered(data: bytes) -> dict[str, Any] | None:
    """The answer of schemas/files to a question that was put to an origin of `frames` frames; None: it is refused."""
    document = json.loads(data)
    with tempfile.TemporaryDirectory() as name:
        two = Two(Path(name))
        try:
            return _answered(two, document["asked"], document["frames"])
        finally:
            two.th.close()
            two.sg.close()


def _answered(two: Two, request: dict[str, Any], count: int) -> dict[str, Any] | None:
    for number in range(count):
        two.publish(new(f"number {number}"))
        two.leave(two.th)
    ((epoch,),) = rows(two.th, "select distinct epoch_id from outbox where channel = 'SG'")
    named = {**request, "epoch": bytes(epoch).hex()} if request.get("epoch") == "ab" * 32 else request
    receipt = {
        "kind": "receipt", "schema": "receipt/1.0", "status": "actual", "member": "SG", "stage": "missing",
        "sent": "2027-01-15T08:00:00Z", "of": [named], "at": "2027-01-15T08:00:00Z",
    }  # fmt: skip
    try:
        message = read(json.dumps(receipt, separators=(",", ":")).encode())
        compare_fields(message)
    except Invalid:
        return None
    assert isinstance(message, Receipt)
    with two.th.core.transaction() as connection:
        requesting.apply_receipt(two.th.core, connection, message, b"")
    again = [seq for (seq,) in rows(two.th, "select seq from outbox where again_at is not null order by seq")]
    return {
        "epoch": None in again, "frames": [seq for seq in again if seq is not None], "refused": _refused(two.th),
    }  # fmt: skip


def _refused(kit: CoreKit) -> list[list[int]]:
    found = []
    for (body,) in rows(kit, "select body from queue where kind = 'receipt' order by n"):
        made = read(kit.core.vault.unwrap(body, SEALED_AS))
        assert isinstance(made, Receipt)
        answer = answering.read_refusal(made)
        found += [list(span) for span in answer.ranges] if answer else []
    return found

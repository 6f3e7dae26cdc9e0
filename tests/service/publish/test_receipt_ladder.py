"""Receipts by the batch, never about a receipt, and the same bytes for who was left out."""

import json
from pathlib import Path
from typing import Any

import pytest

from suar.protocol.base import subjects
from suar.protocol.base.primitives import ACTUAL
from suar.service.publish import accepting, sealing
from suar.service.trust import trust_sync
from support.corekit import CoreKit, bundle_of, epoch_of, frame_of
from support.gateways import draft
from support.kit import Receiver, actor, alert, make_bundle, open_sending
from support.pairs import Two, new

FRAMES = 300
CODES = ("KH", "SG", "TH", "VN")


def queued(kit: CoreKit) -> list[dict[str, Any]]:
    """Receipts that are to leave."""
    with kit.core.transaction() as connection:
        bodies = connection.exec_driver_sql("select body from queue where body is not null order by n").scalars()
        return [json.loads(bytes(kit.core.vault.unwrap(body, "receipt"))) for body in bodies]


def receipt(**changes: Any) -> bytes:
    value = {
        "kind": "receipt", "schema": "receipt/1.0", "status": "actual", "member": "TH", "stage": "stored",
        "sent": "2027-01-15T08:00:01Z", "of": [{"frame": "ab" * 32}], "at": "2027-01-15T08:00:01Z",
    }  # fmt: skip
    return json.dumps(value | changes).encode()


def test_an_entry_a_frame_and_256_entries_a_receipt(sg: CoreKit) -> None:
    sending = open_sending(actor("TH"), sg.lists)
    frames = [
        frame_of(sending, alert(f"TH-ALERT-2027-{n:06d}"), alert(f"TH-ALERT-2028-{n:06d}")) for n in range(FRAMES)
    ]
    sg.receive(epoch_of(sending), *frames)
    receipts_queued = queued(sg)
    assert [(one["stage"], len(one["of"])) for one in receipts_queued] == [("stored", 256), ("stored", FRAMES - 256)]
    entries = [entry for one in receipts_queued for entry in one["of"]]
    assert entries == [{"frame": sealed.hash.hex()} for sealed in sending.sent]


@pytest.mark.parametrize(
    "text",
    [
        receipt(),
        receipt(stage="acting", role="duty-officer"),
        receipt(stage="missing", of=[{"trust": 1}]),
        receipt(stage="celebrated"),  # refused: a stage of a later version, perhaps
        receipt(member="VN"),  # refused: not its own word
        receipt(stage="refused"),  # refused: no code
        receipt(schema="receipt/2.0"),
    ],
)
def test_never_about_a_receipt(sg: CoreKit, text: bytes) -> None:
    """Neither that it is stored nor that it is refused: else two gateways could answer each other for ever."""
    sending = open_sending(actor("TH"), sg.lists, channel="SG", to=("SG", "TH"))
    sg.receive(epoch_of(sending), frame_of(sending, text))
    assert queued(sg) == []
    mine = alert(audience={"members": ["SG"]})
    sg.receive(frame_of(sending, text, mine, b"{}"))
    frame = sending.sent[-1].hash.hex()
    assert {(one["stage"], str(one["of"])) for one in queued(sg)} == {
        ("stored", str([{"frame": frame, "messages": [1]}])), ("refused", str([{"frame": frame, "messages": [2]}])),
    }  # fmt: skip


def test_two_gateways_come_to_rest(two: Two) -> None:
    """After a message was published, stored and opened nothing more is said on either side."""
    [id_] = two.publish(new("a"))
    two.to_sg()
    two.open(id_)
    assert two.to_th() > 0
    two.to_sg()
    assert (queued(two.th), queued(two.sg)) == ([], [])
    assert two.to_th() == 0


def test_who_was_left_out_gets_the_same_bytes(tmp_path: Path) -> None:
    """VN has no valid key; when it has one the message is sealed for it alone, in its own channel ([K7])."""
    th = CoreKit(tmp_path / "th", "TH")
    th.receive(*(bundle_of(actor(code)) for code in ("KH", "SG")))
    trust_sync.rotate_bundle(th.core)
    body = json.dumps(draft("for all three", expires="2027-01-30T00:00:00Z")).encode()
    (verdict,) = accepting.accept(th.core, [(body, None)], realm=ACTUAL, token="desk")
    first = leave(th)
    assert th.states(str(verdict.id)) == {"KH": "sent", "SG": "sent", "VN": "no-valid-key"}
    th.now += 60_000
    th.receive(bundle_of(actor("VN")))
    trust_sync.release_parked(th.core)
    again = leave(th)
    assert set(th.states(str(verdict.id)).values()) == {"sent"}
    held = {code: accepted_by(code, th, first + again) for code in ("KH", "SG", "VN")}
    assert len(held["VN"]) == 1
    assert held["KH"] == held["SG"] == held["VN"]
    assert accepted_by("VN", th, first) == []
    th.close()


def leave(kit: CoreKit) -> list[tuple[str, bytes]]:
    while sealing.seal_queued(kit.core):
        pass
    rows = sealing.next_to_publish(kit.core, 100)
    sealing.mark_published(kit.core, rows)
    return [(subjects.hub(kit.code, row.subject), row.data) for row in rows]


def accepted_by(code: str, kit: CoreKit, seen: list[tuple[str, bytes]]) -> list[bytes]:
    """The messages' bytes that a member's gateway accepts of all that went to the hub."""
    receiver = Receiver(code, kit.lists, kit.now).trust()
    receiver.receive_bundle(actor("TH"), make_bundle(actor("TH")))
    mine = [each for each in seen if each[0].split(".")[5] in ("all", code.lower())]
    return [item.data for subject, data in mine for item in receiver.receive(subject, data).messages]

"""A receipt of an exercise moves no actual message, nor the reverse."""

import json

import pytest

from suar.protocol.base.primitives import ACTUAL, EXERCISE
from support.corekit import rows
from support.kit import actor, open_sending
from support.pairs import Two, new


@pytest.mark.parametrize(("realm", "states"), [(ACTUAL, "stored"), (EXERCISE, "sent")])
def test_a_receipt_of_another_realm_moves_nothing(two: Two, realm: str, states: str) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    [(name,)] = rows(two.th, "select hash from own_frame")
    receipt_body = {
        "kind": "receipt", "schema": "receipt/1.0", "status": realm, "member": "SG", "stage": "stored",
        "role": "gateway", "sent": "2027-01-15T08:00:01Z", "at": "2027-01-15T08:00:01Z",
        "of": [{"frame": bytes(name).hex()}],
    }  # fmt: skip
    answer = open_sending(actor("SG"), two.th.lists, channel="TH", realm=realm, to=("SG", "TH"))
    two.th.receive(
        (answer.epoch_subject, answer.opened.data), (answer.subject, answer.frame(json.dumps(receipt_body).encode()))
    )
    assert two.th.states(id_)["SG"] == states
